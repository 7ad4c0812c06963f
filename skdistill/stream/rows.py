"""Rows of files on their way into buckets: sampled, answered and coded."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skdistill.stream.files import Columns, Files
from skdistill.stream.keys import are_below, row_keys
from skdistill.stream.progress import FitProgress
from skdistill.stream.scratch import Scratch
from skdistill.stream.survey import Survey, labels_of, weights_of
from skdistill.teachers.answers import read_answers
from skdistill.teachers.fingerprint import fingerprint
from skdistill.teachers.fit_rows import FitRows
from skdistill.teachers.resolve import as_teacher, is_precomputed
from skdistill.training.buckets import BUCKET_BYTES, BucketRows, Buckets
from skdistill.training.plan import TrainingPlan, epoch_size
from skdistill.training.streamed_rows import StreamedRows
from skdistill.transfer.given import GivenRows

# Rows whose answers and records are made at once, and batches between two manifests.
_AT_ONCE = 2**14
_BATCHES_A_NOTE = 16


class Core(NamedTuple):
    """The core sample, as the arguments of `fit`.

    Attributes
    ----------
    X : DataFrame
    y : ndarray or None
        Labels. None stands for a missing one.
    sample_weight : ndarray or None
    teacher_proba : DataFrame, ndarray or None
    """

    X: Any
    y: Any
    sample_weight: Any
    teacher_proba: Any


class RowsOfFiles:
    """Rows of files, of which a core sample is in memory.

    Parameters
    ----------
    files : Files
    columns : Columns
    survey : Survey
    max_rows : int or "auto"
    scratch : Scratch
    is_verbose : bool
    """

    def __init__(
        self,
        files: Files,
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
        """Return the core sample."""
        table, n_labelled = self._survey.core(self._max_rows)
        y = None
        if n_labelled:
            labels, codes = labels_of(table, self._columns.target or "")
            known = [self._survey.label(labels[code]) for code in codes[codes >= 0]]
            y = np.array(known)
            if n_labelled < table.num_rows:
                y = np.array([*known, *[None] * (table.num_rows - n_labelled)], object)
        weights = None
        if self._columns.weight is not None:
            weights = weights_of(table, self._columns, "the files")
        X = self._files.frame(table, self._columns.features)
        return Core(X, y, weights, self._proba(table))

    def lesson(self, lesson: Any, estimator: Any, run: Any) -> Any:
        """Return the lesson of all rows. The one given is that of the core sample.

        All rows are answered, coded and dealt to buckets on disk.
        """
        view, task, recipe = lesson.view, lesson.data.task, lesson.recipe
        if self._columns.target is None and (lesson.data.rows.labels >= 0).any():
            raise ValueError(
                f"the teacher, {lesson.data.teacher_name}, gives labels of its own, "
                "which fit_files does not ask for: store them in a column, and name it "
                "as target"
            )
        # Its weights do not matter: it tells the form of a record.
        network = view.network(task.output, np.random.RandomState(0))
        plan = TrainingPlan.make(
            estimator, self._n_expected, recipe.synthetic_share, recipe.weight_decay
        )
        maker = StreamedRows(lesson, estimator, network, plan)
        size = maker.record_size
        n_bytes = self._n_expected * size * 4
        n_buckets = max(1, -(-n_bytes // BUCKET_BYTES))
        decides = (self._files.identity(), self._columns, self._shares, n_buckets)
        name = fingerprint((decides, lesson.transfer_set, network, plan.loss))
        if self._is_verbose:
            print(f"[fit_files] {n_bytes / 2**20:,.0f} MiB of scratch", flush=True)
        folder = self._scratch.make(name, n_bytes)
        buckets = Buckets(folder, n_buckets, size)
        if not buckets.is_complete:
            self._fill(buckets, maker, task, estimator)
        n_real = buckets.n_records
        n_rows, _ = epoch_size(estimator, n_real, recipe.synthetic_share)
        largest = 1.0 / estimator.learning_rate_init
        recipe = recipe.with_decay(estimator.weight_decay, n_rows, largest)
        plan = TrainingPlan.make(
            estimator, n_real, recipe.synthetic_share, recipe.weight_decay
        )
        total = n_rows * plan.max_iter
        source = BucketRows(
            buckets,
            lesson.transfer_set,
            network,
            plan,
            run.random.training,
            (decides, buckets.counts),
            FitProgress("train student", total, self._is_verbose),
        )
        return lesson._replace(recipe=recipe, source=source)

    def _fill(self, buckets, maker, task, estimator):
        """Deal all rows to buckets."""
        stored = is_precomputed(estimator.teacher)
        teacher = None if stored else as_teacher(estimator.teacher)
        if teacher is not None:
            teacher.share(estimator.n_jobs)
        progress = FitProgress("deal rows", self._n_expected, self._is_verbose)
        progress.skip(buckets.n_records)
        places = {label: place for place, label in enumerate(task.output.labels)}
        for number, (batch, rows, numbers) in enumerate(self._parts()):
            if number < buckets.n_batches:
                continue
            keys = row_keys(batch.file, batch.first, batch.table.num_rows, "buckets")
            given = self._given(batch, rows, teacher, task, places)
            records, numbers = maker.records(given, numbers)
            where = (keys[numbers] % np.uint64(buckets.counts.size)).astype(np.intp)
            buckets.add(records, where)
            progress(len(numbers))
            if (number + 1) % _BATCHES_A_NOTE == 0:
                buckets.note()
        if not buckets.n_records:
            raise ValueError(
                "the teacher abstains on each row of the files, and none has a label: "
                "there is nothing to learn"
            )
        buckets.note(is_complete=True)
        progress.end()

    def _parts(self) -> Iterator[tuple[Any, Any, NDArray[np.intp]]]:
        """Yield batches, tables of the rows that are taken, and their numbers."""
        for batch in self._files.batches(self._columns):
            table = batch.table
            keys = row_keys(batch.file, batch.first, table.num_rows, "rows")
            is_labelled = np.zeros(table.num_rows, dtype=bool)
            if self._columns.target is not None:
                is_labelled = labels_of(table, self._columns.target)[1] >= 0
            weights = weights_of(table, self._columns, batch.file)
            is_taken = np.where(
                is_labelled, *(are_below(keys, share) for share in self._shares)
            )
            numbers = np.flatnonzero(is_taken & (weights > 0))
            for start in range(0, numbers.size, _AT_ONCE):
                some = numbers[start : start + _AT_ONCE]
                yield batch, table.take(some), some

    def _given(self, batch, table, teacher, task, places):
        """Return rows with the teacher's answers."""
        X = self._files.frame(table, self._columns.features)
        confidence = np.ones(len(X))
        if teacher is None:
            passed = read_answers(self._proba(table), "proba")
            answers = task.check_answers(passed, len(X), f"proba in {batch.file}")
        else:
            answers = teacher.ask(X, task)
            abstains = teacher.abstains(FitRows(X))
            if abstains is not None:
                confidence = 1.0 - abstains
        labels = np.full(len(X), -1)
        if self._columns.target is not None:
            found, codes = labels_of(table, self._columns.target)
            known = [places.get(self._place_of(label), -2) for label in found]
            labels = np.array([*known, -1])[codes]
            if (labels == -2).any():
                unknown = found[codes[np.argmax(labels == -2)]]
                raise ValueError(
                    f"target={self._columns.target!r} is {unknown!r} in {batch.file}, "
                    f"and the classes are {task.output.labels.tolist()!r:.200}: the "
                    "teacher has to know each label"
                )
        weights = weights_of(table, self._columns, batch.file)
        given = GivenRows(X, answers, labels, weights, None, confidence)
        if teacher is not None:
            return given
        return given.with_confidence(task.confidence(answers, is_sparse=False))

    def _place_of(self, label):
        """Return a label as it is learned, or as it is if no row has it."""
        return self._survey.label(label) if label in self._survey.counts else label

    def _proba(self, table):
        """Return the stored probabilities of rows, with the labels as names."""
        names = self._columns.proba
        if not names:
            return None
        values = np.column_stack([table.column(name).to_numpy() for name in names])
        labels = self._columns.classes
        if labels is None:
            labels = self._survey.labels
            if not labels or (len(names) == 1 and len(labels) == 2):
                return values
            if len(labels) != len(names):
                raise ValueError(
                    f"proba names {len(names)} columns, and target="
                    f"{self._columns.target!r} has {len(labels)} labels, "
                    f"{labels!r:.200}: name a column for each label in sorted order, "
                    "or give a dict of labels and columns"
                )
        return pd.DataFrame(values, columns=labels)
