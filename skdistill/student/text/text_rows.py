"""Sparse rows without SciPy: those that texts become."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class TextRows(NamedTuple):
    """Rows of which only the entries that may differ from zero are stored.

    Attributes
    ----------
    starts : ndarray of shape (n_rows + 1,), int
        Place of the first entry of each row, and the number of entries.
    columns : ndarray of shape (n_entries,), int
        Column of each entry, in increasing order within a row, all different.
    values : ndarray of shape (n_entries,), float64
        Value of each entry.
    n_columns : int
    """

    starts: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    n_columns: int

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return len(self.starts) - 1, self.n_columns

    @property
    def row_of_entry(self) -> NDArray[np.int64]:
        """Row of each entry."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def times(self, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the products of rows and weights.

        Parameters
        ----------
        weights : ndarray of shape (n_columns, n_units)

        Returns
        -------
        sums : ndarray of shape (n_rows, n_units), float64
        """
        sums = np.zeros((self.shape[0], weights.shape[1]))
        filled = np.flatnonzero(np.diff(self.starts))
        if filled.size:
            products = self.values[:, np.newaxis] * weights[self.columns]
            sums[filled] = np.add.reduceat(products, self.starts[filled], axis=0)
        return sums

    def to_dense(self) -> NDArray[np.float64]:
        """Return all values, zeros included.

        Returns
        -------
        table : ndarray of shape (n_rows, n_columns), float64
        """
        table = np.zeros(self.shape)
        table[self.row_of_entry, self.columns] = self.values
        return table
