"""Standardised columns, for a student without knots."""

from typing import NamedTuple

import numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_batches

from skdistill.common.warn import warn

# A mean that is so many deviations away leaves single precision, which raw
# values are in, less than three digits for the differences between rows.
FARTHEST_MEAN = 1e4

# Below it a weight on raw values would be beyond single precision.
LEAST_SCALE = 1e-30

_BLOCK_ROWS = 8192


class Standardization(NamedTuple):
    """Means and deviations of columns, and what they do to a first layer.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
    scale : ndarray of shape (n_features,)
        Standard deviations, 1 where a column is constant.
    varies : ndarray of shape (n_features,), bool
        False where a column is constant.
    """

    mean: np.ndarray
    scale: np.ndarray
    varies: np.ndarray

    @classmethod
    def learn(cls, X, feature_names=None):
        """Learn from rows; warn of columns that single precision cannot tell.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
        feature_names : ndarray of str or None

        Returns
        -------
        standardization : Standardization

        Raises
        ------
        ValueError
            Where a column varies so little that float32 cannot hold its weights.
        """
        scaler = StandardScaler()
        # In blocks: a whole fit makes a temporary copy of X.
        for rows in gen_batches(X.shape[0], _BLOCK_ROWS):
            scaler.partial_fit(X[rows])
        varies = scaler.var_ > 0
        # StandardScaler has a scale of exactly 1 for what is constant but for
        # rounding, too.
        varies &= ~((scaler.scale_ == 1.0) & (np.sqrt(scaler.var_) != 1.0))
        tiny = np.flatnonzero(varies & (scaler.scale_ < LEAST_SCALE))
        for column in tiny[:1]:
            name = column if feature_names is None else repr(feature_names[column])
            raise too_small_error(name, scaler.scale_[column], tiny.size)
        distance = np.abs(scaler.mean_) / scaler.scale_
        far = np.flatnonzero(varies & (distance > FARTHEST_MEAN))
        for column in far[:1]:
            name = column if feature_names is None else repr(feature_names[column])
            warn(
                far_message(
                    name, scaler.mean_[column], scaler.scale_[column], far.size
                ),
            )
        return cls(scaler.mean_, scaler.scale_, varies)

    def transform(self, X):
        """Return standardised rows, float32."""
        return ((X - self.mean) / self.scale).astype(np.float32)

    def to_raw(self, weights, bias):
        """Return a first layer that takes raw values.

        The layer ``W.T @ (x - mean) / scale + b`` is ``V.T @ x + c`` with ``V = W
        / scale`` and ``c = b - mean @ V``. A column that was constant in
        training told nothing, and gets weights of zero.

        Parameters
        ----------
        weights : ndarray of shape (n_features, n_units)
            Weights on standardised values.
        bias : ndarray of shape (n_units,)

        Returns
        -------
        weights, bias : ndarray, float64
        """
        raw = weights.astype(np.float64) / self.scale[:, np.newaxis]
        raw[~self.varies] = 0.0
        return raw, bias - self.mean @ raw

    def from_raw(self, weights, bias):
        """Return a first layer that takes standardised values; undoes `to_raw`."""
        raw = weights.astype(np.float64)
        return raw * self.scale[:, np.newaxis], bias + self.mean @ raw


def too_small_error(name, scale, n_columns):
    """Return the error of a column that hardly varies."""
    return ValueError(
        f"column {name} of X has standard deviation {scale:.3g}, too small for single "
        f"precision: scale it up first ({n_columns} such columns)"
    )


def far_message(name, mean, scale, n_columns):
    """Return the warning of a column whose values are nearly the same."""
    return (
        f"column {name} of X has mean {mean:.6g} and standard deviation {scale:.3g}: "
        "the student takes single precision, which hardly tells its values apart. "
        f"Subtract a constant from it first ({n_columns} such columns)"
    )
