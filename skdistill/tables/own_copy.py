"""Copies of rows for code of others, which may alter what it gets.

Teachers and synthesizers get rows through `own_copy`. So neither the rows of the user
nor those of the next question change, whatever a teacher does. Read-only memory would
cost no copy, but many compiled models refuse it.
"""

import copy
from typing import Any

import numpy as np

from skdistill.tables.read import is_polars


def own_copy(X: Any) -> Any:
    """Return a table or a column of the same type in memory of its own.

    Parameters
    ----------
    X : DataFrame or Series of pandas or polars, ndarray, sparse matrix, list or object
        Rows, labels or weights. Cells that are objects are shared.

    Returns
    -------
    copied : object
        Copy, with the same order of its memory.
    """
    if isinstance(X, np.ndarray):
        return X.copy(order="K")
    if isinstance(X, (list, tuple)):
        return type(X)([copy.copy(row) for row in X])
    if is_polars(X):
        return X.clone()
    return X.copy() if hasattr(X, "copy") else copy.copy(X)
