"""Checks of the arguments of a report."""

import numpy as np
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

from skdistill.estimators.classifier import DistilledClassifier


def check_student(student):
    """Raise unless a student can be reported on.

    Parameters
    ----------
    student : DistilledClassifier
    """
    if not isinstance(student, DistilledClassifier):
        raise ValueError(
            f"student is a {type(student).__name__}: a fitted DistilledClassifier is "
            "needed. "
            "Of a search take best_estimator_, of a pipeline its last step, with X as "
            "that step gets it; of others give probabilities to from_predictions"
        )
    check_is_fitted(student)
    if isinstance(student.teacher_, str):
        raise ValueError(
            f"the teacher is {student.teacher_!r}, which cannot be asked about X: give "
            "its probabilities, and the student's, to from_predictions"
        )


def check_labels(y, X, classes):
    """Return labels that are among the classes.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
    X : table of shape (n_samples, n_features)
        What is to have as many rows.
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    y : ndarray of shape (n_samples,)
    """
    y = column_or_1d(y)
    check_consistent_length(X, y)
    if not len(y):
        raise ValueError("y is empty: labelled rows are needed")
    unknown = sorted(set(y.tolist()) - set(classes.tolist()), key=str)
    if unknown:
        raise ValueError(
            f"y holds the label {unknown[0]!r}, which is not among the classes "
            f"{classes.tolist()!r:.200}"
        )
    return y


def check_baseline(baseline, classes):
    """Raise unless it is None, training rows, or a fitted classifier.

    Parameters
    ----------
    baseline : tuple, classifier or None
    classes : ndarray of shape (n_classes,)
        Those of the student, which a classifier has to share.
    """
    if baseline is None:
        return
    if isinstance(baseline, tuple):
        if len(baseline) not in (2, 3):
            raise ValueError(
                f"baseline has {len(baseline)} parts: (X_train, y_train) or (X_train, "
                "y_train, sample_weight)"
            )
        return
    if not hasattr(baseline, "predict_proba"):
        raise ValueError(
            f"baseline is a {type(baseline).__name__}: give (X_train, y_train), on "
            "which the student was fitted, a fitted classifier, or None"
        )
    check_is_fitted(baseline)
    known, wanted = baseline.classes_.tolist(), classes.tolist()
    if known != wanted:
        raise ValueError(
            f"baseline has the classes {known!r:.200}, and the student "
            f"{wanted!r:.200}: they need the same order"
        )


def check_draws(n_bootstraps):
    """Raise unless there can be as many draws.

    Parameters
    ----------
    n_bootstraps : int
    """
    if not isinstance(n_bootstraps, (int, np.integer)) or n_bootstraps < 1:
        raise ValueError(f"n_bootstraps={n_bootstraps!r} is no integer from 1")
