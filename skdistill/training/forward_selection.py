"""Columns of sparse rows for two classes, chosen in turn: forward selection.

A student of all columns shares what several columns say among all of them: a word, its
parts, and its pairs. The columns that it uses most then say the same. Here a column
counts by what it adds to those that were taken before. Some columns are taken at once,
and a student of all that are taken is trained for some steps. Then the next are taken.

A column adds about ``g**2 / (h + decay)`` to a student, with the derivative g of the
loss by its weight and a bound h of the second derivative. The weights of rows count in
both.

With more than two classes the columns that are used most give the better labels.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.kept_columns import KeptColumns
from skdistill.training.convex import ConvexSolver

# Times that columns are taken, and steps of the solver after each.
_N_TIMES = 20
_MOST_STEPS = 30
_TOLERANCE = 1e-3

# Decay while columns are chosen, in multiples of that of the student. With few columns
# and little decay, the first weights are so great that they hide what others add.
_TIMES_DECAY = 10.0

# Greatest second derivative of the loss of a row by a logit.
_CURVATURE = 0.25


def select_in_turn(
    X: Any,
    loss: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]],
    weights_of_rows: NDArray[np.float64],
    decay: float,
    n_terms: int,
    unit_blocks: Any,
) -> tuple[KeptColumns, NDArray[np.float64], NDArray[np.float64]]:
    """Return the columns that add most to a linear student of two classes.

    Parameters
    ----------
    X : CSR of shape (n_rows, n_columns), float64
    loss : callable
        Function of the values of the one unit, which returns the mean loss and its
        derivatives: see `skdistill.training.convex.ConvexSolver`.
    weights_of_rows : ndarray of shape (n_rows,)
        Weights of the rows in this mean, not all zero.
    decay : float
        Factor of half the sum of the squares of the weights of the student that is
        trained on the chosen columns. The choice takes a greater one.
    n_terms : int
        Number of columns to choose, at most that of the columns.
    unit_blocks : ndarray of shape (n_blocks, 2), int
        Blocks of columns in which rows have unit length.

    Returns
    -------
    kept : KeptColumns
    weights : ndarray of shape (n_columns, 1)
        Weights of the student. Those of columns that are not kept are zero.
    biases : ndarray of shape (1,)
    """
    n_rows, n_columns = X.shape
    decay = _TIMES_DECAY * decay
    weights, biases = np.zeros((n_columns, 1)), np.zeros(1)
    squares = X.multiply(X).T @ weights_of_rows / n_rows
    cost = np.maximum(_CURVATURE * squares + decay, np.finfo(np.float64).tiny)
    shares = weights_of_rows / weights_of_rows.sum()
    is_taken = np.zeros(n_columns, dtype=bool)
    values = np.zeros((n_rows, 1))
    for number in np.unique(np.linspace(0, n_terms, _N_TIMES + 1).astype(int))[1:]:
        _, slopes = loss(values)
        # A bias is free, so the derivative by it would be zero.
        slopes = slopes - shares[:, np.newaxis] * slopes.sum(axis=0)
        gains = np.square(X.T @ slopes)[:, 0] / cost
        gains[is_taken] = -1.0
        n_new = number - np.count_nonzero(is_taken)
        is_taken[np.argsort(-gains, kind="stable")[:n_new]] = True
        kept = KeptColumns.checked(np.flatnonzero(is_taken), n_columns, unit_blocks)
        rows = kept.select(X)
        solver = ConvexSolver(
            rows, loss, decay, weights[kept.places], biases, _TOLERANCE
        )
        for _ in range(_MOST_STEPS):
            if solver.has_converged:
                break
            solver.step()
        weights[kept.places], biases = solver.parts
        values = rows @ weights[kept.places] + biases
    return kept, weights, biases
