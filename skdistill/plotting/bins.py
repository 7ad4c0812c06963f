"""Bins of rows by probability, and intervals of the shares in them."""

import numpy as np
from scipy.stats import norm


def adaptive_bins(values, n_bins):
    """Return the rows of each bin. All bins have about the same number of rows.

    Sorted rows are cut into equal parts. Values that are equal except for rounding
    share a bin: a cut among them moves behind the last of them. If many rows have the
    same value, there are therefore fewer bins.

    Parameters
    ----------
    values : ndarray of shape (n_samples,)
        Value of each row.
    n_bins : int
        Greatest number of bins. There are never more bins than rows.

    Returns
    -------
    bins : list of ndarray of int
        Row numbers of each bin.
    """
    values = np.round(values, 6)
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    parts = np.array_split(ordered, min(n_bins, len(values)))
    last = np.cumsum([len(part) for part in parts[:-1]], dtype=int) - 1
    cuts = np.unique(np.searchsorted(ordered, ordered[last], side="right"))
    return [rows for rows in np.split(order, cuts) if rows.size]


def wilson_interval(shares, counts, confidence=0.95):
    """Return the intervals of Wilson (1927) for shares.

    Parameters
    ----------
    shares : ndarray of shape (n,)
        Shares, between 0 and 1.
    counts : ndarray of shape (n,)
        Number of rows that each share was measured on.
    confidence : float, default=0.95
        Probability that an interval holds the true share.

    Returns
    -------
    lower, upper : ndarray of shape (n,)
        Ends of the intervals, between 0 and 1. The share is between them.
    """
    z = norm.ppf(0.5 + 0.5 * confidence)
    centre = (shares + z**2 / (2 * counts)) / (1 + z**2 / counts)
    spread = np.sqrt(shares * (1 - shares) / counts + (z / counts) ** 2 / 4)
    half = z * spread / (1 + z**2 / counts)
    # Rounding may push the bounds past a share of 0 or 1.
    return np.minimum(centre - half, shares), np.maximum(centre + half, shares)


def check_count(number, name):
    """Raise unless a number is an integer from 1.

    Parameters
    ----------
    number : object
        Argument of a display.
    name : str
        Name of the argument, for the message.
    """
    if isinstance(number, bool) or not isinstance(number, int | np.integer):
        raise ValueError(f"{name}={number!r:.100} is not an integer")
    if number < 1:
        raise ValueError(f"{name}={number} is less than 1")
