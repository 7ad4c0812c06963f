"""A sample of the rows of all parts so far, which each part learns again."""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse, vstack

from skdistill.transfer.transfer_set import TransferSet

# Greatest number of rows that are kept.
_MOST_KEPT = 2000

_BY_ROW = ("targets", "labels", "soft_weight", "hard_weight")


class RowSample(NamedTuple):
    """A random sample of the given rows of all parts so far, as the network takes them.

    Each row gets a random key, and the rows with the least keys are kept. So each row
    of any part is kept with the same chance.

    Attributes
    ----------
    rows : TransferSet
        Encoded rows with targets and weights.
    keys : ndarray of shape (n_kept,)
        Keys of the rows.
    """

    rows: TransferSet
    keys: np.ndarray

    @classmethod
    def of_part(cls, part: TransferSet, random_state: Any) -> "RowSample":
        """Return a sample of the given rows of a part.

        Parameters
        ----------
        part : TransferSet
        random_state : RandomState
            Source of the keys.

        Returns
        -------
        sample : RowSample
        """
        keys = random_state.uniform(size=part.n_real)
        return cls(_taken(part, np.arange(part.n_real)), keys)._least()

    def joined(self, other: "RowSample") -> "RowSample":
        """Return a sample of the rows of which two samples were taken.

        Parameters
        ----------
        other : RowSample

        Returns
        -------
        sample : RowSample
        """
        keys = np.concatenate([self.keys, other.keys])
        return RowSample(with_rows(self.rows, other.rows), keys)._least()

    def _least(self):
        """Return the rows with the least keys."""
        if self.keys.size <= _MOST_KEPT:
            return self
        least = np.sort(np.argsort(self.keys)[:_MOST_KEPT])
        return RowSample(_taken(self.rows, least), self.keys[least])


def with_rows(rows: TransferSet, part: TransferSet) -> TransferSet:
    """Return a transfer set with given rows before its own.

    Parameters
    ----------
    rows : TransferSet
        Given rows.
    part : TransferSet
        Given rows, and synthetic rows after them.

    Returns
    -------
    joined : TransferSet
    """
    joined = {
        name: np.concatenate([getattr(rows, name), getattr(part, name)])
        for name in _BY_ROW
    }
    if issparse(part.X):
        X = vstack([rows.X, part.X], format="csr")
    else:
        X = np.concatenate([rows.X, part.X])
    return part._replace(X=X, n_real=rows.n_real + part.n_real, groups=None, **joined)


def _taken(rows, numbers):
    """Return some of the given rows."""
    taken = {name: getattr(rows, name)[numbers] for name in _BY_ROW}
    return rows._replace(X=rows.X[numbers], n_real=numbers.size, groups=None, **taken)
