"""The interface of rows that a fit takes batch by batch: files, or parts of Dask."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any


class RowSource(ABC):
    """Rows in batches, which can be read again.

    Attributes
    ----------
    are_texts : bool
        Whether all cells are texts, as in CSV.
    frame : callable
        Function of a table and of names of columns, which returns rows as a teacher
        takes them.
    """

    are_texts: Any
    frame: Any

    @abstractmethod
    def identity(self) -> Any:
        """Return a value that tells these rows from others."""

    @abstractmethod
    def progress(self, words: str, total: int | None, is_shown: bool) -> Any:
        """Return the progress of a pass over the rows: see `FitProgress`."""

    @abstractmethod
    def teacher(self, estimator: Any) -> Any:
        """Return the teacher that is asked about all rows.

        Parameters
        ----------
        estimator : DistilledClassifier
            Estimator, whose `teacher_` was asked about the core sample. So it knows
            what its outputs mean.

        Returns
        -------
        teacher : object
            Teacher with the methods `ask` and `abstains`.
        """

    @abstractmethod
    def map(
        self,
        next_call: Callable[[], Callable[[Any], Any]],
        columns: Any,
        first: int = 0,
    ) -> Iterator[Any]:
        """Yield the result of a function for each batch, in their order.

        Parameters
        ----------
        next_call : callable
            Function that returns the one for the next batch, which takes a RawBatch.
        columns : Columns
        first : int, default=0
            Number of the first batch that is taken.
        """
