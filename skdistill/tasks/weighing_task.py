"""The part of a task that weighs rows by their classes, if it has classes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.tasks.training_task import TrainingTask


class WeighingTask(TrainingTask):
    """Part of a task that weighs rows: factors of classes, if it has classes."""

    def row_factors(self, class_weight: Any, labels: Any, weights: Any) -> Any:
        """Return the factors that a user's `class_weight` puts on the weights of rows.

        Parameters
        ----------
        class_weight : object
            Parameter `class_weight` of the estimator.
        labels : ndarray of shape (n_labelled,), int
            Labels of the labelled rows.
        weights : ndarray of shape (n_labelled,)
            Weights of these rows.

        Returns
        -------
        factors : object
            Factors in the form that `weigh_labels` and `weigh_answers` take.
        """
        return np.ones(1)

    def weigh_labels(self, labels: Any, factors: Any) -> NDArray[np.float64]:
        """Return the factor for the weight of each labelled row.

        Parameters
        ----------
        labels : ndarray of shape (n_rows,), int
        factors : object
            Result of `row_factors`.

        Returns
        -------
        weights : ndarray of shape (n_rows,)
        """
        return np.ones(len(labels))

    def weigh_answers(self, targets: Any, factors: Any) -> tuple[Any, Any]:
        """Return the targets of rows without labels, and factors for their weights.

        Parameters
        ----------
        targets : ndarray of shape (n_rows, n_columns)
        factors : object
            Result of `row_factors`.

        Returns
        -------
        targets : ndarray of shape (n_rows, n_columns)
        weights : ndarray of shape (n_rows,)
        """
        return targets, np.ones(len(targets))
