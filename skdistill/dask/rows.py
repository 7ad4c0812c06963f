"""Rows of Dask: frames and arrays, of which each part is asked or scored by itself."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
from dask import delayed
from numpy.typing import DTypeLike, NDArray


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
            f"{name} is a {type(X).__name__}: give a frame or an array of Dask. For "
            "rows in memory there is DistilledClassifier"
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
    dtype: DTypeLike,
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
        Model. It is a part of the graph, so no worker that dies takes it along.
    columns : sequence of str or None
        Names of the values. None if each row has one value.
    dtype : data-type
        Type of the values.

    Returns
    -------
    values : dask DataFrame, Series or Array
        A frame or a series with the index of X if X is a frame. An array otherwise.
    """
    made = partial(_make, function=function, columns=columns, dtype=dtype)
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


def _make(part, model, function, columns, dtype):
    """Return the values of a part in the form of the part."""
    if len(part):
        values = function(part, model)
    else:
        values = np.empty(0 if columns is None else (0, len(columns)), dtype)
    if not isinstance(part, pd.DataFrame):
        return values
    if columns is None:
        return pd.Series(values, index=part.index)
    return pd.DataFrame(values, index=part.index, columns=list(columns))
