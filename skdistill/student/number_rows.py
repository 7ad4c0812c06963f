"""The rows of a caller as the numbers that the network of a student takes."""

from typing import Any

import numpy as np
from numpy import ndarray

from skdistill.student.coded_rows import CodedTable, numbers_of_table
from skdistill.student.raw_columns import check_double, number_array
from skdistill.tables.numeric import check_numeric
from skdistill.tables.read import is_pandas
from skdistill.tables.sparse import is_sparse

_FLOAT32 = np.dtype(np.float32)


def number_rows(student: Any, X: Any) -> ndarray:
    """Return what `Student.numbers` describes.

    Parameters
    ----------
    student : Student
    X : array-like of shape (n_samples, n_features)

    Returns
    -------
    numbers : ndarray of shape (n_samples, n_features), float32

    Raises
    ------
    TypeError
        If X is sparse.
    ValueError
        If X has a wrong shape, or holds a value that cannot be converted.
    """
    if isinstance(X, CodedTable):
        X = numbers_of_table(student, X)
        if student.input_code is not None:
            return X
    if type(X) is list and student.input_code is None and student.offsets_ is None:
        X = _array_of_lists(X)
    # A frame takes long to say that it is not sparse.
    if type(X) is not ndarray and not hasattr(X, "columns") and is_sparse(X):
        raise TypeError("X is sparse: give a dense table, X.toarray()")
    given, code, offsets = X, student.input_code, student.offsets_
    if type(X) is not ndarray:
        X = student.in_order(X)
    # Rows that were dictionaries have lost the names, which errors give.
    names = None if X is given else student.names
    if offsets is not None:
        check_double(X, offsets, student.names)
    is_numeric = type(X) is ndarray and X.dtype.kind in "biuf"
    if code is not None and (code.reads_cells or not is_numeric):
        return code.numbers(X, offsets, names)
    try:
        if not is_numeric:
            array = number_array(X) if hasattr(X, "columns") else None
            X = check_numeric(X, names) if array is None else array
        with np.errstate(over="ignore"):
            # A value beyond float32 becomes infinite. A later check reports it.
            if offsets is not None:
                X = check_width(student, np.asarray(X, np.float64)) - offsets
            if type(X) is ndarray and X.dtype is not _FLOAT32:
                rows = X.astype(_FLOAT32, "C")
            else:
                rows = np.require(np.asarray(X), _FLOAT32, ["C", "ALIGNED"])
    except (OverflowError, TypeError, ValueError) as error:
        found = _missing(X) or error
        raise ValueError(f"X is not a table of numbers: {found}") from error
    rows = check_width(student, rows)
    if student.kept_columns is None:
        return rows
    return np.ascontiguousarray(student.kept_columns.select(rows))


def check_width(student: Any, rows: Any) -> Any:
    """Return rows, or raise if their number of columns is not the student's."""
    if rows.ndim != 2 or rows.shape[1] != student.n_features_in_:
        raise ValueError(
            f"X has shape {rows.shape}, but the student takes "
            f"(n_samples, {student.n_features_in_})"
        )
    return rows


def _array_of_lists(rows):
    """Return a list of lists of numbers as an array, and any other list unchanged."""
    if set(map(type, rows)) != {list}:
        return rows
    try:
        array = np.array(rows)
    except (OverflowError, TypeError, ValueError):
        return rows
    return array if array.dtype.kind in "biuf" and array.ndim == 2 else rows


def _missing(X):
    """Return words on the first column of a frame of pandas with missing values."""
    if not is_pandas(X):
        return None
    for name, has_missing in zip(X.columns, X.isna().any(), strict=True):
        if has_missing:
            return (
                f"column {name!r} has missing values, and the student takes none: "
                "fill them, or use an encoder of the student"
            )
    return None
