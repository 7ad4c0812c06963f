"""Columns of a raw table as the numbers that a student takes.

A column may arrive in another type than in fit: numbers as categories, and the
reverse. Only NumPy is imported, so that a student runs on NumPy alone.
"""

import numpy as np

from skdistill.tables.read import CodedColumn, check_range, to_numbers


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
                "numbers in fit"
            )
    numbers = to_numbers(column.name, [*levels, None])
    check_range(column.name, numbers)
    return numbers[column.values]


def level_indices(column: CodedColumn, index_of: dict):
    """Return the index of the level of each row, even if levels arrive as numbers.

    Parameters
    ----------
    column : CodedColumn
        Column of a feature that held levels in fit.
    index_of : dict
        Index of each of the L levels that the student tells apart.

    Returns
    -------
    indices : ndarray of shape (n_rows,), float32
        Index of the level; L if the level is not in `index_of`, L + 1 if the value
        is missing.

    Raises
    ------
    ValueError
        If the column holds numbers and all levels are text.
    """
    levels, values = column.labels, column.values
    if levels is None:
        levels, values = _distinct(column.values)
        if levels and all(isinstance(level, str) for level in index_of):
            raise ValueError(
                f"column {column.name} of X holds numbers, but held text in fit: "
                "convert them to text of the same form"
            )
    rare, missing = len(index_of), len(index_of) + 1
    indices = [index_of.get(level, rare) for level in levels] + [missing]
    return np.array(indices, dtype=np.float32)[values]


def _distinct(numbers):
    """Return the distinct numbers of a column, and their index in each row, or -1."""
    distinct, inverse = np.unique(numbers, return_inverse=True)
    distinct = distinct[distinct == distinct]
    return distinct.tolist(), np.where(inverse < distinct.size, inverse, -1)
