"""Checks of the arguments of a report."""

import numpy as np
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

from skdistill.common.labels import columns_if_known
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.estimators.find import (
    NotDistilledError,
    check_teacher_answers,
    find_last_step,
)
from skdistill.estimators.label_checks import check_all_labelled


def check_student(student):
    """Raise unless a report can be made of a student.

    Parameters
    ----------
    student : DistilledClassifier
        Student that was given. A pipeline or a search is refused: its rows differ
        from those that the report gives to teacher, student and control.

    Raises
    ------
    ValueError
        If the student is no fitted distilled estimator, or its teacher cannot be
        asked.
    """
    model, _ = find_last_step(student)
    if not isinstance(model, DistilledClassifier):
        raise NotDistilledError(
            f"student is a {type(model).__name__}, not a DistilledClassifier: give a "
            "fitted DistilledClassifier. For other models give the probabilities to "
            "from_predictions"
        )
    check_is_fitted(model, "student_")
    if model is not student:
        raise ValueError(
            f"student is a {type(student).__name__}: give the DistilledClassifier in "
            "it. A search has it as best_estimator_, a pipeline as its last step. "
            "Give X as that step gets it"
        )
    check_teacher_answers(
        model, "give its probabilities, and the student's, to from_predictions"
    )


def check_no_label_missing(y):
    """Raise if a label is missing or hidden; y is an array-like."""
    check_all_labelled(y, "Leave rows without labels out of a report")


def check_labels(y, X, classes):
    """Return the columns of labels. At least one label has to be among the classes.

    No label may be missing.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels.
    X : table of shape (n_samples, n_features)
        Table that needs as many rows.
    classes : ndarray of shape (n_classes,)
        Classes.

    Returns
    -------
    columns : ndarray of shape (n_samples,), int
        Column of each label, -1 for a label that is not among the classes.
    """
    check_no_label_missing(y)
    y = column_or_1d(y)
    check_consistent_length(X, y)
    if not len(y):
        raise ValueError("y is empty: labelled rows are needed")
    return columns_if_known(y, classes, "y")


def check_baseline(baseline, classes):
    """Raise unless a baseline is None, training rows, or a fitted classifier.

    Parameters
    ----------
    baseline : tuple, classifier or None
        Baseline that was given.
    classes : ndarray of shape (n_classes,)
        Classes of the student. A classifier needs the same, in any order.
    """
    if baseline is None:
        return
    if isinstance(baseline, tuple):
        if len(baseline) not in (2, 3):
            raise ValueError(
                f"baseline has {len(baseline)} parts: give (X_train, y_train) or "
                "(X_train, y_train, sample_weight)"
            )
        check_all_labelled(baseline[1], "Leave rows without labels out of baseline")
        return
    if not hasattr(baseline, "predict_proba"):
        raise ValueError(
            f"baseline is a {type(baseline).__name__}: give (X_train, y_train), the "
            "rows that the student was fitted on, or a fitted classifier, or None"
        )
    check_is_fitted(baseline)
    known, wanted = baseline.classes_.tolist(), classes.tolist()
    if set(known) != set(wanted):
        raise ValueError(
            f"baseline has the classes {known!r:.200}, and the student has "
            f"{wanted!r:.200}: give a baseline with the same classes"
        )


def check_draws(n_bootstraps):
    """Raise unless a number of draws is an integer from 1.

    Parameters
    ----------
    n_bootstraps : int
        Number of draws.
    """
    if not isinstance(n_bootstraps, (int, np.integer)) or n_bootstraps < 1:
        raise ValueError(f"n_bootstraps={n_bootstraps!r} is not an integer from 1")
