"""The meaning of the numbers with which a model of another library answers.

Such a model says nothing about its outputs, so their values have to tell. This file is
the one home of the rules.
"""

from typing import Any

import numpy as np
from scipy.special import expit, softmax

from skdistill.common.text import counted
from skdistill.common.warn import warn

AUTO = "auto"

# The meanings of outputs, as the argument `output` of an adapter names them.
NUMBERS = "numbers"
MEANINGS = ("logits", "log_proba", "proba", NUMBERS)

# Greatest distance of a row's sum from 1, and of a value from 0 and 1, which the
# rounding of float16 and float32 explains.
_SUM_TOLERANCE = 1e-2
_ROUNDING = 1e-6


def check_output(output: Any, adapter: str) -> None:
    """Raise if the argument `output` of an adapter is none of those known.

    Parameters
    ----------
    output : object
        Argument of the adapter.
    adapter : str
        Name of the adapter's class.

    Raises
    ------
    ValueError
        If the argument is neither "auto" nor one of `MEANINGS`.
    """
    if not isinstance(output, str) or output not in (AUTO, *MEANINGS):
        known = ", ".join(map(repr, (AUTO, *MEANINGS)))
        raise ValueError(
            f"output={output!r:.50} of {adapter} is unknown: give one of {known}"
        )


def check_values(values: Any, n_rows: int, output: str, model: str, call: str) -> Any:
    """Return the outputs of a model as an array, or say what is wrong with them.

    Parameters
    ----------
    values : ndarray
        Outputs of the model.
    n_rows : int
        Number of rows that the model was asked about.
    output : {"auto", "logits", "log_proba", "proba", "numbers"}
        Argument of the adapter.
    model : str
        Name of the model in errors.
    call : str
        Call of the adapter up to its argument, such as ``"TorchTeacher(module, "``.

    Returns
    -------
    values : ndarray of shape (n_rows, n_outputs) or (n_rows,), float32 or float64

    Raises
    ------
    ValueError
        If the shape is wrong, or if the outputs are integers or truth values whose
        meaning was not said.
    """
    values, wanted = np.asarray(values), "logits or probabilities"
    columns = "n_classes"
    if output == NUMBERS:
        wanted, columns = "numbers", "n_targets"
    if values.ndim not in (1, 2) or len(values) != n_rows or values.shape[1:] == (0,):
        raise ValueError(
            f"{model} answered {counted(n_rows, 'row')} with outputs of shape "
            f"{values.shape}, and ({n_rows}, {columns}) is needed: give a model with "
            "a row of outputs for each row"
        )
    if values.dtype.kind not in "biuf":
        raise ValueError(
            f"{model} answered with values of type {values.dtype}, and numbers are "
            f"needed: give a model that returns {wanted}"
        )
    if values.dtype.kind != "f":
        if output == AUTO:
            raise ValueError(
                f"{model} answered with {values.dtype} values, such as "
                f"{values[:1].tolist()}, which look like labels: give a model that "
                f"returns logits or probabilities. If they are logits, give {call}"
                'output="logits")'
            )
        values = values.astype(np.float64)
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float32)
    return values


def check_finite(values: np.ndarray, model: str) -> None:
    """Raise if an output is NaN or infinite.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_outputs) or (n_rows,)
        Outputs for all rows of a question, so that the error counts rows rightly.
    model : str
        Name of the model in errors.

    Raises
    ------
    ValueError
        The message names the first such row.
    """
    finite = np.isfinite(values)
    if not finite.all():
        row = int(np.argmin(finite.reshape(len(values), -1).all(axis=1)))
        raise ValueError(
            f"{model} answered with {values[row].tolist()!r:.100} in row {row}, and "
            "finite numbers are needed. Does this row hold a missing value or a very "
            "large number?"
        )


def decide_kind(values: np.ndarray, output: str, model: str, call: str) -> str:
    """Return what outputs mean, by their values unless the user said it.

    Rows between 0 and 1 that add up to 1 are probabilities. One column between 0 and 1
    is the probability of the second class. Outputs that go beyond 0 and 1 are logits.
    Log-probabilities of several classes count as logits too, and nothing is lost: their
    softmax is the probabilities. One column of logits belongs to the second class.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_outputs) or (n_rows,)
        Checked outputs.
    output : {"auto", "logits", "log_proba", "proba", "numbers"}
        Argument of the adapter. All but "auto" are returned as they are.
    model, call : str
        Names in errors: see `check_values`.

    Returns
    -------
    kind : {"logits", "log_proba", "proba"}

    Raises
    ------
    ValueError
        If the values lie between 0 and 1 and do not add up to 1, or if one is not
        finite.
    """
    if output != AUTO:
        return output
    check_finite(values, model)
    if values.size == 0:
        return "proba"
    if are_beyond_0_and_1(values):
        return "logits"
    if values.ndim == 1 or values.shape[1] == 1:
        return "proba"
    sums = values.sum(axis=1, dtype=np.float64)
    row = int(np.abs(sums - 1.0).argmax())
    if abs(sums[row] - 1.0) <= _SUM_TOLERANCE:
        return "proba"
    raise ValueError(
        f"the outputs of {model} are ambiguous: they lie between 0 and 1 and add up to "
        f"{sums[row]:.4g} in row {row}, {values[row].tolist()!r:.100}. If they are "
        f'logits, give {call}output="logits"). If each is the probability of a class '
        "apart from the others, give a model whose outputs add up to 1"
    )


def are_beyond_0_and_1(values: np.ndarray) -> bool:
    """Tell whether an output is below 0 or above 1, by more than rounding."""
    return bool(
        values.min(initial=0) < -_ROUNDING or values.max(initial=1) > 1 + _ROUNDING
    )


def warn_if_probabilities(values: np.ndarray, model: str, call: str) -> None:
    """Warn if outputs that are said to be logits look like probabilities.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_outputs) or (n_rows,)
        Checked outputs.
    model, call : str
        Names in the warning: see `check_values`.
    """
    if values.ndim == 1 or values.shape[1] == 1 or not values.size:
        return
    sums = values.sum(axis=1, dtype=np.float64)
    is_within = values.min() >= -_ROUNDING and values.max() <= 1 + _ROUNDING
    if is_within and np.abs(sums - 1.0).max() <= _SUM_TOLERANCE:
        warn(
            f'{model} has outputs between 0 and 1 that add up to 1, and output="logits"'
            " makes softmax of them. If they are probabilities already, they become "
            f'far too unsure: give {call}output="proba")'
        )


def wrong_number(
    n_classes: int, known: list, named_by: str | None, model: str, call: str
) -> str:
    """Return the message for outputs that are not as many as the classes.

    Parameters
    ----------
    n_classes : int
        Number of classes that the outputs are for.
    known : list
        Labels of the classes.
    named_by : str or None
        Name of the adapter whose argument `classes` names the labels. None if they are
        those of y.
    model, call : str
        Names in the message: see `check_values`.

    Returns
    -------
    message : str
    """
    if named_by is not None:
        return (
            f"classes of {named_by} names {len(known)} classes, {known!r:.200}, and "
            f"{model} has outputs for {n_classes}: give the label of each output, in "
            "the order of the outputs"
        )
    return (
        f"{model} has outputs for {n_classes} classes, and there are {len(known)}: "
        f"{known!r:.200}. Give a model with an output for each class, or {call}"
        "classes=...) with the label of each output"
    )


def as_probabilities(
    values: np.ndarray, kind: str, model: str, call: str
) -> np.ndarray:
    """Return outputs as probabilities, with as many columns as there were.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_outputs) or (n_rows,)
        Checked outputs.
    kind : {"logits", "log_proba", "proba"}
        Meaning of the outputs.
    model, call : str
        Names in errors: see `check_values`.

    Returns
    -------
    probabilities : ndarray of shape (n_rows, n_outputs) or (n_rows,)
        Probabilities. One column is the probability of the second class.

    Raises
    ------
    ValueError
        If a value is not finite, or if probabilities or log-probabilities are none:
        beyond their range, or without the sum 1.
    """
    check_finite(values, model)
    if kind == "proba":
        return _checked_probabilities(values, values, kind, model, call)
    if kind == "log_proba":
        with np.errstate(over="ignore"):
            proba = np.exp(values)
        return _checked_probabilities(proba, values, kind, model, call)
    values = values.astype(np.float64)
    if values.ndim == 1 or values.shape[1] == 1:
        return expit(values)
    return softmax(values, axis=1)


def _checked_probabilities(proba, values, kind, model, call):
    """Return probabilities without what rounding adds, or raise if they are none."""
    if not values.size:
        return proba
    rows = proba.reshape(len(proba), -1)
    excess = np.maximum(rows.max(axis=1) - 1.0, -rows.min(axis=1))
    row = int(excess.argmax())
    wrong = "a value above 0" if kind == "log_proba" else "a value beyond 0 and 1"
    if excess[row] <= _ROUNDING and rows.shape[1] > 1:
        sums = rows.sum(axis=1, dtype=np.float64)
        row = int(np.abs(sums - 1.0).argmax())
        wrong = f"probabilities that add up to {sums[row]:.4g}"
        excess = np.abs(sums - 1.0) - _SUM_TOLERANCE
    if excess[row] <= _ROUNDING:
        return proba.clip(0.0, 1.0)
    raise ValueError(
        f"{model} answered with {values[row].tolist()!r:.100} in row {row}: output="
        f'"{kind}", as it was given or decided on the first rows, allows no row with '
        f'{wrong}. If these are logits, give {call}output="logits")'
    )
