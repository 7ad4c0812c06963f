"""Weights in fewer bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from skdistill.student.quantization import WEIGHT_DTYPES, quantize, restore

TINY = float(np.finfo(np.float32).tiny)
weights = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=6),
    elements=st.floats(-(2.0**127), 2.0**127, width=32) | st.floats(-1, 1, width=32),
)


@given(weights, st.sampled_from(WEIGHT_DTYPES), st.sampled_from([0, 1]))
def test_rounding_a_second_time_changes_nothing(values, dtype, axis):
    stored, scale = quantize(values, dtype, axis)
    rounded = restore(stored, scale)
    again, scale_again = quantize(rounded, dtype, axis)
    assert stored.dtype == again.dtype == dtype
    assert rounded.dtype == np.float32
    if np.isfinite(rounded).all():
        assert_array_equal(restore(again, scale_again), rounded)


@given(weights, st.sampled_from([0, 1]))
def test_integers_are_within_half_a_step_of_the_weights(values, axis):
    stored, scale = quantize(values, "int8", axis)
    largest = np.abs(values).max(axis=axis, keepdims=True, initial=0)
    assert scale.shape == largest.shape
    assert scale.dtype == np.float32
    step = largest.astype(np.float64) / 127 * (1 + 2.0**-14)
    error = np.abs(stored * scale.astype(np.float64) - values)
    # Numbers below the least normal number of single precision count as zero.
    assert (error <= np.maximum(step / 2 * (1 + 1e-6), 127 * TINY)).all()
    assert (np.abs(stored.astype(int)) <= 127).all()


@given(weights, st.sampled_from([0, 1]))
def test_products_of_integers_and_scales_are_exact(values, axis):
    stored, scale = quantize(values, "int8", axis)
    exact = stored.astype(np.float64) * scale
    inside = np.abs(exact) <= np.finfo(np.float32).max
    assert_array_equal(restore(stored, scale)[inside], exact[inside])


def test_the_largest_weight_of_a_column_or_row_becomes_127():
    values = np.array([[1.0, -0.002], [-8.0, 0.001]], dtype=np.float32)
    stored, _ = quantize(values, "int8")
    assert np.abs(stored).max(axis=0).tolist() == [127, 127]
    assert stored[:, 1].tolist() == [-127, 64] or stored[:, 1].tolist() == [-127, 63]
    stored, _ = quantize(values, "int8", axis=1)
    assert stored[:, 0].tolist() == [127, -127]


def test_columns_of_zeros_stay_zeros():
    for shape in ((3, 2), (0, 2), (3, 0)):
        for axis in (0, 1):
            stored, scale = quantize(np.zeros(shape, np.float32), "int8", axis)
            assert (scale == 1).all()
            assert_array_equal(restore(stored, scale), np.zeros(shape))


@pytest.mark.parametrize("dtype", ["int8", "float16"])
def test_values_too_large_for_a_type_become_infinite_without_a_warning(dtype):
    largest = np.full((1, 1), np.finfo(np.float32).max)
    assert np.isinf(restore(*quantize(largest, dtype))).all()


@given(weights)
def test_float16_rounds_as_numpy_does(values):
    with np.errstate(over="ignore"):
        expected = values.astype(np.float16).astype(np.float32)
    assert_array_equal(restore(*quantize(values, "float16")), expected)
    assert_array_equal(restore(*quantize(values, "float32")), values)
