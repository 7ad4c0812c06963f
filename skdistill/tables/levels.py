"""Levels of a column that rows have. Only NumPy is imported."""

import numpy as np


def used_levels(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels that occur, so that no other level becomes an object.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,), int
        Index of the level of each row; -1 if it is missing.

    Returns
    -------
    used : ndarray of shape (n_used,), int
        Indices that occur, without -1.
    codes : ndarray of shape (n_rows,), int
        Index among these; -1 if it is missing.
    """
    used, places = np.unique(codes, return_inverse=True)
    n_missing = int((used < 0).sum())
    return used[n_missing:], places - n_missing
