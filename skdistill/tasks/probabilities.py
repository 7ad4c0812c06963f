"""Class probabilities of a teacher: their check, and what makes them doubtful."""

import numpy as np

from skdistill.common.warn import warn

# The greatest distance of a row's sum from 1: votes in float16 come so near.
_SUM_TOLERANCE = 1e-2

# Targets that leave less than this to the other classes say no more than labels. A
# sure answer about fewer rows is no sign of that.
_NEARLY_NOTHING = 0.001
_FEWEST_ROWS = 100


def check_probabilities(probabilities, n_samples, classes, name):
    """Check class probabilities.

    Parameters
    ----------
    probabilities : array-like of shape (n_samples, n_classes)
    n_samples : int
        Number of rows of X.
    classes : ndarray of shape (n_classes,) or None
        Labels of the columns. None if they are not known yet.
    name : str
        Name of the probabilities in errors.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes)
        Float32 or float64. Each row adds up to 1.

    Raises
    ------
    ValueError
        If the shape is another, a value is negative or not finite, or the sum of a row
        differs from 1 by more than 0.01.
    """
    _check_column_names(probabilities, classes, name)
    values = np.asarray(probabilities)
    if values.dtype not in (np.float32, np.float64):
        try:
            values = values.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name} is not numeric: {error}") from error
    _check_shape(values, n_samples, classes, name)
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values).all(axis=1)))
        raise ValueError(
            f"{name} is not finite in row {row}: {values[row].tolist()!r:.100}. "
            "Probabilities lie between 0 and 1"
        )
    lowest = values.min(axis=1)
    if (lowest < 0).any():
        row = int(lowest.argmin())
        raise ValueError(
            f"{name} is negative in row {row}: {values[row].tolist()!r:.100}. "
            "Probabilities lie between 0 and 1"
        )
    sums = values.sum(axis=1)
    wrong = np.abs(sums - 1.0)
    if (wrong > _SUM_TOLERANCE).any():
        row = int(wrong.argmax())
        raise ValueError(
            f"{name} adds up to {sums[row]:.6g} in row {row}, not to 1: "
            f"{values[row].tolist()!r:.100}"
        )
    return values / sums[:, np.newaxis]


def _check_column_names(probabilities, classes, name):
    """Raise if a frame has the classes as its columns, in another order."""
    columns = getattr(probabilities, "columns", None)
    if columns is None or classes is None:
        return
    names = list(columns)
    if names != list(classes) and set(names) == set(classes):
        raise ValueError(
            f"{name} has its columns in the order {names!r:.200}, not in that of "
            f"the classes {list(classes)!r:.200}"
        )


def _check_shape(values, n_samples, classes, name):
    """Raise unless there are a row for each row of X and a column for each class."""
    wanted = f"({n_samples}, {'n_classes' if classes is None else len(classes)})"
    if (
        values.ndim != 2
        or values.shape[0] != n_samples
        or (classes is not None and values.shape[1] != len(classes))
    ):
        of = "" if classes is None else f" for the classes {classes.tolist()!r:.100}"
        raise ValueError(f"{name} has shape {values.shape}, not {wanted}{of}")
    if values.shape[1] < 2:
        raise ValueError(f"{name} has one column: a classifier needs two at least")


def warn_if_worse_than_constant(probabilities, labels, weights):
    """Warn if probabilities do clearly worse than the most frequent class.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
    labels : ndarray of shape (n_samples,), int
        Column numbers of the labels.
    weights : ndarray of shape (n_samples,)
        Weights of the rows.
    """
    right = np.average(probabilities.argmax(axis=1) == labels, weights=weights)
    constant = np.bincount(labels, weights=weights).max() / weights.sum()
    # A good teacher of rare classes may give somewhat fewer rows their label.
    if right < 0.9 * constant:
        warn(
            f"the teacher gives {100 * right:.1f} % of the rows their label, fewer "
            f"than the most frequent label has ({100 * constant:.1f} %). Was it "
            "fitted on columns that were scaled or encoded otherwise, or are its "
            "columns in another order?",
        )


def warn_if_nearly_one_hot(teacher_name, probabilities):
    """Warn if probabilities that are taken as they are say no more than labels.

    Parameters
    ----------
    teacher_name : str
    probabilities : ndarray of shape (n_samples, n_classes)
    """
    left = 1.0 - probabilities.max(axis=1).mean()
    if left < _NEARLY_NOTHING and len(probabilities) >= _FEWEST_ROWS:
        warn(
            f"the teacher, {teacher_name}, leaves {100 * left:.2g} % to all classes "
            "but the first of a row: its probabilities say hardly more than its "
            'labels. Calibrate it, by calibrate_teacher="auto" with labels of 100 '
            'rows or more, or "refit", or see more of them by temperature=2 to 5'
        )
