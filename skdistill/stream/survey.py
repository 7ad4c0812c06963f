"""One pass over all rows: counts, labels, and a random sample of rows."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from skdistill.stream.files import Columns, RawBatch
from skdistill.stream.keys import row_keys
from skdistill.stream.source import RowSource
from skdistill.stream.targets import targets_of

# Rows of the core sample, from which inputs and parameters are learned.
CORE_ROWS = 50_000

# A sample holds so many rows too many before it forgets some.
_MOST_TOO_MANY = 2**14

# With max_rows="auto", rows without labels are learned from up to this number.
_MOST_UNLABELED = 1_000_000

# More labels than these are no classes.
_MOST_LABELS = 10_000


class KeyedRows(NamedTuple):
    """Some rows with their random keys.

    Attributes
    ----------
    keys : ndarray of shape (n_rows,), uint64
    table : Table
        Columns of pyarrow.
    """

    keys: NDArray[np.uint64]
    table: Any

    def least(self, size: int) -> "KeyedRows":
        """Return the rows with the least keys, in their order."""
        order = np.argsort(self.keys)[:size]
        table = self.table.take(pa.array(order)).combine_chunks()
        return KeyedRows(self.keys[order], table)


class Sample:
    """The rows with the least keys: a random sample, whatever the order of the files.

    Parameters
    ----------
    size : int
        Greatest number of rows.

    Attributes
    ----------
    limit : uint64
        Rows with a greater key are not in the sample.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._parts: list[KeyedRows] = []
        self._n_kept = 0
        self.limit = np.uint64(2**64 - 1)

    def add(self, rows: KeyedRows) -> None:
        """Add rows."""
        if not rows.keys.size:
            return
        self._parts.append(rows)
        self._n_kept += rows.keys.size
        if self._n_kept > self._size + _MOST_TOO_MANY:
            self._forget()

    @property
    def n_kept(self) -> int:
        """Number of rows that are in memory."""
        return self._n_kept

    def rows(self, size: int) -> Any:
        """Return so many rows in the order of their keys, and at most all."""
        if not self._parts:
            return None
        self._forget()
        return self._parts[0].table.slice(0, size)

    def _forget(self):
        keys = np.concatenate([part.keys for part in self._parts])
        tables = [part.table for part in self._parts]
        table = pa.concat_tables(tables, promote_options="permissive")
        kept = KeyedRows(keys, table).least(self._size)
        self._parts, self._n_kept = [kept], kept.keys.size
        if self._n_kept == self._size:
            self.limit = kept.keys[-1]


class Survey(NamedTuple):
    """Counts, labels and a sample of the rows of all files.

    Attributes
    ----------
    n_labelled, n_unlabeled : int
        Numbers of rows with a weight above 0.
    counts : dict
        Number of rows of each label.
    numbers : dict or None
        Numbers that texts of CSV stand for, if all labels are numbers.
    labelled, unlabeled : Sample
        Samples of rows with and without a label. `without_rows` takes them away.
    extent : tuple of float or of ndarray of shape (n_targets,)
        Least and greatest number of each target: see `BatchTargets.extent`.
    """

    n_labelled: int
    n_unlabeled: int
    counts: dict[Any, int]
    numbers: dict[Any, Any] | None
    labelled: Any
    unlabeled: Any
    extent: tuple[Any, Any] = (np.inf, -np.inf)

    @property
    def labels(self) -> list[Any]:
        """Labels in sorted order."""
        return np.unique(
            np.array([self.label(label) for label in self.counts])
        ).tolist()

    def label(self, label: Any) -> Any:
        """Return a label as it is learned."""
        return label if self.numbers is None else self.numbers.get(label, label)

    def without_rows(self) -> "Survey":
        """Return the counts alone."""
        return self._replace(labelled=None, unlabeled=None)

    def shares(self, max_rows: int | str) -> tuple[float, float]:
        """Return the shares of labelled and of other rows that are learned from."""
        if isinstance(max_rows, str):
            return 1.0, min(1.0, _MOST_UNLABELED / max(self.n_unlabeled, 1))
        share = min(1.0, max_rows / (self.n_labelled + self.n_unlabeled))
        return share, share

    def core(self, max_rows: int | str) -> tuple[Any, int]:
        """Return the rows of the core sample, and the number of those with a label."""
        labelled, unlabeled = (
            share * count
            for share, count in zip(
                self.shares(max_rows), (self.n_labelled, self.n_unlabeled), strict=True
            )
        )
        share = min(1.0, CORE_ROWS / (labelled + unlabeled))
        sizes = [max(1, round(share * count)) for count in (labelled, unlabeled)]
        parts = [self.labelled.rows(sizes[0]), self.unlabeled.rows(sizes[1])]
        found = [part for part in parts if part is not None]
        n_labelled = 0 if parts[0] is None else parts[0].num_rows
        return pa.concat_tables(found, promote_options="permissive"), n_labelled


class BatchSurvey(NamedTuple):
    """Counts of a batch, and its rows that may be in the samples.

    Attributes
    ----------
    n_rows : int
        Number of all rows.
    counts : dict
        Number of rows of each label, of those with a weight above 0.
    totals : list of int
        Numbers of rows with a label and without, of those with a weight above 0.
    samples : list of KeyedRows
        Rows with a label, and rows without.
    extent : tuple of float or of ndarray of shape (n_targets,)
        Least and greatest number of each target: see `BatchTargets.extent`.
    """

    n_rows: int
    counts: dict[Any, int]
    totals: list[int]
    samples: list[KeyedRows]
    extent: tuple[Any, Any]


def survey_batch(
    batch: RawBatch, columns: Columns, limits: Sequence[np.uint64], size: int
) -> BatchSurvey:
    """Count the rows of a batch.

    Parameters
    ----------
    batch : RawBatch
    columns : Columns
    limits : sequence of uint64
        Greatest keys of rows that may be in the samples of rows with a label, and of
        rows without.
    size : int
        Greatest number of rows of a sample.

    Returns
    -------
    survey : BatchSurvey
    """
    table, n_rows = batch.table, batch.table.num_rows
    keys = row_keys(batch.file, batch.first, n_rows, "rows")
    is_used = weights_of(table, columns, batch.file) > 0
    targets = targets_of(table, columns, batch.file)
    is_known = targets.is_known
    totals, samples = [], []
    for chosen, limit in zip((is_known, ~is_known), limits, strict=True):
        rows = np.flatnonzero(chosen & is_used)
        totals.append(rows.size)
        kept = rows[keys[rows] <= limit]
        sample = KeyedRows(keys[kept], table.take(pa.array(kept)))
        samples.append(sample.least(size) if kept.size > size else sample)
    counts, extent = targets.counts(is_used), targets.extent(is_used)
    return BatchSurvey(n_rows, counts, totals, samples, extent)


def make_survey(source: RowSource, columns: Columns, report: Any) -> Survey:
    """Read all rows once.

    Parameters
    ----------
    source : RowSource
    columns : Columns
    report : callable
        Function that is called with the number of rows of each batch.

    Returns
    -------
    survey : Survey

    Raises
    ------
    ValueError
        If there are no rows, if weights are no weights, or if the labels are numbers
        that are no classes.
    """
    counts: dict[Any, int] = {}
    samples = Sample(CORE_ROWS), Sample(CORE_ROWS)
    totals = [0, 0]
    low: Any = np.inf
    high: Any = -np.inf

    def next_call():
        limits = [sample.limit for sample in samples]
        return partial(survey_batch, columns=columns, limits=limits, size=CORE_ROWS)

    for found in source.map(next_call, columns):
        for label, count in found.counts.items():
            counts[label] = counts.get(label, 0) + count
        if len(counts) > _MOST_LABELS:
            raise ValueError(
                f"target={columns.target!r} has more than {_MOST_LABELS:,} "
                "different labels, which are no classes: name a column of classes"
            )
        for kind, rows in enumerate(found.samples):
            totals[kind] += found.totals[kind]
            samples[kind].add(rows)
        low = np.minimum(low, found.extent[0])
        high = np.maximum(high, found.extent[1])
        report(found.n_rows)
    if not sum(totals):
        raise ValueError("there are no rows with a weight above 0")
    numbers = _numbers(counts) if source.are_texts else None
    return Survey(totals[0], totals[1], counts, numbers, *samples, (low, high))


def weights_of(table: Any, columns: Columns, file: str) -> NDArray[np.float64]:
    """Return the weights of a batch.

    Raises
    ------
    ValueError
        If a weight is missing, negative or not finite.
    """
    if columns.weight is None:
        return np.ones(table.num_rows)
    column = table.column(columns.weight)
    try:
        weights = column.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid as error:
        raise ValueError(
            f"sample_weight={columns.weight!r} holds no numbers in {file}: {error}"
        ) from error
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if wrong.size:
        raise ValueError(
            f"sample_weight={columns.weight!r} is {weights[wrong[0]]} in {file}: a "
            "weight is a finite number, and not negative"
        )
    return weights


def _numbers(counts):
    """Return the numbers that labels of CSV stand for, if all of them are numbers."""
    if not counts:
        return None
    for kind in (int, float):
        try:
            return {label: kind(label) for label in counts}
        except ValueError:
            continue
    return None
