"""Standardise the columns of a table, for a student without knots."""

from typing import NamedTuple

import numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_batches

from skdistill.common.warn import warn

# Greatest distance of a mean from zero, in standard deviations, without a warning.
# Raw values are in single precision. Farther away it has less than three digits for
# the differences between rows.
_FARTHEST_MEAN = 1e4

# Smallest standard deviation. For a smaller one, a weight on raw values would be
# beyond single precision.
LEAST_SCALE = 1e-30

# A column is as good as constant if its deviation is below this share of the median of
# the deviations above 0.
_AS_GOOD_AS_CONSTANT = 1e-20

# The square of a smaller number may be 0 in double precision.
_LEAST_PEAK = 1e-100

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
    """

    mean: np.ndarray
    scale: np.ndarray
    varies: np.ndarray

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
            If float32 hardly tells the values of a column apart, or if a column is as
            good as constant.
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
        check_precision(names, mean, scale, varies)
        return cls(mean, scale, varies)

    def transform(self, X):
        """Return standardised rows, float32."""
        return ((X - self.mean) / self.scale).astype(np.float32)

    def to_raw(self, weights, bias):
        """Return a first layer that takes raw values.

        The layer ``W.T @ (x - mean) / scale + b`` equals ``V.T @ x + c`` with
        ``V = W / scale`` and ``c = b - mean @ V``. A column that was constant in
        training told nothing, so its weights become zero.

        Parameters
        ----------
        weights : ndarray of shape (n_features, n_units)
            Weights on standardised values.
        bias : ndarray of shape (n_units,)
            Biases of the units.

        Returns
        -------
        weights, bias : ndarray, float64
            Weights on raw values and the biases that belong to them.
        """
        raw = weights.astype(np.float64) / self.scale[:, np.newaxis]
        raw[~self.varies] = 0.0
        return raw, bias - self.mean @ raw

    def from_raw(self, weights, bias):
        """Return a first layer that takes standardised values, as before `to_raw`.

        Parameters
        ----------
        weights : ndarray of shape (n_features, n_units)
            Weights on raw values.
        bias : ndarray of shape (n_units,)
            Biases of the units.

        Returns
        -------
        weights, bias : ndarray, float64
            Weights on standardised values and the biases that belong to them.
        """
        raw = weights.astype(np.float64)
        return raw * self.scale[:, np.newaxis], bias + self.mean @ raw


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


def check_precision(names, mean, scale, varies):
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

    Raises
    ------
    ValueError
        If a column varies so little that float32 cannot hold its weights.

    Warns
    -----
    UserWarning
        If float32 hardly tells the values of a column apart.
    """
    too_small = np.flatnonzero(varies & (scale < LEAST_SCALE))
    far = np.flatnonzero(varies & (np.abs(mean) > _FARTHEST_MEAN * scale))
    if too_small.size:
        first = too_small[0]
        raise ValueError(
            f"column {names[first]} of X has standard deviation {scale[first]:.3g}, "
            "too small for single precision, in which the student computes: multiply "
            f"it by a number first, for example by {1 / scale[first]:.0e} "
            f"({too_small.size} such columns)"
        )
    if far.size:
        first = far[0]
        warn(
            f"column {names[first]} of X has mean {mean[first]:.6g} and standard "
            f"deviation {scale[first]:.3g}: the student computes in single precision, "
            "which hardly tells its values apart. Subtract a constant from it first "
            f"({far.size} such columns)"
        )
