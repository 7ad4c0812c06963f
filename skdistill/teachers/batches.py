"""Batches of rows for a model of another library: form, size, and what is pickled."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from skdistill.common.sklearn_compat import num_samples, safe_indexing
from skdistill.tables.read import is_pandas
from skdistill.teachers.quote import quoted, with_article

# Bytes of input and output in one batch, if no size is given, and the rows of the first
# batch, whose bytes tell how many rows that are.
BYTES_AT_ONCE = 2**24
_FIRST_ROWS = 256


def ask_in_batches(
    X: Any, size: int | None, prepared: Callable, ask: Callable, model: str
) -> np.ndarray:
    """Return what a function of a batch of rows answers, for all rows.

    Parameters
    ----------
    X : table of shape (n_samples, n_features)
        Rows in memory.
    size : int or None
        Number of rows of a batch. None takes as many as have 16 MiB.
    prepared : callable
        Function of rows and of their number, which returns the input for them.
    ask : callable
        Function of an input and of the number of its rows, which returns an array.
    model : str
        Name of the model in errors.

    Returns
    -------
    answers : ndarray of shape (n_samples, ...)

    Raises
    ------
    ValueError
        If the arrays do not fit together.
    """
    n_rows, start = num_samples(X), 0
    parts: list[np.ndarray] = []
    is_free, size = size is None, _FIRST_ROWS if size is None else size
    while start < n_rows or not parts:
        n_block = min(size, n_rows - start)
        rows = slice(start, start + n_block)
        block = X if n_block == n_rows else safe_indexing(X, rows)
        inputs = prepared(block, n_block)
        parts.append(ask(inputs, n_block))
        start += n_block
        if is_free and n_block:
            n_bytes = bytes_of(inputs) + parts[-1].nbytes
            size = max(n_block * BYTES_AT_ONCE // max(n_bytes, 1), 1)
    if len({part.shape[1:] for part in parts}) > 1:
        raise ValueError(
            f"{model} has another number of outputs for some rows than for others"
        )
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def as_floats(X: Any, call: str) -> np.ndarray:
    """Return rows as an array of float32.

    Parameters
    ----------
    X : table of shape (n_samples, n_features)
    call : str
        Call of the adapter up to its argument, for errors.

    Returns
    -------
    rows : ndarray of shape (n_samples, n_features), float32

    Raises
    ------
    ValueError
        If the rows hold text or other cells that are no numbers.
    """
    X = X.toarray() if hasattr(X, "toarray") else X
    X = X.to_numpy() if hasattr(X, "get_columns") else X
    try:
        # Numbers that float32 does not hold become infinite, and so do the outputs.
        with np.errstate(over="ignore"):
            if is_pandas(X):
                X = X.to_numpy(dtype=np.float32, na_value=np.nan)
            return np.ascontiguousarray(X, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{call.partition('(')[0]} cannot make float32 numbers of the rows: "
            f"{quoted(error)}. Give {call}prepare=f), where f(X) returns the input of "
            "the model"
        ) from error


def form_of(inputs: Any) -> str:
    """Return the type and the shape of an input, as messages show it.

    Parameters
    ----------
    inputs : object

    Returns
    -------
    form : str
    """
    if isinstance(inputs, dict):
        inner = ", ".join(f"{name!r}: {form_of(v)}" for name, v in inputs.items())
        return f"{{{inner}}}"
    if isinstance(inputs, tuple):
        return f"({', '.join(map(form_of, inputs))})"
    shape = getattr(inputs, "shape", None)
    if shape is None:
        return with_article(type(inputs).__name__)
    kind = getattr(inputs, "dtype", type(inputs).__name__)
    return f"{str(kind).removeprefix('torch.')} of shape {tuple(shape)}"


def bytes_of(inputs: Any) -> int:
    """Return the number of bytes of an input, as far as its arrays tell it.

    Parameters
    ----------
    inputs : array, tensor, tuple or dict of these

    Returns
    -------
    n_bytes : int
    """
    if isinstance(inputs, dict):
        return sum(map(bytes_of, inputs.values()))
    if isinstance(inputs, (tuple, list)):
        return sum(map(bytes_of, inputs))
    return int(getattr(inputs, "nbytes", 0))


def is_pickled_by_value():
    """Tell whether a pickler is at work that stores functions by their code.

    Returns
    -------
    bool
        True in a call of cloudpickle, as joblib makes it for its processes, and where
        an object is only hashed.
    """
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if "cloudpickle" in name or name == "joblib.hashing":
            return True
        frame = frame.f_back
    return False
