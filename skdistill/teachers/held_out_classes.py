"""Predictions of classes for labelled rows that a model was not trained on."""

from functools import cached_property

import numpy as np

from skdistill.common.log_loss import log_loss, log_losses
from skdistill.teachers.calibration import Temperature
from skdistill.teachers.held_out import HeldOutPredictions
from skdistill.teachers.temperature import temperature_of

# Strength of the pull of the temperature towards 1. It matters if rows are few.
_PRIOR = 10.0

_LEAST_LOSS = 1e-6

# A teacher is worse than labels alone if its calibrated log-loss on held-out labels is
# greater and its accuracy is lower by this difference. If a class has nearly all
# rows, accuracy cannot tell: then the log-loss has to be greater by this share of the
# loss of a constant answer. Either difference has to be more than this many standard
# errors.
_WORSE_LOSS = 0.25
_WORSE_ACCURACY = 0.15
_COMMON_CLASS = 0.9
_STANDARD_ERRORS = 3.0


class HeldOutClasses(HeldOutPredictions):
    """Predictions of classes: logits, and labels as column numbers."""

    loss_name = "log-loss"

    @property
    def logits(self) -> np.ndarray:
        """Logits that the model predicts."""
        return self.targets

    @property
    def accuracy(self) -> float:
        """Share of the rows, by weight, whose most probable class is their label."""
        right = self.logits.argmax(axis=1) == self.labels
        return float(np.average(right, weights=self.weights))

    @property
    def share_explained(self) -> float:
        """Accuracy."""
        return self.accuracy

    @property
    def uncalibrated(self) -> Temperature:
        """Temperature of 1."""
        return Temperature()

    @cached_property
    def calibration(self) -> Temperature:
        """Temperature at which the logits fit the labels best."""
        return Temperature(
            temperature_of(self.logits, self.labels, self.weights, prior=_PRIOR)
        )

    @property
    def temperature(self) -> float:
        """Temperature at which the logits fit the labels best."""
        return self.calibration.temperature

    def losses(self, calibration: Temperature) -> np.ndarray:
        """Return the log-loss of each row after a calibration, in nats."""
        return log_losses(calibration.apply(self.logits), self.labels)

    def loss_of_mix(self, other: "HeldOutClasses", share: float) -> float:
        """Return the log-loss of a geometric mean of two models' probabilities."""
        one, two = (
            predictions.calibration.apply(predictions.logits)
            for predictions in (self, other)
        )
        return log_loss(share * one + (1.0 - share) * two, self.labels, self.weights)

    @property
    def standard_error(self) -> float:
        """Standard error of the log-loss, for the given number of rows of each class.

        The loss differs most between classes, and rows are held out by class. So only
        the differences within classes count.
        """
        shares, variance = self.shares, 0.0
        for label in np.unique(self.labels):
            rows = (self.labels == label) & (shares > 0.0)
            losses, parts = self.calibrated_losses[rows], shares[rows]
            if losses.size == 0:
                continue  # class_weight left the class out
            if losses.size == 1:
                variance += (parts[0] * losses[0]) ** 2
                continue
            deviations = losses - np.average(losses, weights=parts)
            unbiased = losses.size / (losses.size - 1)
            variance += unbiased * ((parts * deviations) ** 2).sum()
        return float(variance**0.5)

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

    def is_clearly_worse_than(self, other: "HeldOutClasses") -> bool:
        """Tell whether log-loss and accuracy are clearly worse than another model's."""
        lost = self.calibrated_loss - other.calibrated_loss
        if lost <= 0.0:
            return False
        if other.greatest_share > _COMMON_CLASS:
            error = np.hypot(_uncertainty(self), _uncertainty(other))
            least = _WORSE_LOSS * other.loss_of_shares
            return bool(lost > max(least, _STANDARD_ERRORS * error))
        missed = other.accuracy - self.accuracy
        variances = [
            max(answers.accuracy * (1.0 - answers.accuracy), 0.01) / answers.labels.size
            for answers in (self, other)
        ]
        return missed > max(_WORSE_ACCURACY, _STANDARD_ERRORS * sum(variances) ** 0.5)

    def compared_in_words(self, other: "HeldOutClasses") -> str:
        """Return log-losses and accuracies."""
        return (
            f"its log-loss is {self.calibrated_loss:.3g} and the student's "
            f"{other.calibrated_loss:.3g}, each calibrated and without class_weight. "
            f"The teacher gets {100 * self.accuracy:.1f} % of these labels right, and "
            f"the student {100 * other.accuracy:.1f} %"
        )


def _uncertainty(answers):
    """Return how far the log-loss of a model may be off.

    To the standard error comes the change that one more row would make if the model got
    it wrong as surely as it gets others right. Otherwise a model that is right on a few
    rows would count as known exactly.
    """
    probability = np.exp(-max(answers.calibrated_loss, _LEAST_LOSS))
    wrong_row = -np.log1p(-probability) / (answers.labels.size + 1)
    return np.hypot(answers.standard_error, wrong_row)
