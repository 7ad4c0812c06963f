"""The task of an estimator of numbers, its predictions and its score."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.metrics import d2_pinball_score, r2_score

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.estimators.incremental_numbers import IncrementalNumbers
from skdistill.estimators.label_names import check_order_of_columns
from skdistill.estimators.student_answers import StudentAnswers
from skdistill.estimators.targets import NumberTargets
from skdistill.tasks.number_loss import NumberLoss
from skdistill.tasks.numbers import Regression
from skdistill.teachers.resolve import is_used_as_given
from skdistill.teachers.teacher import Teacher
from skdistill.training.recipe import usual_weight


class RegressionMethods(RegressorMixin, StudentAnswers, IncrementalNumbers):
    """Base class of distilled estimators of numbers."""

    loss: str
    quantile: Any
    clip: bool

    targets = NumberTargets()
    task_kind = "numbers"

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # `RegressorMixin` sets it, whatever the teacher.
        tags.target_tags.required = not is_used_as_given(self.teacher)
        tags.target_tags.multi_output = self.loss != "quantile"
        return tags

    @property
    def levels_of_teacher(self) -> tuple[float, ...] | None:
        """Levels of the quantiles to learn. They are not checked."""
        if self.loss != "quantile":
            return None
        return tuple(np.atleast_1d(self.quantile).tolist())

    def make_task(
        self, teacher: Teacher | None, y: Any, weights: Any = None
    ) -> Regression:
        """Return the task that labels set: see `Regression.of`.

        Parameters
        ----------
        teacher : Teacher or None
            Teacher that answers. None before it is fitted.
        y : ndarray of shape (n_samples,) or (n_samples, n_targets), or None
            Numbers.
        weights : ndarray of shape (n_samples,) or None, default=None
            Weights of the rows. Rows without a weight do not count.

        Returns
        -------
        task : Regression
        """
        return Regression.of(y, self._number_loss(y), self.clip, weights)

    def _number_loss(self, y):
        """Return the loss of the parameters. Raise if its quantiles do not suit."""
        if self.loss != "quantile":
            if np.ndim(self.quantile) > 0:
                raise ValueError(
                    f'quantile={self.quantile!r:.100} is for loss="quantile", and loss '
                    f'is {self.loss!r}: give loss="quantile", or leave quantile out'
                )
            return NumberLoss(self.loss)
        levels = np.atleast_1d(self.quantile)
        is_row = levels.ndim == 1 and levels.size > 0 and levels.dtype.kind in "fiu"
        if not is_row or not (np.diff([0.0, *levels, 1.0]) > 0.0).all():
            raise ValueError(
                f"quantile={self.quantile!r:.100}: give a number between 0 and 1, or "
                "several in rising order"
            )
        if y is not None and y.ndim > 1:
            raise ValueError(
                f'loss="quantile" learns quantiles of one target, and y has shape '
                f"{y.shape}: fit one estimator for each target, MultiOutputRegressor("
                "estimator)"
            )
        return NumberLoss(self.loss, tuple(map(float, levels)))

    def publish_task(self, task: Any) -> None:
        """Set `distillation_weight_`, which a recipe replaces if it is to be chosen.

        The student tells the number of targets, `n_outputs_`.

        Parameters
        ----------
        task : Regression
        """
        self.distillation_weight_ = float(usual_weight(self))

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict numbers.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        numbers : ndarray of shape (n_samples,) or (n_samples, n_targets), float64
            A column for each target, or for each of several quantiles.
        """
        return self.ask_student("predict", X)

    def answer_of(self, method: str, X: Any) -> Any:
        """Return the answer of a method of the student to rows in a form that it takes.

        The student adds up a row alone in another order, so that its last digits
        differ. Twice the same row has the digits that it has among others.

        Parameters
        ----------
        method : str
            Name of the method.
        X : table of shape (n_samples, n_features)

        Returns
        -------
        answer : ndarray
        """
        if X.shape[0] != 1:
            return super().answer_of(method, X)
        return super().answer_of(method, safe_indexing(X, [0, 0]))[:1]

    def score(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Return R² of the predicted numbers, or D² of quantiles.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
            R², as a mean over the targets. With ``loss="quantile"`` it is D² of the
            pinball loss, as a mean over the levels: see
            `sklearn.metrics.d2_pinball_score`.

        Raises
        ------
        ValueError
            If y is a data frame with the targets in another order than in `fit`.
        """
        return self.score_of(self.predict(X), y, sample_weight)

    def score_of(
        self, predicted: NDArray[Any], y: ArrayLike, sample_weight: Any = None
    ) -> float:
        """Return the score of numbers that were predicted: see `score`.

        Parameters
        ----------
        predicted : ndarray of shape (n_samples,) or (n_samples, n_columns)
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
        """
        check_order_of_columns(y, self.task_)
        output: Any = self.student_.output
        return score_of_numbers(output.quantiles, predicted, y, sample_weight)


def score_of_numbers(
    quantiles: Any, predicted: NDArray[Any], y: ArrayLike, sample_weight: Any = None
) -> float:
    """Return the score of predicted numbers.

    Parameters
    ----------
    quantiles : sequence of float or None
        Levels of the quantiles that were predicted. None for no quantiles.
    predicted : ndarray of shape (n_samples,) or (n_samples, n_columns)
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows.

    Returns
    -------
    score : float
        R², or D² of quantiles, as a mean over the levels.
    """
    if quantiles is None:
        return float(r2_score(y, predicted, sample_weight=sample_weight))
    scores = [
        d2_pinball_score(y, answers, sample_weight=sample_weight, alpha=level)
        for answers, level in zip(
            predicted.reshape(len(predicted), -1).T, quantiles, strict=True
        )
    ]
    return float(np.mean(scores))
