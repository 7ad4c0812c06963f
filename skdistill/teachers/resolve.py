"""Find the teacher that answers, from the object that a user gives as the teacher.

All questions to a teacher go through what `as_teacher` returns.
"""

from contextlib import nullcontext
from typing import Any

from skdistill.teachers.function import FunctionTeacher
from skdistill.teachers.scikit_learn import (
    EstimatorTeacher,
    default_teacher,
    fit_teacher,
    is_fitted,
)
from skdistill.teachers.stored import StoredAnswers
from skdistill.teachers.teacher import Teacher

PRECOMPUTED = "precomputed"


def is_precomputed(given: Any) -> bool:
    """Tell whether a user gives a teacher's answers in place of a teacher.

    Parameters
    ----------
    given : estimator, callable, "precomputed" or None

    Returns
    -------
    bool
    """
    return isinstance(given, str) and given == PRECOMPUTED


def is_used_as_given(given: Any) -> bool:
    """Tell whether a teacher needs no fit. The estimator then needs no labels.

    Parameters
    ----------
    given : estimator, callable, "precomputed" or None

    Returns
    -------
    bool
        True for a fitted estimator, a function and stored answers.
    """
    return is_precomputed(given) or is_fitted(given)


def is_automatic(cv: Any) -> bool:
    """Tell whether a parameter `cv` leaves it to `fit` to take folds or none.

    Parameters
    ----------
    cv : int, cross-validation splitter, iterable, "auto", "oob" or None

    Returns
    -------
    bool
    """
    return isinstance(cv, str) and cv == "auto"


def fits_clones(cv: Any) -> bool:
    """Tell whether a parameter `cv` asks for clones, whatever the teacher is.

    Parameters
    ----------
    cv : int, cross-validation splitter, iterable, "auto", "oob" or None

    Returns
    -------
    bool
    """
    return cv is not None and not isinstance(cv, str)


def is_fitted_here(given: Any, calibrate_teacher: Any, cv: Any = None) -> bool:
    """Tell whether `fit` fits the teacher, or a clone of it.

    Parameters
    ----------
    given : estimator, callable, "precomputed" or None
    calibrate_teacher : {"auto", "refit"} or False
        Parameter of the estimator. With "refit", a clone of any teacher is fitted.
    cv : int, cross-validation splitter, iterable, "auto", "oob" or None, default=None
        Parameter of the estimator. With folds, clones of any teacher are fitted.

    Returns
    -------
    bool
    """
    if is_precomputed(given):
        return False
    return not is_fitted(given) or calibrate_teacher == "refit" or fits_clones(cv)


def as_teacher(
    source: Any, *, given: Any = None, fit_params: Any = None, answers: Any = None
) -> Teacher:
    """Return the teacher behind a fitted model, a function or stored answers.

    Parameters
    ----------
    source : estimator, callable or "precomputed"
        The teacher as it is used.
    given : estimator, callable or None, default=None
        The teacher as the user gave it. None if it is the source.
    fit_params : dict or None, default=None
        Metadata for the `fit` of clones.
    answers : array-like of shape (n_samples, n_classes) or None, default=None
        Stored answers, with "precomputed".

    Returns
    -------
    teacher : Teacher
    """
    if is_precomputed(source):
        return StoredAnswers(source, answers)
    asked = ("predict_proba", "decision_function")
    if callable(source) and not any(hasattr(source, name) for name in asked):
        return FunctionTeacher(source, given, fit_params)
    return EstimatorTeacher(source, given, fit_params)


def resolve_teacher(
    given: Any,
    rows: Any,
    *,
    answers: Any = None,
    fit_params: Any = None,
    random_state: Any = None,
    within: Any = nullcontext,
) -> Teacher:
    """Return the teacher that answers. If it is given unfitted, fit a clone.

    Parameters
    ----------
    given : estimator, callable, "precomputed" or None
        Parameter `teacher` of the estimator. It is not altered.
    rows : CheckedRows
        Rows of the user. A clone is fitted on them and their labels.
    answers : array-like of shape (n_samples, n_classes) or None, default=None
        Stored answers, with "precomputed".
    fit_params : dict or None, default=None
        Metadata for the `fit` of a clone.
    random_state : RandomState or None, default=None
        Source of the seeds of a clone that has no seeds.
    within : callable, default=nullcontext
        Maker of a context in which the clone is fitted. It is called with the clone.

    Returns
    -------
    teacher : Teacher
    """
    if is_used_as_given(given):
        return as_teacher(given, fit_params=fit_params, answers=answers)
    fitted = fit_teacher(given, rows.X, rows.y, fit_params or {}, random_state, within)
    original = default_teacher() if given is None else given
    return as_teacher(fitted, given=original, fit_params=fit_params)
