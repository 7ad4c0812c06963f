"""Epochs of a training: the transfer set as the kernels take it, and their state."""

from contextlib import contextmanager, nullcontext

import numpy as np
from scipy.special import xlogy
from sklearn.utils import gen_batches

from skdistill.kernels.dense import summed_loss, train_epoch
from skdistill.kernels.layers import loss as losses
from skdistill.kernels.layers.activation import ACTIVATION_NUMBERS
from skdistill.kernels.layers.layout import CODES_START, INPUTS, TARGETS, aligned_zeros
from skdistill.kernels.layers.workspace import Objective, Optimizer, make_workspace
from skdistill.kernels.lazy_adamw import lazy_state
from skdistill.kernels.sparse import (
    SparseRows,
    catch_up,
    summed_sparse_loss,
    train_sparse_epoch,
)
from skdistill.transfer.transfer_set import centred_logits, soften

LOSSES = {"kl": losses.KL, "logit_mse": losses.LOGIT_MSE}

# Rows whose records are built at once.
_BLOCK_ROWS = 8192


class DenseEpochs:
    """Epochs over rows of numbers and codes.

    Parameters
    ----------
    network : Network
        Trained in place.
    transfer_set : TransferSet
    options : TrainingOptions
    n_steps : int
        Of the whole training.
    """

    def __init__(self, network, transfer_set, options, n_steps):
        self._state = _State(network, transfer_set, options)

    def train(self, rows, batch_size, rates, steps_done, seed):
        """Train on some rows.

        Parameters
        ----------
        rows : ndarray of shape (n,), int32
            Brought into a new order.
        batch_size : int
        rates : ndarray of shape (n_batches,)
            Learning rates.
        steps_done : int
            Batches of former epochs.
        seed : uint64

        Returns
        -------
        loss : float
            Summed over the rows.
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
        """Return the loss of some rows, summed."""
        state = self._state
        return summed_loss(
            state.layout,
            state.optimizer.parameters,
            *state.problem,
            state.records,
            rows,
        )

    def finish(self):
        """Bring all weights up to date."""

    def up_to_date(self):
        """Return a context in which all weights are up to date."""
        return nullcontext()


class SparseEpochs:
    """Epochs over sparse rows; parameters and methods are those of `DenseEpochs`."""

    def __init__(self, network, transfer_set, options, n_steps):
        self._state = _State(network, transfer_set, options)
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
        """Return the loss of some rows, summed."""
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

    def finish(self):
        """Bring all weights up to date."""
        state, steps = self._state, self._lazy.steps
        # After an interrupt, the kernel's count may be ahead of ours.
        steps_done = max(self._steps_done, int(steps.max(initial=0)))
        catch_up(state.layout, state.optimizer, self._lazy, steps_done)

    @contextmanager
    def up_to_date(self):
        """Return a context in which all weights are, and after it are as before.

        Whoever looks at the weights between two epochs changes no bit of the
        training by it.
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
    """What the kernels keep from one epoch to the next."""

    def __init__(self, network, transfer_set, options):
        self.layout = network.layout
        self.records = make_records(network, transfer_set, options)
        workspace = make_workspace(
            network.layout, transfer_set.n_classes, self.records.shape[1]
        )
        self.problem = (workspace, network.knot_table, make_objective(options))
        moments = (aligned_zeros(network.parameters.size) for _ in range(3))
        self.optimizer = Optimizer(network.parameters, *moments)
        self.weight_decay = options.weight_decay


def make_objective(options):
    """Return the objective as the kernels take it."""
    return Objective(
        LOSSES[options.loss],
        ACTIVATION_NUMBERS[options.activation],
        np.float32(options.temperature),
    )


def make_records(network, transfer_set, options):
    """Lay out the transfer set for the kernels.

    Parameters
    ----------
    network : Network
    transfer_set : TransferSet
    options : TrainingOptions

    Returns
    -------
    records : ndarray of shape (n_rows, record_size), float32
        Numbers, codes, folded targets, soft weight, hard weight, constant of the
        loss; see `skdistill.kernels.layers.loss`. Of sparse rows no numbers.
    """
    n_rows = transfer_set.n_rows
    n_numbers = int(network.layout[0, INPUTS])
    codes = int(network.layout[0, CODES_START])
    n_classes = transfer_set.n_classes
    start = int(network.layout[0, TARGETS])
    end = start + n_classes
    records = aligned_zeros(n_rows, -(-(end + 3) // 8) * 8)
    temperature = options.temperature
    for rows in gen_batches(n_rows, _BLOCK_ROWS):
        block = records[rows]
        if start > 0:
            block[:, :n_numbers] = transfer_set.X[rows, :n_numbers]
            block[:, codes:start] = transfer_set.X[rows, n_numbers:]
        soft_weight = transfer_set.soft_weight[rows]
        if options.loss == "kl":
            soft = soften(transfer_set.teacher_logits[rows], temperature)
            # The kernel's loss has means of exponentials in place of sums.
            spread = np.log(n_classes)
            distance = spread + xlogy(soft, soft).sum(axis=1)
            constant = soft_weight * temperature**2 * distance
            constant += transfer_set.hard_weight[rows] * spread
            soft *= temperature
        else:
            soft = centred_logits(transfer_set.teacher_logits[rows])
            constant = 0.5 * soft_weight * (soft**2).sum(axis=1)
        soft *= soft_weight[:, np.newaxis]
        block[:, start:end] = soft
        block[:, end] = soft_weight
        block[:, end + 1] = transfer_set.hard_weight[rows]
        block[:, end + 2] = constant
        labels = transfer_set.labels[rows]
        labelled = np.flatnonzero(labels >= 0)
        block[labelled, start + labels[labelled]] += block[labelled, end + 1]
    return records
