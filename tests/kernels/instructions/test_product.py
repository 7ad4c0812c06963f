import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.dot import dot_products
from skdistill.kernels.instructions.matrix import matrix, transpose
from skdistill.kernels.instructions.product import (
    RECTIFY,
    RELU_DERIVATIVE,
    SLOPE,
    STORE,
    product,
)
from skdistill.kernels.layers.layout import aligned_zeros
from tests.oracle import RNG


@kernel
def run_product(
    left, transposed, right, start, start_stride, out, epilogue, slope, sums
):
    """Compute a product of contiguous matrices, the left one maybe transposed."""
    depth, columns = right.shape
    rows = out.shape[0]
    view = matrix(left, 0, left.shape[0], left.shape[1], left.shape[1])
    if transposed:
        view = view.T
    stride = out.shape[1]
    product(
        view,
        matrix(right, 0, depth, columns, columns),
        matrix(start, 0, rows, columns, start_stride),
        matrix(out, 0, rows, columns, stride),
        epilogue,
        matrix(slope, 0, rows, columns, stride),
        sums,
    )


@kernel
def run_dot_products(left, rows, weights, bias, out):
    depth = left.shape[1]
    dot_products(
        matrix(left, 0, rows, depth, depth),
        matrix(weights, 0, weights.shape[0], depth, depth),
        bias,
        matrix(out, 0, weights.shape[0], rows, out.shape[1]),
    )


@kernel
def run_transpose(source, rows, columns, out):
    transpose(
        matrix(source, 0, rows, columns, source.shape[1]),
        matrix(out, 0, columns, rows, out.shape[1]),
    )


def normal(*shape, seed=0):
    return RNG(seed).normal(size=shape).astype(np.float32)


# All tile heights, alone and mixed, and both tile widths.
@pytest.mark.parametrize("rows", [*range(1, 27), 64, 255, 256])
@pytest.mark.parametrize("columns", [16, 32, 48, 112])
def test_product_of_every_tile(rows, columns):
    depth = 7
    left, right = normal(rows, depth), normal(depth, columns, seed=1)
    bias = normal(columns, seed=2)
    # A wide row stride, and a border that must stay untouched.
    out = np.full((rows + 1, columns + 16), 77.0, dtype=np.float32)
    run_product(left, False, right, bias, 0, out[:-1], STORE, out, bias)
    assert_allclose(out[:-1, :columns], bias + left @ right, rtol=1e-5, atol=1e-5)
    assert (out[-1] == 77.0).all()
    assert (out[:, columns:] == 77.0).all()


@pytest.mark.parametrize("rows", [1, 5, 12, 13, 54, 100])
@pytest.mark.parametrize("depth", [1, 2, 128, 300])
def test_product_of_a_transposed_matrix_that_accumulates(rows, depth):
    left, right = normal(depth, rows), normal(depth, 32, seed=1)
    out = normal(rows, 32, seed=2)
    expected = out + left.T @ right
    run_product(left, True, right, out, 32, out, STORE, out, np.zeros(32, np.float32))
    assert_allclose(out, expected, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("rows", [1, 11, 25])
@pytest.mark.parametrize("columns", [16, 48])
@pytest.mark.parametrize("epilogue", [RECTIFY, RELU_DERIVATIVE, SLOPE])
def test_epilogues(rows, columns, epilogue):
    left, right = normal(rows, 9), normal(9, columns, seed=1)
    start, slope = normal(columns, seed=2), normal(rows, columns, seed=3)
    sums = normal(columns, seed=4)
    total = start + left @ right
    expected = {
        RECTIFY: np.maximum(total, 0),
        RELU_DERIVATIVE: total * (slope > 0),
        SLOPE: total * slope,
    }[epilogue]
    added = 0 if epilogue == RECTIFY else expected.sum(axis=0)
    expected_sums = sums + added
    out = np.zeros((rows, columns), dtype=np.float32)
    run_product(left, False, right, start, 0, out, epilogue, slope, sums)
    assert_allclose(out, expected, rtol=1e-5, atol=1e-5)
    assert_allclose(sums, expected_sums, rtol=1e-5, atol=2e-5)


def test_derivative_written_over_its_own_slope():
    left, right, values = normal(13, 4), normal(4, 32, seed=1), normal(13, 32, seed=2)
    expected = (left @ right) * (values > 0)
    zeros = np.zeros(32, dtype=np.float32)
    sums = np.zeros(32, dtype=np.float32)
    run_product(left, False, right, zeros, 0, values, RELU_DERIVATIVE, values, sums)
    assert_allclose(values, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_relu_lets_nan_through(bad):
    left, right = normal(5, 3), np.ones((3, 16), dtype=np.float32)
    left[2, 1] = bad
    left[2, 2] = -np.inf
    zeros = np.zeros(16, dtype=np.float32)
    out = np.zeros((5, 16), dtype=np.float32)
    with np.errstate(invalid="ignore"):
        run_product(left, False, right, zeros, 0, out, RECTIFY, out, zeros)
    assert np.isnan(out[2]).all()
    assert np.isfinite(out[[0, 1, 3, 4]]).all()


@pytest.mark.parametrize("rows", [1, 7, 16, 17, 50])
@pytest.mark.parametrize("classes", [1, 3, 4, 5, 26])
@pytest.mark.parametrize("depth", [16, 64, 144])
def test_dot_products(rows, classes, depth):
    left = normal(rows + 16, depth)
    weights, bias = normal(classes, depth, seed=1), normal(classes + 3, seed=2)
    out = aligned_zeros(classes, 80)
    run_dot_products(left, rows, weights, bias, out)
    expected = weights @ left[:rows].T + bias[:classes, None]
    assert_allclose(out[:, :rows], expected, rtol=1e-5, atol=3e-5)


@pytest.mark.parametrize("rows", [1, 8, 9, 40])
@pytest.mark.parametrize("columns", [1, 3, 8, 17])
def test_transpose(rows, columns):
    source, out = normal(40, 24), normal(24, 40)
    run_transpose(source, rows, columns, out)
    assert_array_equal(out[:columns, :rows], source[:rows, :columns].T)
