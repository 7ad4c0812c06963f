"""Means, deviations and range of a student's numbers, as those of y are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.outputs import Numbers
from skdistill.tasks.number_loss import NumberLoss

# Fewer labels than these tell no deviation: two of them may be equal by chance.
_FEW_LABELS = 10


def tell_no_deviation(columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which columns are one number alone, or all if they hold few rows.

    Parameters
    ----------
    columns : ndarray of shape (n_rows, n_columns)

    Returns
    -------
    is_unsure : ndarray of shape (n_columns,), bool
    """
    return (np.ptp(columns, axis=0) == 0.0) | (len(columns) < _FEW_LABELS)


def numbers_like(
    y: NDArray[Any], loss: NumberLoss, clip: bool, weights: Any, *, is_flat: bool
) -> Numbers:
    """Return the output of numbers like those of y.

    Parameters
    ----------
    y : ndarray of shape (n_rows,) or (n_rows, n_targets)
    loss : NumberLoss
    clip : bool
        Whether answers stay in the range of y.
    weights : ndarray of shape (n_rows,) or None
        Weights of the rows.
    is_flat : bool
        Whether answers have the shape (n_rows,).

    Returns
    -------
    output : Numbers
    """
    columns = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
    quantiles = loss.quantiles
    if quantiles is not None:
        columns = np.repeat(columns[:, :1], len(quantiles), axis=1)
        is_flat = len(quantiles) == 1
    mean, scale = _mean_and_scale(columns, weights)
    nothing = np.full(mean.shape, np.inf)
    return Numbers(
        mean,
        scale,
        columns.min(axis=0) if clip else -nothing,
        columns.max(axis=0) if clip else nothing,
        is_flat=is_flat,
        quantiles=quantiles,
    )


def _mean_and_scale(columns, weights):
    """Return the mean and the standard deviation of each column.

    A constant column has its size as the scale, and zeros have 1.
    """
    low, high = columns.min(axis=0), columns.max(axis=0)
    # Squares of very large or small numbers are beyond double precision. Powers of two
    # change no digit.
    exponent = np.frexp(np.maximum(-low, high))[1]
    columns = np.ldexp(columns, -exponent)
    mean = np.average(columns, axis=0, weights=weights)
    scale = np.average((columns - mean) ** 2, axis=0, weights=weights) ** 0.5
    is_constant = (low == high) | (scale == 0.0)
    alone = np.where(low == 0.0, 1.0, np.abs(low))
    return (
        np.where(low == high, low, np.ldexp(mean, exponent)),
        np.where(is_constant, alone, np.ldexp(scale, exponent)),
    )
