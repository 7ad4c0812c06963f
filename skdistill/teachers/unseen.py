"""Answers of a teacher for rows that it was not trained on."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone as clone_estimator
from sklearn.base import is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state

from skdistill.common.labels import label_columns
from skdistill.common.sklearn_compat import num_samples, safe_indexing
from skdistill.common.split import deal_folds
from skdistill.teachers.models import is_model
from skdistill.teachers.out_of_bag import out_of_bag_proba
from skdistill.teachers.resolve import as_teacher
from skdistill.teachers.scikit_learn import fit_teacher
from skdistill.teachers.teacher import Teacher, name_of

# With fewer rows, the part to hold out would be too small.
_FEWEST_ROWS = 50

# Labelled rows are dealt to so many folds, with this seed. A clone of the teacher and
# the short trainings hold out the same rows, so they can be compared.
N_FOLDS = 5
FOLD_SEED = 0


class UnseenRows(NamedTuple):
    """Rows with answers of a model that was not trained on them.

    Attributes
    ----------
    rows : ndarray of shape (n_unseen,), int
        Numbers of these rows in X.
    answers : ndarray of shape (n_unseen, n_columns)
        Answers for these rows.
    """

    rows: np.ndarray
    answers: np.ndarray


def out_of_fold(
    teacher: Teacher,
    X: Any,
    y: Any,
    task: Any,
    cv: Any,
    random_state: Any,
    teacher_y: Any = None,
) -> UnseenRows:
    """Return answers for all rows, each from a model that was not trained on the row.

    Parameters
    ----------
    teacher : Teacher
        Teacher that answers for all rows. For each fold, a clone of the teacher that
        the user gave is fitted. In the clone, frozen classifiers are fitted again.
    X : table of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
    task : Task
    cv : int, splitter, iterable or "oob"
        Folds, as scikit-learn takes them. With "oob", the members of the teacher that
        left a row out answer for it.
    random_state : RandomState
    teacher_y : array-like of n_samples rows or None, default=None
        Labels that the clones are fitted on. None for y.

    Returns
    -------
    unseen : UnseenRows
        All rows that a member left out or a fold held out, with their answers.

    Raises
    ------
    ValueError
        If cv is "oob" and the teacher has no members that left rows out.
    """
    n_samples, classes = len(y), task.output.labels
    if isinstance(cv, str):
        lesson = y if teacher_y is None else teacher_y
        proba = out_of_bag_proba(teacher.source, X, lesson, classes, max_rows=n_samples)
        if proba is None:
            raise ValueError(
                f"cv={cv!r} needs a teacher with members that left out rows, such as a "
                f"random forest with bootstrap=True: {teacher.name} has no such members"
            )
        return _finite_rows(proba)
    proba = np.full((n_samples, len(classes)), np.nan)
    given = _thawed(teacher.given)
    for kept, held_out in check_cv(cv, y, classifier=True).split(X, y):
        clone, known = _fit_clone(
            given, X, y, kept, task, teacher.fit_params, random_state, teacher_y
        )
        answers = clone.ask(safe_indexing(X, held_out), known)
        proba[held_out] = task.spread(answers, known)
    return _finite_rows(proba)


def unseen_answers(
    teacher: Teacher,
    X: Any,
    y: Any,
    task: Any,
    how: str,
    random_state: Any,
    weights: Any = None,
    teacher_y: Any = None,
) -> UnseenRows | None:
    """Return answers for rows that a teacher was not trained on, if it has any.

    Parameters
    ----------
    teacher : Teacher
    X : table of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
    task : Task
    how : {"auto", "refit"}
        "refit" always fits a clone on a part of the rows. "auto" asks the members of an
        ensemble first. If there are none, it fits a clone, but only if `fit` also
        fitted the teacher.
    random_state : RandomState
    weights : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows. A clone does not answer for a row with the weight 0.
    teacher_y : array-like of n_samples rows or None, default=None
        Labels that a clone is fitted on. None for y.

    Returns
    -------
    unseen : UnseenRows or None
    """
    if how != "refit":
        classes = task.output.labels
        lesson = y if teacher_y is None else teacher_y
        proba = out_of_bag_proba(
            teacher.source, X, lesson, classes, random_state=random_state
        )
        if proba is not None:
            return _finite_rows(proba)
        if teacher.was_fitted:
            return None
    return refit_answers(
        teacher.given,
        X,
        y,
        task,
        teacher.fit_params,
        random_state,
        weights,
        teacher_y,
    )


def refit_answers(
    given: Any,
    X: Any,
    y: Any,
    task: Any,
    fit_params: dict,
    random_state: Any,
    weights: Any = None,
    teacher_y: Any = None,
) -> UnseenRows | None:
    """Return the answers of a clone of a teacher for rows that it was not fitted on.

    Parameters
    ----------
    given : estimator
        Teacher, fitted or not. It is not altered. In the clone, frozen classifiers are
        fitted again.
    X : table of shape (n_samples, n_features)
        Rows as the user gave them.
    y : array-like of shape (n_samples,)
        Labels.
    task : Task
    fit_params : dict
        Metadata for `fit`. A value with an element for each row is indexed as X is.
    random_state : int, RandomState instance or None
        Source of the seeds of the clone.
    weights : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows. None stands for equal weights. Rows with the weight 0 are
        not held out.
    teacher_y : array-like of n_samples rows or None, default=None
        Labels that the clone is fitted on. None for y.

    Returns
    -------
    unseen : UnseenRows or None
        Held-out rows with their answers. None if the rows with a weight are fewer than
        50, if a class has no such row, if no class has two, or if the clone does not
        know a class.

    Raises
    ------
    ValueError
        If the teacher cannot be cloned and fitted.
    """
    check_refittable(given, "calibrate_teacher", "calibrate_teacher=False")
    classes = task.output.labels
    labels = label_columns(y, classes)
    n_samples = num_samples(X)
    counted = np.arange(n_samples) if weights is None else np.flatnonzero(weights > 0)
    if counted.size < _FEWEST_ROWS or labels is None:
        return None
    counts = np.bincount(labels[counted], minlength=len(classes))
    if counts.min() == 0 or counts.max() == 1:
        return None
    random_state = check_random_state(random_state)
    folds = deal_folds(labels[counted], N_FOLDS, FOLD_SEED)
    held_out = counted[folds == 0]
    kept = np.setdiff1d(np.arange(n_samples), held_out)
    clone, known = _fit_clone(
        _thawed(given), X, y, kept, task, fit_params, random_state, teacher_y
    )
    if not known.covers(task):
        return None
    answers = clone.ask(safe_indexing(X, held_out), known)
    return UnseenRows(held_out, task.spread(answers, known))


def _fit_clone(given, X, y, kept, task, fit_params, random_state, teacher_y):
    """Fit a clone on the kept rows; return it and the task that it answers."""
    lesson = y if teacher_y is None else teacher_y
    clone = fit_teacher(given, X, lesson, fit_params, random_state, rows=kept)
    fitted = as_teacher(clone)
    return fitted, task.answered_by(fitted, safe_indexing(y, kept))


def _finite_rows(proba):
    """Return the rows that have an answer."""
    rows = np.flatnonzero(np.isfinite(proba).all(axis=1))
    return UnseenRows(rows, proba[rows])


def check_refittable(teacher, parameter, remedy):
    """Raise if a teacher cannot be cloned and fitted.

    Parameters
    ----------
    teacher : estimator, callable, "precomputed" or None
    parameter : str
        Parameter that asks for clones.
    remedy : str
        Value of the parameter that asks for none.

    Raises
    ------
    ValueError
        If the teacher is no estimator with `fit` and `get_params`.
    """
    is_estimator = hasattr(teacher, "fit") and hasattr(teacher, "get_params")
    if teacher is None or (is_estimator and not is_model(teacher)):
        return
    if isinstance(teacher, str):
        name = f"the teacher {teacher!r}"
    else:
        name = f"the teacher, {name_of(teacher)},"
    raise ValueError(
        f"{parameter} needs a teacher that can be fitted on a part of the rows: "
        f"{name} cannot be fitted. Set {remedy}"
    )


def _thawed(teacher):
    """Return a clone of a teacher whose `fit` also fits its frozen classifiers."""
    if teacher is None:
        return None
    if isinstance(teacher, FrozenEstimator):
        return _thawed(teacher.estimator)
    teacher = clone_estimator(teacher)
    frozen = {
        name: _thawed(part)
        for name, part in teacher.get_params().items()
        if isinstance(part, FrozenEstimator) and is_classifier(part)
    }
    return teacher.set_params(**frozen)
