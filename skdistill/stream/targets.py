"""How columns of targets in a batch are read: labels of classes, sets, or numbers."""

from abc import ABC, abstractmethod
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from skdistill.common.labels import is_labelled
from skdistill.stream.files import Columns
from skdistill.stream.labels import labels_of
from skdistill.tables.texts import is_missing_word

# Words of errors on a cell of another kind.
_WANTED = {
    "numbers": "a regressor predicts numbers",
    "label_sets": "columns of label sets hold 0 and 1",
}

# Truth values in CSV.
_TRUTHS = {"false": "0", "true": "1"}

# Types of Arrow that are numbers.
_NUMBERS = (
    pa.types.is_null,
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
)


class BatchTargets(ABC):
    """Targets of the rows of a batch."""

    @property
    @abstractmethod
    def is_known(self) -> NDArray[np.bool_]:
        """Whether each row has a target."""

    @abstractmethod
    def counts(self, is_used: NDArray[np.bool_]) -> dict[Any, int]:
        """Return the number of used rows of each class. Other targets have none."""

    @abstractmethod
    def extent(self, is_used: NDArray[np.bool_]) -> tuple[Any, Any]:
        """Return the least and the greatest number of used rows, of each target.

        Labels of classes have none: then the first is infinite, and the second its
        negative.
        """


class BatchLabels(BatchTargets):
    """Labels of classes in a batch.

    Parameters
    ----------
    table : Table
    columns : Columns

    Attributes
    ----------
    labels : list
        Labels of the batch.
    codes : ndarray of shape (n_rows,), int
        Place of each row's label, -1 for a row without one.
    """

    def __init__(self, table: Any, columns: Columns) -> None:
        self.labels, self.codes = labels_of(table, columns)

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Whether each row has a label."""
        return self.codes >= 0

    def counts(self, is_used: NDArray[np.bool_]) -> dict[Any, int]:
        """Return the number of used rows of each label."""
        found = np.bincount(
            self.codes[is_used & self.is_known], minlength=len(self.labels)
        )
        pairs = zip(self.labels, found.tolist(), strict=True)
        return {label: count for label, count in pairs if count}

    def extent(self, is_used: NDArray[np.bool_]) -> tuple[Any, Any]:
        """Return no extent."""
        return np.inf, -np.inf


class BatchColumns(BatchTargets):
    """Numbers to predict, or label sets, in a batch.

    Parameters
    ----------
    table : Table
    columns : Columns
    file : str
        Name of the file in errors.

    Attributes
    ----------
    values : ndarray of shape (n_rows, n_targets), float64
        Numbers, or 0 and 1. NaN in a row without them.
    """

    def __init__(self, table: Any, columns: Columns, file: str) -> None:
        self.values = values_of(table, columns, file)

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Whether each row has its numbers or labels."""
        return is_labelled(self.values)

    def counts(self, is_used: NDArray[np.bool_]) -> dict[Any, int]:
        """Return nothing."""
        return {}

    def extent(self, is_used: NDArray[np.bool_]) -> tuple[Any, Any]:
        """Return the least and the greatest number of used rows, of each target."""
        known = self.values[is_used & self.is_known]
        if not known.size:
            return np.inf, -np.inf
        return known.min(axis=0), known.max(axis=0)


def targets_of(table: Any, columns: Columns, file: str) -> Any:
    """Return the targets of a batch.

    Parameters
    ----------
    table : Table
    columns : Columns
    file : str
        Name of the file in errors.

    Returns
    -------
    targets : BatchLabels or BatchColumns
    """
    if columns.kind == "classes":
        return BatchLabels(table, columns)
    return BatchColumns(table, columns, file)


def values_of(table: Any, columns: Columns, file: str) -> NDArray[np.float64]:
    """Return the numbers to predict, or the label sets, of a batch.

    In CSV, words such as "NA" stand for a missing number.

    Parameters
    ----------
    table : Table
    columns : Columns
    file : str
        Name of the file in errors.

    Returns
    -------
    values : ndarray of shape (n_rows, n_targets), float64
        NaN in a row without them. If there are no columns of targets, one column.

    Raises
    ------
    ValueError
        If a cell is no finite number, or no 0 or 1 of label sets, or if a row has some
        of its targets and lacks others.
    """
    if not columns.targets:
        return np.full((table.num_rows, 1), np.nan)
    read = partial(_values, table, columns, file)
    values = np.column_stack([read(name) for name in columns.targets])
    missing = np.isnan(values)
    partly = np.flatnonzero(missing.any(axis=1) & ~missing.all(axis=1))
    if partly.size:
        gap = columns.targets[int(missing[partly[0]].argmax())]
        raise ValueError(
            f"target={columns.target!r:.200}: {partly.size} rows of a batch of {file} "
            f"have some of these columns and lack others, the first of them {gap!r}: a "
            "row has a value in each, or in none, and learns from the teacher alone"
        )
    return values


def _values(table, columns, file, name):
    """Return the values of a column of targets, NaN for a missing one."""
    column, wanted = table.column(name), _WANTED[columns.kind]
    column = column.combine_chunks() if hasattr(column, "combine_chunks") else column
    if columns.are_texts:
        values = _of_texts(column, name, columns.kind, file)
    elif any(is_kind(column.type) for is_kind in _NUMBERS):
        values = _of_numbers(column)
    else:
        raise ValueError(f"target={name!r} holds {column.type} in {file}: {wanted}")
    is_right = np.isfinite(values)
    if columns.kind == "label_sets":
        is_right = np.isin(values, (0.0, 1.0))
    wrong = np.flatnonzero(~(is_right | np.isnan(values)))
    if wrong.size:
        wanted = "each number has to be finite" if columns.kind == "numbers" else wanted
        raise ValueError(f"target={name!r} is {values[wrong[0]]:g} in {file}: {wanted}")
    return values


def _of_numbers(column):
    """Return the values of a column of numbers or truth values."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return column.to_numpy(zero_copy_only=False).astype(np.float64)
    cells = column.to_pylist()
    return np.array([np.nan if cell is None else float(cell) for cell in cells])


def _of_texts(column, name, kind, file):
    """Return the numbers that the texts of a column of CSV stand for."""
    cells = column.cast(pa.string()).to_pylist()
    values = np.empty(len(cells))
    for row, cell in enumerate(cells):
        if cell is None or is_missing_word(cell):
            values[row] = np.nan
            continue
        if kind == "label_sets":
            cell = _TRUTHS.get(cell.lower(), cell)
        try:
            if "_" in cell:
                raise ValueError(cell)  # Python reads 1_000 as a number.
            values[row] = float(cell)
        except ValueError:
            raise ValueError(
                f"target={name!r} is {cell!r:.40} in {file}: {_WANTED[kind]}"
            ) from None
    return values
