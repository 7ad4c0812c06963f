"""Check that a table holds numbers, before a conversion makes numbers of other cells.

NumPy makes numbers of dates, of text that spells them, of bytes, and of the hidden
values of masked arrays. It drops the imaginary part of complex numbers. Only NumPy is
imported.
"""

from typing import Any

import numpy as np

from skdistill.tables.cells import (
    check_cell_type,
    check_no_fields,
    complex_error,
    date_error,
    is_refused,
)
from skdistill.tables.read import is_pandas, is_polars


def check_numeric(X: Any, names: list[str] | None = None) -> Any:
    """Raise an error if a column of a table holds neither numbers nor truth values.

    Other faults, such as a wrong shape or infinite numbers, are left to later checks.

    Parameters
    ----------
    X : DataFrame of pandas or polars, array-like or sparse matrix
        Table that a student without an encoder gets.
    names : list of str, default=None
        Names of the columns in errors, if X is no frame. None gives their numbers.

    Returns
    -------
    table : table
        X, or the array of numbers that was made of a list.

    Raises
    ------
    ValueError
        If a column holds dates, times, text, bytes or complex numbers, if X is a list
        of texts, or if a masked array hides values.
    """
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X):
        raise ValueError(
            "X is a masked array that hides values, and the student takes numbers "
            "alone: fill them, for example by X.filled(0), or use an encoder, which "
            "takes them as missing"
        )
    if is_pandas(X):
        for number, name in enumerate(X.columns.tolist()):
            series = X.iloc[:, number]
            if _is_open(repr(name), series.dtype, getattr(series.dtype, "kind", "O")):
                _check_cells(repr(name), series.tolist())
    elif is_polars(X):
        for series in X.get_columns():
            kind = "f" if series.dtype.is_numeric() else "O"
            kind = "M" if series.dtype.is_temporal() else kind
            if _is_open(repr(series.name), series.dtype, kind):
                _check_cells(repr(series.name), series.to_list())
    else:
        return _checked_array(X, names)
    return X


def _checked_array(X, names):
    """Check a table that is not a frame. Return it, or the array made of a list."""
    dtype = getattr(X, "dtype", None)
    if dtype is not None and dtype.kind in "biuf":
        return X
    if hasattr(X, "tocsr"):
        _is_open(0, dtype, dtype.kind)
        return X
    check_no_fields(X)
    try:
        array = np.asarray(X)
        if dtype is None and array.dtype.kind in "biuf":
            return array
        if dtype is None:
            # If a list holds numbers and text, NumPy converts the numbers to text.
            array = np.asarray(X, dtype=object)
    except (TypeError, ValueError):
        return X
    if array.ndim < 2:
        _check_no_texts(array)
    if array.ndim == 2 and array.size:
        called = range(array.shape[1]) if names is None else list(map(repr, names))
        if _is_open(called[0], array.dtype, array.dtype.kind):
            for number in range(array.shape[1]):
                _check_cells(called[number], array[:, number].tolist())
    return X


def _check_no_texts(cells):
    """Raise if what should be rows of numbers is one text, or a list of them."""
    text = next((cell for cell in cells.flat if isinstance(cell, str)), None)
    if text is not None:
        raise ValueError(
            f"X holds texts ({str(text)!r:.30}), and the student takes vectorized "
            "rows, which are numbers: give the texts to the whole pipeline of "
            "vectorizer and estimator, or to Student.from_pipeline(pipeline)"
        )


def _is_open(name, dtype, kind):
    """Tell whether cells have to be looked at; raise if their type is refused."""
    if kind in "mM":
        raise date_error(name, dtype)
    if kind == "c":
        raise complex_error(name, dtype)
    return kind not in "biuf"


def _check_cells(name, cells):
    """Raise if a cell is text, or has another type that is no number."""
    for cell_type in set(map(type, cells)):
        if issubclass(cell_type, str):
            text = next(cell for cell in cells if isinstance(cell, str))
            raise ValueError(
                f"column {name} of X holds text ({str(text)!r:.50}), and the student "
                "takes numbers alone: convert the column if it spells numbers. "
                "Otherwise encode it, for example with "
                "sklearn.preprocessing.OneHotEncoder, or use an encoder of the student"
            )
        if is_refused(cell_type):
            check_cell_type(name, cell_type)
