"""Write a table that has the container and the types of another table."""

from typing import Any

import numpy as np

from skdistill.tables.cells import is_missing, object_array
from skdistill.tables.read import as_array, is_pandas, is_polars, read_columns


def table_like(values: list, X: Any) -> Any:
    """Return a table of new rows with the container and the types of another table.

    Parameters
    ----------
    values : list of ndarray of shape (n_rows,)
        New values of each column, in the form that `read_columns` returns. The
        values for a column of integers are whole numbers.
    X : DataFrame of pandas or polars, array-like of shape (n_samples, n_features)
        Table to imitate.

    Returns
    -------
    table : DataFrame or ndarray
        Table with the container, names and types of X. If X is a list of lists,
        the table is an array of float64 or of objects.
    """
    if is_pandas(X):
        frame = type(X)(
            {
                number: _make_pandas(column, X.iloc[:, number])
                for number, column in enumerate(values)
            }
        )
        frame.columns = X.columns
        return frame
    if is_polars(X):
        return type(X)(list(map(_make_polars, values, X.get_columns())))
    return _make_array(values, as_array(X), hasattr(X, "dtype"))


def concatenate(first: Any, second: Any) -> Any:
    """Return the rows of two tables as one table like the first.

    Parameters
    ----------
    first, second : table
        Tables with the same number of columns. A column holds numbers in both
        tables, or levels in both. If all its values are missing in one table, it joins
        either. Then its type must hold the values of the other table.

    Returns
    -------
    table : table
        Rows of the first table, then rows of the second, with the types of the
        first.

    Raises
    ------
    ValueError
        If a column holds levels in one table and numbers in the other. Or if the
        type of a column of the first table cannot hold a value of the second.
    """
    values = []
    columns = zip(
        read_columns(first), read_columns(second), _fixed_levels(first), strict=True
    )
    for number, (one, other, allowed) in enumerate(columns):
        if one.is_category and _is_empty(other):
            other = _of_no_levels(other)
        elif other.is_category and _is_empty(one) and _holds_any(first, number):
            one = _of_no_levels(one)
        if one.is_category != other.is_category:
            kinds = ["categories" if c.is_category else "numbers" for c in (one, other)]
            raise ValueError(
                f"column {one.name} holds {kinds[0]} in one table and {kinds[1]} in "
                "the other"
            )
        if allowed is not None and not allowed.issuperset(other.values.tolist()):
            raise _type_error(one.name)
        values.append(np.concatenate([one.values, other.values]))
    with np.errstate(invalid="ignore"):
        # An integer type changes a value that it cannot hold. The comparison below
        # finds the change.
        table = table_like(values, first)
    for column, wanted in zip(read_columns(table), values, strict=True):
        if not _same_values(column.values, wanted):
            raise _type_error(column.name)
    return table


def _is_empty(column):
    """Tell whether a column that is read as numbers holds missing values alone."""
    return not column.is_category and bool(np.isnan(column.values).all())


def _of_no_levels(column):
    """Return a column of missing values as one of levels."""
    values = np.full(column.values.size, None, dtype=object)
    return column._replace(is_category=True, values=values)


def _holds_any(X, number):
    """Tell whether the type of a column, such as that of objects, holds any value."""
    if not (is_pandas(X) or is_polars(X)):
        return as_array(X).dtype.kind == "O"
    return str(list(X.dtypes)[number]) in ("object", "Object", "Null")


def _make_pandas(values, series):
    """Return a Series of new values with the type of another Series."""
    make, dtype = type(series), series.dtype
    if isinstance(dtype, np.dtype):
        if dtype.kind == "O":
            return make(_with_marker(values, series.tolist()), dtype=object)
        return make(values.astype(dtype))
    if dtype.kind in "iuf" and values.dtype != object:
        # An array that holds NaN cannot become an array of integers.
        missing = np.isnan(values)
        filled = make(np.where(missing, 0, values)).astype(dtype)
        return filled.mask(missing) if missing.any() else filled
    if values.dtype != object:
        return make(values).astype(dtype)
    # Each level is converted once. The number of a missing value is -1, the last one.
    numbers, levels = make(values, dtype=object).factorize()
    return make(make([*levels, None], dtype=dtype).array.take(numbers))


def _make_polars(values, series):
    """Return a Series of new values with the type of another Series."""
    make, dtype = type(series), series.dtype
    if values.dtype == object:
        is_open = str(dtype) == "Null"
        return make(series.name, values.tolist(), dtype=None if is_open else dtype)
    nan_is_null = not dtype.is_float() or series.null_count() > 0
    return make(series.name, values, nan_to_null=nan_is_null).cast(dtype)


def _make_array(values, array, keeps_dtype):
    """Return new columns as an array; it has the type of another array if asked."""
    n_rows = values[0].size if values else 0
    if array.dtype == object:
        table = np.empty((n_rows, len(values)), dtype=object)
        for number, column in enumerate(values):
            table[:, number] = _with_marker(column, array[:, number].tolist())
        return table
    dtype = array.dtype if keeps_dtype else np.float64
    table = np.empty((n_rows, len(values)), dtype=dtype)
    for number, column in enumerate(values):
        table[:, number] = column
    return table


def _with_marker(values, cells):
    """Return values as objects, with the mark for missing ones that the cells use."""
    marker = next(filter(is_missing, cells), None)
    return object_array(
        [marker if is_missing(value) else value for value in values.tolist()]
    )


def _fixed_levels(X):
    """Return the values that the type of each column allows: its levels and None.

    The entry of a column is None if its type has no fixed levels.
    """
    if not (is_pandas(X) or is_polars(X)):
        return [None] * X.shape[1]
    found = [getattr(dtype, "categories", None) for dtype in X.dtypes]
    return [{*levels, None} if hasattr(levels, "__len__") else None for levels in found]


def _type_error(name):
    """Return the error for a column whose type cannot hold the values of another."""
    return ValueError(
        f"column {name} holds values in one table that its type in the other table "
        "cannot hold: give both columns the same type"
    )


def _same_values(found, wanted):
    """Tell whether values are the same; numbers are compared in single precision."""
    if wanted.dtype == object:
        return found.dtype == object and found.tolist() == wanted.tolist()
    single = np.float32
    return np.array_equal(found.astype(single), wanted.astype(single), equal_nan=True)
