"""Neighbouring ranges of a scorecard merged into fewer: the best constant on each."""

import numpy as np
from numpy.typing import NDArray

from skdistill.export.scorecard.ranges import Range

# Ranges of which the best are chosen. More are first merged by equal numbers.
_MOST_RANGES = 400

# Weight of a range without rows, in rows.
_EMPTY = 1e-3


def merged(
    ranges: list[Range],
    numbers: NDArray[np.float64],
    points: NDArray[np.float64],
    max_ranges: int,
) -> tuple[list[float], NDArray[np.float64]]:
    """Merge neighbouring ranges such that the squared differences of rows are least.

    The merged ranges are the best by dynamic programming (Bellman 1961, "On the
    approximation of curves by line segments using dynamic programming"). Each has the
    mean points of its rows. So monotone points stay monotone.

    Parameters
    ----------
    ranges : list of Range
        Ranges that cover all numbers, more than `max_ranges`.
    numbers : ndarray of shape (n_rows,), float64
        Raw numbers of the column in rows.
    points : ndarray of shape (n_rows,), float64
        Points of these rows, not rounded.
    max_ranges : int
        Number of ranges to keep.

    Returns
    -------
    edges : list of float of length max_ranges - 1
        Numbers at which the ranges begin, without the first range.
    means : ndarray of shape (max_ranges,), float64
        Points of each range, not rounded.
    """
    most = max(_MOST_RANGES, max_ranges)
    places = np.unique(np.linspace(0, len(ranges) - 1, most).astype(int))
    starts = np.array([ranges[place].start for place in places])
    of_row = np.searchsorted(starts, numbers, side="right") - 1
    counts = np.bincount(of_row, minlength=len(starts))
    weights = counts + _EMPTY
    sums = np.bincount(of_row, points, len(starts)).astype(np.float64)
    middles = np.array([ranges[place].points for place in places])
    sums = sums + _EMPTY * np.where(counts, sums / np.maximum(counts, 1), middles)
    squares = sums**2 / weights
    # The squares within a range are the same for each way to merge ranges.
    weight, total, square = (
        np.append(0.0, np.cumsum(part)) for part in (weights, sums, squares)
    )
    cost = _costs(weight, total, square)
    cuts = _best_cuts(cost, max_ranges)
    bounds = [0, *cuts, len(starts)]
    means = np.diff(total[bounds]) / np.diff(weight[bounds])
    return starts[cuts].tolist(), means


def _costs(weight, total, square):
    """Return the squared error of one range from each start to each end."""
    n = np.subtract.outer(weight, weight).T
    sums = np.subtract.outer(total, total).T
    squares = np.subtract.outer(square, square).T
    is_range = np.triu(np.ones(n.shape, dtype=bool), 1)
    return np.where(is_range, squares - sums**2 / np.where(is_range, n, 1.0), np.inf)


def _best_cuts(cost, n_ranges):
    """Return the places where the best ranges begin, without the first."""
    best, before = cost[0], []
    for _ in range(n_ranges - 1):
        candidates = best[:, np.newaxis] + cost
        before.append(candidates.argmin(axis=0))
        best = candidates.min(axis=0)
    cuts = [len(cost) - 1]
    for choice in reversed(before):
        cuts.append(int(choice[cuts[-1]]))
    return cuts[:0:-1]
