"""Measures of a student beside its teacher: fidelity, calibration, cost."""

import io
import time
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from skdistill import rowwise


def agreement(
    first_proba: NDArray[Any],
    second_proba: NDArray[Any],
    sample_weight: NDArray[Any] | None = None,
) -> float:
    """Return the share of rows with the same label from two classifiers.

    Parameters
    ----------
    first_proba, second_proba : ndarray of shape (n_samples, n_classes)
        Their probabilities, columns in the same order.
    sample_weight : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows.

    Returns
    -------
    share : float
        Between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.metrics import agreement
    >>> agreement(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([[0.6, 0.4], [1, 0]]))
    0.5
    """
    same = np.argmax(first_proba, axis=1) == np.argmax(second_proba, axis=1)
    return float(np.average(same, weights=sample_weight))


def kl_divergence(
    teacher_proba: NDArray[Any],
    student_proba: NDArray[Any],
    sample_weight: NDArray[Any] | None = None,
) -> float:
    """Return the mean Kullback-Leibler divergence of a student from its teacher.

    That of a row is ``sum(t * log(t / s))`` over the classes, t being the
    teacher's probabilities and s the student's, of which the logarithm is taken
    of 2.2e-16 at least.

    Parameters
    ----------
    teacher_proba, student_proba : ndarray of shape (n_samples, n_classes)
        Their probabilities, columns in the same order.
    sample_weight : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows.

    Returns
    -------
    divergence : float
        In nats; 0 is best.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.metrics import kl_divergence
    >>> round(kl_divergence(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])), 4)
    0.6931
    """
    values = rowwise.divergences(np.asarray(teacher_proba), np.asarray(student_proba))
    return float(np.average(values, weights=sample_weight))


def total_variation(
    first_proba: NDArray[Any],
    second_proba: NDArray[Any],
    sample_weight: NDArray[Any] | None = None,
) -> float:
    """Return the mean total variation between two classifiers.

    That of a row is half the summed differences of the probabilities: the
    greatest difference of what they say of any set of classes.

    Parameters
    ----------
    first_proba, second_proba : ndarray of shape (n_samples, n_classes)
        Their probabilities, columns in the same order.
    sample_weight : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows.

    Returns
    -------
    variation : float
        Between 0 and 1; 0 is best.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.metrics import total_variation
    >>> total_variation(np.array([[1.0, 0.0]]), np.array([[0.75, 0.25]]))
    0.25
    """
    values = rowwise.variations(np.asarray(first_proba), np.asarray(second_proba))
    return float(np.average(values, weights=sample_weight))


def calibration_error(
    labels: NDArray[Any],
    proba: NDArray[Any],
    n_bins: int = 15,
    sample_weight: NDArray[Any] | None = None,
) -> float:
    """Return the expected calibration error, in adaptive bins.

    Rows are sorted by the probability of the predicted label and cut into bins
    of equal weight; a row on a border counts in both by its parts. The error is
    the mean, over the bins, of the distance between the mean of that probability
    and the share of right predictions (Nguyen and O'Connor 2015).

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
        Column numbers of the true classes.
    proba : ndarray of shape (n_samples, n_classes)
        Predicted probabilities.
    n_bins : int, default=15
        Number of bins, at most one a row.
    sample_weight : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows.

    Returns
    -------
    error : float
        Between 0 and 1; 0 is best.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.metrics import calibration_error
    >>> proba = np.array([[0.75, 0.25]] * 4)
    >>> calibration_error(np.array([0, 0, 0, 1]), proba, n_bins=1)
    0.0
    """
    confidence = np.max(proba, axis=1).astype(np.float64)
    right = np.argmax(proba, axis=1) == labels
    order = np.argsort(confidence, kind="stable")
    weights = np.ones(len(order)) if sample_weight is None else sample_weight
    gaps = (confidence - right)[order]
    n_bins = min(n_bins, len(order))
    weights = np.asarray(weights, dtype=np.float64)[order]
    return float(rowwise.binned_distance(gaps, weights[np.newaxis], n_bins)[0])


def pickled_bytes(estimator: Any) -> int:
    """Return the bytes of an estimator on disk, as `joblib.dump` writes it.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    size : int
        Bytes.
    """
    counter = _Counter()
    joblib.dump(estimator, counter)
    return counter.tell()


class _Counter(io.RawIOBase):
    """A file that keeps no byte of what is written to it, but their number."""

    def __init__(self):
        self._size = 0

    def write(self, content):
        size = memoryview(content).nbytes
        self._size += size
        return size

    def tell(self):
        return self._size


def row_seconds(predict: Callable[[Any], Any], X: Any, seconds: float = 0.5) -> float:
    """Measure the time of a prediction for a single row.

    Parameters
    ----------
    predict : callable
        Called with one row at a time, of shape (1, n_features).
    X : table of shape (n_samples, n_features)
        The rows, which take turns.
    seconds : float, default=0.5
        How long to measure, about.

    Returns
    -------
    latency : float
        The median time of a call, in seconds.
    """
    X = X.tocsr() if hasattr(X, "tocsr") else X  # Whose rows can be taken.
    n_rows = X.shape[0] if hasattr(X, "shape") else len(X)
    rows = [X[i : i + 1] for i in range(min(n_rows, 256))]
    predict(rows[0])
    durations: list[float] = []
    end = time.perf_counter() + seconds
    while not durations or time.perf_counter() < end:
        start = time.perf_counter()
        predict(rows[len(durations) % len(rows)])
        durations.append(time.perf_counter() - start)
    return float(np.median(durations))
