"""One pass over all rows: counts, labels, and a random sample of rows."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from skdistill.stream.files import Columns, Files, label_codes
from skdistill.stream.keys import row_keys
from skdistill.tables.texts import MISSING_WORDS

# Rows of the core sample, from which inputs and parameters are learned.
CORE_ROWS = 50_000

# With max_rows="auto", rows without labels are learned from up to this number.
_MOST_UNLABELED = 1_000_000

# More labels than these are no classes.
_MOST_LABELS = 10_000


class Sample:
    """The rows with the least keys: a random sample, whatever the order of the files.

    Parameters
    ----------
    size : int
        Greatest number of rows.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._keys: list[NDArray[np.uint64]] = []
        self._tables: list[Any] = []
        self._n_kept = 0
        self._limit = np.uint64(2**64 - 1)

    def add(self, keys: NDArray[np.uint64], table: Any) -> None:
        """Add rows."""
        few = np.flatnonzero(keys <= self._limit)
        if not few.size:
            return
        self._keys.append(keys[few])
        self._tables.append(table.take(pa.array(few)))
        self._n_kept += few.size
        if self._n_kept > 2 * self._size:
            self._forget()

    def rows(self, size: int) -> Any:
        """Return so many rows in the order of their keys, and at most all."""
        if not self._tables:
            return None
        self._forget()
        return self._tables[0].slice(0, size)

    def _forget(self):
        keys = np.concatenate(self._keys)
        order = np.argsort(keys)[: self._size]
        tables = pa.concat_tables(self._tables, promote_options="permissive")
        self._tables = [tables.take(pa.array(order)).combine_chunks()]
        self._keys, self._n_kept = [keys[order]], order.size
        if order.size == self._size:
            self._limit = self._keys[0][-1]


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
        Samples of rows with and without a label.
    """

    n_labelled: int
    n_unlabeled: int
    counts: dict[Any, int]
    numbers: dict[Any, Any] | None
    labelled: Sample
    unlabeled: Sample

    @property
    def labels(self) -> list[Any]:
        """Labels in sorted order."""
        return np.unique(
            np.array([self.label(label) for label in self.counts])
        ).tolist()

    def label(self, label: Any) -> Any:
        """Return a label as it is learned."""
        return label if self.numbers is None else self.numbers[label]

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


def make_survey(files: Files, columns: Columns, report: Any) -> Survey:
    """Read all rows once.

    Parameters
    ----------
    files : Files
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
    for batch in files.batches(columns):
        table, n_rows = batch.table, batch.table.num_rows
        keys = row_keys(batch.file, batch.first, n_rows, "rows")
        is_used = weights_of(table, columns, batch.file) > 0
        codes = np.full(n_rows, -1)
        if columns.target is not None:
            labels, codes = labels_of(table, columns.target)
            found = np.bincount(codes[is_used & (codes >= 0)], minlength=len(labels))
            for label, count in zip(labels, found.tolist(), strict=True):
                if count:
                    counts[label] = counts.get(label, 0) + count
            if len(counts) > _MOST_LABELS:
                raise ValueError(
                    f"target={columns.target!r} has more than {_MOST_LABELS:,} "
                    "different labels, which are no classes: name a column of classes"
                )
        for kind, chosen in enumerate((codes >= 0, codes < 0)):
            rows = np.flatnonzero(chosen & is_used)
            totals[kind] += rows.size
            samples[kind].add(keys[rows], table.take(pa.array(rows)))
        report(n_rows)
    if not sum(totals):
        raise ValueError("the files have no rows with a weight above 0")
    return Survey(
        totals[0],
        totals[1],
        counts,
        _numbers(counts, files),
        samples[0],
        samples[1],
    )


def labels_of(table: Any, target: str) -> tuple[list[Any], NDArray[np.intp]]:
    """Return the labels of a batch, and the index of each row's label, or -1."""
    labels, codes = label_codes(table.column(target))
    missing = [i for i, label in enumerate(labels) if _is_missing(label)]
    return labels, np.where(np.isin(codes, missing), -1, codes)


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


def _is_missing(label):
    return isinstance(label, str) and (label in MISSING_WORDS or label.isspace())


def _numbers(counts, files):
    """Return the numbers that labels of CSV stand for, if all of them are numbers."""
    if not counts or not files.are_texts:
        return None
    for kind in (int, float):
        try:
            return {label: kind(label) for label in counts}
        except ValueError:
            continue
    return None
