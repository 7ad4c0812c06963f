"""The rows that short trainings keep and hold out, fold by fold."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.common.split import deal_folds, hold_out
from skdistill.teachers.clones import FOLD_SEED, N_FOLDS, n_held_out_folds

# The most rows that short trainings take.
MOST_ROWS = 50_000


def splits_in_turn(
    rows: NDArray[np.intp],
    labels: NDArray[Any],
    groups: NDArray[np.intp] | None,
    times_as_many: int = 1,
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
    times_as_many : int, default=1
        Factor of the number of folds that are held out, of five at most.

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
        for fold in range(n_held_out_folds(rows.size / times_as_many))
        # A very large group would leave too few rows to train on.
        if 0 < np.count_nonzero(folds == fold) <= rows.size / 2
    ]


def split_rows(transfer_set, plan, random_state):
    """Return rows to train on and, for early stopping, rows to hold out.

    Parameters
    ----------
    transfer_set : TransferSet
    plan : TrainingPlan
    random_state : RandomState

    Returns
    -------
    rows : ndarray of shape (n_kept,), int32
        Numbers of real rows.
    held_out : ndarray of shape (n_held_out,), int32, or None
        None without early stopping.

    Raises
    ------
    ValueError
        If there are too few rows to hold some out.
    """
    rows = np.arange(transfer_set.n_real, dtype=np.int32)
    if not plan.early_stopping:
        return rows, None
    labels = transfer_set.task.strata(transfer_set.labels[: rows.size])
    try:
        return hold_out(
            rows, labels, plan.validation_fraction, random_state, transfer_set.groups
        )
    except ValueError as error:
        raise ValueError(
            f"early_stopping cannot hold out validation_fraction="
            f"{plan.validation_fraction} of {rows.size} rows: {error}"
        ) from error
