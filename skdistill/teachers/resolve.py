"""Find the teacher that answers, from the object that a user gives as the teacher.

All questions to a teacher go through what `as_teacher` returns.
"""

from contextlib import nullcontext
from typing import Any

from sklearn.base import is_regressor
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skdistill.teachers.default import default_teacher
from skdistill.teachers.experts import kind_of_estimator
from skdistill.teachers.file import model_behind
from skdistill.teachers.function import FunctionTeacher
from skdistill.teachers.label_sets import n_labels_of
from skdistill.teachers.memory import AnswerMemory
from skdistill.teachers.models import is_model, model_teacher
from skdistill.teachers.quantiles import as_one_model
from skdistill.teachers.regressor import RegressorTeacher
from skdistill.teachers.scikit_learn import (
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
    if is_precomputed(given) or is_model(given):
        return False
    return not is_fitted(given) or calibrate_teacher == "refit" or fits_clones(cv)


def needs_no_labels(given: Any, teacher_y: Any = None) -> bool:
    """Tell whether a teacher that is fitted here can do without the labels in y.

    Parameters
    ----------
    given : estimator, callable, "precomputed" or None
    teacher_y : array-like or None, default=None
        Labels or votes of the teacher's own.

    Returns
    -------
    bool
        True if the teacher has labels of its own, or if its tags say that it needs
        none.
    """
    if teacher_y is not None:
        return True
    if is_precomputed(given) or not hasattr(given, "__sklearn_tags__"):
        return False
    while isinstance(given, Pipeline) or hasattr(given, "estimator"):
        # Their own tags do not tell what the model in them needs.
        inner = given.steps[-1][1] if isinstance(given, Pipeline) else given.estimator
        if not hasattr(inner, "__sklearn_tags__"):
            break
        given = inner
    return not get_tags(given).target_tags.required


def learns_from_labels(given: Any, teacher_y: Any = None) -> bool:
    """Tell whether a teacher is fitted here, on the labels in y.

    Parameters
    ----------
    given : estimator, callable, "precomputed" or None
    teacher_y : array-like or None, default=None
        Labels or votes of the teacher's own.

    Returns
    -------
    bool
    """
    return not is_used_as_given(given) and not needs_no_labels(given, teacher_y)


def as_teacher(
    source: Any, *, given: Any = None, fit_params: Any = None, kind: str | None = None
) -> Teacher:
    """Return the teacher behind a fitted model, a function or stored answers.

    Parameters
    ----------
    source : estimator, callable, Path or "precomputed"
        The teacher as it is used.
    given : estimator, callable or None, default=None
        The teacher as the user gave it. None if it is the source.
    fit_params : dict or None, default=None
        Metadata for the `fit` of clones.
    kind : str or None, default=None
        Kind of the task that the teacher answers. With None the source tells it: a
        regressor answers with numbers, a model of several labels with label sets, and
        any other with classes.

    Returns
    -------
    teacher : Teacher
    """
    if not is_precomputed(source):
        source = as_one_model(model_behind(source))
    kind = _kind_of(source) if kind is None else kind
    teacher = _teacher_of(kind, source, given, fit_params)
    teacher.kind = kind
    return teacher


def _teacher_of(kind, source, given, fit_params):
    """Return the teacher behind a source, for a kind of task."""
    if is_precomputed(source):
        return StoredAnswers(source)
    teacher = model_teacher(source, given, fit_params, kind)
    if teacher is not None:
        return teacher
    asked = (
        ("predict",) if kind == "numbers" else ("predict_proba", "decision_function")
    )
    if callable(source) and not any(hasattr(source, name) for name in asked):
        return FunctionTeacher(source, given, fit_params)
    if kind == "numbers":
        return RegressorTeacher(source, given, fit_params)
    return kind_of_estimator(source)(source, given, fit_params)


def _kind_of(source):
    """Return the kind of the task that a fitted model tells."""
    if hasattr(source, "__sklearn_tags__") and is_regressor(source):
        return "numbers"
    return "classes" if n_labels_of(source) is None else "label_sets"


def resolve_teacher(
    given: Any,
    rows: Any,
    random_state: Any = None,
    within: Any = nullcontext,
    memory: AnswerMemory | None = None,
    n_jobs: int | None = None,
    kind: str = "classes",
    levels: tuple[float, ...] | None = None,
) -> Teacher:
    """Return the teacher that answers. If it is given unfitted, fit a clone.

    Parameters
    ----------
    given : estimator, callable, "precomputed" or None
        Parameter `teacher` of the estimator. It is not altered.
    rows : CheckedRows
        Rows of the user. A clone is fitted on their lesson.
    random_state : RandomState or None, default=None
        Source of the seeds of a clone that has no seeds.
    within : callable, default=nullcontext
        Maker of a context in which the clone is fitted. It is called with the clone.
    memory : AnswerMemory or None, default=None
        Memory that keeps the clone and the answers. With None nothing is kept.
    n_jobs : int or None, default=None
        Number of threads in which the teacher is asked.
    kind : str, default="classes"
        Kind of the task that the teacher answers.
    levels : tuple of float or None, default=None
        Levels of the quantiles that the default teacher learns.

    Returns
    -------
    teacher : Teacher
    """
    given = as_one_model(given)
    memory = AnswerMemory() if memory is None else memory
    if is_precomputed(given):
        # Only columns of classes are told apart by their names.
        named = rows if kind == "classes" else None
        teacher: Teacher = StoredAnswers(given, named)
        teacher.kind = kind
    elif is_used_as_given(given):
        teacher = as_teacher(given, fit_params=rows.fit_params, kind=kind)
    else:
        original = default_teacher(kind, levels) if given is None else given
        fitted = fit_teacher(
            original,
            rows.lesson.X,
            rows.lesson.y,
            rows.lesson.fit_params,
            random_state,
            within,
            memory=memory,
            kind=kind,
            is_default=given is None,
        )
        teacher = as_teacher(
            fitted, given=original, fit_params=rows.fit_params, kind=kind
        )
    teacher.memory = memory
    teacher.share(n_jobs)
    return teacher
