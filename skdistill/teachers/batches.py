"""Batches of rows for a model of another library: form, size, and what is pickled."""

import sys
from numbers import Integral
from typing import Any

import numpy as np

from skdistill.tables.read import is_pandas


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
            f"{error}. Give {call}prepare=f), where f(X) returns the input of the model"
        ) from error


def check_batch_size(batch_size: Any, adapter: str) -> None:
    """Raise if the argument `batch_size` of an adapter is no number of rows.

    Parameters
    ----------
    batch_size : object
        Argument of the adapter.
    adapter : str
        Name of the adapter's class.

    Raises
    ------
    ValueError
        If the argument is neither None nor an integer of at least 1.
    """
    is_integer = isinstance(batch_size, Integral) and not isinstance(batch_size, bool)
    if batch_size is not None and not (is_integer and batch_size >= 1):
        raise ValueError(
            f"batch_size={batch_size!r:.50} of {adapter} is no number of rows: give an "
            "integer of at least 1, or None"
        )


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
        return f"a {type(inputs).__name__}"
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
