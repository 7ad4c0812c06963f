"""Measures of a student beside its teacher: fidelity, calibration, cost."""

import io
import time
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray


def agreement(first_proba: NDArray[Any], second_proba: NDArray[Any]) -> float:
    """Return the share of rows with the same label from two classifiers.

    Parameters
    ----------
    first_proba, second_proba : ndarray of shape (n_samples, n_classes)
        Their probabilities, columns in the same order.

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
    return float(np.mean(same))


def calibration_error(
    labels: NDArray[Any], proba: NDArray[Any], n_bins: int = 15
) -> float:
    """Return the expected calibration error, in adaptive bins.

    Rows are sorted by the probability of the predicted label and cut into bins
    of equal size. The error is the mean, over the bins, of the distance
    between the mean of that probability and the share of right predictions
    (Nguyen and O'Connor 2015).

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
        Column numbers of the true classes.
    proba : ndarray of shape (n_samples, n_classes)
        Predicted probabilities.
    n_bins : int, default=15
        Number of bins, at most one a row.

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
    confidence = np.max(proba, axis=1)
    right = np.argmax(proba, axis=1) == labels
    order = np.argsort(confidence, kind="stable")
    bins = np.array_split(order, min(n_bins, len(order)))
    distances = [abs(confidence[rows].mean() - right[rows].mean()) for rows in bins]
    sizes = [len(rows) for rows in bins]
    return float(np.average(distances, weights=sizes))


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
    X : ndarray of shape (n_samples, n_features)
        The rows, which take turns.
    seconds : float, default=0.5
        How long to measure, about.

    Returns
    -------
    latency : float
        The median time of a call, in seconds.
    """
    rows = [X[i : i + 1] for i in range(min(X.shape[0], 256))]
    predict(rows[0])
    durations: list[float] = []
    end = time.perf_counter() + seconds
    while not durations or time.perf_counter() < end:
        start = time.perf_counter()
        predict(rows[len(durations) % len(rows)])
        durations.append(time.perf_counter() - start)
    return float(np.median(durations))
