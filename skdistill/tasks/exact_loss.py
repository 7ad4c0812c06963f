"""Losses in double precision, with their derivatives by the logits or numbers.

They are those of `skdistill.kernels.layers.loss`, on the same folded targets, for
trainings that need no kernel: a convex one ends where the derivatives are nearly zero,
and single precision would not show that.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class FoldedTargets(NamedTuple):
    """Targets of some rows, as `Task.fold` makes them.

    Attributes
    ----------
    targets : ndarray of shape (n_rows, n_columns)
    soft_weight, hard_weight, constant : ndarray of shape (n_rows,)
        Weights of the two terms, and part of the loss that no student can change.
    """

    targets: NDArray[np.float64]
    soft_weight: NDArray[np.float64]
    hard_weight: NDArray[np.float64]
    constant: NDArray[np.float64]


def kl(
    logits: NDArray[np.float64], folded: FoldedTargets, temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the divergence at a temperature and cross-entropy of each row.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    folded : FoldedTargets
    temperature : float

    Returns
    -------
    losses : ndarray of shape (n_rows,)
    slopes : ndarray of shape (n_rows, n_classes)
        Derivatives of the losses by the logits.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    hard, soft = folded.hard_weight, folded.soft_weight * temperature
    losses = folded.constant - np.einsum("ij,ij->i", folded.targets, shifted)
    if temperature == 1.0:
        hard, soft = hard + soft, np.zeros_like(soft)
    log_mean, shares = _log_mean_and_shares(shifted)
    losses += hard * log_mean
    slopes = hard[:, np.newaxis] * shares
    if soft.any():
        log_mean, shares = _log_mean_and_shares(shifted / temperature)
        losses += soft * temperature * log_mean
        slopes += soft[:, np.newaxis] * shares
    return losses, slopes - folded.targets


def logit_mse(
    logits: NDArray[np.float64], folded: FoldedTargets, temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the squared error of logits and cross-entropy of each row.

    Parameters and results are those of `kl`. The temperature is not used.
    """
    soft, hard = folded.soft_weight, folded.hard_weight
    greatest = logits.max(axis=1)
    log_mean, shares = _log_mean_and_shares(logits - greatest[:, np.newaxis])
    losses = folded.constant + hard * (log_mean + np.log(logits.shape[1]) + greatest)
    errors = 0.5 * soft[:, np.newaxis] * logits - folded.targets
    losses += np.einsum("ij,ij->i", errors, logits)
    slopes = soft[:, np.newaxis] * logits + hard[:, np.newaxis] * shares
    return losses, slopes - folded.targets


def squared_error(
    numbers: NDArray[np.float64], folded: FoldedTargets, temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the squared errors of each row's numbers to the teacher's and the label's.

    Parameters
    ----------
    numbers : ndarray of shape (n_rows, n_columns)
        Values of the output units.
    folded : FoldedTargets
        Targets by `skdistill.tasks.fold.fold_numbers`.
    temperature : float
        Not used.

    Returns
    -------
    losses : ndarray of shape (n_rows,)
    slopes : ndarray of shape (n_rows, n_columns)
        Derivatives of the losses by the numbers.
    """
    weight = (folded.soft_weight + folded.hard_weight)[:, np.newaxis]
    errors = 0.5 * weight * numbers - folded.targets
    losses = folded.constant + np.einsum("ij,ij->i", errors, numbers)
    return losses, weight * numbers - folded.targets


def _log_mean_and_shares(shifted):
    """Return the logarithm of the mean of exponentials, and their shares."""
    exponentials = np.exp(shifted)
    means = exponentials.mean(axis=1)
    shares = exponentials / (shifted.shape[1] * means)[:, np.newaxis]
    return np.log(means), shares


class MeanLoss:
    """Mean loss of some rows, as a function of the values of the output units.

    Parameters
    ----------
    transfer_set : TransferSet
        Rows with their targets and weights.
    rows : ndarray of shape (n_rows,), int
        Numbers of the rows that count.
    loss : str
        Name of the soft term, a key of `Task.losses`.
    temperature : float
    """

    def __init__(self, transfer_set: Any, rows: Any, loss: str, temperature: float):
        task = transfer_set.task
        soft_weight = transfer_set.soft_weight[rows]
        hard_weight = transfer_set.hard_weight[rows]
        given = transfer_set.targets[rows].astype(np.float64)
        targets = np.empty_like(given)
        constant = task.fold(
            given,
            transfer_set.labels[rows],
            soft_weight,
            hard_weight,
            loss,
            temperature,
            out=targets,
        )
        self._folded = FoldedTargets(targets, soft_weight, hard_weight, constant)
        self._of_rows = task.exact_losses[loss]
        self._temperature = temperature
        self._all_logits = task.output.all_logits

    def __call__(self, units: NDArray[np.float64]) -> tuple[float, Any]:
        """Return the mean loss, and its derivatives by the units.

        Parameters
        ----------
        units : ndarray of shape (n_rows, n_units)

        Returns
        -------
        loss : float
        slopes : ndarray of shape (n_rows, n_units)
        """
        logits = self._all_logits(units)
        losses, slopes = self._of_rows(logits, self._folded, self._temperature)
        # If one unit stands for two classes, the logit of the first is zero.
        slopes = slopes[:, slopes.shape[1] - units.shape[1] :] / len(units)
        return float(losses.mean()), slopes
