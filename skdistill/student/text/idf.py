"""Factors of columns in few bytes: they are mostly logarithms of fractions."""

from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Columns from which the common denominator is found.
_SAMPLE = 50

# Greatest common denominator, and greatest relative error of a fraction.
_MOST_ROWS = 2**32 - 1
_TOLERANCE = 4e-15


def idf_of_counts(n_rows: int, counts: NDArray[Any]) -> NDArray[np.float64]:
    """Return log(n_rows / counts) + 1.

    Parameters
    ----------
    n_rows : int
    counts : ndarray of shape (n_columns,), int
        Counts from 1 on.

    Returns
    -------
    idf : ndarray of shape (n_columns,), float64
    """
    idf = np.full(len(counts), float(n_rows))
    idf /= counts
    np.log(idf, out=idf)
    idf += 1.0
    return idf


def counts_of_idf(idf: NDArray[np.float64]) -> tuple[int, NDArray[np.uint32]] | None:
    """Return whole numbers from which `idf_of_counts` makes the same factors.

    Parameters
    ----------
    idf : ndarray of shape (n_columns,), float64

    Returns
    -------
    found : tuple of int and ndarray, or None
        Number of rows and counts. None if the factors are no such logarithms.
    """
    with np.errstate(over="ignore"):
        shares = np.exp(1.0 - idf)
    if not idf.size or not (shares > 0).all() or not np.isfinite(shares).all():
        return None
    n_rows = 1
    distinct = np.unique(shares)
    for share in distinct[:: len(distinct) // _SAMPLE + 1].tolist():
        n_rows = lcm(n_rows, _denominator(share))
        if n_rows > _MOST_ROWS:
            return None
    counts = np.rint(shares * n_rows)
    if counts.min() < 1 or counts.max() > _MOST_ROWS:
        return None
    same = idf_of_counts(n_rows, counts) == idf
    return (n_rows, counts.astype(np.uint32)) if same.all() else None


def _denominator(share):
    """Return the denominator of the first continued fraction near a number."""
    before, denominator, rest = 0, 1, share
    numerator_before, numerator = 1, int(share)
    while abs(numerator / denominator - share) > _TOLERANCE * share:
        fraction = rest - int(rest)
        if fraction == 0.0 or denominator > _MOST_ROWS:
            break
        rest = 1.0 / fraction
        before, denominator = denominator, int(rest) * denominator + before
        numerator_before, numerator = (
            numerator,
            int(rest) * numerator + numerator_before,
        )
    return denominator
