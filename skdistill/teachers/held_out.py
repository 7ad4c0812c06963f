"""Predictions for labelled rows that a model was not trained on, and their scores."""

from functools import cached_property
from typing import Any

import numpy as np

from skdistill.teachers.temperature import log_loss, temperature_of

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
    student : Student or None, default=None
        The model, if it is a student.
    weights : ndarray of shape (n_rows,) or None, default=None
        Weights of the rows. None stands for equal weights.
    """

    def __init__(
        self,
        logits: np.ndarray,
        labels: np.ndarray,
        student: Any = None,
        weights: np.ndarray | None = None,
    ) -> None:
        self.logits = logits
        self.labels = labels
        self.student = student
        self.weights = weights

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
        return log_loss(self.logits / self.temperature, self.labels, self.weights)
