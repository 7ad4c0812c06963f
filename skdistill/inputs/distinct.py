"""Rows of a table that occur several times, as after resampling."""

from functools import cached_property

import numpy as np

# Odd constants that spread the bits, from the last steps of MurmurHash3.
_FACTORS = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_SHIFT = np.uint64(33)

# Rows are copies only if the other columns alone tell at least this share of the
# different rows apart. Otherwise rows are equal since a table has few columns.
_TOLD_APART = 0.8


class DistinctRows:
    """The different rows of a table.

    Parameters
    ----------
    columns : sequence of CodedColumn
        Columns of the table.
    """

    def __init__(self, columns):
        self._columns = columns

    def without_copies(self, feature):
        """Return the rows by which a column of levels is judged.

        Parameters
        ----------
        feature : int
            Number of the column.

        Returns
        -------
        rows : ndarray of int or None
            Numbers of the different rows. None stands for all rows: if none is a
            copy, or if the other columns do not tell the rows apart.
        """
        hashes, first = self._all
        if first.size == hashes.size:
            return None
        others = hashes - _hashes(feature, self._columns[feature].values)
        if np.unique(others[first]).size < _TOLD_APART * first.size:
            return None
        return first

    @cached_property
    def _all(self):
        """Hash of each row, and numbers of the first rows with each hash."""
        hashes = np.zeros(len(self._columns[0].values), dtype=np.uint64)
        for feature, column in enumerate(self._columns):
            hashes += _hashes(feature, column.values)
        return hashes, np.unique(hashes, return_index=True)[1]


def _hashes(feature, values):
    """Return a hash of each value of a column."""
    bits = np.asarray(values, dtype=np.float64).view(np.uint64)
    bits = (bits ^ np.uint64(feature + 1)) * _FACTORS[1]
    for factor in _FACTORS:
        bits ^= bits >> _SHIFT
        bits *= factor
    return bits ^ (bits >> _SHIFT)
