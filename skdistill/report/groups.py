"""Groups of rows, given by an array or a column."""

import numpy as np

MOST_GROUPS = 50


def number_groups(groups, n_samples, X=None):
    """Return the number of each row's group, and the names of the groups.

    Parameters
    ----------
    groups : str or array-like of shape (n_samples,)
        Name of a column of X, or a value for each row. Rows with the same value are a
        group.
    n_samples : int
        Number of rows.
    X : DataFrame or None
        Table that the column is taken from.

    Returns
    -------
    numbers : ndarray of shape (n_samples,), int
        Number of each row's group.
    names : list of str
        Names of the groups in sorted order. Numbers are sorted by their value.

    Raises
    ------
    ValueError
        If there is no such column, the number of values is not the number of rows, or
        there are more than 50 groups.
    """
    if isinstance(groups, str):
        groups = _column(groups, X)
    values = np.asarray(groups, dtype=object)
    if values.shape != (n_samples,):
        raise ValueError(
            f"groups has shape {values.shape}: give one value for each of the "
            f"{n_samples} rows, or the name of a column of X"
        )
    cells = [None if _is_missing(value) else _plain(value) for value in values]
    distinct = sorted(set(cells), key=_sort_key)
    if len(distinct) > MOST_GROUPS:
        raise ValueError(
            f"groups holds {len(distinct)} different values, and at most {MOST_GROUPS} "
            "groups can be compared: put numbers into intervals, and rare values "
            "together"
        )
    numbers = {cell: number for number, cell in enumerate(distinct)}
    names = ["missing" if cell is None else str(cell) for cell in distinct]
    return np.array([numbers[cell] for cell in cells]), names


def _column(name, X):
    """Return a column of a table; raise if there is none of this name."""
    columns = getattr(X, "columns", None)
    if columns is None or name not in list(columns):
        found = "X has no names" if columns is None else f"X has {list(columns)!r:.200}"
        raise ValueError(
            f"groups={name!r} is not a column of X, and {found}: give the name of a "
            "column, or an array of each row's group"
        )
    return X[name]


def _is_missing(value):
    """Tell whether a value is None, NaN or the missing value of pandas."""
    return value is None or type(value).__name__ == "NAType" or value != value


def _plain(value):
    """Return a value of NumPy as one of Python."""
    return value.item() if isinstance(value, np.generic) else value


def _sort_key(cell):
    """Return a key that sorts numbers by value, then texts, then missing values."""
    is_number = isinstance(cell, (bool, int, float))
    return (cell is None, not is_number, cell if is_number else 0, str(cell))
