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
        unchanged. A table with names of columns, such as one of pyarrow, as a frame of
        pandas. A list of masked rows as a masked array. Any other array-like as an
        array, as scikit-learn makes one.

    Raises
    ------
    ValueError
        If a table with names cannot become a frame.
    """
    if isinstance(data, (list, tuple)) and _has_masked_rows(data):
        return np.ma.stack(data)
    if data is None or isinstance(data, (np.ndarray, list, tuple, dict, str, Number)):
        return data
    if hasattr(data, "__dask_graph__"):
        return data.compute()
    if any(hasattr(data, name) for name in ("iloc", "get_columns", "toarray")):
        return data
    names = ("column_names", "columns", "__dataframe__")
    if any(hasattr(data, name) for name in names):
        frame = _as_frame(data)
        if frame is not None:
            return frame
    if hasattr(data, "collect_schema"):
        return data
    if hasattr(data, "__array__") or hasattr(data, "__len__"):
        return np.asarray(data)
    return np.asarray(data) if hasattr(data, "__array_interface__") else data


def _has_masked_rows(rows):
    """Tell whether a row of a list is a masked array."""
    return any(issubclass(kind, np.ma.MaskedArray) for kind in set(map(type, rows)))


def _as_frame(table):
    """Return a table with names as a frame of pandas, or None if it has no way."""
    try:
        if hasattr(table, "to_pandas"):
            return table.to_pandas()
        if hasattr(table, "__dataframe__"):
            from pandas.api.interchange import from_dataframe

            return from_dataframe(table)
    except ImportError as error:
        raise ValueError(
            f"X is a {type(table).__name__}, whose names are read by way of pandas, "
            f"and that cannot be imported ({error}): give a frame of polars, a "
            "dictionary of columns or an array"
        ) from error
    return None
