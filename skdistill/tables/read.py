"""Read raw tables (frames, arrays, lists) as columns of numbers and of levels.

Only NumPy is imported, so that this file works without pandas and polars. A frame
of pandas or polars is recognised by its attributes.
"""

from typing import Any, NamedTuple

import numpy as np

from skdistill.tables.cells import (
    check_cell_type,
    check_is_table,
    check_no_fields,
    check_no_texts,
    complex_error,
    date_error,
    is_missing,
    object_array,
    to_scalar,
    without_mask,
)
from skdistill.tables.in_memory import in_memory
from skdistill.tables.levels import used_levels

# Greatest number that is read. It is a quarter of the greatest number of single
# precision, so that no difference of two numbers overflows.
GREATEST = float(np.finfo(np.float32).max) / 4


class Column(NamedTuple):
    """Column of a table.

    Attributes
    ----------
    name : str or int
        Representation (`repr`) of the name of the column in a frame. In a table
        without names, the number of the column.
    is_category : bool
        Whether the column holds levels and not numbers.
    values : ndarray of shape (n_rows,)
        Values of the rows. Numbers are float64 or float32, and NaN marks a missing
        one. Levels are objects of type str, int, float or bool, and None marks a
        missing one.
    """

    name: str | int
    is_category: bool
    values: np.ndarray


class CodedColumn(NamedTuple):
    """Column of a table, in which the index of a level stands for the level.

    Attributes
    ----------
    name : str or int
        Name as in `Column`.
    labels : list of str, int, float or bool, or None
        Levels of the column; None if it holds numbers. Some levels may be in no
        row.
    values : ndarray of shape (n_rows,)
        Numbers as in `Column`, or the index of the level of each row, int. The
        index of a missing value is -1. So if a list has one entry for each level
        and a last entry for a missing value, these indices select from it.
    """

    name: str | int
    labels: list | None
    values: np.ndarray

    def decode(self) -> Column:
        """Return the column with its levels in place of their indices."""
        if self.labels is None:
            return Column(self.name, False, self.values)
        return Column(self.name, True, object_array([*self.labels, None])[self.values])


def read_columns(X: Any) -> list[Column]:
    """Return the columns of a table.

    Parameters
    ----------
    X : DataFrame of pandas or polars, array-like of shape (n_rows, n_features)
        Table to read. Integers and floats are numbers. A column of objects holds
        numbers if all its cells are numbers. An array of bool holds the numbers 0
        and 1. Text, a column of bool in a frame, and categorical types are levels.

    Returns
    -------
    columns : list of Column
        Columns in their order. The values of an array of float64 or float32 are
        views.

    Raises
    ------
    TypeError
        If X is sparse.
    ValueError
        If X is not a table. Or if a column holds infinite numbers, numbers too large
        for single precision, dates, or cells that are neither numbers nor levels.
    """
    return [column.decode() for column in read_coded_columns(X)]


def read_coded_columns(X: Any, names: list[str] | None = None) -> list[CodedColumn]:
    """Return the columns of a table as `read_columns` does, but levels as indices.

    Parameters
    ----------
    X : DataFrame of pandas or polars, array-like of shape (n_rows, n_features)
        Table to read.
    names : list of str, default=None
        Names of the columns if X is no frame. None names them by their numbers.

    Returns
    -------
    columns : list of CodedColumn
        Columns in their order.
    """
    if is_pandas(X):
        found = map(repr, X.columns.tolist())
        # This loop takes less time than a look-up of each column by place.
        series = (column for _, column in X.items())
        columns = [_read_pandas(*pair) for pair in zip(found, series, strict=True)]
    elif is_polars(X):
        columns = [
            _read_polars(repr(series.name), series) for series in X.get_columns()
        ]
    else:
        array = as_array(X)
        n_columns = array.shape[1]
        called = range(n_columns) if names is None else list(map(repr, names))
        columns = [_read_array(called[n], array[:, n]) for n in range(n_columns)]
    for column in columns:
        if column.labels is None:
            check_range(column.name, column.values)
    return columns


def is_pandas(X: Any) -> bool:
    """Tell whether X is a DataFrame of pandas."""
    return hasattr(X, "iloc") and hasattr(X, "columns")


def is_polars(X: Any) -> bool:
    """Tell whether X is a DataFrame of polars."""
    return hasattr(X, "get_columns")


def as_array(X: Any) -> np.ndarray:
    """Return an array or a list of lists as an array of two dimensions.

    Parameters
    ----------
    X : array-like of shape (n_rows, n_features)
        Table that is not a frame. The hidden values of a masked array are missing.

    Returns
    -------
    array : ndarray of shape (n_rows, n_features)
        Array of objects if a list holds text.

    Raises
    ------
    TypeError
        If X is sparse. Estimators of scikit-learn raise this type too.
    ValueError
        If X is not a table.
    """
    if hasattr(X, "toarray"):
        raise TypeError("X is sparse: give a dense table, X.toarray()")
    if hasattr(X, "collect_schema"):
        raise ValueError("X is a lazy frame: give X.collect()")
    check_no_fields(X)
    try:
        array = np.asarray(without_mask(X))
        if array.dtype.kind not in "biufO" and not hasattr(X, "dtype"):
            # If a list holds numbers and text, NumPy converts the numbers to text.
            array = np.asarray(X, dtype=object)
    except ValueError as error:
        raise ValueError(
            f"X is not a table: its rows need the same number of cells ({error})"
        ) from error
    check_no_texts(array)
    if array.ndim != 2:
        check_is_table(X)
        raise ValueError(
            f"Expected a 2D table, got X with {array.ndim} dimension(s). Reshape your "
            "data: X.reshape(-1, 1) if it is one column, X.reshape(1, -1) if it is one "
            "row"
        )
    return array


def as_table(X: Any) -> Any:
    """Return a frame unchanged, and anything else as an array."""
    X = in_memory(X)
    return X if is_pandas(X) or is_polars(X) else as_array(X)


def table_shape(X: Any) -> tuple[int, int]:
    """Read a table, which checks it, and return numbers of rows and columns."""
    columns = read_coded_columns(X)
    return (columns[0].values.size if columns else 0), len(columns)


def number_table(X: Any) -> np.ndarray:
    """Return a table of numbers as an array of floats."""
    if isinstance(X, np.ndarray) and X.dtype in (np.float32, np.float64):
        return X
    numbers = np.column_stack([column.values for column in read_columns(X)])
    # Truth values of a frame are levels, and become the numbers 0 and 1 here.
    return numbers if numbers.dtype.kind == "f" else numbers.astype(np.float64)


def check_range(name: str | int, values: np.ndarray) -> None:
    """Raise an error if a number is too large for the arithmetic of a student.

    Parameters
    ----------
    name : str or int
        Name of the column for the message.
    values : ndarray of float
        Numbers of the column. NaN marks a missing one.

    Raises
    ------
    ValueError
        If a number is infinite or larger than `GREATEST`.
    """
    beyond = np.abs(values) > GREATEST
    if not beyond.any():
        return
    greatest = np.abs(values[beyond]).max()
    if np.isinf(greatest):
        raise ValueError(
            f"column {name} of X holds infinity: give a finite number, or NaN if the "
            "number is missing"
        )
    raise ValueError(
        f"column {name} of X holds a value of size {greatest:.4g}, too large for "
        f"float32, in which the student adds up numbers of at most {GREATEST:.2g}: "
        "scale it down, or give NaN if the value is missing"
    )


def to_numbers(name: str | int, values: list) -> np.ndarray:
    """Return numbers and None as float64.

    Parameters
    ----------
    name : str or int
        Name of the column for the message of an error.
    values : list of int, float, bool or None
        Numbers; None marks a missing one.

    Returns
    -------
    numbers : ndarray of float64
        Numbers; NaN marks a missing one.

    Raises
    ------
    ValueError
        If an integer is too large for a float.
    """
    try:
        return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    except OverflowError as error:
        raise ValueError(
            f"column {name} of X holds an integer too large for float32, in which the "
            "student computes"
        ) from error


def _read_pandas(name, series):
    """Read a Series of pandas."""
    dtype = series.dtype
    if hasattr(dtype, "categories"):
        codes, categories = series.array.codes.astype(np.intp), dtype.categories
        if len(categories) > codes.size:
            used, codes = used_levels(codes)
            # Up to some dozen look-ups of one level take less time than one of all.
            levels = [categories[place] for place in used.tolist()]
        else:
            levels = categories.tolist()
        return CodedColumn(name, _read_categories(name, levels), codes)
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        array = series.to_numpy()
        return (
            _read_bool(name, array) if dtype.kind == "b" else _read_array(name, array)
        )
    if dtype.kind in "biuf":
        single = dtype.kind == "f" and getattr(dtype, "itemsize", 8) == 4
        numbers = series.to_numpy(
            dtype=np.float32 if single else np.float64, na_value=np.nan
        )
        if dtype.kind == "b":
            return _read_bool(name, numbers)
        return CodedColumn(name, None, numbers)
    if dtype.kind in "mM":
        raise date_error(name, dtype)
    if dtype.type is str:
        indices, levels = series.factorize()
        return CodedColumn(name, levels.tolist(), indices.astype(np.intp, copy=False))
    return _read_objects(name, series.tolist())


def _read_polars(name, series):
    """Read a Series of polars."""
    dtype = series.dtype
    if is_plain_number(dtype):
        return _read_array(name, series.to_numpy())
    if dtype.is_temporal():
        raise date_error(name, dtype)
    return _read_objects(name, series.to_list())


def is_plain_number(dtype):
    """Tell whether a type of polars holds numbers that NumPy has a type for."""
    # NumPy has no type like Int128 and Decimal.
    name = str(dtype)
    return dtype.is_numeric() and "Decimal" not in name and not name.endswith("128")


def _read_array(name, array):
    """Read a column of an array."""
    kind = array.dtype.kind
    if kind == "f" and array.dtype.itemsize in (4, 8):
        return CodedColumn(name, None, array)
    if kind in "biuf":
        small = kind == "f" and array.dtype.itemsize < 4
        return CodedColumn(name, None, array.astype(np.float32 if small else float))
    if kind in "mM":
        raise date_error(name, array.dtype)
    if kind == "c":
        raise complex_error(name, array.dtype)
    return _read_objects(name, array.tolist())


def _read_bool(name, values):
    """Read truth values that are given as 0, 1 and NaN."""
    indices = np.where(values == values, values, -1).astype(np.intp)
    return CodedColumn(name, [False, True], indices)


def _read_objects(name, cells):
    """Read Python objects: as numbers if all cells are numbers, else as levels."""
    types = set(map(type, cells))
    if not types <= {str, type(None)}:
        for cell_type in types:
            check_cell_type(name, cell_type)
        cells = [None if is_missing(cell) else to_scalar(cell) for cell in cells]
        types = set(map(type, cells))
    types.discard(type(None))
    if not types or (types != {bool} and str not in types):
        return CodedColumn(name, None, to_numbers(name, cells))
    if types == {str}:
        index_of = _number_distinct(cells)
        levels = list(index_of)
    else:
        # 1, 1.0 and True are equal. Their types make them three levels.
        cells = [None if cell is None else (type(cell), cell) for cell in cells]
        index_of = _number_distinct(cells)
        levels = [level for _, level in index_of]
        _check_levels(name, levels)
    indices = (index_of.get(cell, -1) for cell in cells)
    return CodedColumn(name, levels, np.fromiter(indices, np.intp, len(cells)))


def _number_distinct(cells):
    """Return a dict of the distinct cells, numbered as they first appear; no None."""
    distinct = dict.fromkeys(cells)
    distinct.pop(None, None)
    return {cell: index for index, cell in enumerate(distinct)}


def _read_categories(name, categories):
    """Return the categories of a categorical type as scalars of Python."""
    for cell_type in set(map(type, categories)):
        check_cell_type(name, cell_type)
    levels = [to_scalar(category) for category in categories]
    _check_levels(name, levels)
    return levels


def _check_levels(name, levels):
    """Raise an error if a level is infinite, which a file could not hold."""
    for level in levels:
        if isinstance(level, float) and np.isinf(level):
            raise ValueError(f"column {name} of X holds infinity among its categories")
