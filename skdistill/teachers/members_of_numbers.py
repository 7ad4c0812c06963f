"""Members of an ensemble that predicts numbers."""

from typing import Any

import numpy as np
from sklearn.ensemble import (
    BaggingRegressor,
    ExtraTreesRegressor,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeRegressor

from skdistill.teachers.members import Member, Taught

# Share of the mean squared error that is added to each one, so that its logarithm is
# finite.
_LEAST_ERROR = 1e-3

# Greatest difference of a root from the labels of its sample, in standard deviations of
# the labels. To it comes the rounding of a sum.
_SAME = 1e-6


class TaughtNumbers(Taught):
    """Numbers that an ensemble was taught.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples, n_targets), float64
    """

    ensembles = (RandomForestRegressor, ExtraTreesRegressor, BaggingRegressor)
    tree = DecisionTreeRegressor

    def __init__(self, numbers):
        self.numbers, self.n_columns = numbers, numbers.shape[1]
        self._deviations = numbers.std(axis=0)

    @classmethod
    def of(cls, ensemble: Any, y: Any, task: Any) -> "TaughtNumbers | None":
        """Return the numbers; None if y has no column for each of the task's."""
        try:
            numbers = np.asarray(y, dtype=np.float64)
        except (TypeError, ValueError):
            return None
        numbers = numbers.reshape(len(numbers), -1)
        if numbers.shape[1] != task.n_columns or not np.isfinite(numbers).all():
            return None
        return cls(numbers)

    def is_usable(self, model: Any) -> bool:
        """Tell whether a model answers with a number for each target."""
        n_outputs = getattr(model, "n_outputs_", self.n_columns)
        return hasattr(model, "predict") and n_outputs == self.n_columns

    def answers(self, member: Member, X: Any) -> Any:
        """Return numbers, with a column for each target."""
        return member.ask(X, "predict", self.tree).reshape(X.shape[0], self.n_columns)

    def root_matches(self, member: Member) -> bool:
        """Tell whether a tree's root holds the mean, or the median, of its sample."""
        of_sample = self.numbers[member.sample]
        is_median = member.model.criterion == "absolute_error"
        expected = (np.median if is_median else np.mean)(of_sample, axis=0)
        found = member.model.tree_.value[0, :, 0]
        rounding = np.finfo(np.float64).eps * member.sample.size * np.abs(expected)
        allowed = _SAME * self._deviations + rounding
        return bool((np.abs(found - expected) <= allowed).all())

    def score(self, answers: Any, rows: Any) -> Any:
        """Return squared errors in deviations, as means over the targets."""
        deviations = np.where(self._deviations > 0, self._deviations, 1.0)
        return (((answers - self.numbers[rows]) / deviations) ** 2).mean(axis=1)

    def comparable(self, scores: Any) -> Any:
        """Return logarithms of the errors, with the opposite sign."""
        mean = scores.mean()
        return -np.log(scores / mean + _LEAST_ERROR) if mean > 0 else 0.0 * scores

    def stored(self, ensemble: Any, members: list[Member]) -> Any:
        """Return the means that an ensemble computed in `fit`; None if it did not."""
        means = getattr(ensemble, "oob_prediction_", None)
        n_samples = len(self.numbers)
        if means is None or means.size != self.numbers.size:
            return None
        # scikit-learn stores zeros for a row that no member left out.
        answered = np.zeros(n_samples, dtype=bool)
        for member in members:
            answered |= member.rows_left_out(n_samples)
        means = means.reshape(n_samples, -1)
        return np.where(answered[:, np.newaxis], means, np.nan)
