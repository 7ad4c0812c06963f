"""The columns of X in the order of a student's names.

Only NumPy is imported, so that a student runs on NumPy alone.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from skdistill.tables.in_memory import in_memory
from skdistill.tables.read import is_pandas, is_polars

# Cells that are recognised as one value in little time.
_SCALARS = (str, float, int, type(None))

# Rows without names.
_PLAIN_ROWS = {list, tuple, np.ndarray}


def checked_names(names, n_features):
    """Return names of columns as a list, or raise if they cannot name the columns.

    Parameters
    ----------
    names : array-like of shape (n_features,) of str
    n_features : int
        Number of columns of the student.

    Returns
    -------
    names : list of str

    Raises
    ------
    ValueError
        If a name is no text or occurs twice, or if the number of names is wrong.
    """
    checked = list(names)
    if not all(isinstance(name, str) for name in checked):
        raise ValueError(f"feature_names is {checked!r:.100}: each name must be text")
    checked = [str(name) for name in checked]
    if len(checked) != n_features:
        raise ValueError(
            f"feature_names holds {len(checked)} names, and the student takes "
            f"{n_features} columns"
        )
    if len(set(checked)) < len(checked):
        raise ValueError(f"feature_names holds a name twice: {_twice(checked)!r:.100}")
    return checked


def in_order(X: Any, names: list[str] | None) -> Any:
    """Return a table whose columns are in the order of names.

    Parameters
    ----------
    X : table
        Frame, dictionary, list of dictionaries, or any other table.
    names : list of str or None
        Names of the columns. None if the student holds no names.

    Returns
    -------
    table : table
        A frame with its columns in order. A dictionary or a list of them as a list of
        rows. Data of dask and other array-likes in memory. Anything else unchanged,
        since its columns count by place. So does a
        frame if names is None, or if none of its own names is text.

    Raises
    ------
    ValueError
        If X lacks a column or has an unexpected one. Or if it is a dictionary and the
        student holds no names.
    """
    X = in_memory(X)
    if isinstance(X, list | tuple):
        return rows_by_name(X, names)
    if is_pandas(X):
        found = X.columns.tolist()
        if names is None or found == names or not any(_is_text(n) for n in found):
            return X
        _check_found(found, names)
        return X[names]
    if is_polars(X):
        if names is None or X.columns == names:
            return X
        _check_found(X.columns, names)
        return X.select(names)
    if isinstance(X, Mapping):
        return _rows_of_columns(X, _known(names))
    return X


def rows_by_name(X: Any, names: list[str] | None) -> Any:
    """Return a list of rows in the order of names, if the rows hold names.

    Parameters
    ----------
    X : list or tuple
        Named tuples, Series of pandas, dictionaries, or rows without names.
    names : list of str or None
        Names of the columns. None leaves the rows as they are.

    Returns
    -------
    rows : list or tuple
        An array if there are no rows.
    """
    if not X and names is not None:
        return np.empty((0, len(names)))
    if set(map(type, X)) <= _PLAIN_ROWS:
        return X
    rows = X if names is None else [_named(row) for row in X]
    if any(isinstance(row, Mapping) for row in rows):
        return _rows_of_dictionaries(rows, _known(names))
    return X


def _named(row):
    """Return a named tuple or a Series as a dictionary, anything else unchanged."""
    if isinstance(row, tuple) and hasattr(row, "_fields"):
        return row._asdict()
    if hasattr(row, "iloc") and hasattr(row, "index") and not hasattr(row, "columns"):
        found = row.index.tolist()
        if any(_is_text(name) for name in found):
            if len(set(found)) < len(found):
                raise ValueError(f"a row of X holds {_twice(found)!r:.50} twice")
            return dict(zip(found, row.tolist(), strict=True))
    return row


def _known(names):
    """Return names, or raise if there are none."""
    if names is None:
        raise ValueError(
            "X names its columns, and the student holds no names: give an array or a "
            "list of rows, with the columns in the order of fit"
        )
    return names


def _rows_of_columns(columns, names):
    """Return rows from a dictionary of one row, or of one list for each column."""
    _check_found(list(columns), names)
    cells = [columns[name] for name in names]
    if all(isinstance(cell, Mapping) for cell in cells):
        raise ValueError(
            "X is a dictionary of dictionaries, such as frame.to_dict(): give the "
            'frame, or frame.to_dict("records")'
        )
    scalar = [isinstance(cell, _SCALARS) or np.ndim(cell) == 0 for cell in cells]
    if all(scalar):
        return [cells]
    if any(scalar):
        one, other = names[scalar.index(True)], names[scalar.index(False)]
        raise ValueError(
            f"X is a dictionary that holds one value for {one!r:.50} and several for "
            f"{other!r:.50}: give one row, or a list of the same length for each column"
        )
    lengths = [len(cell) for cell in cells]
    if len(set(lengths)) > 1:
        raise ValueError(
            f"X is a dictionary of columns of {min(lengths)} to {max(lengths)} values: "
            "give each column the same number of values"
        )
    if not lengths[0]:
        return np.empty((0, len(names)))
    return [list(row) for row in zip(*cells, strict=True)]


def _rows_of_dictionaries(rows, names):
    """Return rows from a list of dictionaries."""
    known, ordered = set(names), []
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise ValueError(
                f"row {number} of X is a {type(row).__name__}, and other rows are "
                "dictionaries: give rows of one form"
            )
        if row.keys() != known:
            _check_found(list(row), names, f"row {number} of X")
        ordered.append([row[name] for name in names])
    return ordered


def _check_found(found, names, where="X"):
    """Raise unless the names that were found are those of the student."""
    known, present = set(names), set(found)
    missing = [name for name in names if name not in present]
    unexpected = [name for name in found if name not in known]
    if missing or unexpected:
        parts = [
            f"{kind} {', '.join(f'{name!r:.50}' for name in some[:5])}"
            + (f" and {len(some) - 5} more" if len(some) > 5 else "")
            for kind, some in (("missing", missing), ("unexpected", unexpected))
            if some
        ]
        raise ValueError(
            f"the columns of {where} are not those of fit: {'; '.join(parts)}. Give "
            f"the {len(names)} columns {names!r:.200}, in any order"
        )
    if len(found) > len(present):
        raise ValueError(f"{where} holds the column {_twice(found)!r:.50} twice")


def _twice(names):
    """Return the first name that occurs again."""
    return next(name for place, name in enumerate(names) if name in names[:place])


def _is_text(name):
    return isinstance(name, str)
