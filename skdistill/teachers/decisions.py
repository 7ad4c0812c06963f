"""Decisions of a teacher: the class that it calls out, which need not be the likeliest.

A model with a threshold of its own calls out the rarer class at a probability of 0.1.
A student learns probabilities, and calls out the most probable class.
"""

from time import perf_counter
from typing import Any

import numpy as np
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.utils import gen_batches

from skdistill.common.sklearn_compat import num_samples, safe_indexing
from skdistill.common.warn import warn
from skdistill.tables.in_memory import in_memory
from skdistill.tables.own_copy import own_copy
from skdistill.teachers.blocks import alone
from skdistill.teachers.label_sets import last_model

# Number of rows on which `fit` compares a teacher's decisions with its probabilities.
_ROWS_TO_COMPARE = 500

# Share of these rows up to which other decisions are not reported, unless the threshold
# of the teacher is known. `SVC` decides by distances, and fits its probabilities apart.
_FEW = 0.01

# If the decided class is less probable than another by no more than this, it is a tie.
_TIE = 1e-6

# Methods that ask their own `predict_proba` and take the most probable class.
_BY_PROBABILITY = (RandomForestClassifier.predict, BaggingClassifier.predict)


def predicted_labels(model: Any, X: Any) -> np.ndarray | None:
    """Return the labels that a model predicts by its own `predict`.

    Parameters
    ----------
    model : estimator or None
    X : table of shape (n_samples, n_features)

    Returns
    -------
    labels : ndarray of shape (n_samples,), or None
        None if the model has no `predict`, or one that returns no label for each row.
        None too if its `predict` is known to take the most probable class. Then it is
        not asked.
    """
    predict = getattr(type(model), "predict", None)
    if predict in _BY_PROBABILITY or not hasattr(model, "predict"):
        return None
    try:
        labels = np.asarray(in_memory(model.predict(X)))
    except NotImplementedError:
        return None
    n_samples = num_samples(X)
    is_column = labels.shape in ((n_samples,), (n_samples, 1))
    return labels.ravel() if is_column else None


def own_decisions(
    teacher: Any, X: Any, n_at_once: int
) -> tuple[np.ndarray | None, str]:
    """Return the labels that a teacher decides for by itself.

    Parameters
    ----------
    teacher : Teacher
        Teacher. Its time grows.
    X : table of shape (n_samples, n_features)
    n_at_once : int
        Number of rows in one call of the teacher.

    Returns
    -------
    labels : ndarray of shape (n_samples,), or None
        None if it decides for the most probable class, or if its decisions cannot be
        had.
    doubt : str
        Reason why its decisions cannot be had, if they cannot.
    """
    started, blocks = perf_counter(), []
    for rows in gen_batches(num_samples(X), n_at_once):
        try:
            with alone(teacher):
                block = own_copy(safe_indexing(X, rows))
                block = predicted_labels(teacher.decider, block)
        except Exception as error:  # A student needs probabilities alone.
            kind = type(error).__name__
            return None, f"its predict raised {kind}: {error!s:.200}"
        if block is None:
            return None, ""
        blocks.append(block.copy())
    teacher.seconds += perf_counter() - started
    return np.concatenate(blocks), ""


def differs_from_most_probable(answers: np.ndarray, decided: np.ndarray) -> np.ndarray:
    """Tell for each row whether another class is more probable than the decided one.

    Parameters
    ----------
    answers : ndarray of shape (n_samples, n_classes)
        Class probabilities.
    decided : ndarray of shape (n_samples,), int
        Column of the decided class.

    Returns
    -------
    differs : ndarray of shape (n_samples,), bool
        False for ties.
    """
    of_decided = answers[np.arange(len(answers)), decided]
    return of_decided < answers.max(axis=1) - _TIE


def warn_if_decides_otherwise(
    teacher: Any, X: Any, answers: np.ndarray, task: Any
) -> bool:
    """Warn if a teacher decides otherwise than by the most probable class.

    Parameters
    ----------
    teacher : Teacher
        Teacher. It is asked about at most 500 of the rows.
    X : table of shape (n_samples, n_features)
        Rows.
    answers : ndarray of shape (n_samples, n_classes)
        Answers of the teacher for these rows.
    task : Task
        Task of the answers.

    Returns
    -------
    contradicts : bool
        Whether it decides otherwise for more than half of the rows, and for several
        classes. This is no matter of a threshold.
    """
    n_rows = min(len(answers), _ROWS_TO_COMPARE)
    rows = np.linspace(0, len(answers) - 1, n_rows).round().astype(np.intp)
    some = answers[rows]
    decided = teacher.decide(safe_indexing(X, rows), some, task)
    warn_of_doubt(teacher)
    different = differs_from_most_probable(some, decided)
    n_different = np.count_nonzero(different)
    has_threshold = own_threshold(teacher.source) is not None
    few = 0 if has_threshold else _FEW * n_rows
    # A threshold moves rows to one class alone.
    n_preferred = len(np.unique(decided[different]))
    contradicts = 2 * n_different > n_rows and n_preferred > 1 and not has_threshold
    told = advice(teacher)
    if contradicts:
        told = (
            "No threshold does this to more than half of the rows and to several "
            "classes, so the probabilities seem to be wrong. Give a teacher whose "
            "probabilities are those of its decisions. For an SVC with "
            "probability=True, it is the same SVC without it"
        )
    if n_different > few:
        warn(
            f"the teacher, {teacher.name}, decides otherwise than by its most probable "
            f"class, for {n_different} of the {n_rows} rows that were compared. The "
            "student learns the teacher's probabilities, and decides by the most "
            f"probable class. {told}"
        )
    return bool(contradicts)


def warn_of_doubt(teacher: Any) -> None:
    """Warn if a teacher, which was asked for its decisions, could not tell them."""
    if teacher.doubt:
        warn(
            f"the teacher, {teacher.name}, has decisions of its own that are not "
            f"known: {teacher.doubt}. In their place its most probable classes count"
        )


def advice(teacher: Any) -> str:
    """Return advice on how a student gets the threshold of its teacher.

    Parameters
    ----------
    teacher : Teacher

    Returns
    -------
    text : str
        Sentences, without the last full stop.
    """
    model = last_model(teacher.decider)
    _, _, *further = (None, None) if teacher.classes is None else teacher.classes
    if further:
        return (
            "Such decisions do not come along. If rare classes matter more, weigh them "
            "by class_weight"
        )
    tuned = 'TunedThresholdClassifierCV(FrozenEstimator(model), cv="prefit", refit='
    tuned += "False).fit(X_new, y_new)"
    threshold = own_threshold(model)
    if threshold is None:
        return (
            "If the teacher has a threshold, it does not come along. Tune one for the "
            f"fitted student, model, on new rows: {tuned}"
        )
    label = getattr(model, "pos_label", None)
    of_label = "" if label is None else f", pos_label={label!r}"
    return (
        f"The teacher's threshold of {threshold:.4g} does not come along. To have it, "
        "wrap the fitted student, model: FixedThresholdClassifier(FrozenEstimator("
        f"model), threshold={threshold:.4g}{of_label}). The student's probabilities "
        "are calibrated, and follow labels too: if the threshold was tuned to those of "
        f"the teacher, tune it anew on new rows: {tuned}"
    )


def own_threshold(model: Any) -> float | None:
    """Return the threshold of a probability above which a model calls out a class.

    Parameters
    ----------
    model : estimator
        Model. `FixedThresholdClassifier` and `TunedThresholdClassifierCV` have a
        threshold.

    Returns
    -------
    threshold : float or None
        Threshold between 0 and 1. None if the model has none, or one of a decision
        function.
    """
    threshold = getattr(model, "best_threshold_", getattr(model, "threshold", None))
    method = getattr(model, "response_method", None)
    if method not in ("auto", "predict_proba") or isinstance(threshold, str):
        return None
    inner = getattr(model, "estimator_", getattr(model, "estimator", None))
    if threshold is None or not hasattr(inner, "predict_proba"):
        return None
    return float(threshold) if 0.0 < threshold < 1.0 else None
