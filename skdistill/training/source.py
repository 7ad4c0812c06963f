"""Sources of records: the rows that a training takes, chunk by chunk.

A source says how many rows an epoch has, and yields them in chunks. Records live for a
chunk. Weights, moments and the number of steps live for a training. Rows in memory are
the source of one chunk an epoch.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdistill.training.epochs import DenseEpochs, SparseEpochs
from skdistill.training.plan import TrainingPlan
from skdistill.transfer.transfer_set import TransferSet


class RecordSource(Protocol):
    """Rows that a training takes, chunk by chunk.

    Attributes
    ----------
    n_rows : int
        Number of rows of an epoch.
    """

    n_rows: int

    def epochs(self, network: Any, plan: TrainingPlan, n_steps: int) -> Any:
        """Return the epochs over the records of this source: see `DenseEpochs`."""

    def chunks(
        self, epoch: int, batch_size: int, first: int = 0
    ) -> Iterator[NDArray[np.int32]]:
        """Yield the numbers of the records of an epoch, chunk by chunk.

        Parameters
        ----------
        epoch : int
            Number of the epoch, from 0.
        batch_size : int
            Number of rows of a step.
        first : int, default=0
            Number of chunks of this epoch that were taken already.

        Yields
        ------
        rows : ndarray of shape (n,), int32
            Numbers of records. They count until the next chunk. A training may
            bring them into another order. All chunks but the last one are whole
            batches.
        """

    def some(self, most: int) -> NDArray[np.int32]:
        """Return about so many records, in which synthetic rows have their share."""

    def state(self) -> dict[str, Any]:
        """Return what has to be kept between two chunks: numbers and arrays."""

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state."""


class RowsInMemory:
    """Rows of a transfer set: a source of one chunk an epoch.

    Parameters
    ----------
    transfer_set : TransferSet
    rows : ndarray of shape (n,), int32
        Numbers of the real rows to train on.
    plan : TrainingPlan
    random_state : RandomState

    Attributes
    ----------
    n_rows : int
        Number of rows of an epoch.
    """

    def __init__(
        self,
        transfer_set: TransferSet,
        rows: NDArray[np.int32],
        plan: TrainingPlan,
        random_state: np.random.RandomState,
    ) -> None:
        self._transfer_set = transfer_set
        self._rows = np.tile(rows, plan.passes)
        self._synthetic = DealtRows(
            transfer_set, self._rows.size, plan.synthetic_share, random_state
        )
        self.n_rows = self._rows.size + self._synthetic.count

    def epochs(self, network: Any, plan: TrainingPlan, n_steps: int) -> Any:
        """Return the epochs over the rows."""
        return make_epochs(network, self._transfer_set, plan, n_steps)

    def chunks(
        self, epoch: int, batch_size: int, first: int = 0
    ) -> Iterator[NDArray[np.int32]]:
        """Yield the real rows, and as many synthetic ones as their share asks for."""
        if first == 0:
            yield np.concatenate([self._rows, self._synthetic.next()])

    def some(self, most: int) -> NDArray[np.int32]:
        """Return about so many rows, in which synthetic rows have their share."""
        rows = self._rows[:: -(-self._rows.size // most)]
        n_synthetic = round(rows.size * self._synthetic.count / self._rows.size)
        return np.concatenate([rows, self._synthetic.some(n_synthetic)])

    def state(self) -> dict[str, Any]:
        """Return the order of the synthetic rows, and how many of them were dealt."""
        return self._synthetic.state()

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self._synthetic.resume(state)


def make_epochs(
    network: Any, transfer_set: TransferSet, plan: TrainingPlan, n_steps: int
) -> DenseEpochs | SparseEpochs:
    """Return the epochs over rows in memory: see `DenseEpochs`.

    Parameters
    ----------
    network : Network
    transfer_set : TransferSet
    plan : TrainingPlan
    n_steps : int
        Number of steps of the whole training.

    Returns
    -------
    epochs : DenseEpochs or SparseEpochs
    """
    kind = SparseEpochs if issparse(transfer_set.X) else DenseEpochs
    return kind(network, transfer_set, plan, n_steps)


class DealtRows:
    """Deals synthetic rows to the epochs. No row comes again before all have come.

    Parameters
    ----------
    transfer_set : TransferSet
        Real rows, and synthetic rows after them.
    n_real : int
        Number of real rows of an epoch.
    share : float
        Share of synthetic rows in an epoch.
    random_state : RandomState

    Attributes
    ----------
    count : int
        Number of synthetic rows of an epoch.
    """

    def __init__(
        self,
        transfer_set: TransferSet,
        n_real: int,
        share: float,
        random_state: np.random.RandomState,
    ) -> None:
        self._rows = np.arange(transfer_set.n_real, transfer_set.n_rows, dtype=np.int32)
        self._random_state = random_state
        wanted = round(n_real * share / (1.0 - share)) if self._rows.size else 0
        self.count = wanted
        self._dealt = self._rows.size

    def some(self, count: int) -> NDArray[np.int32]:
        """Return some of the rows, which do not count as dealt."""
        return np.sort(self._rows)[:: max(1, self._rows.size // max(count, 1))][:count]

    def next(self) -> NDArray[np.int32]:
        """Return the rows of the next epoch."""
        return self.deal(self.count)

    def deal(self, count: int) -> NDArray[np.int32]:
        """Return so many of the next rows."""
        dealt = []
        missing = count
        while missing > 0:
            if self._dealt == self._rows.size:
                self._random_state.shuffle(self._rows)
                self._dealt = 0
            # A copy, since the rows may be shuffled before the epoch is full.
            rows = self._rows[self._dealt : self._dealt + missing].copy()
            self._dealt += rows.size
            missing -= rows.size
            dealt.append(rows)
        return np.concatenate(dealt) if dealt else self._rows[:0]

    def state(self) -> dict[str, Any]:
        """Return the order of the rows, and how many of them were dealt."""
        return {"rows": self._rows.copy(), "dealt": self._dealt}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self._rows[...] = state["rows"]
        self._dealt = state["dealt"]
