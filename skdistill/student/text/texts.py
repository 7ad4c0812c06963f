"""The texts of a caller, checked: a list for each text column."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from skdistill.student.column_names import rows_by_name
from skdistill.tables.in_memory import in_memory


def checked_texts(X: Any, name: str = "X") -> list[str]:
    """Return texts as a list of str.

    Parameters
    ----------
    X : iterable of str
        List, array or Series.
    name : str, default="X"
        Name of the texts in messages.

    Returns
    -------
    texts : list of str

    Raises
    ------
    TypeError
        If an item is not a text.
    ValueError
        If X is one text or a table.
    """
    if isinstance(X, str | bytes):
        raise ValueError(
            f"{name} is one string, {X!r:.50}: give a list of texts, such as [text]"
        )
    if isinstance(X, Mapping) or hasattr(X, "columns") or _is_nested(X):
        raise ValueError(
            f"{name} is a table, and a row of this student is one text: give the "
            'column of the texts alone, such as X["review"]'
        )
    try:
        if hasattr(X, "to_pylist"):  # Columns of PyArrow.
            texts = X.to_pylist()
        else:
            texts = X.tolist() if hasattr(X, "tolist") else list(X)
    except TypeError:
        texts = X
    if not isinstance(texts, list):
        raise TypeError(
            f"{name} is of type {type(X).__name__}: give a list, an array or a Series "
            "of texts"
        )
    if set(map(type, texts)) <= {str}:
        return texts
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            _raise_no_text(f"{name}[{place}]", text)
    return list(map(str, texts))


def _is_nested(X):
    """Tell whether X has rows of cells, without an array of all its texts."""
    first = X[0] if isinstance(X, list | tuple) and X else X
    return not isinstance(first, str) and np.ndim(first) > (first is X)


def text_columns(X: Any, columns: Sequence[str | int]) -> list[list[str]]:
    """Return the texts of some columns of a table.

    Parameters
    ----------
    X : table of shape (n_samples, n_columns)
        Frame, dictionary of columns or of one row, list of rows, or array. Columns that
        are not asked for may be there. If columns have names, and X has none, it holds
        just these columns, in their order.
    columns : sequence of str or int
        Names or places of the columns.

    Returns
    -------
    texts : list of list of str

    Raises
    ------
    TypeError
        If a cell is not a text.
    ValueError
        If X is not a table, or lacks a column.
    """
    X = in_memory(X)
    if isinstance(X, str | bytes):
        raise ValueError(f"X is one string, {X!r:.50}: give a table")
    if isinstance(X, Mapping):
        if all(isinstance(X.get(column), str) for column in columns):
            X = {column: [X[column]] for column in columns}
        return _by_name(X, list(X), columns)
    if hasattr(X, "columns"):
        return _of_frame(X, columns)
    if isinstance(X, list | tuple) and any(isinstance(row, Mapping) for row in X):
        names = [column for column in columns if isinstance(column, str)]
        if len(names) < len(columns):
            raise ValueError("rows of X have names, and the student counts columns")
        rows = [_named_part(row, names) for row in X]
        X = rows_by_name(rows, names)
    return _by_place(X, columns)


def _named_part(row, names):
    """Return the entries of a row that have the names. The others are not needed."""
    if not isinstance(row, Mapping):
        return row
    return {name: row[name] for name in names if name in row}


def _of_frame(X, columns):
    """Return the texts of columns of a frame."""
    names = list(X.columns)
    if any(isinstance(column, str) for column in columns):
        return _by_name(X, names, columns)
    width = len(names)
    for column in columns:
        _check_place(column, width)
    if hasattr(X, "iloc"):
        parts = [X.iloc[:, column] for column in columns]
    else:
        parts = [X[names[column]] for column in columns]
    return _checked_parts(parts, columns)


def _by_name(X, names, columns):
    """Return the texts of columns that have names."""
    for column in columns:
        if column not in names:
            raise ValueError(
                f"X lacks the text column {column!r:.50}: it has {names!r:.100}"
            )
        if names.count(column) > 1:
            raise ValueError(f"X holds the column {column!r:.50} twice")
    return _checked_parts([X[column] for column in columns], columns)


def _by_place(X, columns):
    """Return the texts of columns of rows without names."""
    if not isinstance(X, list | tuple | np.ndarray):
        raise ValueError(
            f"X is a {type(X).__name__}: give a frame, a dictionary or a list of rows"
        )
    by_name = any(isinstance(column, str) for column in columns)
    rows = X.tolist() if isinstance(X, np.ndarray) else X
    places = range(len(columns)) if by_name else columns
    for number, row in enumerate(rows):
        if not isinstance(row, list | tuple | np.ndarray):
            raise ValueError(
                f"row {number} of X is {row!r:.50}: each row is a list of the cells of "
                f"the columns {list(columns)}"
            )
        if by_name and len(row) != len(columns):
            raise ValueError(
                f"row {number} of X has {len(row)} cells without names, and the "
                f"student reads the columns {list(columns)}: give a frame, or these "
                "columns alone"
            )
        for place in places:
            _check_place(place, len(row))
    return _checked_parts([[row[place] for row in rows] for place in places], columns)


def _check_place(place, width):
    """Raise unless a table has a column at a place."""
    if not 0 <= place < width:
        raise ValueError(f"X has {width} columns, and the student reads column {place}")


def _checked_parts(parts, columns):
    """Return the checked texts of columns of one length."""
    names = [f"X[{column!r:.50}]" for column in columns]
    texts = [checked_texts(part, name) for part, name in zip(parts, names, strict=True)]
    if len(set(map(len, texts))) > 1:
        raise ValueError(
            f"the text columns of X have {sorted(set(map(len, texts)))} cells: give "
            "each the same number"
        )
    return texts


def _raise_no_text(name, value):
    """Raise the error for an item that is not a text."""
    kind = type(value).__name__
    if isinstance(value, bytes | bytearray):
        advice = 'decode it first, for example by .decode("utf-8")'
    elif value is None or kind == "NAType" or (kind == "float" and value != value):
        advice = 'a missing text needs a text in its place, such as ""'
    else:
        advice = "each text must be a str"
    raise TypeError(f"{name} is {value!r:.50}, of type {kind}: {advice}")
