"""The numbers that a student inside a `TransformedTargetRegressor` learns, and y."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdistill.estimators.distillation import Distillation


class UnitsOfY(NamedTuple):
    """The way from y to the numbers that a student learns, and back.

    Attributes
    ----------
    transformer : transformer or None, default=None
        Fitted transformer of a `TransformedTargetRegressor`. None if the student learns
        y itself.
    """

    transformer: Any = None

    def learned(self, y: Any) -> Any:
        """Return y as the student learns it.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_targets)

        Returns
        -------
        numbers : array-like of shape (n_samples,) or (n_samples, n_targets)
        """
        if self.transformer is None:
            return y
        # A transformer with copy=False alters its input.
        numbers = np.array(y, dtype=np.float64)
        columns = self.transformer.transform(numbers.reshape(len(numbers), -1))
        return np.asarray(columns).reshape(numbers.shape)

    def of_answers(self, answers: NDArray[Any]) -> NDArray[Any]:
        """Return answers of the student, or of its teacher, in the units of y.

        Parameters
        ----------
        answers : ndarray of shape (n_samples, n_targets)

        Returns
        -------
        numbers : ndarray of shape (n_samples, n_targets)

        Raises
        ------
        ValueError
            If the transformer makes infinite or missing numbers of answers.
        """
        if self.transformer is None:
            return answers
        numbers = np.asarray(self.transformer.inverse_transform(answers.copy()))
        numbers = numbers.reshape(answers.shape)
        wrong = ~np.isfinite(numbers)
        if wrong.any():
            raise ValueError(
                f"the inverse of the transform makes {numbers[wrong][0]} of the answer "
                f"{answers[wrong][0]:.6g}: the figures need finite numbers. Give an "
                "inverse_func that is finite for all answers"
            )
        return numbers


def without_transform(estimator: Any) -> tuple[Any, UnitsOfY]:
    """Return the student inside a `TransformedTargetRegressor`, and the way to y.

    Parameters
    ----------
    estimator : estimator

    Returns
    -------
    student : estimator
        The `regressor_` of such a regressor, if that is a distilled estimator. All
        other estimators are returned as they are.
    units : UnitsOfY
    """
    inner = getattr(estimator, "regressor_", None)
    if isinstance(inner, Distillation) and hasattr(estimator, "transformer_"):
        return inner, UnitsOfY(estimator.transformer_)
    return estimator, UnitsOfY()
