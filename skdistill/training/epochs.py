"""Epochs of a training: records and state for the kernels that train."""

from contextlib import contextmanager, nullcontext
from typing import NamedTuple

import numpy as np

from skdistill.kernels.dense import summed_loss, train_epoch
from skdistill.kernels.layers.layout import TARGETS, aligned_zeros
from skdistill.kernels.layers.workspace import Optimizer, make_workspace
from skdistill.kernels.lazy_adamw import lazy_state
from skdistill.kernels.sparse import (
    SparseRows,
    catch_up,
    summed_sparse_loss,
    train_sparse_epoch,
)
from skdistill.training.records import make_objective, make_records, n_folded

# Arrays of the optimizer by name: the weights, then their moments.
_STATE = ("parameters", "first_moment", "second_moment")


class OptimizerState(NamedTuple):
    """The state of the optimizer between two trainings, in plain arrays.

    Attributes
    ----------
    arrays : dict of ndarray
        Weights and moments by name: "parameters", "first_moment", "second_moment".
    mean : ndarray of shape (n_parameters,), float32
        Mean of the weights over recent steps.
    n_steps : int
        Number of steps so far.
    """

    arrays: dict[str, np.ndarray]
    mean: np.ndarray
    n_steps: int

    @classmethod
    def start(cls, network, n_steps=0):
        """Return the state in which a training begins with the weights of a network.

        Parameters
        ----------
        network : Network
        n_steps : int, default=0
            Number of steps that made these weights.
        """
        weights = network.parameters.copy()
        moments = {name: np.zeros_like(weights) for name in _STATE[1:]}
        return cls({"parameters": weights, **moments}, weights.copy(), n_steps)


class DenseEpochs:
    """Epochs over rows of numbers and codes.

    Parameters
    ----------
    network : Network
        Network that is trained in place.
    transfer_set : TransferSet
        Rows to train on.
    plan : TrainingPlan
    n_steps : int
        Number of steps of the whole training.
    records : ndarray of shape (n_records, record_size) or None, default=None
        Memory of the records, if they are others than those of the transfer set.
    """

    def __init__(self, network, transfer_set, plan, n_steps, records=None):
        self._state = _State(network, transfer_set, plan, records)

    def train(self, rows, batch_size, rates, steps_done, seed):
        """Train on some rows.

        Parameters
        ----------
        rows : ndarray of shape (n,), int32
            Row numbers. They are brought into a new order.
        batch_size : int
            Number of rows of a step.
        rates : ndarray of shape (n_batches,)
            Learning rates of the steps.
        steps_done : int
            Number of steps of former epochs.
        seed : uint64
            Seed of the order.

        Returns
        -------
        loss : float
            Sum of the losses of the rows.
        """
        state = self._state
        return train_epoch(
            state.layout,
            state.optimizer,
            *state.problem,
            state.records,
            rows,
            batch_size,
            rates,
            state.weight_decay,
            steps_done,
            seed,
        )

    def loss(self, rows):
        """Return the sum of the losses of some rows."""
        state = self._state
        return summed_loss(
            state.layout,
            state.optimizer.parameters,
            *state.problem,
            state.records,
            rows,
        )

    def loss_with(self, parameters, rows):
        """Return the sum of the losses of some rows with other weights."""
        with self._state.holding(parameters):
            return self.loss(rows)

    def constant(self, rows):
        """Return the part of the losses of some rows that no weight changes."""
        return self._state.constant(rows)

    def state(self):
        """Return the arrays that training goes on from."""
        return self._state.arrays()

    def resume(self, state):
        """Go on from a state."""
        _fill(self._state.arrays(), state)

    def go_on_from(self, arrays, steps_done):
        """Go on from the weights and moments of a former training.

        Parameters
        ----------
        arrays : dict of ndarray
            Weights and moments: see `OptimizerState`.
        steps_done : int
            Number of steps that the former training counts for.
        """
        _fill(self._state.arrays(), arrays)

    def optimizer_arrays(self):
        """Return copies of the weights and moments, brought up to date."""
        return self._state.copies()

    def finish(self):
        """Bring all weights up to date. Dense weights always are."""

    def up_to_date(self):
        """Return a context in which all weights are up to date."""
        return nullcontext()


class SparseEpochs:
    """Epochs over sparse rows.

    Parameters and methods are those of `DenseEpochs`. A step updates only the weights
    of columns that its rows have, so the other weights lag behind until `finish`.
    """

    def __init__(self, network, transfer_set, plan, n_steps):
        self._state = _State(network, transfer_set, plan)
        X = transfer_set.X
        self._rows = SparseRows(
            X.indptr.astype(np.int64),
            X.indices.astype(np.int32),
            X.data.astype(np.float32),
        )
        self._lazy = lazy_state(X.shape[1], n_steps)
        self._steps_done = 0

    def train(self, rows, batch_size, rates, steps_done, seed):
        """Train on some rows; see `DenseEpochs.train`."""
        state = self._state
        total = train_sparse_epoch(
            state.layout,
            state.optimizer,
            *state.problem,
            self._rows,
            self._lazy,
            state.records,
            rows,
            batch_size,
            rates,
            state.weight_decay,
            steps_done,
            seed,
        )
        self._steps_done = steps_done + rates.size
        return total

    def loss(self, rows):
        """Return the sum of the losses of some rows."""
        self.finish()
        state = self._state
        return summed_sparse_loss(
            state.layout,
            state.optimizer.parameters,
            *state.problem,
            self._rows,
            state.records,
            rows,
        )

    def loss_with(self, parameters, rows):
        """Return the sum of the losses of some rows with other weights."""
        self.finish()
        with self._state.holding(parameters):
            return self.loss(rows)

    def constant(self, rows):
        """Return the part of the losses of some rows that no weight changes."""
        return self._state.constant(rows)

    def state(self):
        """Return the arrays that training goes on from, and the number of steps."""
        return self._arrays() | {"steps_done": self._steps_done}

    def resume(self, state):
        """Go on from a state."""
        _fill(self._arrays(), state)
        self._steps_done = state["steps_done"]

    def go_on_from(self, arrays, steps_done):
        """Go on from a former training; see `DenseEpochs.go_on_from`."""
        _fill(self._state.arrays(), arrays)
        self._lazy.steps[...] = steps_done
        self._steps_done = steps_done

    def optimizer_arrays(self):
        """Return copies of the weights and moments, brought up to date."""
        self.finish()
        return self._state.copies()

    def _arrays(self):
        return self._state.arrays() | {
            name: getattr(self._lazy, name)
            for name in ("steps", "log_shrinkage", "recent", "final")
        }

    def finish(self):
        """Bring all weights up to date."""
        state, steps = self._state, self._lazy.steps
        # After an interrupt, the kernel may have made more steps than are counted here.
        steps_done = max(self._steps_done, int(steps.max(initial=0)))
        catch_up(state.layout, state.optimizer, self._lazy, steps_done)

    @contextmanager
    def up_to_date(self):
        """Return a context in which all weights are up to date.

        After it, the weights are again as they were before. So a look at the weights
        between two epochs changes no bit of the training.
        """
        optimizer = self._state.optimizer
        arrays = (
            optimizer.parameters,
            optimizer.first_moment,
            optimizer.second_moment,
            self._lazy.steps,
        )
        before = [array.copy() for array in arrays]
        self.finish()
        try:
            yield
        finally:
            for array, values in zip(arrays, before, strict=True):
                array[...] = values


class _State:
    """Arrays that the kernels keep from one epoch to the next."""

    def __init__(self, network, transfer_set, plan, records=None):
        self.layout = network.layout
        if records is None:
            records = make_records(network, transfer_set, plan)
        self.records = records
        n_targets = n_folded(transfer_set, plan)
        workspace = make_workspace(
            network.layout, transfer_set.n_targets, n_targets, self.records.shape[1]
        )
        self.problem = (
            workspace,
            network.knot_table,
            make_objective(transfer_set, plan),
        )
        moments = (aligned_zeros(network.parameters.size) for _ in range(3))
        self.optimizer = Optimizer(network.parameters, *moments, network.signs)
        self.weight_decay = plan.weight_decay
        # The last number of a record.
        self._constant = int(network.layout[0, TARGETS]) + n_targets + 2

    def arrays(self):
        """Return weights and moments by their names."""
        return {name: getattr(self.optimizer, name) for name in _STATE}

    def copies(self):
        """Return copies of weights and moments by their names."""
        return {name: array.copy() for name, array in self.arrays().items()}

    def constant(self, rows):
        """Return the part of the losses of some rows that no weight changes."""
        return float(self.records[rows, self._constant].sum(dtype=np.float64))

    @contextmanager
    def holding(self, parameters):
        """Return a context in which the weights are others: an array, or a number."""
        current = self.optimizer.parameters
        before = current.copy()
        current[...] = parameters
        try:
            yield
        finally:
            current[...] = before


def _fill(arrays, state):
    """Fill arrays with the values of a state."""
    for name, array in arrays.items():
        array[...] = state[name]
