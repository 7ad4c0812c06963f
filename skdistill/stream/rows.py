"""Rows of files on their way into buckets: sampled, answered and coded."""

from functools import partial
from time import monotonic
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from skdistill.common.text import in_binary_units
from skdistill.stream.coding import RowCoder, proba_of
from skdistill.stream.files import Columns
from skdistill.stream.labels import labels_of
from skdistill.stream.scratch import Scratch
from skdistill.stream.source import RowSource
from skdistill.stream.survey import Survey, weights_of
from skdistill.stream.targets import values_of
from skdistill.teachers.fingerprint import fingerprint
from skdistill.teachers.memory import versions_of_answers
from skdistill.teachers.resolve import is_precomputed
from skdistill.training.buckets import BUCKET_BYTES, BucketRows, Buckets
from skdistill.training.checkpoint import versions_of_training
from skdistill.training.plan import TrainingPlan, epoch_size
from skdistill.training.streamed_rows import StreamedRows

# Batches and seconds between two manifests, at most.
_BATCHES_A_NOTE = 4
_SECONDS_A_NOTE = 10.0


class Core(NamedTuple):
    """The core sample, as the arguments of `fit`.

    Attributes
    ----------
    X : DataFrame
    y : ndarray or None
        Labels. None stands for a missing one.
    sample_weight : ndarray or None
    teacher_proba : DataFrame, ndarray or None
    classes : ndarray of shape (n_classes,) or None
        Labels of all rows. The core sample may lack some.
    part : str
        Words for these rows if the files have others: see `gather_data`.
    """

    X: Any
    y: Any
    sample_weight: Any
    teacher_proba: Any
    classes: Any
    part: str


class RowsOfFiles:
    """Rows of files, of which a core sample is in memory.

    Parameters
    ----------
    files : RowSource
    columns : Columns
    survey : Survey
    max_rows : int or "auto"
    scratch : Scratch
    is_verbose : bool
    """

    def __init__(
        self,
        files: RowSource,
        columns: Columns,
        survey: Survey,
        max_rows: int | str,
        scratch: Scratch,
        is_verbose: bool,
    ) -> None:
        self._files, self._columns, self._survey = files, columns, survey
        self._shares, self._scratch = survey.shares(max_rows), scratch
        self._max_rows, self._is_verbose = max_rows, is_verbose
        self._n_expected = round(
            self._shares[0] * survey.n_labelled + self._shares[1] * survey.n_unlabeled
        )

    def core(self) -> Core:
        """Return the core sample, and give up the samples of the survey."""
        table, n_labelled = self._survey.core(self._max_rows)
        self._survey = self._survey.without_rows()
        y, labels = None, self._survey.labels
        classes = np.array(labels) if labels else None
        if n_labelled and self._columns.kind != "classes":
            y = values_of(table, self._columns, "the files")
            y = y if y.shape[1] > 1 else y[:, 0]
        elif n_labelled:
            labels, codes = labels_of(table, self._columns)
            known = [self._survey.label(labels[code]) for code in codes[codes >= 0]]
            y = np.array(known)
            if n_labelled < table.num_rows:
                y = np.array([*known, *[None] * (table.num_rows - n_labelled)], object)
        weights = None
        if self._columns.weight is not None:
            weights = weights_of(table, self._columns, "the files")
        X = self._files.frame(table, self._columns.features)
        proba = proba_of(table, self._columns, self._survey.labels)
        n_all = self._survey.n_labelled + self._survey.n_unlabeled
        part = f"a sample of {len(X):,} rows" if len(X) < n_all else ""
        return Core(X, y, weights, proba, classes, part)

    def informed(self, data: Any) -> Any:
        """Return data of the core sample, informed by the numbers of all rows."""
        low, high = (np.atleast_1d(end) for end in self._survey.extent)
        if (low > high).any():
            return data
        shape = (2, data.task.n_columns)  # One target may have several quantiles.
        ends = np.broadcast_to([low, high], shape)
        return data._replace(task=data.task.widened(ends))

    def lesson(self, lesson: Any, estimator: Any, run: Any) -> Any:
        """Return the lesson of all rows. The one given is that of the core sample.

        All rows are answered, coded and dealt to buckets on disk.
        """
        view, task, recipe = lesson.view, lesson.data.task, lesson.recipe
        if not self._columns.targets and lesson.data.rows.is_labelled.any():
            raise ValueError(
                f"the teacher, {lesson.data.teacher_name}, gives labels of its own, "
                "which fit_files does not ask for: store them in a column, and name it "
                "as target"
            )
        # Its weights do not matter: it tells the form of a record.
        network = view.network(task.output, np.random.RandomState(0))
        plan = _plan(task, estimator, self._n_expected, recipe)
        maker = StreamedRows(lesson, estimator, network, plan)
        buckets, name = self._buckets(lesson, estimator, plan, maker.record_size)
        if not buckets.is_complete:
            self._fill(buckets, maker, task, estimator)
        n_real = buckets.n_records
        n_rows, _ = epoch_size(estimator, n_real, recipe.synthetic_share)
        largest = 1.0 / estimator.learning_rate_init
        recipe = recipe.with_decay(estimator.weight_decay, n_rows, largest)
        plan = _plan(task, estimator, n_real, recipe)
        total = n_rows * plan.max_iter
        source = BucketRows(
            buckets,
            lesson.transfer_set,
            network,
            plan,
            run.random.training,
            (name, buckets.counts),
            self._files.progress("train student", total, self._is_verbose),
        )
        return lesson._replace(recipe=recipe, source=source)

    def _buckets(self, lesson, estimator, plan, record_size):
        """Return the buckets, and a name that tells their rows from others."""
        n_bytes = self._n_expected * record_size * 4
        n_buckets = max(1, -(-n_bytes // BUCKET_BYTES))
        if self._is_verbose:
            size = in_binary_units(n_bytes)
            print(f"[fit_files] {size} of scratch", flush=True)
        name, is_kept = "", self._scratch.is_kept
        if is_kept:
            teacher = estimator.teacher
            name = fingerprint(
                {
                    "rows": (self._files.identity(), self._columns, self._shares),
                    "form": (n_buckets, record_size),
                    "teacher": (versions_of_answers(teacher), teacher),
                    "versions": (
                        versions_of_training(),
                        pd.__version__,
                        pa.__version__,
                    ),
                    "weights": (
                        getattr(estimator, "class_weight", None),
                        estimator.distillation_weight,
                    ),
                    "plan": (plan.loss, plan.temperature),
                    # Sample, recipe, and the way of a row into the network.
                    "lesson": (lesson.transfer_set, lesson.recipe, lesson.view),
                }
            )
        folder = self._scratch.make(name, n_bytes)
        return Buckets(folder, n_buckets, record_size, is_kept=is_kept), name

    def _fill(self, buckets, maker, task, estimator):
        """Deal all rows to buckets."""
        progress = self._files.progress("deal rows", self._n_expected, self._is_verbose)
        progress.skip(buckets.n_records)
        noted = monotonic()
        coder = RowCoder(
            self._columns,
            self._survey,
            self._shares,
            buckets.counts.size,
            self._files.frame,
            maker,
            task,
        )
        teacher = None
        if not is_precomputed(estimator.teacher):
            teacher = self._files.teacher(estimator)
        code = partial(coder, teacher=teacher)
        coded = self._files.map(lambda: code, self._columns, buckets.n_batches)
        for number, part in enumerate(coded, buckets.n_batches + 1):
            buckets.add(part.records, part.buckets)
            estimator.query_seconds_ += part.seconds
            progress(len(part.records))
            if number % _BATCHES_A_NOTE == 0 or monotonic() - noted > _SECONDS_A_NOTE:
                buckets.note()
                noted = monotonic()
        if not buckets.n_records:
            raise ValueError(
                "the teacher abstains on each row of the files, and none has a label: "
                "there is nothing to learn"
            )
        buckets.note(is_complete=True)
        progress.end()


def _plan(task, estimator, n_real, recipe):
    """Return the plan of the training."""
    return TrainingPlan.make(
        estimator,
        n_real,
        recipe.synthetic_share,
        recipe.weight_decay,
        step_factor=task.step_factor,
    )
