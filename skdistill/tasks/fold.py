"""Soft targets and labels of rows, folded as the losses of numbers take them.

A row without a label has NaN in place of its numbers, and its hard weight is zero.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def fold_numbers(
    targets: NDArray[np.floating],
    labels: NDArray[np.floating],
    soft_weight: NDArray[np.float64],
    hard_weight: NDArray[np.float64],
    out: NDArray[np.floating],
) -> NDArray[np.float64]:
    """Fold the teacher's and the label's numbers for the squared error.

    Parameters
    ----------
    targets : ndarray of shape (n_rows, n_columns)
        Numbers of the teacher.
    labels : ndarray of shape (n_rows, n_columns)
        Numbers of the labels. They count in rows whose hard weight is above zero.
    soft_weight, hard_weight : ndarray of shape (n_rows,)
        Weights of the squared errors to both.
    out : ndarray of shape (n_rows, n_columns)
        Array that receives the weighted sum of both.

    Returns
    -------
    constant : ndarray of shape (n_rows,)
        Loss of each row if the student's numbers are zero.
    """
    soft, hard = soft_weight[:, np.newaxis], hard_weight[:, np.newaxis]
    given, known = targets.astype(np.float64), _known(labels, hard)
    out[...] = soft * given + hard * known
    return 0.5 * (soft * given**2 + hard * known**2).sum(axis=1)


def _known(labels: NDArray[np.floating], hard: NDArray[np.float64]) -> NDArray[Any]:
    """Return the labels, with zeros in rows whose hard weight is zero."""
    return np.where(hard > 0.0, labels, 0.0)
