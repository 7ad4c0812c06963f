"""Rows of Dask: frames and arrays, of which each part is asked or scored by itself."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
from dask import delayed
from numpy.typing import NDArray
from scipy.sparse import issparse


def check_rows(X: Any, name: str = "X") -> Any:
    """Return rows of Dask, of which each part has all columns.

    Parameters
    ----------
    X : dask DataFrame or dask Array of shape (n_samples, n_features)
    name : str, default="X"
        Name of the rows in errors.

    Returns
    -------
    X : dask DataFrame or Array

    Raises
    ------
    TypeError
        If X is neither a frame nor an array of Dask.
    ValueError
        If an array has not two dimensions.
    """
    if isinstance(X, dd.DataFrame):
        return X
    if not isinstance(X, da.Array):
        raise TypeError(
            f"{name} is a {type(X).__name__}: give a frame or an array of Dask. "
            "DistilledClassifier and DistilledRegressor take arguments in memory"
        )
    if X.ndim != 2:
        raise ValueError(
            f"{name} has {X.ndim} dimensions: an array of rows has two, "
            "(n_samples, n_features)"
        )
    return X.rechunk({1: -1})


def map_rows(
    X: Any,
    function: Callable[[Any, Any], NDArray[Any]],
    model: Any,
    columns: Sequence[str] | None,
    examples: NDArray[Any],
) -> Any:
    """Return what a function makes of each part of some rows, lazily.

    Parameters
    ----------
    X : dask DataFrame or Array
        Rows, as `check_rows` returns them.
    function : callable
        Function of a part and of the model, which returns a value or a row of values
        for each row of the part. It is not called for parts without rows.
    model : object
        Model. It is a part of the graph, so it is not lost if a worker dies.
    columns : sequence of str or None
        Names of the values. None if each row has one value.
    examples : ndarray of shape (n_examples,)
        Some values. They tell the type of a column.

    Returns
    -------
    values : dask DataFrame, Series or Array
        A frame or a series with the index of X if X is a frame. An array otherwise.
    """
    dtype = examples.dtype
    made = partial(_make, function=function, columns=columns, examples=examples[:1])
    handed_over = delayed(model, traverse=False)
    if isinstance(X, dd.DataFrame):
        meta = made(X._meta, None)
        return X.map_partitions(made, handed_over, meta=meta)
    if columns is None:
        return X.map_blocks(
            made, handed_over, dtype=dtype, drop_axis=1, meta=np.empty(0, dtype)
        )
    return X.map_blocks(
        made,
        handed_over,
        dtype=dtype,
        chunks=(X.chunks[0], (len(columns),)),
        meta=np.empty((0, 0), dtype),
    )


def _make(part, model, function, columns, examples):
    """Return the values of a part in the form of the part."""
    check_not_sparse(part)
    if len(part):
        values = function(part, model)
    else:  # The type of a column without values is that of an example.
        values = examples if columns is None else np.tile(examples, (1, len(columns)))
    if not isinstance(part, pd.DataFrame):
        return values[: len(part)]
    made = pd.Series(values) if columns is None else pd.DataFrame(values)
    made = made.iloc[: len(part)].set_axis(part.index, axis=0)
    return made if columns is None else made.set_axis(list(columns), axis=1)


def check_not_sparse(part: Any, name: str = "a part of X") -> None:
    """Raise if a part of an array is sparse.

    Parameters
    ----------
    part : object
    name : str, default="a part of X"
        Name of the part in the error.

    Raises
    ------
    TypeError
    """
    if issparse(part):
        raise TypeError(f"{name} is sparse: give arrays of numbers, or frames")
