"""Checks of the probabilities and labels that a display is made of."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdistill.common.checks import column_of
from skdistill.common.sklearn_compat import num_samples
from skdistill.estimators.find import ask_both
from skdistill.estimators.label_names import check_order_of_columns
from skdistill.tasks.probabilities import check_probabilities
from skdistill.teachers.answers import read_answers
from skdistill.teachers.outputs import are_beyond_0_and_1


def check_both(teacher_proba, student_proba, classes, n_samples=None):
    """Check the probabilities of teacher and student.

    Parameters
    ----------
    teacher_proba, student_proba : array-like of shape (n_samples, n_classes)
        Probabilities of teacher and student.
    classes : array-like of shape (n_classes,) or None
        Labels of the columns. None for the names of the columns of a frame, in sorted
        order, or for the numbers of columns without names.
    n_samples : int or None
        Number of rows that there should be. None for the number of rows of the
        teacher.

    Returns
    -------
    teacher_proba, student_proba : ndarray of shape (n_samples, n_classes)
        Probabilities as arrays.
    classes : ndarray of shape (n_classes,)
        Labels of the columns.

    Raises
    ------
    ValueError
        If these are no probabilities, or do not suit each other.
    """
    for name, given in (
        ("teacher_proba", teacher_proba),
        ("student_proba", student_proba),
    ):
        _refuse_numbers(name, read_answers(given, name).values)
    if n_samples is None:
        n_samples = num_samples(teacher_proba)
    if n_samples == 0:
        raise ValueError("teacher_proba has no rows")
    if classes is None:
        names = read_answers(teacher_proba, "teacher_proba").names_of_classes
        teacher_proba = check_probabilities(
            teacher_proba, n_samples, None, "teacher_proba"
        )
        classes = np.arange(teacher_proba.shape[1]) if names is None else sorted(names)
    classes = np.asarray(classes)
    if classes.ndim != 1 or len(np.unique(classes)) != len(classes) or len(classes) < 2:
        raise ValueError(
            f"classes={classes.tolist()!r:.200} is not a list of two or more "
            "different labels, one for each column"
        )
    proba = [
        check_probabilities(given, n_samples, classes, name)
        for given, name in (
            (teacher_proba, "teacher_proba"),
            (student_proba, "student_proba"),
        )
    ]
    return *proba, classes


def _refuse_numbers(name, values):
    """Raise if values beyond 0 and 1 are predicted numbers rather than probabilities.

    Rows that add up to 1 are probabilities with a fault, which a later check names.
    """
    add_up = values.ndim == 2 and np.allclose(values.sum(axis=1), 1.0, atol=0.01)
    if np.isfinite(values).all() and are_beyond_0_and_1(values) and not add_up:
        raise ValueError(
            f"{name} goes from {values.min():.4g} to {values.max():.4g}, and "
            "probabilities lie between 0 and 1. For numbers to predict use "
            "ResidualsDisplay. If these are logits, give scipy.special.softmax(logits, "
            "axis=1), or expit(logits) of one column"
        )


class DrawnClasses(NamedTuple):
    """Probabilities of the classes that a display draws.

    Attributes
    ----------
    teacher_proba, student_proba : ndarray of shape (n_samples, n_classes)
    classes : ndarray of shape (n_classes,)
        Labels of the columns. For one label of label sets, its absence and presence.
    pos_label : label or None
        Class to draw.
    y : array-like of shape (n_samples,) or None
        Labels.
    """

    teacher_proba: NDArray[Any]
    student_proba: NDArray[Any]
    classes: NDArray[Any]
    pos_label: Any
    y: Any


def drawn_classes(
    estimator: Any, X: Any, teacher_X: Any, pos_label: Any, y: Any = None
) -> DrawnClasses:
    """Ask teacher and student for probabilities of classes, or of one label.

    Parameters
    ----------
    estimator : DistilledClassifier, or pipeline that ends in one, or search
        Fitted estimator.
    X : table of shape (n_samples, n_features)
    teacher_X : array-like of n_samples rows or None
        Rows of the teacher, if it reads others than the student.
    pos_label : label or None
        Class to draw. For label sets the name of a label.
    y : array-like of shape (n_samples,) or (n_samples, n_labels), default=None
        Labels, or label sets.

    Returns
    -------
    drawn : DrawnClasses

    Raises
    ------
    ValueError
        If the student answers with label sets, and `pos_label` or y does not suit them.
    """
    teacher, student, model = ask_both(estimator, X, teacher_X)
    output = model.student_.output
    if output.kind == "classes":
        return DrawnClasses(teacher, student, model.classes_, pos_label, y)
    names = output.labels.tolist()
    if pos_label is None:
        raise ValueError(
            f"pos_label=None, and the student answers with label sets: give the label "
            f"to draw, one of {names!r:.200}"
        )
    column = column_of(pos_label, output.labels)
    classes = np.array([f"not {names[column]}", str(names[column])])
    if y is not None:
        model.targets.check_whole(y)
        check_order_of_columns(y, model.task_)
        y = model.targets.to_score(y)
        if y.shape != student.shape:
            raise ValueError(
                f"y has shape {y.shape}, and {student.shape} is needed: 0 or 1 for "
                "each label of each row"
            )
        y = classes[y[:, column]]
    pairs = [
        np.column_stack([1.0 - proba[:, column], proba[:, column]])
        for proba in (teacher, student)
    ]
    return DrawnClasses(pairs[0], pairs[1], classes, classes.tolist()[1], y)
