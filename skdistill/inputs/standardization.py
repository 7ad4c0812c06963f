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
_LEAST_SCALE = 1e-30

_BLOCK_ROWS = 8192


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
        Whether each column has more than one value.
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
            If float32 hardly tells the values of a column apart.
        """
        scaler = StandardScaler()
        # Blocks save memory: `fit` would make a temporary copy of all rows.
        for rows in gen_batches(X.shape[0], _BLOCK_ROWS):
            scaler.partial_fit(X[rows])
        varies = scaler.var_ > 0
        # A column may be constant except for rounding. StandardScaler gives it a scale
        # of exactly 1.
        varies &= ~((scaler.scale_ == 1.0) & (np.sqrt(scaler.var_) != 1.0))
        names = range(varies.size)
        if feature_names is not None:
            names = [repr(name) for name in feature_names]
        check_precision(names, scaler.mean_, scaler.scale_, varies)
        return cls(scaler.mean_, scaler.scale_, varies)

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
    too_small = np.flatnonzero(varies & (scale < _LEAST_SCALE))
    far = np.flatnonzero(varies & (np.abs(mean) > _FARTHEST_MEAN * scale))
    if too_small.size:
        first = too_small[0]
        raise ValueError(
            f"column {names[first]} of X has standard deviation {scale[first]:.3g}, "
            "too small for single precision: scale it up first "
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
