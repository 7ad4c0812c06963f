"""Sparse rows without SciPy: those that texts become."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class TextRows(NamedTuple):
    """Rows of which only the cells that a term fills are stored.

    Attributes
    ----------
    starts : ndarray of shape (n_rows + 1,), int
        Place of the first cell of each row, and the number of cells.
    rows : ndarray of shape (n_cells,), int
        Row of each cell, in increasing order.
    columns : ndarray of shape (n_cells,), int
        Column of each cell, in increasing order within a row, all different.
    values : ndarray of shape (n_cells,), float64
        Value of each cell.
    n_columns : int
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    n_columns: int

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return len(self.starts) - 1, self.n_columns

    def times(self, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the products of rows and weights.

        Parameters
        ----------
        weights : ndarray of shape (n_columns, n_units)

        Returns
        -------
        sums : ndarray of shape (n_rows, n_units), float64
        """
        n_rows, n_units = self.shape[0], weights.shape[1]
        if n_units == 1:
            products = self.values * weights[self.columns, 0]
            one = np.bincount(self.rows, weights=products, minlength=n_rows)
            return one.astype(np.float64)[:, np.newaxis]
        sums = np.zeros((n_rows, n_units))
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
        table[self.rows, self.columns] = self.values
        return table
