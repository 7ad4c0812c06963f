"""How the column of targets in a batch is read: labels of classes, or numbers."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from skdistill.stream.files import Columns
from skdistill.stream.labels import labels_of
from skdistill.tables.texts import is_missing_word

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
        """Return the number of used rows of each label. Numbers are not counted."""

    @abstractmethod
    def extent(self, is_used: NDArray[np.bool_]) -> tuple[float, float]:
        """Return the least and the greatest number of used rows.

        Labels have none: then the first is infinite, and the second its negative.
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

    def extent(self, is_used: NDArray[np.bool_]) -> tuple[float, float]:
        """Return no extent."""
        return np.inf, -np.inf


class BatchNumbers(BatchTargets):
    """Numbers to predict in a batch.

    Parameters
    ----------
    table : Table
    columns : Columns
    file : str
        Name of the file in errors.

    Attributes
    ----------
    values : ndarray of shape (n_rows,), float64
        Numbers, NaN in a row without one.
    """

    def __init__(self, table: Any, columns: Columns, file: str) -> None:
        self.values = numbers_of(table, columns, file)

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Whether each row has a number."""
        return ~np.isnan(self.values)

    def counts(self, is_used: NDArray[np.bool_]) -> dict[Any, int]:
        """Return nothing."""
        return {}

    def extent(self, is_used: NDArray[np.bool_]) -> tuple[float, float]:
        """Return the least and the greatest number of used rows."""
        known = self.values[is_used & self.is_known]
        if not known.size:
            return np.inf, -np.inf
        return float(known.min()), float(known.max())


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
    targets : BatchLabels or BatchNumbers
    """
    if columns.kind == "numbers":
        return BatchNumbers(table, columns, file)
    return BatchLabels(table, columns)


def numbers_of(table: Any, columns: Columns, file: str) -> NDArray[np.float64]:
    """Return the numbers to predict of a batch, NaN where there is none.

    In CSV, words such as "NA" stand for a missing number.

    Raises
    ------
    ValueError
        If a cell is no finite number.
    """
    if columns.target is None:
        return np.full(table.num_rows, np.nan)
    column = table.column(columns.target)
    column = column.combine_chunks() if hasattr(column, "combine_chunks") else column
    if columns.are_texts:
        cells = column.cast(pa.string()).to_pylist()
        cells = [
            None if cell is None or is_missing_word(cell) else cell for cell in cells
        ]
    elif any(is_kind(column.type) for is_kind in _NUMBERS):
        cells = column.to_pylist()
    else:
        raise ValueError(
            f"target={columns.target!r} holds {column.type} in {file}: a regressor "
            "predicts numbers"
        )
    values = np.empty(len(cells))
    for row, cell in enumerate(cells):
        try:
            if isinstance(cell, str) and "_" in cell:
                raise ValueError(cell)  # Python reads 1_000 as a number.
            values[row] = np.nan if cell is None else float(cell)
        except ValueError:
            raise ValueError(
                f"target={columns.target!r} is {cell!r:.40} in {file}: a regressor "
                "predicts numbers"
            ) from None
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise ValueError(
            f"target={columns.target!r} is {values[infinite[0]]} in {file}: each "
            "number has to be finite"
        )
    return values
