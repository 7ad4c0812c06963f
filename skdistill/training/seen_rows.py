"""Which rows a model was trained on, in a few kilobytes."""

import numpy as np
from scipy.sparse import issparse

# Hashes that are kept: 64 KiB.
_MOST = 8192

# Odd constants that spread the bits, those of MurmurHash3's last steps.
_FACTORS = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))
_SHIFT = np.uint64(33)


class SeenRows:
    """The least hashes of some rows: a sample of them, whatever their number.

    Of other rows, those with a hash up to the greatest kept can be looked for, and
    the share of them that was seen stands for all (a bottom-k sketch: Cohen and
    Kaplan 2007).

    Parameters
    ----------
    rows : ndarray or CSR of shape (n_samples, n_features), float32
        As a student takes them, NaN where missing.
    """

    def __init__(self, rows):
        hashes = np.unique(_hashes(rows))
        self._all = len(hashes) <= _MOST
        self._hashes = hashes[:_MOST]

    def share_of(self, rows):
        """Return about which share of other rows was seen.

        Parameters
        ----------
        rows : ndarray or CSR of shape (n_samples, n_features), float32

        Returns
        -------
        share : float
            Between 0 and 1; exact where up to 8,192 different rows were seen.
        """
        hashes = _hashes(rows)
        if not self._all:
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
    return X.tocsr().astype(np.float32) if issparse(X) else student.numbers(X)


def _hashes(rows):
    """Return a hash of 64 bits for each row: the sum of those of its cells."""
    if issparse(rows):
        # Sums modulo 2**64 of consecutive values are differences of running ones.
        sums = np.zeros(len(rows.data) + 1, dtype=np.uint64)
        np.cumsum(_of_cells(rows.data, rows.indices), out=sums[1:])
        return sums[rows.indptr[1:]] - sums[rows.indptr[:-1]]
    hashes = np.zeros(len(rows), dtype=np.uint64)
    for column in range(rows.shape[1]):
        hashes += _of_cells(rows[:, column], column)
    return hashes


def _of_cells(values, columns):
    """Return hashes of values in their columns; of zero, which may be left out, 0."""
    values = np.where(np.isnan(values), np.float32(np.nan), values).astype(np.float32)
    bits = values.view(np.uint32).astype(np.uint64)
    bits |= np.asarray(columns, dtype=np.uint64) + np.uint64(1) << np.uint64(32)
    for factor in _FACTORS:
        bits ^= bits >> _SHIFT
        bits *= factor
    bits ^= bits >> _SHIFT
    return np.where(values == 0, np.uint64(0), bits)
