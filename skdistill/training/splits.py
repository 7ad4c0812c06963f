"""The rows that short trainings keep and hold out, fold by fold."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.common.split import deal_folds
from skdistill.teachers.clones import FOLD_SEED, N_FOLDS, n_held_out_folds

# The most rows that short trainings take.
MOST_ROWS = 50_000


def splits_in_turn(
    rows: NDArray[np.intp], labels: NDArray[Any], groups: NDArray[np.intp] | None
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return the rows to train on and the rows to hold out, for each fold in turn.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,), int
        Numbers of the rows that are dealt to folds. Of more than 50,000, that many are
        drawn.
    labels : ndarray of shape (n_all_rows,)
        Labels of all rows. Each fold has about the same share of each.
    groups : ndarray of shape (n_all_rows,), int, or None
        Number of the group of each of all rows. Rows of a group are in one fold.

    Returns
    -------
    splits : list of tuple of ndarray of int
        Numbers of the rows kept, and of those held out. The list is empty if no fold
        can be held out.
    """
    folds = deal_folds(
        labels[rows], N_FOLDS, FOLD_SEED, None if groups is None else groups[rows]
    )
    if rows.size > MOST_ROWS:
        draw = np.random.RandomState(FOLD_SEED)
        drawn = draw.choice(rows.size, MOST_ROWS, replace=False)
        rows, folds = rows[drawn], folds[drawn]
    return [
        (rows[folds != fold], rows[folds == fold])
        for fold in range(n_held_out_folds(rows.size))
        # A very large group would leave too few rows to train on.
        if 0 < np.count_nonzero(folds == fold) <= rows.size / 2
    ]
