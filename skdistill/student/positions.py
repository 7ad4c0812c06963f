"""The position of numbers among knots. Only NumPy is imported."""

import numpy as np
from numpy.typing import NDArray


def position_among(
    values: NDArray[np.float32], knots: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the bin plus the fraction of the bin for each number.

    The position of NaN is one more than that of the last knot.

    Parameters
    ----------
    values : ndarray of shape (n_rows,), float32
    knots : ndarray of shape (n_knots,), float32
        Increasing knots.

    Returns
    -------
    positions : ndarray of shape (n_rows,), float32
    """
    n_bins = knots.size - 1
    bins = np.searchsorted(knots[1:-1], values, side="right")
    lower = knots[bins]
    # Numbers are clipped before the division, so that no quotient overflows.
    fraction = np.clip(values, knots[0], knots[-1]) - lower
    fraction /= knots[bins + 1] - lower
    positions = bins.astype(np.float32) + fraction
    positions[np.isnan(values)] = n_bins + 1
    return positions
