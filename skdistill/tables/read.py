"""Raw tables: frames, arrays and lists as columns of numbers and of labels.

NumPy alone is imported: frames of pandas and polars are known by what they
offer, so that this works where neither is installed.
"""

import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

# The greatest number that is read: a quarter of the greatest of single precision,
# so that no difference of two numbers overflows.
GREATEST = float(np.finfo(np.float32).max) / 4

_MISSING_TYPES = {"NoneType", "NAType", "NaTType"}
_DATE_TYPES = (
    datetime.date,
    datetime.time,
    datetime.timedelta,
    np.datetime64,
    np.timedelta64,
)
_SCALAR_TYPES = (str, int, float, np.bool_, np.integer, np.floating, Decimal)
_ACCEPTED = "numbers, text and truth values"


class Column(NamedTuple):
    """A column of a table.

    Attributes
    ----------
    name : str or int
        The representation of its name in a frame, else its number.
    is_category : bool
        Whether it holds labels, not numbers.
    values : ndarray of shape (n_rows,)
        Of numbers: float64 or float32, NaN where missing. Of labels: objects of
        the types str, int, float and bool, None where missing.
    """

    name: str | int
    is_category: bool
    values: np.ndarray


class CodedColumn(NamedTuple):
    """A column of a table, labels as places in a list.

    Attributes
    ----------
    name : str or int
        The representation of its name in a frame, else its number.
    labels : list of str, int, float or bool, or None
        The labels, of which some may be in no row; None for numbers.
    values : ndarray of shape (n_rows,)
        Of numbers: float64 or float32, NaN where missing. Of labels: the place of
        each row's label, int, -1 where missing.
    """

    name: str | int
    labels: list | None
    values: np.ndarray


def read_columns(X: Any) -> list[Column]:
    """Return the columns of a table.

    Parameters
    ----------
    X : DataFrame of pandas or polars, array-like of shape (n_rows, n_features)
        Integers and floats are numbers, and so is a column of objects that holds
        nothing else; an array of bool is one of numbers, 0 and 1. Text, a column
        of bool in a frame and categorical types are labels.

    Returns
    -------
    columns : list of Column
        The values of an array of float64 or float32 are views.

    Raises
    ------
    TypeError
        Where X is sparse.
    ValueError
        Where X is no table, or a column holds infinite numbers, numbers too large
        for single precision, dates, or what is neither number nor label.
    """
    return [_spelt_out(column) for column in read_coded_columns(X)]


def read_coded_columns(X: Any) -> list[CodedColumn]:
    """Return the columns of a table as `read_columns` does, labels as places.

    Parameters
    ----------
    X : DataFrame of pandas or polars, array-like of shape (n_rows, n_features)

    Returns
    -------
    columns : list of CodedColumn
    """
    if is_pandas(X):
        names = [repr(name) for name in X.columns.tolist()]
        columns = [
            _read_pandas(name, X.iloc[:, number]) for number, name in enumerate(names)
        ]
    elif is_polars(X):
        columns = [
            _read_polars(repr(series.name), series) for series in X.get_columns()
        ]
    else:
        array = as_array(X)
        columns = [
            _read_array(number, array[:, number]) for number in range(array.shape[1])
        ]
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

    Returns
    -------
    array : ndarray of shape (n_rows, n_features)
        Of objects where a list holds text.
    """
    if hasattr(X, "toarray"):
        # The type that scikit-learn's own estimators raise.
        raise TypeError("X is sparse: give a dense table, X.toarray()")
    if hasattr(X, "collect_schema"):
        raise ValueError("X is a lazy frame: give X.collect()")
    try:
        array = np.asarray(X)
        if array.dtype.kind not in "biufO" and not hasattr(X, "dtype"):
            # NumPy makes text of the numbers beside text.
            array = np.asarray(X, dtype=object)
    except ValueError as error:
        raise ValueError(
            f"X is no table: its rows need the same number of cells ({error})"
        ) from error
    if array.ndim != 2:
        raise ValueError(
            f"Expected a 2D table, got X with {array.ndim} dimension(s). Reshape your "
            "data: X.reshape(-1, 1) where it is one column, X.reshape(1, -1) where it "
            "is one row"
        )
    return array


def as_table(X: Any) -> Any:
    """Return a frame as it is, and anything else as an array."""
    return X if is_pandas(X) or is_polars(X) else as_array(X)


def check_range(name: str | int, values: np.ndarray) -> None:
    """Raise where a number of a column is beyond what the student computes with.

    Parameters
    ----------
    name : str or int
        The column's name in the message.
    values : ndarray of float
        NaN stands for missing.

    Raises
    ------
    ValueError
        Where a number is infinite or larger than `GREATEST`.
    """
    beyond = np.abs(values) > GREATEST
    if not beyond.any():
        return
    greatest = np.abs(values[beyond]).max()
    if np.isinf(greatest):
        raise ValueError(
            f"column {name} of X holds infinity: give a finite number, or NaN where it "
            "stands for a missing one"
        )
    raise ValueError(
        f"column {name} of X holds a value of size {greatest:.4g}, too large for "
        "float32, in which the student computes: scale it down, or give NaN where it "
        "stands for a missing one"
    )


def to_numbers(name: str | int, values: list) -> np.ndarray:
    """Return numbers and None as float64.

    Parameters
    ----------
    name : str or int
        The column's name in the message of an error.
    values : list of int, float, bool or None

    Returns
    -------
    numbers : ndarray of float64
        NaN in place of None.
    """
    try:
        return np.array([np.nan if v is None else v for v in values], dtype=np.float64)
    except OverflowError as error:
        raise ValueError(
            f"column {name} of X holds an integer too large for float32, in which the "
            "student computes"
        ) from error


def table_like(values: list, X: Any) -> Any:
    """Return a table of new rows like another.

    Parameters
    ----------
    values : list of ndarray of shape (n_rows,)
        The new values of each column, as `read_columns` gives them. Those of
        columns of integers are whole.
    X : DataFrame of pandas or polars, array-like of shape (n_samples, n_features)
        The table to be like.

    Returns
    -------
    table : DataFrame or ndarray
        The container, names and types of X; for a list of lists an array of
        float64 or of objects.
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


def _spelt_out(column):
    """Return a `Column` from a `CodedColumn`."""
    if column.labels is None:
        return Column(column.name, False, column.values)
    # The place -1 is the last one: None.
    return Column(column.name, True, _objects([*column.labels, None])[column.values])


def _objects(values):
    """Return a list as an array of objects, one a cell."""
    array = np.empty(len(values), dtype=object)
    for number, value in enumerate(values):
        array[number] = value
    return array


def _read_pandas(name, series):
    """Read a Series."""
    dtype = series.dtype
    if hasattr(dtype, "categories"):
        labels = _read_labels(name, dtype.categories.tolist())
        return CodedColumn(name, labels, series.cat.codes.to_numpy(np.intp))
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        array = series.to_numpy()
        return _truths(name, array) if dtype.kind == "b" else _read_array(name, array)
    if dtype.kind in "biuf":
        single = dtype.kind == "f" and getattr(dtype, "itemsize", 8) == 4
        numbers = series.to_numpy(
            dtype=np.float32 if single else np.float64, na_value=np.nan
        )
        if dtype.kind == "b":
            return _truths(name, numbers)
        return CodedColumn(name, None, numbers)
    if dtype.kind in "mM":
        raise _date_error(name, dtype)
    if dtype.type is str:
        places, labels = series.factorize()
        return CodedColumn(name, labels.tolist(), places.astype(np.intp, copy=False))
    return _read_objects(name, series.tolist())


def _read_polars(name, series):
    """Read a Series."""
    dtype = series.dtype
    # What has no like in NumPy: Int128 and Decimal.
    if dtype.is_numeric() and not str(dtype).endswith(("128", ")")):
        return _read_array(name, series.to_numpy())
    if dtype.is_temporal():
        raise _date_error(name, dtype)
    return _read_objects(name, series.to_list())


def _read_array(name, array):
    """Read a column of an array."""
    kind = array.dtype.kind
    if kind == "f" and array.dtype.itemsize in (4, 8):
        return CodedColumn(name, None, array)
    if kind in "biuf":
        small = kind == "f" and array.dtype.itemsize < 4
        return CodedColumn(name, None, array.astype(np.float32 if small else float))
    if kind in "mM":
        raise _date_error(name, array.dtype)
    if kind == "c":
        raise _complex_error(name, array.dtype)
    return _read_objects(name, array.tolist())


def _truths(name, numbers):
    """Return a column of truth values, given as 0, 1 and NaN."""
    places = np.where(numbers == numbers, numbers, -1).astype(np.intp)
    return CodedColumn(name, [False, True], places)


def _read_objects(name, values):
    """Read a column of Python objects: of numbers, where it holds nothing else."""
    types = set(map(type, values))
    if not types <= {str, type(None)}:
        for cell_type in types:
            _check_type(name, cell_type)
        values = [None if _is_missing(value) else _scalar(value) for value in values]
        types = set(map(type, values))
    types.discard(type(None))
    if not types or (types != {bool} and str not in types):
        return CodedColumn(name, None, to_numbers(name, values))
    if types == {str}:
        places = _places_of(values)
        labels = list(places)
    else:
        # The type tells 1, 1.0 and True apart, which are equal.
        values = [None if value is None else (type(value), value) for value in values]
        places = _places_of(values)
        labels = [label for _, label in places]
        _check_labels(name, labels)
    found = (places.get(value, -1) for value in values)
    return CodedColumn(name, labels, np.fromiter(found, np.intp, len(values)))


def _places_of(values):
    """Return the place of each distinct value in the order of first appearance."""
    distinct = dict.fromkeys(values)
    distinct.pop(None, None)
    return {value: place for place, value in enumerate(distinct)}


def _read_labels(name, values):
    """Return the categories of a categorical type as Python scalars."""
    for cell_type in set(map(type, values)):
        _check_type(name, cell_type)
    labels = [_scalar(value) for value in values]
    _check_labels(name, labels)
    return labels


def _check_labels(name, labels):
    """Raise where a label is infinite, which a file could not hold."""
    for label in labels:
        if isinstance(label, float) and np.isinf(label):
            raise ValueError(f"column {name} of X holds infinity among its categories")


def _check_type(name, cell_type):
    """Raise where cells of a type are neither numbers nor labels."""
    if cell_type.__name__ in _MISSING_TYPES:
        return
    if issubclass(cell_type, _DATE_TYPES) or cell_type.__name__ == "Period":
        raise _date_error(name, cell_type.__name__)
    if issubclass(cell_type, _SCALAR_TYPES):
        return
    if issubclass(cell_type, (complex, np.complexfloating)):
        raise _complex_error(name, cell_type.__name__)
    if issubclass(cell_type, (bytes, bytearray)):
        raise ValueError(
            f"column {name} of X holds bytes, and the student takes {_ACCEPTED}: "
            "decode them first, for example by .decode()"
        )
    raise ValueError(
        f"column {name} of X holds cells of type {cell_type.__name__}, and the student "
        f"takes {_ACCEPTED}: turn them into such first, for example by str()"
    )


def _complex_error(name, kind):
    """Return the error of a column of complex numbers."""
    return ValueError(
        f"Complex data not supported: column {name} of X holds {kind}, and the student "
        f"takes {_ACCEPTED}"
    )


def _date_error(name, kind):
    """Return the error of a column of dates, times or spans of time."""
    return ValueError(
        f"column {name} of X holds dates or times ({kind}): turn it into numbers "
        "first, for example days since a date, month, weekday"
    )


def _is_missing(value):
    """Tell whether a cell is None, pandas' NA or NaT, or NaN."""
    return type(value).__name__ in _MISSING_TYPES or value != value


def _scalar(value):
    """Return a label as one of Python's own types."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    return int(value) if isinstance(value, (int, np.integer)) else float(value)


def _make_pandas(values, series):
    """Return a Series of new values like another."""
    make, dtype = type(series), series.dtype
    if isinstance(dtype, np.dtype):
        if dtype.kind == "O":
            return make(_with_marker(values, series.tolist()), dtype=object)
        return make(values.astype(dtype))
    if dtype.kind in "iuf" and values.dtype != object:
        # Whole numbers and NaN in one array are no array of integers.
        missing = np.isnan(values)
        filled = make(np.where(missing, 0, values)).astype(dtype)
        return filled.mask(missing) if missing.any() else filled
    if values.dtype != object:
        return make(values).astype(dtype)
    return make(values, dtype=dtype)


def _make_polars(values, series):
    """Return a Series of new values like another."""
    make, dtype = type(series), series.dtype
    if values.dtype == object:
        return make(series.name, values.tolist(), dtype=dtype)
    nan_is_null = not dtype.is_float() or series.null_count() > 0
    return make(series.name, values, nan_to_null=nan_is_null).cast(dtype)


def _make_array(values, array, keeps_dtype):
    """Return an array of new columns like another."""
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
    """Return values as objects, missing ones marked as they are among the cells."""
    marker = next(filter(_is_missing, cells), None)
    return _objects(
        [marker if _is_missing(value) else value for value in values.tolist()]
    )


def table_shape(X: Any) -> tuple[int, int]:
    """Read a table, which checks it, and return numbers of rows and columns."""
    columns = read_coded_columns(X)
    return (columns[0].values.size if columns else 0), len(columns)


def number_table(X: Any) -> np.ndarray:
    """Return a table of numbers as an array of floats."""
    if isinstance(X, np.ndarray) and X.dtype in (np.float32, np.float64):
        return X
    numbers = np.column_stack([column.values for column in read_columns(X)])
    # Truth values of a frame are labels, and numbers here.
    return numbers if numbers.dtype.kind == "f" else numbers.astype(np.float64)


def concatenate(first: Any, second: Any) -> Any:
    """Return the rows of two tables as one like the first.

    Parameters
    ----------
    first, second : table
        Of as many columns, numbers and labels in the same ones.

    Returns
    -------
    table : table

    Raises
    ------
    ValueError
        Where a column holds labels in one and numbers in the other, or the
        second one values that the type of the first has no place for.
    """
    values = []
    labels = _fixed_labels(first)
    columns = zip(read_columns(first), read_columns(second), labels, strict=True)
    for one, other, known in columns:
        if one.is_category != other.is_category:
            kinds = ["labels" if c.is_category else "numbers" for c in (one, other)]
            raise ValueError(
                f"column {one.name} holds {kinds[0]} in one table and {kinds[1]} in "
                "the other"
            )
        if known is not None and not known.issuperset(other.values.tolist()):
            raise _no_place_error(one.name)
        values.append(np.concatenate([one.values, other.values]))
    with np.errstate(invalid="ignore"):
        # What an integer cannot hold becomes another number, which is found.
        table = table_like(values, first)
    for column, wanted in zip(read_columns(table), values, strict=True):
        if not _same_values(column.values, wanted):
            raise _no_place_error(column.name)
    return table


def _fixed_labels(X):
    """Return for each column the labels that its type holds, None among them.

    None stands for a type that holds any.
    """
    if not (is_pandas(X) or is_polars(X)):
        return [None] * X.shape[1]
    found = [getattr(dtype, "categories", None) for dtype in X.dtypes]
    return [{*labels, None} if hasattr(labels, "__len__") else None for labels in found]


def _no_place_error(name):
    """Return the error of a column that cannot take the values of another."""
    return ValueError(
        f"column {name} holds values in one table that its type in the other cannot "
        "hold: give both the same types"
    )


def _same_values(found, wanted):
    """Tell whether values are the same, numbers in single precision."""
    if wanted.dtype == object:
        return found.dtype == object and found.tolist() == wanted.tolist()
    single = np.float32
    return np.array_equal(found.astype(single), wanted.astype(single), equal_nan=True)
