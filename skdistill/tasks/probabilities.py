"""Class probabilities of a teacher: errors if they are wrong, warnings if doubtful."""

import numpy as np

from skdistill.common.warn import warn

# Greatest accepted distance of a row's sum from 1. Votes in float16 come about so far.
_SUM_TOLERANCE = 1e-2

# Least mean share of the other classes, all but the most probable. With less, the
# probabilities say no more than labels. With fewer rows than _FEWEST_ROWS, a small
# share may be chance.
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
        Checked probabilities, float32 or float64. Each row adds up to 1.

    Raises
    ------
    ValueError
        If the shape is wrong, if a value is negative or not finite, or if the sum of a
        row differs from 1 by more than 0.01.
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
    """Raise if the columns of a frame are named as the classes, in another order."""
    columns = getattr(probabilities, "columns", None)
    if columns is None or classes is None:
        return
    names = list(columns)
    if names != list(classes) and set(names) == set(classes):
        raise ValueError(
            f"{name} has its columns in the order {names!r:.200}, not in the order of "
            f"the classes, {list(classes)!r:.200}"
        )


def _check_shape(values, n_samples, classes, name):
    """Raise unless each row of X has a row and each class a column."""
    wanted = f"({n_samples}, {'n_classes' if classes is None else len(classes)})"
    if (
        values.ndim != 2
        or values.shape[0] != n_samples
        or (classes is not None and values.shape[1] != len(classes))
    ):
        of = "" if classes is None else f" for the classes {classes.tolist()!r:.100}"
        raise ValueError(f"{name} has shape {values.shape}, not {wanted}{of}")
    if values.shape[1] < 2:
        raise ValueError(f"{name} has one column: a classifier needs at least two")


def warn_if_worse_than_constant(probabilities, labels, weights):
    """Warn if probabilities are clearly worse than the most frequent class.

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
    # If classes are rare, even a good teacher may be right a little less often.
    if right < 0.9 * constant:
        warn(
            f"the teacher gives {100 * right:.1f} % of the rows their label. The most "
            f"frequent label is right for {100 * constant:.1f} %. Was the teacher "
            "fitted on columns that were scaled or encoded in another way, or are its "
            "columns in another order?",
        )


def warn_if_nearly_one_hot(teacher_name, probabilities):
    """Warn if uncalibrated probabilities tell the student no more than labels do.

    Parameters
    ----------
    teacher_name : str
    probabilities : ndarray of shape (n_samples, n_classes)
    """
    left = 1.0 - probabilities.max(axis=1).mean()
    if left < _NEARLY_NOTHING and len(probabilities) >= _FEWEST_ROWS:
        warn(
            f"the teacher, {teacher_name}, leaves {100 * left:.2g} % to all classes "
            "but the most probable, on average: its probabilities say hardly more than "
            'labels. Calibrate the teacher: calibrate_teacher="auto" with labels for '
            '100 rows or more, or "refit". Or soften them: temperature=2 to 5'
        )
