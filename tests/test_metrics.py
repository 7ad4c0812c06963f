import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skdistill import metrics


@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 20))
def test_calibration_error_against_a_loop(seed, n, n_bins):
    rng = np.random.default_rng(seed)
    proba = rng.dirichlet(np.ones(3), size=n)
    labels = rng.integers(3, size=n)
    order = sorted(range(n), key=lambda i: (proba[i].max(), i))
    n_bins = min(n_bins, n)
    total, first = 0.0, 0
    for b in range(n_bins):
        size = n // n_bins + (b < n % n_bins)
        rows = order[first : first + size]
        first += size
        confidence = sum(proba[i].max() for i in rows) / size
        right = sum(int(proba[i].argmax() == labels[i]) for i in rows) / size
        total += size / n * abs(confidence - right)
    assert_allclose(metrics.calibration_error(labels, proba, n_bins), total, atol=1e-12)


def test_calibration_error_of_calibrated_probabilities_is_small():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.5, 1, size=100_000)
    labels = (rng.uniform(size=p.size) > p).astype(int)
    proba = np.column_stack([p, 1 - p])
    assert metrics.calibration_error(labels, proba) < 0.01
    assert_allclose(
        metrics.calibration_error(labels, proba**0 * [1, 0]), 0.25, atol=0.01
    )


def test_agreement():
    first = np.eye(3)[[0, 1, 2, 2]]
    second = np.eye(3)[[0, 1, 1, 2]]
    assert metrics.agreement(first, second) == 0.75


def test_pickled_bytes(forest):
    # joblib writes arrays in its own way, near the size of the plain pickle.
    size = len(pickle.dumps(forest))
    assert metrics.pickled_bytes(forest) == pytest.approx(size, rel=0.1)


def test_row_seconds_is_the_median_time_of_one_row(monkeypatch):
    """By a clock that a prediction moves on, by the number in its row."""
    clock = [0.0]

    def predict(row):
        assert row.shape == (1, 2)
        clock[0] += row[0, 0]

    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    X = np.array([[1.0, 0.0], [2.0, 0.0], [30.0, 0.0]])
    assert metrics.row_seconds(predict, X, seconds=60.0) == 2.0
