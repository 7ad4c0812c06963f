"""What a teacher says of rows that it was not trained on."""

from typing import NamedTuple

import numpy as np
from sklearn.model_selection import check_cv

from skdistill.common.sklearn_compat import check_method_params, safe_indexing
from skdistill.estimators.rows import column_numbers
from skdistill.teachers.out_of_bag import out_of_bag_proba, refit_proba
from skdistill.teachers.scikit_learn import ask_teacher, fit_teacher, is_fitted


class UnseenRows(NamedTuple):
    """Rows that the model which answers for them was not trained on.

    Attributes
    ----------
    rows : ndarray of shape (n_unseen,), int
        Row numbers of X.
    proba : ndarray of shape (n_unseen, n_classes)
    """

    rows: np.ndarray
    proba: np.ndarray


def out_of_fold(teacher, fitted, X, y, classes, cv, fit_params, random_state):
    """Ask for every row a teacher that was not trained on it.

    Parameters
    ----------
    teacher : estimator or None
        Not fitted; a clone is fitted for each fold.
    fitted : estimator
        The teacher, fitted on all rows.
    X : table of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
    classes : ndarray of shape (n_classes,)
    cv : int, splitter, iterable or "oob"
        "oob" takes the members of `fitted` that left a row out.
    fit_params : dict
    random_state : RandomState

    Returns
    -------
    unseen : UnseenRows
        Without rows that no member left out or no fold held out.

    Raises
    ------
    ValueError
        Where cv is "oob" and the teacher has no members that left rows out.
    """
    n_samples = len(y)
    if isinstance(cv, str):
        proba = out_of_bag_proba(fitted, X, y, classes, max_rows=n_samples)
        if proba is None:
            raise ValueError(
                f"cv={cv!r} needs a teacher whose members left out rows, such as a "
                f"random forest with bootstrap=True: {type(fitted).__name__} has none"
            )
        return _finite_rows(proba)
    proba = np.full((n_samples, len(classes)), np.nan)
    for kept, held_out in check_cv(cv, y, classifier=True).split(X, y):
        fold = fit_teacher(
            teacher,
            safe_indexing(X, kept),
            safe_indexing(y, kept),
            check_method_params(X, fit_params, kept),
            random_state,
        )
        known = np.asarray(getattr(fold, "classes_", np.unique(y[kept])))
        answers = ask_teacher(fold, safe_indexing(X, held_out), known)
        proba[held_out] = 0.0
        columns = column_numbers(known, classes)
        proba[held_out[:, np.newaxis], columns] = answers
    return _finite_rows(proba)


def _finite_rows(proba):
    """Return the rows that have an answer."""
    rows = np.flatnonzero(np.isfinite(proba).all(axis=1))
    return UnseenRows(rows, proba[rows])


def unseen_answers(teacher, fitted, X, y, classes, how, fit_params, random_state):
    """Ask for rows that a teacher was not trained on, as far as there are any.

    Parameters
    ----------
    teacher : estimator, callable, "precomputed" or None
        As it was given.
    fitted : estimator or callable
        As it is used.
    X : table of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
    classes : ndarray of shape (n_classes,)
    how : {True, "auto", "refit"}
        "refit" has a clone fitted on a part of the rows in any case, the others
        only where the teacher was fitted here and cannot tell by itself.
    fit_params : dict
    random_state : RandomState

    Returns
    -------
    unseen : UnseenRows or None
    """
    if how != "refit":
        proba = out_of_bag_proba(fitted, X, y, classes, random_state=random_state)
        if proba is not None:
            return _finite_rows(proba)
        if is_fitted(teacher):
            return None
    answer = refit_proba(teacher, X, y, classes, fit_params, random_state)
    return None if answer is None else UnseenRows(answer[1], answer[0])
