"""Standardise the columns of a table, for a student without knots."""

from typing import NamedTuple

import numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_batches

from skdistill.common.warn import warn
from skdistill.inputs.precision import Precision, warn_lost

# Greatest distance of a mean from zero, in standard deviations, without an offset.
# Farther away, single precision has less than three digits for the differences between
# rows.
_FARTHEST_MEAN = 1e4

# Smallest standard deviation. For a smaller one, a weight on raw values would be
# beyond single precision.
LEAST_SCALE = 1e-30

# A column is as good as constant if its deviation is below this share of the median of
# the deviations above 0.
_AS_GOOD_AS_CONSTANT = 1e-20

# The square of a smaller number may be 0 in double precision.
_LEAST_PEAK = 1e-100

# Least size whose inverse is named as a factor. Below, the inverse is infinite.
_LEAST_SIZE = 1e-300

_BLOCK_ROWS = 8192

# Number of columns that a warning names.
_MOST_NAMES = 10


class Standardization(NamedTuple):
    """Means and standard deviations of columns.

    They standardise rows, and convert a first layer between raw and standardised
    rows.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
        Mean of each column.
    scale : ndarray of shape (n_features,)
        Standard deviation of each column, 1 if the column is constant.
    varies : ndarray of shape (n_features,), bool
        Whether each column varies: see `varying_columns`.
    offsets : ndarray of shape (n_features,), float64
        Numbers that are subtracted from raw values: see `offsets_of`.
    """

    mean: np.ndarray
    scale: np.ndarray
    varies: np.ndarray
    offsets: np.ndarray

    @classmethod
    def learn(cls, X, feature_names=None):
        """Learn means and deviations from rows.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Rows to learn from.
        feature_names : ndarray of str or None
            Names of the columns for messages; None if they have none.

        Returns
        -------
        standardization : Standardization
            Learned means and deviations.

        Raises
        ------
        ValueError
            If a column varies so little that float32 cannot hold its weights.

        Warns
        -----
        UserWarning
            If X is float32, which hardly tells the values of a column apart, or if a
            column is as good as constant.
        """
        scaler = StandardScaler()
        unit = unit_of(np.abs(X).max(axis=0))
        in_units = (unit != 1.0).any()
        # Blocks save memory: `fit` would make a temporary copy of all rows.
        for rows in gen_batches(X.shape[0], _BLOCK_ROWS):
            scaler.partial_fit(X[rows] / unit if in_units else X[rows])
        varies = scaler.var_ > 0
        # A column may be constant except for rounding. StandardScaler gives it a scale
        # of exactly 1.
        varies &= ~((scaler.scale_ == 1.0) & (np.sqrt(scaler.var_) != 1.0))
        names = range(varies.size)
        if feature_names is not None:
            names = [repr(name) for name in feature_names]
        mean, scale = scaler.mean_ * unit, scaler.scale_ * unit
        varies = varying_columns(names, np.where(varies, scale, 0.0))
        scale[~varies] = 1.0
        single = np.full(varies.size, X.dtype == np.float32)
        check_precision(names, mean, scale, varies, single)
        far = is_far(mean, scale, varies)
        offsets = offsets_of(mean, scale, varies)
        found = {j: Precision.of(X[:, j]) for j in np.flatnonzero(varies & ~far)}
        for j, precision in found.items():
            offsets[j] = precision.offset
        # Values far away make the deviation so great that a mended column is lost when
        # it is standardised.
        lost = [j for j, precision in found.items() if precision != Precision()]
        warn_lost(
            [names[j] for j in lost],
            "A few values far from the others, such as a 0 for a missing time, or "
            "several groups far apart cause this. Give missing values as NaN, with an "
            "encoder, or split the column",
        )
        return cls(mean, scale, varies, offsets)

    def transform(self, X):
        """Return standardised rows, float32."""
        return ((X - self.mean) / self.scale).astype(np.float32)

    def to_raw(self, weights, bias):
        """Return a first layer that takes raw values minus `offsets`.

        The layer ``W.T @ (x - mean) / scale + b`` equals ``V.T @ (x - offsets) + c``
        with ``V = W / scale`` and ``c = b - (mean - offsets) @ V``. A column that was
        constant in training told nothing, so its weights become zero.

        Parameters
        ----------
        weights : ndarray of shape (n_features, n_units)
            Weights on standardised values.
        bias : ndarray of shape (n_units,)
            Biases of the units.

        Returns
        -------
        weights, bias : ndarray, float64
            Weights on raw values minus `offsets`, and their biases.
        """
        raw = weights.astype(np.float64) / self.scale[:, np.newaxis]
        raw[~self.varies] = 0.0
        return raw, bias - (self.mean - self.offsets) @ raw

    def from_raw(self, weights, bias, offsets=None):
        """Return a first layer that takes standardised values, as before `to_raw`.

        Parameters
        ----------
        weights : ndarray of shape (n_features, n_units)
            Weights on raw values.
        bias : ndarray of shape (n_units,)
            Biases of the units.
        offsets : ndarray of shape (n_features,) or None, default=None
            Numbers that were subtracted from the raw values. None if none were.

        Returns
        -------
        weights, bias : ndarray, float64
            Weights on standardised values and the biases that belong to them.
        """
        raw = weights.astype(np.float64)
        mean = self.mean if offsets is None else self.mean - offsets
        return raw * self.scale[:, np.newaxis], bias + mean @ raw


def unit_of(peak):
    """Return the unit in which a column is measured, so that no square becomes 0.

    Parameters
    ----------
    peak : ndarray or float
        Greatest size of a value of the column.

    Returns
    -------
    unit : ndarray or float
        1, or a power of two about as small as the values.
    """
    _, exponent = np.frexp(peak)
    # The least normal number bounds the unit, so that no quotient overflows.
    small = (peak > 0) & (peak < _LEAST_PEAK)
    return np.where(small, np.ldexp(1.0, np.maximum(exponent, -1022)), 1.0)


def factor_for(size):
    """Return a finite factor that makes tiny values about 1, or less tiny."""
    return 1.0 / max(float(size), _LEAST_SIZE)


def varying_columns(names, deviation):
    """Tell which columns vary. Warn of those that are as good as constant.

    A column is constant if its deviation is 0, or below 1e-20 of the median of the
    deviations above 0. Such deviations come from rounding, and their weights would be
    beyond single precision.

    Parameters
    ----------
    names : sequence of str or int
        Name of each column for the message.
    deviation : ndarray of shape (n_features,)
        Standard deviation of each column. NaN if the column has none.

    Returns
    -------
    varies : ndarray of shape (n_features,), bool

    Warns
    -----
    UserWarning
        If the deviation of a column is above 0, but too small to count.
    """
    varies = deviation > 0
    if not varies.any():
        return varies
    usual = np.median(deviation[varies])
    tiny = np.flatnonzero(varies & (deviation < _AS_GOOD_AS_CONSTANT * usual))
    if tiny.size:
        varies[tiny] = False
        listed = ", ".join(str(names[column]) for column in tiny[:_MOST_NAMES])
        more = tiny.size - _MOST_NAMES
        listed += f" and {more} more" if more > 0 else ""
        warn(
            f"columns of X count as constant: {listed}. Their standard deviations are "
            f"at most {deviation[tiny].max():.3g}, and the median is {usual:.3g}. If "
            "such a column tells something, multiply it by a number first"
        )
    return varies


def offsets_of(mean, scale, varies):
    """Return what is subtracted from each column before it becomes float32.

    Parameters
    ----------
    mean : ndarray of shape (n_features,)
        Mean of each column.
    scale : ndarray of shape (n_features,)
        Standard deviation of each column.
    varies : ndarray of shape (n_features,), bool
        Whether each column has more than one value.

    Returns
    -------
    offsets : ndarray of shape (n_features,), float64
        Number near the mean if single precision would hardly tell the values of the
        column apart, otherwise 0. It is a multiple of a power of 2 near the deviation.
        So whole numbers stay whole, and the difference is exact.
    """
    offsets = np.zeros(len(mean))
    far = is_far(mean, scale, varies)
    step = 2.0 ** np.floor(np.log2(scale[far]))
    offsets[far] = np.round(mean[far] / step) * step
    return offsets


def is_far(mean, scale, varies):
    """Tell whether the mean of each column is far from 0 for its deviation."""
    return varies & (np.abs(mean) > _FARTHEST_MEAN * scale)


def check_precision(names, mean, scale, varies, single):
    """Check that single precision can tell the values of each column apart.

    Parameters
    ----------
    names : sequence of str or int
        Name of each column for the message.
    mean : ndarray of shape (n_features,)
        Mean of each column.
    scale : ndarray of shape (n_features,)
        Standard deviation of each column.
    varies : ndarray of shape (n_features,), bool
        Whether each column has more than one value. Other columns pass.
    single : ndarray of shape (n_features,), bool
        Whether the values of each column are given in single precision.

    Raises
    ------
    ValueError
        If a column varies so little that float32 cannot hold its weights.

    Warns
    -----
    UserWarning
        If a column is given in float32, which hardly tells its values apart.
    """
    too_small = np.flatnonzero(varies & (scale < LEAST_SCALE))
    far = np.flatnonzero(single & is_far(mean, scale, varies))
    if too_small.size:
        first = too_small[0]
        raise ValueError(
            f"column {names[first]} of X has standard deviation {scale[first]:.3g}, "
            "too small for single precision, in which the student computes: multiply "
            f"it by a number first, for example by {factor_for(scale[first]):.0e} "
            f"({too_small.size} such columns)"
        )
    if far.size:
        first = far[0]
        warn(
            f"column {names[first]} of X has mean {mean[first]:.6g} and standard "
            f"deviation {scale[first]:.3g}, and is given in single precision, which "
            "hardly tells its values apart. Give it as float64 "
            f"({far.size} such columns)"
        )
