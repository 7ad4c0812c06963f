"""Bins of rows by probability, and what can be said of a share in them."""

import numpy as np
from scipy.stats import norm


def adaptive_bins(values, n_bins):
    """Return the rows of each bin, about the same number in all.

    Sorted rows are cut into equal parts. Values that are equal but for rounding
    share a bin: a cut among them moves behind the last, so that there are fewer
    bins where many rows have the same value.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
    n_bins : int
        At most one a row is made.

    Returns
    -------
    bins : list of ndarray of int
    """
    values = np.round(values, 6)
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    parts = np.array_split(ordered, min(n_bins, len(values)))
    last = np.cumsum([len(part) for part in parts[:-1]], dtype=int) - 1
    cuts = np.unique(np.searchsorted(ordered, ordered[last], side="right"))
    return [rows for rows in np.split(order, cuts) if rows.size]


def wilson_interval(shares, counts, confidence=0.95):
    """Return the interval of Wilson (1927) of shares.

    Parameters
    ----------
    shares : ndarray of shape (n,)
        Between 0 and 1.
    counts : ndarray of shape (n,)
        Rows that each is a share of.
    confidence : float, default=0.95

    Returns
    -------
    lower, upper : ndarray of shape (n,)
        Between 0 and 1, the share between them.
    """
    z = norm.ppf(0.5 + 0.5 * confidence)
    centre = (shares + z**2 / (2 * counts)) / (1 + z**2 / counts)
    spread = np.sqrt(shares * (1 - shares) / counts + (z / counts) ** 2 / 4)
    half = z * spread / (1 + z**2 / counts)
    # Rounding may push the bounds past a share of 0 or 1.
    return np.minimum(centre - half, shares), np.maximum(centre + half, shares)


def check_n_bins(n_bins):
    """Raise unless a number of bins is an integer from 1."""
    if isinstance(n_bins, bool) or not isinstance(n_bins, int | np.integer):
        raise ValueError(f"n_bins={n_bins!r} is not an integer")
    if n_bins < 1:
        raise ValueError(f"n_bins={n_bins} is less than 1")
