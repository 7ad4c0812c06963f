"""Measures of a student beside its teacher: fidelity, calibration, cost.

Functions named ``row_...`` return a figure of each single row; the measures are
weighted means of these. The module imports NumPy alone.
"""

import copy
import io
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A smaller probability counts as this one, as in scikit-learn's log-loss.
_SMALLEST_PROBABILITY = np.finfo(np.float64).eps

# Greatest distance of the sum of a row of probabilities from 1, as in `fit`.
_SUM_TOLERANCE = 0.01

# Number of rows that are copied before they are timed one by one.
_ROWS_COPIED = 16


def agreement(
    first_proba: NDArray[Any],
    second_proba: NDArray[Any],
    sample_weight: NDArray[Any] | None = None,
) -> float:
    """Return the share of rows with the same most probable class of two classifiers.

    A classifier with a threshold of its own may predict another class than this.

    Parameters
    ----------
    first_proba, second_proba : ndarray of shape (n_samples, n_classes)
        Probabilities of the two classifiers, with columns in the same order. A row that
        does not add up to 1 raises ValueError.
    sample_weight : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows.

    Returns
    -------
    share : float
        Share of the rows, between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.metrics import agreement
    >>> agreement(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([[0.6, 0.4], [1, 0]]))
    0.5
    """
    first = _of_classes(first_proba, "first_proba")
    second = _of_classes(second_proba, "second_proba")
    same = np.argmax(first, axis=1) == np.argmax(second, axis=1)
    return float(np.average(same, weights=sample_weight))


def kl_divergence(
    teacher_proba: NDArray[Any],
    student_proba: NDArray[Any],
    sample_weight: NDArray[Any] | None = None,
) -> float:
    """Return the mean Kullback-Leibler divergence of a student from its teacher.

    The divergence of a row is ``sum(t * log(t / s))`` over the classes. Here t are
    the teacher's probabilities and s the student's. Before a logarithm is taken, a
    probability below 2.2e-16 is replaced by 2.2e-16.

    Parameters
    ----------
    teacher_proba, student_proba : ndarray of shape (n_samples, n_classes)
        Probabilities of teacher and student, with columns in the same order. A row that
        does not add up to 1 raises ValueError.
    sample_weight : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows.

    Returns
    -------
    divergence : float
        Mean divergence in nats; 0 is best.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.metrics import kl_divergence
    >>> round(kl_divergence(np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])), 4)
    0.6931
    """
    teacher = _of_classes(teacher_proba, "teacher_proba")
    values = row_kl_divergences(teacher, _of_classes(student_proba, "student_proba"))
    return float(np.average(values, weights=sample_weight))


def total_variation(
    first_proba: NDArray[Any],
    second_proba: NDArray[Any],
    sample_weight: NDArray[Any] | None = None,
) -> float:
    """Return the mean total variation between two classifiers.

    The total variation of a row is half the sum of the absolute differences of the
    probabilities. For any set of classes, the probabilities that the two classifiers
    give to the set differ by no more than this.

    Parameters
    ----------
    first_proba, second_proba : ndarray of shape (n_samples, n_classes)
        Probabilities of the two classifiers, with columns in the same order. A row that
        does not add up to 1 raises ValueError.
    sample_weight : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows.

    Returns
    -------
    variation : float
        Mean total variation, between 0 and 1; 0 is best.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.metrics import total_variation
    >>> total_variation(np.array([[1.0, 0.0]]), np.array([[0.75, 0.25]]))
    0.25
    """
    first = _of_classes(first_proba, "first_proba")
    values = row_total_variations(first, _of_classes(second_proba, "second_proba"))
    return float(np.average(values, weights=sample_weight))


def calibration_error(
    labels: NDArray[Any],
    proba: NDArray[Any],
    n_bins: int = 15,
    sample_weight: NDArray[Any] | None = None,
) -> float:
    """Return the expected calibration error, in adaptive bins.

    Rows are sorted by the probability of the predicted label and cut into bins of
    equal weight. A row on a border is divided between both bins. Each bin has a mean
    probability and a share of right predictions. The error is the mean distance of
    the two over the bins (Nguyen and O'Connor 2015).

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
        Column numbers of the true classes.
    proba : ndarray of shape (n_samples, n_classes)
        Predicted probabilities. A row that does not add up to 1 raises ValueError.
    n_bins : int, default=15
        Number of bins. With fewer rows than bins, the number of rows is used.
    sample_weight : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows.

    Returns
    -------
    error : float
        Calibration error, between 0 and 1; 0 is best.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.metrics import calibration_error
    >>> proba = np.array([[0.75, 0.25]] * 4)
    >>> calibration_error(np.array([0, 0, 0, 1]), proba, n_bins=1)
    0.0
    """
    proba = _of_classes(proba, "proba")
    confidence = np.max(proba, axis=1).astype(np.float64)
    right = np.argmax(proba, axis=1) == labels
    order = np.argsort(confidence, kind="stable")
    weights = np.ones(len(order)) if sample_weight is None else sample_weight
    gaps = (confidence - right)[order]
    n_bins = min(n_bins, len(order))
    weights = np.asarray(weights, dtype=np.float64)[order]
    return float(mean_gap_of_bins(gaps, weights[np.newaxis], n_bins)[0])


def _of_classes(proba, name):
    """Return probabilities as an array. Raise if they are not those of classes.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
    name : str

    Returns
    -------
    proba : ndarray of shape (n_samples, n_classes)
    """
    proba = np.asarray(proba)
    sums = proba.sum(axis=1, dtype=np.float64)
    wrong = np.abs(sums - 1.0) > _SUM_TOLERANCE
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"{name} adds up to {sums[row]:.6g} in row {row}, not to 1: this is a "
            "measure of classes. For label sets use DistillationReport, or measure "
            f"each label alone, by np.column_stack([1 - p, p]) with {name}[:, label] "
            "as p"
        )
    return proba


def row_log_losses(labels: NDArray[Any], proba: NDArray[Any]) -> NDArray[np.float64]:
    """Return the negative log-probability of each row's label.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
        Column numbers of the true classes.
    proba : ndarray of shape (n_samples, n_classes)
        Predicted probabilities.

    Returns
    -------
    losses : ndarray of shape (n_samples,)
        Losses in nats.
    """
    of_label = proba[np.arange(len(labels)), labels].astype(np.float64)
    return -np.log(np.clip(of_label, _SMALLEST_PROBABILITY, 1 - _SMALLEST_PROBABILITY))


def row_brier_scores(labels: NDArray[Any], proba: NDArray[Any]) -> NDArray[np.float64]:
    """Return the Brier score of each row.

    The probability of the true class should be 1, and those of the other classes 0.
    The score is the sum of the squared distances from these values.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
        Column numbers of the true classes.
    proba : ndarray of shape (n_samples, n_classes)
        Predicted probabilities.

    Returns
    -------
    scores : ndarray of shape (n_samples,)
        Scores of the rows; 0 is best. With two classes, both squared distances are
        equal, and only one counts, as in scikit-learn.
    """
    proba = proba.astype(np.float64)
    n_rows, n_columns = proba.shape
    of_label = proba[np.arange(n_rows), labels]
    sums = np.sum(proba**2, axis=1) - of_label**2 + (1.0 - of_label) ** 2
    return sums / 2 if n_columns == 2 else sums


def row_kl_divergences(
    first_proba: NDArray[Any], second_proba: NDArray[Any]
) -> NDArray[np.float64]:
    """Return the Kullback-Leibler divergence of each row, KL(first || second).

    Parameters
    ----------
    first_proba, second_proba : ndarray of shape (n_samples, n_classes)
        Probabilities of the two classifiers, with columns in the same order.

    Returns
    -------
    divergences : ndarray of shape (n_samples,)
        Divergences in nats.
    """
    first = first_proba.astype(np.float64)
    logs = [
        np.log(np.maximum(values, _SMALLEST_PROBABILITY, dtype=np.float64))
        for values in (first, second_proba)
    ]
    return np.maximum(np.sum(first * (logs[0] - logs[1]), axis=1), 0.0)


def row_total_variations(
    first_proba: NDArray[Any], second_proba: NDArray[Any]
) -> NDArray[np.float64]:
    """Return the total variation of each row.

    Parameters
    ----------
    first_proba, second_proba : ndarray of shape (n_samples, n_classes)
        Probabilities of the two classifiers, with columns in the same order.

    Returns
    -------
    variations : ndarray of shape (n_samples,)
        Half the sum of the absolute differences of each row, between 0 and 1.
    """
    first = first_proba.astype(np.float64)
    return np.abs(first - second_proba).sum(axis=1) / 2


def mean_gap_of_bins(
    gaps: NDArray[np.float64], weights: NDArray[np.float64], n_bins: int
) -> NDArray[np.float64]:
    """Return the mean over bins of the absolute mean gap in each bin.

    The bins have equal weight. A row on a border is divided between both bins.

    Parameters
    ----------
    gaps : ndarray of shape (n_samples,)
        Gap of each row, in the order in which rows are put into bins.
    weights : ndarray of shape (n_draws, n_samples)
        Weights of the rows in each draw, in the same order.
    n_bins : int
        Number of bins.

    Returns
    -------
    distances : ndarray of shape (n_draws,)
        Mean distance from zero, for each draw.
    """
    reached = np.zeros((len(weights), len(gaps) + 1))
    summed = np.zeros_like(reached)
    np.cumsum(weights, axis=1, out=reached[:, 1:])
    np.cumsum(weights * gaps, axis=1, out=summed[:, 1:])
    shares = np.linspace(0.0, 1.0, n_bins + 1)
    return np.array(
        [
            np.abs(np.diff(np.interp(shares * x[-1], x, y))).sum() / x[-1]
            for x, y in zip(reached, summed, strict=True)
        ]
    )


def pickled_bytes(estimator: Any) -> int:
    """Return the size of an estimator on disk, as `joblib.dump` writes it.

    Parameters
    ----------
    estimator : estimator
        Object to be measured.

    Returns
    -------
    size : int
        Number of bytes.
    """
    # Imported here, because the module has to work with NumPy alone.
    import joblib

    counter = _ByteCounter()
    joblib.dump(estimator, counter)
    return counter.tell()


class _ByteCounter(io.RawIOBase):
    """A file that counts the bytes written to it and keeps none of them."""

    _size = 0

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
        Function to be measured. It is called with one row at a time, a table of
        shape (1, n_features). It may alter the row, which is a copy.
    X : table of shape (n_samples, n_features)
        Rows, which take turns. They are not altered.
    seconds : float, default=0.5
        Approximate duration of the measurement.

    Returns
    -------
    latency : float
        Median time of a call, in seconds.
    """
    if hasattr(X, "check_format"):
        X.check_format()  # SciPy would read wherever the indices of sparse rows lead.
    # Not every sparse format can give single rows; CSR can.
    X = X.tocsr() if hasattr(X, "tocsr") else X
    n_rows = X.shape[0] if hasattr(X, "shape") else len(X)
    sliced = getattr(X, "iloc", X)
    rows = [sliced[i : i + 1] for i in range(min(n_rows, 256))]
    predict(copy.deepcopy(rows[0]))
    durations: list[float] = []
    end = time.perf_counter() + seconds
    while not durations or time.perf_counter() < end:
        # No copy falls into the time of a call.
        turns = range(len(durations), len(durations) + _ROWS_COPIED)
        for row in [copy.deepcopy(rows[turn % len(rows)]) for turn in turns]:
            start = time.perf_counter()
            predict(row)
            durations.append(time.perf_counter() - start)
            if time.perf_counter() >= end:
                break
    return float(np.median(durations))
