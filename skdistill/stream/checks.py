"""Checks that an estimator can be fitted on files."""

from numbers import Integral
from typing import Any

from sklearn.base import clone

from skdistill.common.sklearn_compat import validate_parameters
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.estimators.refused import refuse_parameters
from skdistill.inputs.encoder import TabularEncoder
from skdistill.teachers.fingerprint import NoFingerprintError, fingerprint
from skdistill.teachers.resolve import fits_clones, is_precomputed, is_used_as_given
from skdistill.teachers.teacher import name_of
from skdistill.training.checkpoint import check_checkpoint


def checked_clone(
    model: Any, proba: Any, checkpoint: Any = None, argument: str = "proba"
) -> DistilledClassifier:
    """Return a clone of an estimator that can be fitted on files.

    Parameters
    ----------
    model, proba, checkpoint
        Arguments of `fit_files`.
    argument : str, default="proba"
        Name of the argument that holds the probabilities.

    Returns
    -------
    draft : DistilledClassifier

    Raises
    ------
    TypeError
        If the model is no DistilledClassifier.
    ValueError
        If a parameter asks for what a stream cannot do.
    """
    if not isinstance(model, DistilledClassifier):
        raise TypeError(
            f"model is {type(model).__name__}: give a DistilledClassifier of a fitted "
            "teacher"
        )
    if model.teacher is None:
        raise ValueError("there is no teacher: give one that is fitted")
    if not is_used_as_given(model.teacher):
        raise ValueError(
            f"the teacher, {name_of(model.teacher)}, is not fitted, and it is not "
            "fitted here, because a teacher needs its rows in memory: fit it before on "
            "as many rows as it takes, or give teacher='precomputed', and its "
            f"probabilities as {argument}"
        )
    is_stored = is_precomputed(model.teacher)
    if is_stored and proba is None:
        raise ValueError(
            f"teacher='precomputed' needs the teacher's probabilities: give {argument}"
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
