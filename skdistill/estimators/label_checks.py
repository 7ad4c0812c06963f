"""Checks of y that say what to do with a y that holds no labels."""

from contextlib import contextmanager

import numpy as np

from skdistill.common.labels import label_columns
from skdistill.tables.cells import is_missing, object_array, without_mask
from skdistill.tables.in_memory import in_memory

# Advice on a y with gaps, where students are scored.
WHOLE_Y_NEEDED = (
    "Scores and cross-validation need a whole y. Leave out rows without labels, and "
    "give them to fit as X_unlabeled, with their stored answers, if there are any, as "
    "teacher_proba_unlabeled"
)


def check_labels(y):
    """Raise if y holds probabilities, or lacks the labels of some rows.

    scikit-learn's own checks come later. They refuse such a y too, but do not know
    where probabilities and rows without labels belong.

    Parameters
    ----------
    y : array-like of shape (n_samples,)

    Raises
    ------
    ValueError
        If y holds probabilities, dates or times, or if labels are missing or hidden.
    """
    try:
        labels = np.asarray(without_mask(y))
    except ValueError:
        return  # Rows of different lengths, which a later check refuses.
    if labels.ndim == 2 and labels.shape[1] > 1 and are_shares(labels):
        raise ValueError(
            f"y has shape {labels.shape}, and each of its rows adds up to 1: these are "
            'probabilities, not labels. Pass them with teacher="precomputed", as '
            "teacher_proba, and give one label for each row as y, or no y"
        )
    labels = labels.ravel() if labels.ndim == 2 else labels
    if labels.ndim != 1:
        return
    if labels.dtype.kind in "mM":
        raise ValueError(
            f"y holds dates or times ({labels.dtype}), which the file of a student "
            "cannot hold: give text, for example y.astype(str), or numbers"
        )
    if labels.size and missing_labels(labels).size == labels.size:
        raise ValueError(
            f"Input y contains NaN or None alone: none of its {labels.size} rows has a "
            "label. Give labels, or a teacher that needs none: a fitted one, stored "
            "answers, or rules"
        )
    check_all_labelled(
        labels,
        "Pass rows without labels as X_unlabeled, and leave them out of X and y",
    )
    if labels.dtype.kind == "f" and _are_probabilities(labels):
        raise ValueError(
            "y holds numbers between 0 and 1, not labels. If they are probabilities of "
            'the second class, pass them with teacher="precomputed", as '
            "teacher_proba=np.column_stack([1 - y, y]), and labels or nothing as y"
        )


def check_teachable(y):
    """Raise if each class has one row, so that no teacher can learn from y.

    Parameters
    ----------
    y : ndarray of shape (n_samples,)
        Checked labels.

    Raises
    ------
    ValueError
        If there are two classes or more, and no class has two rows.
    """
    n_rows, n_classes = len(y), len(np.unique(y))
    if n_classes == n_rows > 1:
        raise ValueError(
            f"y holds {n_classes} classes in {n_rows} rows, one row for each class: "
            "the teacher that is fitted here needs two rows of at least one class. "
            "Give more labelled rows, or a fitted teacher. If y holds ids or "
            "measured numbers, it is no target of a classifier"
        )


def check_teacher_y(teacher_y):
    """Raise if labels of the teacher's own are missing for some rows.

    Parameters
    ----------
    teacher_y : array-like of n_samples rows
        Labels, or votes. Votes have more than one dimension, and may be missing.

    Raises
    ------
    ValueError
        If there is one label for each row, and some are None or NaN.
    """
    try:
        is_votes = np.ndim(teacher_y) > 1
    except ValueError:
        return  # Lists of different lengths, which only the teacher can check.
    if not is_votes:
        check_all_labelled(
            teacher_y,
            "Pass rows without labels as X_unlabeled, and leave them out of the others",
            "teacher_y",
        )


def check_among_classes(y, classes, fits_teacher=False):
    """Raise if y does not fit the classes that `partial_fit` knows.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or None
        Checked labels.
    classes : ndarray of shape (n_classes,)
        Labels of all rows, of this call and of all others.
    fits_teacher : bool, default=False
        Whether a teacher is fitted on these rows.

    Raises
    ------
    ValueError
        If y holds another label, or if a teacher that is fitted on y would lack one.
    """
    if y is None:
        return
    known = classes.tolist()
    if label_columns(y, classes) is None:
        unknown = [label for label in np.unique(y).tolist() if label not in known]
        raise ValueError(
            f"y holds the label {(unknown or [y[0]])[0]!r}, and classes are "
            f"{known!r:.200}: name all labels of all calls as classes in the first call"
        )
    if fits_teacher:
        missing = classes[~np.isin(classes, y)].tolist()
        if missing:
            raise ValueError(
                "the teacher is fitted on the rows of the first call, and y has no row "
                f"of {missing!r:.200}, which classes name: give rows of each class in "
                "the first call, or a fitted teacher"
            )


@contextmanager
def labels_explained(teacher, y, teacher_y):
    """Return a context that explains an error on labels that a teacher does not know.

    Parameters
    ----------
    teacher : Teacher
    y : ndarray of shape (n_samples,) or None
        Labels of the student.
    teacher_y : array-like of n_samples rows or None
        Labels that the teacher was fitted on, in place of y.
    """
    try:
        yield
    except ValueError as error:
        adapter = getattr(teacher, "adapter", None)
        named = None if y is None else getattr(adapter, "classes", None)
        if named is not None and label_columns(y, np.asarray(named)) is None:
            raise ValueError(
                f"y holds {np.unique(y).tolist()!r:.100}, and classes="
                f"{np.asarray(named).tolist()!r:.100} of {type(adapter).__name__} does "
                "not name all of these: give the label of each output, in the order of "
                "the outputs"
            ) from error
        classes = None if teacher_y is None or y is None else teacher.classes
        if classes is None or label_columns(y, classes) is not None:
            raise
        raise ValueError(
            f"y holds {np.unique(y).tolist()!r:.100}, and the teacher, {teacher.name}, "
            f"which was fitted on teacher_y, knows {classes.tolist()!r:.100}. The "
            "student learns the labels of its teacher: give y in these labels, or "
            "leave y out"
        ) from error


def check_all_labelled(y, advice, name="y"):
    """Raise if labels are missing or hidden.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels.
    advice : str
        Sentence on what to do with rows without a label, without the full stop.
    name : str, default="y"
        Name of the labels in the error.

    Raises
    ------
    ValueError
        If a label is None or NaN, or is hidden in a masked array.
    """
    y = without_mask(in_memory(y))
    missing = missing_labels(y)
    if missing.size:
        have = "has" if missing.size == 1 else "have"
        raise ValueError(
            f"Input {name} contains NaN or None: {missing.size} of {np.size(y)} rows "
            f"{have} no label, the first of them row {missing[0]}. {advice}"
        )


def are_shares(table):
    """Tell whether each row of a table holds shares of 1, some of them between 0 and 1.

    Parameters
    ----------
    table : ndarray of shape (n_rows, n_columns)

    Returns
    -------
    bool
    """
    if table.dtype.kind != "f" or not len(table) or np.isin(table, (0, 1)).all():
        return False
    sums = table.sum(axis=1)
    return bool((table >= 0).all() and np.allclose(sums, 1.0, rtol=0.0, atol=0.01))


def _are_probabilities(numbers):
    """Tell whether numbers lie between 0 and 1, and some of them within."""
    return bool(
        numbers.size
        and ((numbers >= 0) & (numbers <= 1)).all()
        and ((numbers > 0) & (numbers < 1)).any()
    )


def of_one_type(y):
    """Return labels as an array of numbers or texts, if all are of one type.

    Beside a None, labels are objects, which scikit-learn does not take for classes.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, of which none is missing.

    Returns
    -------
    labels : ndarray of shape (n_samples,)
    """
    labels = np.asarray(without_mask(y))
    if labels.dtype != object or any(isinstance(label, str) for label in labels.flat):
        return labels
    return np.array(labels.tolist())


def missing_labels(y):
    """Return the positions of missing labels.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels in memory, without a mask.

    Returns
    -------
    positions : ndarray of shape (n_missing,), int
        Row numbers of the labels that are None, NaN, or NA or NaT of pandas.
    """
    # NumPy would make the text "nan" of a NaN beside other texts.
    is_list = isinstance(y, (list, tuple))
    labels = object_array(y) if is_list else np.asarray(y).ravel()
    if labels.dtype.kind == "f":
        return np.flatnonzero(np.isnan(labels))
    if labels.dtype.kind != "O":
        return np.empty(0, dtype=np.intp)
    cells = labels.tolist()
    if set(map(type, cells)) <= {str, int, bool}:
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero([np.ndim(cell) == 0 and is_missing(cell) for cell in cells])
