"""Predictions for labelled rows that a model was not trained on, and their scores."""

from functools import cached_property
from typing import Any

import numpy as np

from skdistill.common.log_loss import log_loss, log_losses
from skdistill.teachers.temperature import temperature_of

# Strength of the pull of the temperature towards 1. It matters if rows are few.
_PRIOR = 10.0


class HeldOutPredictions:
    """Predictions of a model for labelled rows that it was not trained on.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
        Logits that the model predicts.
    labels : ndarray of shape (n_rows,), int
        Column numbers of the labels.
    model : MeanOfStudents or None, default=None
        The model, if it can be asked about other rows.
    weights : ndarray of shape (n_rows,) or None, default=None
        Weights of the rows. None stands for equal weights.
    rows : ndarray of shape (n_rows,), int, or None, default=None
        Numbers of the rows among the given ones, each once. None if they are not known.
    """

    def __init__(
        self,
        logits: np.ndarray,
        labels: np.ndarray,
        model: Any = None,
        weights: np.ndarray | None = None,
        rows: np.ndarray | None = None,
    ) -> None:
        self.logits = logits
        self.labels = labels
        self.model = model
        self.weights = weights
        self.rows = rows

    @property
    def accuracy(self) -> float:
        """Share of the rows, by weight, whose most probable class is their label."""
        right = self.logits.argmax(axis=1) == self.labels
        return float(np.average(right, weights=self.weights))

    @cached_property
    def temperature(self) -> float:
        """Temperature at which the logits fit the labels best."""
        return temperature_of(self.logits, self.labels, self.weights, prior=_PRIOR)

    @cached_property
    def calibrated_loss(self) -> float:
        """Log-loss at the best temperature, in nats."""
        return float(np.average(self._losses, weights=self.weights))

    @cached_property
    def score(self) -> float:
        """Mean of the log-loss as it is and the log-loss at the best temperature.

        The first alone would reward a model that is sure of nothing. The second alone
        would not see a model that is sure of everything.
        """
        as_it_is = log_loss(self.logits, self.labels, self.weights)
        return 0.5 * (as_it_is + self.calibrated_loss)

    @property
    def standard_error(self) -> float:
        """Standard error of the log-loss, for the given number of rows of each class.

        The loss differs most between classes, and rows are held out by class. So only
        the differences within classes count.
        """
        weights = np.ones(self.labels.size) if self.weights is None else self.weights
        shares, variance = weights / weights.sum(), 0.0
        for label in np.unique(self.labels):
            rows = (self.labels == label) & (shares > 0.0)
            losses, parts = self._losses[rows], shares[rows]
            if losses.size == 0:
                continue  # class_weight left the class out
            if losses.size == 1:
                variance += (parts[0] * losses[0]) ** 2
                continue
            deviations = losses - np.average(losses, weights=parts)
            unbiased = losses.size / (losses.size - 1)
            variance += unbiased * ((parts * deviations) ** 2).sum()
        return float(variance**0.5)

    def error_of_difference(self, other: "HeldOutPredictions") -> float:
        """Return the standard error of the difference of two calibrated losses.

        Parameters
        ----------
        other : HeldOutPredictions
            Predictions of another model for the same rows, in the same order.

        Returns
        -------
        error : float
        """
        weights = np.ones(self.labels.size) if self.weights is None else self.weights
        shares, lost = weights / weights.sum(), self._losses - other._losses
        deviations = lost - shares @ lost
        return float((shares**2 @ deviations**2) ** 0.5)

    @property
    def greatest_share(self) -> float:
        """Share of the rows, by weight, that have the most frequent label."""
        totals = np.bincount(self.labels, weights=self.weights)
        return float(totals.max() / totals.sum())

    @property
    def loss_of_shares(self) -> float:
        """Log-loss of a model that always answers with the shares of the labels."""
        totals = np.bincount(self.labels, weights=self.weights)
        shares = totals[totals > 0] / totals.sum()
        return float(-(shares * np.log(shares)).sum())

    def _take(self, index):
        """Return the predictions for some rows, at the temperature of all."""
        taken = HeldOutPredictions(
            self.logits[index],
            self.labels[index],
            self.model,
            None if self.weights is None else self.weights[index],
            None if self.rows is None else self.rows[index],
        )
        taken.temperature = self.temperature
        return taken

    @cached_property
    def _losses(self):
        return log_losses(self.logits / self.temperature, self.labels)


def on_same_rows(
    first: HeldOutPredictions, second: HeldOutPredictions
) -> tuple[HeldOutPredictions, HeldOutPredictions]:
    """Return the predictions of two models for the rows that both have.

    Parameters
    ----------
    first, second : HeldOutPredictions

    Returns
    -------
    first, second : HeldOutPredictions
        As given if the rows are not known, or if fewer than half of those of the model
        with fewer rows are shared.
    """
    if first.rows is None or second.rows is None:
        return first, second
    shared, one, other = np.intersect1d(
        first.rows, second.rows, assume_unique=True, return_indices=True
    )
    if 2 * shared.size < min(first.rows.size, second.rows.size):
        return first, second
    return first._take(one), second._take(other)
