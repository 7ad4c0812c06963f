"""The loss of numbers that are held out, as the parameters of an estimator name it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Threshold of Huber's loss, in standard deviations of the teacher's errors (Huber
# 1964). With normal errors, the loss then loses five percent of the precision.
_DEVIATIONS = 1.35

# Median of the absolute value of a normal variable with the standard deviation 1.
_NORMAL_MEDIAN = 0.6745


class NumberLoss(NamedTuple):
    """The loss of numbers.

    Attributes
    ----------
    name : {"squared_error", "huber", "absolute_error", "quantile"}
    quantiles : tuple of float or None, default=None
        Levels of the quantiles to learn. None unless the name is "quantile".
    threshold : float, default=1.0
        Threshold of Huber's loss, in deviations of y.
    """

    name: str = "squared_error"
    quantiles: tuple[float, ...] | None = None
    threshold: float = 1.0

    def with_threshold_of(self, unseen: Any) -> "NumberLoss":
        """Return the loss with the threshold that suits the errors of a model.

        Parameters
        ----------
        unseen : HeldOutNumbers
            Predictions of the model for rows that it was not trained on.

        Returns
        -------
        loss : NumberLoss
            With Huber's loss, 1.35 standard deviations of the errors, which their
            median tells.
        """
        if self.name != "huber":
            return self
        errors = np.abs(unseen.calibration.apply(unseen.targets) - unseen.labels)
        deviation = float(np.median(errors)) / _NORMAL_MEDIAN
        return self._replace(threshold=max(_DEVIATIONS * deviation, 1e-3))

    def levels(self, n_targets: int) -> NDArray[np.float64] | None:
        """Return the level of the quantile that each target is, None for means."""
        if self.name == "absolute_error":
            return np.full(n_targets, 0.5)
        return None if self.quantiles is None else np.array(self.quantiles)

    def of_rows(
        self, predicted: NDArray[Any], labels: NDArray[Any]
    ) -> NDArray[np.float64]:
        """Return the loss of each row, a mean over the targets.

        Parameters
        ----------
        predicted, labels : ndarray of shape (n_rows, n_targets)
            Numbers in deviations of y.

        Returns
        -------
        losses : ndarray of shape (n_rows,)
        """
        left = labels - predicted
        if self.quantiles is not None:
            levels = np.array(self.quantiles)
            losses = np.maximum(levels * left, (levels - 1.0) * left)
        elif self.name == "absolute_error":
            losses = np.abs(left)
        elif self.name == "huber":
            near = np.minimum(np.abs(left), self.threshold)
            losses = near * (2.0 * np.abs(left) - near)
        else:
            losses = left**2
        return losses.mean(axis=1)
