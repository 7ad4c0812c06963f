"""Rows of a stream as records, by the recipe that a sample of them has chosen."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.training.choose import given_transfer_set, row_factors
from skdistill.training.plan import TrainingPlan
from skdistill.training.recipe import usual_weight
from skdistill.training.records import make_records
from skdistill.transfer.given import GivenRows
from skdistill.transfer.transfer_set import (
    scales_of_classes,
    scales_of_weights,
    weighted_by_class,
)


class StreamedRows:
    """Makes records of rows that come batch by batch.

    Rows are weighed as those of the sample are: their mean weight is about 1.

    Parameters
    ----------
    lesson : StudentLesson
        Data, recipe, view and transfer set of the sample.
    parameters : estimator
        Parameters of the fit. They are only read.
    network : Network
        Network with the layout of the records.
    plan : TrainingPlan
    """

    def __init__(
        self, lesson: Any, parameters: Any, network: Any, plan: TrainingPlan
    ) -> None:
        self._lesson, self._network, self._plan = lesson, network, plan
        # Other processes get neither the teacher nor rows of the sample.
        weight = usual_weight(parameters)
        self._parameters = SimpleNamespace(distillation_weight=weight)
        rows, X = lesson.data.rows, lesson.view.X
        self._scales = scales_of_weights(rows.weights, rows.labels, X)
        self._factors = row_factors(lesson.data, parameters)
        sample = self._prepared(rows, X)
        self._scales_of_classes = scales_of_classes(sample, self._factors)
        self._lesson = lesson._replace(
            data=lesson.data._replace(rows=None, synthetic=None),
            view=lesson.view._replace(X=X[:0]),
            transfer_set=self._nothing(),
        )

    @property
    def record_size(self) -> int:
        """Number of values of a record."""
        return self.no_records().shape[1]

    def no_records(self) -> NDArray[np.float32]:
        """Return the records of no rows."""
        return make_records(self._network, self._nothing(), self._plan)

    def records(
        self, rows: GivenRows, numbers: NDArray[np.intp]
    ) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Return the records of rows, and the numbers of these rows.

        Parameters
        ----------
        rows : GivenRows
        numbers : ndarray of shape (n_rows,), int
            Numbers of the rows.

        Returns
        -------
        records : ndarray of shape (n_records, record_size), float32
        numbers : ndarray of shape (n_records,), int
            Numbers of the rows that are learned from.
        """
        unlabeled = ~rows.is_labelled
        weights = rows.weights * np.where(unlabeled, rows.confidence, 1.0)
        is_used = weights > 0
        if not self._lesson.recipe.follows_teacher:
            is_used &= ~unlabeled
        used = np.flatnonzero(is_used)
        if not used.size:
            return self.no_records(), numbers[:0]
        rows = rows._replace(
            X=safe_indexing(rows.X, used),
            answers=rows.answers[used],
            labels=rows.labels[used],
            weights=weights[used],
            confidence=rows.confidence[used],
        )
        X = self._lesson.view.student_input.encode(rows.X)
        transfer_set = self._prepared(rows, X)
        if self._scales_of_classes is not None:
            transfer_set = weighted_by_class(
                transfer_set, self._factors, self._scales_of_classes
            )
        return make_records(self._network, transfer_set, self._plan), numbers[used]

    def _prepared(self, rows, X):
        """Return rows with targets, and weights without classes."""
        data = self._lesson.data._replace(rows=rows, synthetic=None)
        given = given_transfer_set(data, self._parameters, X, self._scales)
        return self._lesson.recipe.prepare(given, data)

    def _nothing(self):
        """Return a transfer set without rows."""
        of_sample = self._lesson.transfer_set
        names = ("X", "targets", "labels", "soft_weight", "hard_weight")
        return of_sample._replace(**{n: getattr(of_sample, n)[:0] for n in names})
