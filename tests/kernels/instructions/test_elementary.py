import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.elementary import (
    exponential,
    hyperbolic_tangent,
    logarithm,
)


@kernel
def all_exponentials(x, out):
    for i in range(x.size):
        out[i] = exponential(x[i])


@kernel
def all_logarithms(x, out):
    for i in range(x.size):
        out[i] = logarithm(x[i])


@kernel
def all_tangents(x, out):
    for i in range(x.size):
        out[i] = hyperbolic_tangent(x[i])


def evaluate(function, x):
    out = np.empty_like(x)
    function(x, out)
    return out


# Half a unit in the last place of float32 is 6e-8 of the value.
TOLERANCE = 2.5e-7


@pytest.mark.parametrize(
    "x",
    [
        np.linspace(-87, 88, 100_003),
        np.linspace(-1, 1, 100_003),
        np.array([0.0, -0.0, 1e-30, -1e-30]),
    ],
    ids=["all", "near zero", "zero"],
)
def test_exponential(x):
    x = x.astype(np.float32)
    expected = np.exp(x.astype(np.float64))
    assert_allclose(evaluate(all_exponentials, x), expected, rtol=TOLERANCE)


def test_exponential_beyond_its_range_stays_finite_and_ordered():
    x = np.array([-1e30, -100.0, -87.0], dtype=np.float32)
    result = evaluate(all_exponentials, x)
    assert (result >= 0).all()
    assert (result <= np.exp(np.float32(-86.9))).all()


def test_nan_is_not_swallowed():
    x = np.array([np.nan], dtype=np.float32)
    assert np.isnan(evaluate(all_exponentials, x)).all()
    assert np.isnan(evaluate(all_tangents, x)).all()


def test_logarithm():
    x = np.geomspace(1e-30, 1e30, 100_003).astype(np.float32)
    x = np.concatenate([x, np.linspace(0.5, 2, 100_003, dtype=np.float32)])
    expected = np.log(x.astype(np.float64))
    assert_allclose(evaluate(all_logarithms, x), expected, rtol=TOLERANCE, atol=1e-7)


def test_hyperbolic_tangent():
    x = np.concatenate([np.linspace(-20, 20, 100_003), np.geomspace(1e-30, 1, 1003)])
    x = x.astype(np.float32)
    expected = np.tanh(x.astype(np.float64))
    assert_allclose(evaluate(all_tangents, x), expected, rtol=4 * TOLERANCE)
