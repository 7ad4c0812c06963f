"""Data of other libraries as arrays and frames in memory.

Only NumPy is imported. Data of another library is recognised by its attributes.
"""

from numbers import Number
from typing import Any

import numpy as np


def in_memory(data: Any) -> Any:
    """Return data as arrays and frames, which everybody can read and cut.

    Parameters
    ----------
    data : object
        Rows, labels or weights.

    Returns
    -------
    data : object
        Data of dask, computed. Frames, arrays, sparse rows, lists and numbers
        unchanged. Any other array-like as an array, as scikit-learn makes one.
    """
    if data is None or isinstance(data, (np.ndarray, list, tuple, dict, str, Number)):
        return data
    if hasattr(data, "__dask_graph__"):
        return data.compute()
    known = ("iloc", "get_columns", "collect_schema", "toarray")
    if any(hasattr(data, name) for name in known):
        return data
    if hasattr(data, "__array__") or hasattr(data, "__len__"):
        return np.asarray(data)
    return np.asarray(data) if hasattr(data, "__array_interface__") else data
