"""Standardised columns, and layers that are converted to take raw values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skdistill.inputs.standardization import Standardization


@given(st.integers(0, 10**6), st.floats(-6, 6), st.floats(0, 3))
def test_layer_on_raw_values_is_the_layer_on_standardised_ones(seed, power, distance):
    rng = np.random.default_rng(seed)
    X = rng.normal(distance, 1, size=(50, 3)) * 10.0**power
    standardization = Standardization.learn(X)
    weights, bias = rng.normal(size=(3, 4)), rng.normal(size=4)
    raw_weights, raw_bias = standardization.to_raw(weights, bias)
    expected = standardization.transform(X) @ weights + bias
    assert_allclose(X @ raw_weights + raw_bias, expected, rtol=1e-4, atol=1e-5)
    again = standardization.from_raw(raw_weights, raw_bias)
    assert_allclose(again[0], weights, rtol=1e-9, atol=1e-9)
    assert_allclose(again[1], bias, rtol=1e-6, atol=1e-9)


def test_moments_over_many_blocks():
    X = np.random.default_rng(0).normal(5, 3, size=(20_011, 2))
    standardization = Standardization.learn(X)
    assert_allclose(standardization.mean, X.mean(axis=0), rtol=1e-12)
    assert_allclose(standardization.scale, X.std(axis=0), rtol=1e-12)
    standardised = standardization.transform(X)
    assert standardised.dtype == np.float32
    assert_allclose(standardised.mean(axis=0), 0, atol=1e-5)
    assert_allclose(standardised.std(axis=0), 1, rtol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9, -7.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_constant_columns_are_found(value, dtype):
    varying = np.linspace(-1, 1, 1000)
    X = np.column_stack([np.full(1000, value), varying]).astype(dtype)
    standardization = Standardization.learn(X)
    assert standardization.varies.tolist() == [False, True]
    weights, bias = standardization.to_raw(np.ones((2, 1)), np.zeros(1))
    assert weights[0, 0] == 0
    assert_allclose(bias, [0], atol=1e-12)


def test_a_column_of_deviation_one_varies():
    X = np.array([[-1.0], [1.0]] * 10)
    assert Standardization.learn(X).varies.tolist() == [True]


def test_warning_names_one_column_and_counts_all():
    X = np.random.default_rng(0).normal(np.array([0.0, 1e6, 2e6]), size=(50, 3))
    assert (Standardization.learn(X).offsets != 0).tolist() == [False, True, True]
    X = X.astype(np.float32)
    with pytest.warns(UserWarning, match=r"column 'b' .*\(2 such columns\)"):
        Standardization.learn(X, np.array(["a", "b", "c"], dtype=object))
    with pytest.warns(UserWarning, match="column 1 of X"):
        Standardization.learn(X)
