"""Predictions of label sets for labelled rows that a model was not trained on."""

from functools import cached_property

import numpy as np
from scipy.special import entr

from skdistill.common.log_loss import binary_log_losses
from skdistill.teachers.calibration import Temperatures
from skdistill.teachers.held_out import HeldOutPredictions
from skdistill.teachers.temperature import temperature_of

# Strength of the pull of the one temperature of all labels towards 1, and of that of
# each label towards the one of all. It matters if rows are few.
_PRIOR = 10.0

# A teacher is clearly worse than labels alone if its calibrated loss on held-out labels
# is greater by this share of the loss of a constant answer, and by this many standard
# errors.
_WORSE_LOSS = 0.25
_STANDARD_ERRORS = 3.0


class HeldOutLabelSets(HeldOutPredictions):
    """Predictions of labels: logits, and labels as 0 and 1."""

    loss_name = "log-loss a label"

    @property
    def logits(self) -> np.ndarray:
        """Logits that the model predicts."""
        return self.targets

    @property
    def share_explained(self) -> float:
        """Share of the labels, by weight of rows, that are decided rightly."""
        right = ((self.logits > 0.0) == (self.labels > 0.0)).mean(axis=1)
        return float(np.average(right, weights=self.weights))

    @property
    def uncalibrated(self) -> Temperatures:
        """Temperature of 1 for each label."""
        return Temperatures.identity(self.logits.shape[1])

    @cached_property
    def temperature(self) -> float:
        """Temperature at which the logits of all labels fit the labels best."""
        logits, labels = self.logits.reshape(-1), self.labels.reshape(-1)
        weights = np.repeat(self.shares, self.logits.shape[1])
        return _temperature(logits, labels, weights)

    @cached_property
    def calibration(self) -> Temperatures:
        """Temperature of each label at which its logits fit best.

        A forest is too unsure of rare labels most of all. With few rows the
        temperatures are near that of all labels.
        """
        shared = self.temperature
        columns = zip((self.logits / shared).T, self.labels.T, strict=True)
        each = [_temperature(*column, self.shares) for column in columns]
        return Temperatures(shared * np.array(each))

    def losses(self, calibration: Temperatures) -> np.ndarray:
        """Return the mean log-loss of each row's labels after a calibration."""
        return binary_log_losses(_calibrated(self, calibration), self.labels)

    def loss_of_mix(self, other: "HeldOutLabelSets", share: float) -> float:
        """Return the loss of a geometric mean of two models' probabilities."""
        one, two = (_calibrated(model, model.calibration) for model in (self, other))
        losses = binary_log_losses(share * one + (1.0 - share) * two, self.labels)
        return float(np.average(losses, weights=self.weights))

    @property
    def loss_of_shares(self) -> float:
        """Loss of a model that always answers with the share of each label."""
        shares = np.average(self.labels, axis=0, weights=self.weights)
        return float((entr(shares) + entr(1.0 - shares)).mean())

    def is_clearly_worse_than(self, other: "HeldOutLabelSets") -> bool:
        """Tell whether the loss is clearly greater than another model's."""
        lost = self.calibrated_loss - other.calibrated_loss
        if lost <= 0.0:
            return False
        if self.labels.shape == other.labels.shape:
            error = self.error_of_difference(other)
        else:
            error = float(np.hypot(self.standard_error, other.standard_error))
        least = _WORSE_LOSS * other.loss_of_shares
        return bool(lost > max(least, _STANDARD_ERRORS * error))

    def compared_in_words(self, other: "HeldOutLabelSets") -> str:
        """Return log-losses, and shares of labels that are decided rightly."""
        right, by_student = (
            f"{100 * answers.share_explained:.1f} %" for answers in (self, other)
        )
        decided = f"The teacher decides {right} of these labels rightly, and "
        decided += f"the student {by_student}"
        if right == by_student:
            decided = f"Both decide {right} of these labels rightly"
        return (
            f"its mean log-loss a label is {self.calibrated_loss:.3g} and the "
            f"student's {other.calibrated_loss:.3g}, each calibrated. {decided}"
        )


def _calibrated(predictions, calibration):
    """Return calibrated logits in double precision."""
    return calibration.apply(predictions.logits.astype(np.float64))


def _temperature(logits, labels, weights):
    """Return the temperature of the logits of labels, drawn to 1.

    It is 1 if all labels are the same: then no temperature is too sure.
    """
    if labels.min() == labels.max():
        return 1.0
    both = np.column_stack([np.zeros_like(logits), logits])
    return temperature_of(both, labels.astype(np.intp), weights, prior=_PRIOR)
