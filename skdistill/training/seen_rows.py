"""A record of the rows that a model was trained on, in a few kilobytes."""

import numpy as np
from scipy.sparse import issparse

from skdistill.tables.sparse import as_csr, summed

# Greatest number of hashes that are kept. They take 64 KiB.
_MOST = 8192

# Odd constants that spread the bits. The last steps of MurmurHash3 use the same.
_FACTORS = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_SHIFT = np.uint64(33)


class SeenRows:
    """A sample of the rows that were seen: those with the least hashes.

    It has the same size for any number of rows. To tell how many of other rows were
    seen, it looks for those whose hash is at most the greatest kept hash. The share of
    these that was seen estimates the share of all (a bottom-k sketch: Cohen and Kaplan
    2007).

    Parameters
    ----------
    rows : ndarray or CSR of shape (n_samples, n_features), float32
        Rows as a student takes them. Missing values are NaN.
    """

    def __init__(self, rows):
        hashes = np.unique(_hashes(rows))
        self._is_complete = len(hashes) <= _MOST
        self._hashes = hashes[:_MOST]

    def share_of(self, rows):
        """Return the approximate share of other rows that was seen.

        Parameters
        ----------
        rows : ndarray or CSR of shape (n_samples, n_features), float32

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
    """Return raw rows as a student takes them.

    Parameters
    ----------
    student : Student
    X : table of shape (n_samples, n_features)

    Returns
    -------
    rows : ndarray or CSR of shape (n_samples, n_features), float32
    """
    if issparse(X):
        return summed(as_csr(X)).astype(np.float32)
    return student.numbers(X)


def _hashes(rows):
    """Return a hash of 64 bits for each row: the sum of the hashes of its cells."""
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
