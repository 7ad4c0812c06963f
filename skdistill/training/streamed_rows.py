"""Rows of a stream as records, by the recipe that a sample of them has chosen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.training.plan import TrainingPlan
from skdistill.training.records import make_records
from skdistill.transfer.given import GivenRows
from skdistill.transfer.transfer_set import TransferSet


class StreamedRows:
    """Makes records of rows that come batch by batch.

    Weights are scaled as those of the sample are: their mean is about 1.

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
        self._weight = parameters.distillation_weight
        rows, task = lesson.data.rows, lesson.data.task
        labelled = np.flatnonzero(rows.labels >= 0)
        self._factors = task.row_factors(
            parameters.class_weight, rows.labels[labelled], rows.weights[labelled]
        )
        self._scales = self._learn_scales(rows, labelled)
        # Other processes get no rows of the sample.
        without_rows = lesson.data._replace(rows=None, synthetic=None)
        self._lesson = lesson._replace(data=without_rows, transfer_set=self._nothing())

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
        unlabeled = rows.labels < 0
        weights = rows.weights * np.where(unlabeled, rows.confidence, 1.0)
        is_used = weights > 0
        if not self._lesson.recipe.follows_teacher:
            is_used &= ~unlabeled
        used = np.flatnonzero(is_used)
        rows = rows._replace(
            X=safe_indexing(rows.X, used),
            answers=rows.answers[used],
            labels=rows.labels[used],
            weights=weights[used],
            confidence=rows.confidence[used],
        )
        if not used.size:
            return self.no_records(), numbers[:0]
        transfer_set = self._transfer_set(rows)
        scale = np.where(rows.labels < 0, *self._scales)
        transfer_set = transfer_set._replace(
            soft_weight=transfer_set.soft_weight * scale,
            hard_weight=transfer_set.hard_weight * scale,
        )
        return make_records(self._network, transfer_set, self._plan), numbers[used]

    def _nothing(self):
        """Return a transfer set without rows."""
        of_sample = self._lesson.transfer_set
        names = ("X", "targets", "labels", "soft_weight", "hard_weight")
        return of_sample._replace(**{n: getattr(of_sample, n)[:0] for n in names})

    def _transfer_set(self, rows):
        """Return rows with targets, and weights that are not scaled."""
        data, recipe, view = self._lesson[:3]
        task, labelled = data.task, rows.labels >= 0
        share = np.where(labelled, self._weight * rows.confidence, 1.0)
        transfer_set = recipe.prepare(
            TransferSet(
                task,
                view.student_input.encode(rows.X),
                task.soft_targets(rows.answers),
                rows.labels,
                share * rows.weights,
                (1.0 - share) * rows.weights,
                rows.labels.size,
            ),
            data._replace(rows=rows, synthetic=None),
        )
        weighed, weight = task.weigh_answers(transfer_set.targets, self._factors)
        weight[labelled] = task.weigh_labels(rows.labels[labelled], self._factors)
        return transfer_set._replace(
            targets=np.where(labelled[:, np.newaxis], transfer_set.targets, weighed),
            soft_weight=transfer_set.soft_weight * weight,
            hard_weight=transfer_set.hard_weight * weight,
        )

    def _learn_scales(self, rows, labelled):
        """Return the scales of the weights without labels, and with labels."""
        of_sample = self._lesson.transfer_set
        total = of_sample.weights
        unlabeled = np.flatnonzero(rows.labels < 0)
        places = {"labelled": labelled, "unlabeled": unlabeled}
        scales = {}
        for kind, numbers in places.items():
            if not numbers.size or (
                kind == "unlabeled" and not self._lesson.recipe.follows_teacher
            ):
                continue
            first = numbers[:1]
            confidence = rows.confidence
            confidence = (
                np.ones(len(rows.weights)) if confidence is None else confidence
            )
            one = self._transfer_set(
                rows._replace(
                    X=safe_indexing(rows.X, first),
                    answers=rows.answers[first],
                    labels=rows.labels[first],
                    weights=rows.weights[first],
                    confidence=confidence[first],
                )
            )
            # Without the teacher, only labelled rows are left.
            place = first[0] if self._lesson.recipe.follows_teacher else 0
            scales[kind] = total[place] / one.weights[0]
        usual = next(iter(scales.values()))
        return scales.get("unlabeled", usual), scales.get("labelled", usual)
