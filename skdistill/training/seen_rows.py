"""A record of the rows that a model was trained on, in a few kilobytes."""

import hashlib
from copy import copy
from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse

from skdistill.tables.read import as_array, is_pandas, is_polars, read_coded_columns
from skdistill.tables.sparse import as_csr, summed

# Greatest number of hashes that are kept. They take 64 KiB.
_MOST = 8192

# Odd constants that spread the bits. The last steps of MurmurHash3 use the same.
_FACTORS = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_SHIFT = np.uint64(33)


class ComparableRows(NamedTuple):
    """Rows by which two raw rows can be told apart.

    Attributes
    ----------
    numbers : ndarray or CSR of shape (n_samples, n_features), float32
        Numbers as a student takes them. Missing values are NaN. Levels are 0.
    levels : ndarray of shape (n_samples,), uint64, or int
        Sum of the hashes of each row's levels. A student takes all unknown levels for
        the same; their hashes differ. 0 if no column has levels.
    """

    numbers: np.ndarray
    levels: np.ndarray | int = 0


class SeenRows:
    """A sample of the rows that were seen: those with the least hashes.

    It has the same size for any number of rows. To tell how many of other rows were
    seen, it looks for those whose hash is at most the greatest kept hash. The share of
    these that was seen estimates the share of all (a bottom-k sketch: Cohen and Kaplan
    2007).

    Parameters
    ----------
    rows : ComparableRows, or ndarray or CSR of shape (n_samples, n_features), float32
        Rows, as `student_rows` returns them. Missing values are NaN.
    """

    def __init__(self, rows):
        hashes = np.unique(_hashes(rows))
        self._is_complete = len(hashes) <= _MOST
        self._hashes = hashes[:_MOST]

    def joined(self, other):
        """Return the sample of all rows that this one or another one has seen.

        Parameters
        ----------
        other : SeenRows

        Returns
        -------
        seen : SeenRows
        """
        joined = copy(self)
        hashes = np.union1d(self._hashes, other._hashes)
        both = (self, other)
        greatest = [each._hashes[-1] for each in both if not each._is_complete]
        if greatest:
            # A sample knows nothing of rows beyond its greatest hash.
            hashes = hashes[hashes <= min(greatest)]
        joined._is_complete = not greatest and len(hashes) <= _MOST
        joined._hashes = hashes[:_MOST]
        return joined

    def share_of(self, rows):
        """Return the approximate share of other rows that was seen.

        Parameters
        ----------
        rows : ComparableRows, or ndarray or CSR of shape (n_samples, n_features)

        Returns
        -------
        share : float
            Share between 0 and 1. It is exact if no more than 8,192 different rows were
            seen.
        """
        hashes = _hashes(rows)
        if not self._is_complete:
            hashes = hashes[hashes <= self._hashes[-1]]
        return float(np.isin(hashes, self._hashes).mean()) if hashes.size else 0.0


def student_rows(student, X):
    """Return raw rows in a form in which equal rows are found.

    Parameters
    ----------
    student : Student
        Student, which tells the columns of numbers from those of levels.
    X : table of shape (n_samples, n_features)

    Returns
    -------
    rows : ComparableRows
    """
    if issparse(X):
        return ComparableRows(summed(as_csr(X)).astype(np.float32))
    numbers = student.numbers(X)
    code = student.input_code
    if code is None or not (code.reads_cells or _may_hold_levels(X)):
        return ComparableRows(numbers)
    of_numbers = {*code.linear, *code.knotted}
    numbers = numbers.copy()  # An array of float32 is the user's own.
    levels = np.zeros(len(numbers), dtype=np.uint64)
    for feature, column in enumerate(read_coded_columns(X)):
        has_levels = column.labels is not None and feature not in of_numbers
        if has_levels or feature in code.categorical:
            levels += _level_hashes(feature, column)
            numbers[:, feature] = 0
    return ComparableRows(numbers, levels)


def _may_hold_levels(X):
    """Tell whether a column of a table may hold levels. Arrays of numbers do not."""
    return is_pandas(X) or is_polars(X) or as_array(X).dtype.kind not in "biuf"


def _level_hashes(feature, column):
    """Return the hash of the level of each row, even if levels arrive as numbers."""
    levels, values = column.labels, column.values
    if levels is None:
        levels, values = np.unique(values, return_inverse=True)
    keys = [*levels, None]
    hashes = [
        hashlib.blake2b(f"{feature} {_key(level)}".encode(), digest_size=8).digest()
        for level in keys
    ]
    return np.frombuffer(b"".join(hashes), dtype=np.uint64)[values]


def _key(level):
    """Return a text by which levels are told apart: 1, 1.0 and True are equal."""
    if level is None or level != level:
        return "missing"
    return repr(level) if isinstance(level, str) else repr(float(level))


def _hashes(rows):
    """Return a hash of 64 bits for each row: the sum of the hashes of its cells."""
    if isinstance(rows, ComparableRows):
        return _hashes(rows.numbers) + np.uint64(rows.levels)
    if issparse(rows):
        # The sum of a row's hashes, modulo 2**64, is a difference of running sums.
        sums = np.zeros(len(rows.data) + 1, dtype=np.uint64)
        np.cumsum(_cell_hashes(rows.data, rows.indices), out=sums[1:])
        return sums[rows.indptr[1:]] - sums[rows.indptr[:-1]]
    hashes = np.zeros(len(rows), dtype=np.uint64)
    for column in range(rows.shape[1]):
        hashes += _cell_hashes(rows[:, column], column)
    return hashes


def _cell_hashes(values, columns):
    """Return hashes of values in their columns.

    The hash of zero is 0, because sparse rows may leave out zeros.
    """
    values = np.where(np.isnan(values), np.float32(np.nan), values).astype(np.float32)
    bits = values.view(np.uint32).astype(np.uint64)
    bits |= np.asarray(columns, dtype=np.uint64) + np.uint64(1) << np.uint64(32)
    for factor in _FACTORS:
        bits ^= bits >> _SHIFT
        bits *= factor
    bits ^= bits >> _SHIFT
    return np.where(values == 0, np.uint64(0), bits)
