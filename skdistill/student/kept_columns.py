"""The columns of sparse rows that a pruned student reads.

The norm of a row of texts is that of all its terms. A student that knew the rest of the
vocabulary for its norm alone would hold all of it. So if rows have unit length, a
pruned student scales what is left of a row to unit length again.
"""

from typing import Any, NamedTuple

import numpy as np

# Greatest difference of a sum of squares from a whole number, in single precision.
_TOLERANCE = 1e-4


class KeptColumns(NamedTuple):
    """Places of the columns that a student reads, and blocks of unit length.

    Attributes
    ----------
    places : ndarray of shape (n_kept,), int64
        Columns of X that the student reads, increasing.
    n_columns : int
        Number of columns of X.
    unit_blocks : ndarray of shape (n_blocks, 2), int64
        First column of each block whose part of a row is scaled to unit length, and the
        column after its last one, as columns of X. The blocks are in order, and do not
        overlap. Other columns stay as they are.
    """

    places: np.ndarray
    n_columns: int
    unit_blocks: np.ndarray

    @classmethod
    def checked(cls, places: Any, n_columns: int, unit_blocks: Any) -> "KeptColumns":
        """Return the columns, or raise if they do not fit together.

        Parameters
        ----------
        places : array-like of shape (n_kept,), int
        n_columns : int
        unit_blocks : array-like of shape (n_blocks, 2), int

        Returns
        -------
        kept : KeptColumns

        Raises
        ------
        ValueError
            If places or blocks are not increasing, or outside the columns.
        """
        places = np.asarray(places, dtype=np.int64)
        blocks = np.asarray(unit_blocks, dtype=np.int64).reshape(-1, 2)
        if (
            places.ndim != 1
            or not places.size
            or (np.diff(places) <= 0).any()
            or not 0 <= places[0] <= places[-1] < n_columns
        ):
            raise ValueError(
                f"places of the kept columns is {places.tolist()!r:.100}: give at "
                f"least one place, increasing, from 0 to {n_columns - 1}"
            )
        ends = blocks.ravel()
        widths = np.diff(ends)
        if ends.size and (
            (widths[::2] <= 0).any()
            or (widths[1::2] < 0).any()
            or not 0 <= ends[0] <= ends[-1] <= n_columns
        ):
            raise ValueError(
                f"unit_blocks of the kept columns is {blocks.tolist()!r:.100}: give "
                "the first column and the end of each block, in order, from 0 to "
                f"{n_columns}"
            )
        return cls(places, int(n_columns), blocks)

    def select(self, rows: Any) -> Any:
        """Return the kept columns of rows, with blocks scaled to unit length.

        Parameters
        ----------
        rows : CSR or ndarray of shape (n_rows, n_columns)

        Returns
        -------
        kept : CSR or ndarray of shape (n_rows, n_kept)
            Rows of the type of the given ones.
        """
        kept = rows[:, self.places]
        if isinstance(kept, np.ndarray):
            return self._scaled_dense(kept)
        if len(self.unit_blocks):
            kept.data = self._scaled(kept)
        return kept

    def _scaled(self, kept):
        """Return the values of CSR, in which each block of a row has unit length."""
        n_rows, n_blocks = kept.shape[0], len(self.unit_blocks)
        block = self._block_of_places()[kept.indices]
        rows = np.repeat(np.arange(n_rows), np.diff(kept.indptr))
        key = rows * (n_blocks + 1) + block
        squares = np.square(kept.data, dtype=np.float64)
        squares = np.bincount(key, squares, minlength=n_rows * (n_blocks + 1))
        squares[n_blocks :: n_blocks + 1] = 1.0  # Columns of no block.
        squares[squares == 0.0] = 1.0
        return (kept.data / np.sqrt(squares)[key]).astype(kept.data.dtype)

    def _scaled_dense(self, kept):
        """Return rows in which each block of a row has unit length."""
        block = self._block_of_places()
        for number in range(len(self.unit_blocks)):
            columns = np.flatnonzero(block == number)
            values = kept[:, columns].astype(np.float64)
            lengths = np.sqrt(np.square(values).sum(axis=1, keepdims=True))
            kept[:, columns] = values / np.where(lengths > 0.0, lengths, 1.0)
        return kept

    def _block_of_places(self):
        """Return the number of each place's block, the last number if it has none."""
        starts, ends = self.unit_blocks.T
        block = np.searchsorted(ends, self.places, side="right")
        outside = np.append(starts, self.n_columns)[block] > self.places
        return np.where(outside, len(ends), block)


def find_unit_blocks(rows: Any) -> np.ndarray:
    """Return the blocks of columns in which all rows have unit length.

    A vectorizer may give unit length to its rows. Several of them side by side make a
    block each. A row may be empty in a block. A block that follows columns without unit
    length is not found.

    Parameters
    ----------
    rows : CSR of shape (n_rows, n_columns)
        Rows. The columns of each are in order, and each is there once.

    Returns
    -------
    blocks : ndarray of shape (n_blocks, 2), int64
        First column of each block, and the column after its last one.
    """
    squares = np.square(rows.data, dtype=np.float64)
    n_rows, n_columns = rows.shape
    counts = np.diff(rows.indptr)
    row_of = np.repeat(np.arange(n_rows), counts)
    sums = np.concatenate([[0.0], np.cumsum(squares)])
    so_far = sums[1:] - sums[rows.indptr[:-1]][row_of]
    following = np.append(rows.indices[1:], n_columns)
    following[rows.indptr[1:][counts > 0] - 1] = n_columns
    # No block ends between two values of a row, unless the sum so far is whole.
    within = np.abs(so_far - np.rint(so_far)) >= _TOLERANCE
    begins = np.bincount(rows.indices[within] + 1, minlength=n_columns + 2)
    ends = np.bincount(following[within] + 1, minlength=n_columns + 2)
    borders = np.flatnonzero(np.cumsum(begins - ends)[: n_columns + 1] == 0)
    is_seen = np.isin(np.arange(n_columns), rows.indices)
    blocks = np.column_stack([borders[:-1], borders[1:]])
    blocks = blocks[(np.diff(blocks)[:, 0] > 1) | is_seen[blocks[:, 0]]]

    def is_of_unit_length(first, last):
        """Tell whether no row has more than unit length from a block to another."""
        start, end = blocks[first, 0], blocks[last, 1]
        inside = (rows.indices >= start) & (rows.indices < end)
        sums = np.bincount(row_of[inside], squares[inside])
        return sums.max(initial=0.0) < 1.0 + _TOLERANCE

    found = _joined(blocks, is_of_unit_length)
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _joined(blocks, is_of_unit_length):
    """Return blocks of unit length, with the neighbours that no row fills beside them.

    The columns of one vectorizer may fall apart, as those of texts in two scripts do. A
    new text may hold both. A block of one column alone may also be a count.
    """
    found, free = [], 0
    for number, (start, end) in enumerate(blocks.tolist()):
        if number < free or end - start == 1 or not is_of_unit_length(number, number):
            continue
        first = last = number
        while first > free and is_of_unit_length(first - 1, last):
            first -= 1
        while last + 1 < len(blocks) and is_of_unit_length(first, last + 1):
            last += 1
        found.append((blocks[first, 0], blocks[last, 1]))
        free = last + 1
    return found
