"""Predictions of numbers for labelled rows that a model was not trained on."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from skdistill.teachers.calibration import SlopeAndOffset
from skdistill.teachers.held_out import HeldOutPredictions

# Number of rows that the pull of the calibration to a slope of 1 counts as. It matters
# if rows are few.
_PSEUDO_ROWS = 10.0

# A teacher is clearly worse than labels alone if its loss is greater by this share of
# the loss of a constant answer, and by this many standard errors.
_WORSE_LOSS = 0.15
_STANDARD_ERRORS = 3.0


class HeldOutNumbers(HeldOutPredictions):
    """Predictions of numbers, in deviations of their targets.

    Parameters
    ----------
    targets, labels : ndarray of shape (n_rows, n_targets)
        Predictions and labels.
    model, weights, rows
        See `HeldOutPredictions`.
    loss_of : callable
        Function of predictions and labels that returns the loss of each row.
    quantiles : ndarray of shape (n_targets,) or None
        Level of the quantile that each target is. None if the targets are means.
    """

    labels_name = "numbers"

    def __init__(
        self,
        targets: np.ndarray,
        labels: np.ndarray,
        model: Any = None,
        weights: np.ndarray | None = None,
        rows: np.ndarray | None = None,
        *,
        loss_of: Callable[[Any, Any], np.ndarray],
        quantiles: np.ndarray | None = None,
    ) -> None:
        super().__init__(targets, labels, model, weights, rows)
        self._loss_of, self._quantiles = loss_of, quantiles

    @property
    def uncalibrated(self) -> SlopeAndOffset:
        """Slope of 1 and offset of 0."""
        return SlopeAndOffset.identity(self.targets.shape[1])

    @cached_property
    def calibration(self) -> SlopeAndOffset:
        """Slope and offset with which the predictions fit the labels best.

        For means, the slope is that of least squares, drawn to 1 as by ten rows more.
        For quantiles it is 1, and the offset is the quantile of what is left.
        """
        predicted = self.targets.astype(np.float64)
        if self._quantiles is not None:
            left = self.labels - predicted
            offset = [
                np.quantile(of_one, level, weights=self.shares, method="inverted_cdf")
                for of_one, level in zip(left.T, self._quantiles, strict=True)
            ]
            n_rows = len(predicted)
            pull = n_rows / (n_rows + _PSEUDO_ROWS)
            return SlopeAndOffset(np.ones(len(offset)), pull * np.array(offset))
        shares, n_rows = self.shares[:, np.newaxis], len(predicted)
        mean, mean_label = (shares * predicted).sum(0), (shares * self.labels).sum(0)
        centred = predicted - mean
        variance = (shares * centred**2).sum(axis=0)
        slope = (shares * centred * self.labels).sum(axis=0)
        slope = np.where(variance > 0, slope / np.where(variance > 0, variance, 1), 1.0)
        slope = (slope * n_rows + _PSEUDO_ROWS) / (n_rows + _PSEUDO_ROWS)
        return SlopeAndOffset(slope, mean_label - slope * mean)

    def losses(self, calibration: SlopeAndOffset) -> np.ndarray:
        """Return the loss of each row after a calibration, in deviations."""
        predicted = calibration.apply(self.targets.astype(np.float64))
        return self._loss_of(predicted, self.labels)

    @cached_property
    def loss_of_constant(self) -> float:
        """Mean loss of the best constant answer."""
        if self._quantiles is None:
            constant = np.average(self.labels, axis=0, weights=self.weights)
        else:
            constant = np.array(
                [
                    np.quantile(y, q, weights=self.shares, method="inverted_cdf")
                    for y, q in zip(self.labels.T, self._quantiles, strict=True)
                ]
            )
        answers = np.broadcast_to(constant, self.labels.shape)
        losses = self._loss_of(answers, self.labels)
        return float(np.average(losses, weights=self.weights))

    @property
    def share_explained(self) -> float:
        """Share of the loss of a constant answer that the predictions avoid."""
        losses = self.losses(self.uncalibrated)
        loss = float(np.average(losses, weights=self.weights))
        constant = self.loss_of_constant
        return 1.0 - loss / constant if constant > 0.0 else float(loss == 0.0)

    def loss_of_mix(self, other: "HeldOutNumbers", share: float) -> float:
        """Return the loss of a weighted mean of two models' predictions."""
        one, two = (
            predictions.calibration.apply(predictions.targets.astype(np.float64))
            for predictions in (self, other)
        )
        losses = self._loss_of(share * one + (1.0 - share) * two, self.labels)
        return float(np.average(losses, weights=self.weights))

    def is_clearly_worse_than(self, other: "HeldOutNumbers") -> bool:
        """Tell whether the loss is clearly greater than another model's."""
        lost = self.calibrated_loss - other.calibrated_loss
        if lost <= 0.0:
            return False
        if self.labels.shape == other.labels.shape:
            error = self.error_of_difference(other)
        else:
            error = float(np.hypot(self.standard_error, other.standard_error))
        least = _WORSE_LOSS * other.loss_of_constant
        return bool(lost > max(least, _STANDARD_ERRORS * error))

    def compared_in_words(self, other: "HeldOutNumbers") -> str:
        """Return the losses, and the shares of a constant's loss that are avoided."""
        return (
            f"its loss is {self.calibrated_loss:.3g} and the student's "
            f"{other.calibrated_loss:.3g}, each calibrated, in deviations of y. A "
            f"constant answer has {other.loss_of_constant:.3g}"
        )

    def _like(self, targets, index):
        """Return predictions of the same kind for some rows."""
        return HeldOutNumbers(
            targets,
            self.labels[index],
            self.model,
            None if self.weights is None else self.weights[index],
            None if self.rows is None else self.rows[index],
            loss_of=self._loss_of,
            quantiles=self._quantiles,
        )
