"""Checks of the probabilities and labels that a display is made of."""

import numpy as np

from skdistill.common.sklearn_compat import num_samples
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
