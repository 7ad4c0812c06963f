"""Predictions for labelled rows that a model was not trained on, and their scores."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np


class HeldOutPredictions(ABC):
    """Predictions of a model for labelled rows that it was not trained on.

    A task makes them: see `Task.predictions`.

    Parameters
    ----------
    targets : ndarray of shape (n_rows, n_targets)
        Predictions, in the form of soft targets.
    labels : ndarray of shape (n_rows,) or (n_rows, n_targets)
        Labels as the task encodes them. Each row has one.
    model : MeanOfStudents or None, default=None
        The model, if it can be asked about other rows.
    weights : ndarray of shape (n_rows,) or None, default=None
        Weights of the rows. None stands for equal weights.
    rows : ndarray of shape (n_rows,), int, or None, default=None
        Numbers of the rows among the given ones, each once. None if they are not known.
    """

    def __init__(
        self,
        targets: np.ndarray,
        labels: np.ndarray,
        model: Any = None,
        weights: np.ndarray | None = None,
        rows: np.ndarray | None = None,
    ) -> None:
        self.targets = targets
        self.labels = labels
        self.model = model
        self.weights = weights
        self.rows = rows

    #: Name of the loss in messages.
    loss_name: ClassVar[str] = "loss"

    #: Name of the labels in messages.
    labels_name: ClassVar[str] = "labels"

    @abstractmethod
    def losses(self, calibration: Any) -> np.ndarray:
        """Return the loss of each row after a calibration.

        Parameters
        ----------
        calibration : Temperature or SlopeAndOffset

        Returns
        -------
        losses : ndarray of shape (n_rows,)
        """

    @property
    @abstractmethod
    def uncalibrated(self) -> Any:
        """Calibration that changes nothing."""

    @cached_property
    @abstractmethod
    def calibration(self) -> Any:
        """Calibration with which the predictions fit the labels best."""

    @property
    def temperature(self) -> float:
        """Temperature that divides a student's outputs: 1 unless these are logits."""
        return 1.0

    @property
    @abstractmethod
    def share_explained(self) -> float:
        """Share of the rows that are right, or of the variance that is explained."""

    @abstractmethod
    def loss_of_mix(self, other: Self, share: float) -> float:
        """Return the loss of a mix of two models' calibrated predictions.

        Parameters
        ----------
        other : HeldOutPredictions
            Predictions of the other model for the same rows, in the same order.
        share : float
            Share of this model.

        Returns
        -------
        loss : float
        """

    @abstractmethod
    def is_clearly_worse_than(self, other: Self) -> bool:
        """Tell whether this model is clearly worse than another one.

        Parameters
        ----------
        other : HeldOutPredictions
            Predictions of the other model, if possible for the same rows.

        Returns
        -------
        bool
        """

    @abstractmethod
    def compared_in_words(self, other: Self) -> str:
        """Return a teacher's scores beside those of a student, for a warning.

        Parameters
        ----------
        other : HeldOutPredictions
            Predictions of students of the labels alone.

        Returns
        -------
        words : str
        """

    @cached_property
    def calibrated_loss(self) -> float:
        """Mean loss of the calibrated predictions."""
        return float(np.average(self.calibrated_losses, weights=self.weights))

    @cached_property
    def calibrated_losses(self) -> np.ndarray:
        """Loss of each row's calibrated prediction."""
        return self.losses(self.calibration)

    @property
    def scored_losses(self) -> np.ndarray:
        """Loss of each row, whose mean is the score."""
        return 0.5 * (self.losses(self.uncalibrated) + self.calibrated_losses)

    @cached_property
    def score(self) -> float:
        """Mean of the loss as it is and the loss of calibrated predictions.

        The first alone would reward a model of probabilities that is sure of nothing.
        The second alone would not see a model that is sure of everything.
        """
        as_it_is = np.average(self.losses(self.uncalibrated), weights=self.weights)
        return 0.5 * (float(as_it_is) + self.calibrated_loss)

    @property
    def shares(self) -> np.ndarray:
        """Share of each row in the sum of the weights."""
        n_rows = len(self.labels)
        weights = np.ones(n_rows) if self.weights is None else self.weights
        return weights / weights.sum()

    @property
    def standard_error(self) -> float:
        """Standard error of the calibrated loss."""
        return _standard_error(self.calibrated_losses, self.shares)

    def error_of_difference(self, other: Self) -> float:
        """Return the standard error of the difference of two calibrated losses.

        Parameters
        ----------
        other : HeldOutPredictions
            Predictions of another model for the same rows, in the same order.

        Returns
        -------
        error : float
        """
        lost = self.calibrated_losses - other.calibrated_losses
        return _standard_error(lost, self.shares)

    def with_targets(self, targets: np.ndarray) -> Self:
        """Return other predictions for the same rows."""
        return self._like(targets, slice(None))

    def take(self, index: Any) -> Self:
        """Return the predictions for some rows, with the calibration of all."""
        taken = self._like(self.targets[index], index)
        taken.calibration = self.calibration
        return taken

    def _like(self, targets, index):
        """Return predictions of the same kind for some rows."""
        return type(self)(
            targets,
            self.labels[index],
            self.model,
            None if self.weights is None else self.weights[index],
            None if self.rows is None else self.rows[index],
        )


def _standard_error(losses, shares):
    """Return the standard error of a mean of losses."""
    deviations = losses - shares @ losses
    return float((shares**2 @ deviations**2) ** 0.5)


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
    return first.take(one), second.take(other)
