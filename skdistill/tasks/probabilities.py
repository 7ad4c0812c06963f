"""Class probabilities of a teacher: errors if they are wrong, warnings if doubtful."""

import numpy as np

from skdistill.common.labels import holds_text, matching_columns, sorted_labels
from skdistill.common.warn import warn
from skdistill.teachers.answers import read_answers

# Greatest accepted distance of a row's sum from 1. Votes in float16 come about so far.
_SUM_TOLERANCE = 1e-2

# Greatest accepted distance of a probability below 0 or, as one number a row, above 1.
# Sums in float32 come about so far.
_ROUNDING = 1e-6

# Least mean share of the other classes, all but the most probable. With less, the
# probabilities say no more than labels. With fewer rows than _FEWEST_ROWS, a small
# share may be chance.
_NEARLY_NOTHING = 0.001
_FEWEST_ROWS = 100

# Advice on answers without y.
_LABEL_SETS = (
    ". If each is the probability of a label apart from the others, give the labels of "
    "some rows: y of shape (n_samples, n_labels) with 0 and 1, and NaN in other rows. "
    "A fitted model of label sets as the teacher needs no y"
)


def check_probabilities(probabilities, n_samples, classes, name):
    """Check class probabilities, and bring their columns into the order of the classes.

    Parameters
    ----------
    probabilities : array-like of shape (n_samples, n_classes) or Answers
        Probabilities. With two classes the shape may also be (n_samples,) or
        (n_samples, 1), for the probability of the second class. The names of a frame's
        columns are read.
    n_samples : int
        Number of rows of X.
    classes : ndarray of shape (n_classes,) or None
        Labels of the columns of the result. None if they are not known yet: then the
        columns are in sorted order of their names, or as they are if they have none.
    name : str
        Name of the probabilities in errors.

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes)
        Checked probabilities, float32 or float64. Each row adds up to 1.

    Raises
    ------
    ValueError
        If the shape or a name is wrong, if a value is not finite or below -1e-6, or if
        the sum of a row differs from 1 by more than 0.01.
    """
    answers = read_answers(probabilities, name)
    if answers.values.ndim == 1 or answers.values.shape[1:] == (1,):
        answers = _with_both_classes(answers, n_samples, classes, name)
    _check_shape(answers, n_samples, classes, name)
    values = _in_order(answers, classes, name)
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values).all(axis=1)))
        at = f"row {answers.number_of(row)}"
        raise ValueError(
            f"{name} is not finite in {at}: {values[row].tolist()!r:.100}. "
            "Probabilities lie between 0 and 1"
        )
    lowest = values.min(axis=1)
    if (lowest < -_ROUNDING).any():
        row = int(lowest.argmin())
        at = f"row {answers.number_of(row)}"
        raise ValueError(
            f"{name} is negative in {at}: {values[row].tolist()!r:.100}. "
            "Probabilities lie between 0 and 1"
        )
    if (lowest < 0).any():
        values = values.clip(0)
    sums = values.sum(axis=1)
    wrong = np.abs(sums - 1.0)
    if (wrong > _SUM_TOLERANCE).any():
        row = int(wrong.argmax())
        at = f"row {answers.number_of(row)}"
        may_be_labels = classes is None and values.max() <= 1.0
        raise ValueError(
            f"{name} adds up to {sums[row]:.6g} in {at}, not to 1: "
            f"{values[row].tolist()!r:.100}{_LABEL_SETS if may_be_labels else ''}"
        )
    return values / sums[:, np.newaxis]


def _advice_on_columns(columns, classes):
    """Return a sentence on a number of columns other than that of the classes.

    Parameters
    ----------
    columns : tuple of int
        Shape of a row.
    classes : ndarray of shape (n_classes,)
    """
    n_columns, labels = sum(columns), classes.tolist()
    if columns > (len(labels),):
        named = ", ".join(f"{label!r:.40}" for label in labels)
        if labels == list(range(len(labels))):
            named = ", ".join(map(str, range(n_columns)))
        elif n_columns > len(labels):
            named += ", ..."
        return (
            ". If y lacks a class, give a frame whose columns are named as the "
            f"classes: pandas.DataFrame(probabilities, columns=[{named:.200}])"
        )
    if len(labels) > max(n_columns, 2):
        return (
            ". If one of these labels says that a row has none, give None or NaN in "
            "its place"
        )
    return ""


def _with_both_classes(answers, n_samples, classes, name):
    """Return the probability of one of two classes as the probabilities of both."""
    values = answers.values.reshape(-1)
    if len(values) != n_samples or (classes is not None and len(classes) != 2):
        _check_shape(answers, n_samples, classes, name)
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values)))
        at = f"row {answers.number_of(row)}"
        raise ValueError(
            f"{name} is not finite in {at}: {values[row]}. Probabilities lie "
            "between 0 and 1"
        )
    if values.min(initial=0) < -_ROUNDING or values.max(initial=0) > 1 + _ROUNDING:
        raise ValueError(
            f"{name} has one number a row, from {values.min():.4g} to "
            f"{values.max():.4g}. It counts as the probability of the second class, "
            "and that lies between 0 and 1. If these are logits, give "
            "scipy.special.expit(logits). If they are labels, give probabilities"
        )
    values = values.clip(0, 1)
    columns = [1.0 - values, values]
    known = classes if answers.classes is None else answers.classes
    if answers.names is not None and known is not None:
        # The name of the column may be that of the first class.
        first = matching_columns(known[:1], answers.names) is not None
        columns = columns[::-1] if first else columns
    return answers._replace(values=np.column_stack(columns), names=None)


def _in_order(answers, classes, name):
    """Return the values with their columns in the order of the classes."""
    names = answers.classes if answers.names is None else answers.names
    if names is None:
        return answers.values
    if len(names) != answers.values.shape[1]:
        raise ValueError(
            f"{name} has {answers.values.shape[1]} columns, and the teacher's classes_ "
            f"are {list(names)!r:.200}"
        )
    if classes is None:
        classes = sorted_labels(names, f"{name}, by the names of its columns,")
    order = matching_columns(classes, names)
    if order is None and answers.names is None and _are_codes(names, classes):
        return answers.values
    if order is None:
        of = "are named" if answers.names is not None else "have the classes_"
        raise ValueError(
            f"the columns of {name.removesuffix(',')} {of} {_listed(names)}, and the "
            f"classes are {_listed(classes)}. Name the columns as the classes, or give "
            "an array with a column for each class in sorted order"
        )
    if (order == np.arange(len(order))).all():
        return answers.values
    return answers.values[:, order]


def _are_codes(names, classes):
    """Tell whether names are the numbers 0, 1, ... in place of labels that are text."""
    return holds_text(classes) and list(names) == list(range(len(classes)))


def _listed(labels):
    """Return labels as a message shows them."""
    return f"{np.asarray(labels, dtype=object).tolist()!r:.200}"


def _check_shape(answers, n_samples, classes, name):
    """Raise unless each row of X has a row and each class a column."""
    values = answers.values
    n_passed = n_samples if answers.n_passed is None else answers.n_passed
    wanted = f"({n_passed}, {'n_classes' if classes is None else len(classes)})"
    if (
        values.ndim != 2
        or values.shape[0] != n_samples
        or (classes is not None and values.shape[1] != len(classes))
    ):
        of = "" if classes is None else f" for the classes {classes.tolist()!r:.100}"
        rows = ""
        if values.ndim and values.shape[0] != n_samples:
            rows = (
                f". It was asked about {n_samples} rows: fit also asks about synthetic "
                'rows. If these answers were made before, give teacher="precomputed" '
                "and pass them to fit as teacher_proba"
            )
        elif classes is not None:
            rows = _advice_on_columns(values.shape[1:], classes)
        are_all = values.shape[:1] == (n_samples,)
        shape = (n_passed, *values.shape[1:]) if are_all else values.shape
        raise ValueError(f"{name} has shape {shape}, not {wanted}{of}{rows}")
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
    if len(np.unique(labels[weights > 0])) < 2:
        return  # Beside labels of one class, a constant is right without merit.
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


def warn_if_labels(teacher_name, probabilities):
    """Warn if answers with one number a row are exactly 0 or 1 in all rows.

    Parameters
    ----------
    teacher_name : str
    probabilities : ndarray of shape (n_samples, 2)
    """
    if np.isin(probabilities, (0, 1)).all():
        warn(
            f"the teacher, {teacher_name}, answers with one number a row, and all are "
            "exactly 0 or 1. They count as probabilities of the second class, and look "
            "like labels. Give predict_proba in place of predict, or leave out the "
            "comparison with a threshold"
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
            '50 rows or more, or "refit". Or soften them: temperature=2 to 5'
        )
