"""Losses in double precision, with their derivatives by the logits or numbers.

They are those of `skdistill.kernels.layers.loss`, on the same folded targets, for
trainings that need no kernel: a convex one ends where the derivatives are nearly zero,
and single precision would not show that.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from skdistill.kernels.layers import loss as kernels
from skdistill.kernels.layers.separate_loss import error_curves

# Width of absolute errors and of the pinball loss: see the head of `separate_loss`. It
# is greater than that of the kernels. With less, a solver takes thousands of steps. The
# answer for the quantile p lies up to this width times ``abs(p - 0.5)`` nearer to the
# median.
CONVEX_WIDTH = 0.03


class FoldedTargets(NamedTuple):
    """Targets of some rows, as `Task.fold` makes them.

    Attributes
    ----------
    targets : ndarray of shape (n_rows, n_folded)
    soft_weight, hard_weight, constant : ndarray of shape (n_rows,)
        Weights of the two terms, and part of the loss that no student can change.
    quantiles : sequence of float, default=()
        Quantile of each output, or one for all, for the pinball loss.
    """

    targets: NDArray[np.float64]
    soft_weight: NDArray[np.float64]
    hard_weight: NDArray[np.float64]
    constant: NDArray[np.float64]
    quantiles: Sequence[float] = ()


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
    curves = error_curves(kernels.SQUARED_ERROR, 1.0, (), numbers.shape[1])
    return _charged(numbers, folded, curves)


def binary(
    logits: NDArray[np.float64], folded: FoldedTargets, temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the divergence and the cross-entropy of each row's labels.

    Parameters and results are those of `squared_error`. The targets are those of
    `skdistill.tasks.fold.fold_label_sets`.
    """
    weight = (folded.soft_weight + folded.hard_weight)[:, np.newaxis]
    terms = weight * (np.logaddexp(0.0, logits) - np.log(2.0)) - folded.targets * logits
    slopes = weight * expit(logits) - folded.targets
    return folded.constant + terms.sum(axis=1), slopes


def huber(
    numbers: NDArray[np.float64], folded: FoldedTargets, temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Huber's loss of each row's numbers. The temperature is its threshold.

    Parameters and results are those of `squared_error`.
    """
    curves = error_curves(kernels.HUBER, temperature, (), numbers.shape[1])
    return _charged(numbers, folded, curves)


def absolute_error(
    numbers: NDArray[np.float64], folded: FoldedTargets, temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the absolute errors of each row's numbers, rounded off by `CONVEX_WIDTH`.

    Parameters and results are those of `huber`. The temperature is not used.
    """
    curves = error_curves(
        kernels.ABSOLUTE_ERROR, 1.0, (), numbers.shape[1], CONVEX_WIDTH
    )
    return _charged(numbers, folded, curves)


def pinball(
    numbers: NDArray[np.float64], folded: FoldedTargets, temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pinball loss to each row's labels, rounded off by `CONVEX_WIDTH`.

    The soft term is the squared error to the quantiles that the teacher answers.
    Parameters and results are those of `huber`. The temperature is not used.
    """
    curves = error_curves(
        kernels.PINBALL, 1.0, folded.quantiles, numbers.shape[1], CONVEX_WIDTH
    )
    return _charged(numbers, folded, curves)


def _charged(numbers, folded, curves):
    """Return the losses of errors that curves charge, and their slopes."""
    losses, slopes = np.zeros(len(numbers)), np.zeros_like(numbers)
    goals = np.hsplit(folded.targets, 2)
    weights = (folded.soft_weight, folded.hard_weight)
    for curve, goal, weight in zip(
        np.moveaxis(curves, 1, 0), goals, weights, strict=True
    ):
        width, low, high = curve.T
        errors = numbers - goal
        of_errors = np.clip(errors / width, low, high)
        losses += weight * (of_errors * (errors - 0.5 * width * of_errors)).sum(axis=1)
        slopes += weight[:, np.newaxis] * of_errors
    return losses, slopes


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
        n_folded = kernels.n_target_rows(task.losses[loss], given.shape[1])
        targets = np.empty((len(given), n_folded))
        constant = task.fold(
            given,
            transfer_set.labels[rows],
            soft_weight,
            hard_weight,
            loss,
            temperature,
            out=targets,
        )
        self._folded = FoldedTargets(
            targets, soft_weight, hard_weight, constant, task.quantiles
        )
        self._of_rows = task.exact_losses[loss]
        self._temperature = task.loss_parameter(temperature)
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
