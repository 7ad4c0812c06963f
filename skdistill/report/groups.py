"""Groups of rows, by an array or a column."""

import numpy as np

MOST_GROUPS = 50


def number_groups(groups, n_samples, X=None):
    """Return the number of each row's group, and the groups' names.

    Parameters
    ----------
    groups : str or array-like of shape (n_samples,)
        A column of X, or what the rows of a group share.
    n_samples : int
    X : DataFrame or None
        Where a column is looked for.

    Returns
    -------
    numbers : ndarray of shape (n_samples,), int
    names : list of str
        In sorted order, numbers by their value.

    Raises
    ------
    ValueError
        Where there is no such column, the length is another one, or there are
        more than 50 groups.
    """
    if isinstance(groups, str):
        groups = _column(groups, X)
    values = np.asarray(groups, dtype=object)
    if values.shape != (n_samples,):
        raise ValueError(
            f"groups has shape {values.shape}: one value for each of the {n_samples} "
            "rows is needed, or the name of a column of X"
        )
    cells = [None if _is_missing(value) else _plain(value) for value in values]
    distinct = sorted(set(cells), key=_place)
    if len(distinct) > MOST_GROUPS:
        raise ValueError(
            f"groups holds {len(distinct)} different values, of which at most "
            f"{MOST_GROUPS} can be compared: put numbers into intervals, and rare "
            "values together"
        )
    numbers = {cell: number for number, cell in enumerate(distinct)}
    names = ["missing" if cell is None else str(cell) for cell in distinct]
    return np.array([numbers[cell] for cell in cells]), names


def _column(name, X):
    columns = getattr(X, "columns", None)
    if columns is None or name not in list(columns):
        there = "X has no names" if columns is None else f"X has {list(columns)!r:.200}"
        raise ValueError(
            f"groups={name!r} is to be a column of X, and {there}: give an array of "
            "each row's group"
        )
    return X[name]


def _is_missing(value):
    return value is None or type(value).__name__ == "NAType" or value != value


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def _place(cell):
    """Sort numbers by value, then all else by its text, missing ones last."""
    is_number = isinstance(cell, (bool, int, float))
    return (cell is None, not is_number, cell if is_number else 0, str(cell))
