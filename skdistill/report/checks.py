"""Checks of the arguments of a report."""

import numpy as np
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.validation import check_array, check_is_fitted

from skdistill.common.labels import columns_if_known
from skdistill.estimators.distillation import Distillation
from skdistill.estimators.find import (
    NotDistilledError,
    check_teacher_answers,
    find_last_step,
)
from skdistill.estimators.label_checks import check_all_labelled
from skdistill.estimators.label_set_targets import ClassifierTargets, LabelSetTargets
from skdistill.estimators.number_targets import check_numbers_of_y
from skdistill.estimators.transformed_target import without_transform
from skdistill.tables.in_memory import in_memory
from skdistill.teachers.label_sets import n_labels_of


def named(names):
    """Return names as a list in a sentence.

    Parameters
    ----------
    names : list of str

    Returns
    -------
    text : str
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def check_student(student):
    """Raise unless a report can be made of a student.

    Parameters
    ----------
    student : Distillation
        Student that was given. A pipeline or a search is refused: its rows differ
        from those that the report gives to teacher, student and control.

    Raises
    ------
    ValueError
        If the student is no fitted distilled estimator, or its teacher cannot be
        asked.
    """
    model, _ = find_last_step(student)
    inner, _ = without_transform(model)
    if not isinstance(inner, Distillation):
        raise NotDistilledError(
            f"student is a {type(model).__name__}, not a DistilledClassifier or "
            "DistilledRegressor: give a fitted one. For other models give the "
            "probabilities or numbers to from_predictions"
        )
    check_is_fitted(inner, "student_")
    if model is not student:
        raise ValueError(
            f"student is a {type(student).__name__}: give the {type(model).__name__} "
            "in it. A search has it as best_estimator_, a pipeline as its last step. "
            "Give X as that step gets it"
        )
    check_teacher_answers(
        model,
        f"give its {model.targets.answers}, and the student's, to from_predictions",
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


def check_numbers_of_rows(y, X, n_targets):
    """Return numbers with a column for each target.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
    X : table of shape (n_samples, n_features)
        Table that needs as many rows.
    n_targets : int
        Number of targets.

    Returns
    -------
    numbers : ndarray of shape (n_samples, n_targets), float64

    Raises
    ------
    ValueError
        If y holds anything but finite numbers, or has another shape.
    """
    check_numbers_of_y(y, "Leave rows without numbers out of a report")
    numbers = check_array(
        y, dtype=np.float64, ensure_2d=False, input_name="y", ensure_min_samples=0
    )
    check_consistent_length(X, numbers)
    if not len(numbers):
        raise ValueError("y is empty: rows with numbers are needed")
    columns = numbers.reshape(len(numbers), -1)
    if columns.shape[1] != n_targets:
        wanted = "(n_samples,)" if n_targets == 1 else f"(n_samples, {n_targets})"
        raise ValueError(f"y has shape {numbers.shape}, and {wanted} is needed")
    return columns


def check_label_sets(y, X, n_labels):
    """Return label sets as 0 and 1.

    Parameters
    ----------
    y : array-like or sparse matrix of shape (n_samples, n_labels)
    X : table of shape (n_samples, n_features)
        Table that needs as many rows.
    n_labels : int
        Number of labels.

    Returns
    -------
    truth : ndarray of shape (n_samples, n_labels), int

    Raises
    ------
    ValueError
        If y holds anything but 0 and 1, such as lists of labels, or has another shape.
    """
    ClassifierTargets().of(y)
    shape = np.shape(in_memory(y))
    if len(shape) != 2 or shape[1] != n_labels:
        raise ValueError(
            f"y has shape {shape}, and (n_samples, {n_labels}) is needed: 0 or 1 for "
            "each label of each row"
        )
    check_consistent_length(X, y)
    if not shape[0]:
        raise ValueError("y is empty: labelled rows are needed")
    targets = LabelSetTargets()
    targets.check_whole(y, "Leave rows without labels out of a report")
    return targets.to_score(y)


def check_labels_of_control(model, n_labels):
    """Raise unless a model is a fitted classifier of as many labels.

    Parameters
    ----------
    model : classifier
        Baseline that was given.
    n_labels : int
        Number of labels of the student.
    """
    _check_fitted_classifier(model)
    known = n_labels_of(model)
    if known != n_labels:
        known = "one label for each row" if known is None else f"{known} labels"
        raise ValueError(
            f"baseline is a {type(model).__name__} of {known}, and the student answers "
            f"for {n_labels} labels: give a baseline of the same labels"
        )


def check_baseline(baseline, student, kind):
    """Raise unless a baseline is None, training rows, or a fitted model.

    Parameters
    ----------
    baseline : tuple, estimator or None
        Baseline that was given.
    student : Distillation
        Fitted estimator.
    kind : ReportKind
        Kind of the report, which tells if a model suits the student.
    """
    if baseline is None:
        return
    if isinstance(baseline, tuple):
        if len(baseline) not in (2, 3):
            raise ValueError(
                f"baseline has {len(baseline)} parts: give (X_train, y_train) or "
                "(X_train, y_train, sample_weight)"
            )
        student.targets.check_whole(
            baseline[1], "Leave rows without labels out of baseline"
        )
        return
    kind.check_control(baseline)


def check_classes_of_control(model, classes):
    """Raise unless a model is a fitted classifier of the same classes.

    Parameters
    ----------
    model : classifier
        Baseline that was given.
    classes : ndarray of shape (n_classes,)
        Classes of the student, in any order.
    """
    _check_fitted_classifier(model)
    known, wanted = model.classes_.tolist(), classes.tolist()
    if set(known) != set(wanted):
        raise ValueError(
            f"baseline has the classes {known!r:.200}, and the student has "
            f"{wanted!r:.200}: give a baseline with the same classes"
        )


def _check_fitted_classifier(model):
    """Raise unless a baseline is a fitted classifier."""
    if not hasattr(model, "predict_proba"):
        raise ValueError(
            f"baseline is a {type(model).__name__}: give (X_train, y_train), the "
            "rows that the student was fitted on, or a fitted classifier, or None"
        )
    check_is_fitted(model)


def check_draws(n_bootstraps):
    """Raise unless a number of draws is an integer from 1.

    Parameters
    ----------
    n_bootstraps : int
        Number of draws.
    """
    if not isinstance(n_bootstraps, (int, np.integer)) or n_bootstraps < 1:
        raise ValueError(f"n_bootstraps={n_bootstraps!r} is not an integer from 1")
