"""Place the knots of numeric features: how many bins each gets, and where."""

from typing import NamedTuple

import numpy as np

from skdistill.student.input_code_checks import LEAST_GAP


class NumericSummary(NamedTuple):
    """Properties of a numeric feature on which its code depends.

    Attributes
    ----------
    feature : int
        Number of the feature.
    values : ndarray of shape (n_samples,), float32
        Values of the rows. All zeros have the same bits, and so do all NaN.
    distinct : ndarray of float32
        Distinct values in increasing order.
    has_missing : bool
        Whether a value is missing.
    """

    feature: int
    values: np.ndarray
    distinct: np.ndarray
    has_missing: bool

    @classmethod
    def learn(cls, feature, column):
        """Summarise a column of numbers.

        Parameters
        ----------
        feature : int
            Number of the feature.
        column : CodedColumn
            Column of the feature.

        Returns
        -------
        summary : NumericSummary
        """
        # The sum of -0.0 and 0.0 is 0.0.
        values = column.values.astype(np.float32) + np.float32(0.0)
        missing = np.isnan(values)
        values[missing] = np.nan
        distinct = _well_apart(np.unique(values[~missing]))
        return cls(feature, values, distinct, bool(missing.any()))

    @property
    def varies(self):
        """Whether the rows differ in this feature, or some lack it."""
        return self.distinct.size > 0 and self.distinct.size + self.has_missing > 1

    def capacity(self, max_bins):
        """Return the greatest number of bins for this feature.

        Parameters
        ----------
        max_bins : int
            Greatest number of bins of any feature.

        Returns
        -------
        capacity : int
            Number of bins; 0 if there cannot be 2.
        """
        n_distinct = self.distinct.size
        if n_distinct > 2:
            return min(max_bins, n_distinct - 1)
        if not self.has_missing:
            return 0
        return 2 if few_knots(self.distinct).size == 3 else 0

    def place_knots(self, n_bins):
        """Return the knots: all distinct values if they are few, else quantiles.

        Parameters
        ----------
        n_bins : int
            Greatest number of bins, at most `capacity`.

        Returns
        -------
        knots : ndarray of float32
            Knots in increasing order, 3 or more and at most n_bins + 1.
        """
        distinct = self.distinct
        if distinct.size < 3:
            return few_knots(distinct)
        if distinct.size <= n_bins + 1:
            return distinct
        present = self.values[~np.isnan(self.values)].astype(np.float64)
        ranks = np.linspace(0.0, 1.0, n_bins + 1)
        knots = _well_apart(np.unique(np.quantile(present, ranks).astype(np.float32)))
        if knots.size < 3:
            # Nearly all rows share one value, and so do the quantiles. Distinct
            # values still tell the other rows apart.
            knots = distinct[np.arange(n_bins + 1) * (distinct.size - 1) // n_bins]
        return knots


def deal_bins(n_bins, capacities, sensitivity):
    """Deal bins to features in proportion to the square root of their sensitivity.

    Parameters
    ----------
    n_bins : int
        Number of bins to deal.
    capacities : ndarray of shape (n_features,), int
        Greatest number of bins of each feature: 0, or 2 or more.
    sensitivity : ndarray of shape (n_features,)
        Sensitivity of each feature, not negative. A feature with sensitivity 0
        gets 2 bins at most.

    Returns
    -------
    bins : ndarray of shape (n_features,), int
        Number of bins of each feature: 0, or 2 or more. Their sum is at most
        n_bins.
    """
    order = np.argsort(-sensitivity, kind="stable")
    dealt = order[capacities[order] > 0][: n_bins // 2]
    bins = np.zeros_like(capacities)
    bins[dealt] = 2
    left = n_bins - bins.sum()
    weights = np.sqrt(sensitivity)
    open_ = dealt[weights[dealt] > 0]
    while open_.size:
        shares = left * (weights[open_] / weights[open_].sum())
        room = capacities[open_] - bins[open_]
        full = shares >= room
        if not full.any():
            bins[open_] += _rounded(shares, left)
            break
        bins[open_[full]] += room[full]
        left -= room[full].sum()
        open_ = open_[~full]
    return bins


def _rounded(shares, total):
    """Return integers near the shares that add up to a total.

    The shares with the largest remainders are rounded up.
    """
    whole = np.floor(shares).astype(np.intp)
    largest = np.argsort(whole - shares, kind="stable")
    whole[largest[: total - whole.sum()]] += 1
    return whole


def _well_apart(increasing):
    """Return values without those less than `LEAST_GAP` above the value before."""
    near = np.flatnonzero(np.diff(increasing) < LEAST_GAP)
    while near.size:
        increasing = np.delete(increasing, near[0] + 1)
        near = np.flatnonzero(np.diff(increasing) < LEAST_GAP)
    return increasing


def few_knots(distinct):
    """Return three knots for one or two values.

    The middle of two values may equal one of them in single precision. Then there
    are only two knots.

    Parameters
    ----------
    distinct : ndarray of shape (1,) or (2,), float32
        Values in increasing order.

    Returns
    -------
    knots : ndarray of float32
        Knots in increasing order.
    """
    if distinct.size == 1:
        step = np.maximum(np.float32(1.0), np.abs(distinct[0]) / np.float32(1024.0))
        return distinct[0] + step * np.array([-1.0, 0.0, 1.0], dtype=np.float32)
    middle = distinct[0] + (distinct[1] - distinct[0]) / np.float32(2.0)
    return np.unique([distinct[0], middle, distinct[1]])
