"""Split rows into rows to keep and rows to hold out, by class if it is possible."""

import numpy as np
from sklearn.model_selection import train_test_split


def hold_out(rows, labels, fraction, random_state):
    """Split rows at random into rows to train on and rows to hold out.

    Both parts have the same shares of the classes. The split ignores classes if a class
    has only one row, or if a part is too small to hold all classes.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,), int
        Row numbers.
    labels : ndarray of shape (n_rows,)
        Labels of these rows.
    fraction : float
        Share of the rows to hold out, between 0 and 1.
    random_state : int or RandomState
        Source of the draw.

    Returns
    -------
    kept, held_out : ndarray of int
        Row numbers.

    Raises
    ------
    ValueError
        If one of the parts would be empty.
    """
    counts = np.unique(labels, return_counts=True)[1]
    n_held_out = int(np.ceil(fraction * rows.size))
    smaller = min(n_held_out, rows.size - n_held_out)
    has_few = counts.min() < 2 or smaller < counts.size
    return train_test_split(
        rows,
        test_size=fraction,
        random_state=random_state,
        stratify=None if has_few else labels,
    )
