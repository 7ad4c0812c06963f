"""What teacher and student say of rows, checked."""

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_is_fitted

from skdistill.common.sklearn_compat import num_samples
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.teachers.scikit_learn import (
    PRECOMPUTED,
    ask_teacher,
    check_probabilities,
)


def final_estimator(estimator):
    """Return the best estimator of a search, and of a pipeline the last step."""
    model = getattr(estimator, "best_estimator_", estimator)
    return model[-1] if isinstance(model, Pipeline) else model


def ask_both(estimator, X):
    """Ask a fitted student and its teacher.

    Parameters
    ----------
    estimator : DistilledClassifier, or pipeline that ends in one, or fitted search
    X : table of shape (n_samples, n_features)

    Returns
    -------
    teacher_proba, student_proba : ndarray of shape (n_samples, n_classes)
    classes : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        Where the estimator is another, or its teacher cannot be asked.
    """
    pipeline = getattr(estimator, "best_estimator_", estimator)
    if isinstance(pipeline, Pipeline) and len(pipeline) > 1:
        X = pipeline[:-1].transform(X)
    model = final_estimator(estimator)
    if not isinstance(model, DistilledClassifier):
        raise ValueError(
            f"estimator is a {type(model).__name__}, not a DistilledClassifier: only "
            "that knows its teacher. Of other models give the probabilities to "
            "from_predictions"
        )
    check_is_fitted(model)
    if isinstance(model.teacher_, str):
        raise ValueError(
            f"the teacher is {PRECOMPUTED!r} and cannot be asked: give its "
            "probabilities of these rows to from_predictions"
        )
    teacher_proba = ask_teacher(model.teacher_, X, model.classes_)
    return teacher_proba, model.predict_proba(X), model.classes_


def check_both(teacher_proba, student_proba, classes, n_samples=None):
    """Check the probabilities of teacher and student.

    Parameters
    ----------
    teacher_proba, student_proba : array-like of shape (n_samples, n_classes)
    classes : array-like of shape (n_classes,) or None
        None: labels are numbers of columns.
    n_samples : int or None
        Rows that there are to be; None, those of the teacher.

    Returns
    -------
    teacher_proba, student_proba : ndarray of shape (n_samples, n_classes)
    classes : ndarray of shape (n_classes,)
    """
    if n_samples is None:
        n_samples = num_samples(teacher_proba)
    if n_samples == 0:
        raise ValueError("teacher_proba has no rows")
    if classes is None:
        teacher_proba = check_probabilities(
            teacher_proba, n_samples, None, "teacher_proba"
        )
        classes = np.arange(teacher_proba.shape[1])
    classes = np.asarray(classes)
    if classes.ndim != 1 or len(np.unique(classes)) != len(classes) or len(classes) < 2:
        raise ValueError(
            f"classes={classes.tolist()!r:.200} is not the different labels of two or "
            "more columns"
        )
    proba = [
        check_probabilities(given, n_samples, classes, name)
        for given, name in (
            (teacher_proba, "teacher_proba"),
            (student_proba, "student_proba"),
        )
    ]
    return *proba, classes


def check_labels(y_true, classes):
    """Return the column of each label.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    columns : ndarray of shape (n_samples,), int
    """
    y_true = column_or_1d(y_true)
    matches = y_true[:, np.newaxis] == classes
    if not np.all(matches.any(axis=1)):
        unknown = y_true[~matches.any(axis=1)].tolist()[0]
        raise ValueError(
            f"y_true holds the label {unknown!r}, which is not among the classes "
            f"{classes.tolist()!r:.200}"
        )
    return matches.argmax(axis=1)


def column_of(pos_label, classes):
    """Return the column of a label."""
    columns = np.flatnonzero(classes == pos_label)
    if columns.size != 1:
        raise ValueError(
            f"pos_label={pos_label!r} is not among the classes "
            f"{classes.tolist()!r:.200}"
        )
    return int(columns[0])
