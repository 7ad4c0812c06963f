"""Probabilities of labels: errors if they are wrong, a warning if they say nothing."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.common.warn import warn
from skdistill.teachers.answers import Answers, read_answers

# Greatest accepted distance of a probability from 0 and 1. Sums in float32 come about
# so far.
_ROUNDING = 1e-6

# Advice on stored answers for other rows.
_CUT_BY_FOLDS = (
    ". Cross-validation of scikit-learn cuts arrays, and no list of arrays for each "
    "label: give one array, np.column_stack([table[:, 1] for table in answers])"
)

# Greatest distance of a row's sum from 1 for which the row holds shares of 1. In fewer
# rows than _FEWEST_SHARES, this may be chance.
_SUM_ROUNDING = 1e-4
_FEWEST_SHARES = 10

# Least mean distance of a probability from the nearer of 0 and 1. With less, the
# probabilities say no more than labels. With fewer rows than _FEWEST_ROWS, a small
# distance may be chance.
_NEARLY_NOTHING = 0.001
_FEWEST_ROWS = 100


def check_label_probabilities(
    answers: ArrayLike | Answers, n_samples: int, n_labels: int, name: str
) -> NDArray[np.floating]:
    """Check a probability for each label of each row.

    Parameters
    ----------
    answers : array-like of shape (n_samples, n_labels) or Answers
    n_samples : int
        Number of rows that the teacher was asked about.
    n_labels : int
    name : str
        Name of the probabilities in errors.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_labels), float32 or float64

    Raises
    ------
    ValueError
        If the shape is wrong, if a value is not finite or beyond 0 and 1, or if the
        teacher has classes and its answers add up to 1, as those for one label do.
    """
    answers = read_answers(answers, name)
    values = answers.values
    n_passed = n_samples if answers.n_passed is None else answers.n_passed
    if values.shape != (n_samples, n_labels):
        found = values.shape
        if found[:1] == (n_samples,):
            found = (n_passed, *found[1:])
        shape = f"has shape {found}, not ({n_passed}, {n_labels})"
        if answers.classes is not None and _are_shares(values):
            _refuse_classes(answers, shape, name)
        if values.ndim == 2 and len(values) != n_samples:
            about = "" if answers.n_passed is None else _CUT_BY_FOLDS
            raise ValueError(f"{name} {shape}: each row of X needs a row{about}")
        raise ValueError(
            f"{name} {shape}: y holds {n_labels} labels, and each needs a column with "
            "its probability"
        )
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values).all(axis=1)))
        _refuse(values, row, answers, f"{name} is not finite")
    excess = np.maximum(-values, values - 1.0).max(axis=1, initial=0.0)
    if (excess > _ROUNDING).any():
        _refuse(values, int(excess.argmax()), answers, f"{name} is beyond 0 and 1")
    if answers.classes is not None and _are_shares(values):
        _refuse_classes(answers, "adds up to 1 in each row", name)
    return values.clip(0.0, 1.0)


def _are_shares(values):
    """Tell whether each of enough rows of several columns adds up to 1."""
    if values.ndim != 2 or values.shape[1] < 2 or len(values) < _FEWEST_SHARES:
        return False
    return bool((np.abs(values.sum(axis=1) - 1.0) < _SUM_ROUNDING).all())


def _refuse_classes(answers, found, name):
    """Raise the error for a teacher of one label, whose columns are its classes."""
    raise ValueError(
        f"{name} {found}: the teacher was fitted on one label, with the classes "
        f"{answers.classes.tolist()!r:.100}, and y holds label sets. Give a teacher of "
        "all labels, such as MultiOutputClassifier(model), fitted on a y of 0 and 1 of "
        "shape (n_samples, n_labels). If each row has one class, give the classes as y"
    )


def warn_if_shares(probabilities: Any, labels: Any) -> None:
    """Warn if probabilities add up to 1 in each row, and the labels do not.

    Parameters
    ----------
    probabilities, labels : ndarray of shape (n_samples, n_labels)
    """
    if _are_shares(probabilities) and not _are_shares(labels):
        warn(
            "the teacher's probabilities add up to 1 in each row, as those of one of "
            "several classes do, and some rows of y have several labels or none. Give "
            "the probability of each label apart from the others"
        )


def _refuse(values, row, answers, wrong):
    """Raise the error for a row."""
    raise ValueError(
        f"{wrong} in row {answers.number_of(row)}: {values[row].tolist()!r:.100}. "
        "Probabilities of labels lie between 0 and 1. If these are logits, give "
        "scipy.special.expit(logits)"
    )


def warn_if_nearly_indicators(teacher_name: str, probabilities: Any) -> None:
    """Warn if uncalibrated probabilities tell the student no more than labels do.

    Parameters
    ----------
    teacher_name : str
    probabilities : ndarray of shape (n_samples, n_labels)
    """
    left = float(np.minimum(probabilities, 1.0 - probabilities).mean())
    if left < _NEARLY_NOTHING and len(probabilities) >= _FEWEST_ROWS:
        warn(
            f"the probabilities of the teacher, {teacher_name}, are {left:.2g} from 0 "
            "or 1 on average: they say hardly more than labels. Calibrate the teacher: "
            'calibrate_teacher="auto" with labels for 50 rows or more, or "refit"'
        )
