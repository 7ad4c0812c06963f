"""Checks of a call of `partial_fit`, before any work."""

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.multiclass import unique_labels

from skdistill.estimators.label_set_parameters import check_parameters_of_sets
from skdistill.estimators.refused import refuse_parameters
from skdistill.tables.in_memory import in_memory
from skdistill.tasks.label_sets import LabelSetting
from skdistill.teachers.file import model_behind
from skdistill.teachers.kinds import check_kind
from skdistill.teachers.label_sets import n_labels_of
from skdistill.teachers.resolve import (
    as_teacher,
    is_automatic,
    is_precomputed,
    is_used_as_given,
)
from skdistill.training.plan import hidden_units
from skdistill.training.views import is_auto


def check_parameters(estimator: Any) -> None:
    """Raise if a parameter of an estimator means nothing in `partial_fit`.

    Parameters
    ----------
    estimator : DistilledClassifier

    Raises
    ------
    ValueError
        If a parameter needs all rows at once.
    """
    cv, share = estimator.cv, estimator.teacher_share
    refused = {
        "early_stopping": (
            estimator.early_stopping,
            "nobody knows which rows come last. Score the student on rows of your own "
            "between the calls, and set early_stopping=False",
        ),
        "hint_weight": (
            estimator.hint_weight > 0,
            "a hint is learned from all rows in one fit. Set hint_weight=0",
        ),
        "max_terms": (
            estimator.max_terms is not None,
            "columns are chosen from all rows in one fit. Set max_terms=None",
        ),
        "class_weight": (
            isinstance(getattr(estimator, "class_weight", None), str),
            "the classes of all rows are not counted yet. Give a dict of factors",
        ),
        "cv": (
            cv is not None and not is_automatic(cv),
            'clones of the teacher need all rows. Set cv="auto"',
        ),
        "teacher_share": (
            not isinstance(share, str) and share != 1,
            'no students of the labels alone take part. Set teacher_share="auto"',
        ),
        "checkpoint": (
            estimator.checkpoint is not None,
            "the estimator itself is the state between two calls. Pickle it, and set "
            "checkpoint=None",
        ),
    }
    refuse_parameters(estimator, refused, "partial_fit does not support {}")


def known_classes(estimator: Any, y: Any, classes: Any) -> Any:
    """Return the classes of all calls, as far as they are known before the first one.

    Parameters
    ----------
    estimator : DistilledClassifier
    y : array-like of n_samples rows, or None
        Argument of `partial_fit`.
    classes : array-like of shape (n_classes,) or None
        Argument of `partial_fit`.

    Returns
    -------
    classes : ndarray of shape (n_classes,) or None
        Labels in sorted order. None if the teacher tells them, and for label sets,
        whose columns do.

    Raises
    ------
    ValueError
        If they are not those of former calls, or if nobody tells them. If label sets
        are learned, and a parameter does not suit them.
    """
    task = vars(estimator).get("task_")
    kind = estimator.kind_of_task(y) if task is None else task.kind
    if kind == LabelSetting.kind:
        check_parameters_of_sets(estimator)
    former = vars(estimator).get("classes_")
    if former is not None:
        if classes is not None and not np.array_equal(former, unique_labels(classes)):
            raise ValueError(
                f"classes={list(classes)!r:.200} are not those of the former call, "
                f"which were {former.tolist()!r:.200}: give the same, or leave them out"
            )
        return former
    if kind == LabelSetting.kind:
        _check_numbers_of_labels(estimator, y, classes)
        return None
    if classes is not None:
        return unique_labels(classes)
    check_kind(estimator.teacher)
    if is_used_as_given(estimator.teacher) and not is_precomputed(estimator.teacher):
        teacher = as_teacher(estimator.teacher)
        if teacher.classes is not None and not teacher.classes_may_be_codes:
            return None
    raise ValueError(
        "classes must be passed on the first call to partial_fit: all labels that any "
        "call will have. Only a fitted teacher with classes_ tells them too"
    )


def _check_numbers_of_labels(estimator, y, classes):
    """Raise if classes are given, and are not the numbers of the labels in sets."""
    if classes is None:
        return
    if y is None:
        n_labels = n_labels_of(model_behind(estimator.teacher))
    else:
        n_labels = np.shape(in_memory(y))[1]
    if np.array_equal(np.unique(np.ravel(classes)), np.arange(n_labels)):
        return
    raise ValueError(
        f"classes={classes!r:.200} do not suit label sets of {n_labels} labels: "
        f"give the numbers of the columns of y, np.arange({n_labels}), or leave "
        "classes out"
    )


def check_loss(estimator: Any) -> None:
    """Raise if an estimator of numbers learned another loss in a former call.

    Parameters
    ----------
    estimator : DistilledRegressor

    Raises
    ------
    ValueError
        If loss, quantiles or `clip` are not those of the former call.
    """
    task = vars(estimator).get("task_")
    if task is None:
        return
    before = {"loss": task.loss.name, "quantile": task.loss.quantiles}
    now = {"loss": estimator.loss, "quantile": estimator.levels_of_teacher}
    before["clip"], now["clip"] = task.clip, estimator.clip
    for name, former in before.items():
        if now[name] != former:
            raise ValueError(
                f"partial_fit needs the {name} of the former call, which was "
                f"{former!r}, and it is now {getattr(estimator, name)!r:.100}: set it "
                "back, or call fit on all rows"
            )


def check_form(estimator: Any, X: Any) -> None:
    """Raise if a student cannot be trained by steps on X, or not go on as it is.

    Parameters
    ----------
    estimator : DistilledClassifier
    X : table of shape (n_samples, n_features)
        Rows in memory.

    Raises
    ------
    ValueError
        If X is sparse and the student has no hidden layers. If a former call made
        another network, or if its teacher reads other rows.
    """
    hidden, is_open = hidden_units(estimator), is_auto(estimator.hidden_layer_sizes)
    student = vars(estimator).get("student_")
    if student is not None:
        former = [int(units) for units in student.layer_units[1:-1]]
        hidden = former if is_open else hidden
        now, before = (hidden, estimator.activation), (former, student.activation)
        if now != before:
            raise ValueError(
                "partial_fit needs the hidden_layer_sizes and the activation of the "
                f"former call. They were {before!r}, and are now {now!r}"
            )
        if estimator.teacher_reads_ == "teacher_X":
            raise ValueError(
                "the teacher of the former fit reads teacher_X, which partial_fit "
                'does not take. Give its answers: teacher="precomputed" and '
                f"{estimator.targets.answers_name}"
            )
    if issparse(X) and (not hidden or (is_open and student is None)):
        given = estimator.hidden_layer_sizes
        raise ValueError(
            f"partial_fit trains by steps, and with hidden_layer_sizes={given!r:.50} a "
            "student of sparse rows is trained to the minimum of its loss on all rows. "
            "Give hidden layers, such as hidden_layer_sizes=(128, 64), or call fit on "
            "all rows"
        )
