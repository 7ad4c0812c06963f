import pickle
import subprocess
import sys

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skdistill import metrics


@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 20), st.booleans())
def test_calibration_error_against_a_loop(seed, n, n_bins, weighted):
    """If each row is repeated once for each bin, all bins hold equally many rows."""
    rng = np.random.default_rng(seed)
    proba = rng.dirichlet(np.ones(3), size=n)
    labels = rng.integers(3, size=n)
    counts = rng.integers(1, 5, size=n) if weighted else np.ones(n, dtype=int)
    order = sorted(range(n), key=lambda i: (proba[i].max(), i))
    used = min(n_bins, n)
    rows = [i for i in order for _ in range(used * counts[i])]
    size = len(rows) // used
    total = 0
    for b in range(used):
        members = rows[b * size : (b + 1) * size]
        confidence = sum(proba[i].max() for i in members) / size
        right = sum(int(proba[i].argmax() == labels[i]) for i in members) / size
        total += abs(confidence - right) / used
    weights = 0.5 * counts if weighted else None
    found = metrics.calibration_error(labels, proba, n_bins, weights)
    assert_allclose(found, total, atol=1e-12)


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
    assert metrics.agreement(first, second, np.array([1, 1, 2, 0])) == 0.5


def test_distances_from_the_teacher_against_scipy():
    rng = np.random.default_rng(0)
    teacher, student = rng.dirichlet(np.ones(4), size=(2, 50))
    teacher[0] = [1.0, 0.0, 0.0, 0.0]
    weights = rng.uniform(size=50)
    rows = [scipy.stats.entropy(t, s) for t, s in zip(teacher, student, strict=True)]
    assert_allclose(metrics.kl_divergence(teacher, student), np.mean(rows))
    found = metrics.kl_divergence(teacher, student, weights)
    assert_allclose(found, np.average(rows, weights=weights))
    rows = [
        sum(max(d, 0) for d in t - s) for t, s in zip(teacher, student, strict=True)
    ]
    assert_allclose(metrics.total_variation(teacher, student), np.mean(rows))
    found = metrics.total_variation(teacher, student, weights)
    assert_allclose(found, np.average(rows, weights=weights))
    swapped = metrics.kl_divergence(teacher[:1, ::-1], teacher[:1])
    assert_allclose(swapped, -np.log(np.finfo(float).eps))


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        (metrics.agreement, "second_proba"),
        (metrics.kl_divergence, "student_proba"),
        (metrics.total_variation, "second_proba"),
        (metrics.calibration_error, "proba"),
    ],
)
def test_label_sets_are_refused_and_rounded_classes_are_not(measure, name):
    rng = np.random.default_rng(0)
    is_calibration = measure is metrics.calibration_error
    first = np.zeros(5, dtype=int) if is_calibration else np.full((5, 1000), 1e-3)
    softmax = rng.dirichlet(np.ones(1000), 5).astype(np.float16)
    assert np.isfinite(measure(first, softmax))
    labels = np.array([[1.0, 0.0], [0.3, 0.7], [0.9, 0.7]])
    first = first[:3] if is_calibration else labels[[0, 1, 1]]
    with pytest.raises(ValueError, match=rf"^{name} adds up to 1.6 in row 2, not to 1"):
        measure(first, labels)


def test_pickled_bytes(forest):
    # joblib writes arrays in its own format. The size is near that of a plain pickle.
    size = len(pickle.dumps(forest))
    assert metrics.pickled_bytes(forest) == pytest.approx(size, rel=0.1)


def test_row_seconds_is_the_median_time_of_one_row(monkeypatch):
    """Each prediction moves a fake clock on by the number in its row."""
    clock = [0.0]

    def predict(row):
        assert row.shape == (1, 2)
        clock[0] += row[0, 0]

    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    X = np.array([[1.0, 0.0], [2.0, 0.0], [30.0, 0.0]])
    assert metrics.row_seconds(predict, X, seconds=60.0) == 2.0


def test_the_module_imports_numpy_alone():
    code = (
        "import sys, skdistill.metrics; "
        "sys.exit(bool({'joblib', 'numba', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
