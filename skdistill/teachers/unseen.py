"""Answers of a teacher for rows that it was not trained on."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import check_cv

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.teachers.clones import FoldClones, fit_clone, thawed
from skdistill.teachers.out_of_bag import out_of_bag_answers
from skdistill.teachers.teacher import Teacher


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
        the user gave is fitted. In the clone, frozen models are fitted again.
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
    n_samples = len(y)
    if isinstance(cv, str):
        lesson = y if teacher_y is None else teacher_y
        answers = out_of_bag_answers(
            teacher.source,
            X,
            lesson,
            task,
            max_rows=n_samples,
            n_jobs=teacher.asked_by,
        )
        if answers is None:
            raise ValueError(
                f"cv={cv!r} needs a teacher with members that left out rows, such as a "
                f"random forest with bootstrap=True: {teacher.name} has no such members"
            )
        return _finite_rows(answers)
    answers = np.full((n_samples, task.n_columns), np.nan)
    given = thawed(teacher.given)
    # Only folds of classes are dealt by the labels.
    splitter = check_cv(cv, y, classifier=task.kind == "classes")
    for kept, held_out in splitter.split(X, y):
        clone, known = fit_clone(
            given, X, y, kept, task, teacher.fit_params, random_state, teacher_y
        )
        clone.share(teacher.n_jobs)
        asked = clone.ask(safe_indexing(X, held_out), known)
        answers[held_out] = task.spread(asked, known)
    return _finite_rows(answers)


def unseen_answers(
    teacher: Teacher,
    X: Any,
    y: Any,
    task: Any,
    how: str,
    random_state: Any,
    weights: Any = None,
    teacher_y: Any = None,
    clones: FoldClones | None = None,
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
    clones : FoldClones or None, default=None
        Clones of the teacher, if the caller asks them more. Otherwise the clone is made
        here.

    Returns
    -------
    unseen : UnseenRows or None
    """
    if how != "refit":
        lesson = y if teacher_y is None else teacher_y
        answers = out_of_bag_answers(
            teacher.source,
            X,
            lesson,
            task,
            random_state=random_state,
            n_jobs=teacher.asked_by,
        )
        if answers is not None:
            return _finite_rows(answers)
        if teacher.was_fitted:
            return None
    if clones is not None:
        return without_first_fold(clones)
    return refit_answers(
        teacher.given,
        X,
        y,
        task,
        teacher.fit_params,
        random_state,
        weights,
        teacher_y,
        teacher.n_jobs,
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
    n_jobs: int | None = None,
) -> UnseenRows | None:
    """Return the answers of a clone of a teacher for rows that it was not fitted on.

    Parameters
    ----------
    given : estimator
        Teacher, fitted or not. It is not altered. In the clone, frozen models are
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
    n_jobs : int or None, default=None
        Number of threads in which the clone is asked.

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
    clones = FoldClones(
        given, X, y, task, fit_params, random_state, weights, teacher_y, n_jobs
    )
    return without_first_fold(clones)


def without_first_fold(clones: FoldClones) -> UnseenRows | None:
    """Return the answers of a clone for the first fold, which it was not fitted on.

    Parameters
    ----------
    clones : FoldClones

    Returns
    -------
    unseen : UnseenRows or None
        None if there can be no clones, or if the clone does not know a class.
    """
    if not clones.are_possible:
        return None
    rows = clones.rows_of(0)
    answers = clones.answers({0}, rows)
    return None if answers is None else UnseenRows(rows, answers)


def _finite_rows(answers):
    """Return the rows that have an answer."""
    rows = np.flatnonzero(np.isfinite(answers).all(axis=1))
    return UnseenRows(rows, answers[rows])
