"""Checks that an estimator can be fitted on files."""

from numbers import Integral
from typing import Any

from sklearn.base import clone

from skdistill.common.sklearn_compat import validate_parameters
from skdistill.common.text import counted
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.estimators.label_set_parameters import check_parameters_of_sets
from skdistill.estimators.refused import refuse_parameters
from skdistill.estimators.regressor import DistilledRegressor
from skdistill.inputs.encoder import TabularEncoder
from skdistill.teachers.fingerprint import NoFingerprintError, fingerprint
from skdistill.teachers.label_sets import n_labels_of
from skdistill.teachers.resolve import fits_clones, is_precomputed, is_used_as_given
from skdistill.teachers.teacher import name_of
from skdistill.training.checkpoint import check_checkpoint

# Arguments of `fit_files` that take a teacher's answers, by the kind of the task.
ARGUMENTS = {"classes": "proba", "label_sets": "proba", "numbers": "prediction"}


def kind_of_rows(model: Any, teacher: Any, n_targets: int) -> str:
    """Return the kind of the task that a model learns from rows in parts.

    Parameters
    ----------
    model : DistilledClassifier or DistilledRegressor
    teacher : object
        Teacher of the model. The path of a file tells nothing of the model in it.
    n_targets : int
        Number of the columns that hold labels or numbers.

    Returns
    -------
    kind : {"classes", "label_sets", "numbers"}

    Raises
    ------
    ValueError
        If the teacher answers for another number of labels.
    """
    kind = getattr(model, "task_kind", "classes")
    if kind != "classes":
        return kind
    n_labels = n_labels_of(teacher)
    if n_labels is None:
        return "label_sets" if n_targets > 1 else "classes"
    if n_targets not in (0, n_labels):
        raise ValueError(
            f"the teacher, {name_of(teacher)}, answers for {n_labels} labels, and the "
            f"rows have {counted(n_targets, 'column')} of labels: give a column of "
            "0 and 1 for each label, in the order of the teacher"
        )
    return "label_sets"


def check_labels_are_told(teacher: Any, kind: str, n_labelled: int) -> None:
    """Raise if neither a row nor the teacher tells how many labels sets have.

    Parameters
    ----------
    teacher : object
        Teacher, which a file of it was opened for.
    kind : str
        Kind of the task.
    n_labelled : int
        Number of rows with labels.

    Raises
    ------
    ValueError
    """
    if kind == "label_sets" and not n_labelled and n_labels_of(teacher) is None:
        raise ValueError(
            f"no row has labels, and the teacher, {name_of(teacher)}, does not tell "
            "that it answers label sets: give labels of at least one row"
        )


def stored_answers(kind: str, proba: Any, prediction: Any) -> Any:
    """Return the columns of a teacher's answers, or raise if they are for other tasks.

    Parameters
    ----------
    kind : str
        Kind of the task.
    proba, prediction
        Arguments of `fit_files`.

    Returns
    -------
    columns : str, sequence of str, dict or None

    Raises
    ------
    ValueError
        If numbers are given for classes, or probabilities for numbers.
    """
    right, wrong = (prediction, proba) if kind == "numbers" else (proba, prediction)
    if wrong is not None:
        name = ARGUMENTS[kind]
        other = "prediction" if name == "proba" else "proba"
        raise ValueError(
            f"{other}={wrong!r:.100} was passed, and the model learns "
            f"{kind.replace('_', ' ')}: give {name}"
        )
    return right


def checked_clone(
    model: Any,
    proba: Any,
    checkpoint: Any = None,
    argument: str = "proba",
    kind: str = "classes",
) -> Any:
    """Return a clone of an estimator that can be fitted on files.

    Parameters
    ----------
    model, proba, checkpoint
        Arguments of `fit_files`.
    argument : str, default="proba"
        Name of the argument that holds the probabilities.
    kind : str, default="classes"
        Kind of the task.

    Returns
    -------
    draft : DistilledClassifier or DistilledRegressor

    Raises
    ------
    TypeError
        If the model is neither of the two.
    ValueError
        If a parameter asks for what a stream cannot do.
    """
    if not isinstance(model, DistilledClassifier | DistilledRegressor):
        raise TypeError(
            f"model is {type(model).__name__}: give a DistilledClassifier of a fitted "
            "teacher, or a DistilledRegressor"
        )
    answers = model.targets.answers
    if model.teacher is None:
        raise ValueError("there is no teacher: give one that is fitted")
    if not is_used_as_given(model.teacher):
        raise ValueError(
            f"the teacher, {name_of(model.teacher)}, is not fitted, and it is not "
            "fitted here, because a teacher needs its rows in memory: fit it before on "
            "as many rows as it takes, or give teacher='precomputed', and its "
            f"{answers} as {argument}"
        )
    is_stored = is_precomputed(model.teacher)
    if is_stored and proba is None:
        raise ValueError(
            f"teacher='precomputed' needs the teacher's {answers}: give {argument}"
        )
    if proba is not None and not is_stored:
        raise ValueError(
            f"{argument}={proba!r:.100} was passed, and the teacher is "
            f"{name_of(model.teacher)}: give teacher='precomputed' with {argument}, or "
            f"no {argument}"
        )
    draft = clone(model)
    if checkpoint is not None:
        draft.set_params(checkpoint=checkpoint)
    validate_parameters(draft)
    _check_parameters(draft)
    if kind == "label_sets":
        check_parameters_of_sets(draft)
    check_checkpoint(draft.checkpoint, draft.random_state)
    if draft.checkpoint is not None:
        _check_can_be_told(draft.teacher)
    return draft


def check_max_rows(max_rows):
    """Raise if an argument is neither "auto" nor a number of rows.

    Parameters
    ----------
    max_rows : object
        Argument of `fit_files`.

    Raises
    ------
    ValueError
    """
    if max_rows != "auto" and not (isinstance(max_rows, Integral) and max_rows > 0):
        raise ValueError(
            f"max_rows={max_rows!r:.100} is neither 'auto' nor a number of rows above 0"
        )


def _check_parameters(draft):
    """Raise if a parameter asks for what needs all rows in memory."""
    encoder = draft.encoder
    asked = {
        "early_stopping": (draft.early_stopping, False),
        "warm_start": (draft.warm_start, False),
        "hint_weight": (draft.hint_weight > 0, 0.0),
        "cv": (fits_clones(draft.cv) or draft.cv == "oob", "'auto'"),
        "calibrate_teacher": (draft.calibrate_teacher == "refit", "'auto'"),
        "max_terms": (draft.max_terms is not None, None),
        "encoder": (
            isinstance(encoder, TabularEncoder) and encoder.text is not None,
            "'auto'",
        ),
    }
    refuse_parameters(
        draft,
        {
            name: (is_asked, f"give {name}={instead}")
            for name, (is_asked, instead) in asked.items()
        },
        "{} needs all rows in memory, and they are read in parts",
    )


def _check_can_be_told(teacher):
    """Raise if nobody can tell a teacher from another one, for rows that are kept."""
    try:
        fingerprint(teacher)
    except NoFingerprintError as error:
        raise ValueError(
            "checkpoint keeps the answers of the teacher, and nobody can tell whether "
            f"the teacher, {name_of(teacher)}, is the same in the next call, because "
            f"it cannot be pickled: {error}. Give a teacher that can be pickled, or "
            "checkpoint=None"
        ) from error
