"""Answers, in NumPy alone, of a student that is a sum of one curve a column.

`skdistill.kernels.additive` says how such a student keeps a column that only rises true
to the last bit.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.forward import logistic

# Rows whose products are added up at once. This limits the memory.
_BLOCK_ROWS = 1024


def additive_logits(
    rows: NDArray[np.float32],
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
    starts: Any = None,
    table: Any = None,
) -> NDArray[np.float32]:
    """Return the logits of encoded rows. All rows add their columns in one order.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_inputs + n_codes)
        Numbers, then codes.
    weights : ndarray of shape (n_inputs, 1)
    bias : ndarray of shape (1,)
    starts : ndarray of shape (n_codes,), int, default=None
        First row of each code in the knot table.
    table : ndarray of shape (n_table_rows, 1), default=None
        Knot table. None if there are no codes.

    Returns
    -------
    logits : ndarray of shape (n_rows, 1), float32
        Logits, which may be infinite.
    """
    logits = np.empty((len(rows), 1), dtype=np.float32)
    exact = weights[:, 0].astype(np.float64)
    curves = [] if table is None else table[:, 0].astype(np.float64)
    firsts = [] if starts is None else starts
    for first in range(0, len(rows), _BLOCK_ROWS):
        block = rows[first : first + _BLOCK_ROWS]
        total = np.full(len(block), bias[0], dtype=np.float64)
        if exact.size:
            # A running sum has one order. The order of a product depends on the row.
            total += (block[:, : exact.size] * exact).cumsum(axis=1)[:, -1]
        for start, code in zip(firsts, block.T[exact.size :], strict=True):
            total += _between_knots(code, curves, start)
        with np.errstate(over="ignore"):
            logits[first : first + _BLOCK_ROWS, 0] = total
    return logits


def logistic_probabilities(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities of two classes. They rise and fall with the logit.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, 1), float32
        Logits of the second class.

    Returns
    -------
    probabilities : ndarray of shape (n_rows, 2), float32
    """
    return logistic(np.concatenate([-logits, logits], axis=1))


def _between_knots(code, curves, start):
    """Return what a code adds to the logit of each row."""
    index = code.astype(np.intp)
    fraction = code.astype(np.float64) - index
    here = curves[start + index]
    # A code without a fraction does not read the next row. Behind the last row of a
    # table there is none.
    step = curves[start + index + (fraction > 0)] - here
    return (here + fraction * step).astype(np.float32)
