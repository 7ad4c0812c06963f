"""The transfer set for the kernels: a record for each row, and the objective."""

import numpy as np

from skdistill.kernels.layers.activation import ACTIVATION_NUMBERS
from skdistill.kernels.layers.layout import CODES_START, INPUTS, TARGETS, aligned_zeros
from skdistill.kernels.layers.loss import n_target_rows
from skdistill.kernels.layers.separate_loss import error_curves
from skdistill.kernels.layers.workspace import Objective

# Number of rows whose records are built at a time.
_BLOCK_ROWS = 8192


def n_folded(transfer_set, plan):
    """Return the number of folded targets of a row.

    Parameters
    ----------
    transfer_set : TransferSet
    plan : TrainingPlan

    Returns
    -------
    n_folded : int
    """
    return n_target_rows(transfer_set.task.losses[plan.loss], transfer_set.n_targets)


def make_objective(transfer_set, plan):
    """Return the objective as the kernels take it.

    Parameters
    ----------
    transfer_set : TransferSet
    plan : TrainingPlan

    Returns
    -------
    objective : Objective
    """
    task = transfer_set.task
    loss = task.losses[plan.loss]
    parameter = task.loss_parameter(plan.temperature)
    curves = error_curves(loss, parameter, task.quantiles, transfer_set.n_targets)
    return Objective(
        loss,
        ACTIVATION_NUMBERS[plan.activation],
        np.float32(plan.temperature),
        curves.astype(np.float32),
    )


def make_records(network, transfer_set, plan):
    """Return the transfer set as records for the kernels.

    Parameters
    ----------
    network : Network
    transfer_set : TransferSet
    plan : TrainingPlan

    Returns
    -------
    records : ndarray of shape (n_rows, record_size), float32
        Records of the rows. Each holds numbers, codes, folded targets, soft weight,
        hard weight and constant of the loss: see `skdistill.kernels.layers.loss`.
        Records of sparse rows hold no numbers.
    """
    n_rows = transfer_set.n_rows
    n_numbers = int(network.layout[0, INPUTS])
    codes = int(network.layout[0, CODES_START])
    start = int(network.layout[0, TARGETS])
    end = start + n_folded(transfer_set, plan)
    records = aligned_zeros(n_rows, -(-(end + 3) // 8) * 8)
    for first in range(0, n_rows, _BLOCK_ROWS):
        rows = slice(first, first + _BLOCK_ROWS)
        block = records[rows]
        if start > 0:
            block[:, :n_numbers] = transfer_set.X[rows, :n_numbers]
            block[:, codes:start] = transfer_set.X[rows, n_numbers:]
        block[:, end] = transfer_set.soft_weight[rows]
        block[:, end + 1] = transfer_set.hard_weight[rows]
        block[:, end + 2] = transfer_set.task.fold(
            transfer_set.targets[rows],
            transfer_set.labels[rows],
            transfer_set.soft_weight[rows],
            transfer_set.hard_weight[rows],
            plan.loss,
            plan.temperature,
            out=block[:, start:end],
        )
    return records
