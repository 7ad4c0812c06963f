"""Soft targets and labels of rows, folded as separate losses take them.

A row without a label has NaN in place of its numbers, and its hard weight is zero.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy


def fold_numbers(
    targets: NDArray[np.floating],
    labels: NDArray[np.floating],
    soft_weight: NDArray[np.float64],
    hard_weight: NDArray[np.float64],
    out: NDArray[np.floating],
) -> NDArray[np.float64]:
    """Put the teacher's and the label's numbers side by side, as they are.

    Parameters
    ----------
    targets : ndarray of shape (n_rows, n_columns)
        Numbers of the teacher.
    labels : ndarray of shape (n_rows, n_columns)
        Numbers of the labels. They count in rows whose hard weight is above zero.
    soft_weight, hard_weight : ndarray of shape (n_rows,)
        Weights of the losses to both.
    out : ndarray of shape (n_rows, 2 * n_columns)
        Array that receives the numbers of the teacher, then those of the labels.

    Returns
    -------
    constant : ndarray of shape (n_rows,)
        Zeros, since the kernel adds nothing to the losses.
    """
    n_columns = targets.shape[1]
    out[:, :n_columns] = targets
    out[:, n_columns:] = _known(labels, hard_weight[:, np.newaxis])
    return np.zeros(len(targets))


def fold_label_sets(
    targets: NDArray[np.floating],
    labels: NDArray[np.floating],
    soft_weight: NDArray[np.float64],
    hard_weight: NDArray[np.float64],
    out: NDArray[np.floating],
) -> NDArray[np.float64]:
    """Fold the teacher's probabilities and the labels of sets.

    Parameters are those of `fold_numbers`, but `out` has the shape of the targets. It
    receives their weighted sum. Targets are probabilities, and labels are 0 or 1.

    Returns
    -------
    constant : ndarray of shape (n_rows,)
        Loss of each row if the student's probabilities are one half.
    """
    soft, hard = soft_weight[:, np.newaxis], hard_weight[:, np.newaxis]
    given = targets.astype(np.float64)
    out[...] = soft * given + hard * _known(labels, hard)
    negative_entropy = xlogy(given, given) + xlogy(1.0 - given, 1.0 - given)
    return (soft * negative_entropy + (soft + hard) * np.log(2.0)).sum(axis=1)


def _known(labels: NDArray[np.floating], hard: NDArray[np.float64]) -> NDArray[Any]:
    """Return the labels, with zeros in rows whose hard weight is zero."""
    return np.where(hard > 0.0, labels, 0.0)
