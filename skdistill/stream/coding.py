"""Rows of a batch, with the teacher's answers, as records that go to buckets."""

from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skdistill.stream.files import Columns, RawBatch
from skdistill.stream.keys import are_below, row_keys
from skdistill.stream.survey import Survey, weights_of
from skdistill.stream.targets import targets_of
from skdistill.teachers.answers import read_answers
from skdistill.teachers.fit_rows import FitRows
from skdistill.training.streamed_rows import StreamedRows
from skdistill.transfer.given import GivenRows

# Rows whose answers and records are made at once: several blocks of a teacher, which
# threads share.
_AT_ONCE = 2**16


class CodedRows(NamedTuple):
    """Records of the rows of a batch.

    Attributes
    ----------
    records : ndarray of shape (n_records, record_size), float32
    buckets : ndarray of shape (n_records,), int
        Bucket of each record.
    seconds : float
        Time in which the teacher answered.
    """

    records: NDArray[np.float32]
    buckets: NDArray[np.intp]
    seconds: float


class RowCoder:
    """A function that makes records of the rows of a batch.

    It holds no rows, so it may go to another process.

    Parameters
    ----------
    columns : Columns
    survey : Survey
        Counts and labels of all rows.
    shares : tuple of float
        Shares of labelled and of other rows that are taken.
    n_buckets : int
    frame : callable
        Function of a table and of names, which returns rows as a teacher takes them.
    maker : StreamedRows
    task : Task
    """

    def __init__(
        self,
        columns: Columns,
        survey: Survey,
        shares: tuple[float, float],
        n_buckets: int,
        frame: Callable[[Any, Any], Any],
        maker: StreamedRows,
        task: Any,
    ) -> None:
        self._columns, self._survey, self._shares = columns, survey, shares
        self._n_buckets, self._frame = n_buckets, frame
        self._maker, self._task = maker, task
        self._places = {}
        if columns.kind == "classes":
            labels = task.output.labels
            self._places = {label: place for place, label in enumerate(labels)}

    def __call__(self, batch: RawBatch, teacher: Any) -> CodedRows:
        """Return the records of a batch.

        Parameters
        ----------
        batch : RawBatch
        teacher : Teacher, TeacherOfWorkers or None
            None if columns hold its answers.

        Returns
        -------
        rows : CodedRows

        Raises
        ------
        ValueError
            If a label is not among the classes, or if the answers are none.
        """
        keys = row_keys(batch.file, batch.first, batch.table.num_rows, "buckets")
        targets = targets_of(batch.table, self._columns, batch.file)
        labels = self._labels(targets)
        weights = weights_of(batch.table, self._columns, batch.file)
        taken = self._taken(batch, targets.is_known, labels, weights)
        parts, seconds = [(self._maker.no_records(), taken[:0])], 0.0
        for start in range(0, taken.size, _AT_ONCE):
            some = taken[start : start + _AT_ONCE]
            table = batch.table.take(some)
            given, of_these = self._given(batch.file, table, teacher)
            seconds += of_these
            given = given._replace(labels=labels[some], weights=weights[some])
            parts.append(self._maker.records(given, some))
        records, numbers = (np.concatenate(part) for part in zip(*parts, strict=True))
        buckets = (keys[numbers] % np.uint64(self._n_buckets)).astype(np.intp)
        return CodedRows(records, buckets, seconds)

    def _labels(self, targets):
        """Return encoded targets. A label that is no class has the place -2."""
        if self._columns.kind != "classes":
            values = targets.values if self._columns.targets else None
            return self._task.encode_labels(values, len(targets.values))
        found = targets.labels
        known = [self._places.get(self._survey.label(label), -2) for label in found]
        return np.array([*known, -1])[targets.codes]

    def _taken(self, batch, is_known, labels, weights):
        """Return the numbers of the rows that are learned from."""
        keys = row_keys(batch.file, batch.first, batch.table.num_rows, "rows")
        is_taken = np.where(
            is_known, *(are_below(keys, share) for share in self._shares)
        )
        taken = np.flatnonzero(is_taken & (weights > 0))
        unknown = taken[:0] if labels.ndim > 1 else taken[labels[taken] == -2]
        if unknown.size:
            label = batch.table.column(self._columns.target)[int(unknown[0])].as_py()
            raise ValueError(
                f"target={self._columns.target!r} is {label!r} in {batch.file}, and "
                f"the classes are {self._task.output.labels.tolist()!r:.200}: the "
                "teacher has to know each label"
            )
        return taken

    def _given(self, file, table, teacher):
        """Return rows with the teacher's answers, and the time that these took."""
        X = self._frame(table, self._columns.features)
        nothing = self._task.encode_labels(None, len(X))
        everything = np.ones(len(X))
        if teacher is None:
            passed = proba_of(table, self._columns, self._survey.labels)
            answers = self._task.check_answers(
                read_answers(passed, "the stored answers"),
                len(X),
                f"the stored answers in {file}",
            )
            confidence = self._task.confidence(answers, is_sparse=False)
            return GivenRows(X, answers, nothing, everything, None, confidence), 0.0
        start = perf_counter()
        answers, confidence = teacher.ask(X, self._task), everything
        abstains = teacher.abstains(FitRows(X))
        if abstains is not None:
            confidence = 1.0 - abstains
        seconds = perf_counter() - start
        return GivenRows(X, answers, nothing, everything, None, confidence), seconds


def proba_of(table: Any, columns: Columns, labels: list[Any]) -> Any:
    """Return the stored probabilities of rows, with the labels as names.

    Parameters
    ----------
    table : Table
    columns : Columns
    labels : list
        Labels of all rows.

    Returns
    -------
    probabilities : DataFrame, ndarray or None
        None if there are none.

    Raises
    ------
    ValueError
        If there are more or fewer columns than labels.
    """
    names = columns.proba
    if not names:
        return None
    values = np.column_stack([table.column(name).to_numpy() for name in names])
    if columns.kind != "classes":
        return values
    if columns.classes is not None:
        return pd.DataFrame(values, columns=columns.classes)
    if not labels or (len(names) == 1 and len(labels) == 2):
        return values
    if len(labels) != len(names):
        raise ValueError(
            f"proba names {len(names)} columns, and target={columns.target!r} has "
            f"{len(labels)} labels, {labels!r:.200}: name a column for each label in "
            "sorted order, or give a dict of labels and columns"
        )
    return pd.DataFrame(values, columns=labels)
