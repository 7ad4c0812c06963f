"""A batch of rows, the source of batches, and a place to write batches to."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from skdistill.tables.read import CodedColumn


class Role(Enum):
    """Meaning of the texts of a column in CSV, where all cells are texts."""

    NUMBERS = "numbers"
    LEVELS = "levels"
    TEXTS = "texts"


class Batch(Protocol):
    """Some rows of a source.

    Attributes
    ----------
    n_rows : int
        Number of rows.
    """

    n_rows: int

    def coded(self, name: str, words: Mapping[str, str | float] = ...) -> CodedColumn:
        """Return a column as numbers or as levels. Threads may do so at once.

        Parameters
        ----------
        name : str
        words : mapping of str to str or float, default={}
            Values of texts of CSV that have a meaning of their own in this column. A
            column with a type has none.
        """

    def part(self, start: int, stop: int) -> Self:
        """Return the rows from `start` up to `stop`, which is left out."""

    def raw(self, name: str) -> Any:
        """Return a column as a `Sink` of the same library takes it."""


class Source(Protocol):
    """File of rows, read in batches: a context manager, which closes it.

    Attributes
    ----------
    names : list of str
        Names of all columns, in their order.
    n_rows : int or None
        Number of rows; None if it is not known before the end.
    """

    names: list[str]
    n_rows: int | None

    def batches(
        self, roles: Mapping[str, Role], kept: Sequence[str]
    ) -> Iterator[Batch]:
        """Yield the rows in their order, once.

        Parameters
        ----------
        roles : mapping of str to Role
            Columns that are coded.
        kept : sequence of str
            Columns that are passed on as they are.

        Yields
        ------
        batch : Batch
            One batch at least. It is empty if there are no rows.

        Raises
        ------
        ValueError
            If the file cannot be read on. The message names it.
        """

    def share(self) -> float | None:
        """Return the share of the file that was read, or None if nobody can tell."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...


class Sink(Protocol):
    """File of rows, written in batches: a context manager, which completes it."""

    def write(
        self,
        kept: Sequence[Any],
        codes: NDArray[np.intp] | None,
        numbers: Sequence[NDArray[Any]],
    ) -> None:
        """Write rows.

        Parameters
        ----------
        kept : sequence of columns
            Columns as `Batch.raw` returns them.
        codes : ndarray of shape (n_rows,) or None
            Index of the label of each row. None without labels.
        numbers : sequence of ndarray of shape (n_rows,)
            Other answers, such as the probabilities of each class.
        """

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...
