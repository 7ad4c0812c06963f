"""Columns of a raw table as the numbers that a student takes.

A column may arrive in another type than in fit: numbers as categories, and the
reverse. Only NumPy is imported, so that a student runs on NumPy alone.
"""

import re
from typing import Any, NamedTuple

import numpy as np

from skdistill.tables.read import (
    CodedColumn,
    as_array,
    check_range,
    is_pandas,
    is_plain_number,
    is_polars,
    to_numbers,
)

# Most rows of a frame that is read without a look at the types of its columns.
_FEW_ROWS = 64

# Ways to write a number. Python bounds the digits of an integer that it reads.
_INTEGER = re.compile(r"[+-]?[0-9]{1,400}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def number_array(X: Any) -> np.ndarray | None:
    """Return a table as one array if all its columns are numbers.

    Parameters
    ----------
    X : DataFrame of pandas or polars, array-like of shape (n_rows, n_features)

    Returns
    -------
    array : ndarray of shape (n_rows, n_features), or None
        Array of integers, floats or, unless X is a frame, truth values. None if a
        column holds anything else.
    """
    if is_pandas(X):
        if len(X) > _FEW_ROWS and not _are_plain(X.dtypes):
            return None
        # For few rows, this takes less time than a look at the types.
        with np.errstate(invalid="ignore"):
            array = X.to_numpy()
        if array.dtype.kind == "f":
            return array
        # A categorical column of integers loses its gaps among integers.
        return array if array.dtype.kind in "iu" and _are_plain(X.dtypes) else None
    if is_polars(X):
        # Types are classes, or instances of them. A set of instances takes longer.
        kinds = {kind if isinstance(kind, type) else type(kind) for kind in X.dtypes}
        return X.to_numpy() if all(map(is_plain_number, kinds)) else None
    array = as_array(X)
    return array if array.dtype.kind in "biuf" else None


def _are_plain(dtypes):
    """Tell whether all types of a frame's columns are NumPy's numbers."""
    return all(isinstance(kind, np.dtype) and kind.kind in "iuf" for kind in dtypes)


def check_double(X: Any, offsets: np.ndarray, names: list[str] | None) -> None:
    """Raise if a column with an offset arrives in single or half precision.

    Its values were rounded then, more coarsely than they differ.

    Parameters
    ----------
    X : table of shape (n_rows, n_features)
        Table with its columns in the order of fit.
    offsets : ndarray of shape (n_features,)
    names : list of str or None
        Names of the columns in errors, if X is no frame.

    Raises
    ------
    ValueError
        If such a column holds float32 or float16.
    """
    far = np.flatnonzero(offsets)
    for place in far.tolist():
        kind = _short_type(X, place)
        if kind is not None:
            named = X.columns if hasattr(X, "columns") else names
            name = place if named is None else repr(list(named)[place])
            raise short_error(name, kind, offsets[place])


def short_error(name: str | int, kind: Any, offset: float) -> ValueError:
    """Return the error for a column of a type that is too short for its offset."""
    return ValueError(
        f"column {name} of X is {kind}, which rounds values near "
        f"{offset:.6g} more coarsely than they differ: give it as float64"
    )


def _short_type(X, place):
    """Return the type of a column that is narrower than float64, otherwise None."""
    if is_pandas(X) or is_polars(X):
        if not place < len(X.columns):
            return None
        column = X.iloc[:, place] if is_pandas(X) else X.get_columns()[place]
        dtype = getattr(column.dtype, "categories", column.dtype)
        name = str(getattr(dtype, "dtype", dtype))
        if name.lower().startswith(("float32", "float16", "float[", "halffloat")):
            return name
        cells = column if name == "object" else ()
    elif isinstance(X, np.ndarray):
        if X.dtype.kind == "f" and X.dtype.itemsize < 8:
            return X.dtype
        cells = X[:, place].flat if X.dtype == object and X.ndim == 2 else ()
    elif isinstance(X, list | tuple):
        cells = (row[place] for row in X if np.ndim(row) == 1 and len(row) > place)
    else:
        return None
    short = (np.float32, np.float16)
    return next((type(v).__name__ for v in cells if isinstance(v, short)), None)


def plain_numbers(column: CodedColumn):
    """Return a column of numbers, even if they arrive as levels.

    Parameters
    ----------
    column : CodedColumn
        Column of a feature that held numbers in fit.

    Returns
    -------
    numbers : ndarray of shape (n_rows,)
        Numbers; NaN marks a missing one.

    Raises
    ------
    ValueError
        If the column holds text, or a number that is too large.
    """
    if column.labels is None:
        return column.values
    used = np.zeros(len(column.labels), dtype=bool)
    used[column.values[column.values >= 0]] = True
    # A level that no row has does no harm, even if it is text.
    levels = [
        level if is_used else None
        for level, is_used in zip(column.labels, used, strict=True)
    ]
    for level in levels:
        if isinstance(level, str):
            raise ValueError(
                f"column {column.name} of X holds text ({level!r:.50}), but held "
                "numbers in fit: convert it to numbers first, for example by float()"
            )
    numbers = to_numbers(column.name, [*levels, None])
    check_range(column.name, numbers)
    return numbers[column.values]


class Levels(NamedTuple):
    """Levels of a column that a student tells apart.

    Attributes
    ----------
    index_of : dict
        Index of each of the L levels.
    are_text : bool
        Whether all levels are text.
    hold_text : bool
        Whether a level is text, or there are none.
    """

    index_of: dict
    are_text: bool
    hold_text: bool

    @classmethod
    def of(cls, levels: list):
        """Return levels from a list, in the order of their indices."""
        is_text = [isinstance(level, str) for level in levels]
        index_of = {level: index for index, level in enumerate(levels)}
        return cls(index_of, all(is_text), any(is_text) or not levels)

    def indices(self, column: CodedColumn):
        """Return the index of the level of each row, in whatever form it arrives.

        A text that writes a number or a truth value stands for that value, if the value
        is a level and the text itself is none.

        Parameters
        ----------
        column : CodedColumn
            Column of a feature that held levels in fit.

        Returns
        -------
        indices : ndarray of shape (n_rows,), float32
            Index of the level; L if the level is not known, L + 1 if the value is
            missing.

        Raises
        ------
        ValueError
            If the column holds a number or a truth value and all levels are text. Or if
            no level is text, and the column holds only text, some of which writes no
            number.
        """
        labels, values = column.labels, column.values
        if labels is None:
            labels, values = _distinct(values)
        if self.are_text:
            _check_text(column.name, labels, values)
        elif not self.hold_text:
            labels = _written_levels(column) if column.labels is not None else labels
        else:
            labels = self.as_levels(labels)
        rare = len(self.index_of)
        indices = [self.index_of.get(label, rare) for label in labels]
        return np.array([*indices, rare + 1], dtype=np.float32)[values]

    def as_levels(self, labels: list) -> list:
        """Return labels, with the level in place of what equals it or writes it."""
        own = {level: level for level in self.index_of}
        return [own.get(v, own.get(written_value(v), v)) for v in labels]


def written_value(label):
    """Return the number or the truth value that a text writes.

    Parameters
    ----------
    label : str, int, float or bool

    Returns
    -------
    value : str, int, float or bool
        Value of a text such as "3", "-0.5", "1e3", "True" or "false". Anything else
        unchanged.
    """
    if not isinstance(label, str):
        return label
    if _INTEGER.fullmatch(label):
        return int(label)
    if _NUMBER.fullmatch(label):
        return float(label)
    return {"true": True, "false": False}.get(label.lower(), label)


def _check_text(name, labels, values):
    """Raise if a row of a column of text holds a number or a truth value."""
    others = [n for n, label in enumerate(labels) if not isinstance(label, str)]
    if not others:
        return  # A look for nothing among the rows would sort them.
    used = np.isin(others, values)
    if used.any():
        label = labels[others[int(used.argmax())]]
        kind = "truth values" if isinstance(label, bool) else "numbers"
        raise ValueError(
            f"column {name} of X holds {kind}, but held text in fit: convert them to "
            f"text of the same form, for example {label!r:.50} by str()"
        )


def _written_levels(column):
    """Return the labels of a column without text levels, each as the value it writes.

    Text that writes no value is unseen among numbers. Without numbers it is an error.
    """
    labels = [written_value(label) for label in column.labels]
    if any(isinstance(label, str) for label in labels):
        used = np.unique(column.values[column.values >= 0])
        unread = [labels[place] for place in used if isinstance(labels[place], str)]
        if unread and all(isinstance(column.labels[place], str) for place in used):
            raise ValueError(
                f"column {column.name} of X holds text ({unread[0]!r:.50}), but held "
                "numbers or truth values in fit: write them as 3 or True, and give "
                "None for a missing value"
            )
    return labels


def _distinct(numbers):
    """Return the distinct numbers of a column, and their index in each row, or -1."""
    distinct, inverse = np.unique(numbers, return_inverse=True)
    distinct = distinct[distinct == distinct]
    return distinct.tolist(), np.where(inverse < distinct.size, inverse, -1)
