"""Training of a network: one compiled call an epoch."""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.adamw import BETA_1, BETA_2, adamw_step
from skdistill.kernels.instructions.denormals import flush_denormals, restore_mode
from skdistill.kernels.instructions.matrix import LINE, fill, span
from skdistill.kernels.layers.knot_table import fill_table
from skdistill.kernels.layers.knot_update import update_codes
from skdistill.kernels.layers.layout import BIAS, OUTPUT_WIDTH, WEIGHTS
from skdistill.kernels.layers.passes import (
    backward,
    forward,
    load_chunk,
    loss_gradient,
    transpose_weights,
)


@kernel
def shuffle(order, seed):
    """Permute indices in place (Fisher-Yates with a xorshift generator).

    Parameters
    ----------
    order : ndarray of shape (n,), int32
        Indices, brought into a new order.
    seed : uint64
        Seed of the generator. Not zero.
    """
    state = seed
    for i in range(order.size - 1, 0, -1):
        state ^= state << np.uint64(13)
        state ^= state >> np.uint64(7)
        state ^= state << np.uint64(17)
        j = np.int64(((state >> np.uint64(32)) * np.uint64(i + 1)) >> np.uint64(32))
        other = order[j]
        order[j] = order[i]
        order[i] = other


@kernel(inline=True)
def _fill_table(layout, parameters, knot_table, workspace):
    """Compute the knot table of the present weights."""
    fill_table(
        parameters,
        knot_table.codes,
        knot_table.positions,
        knot_table.shares,
        layout[0, OUTPUT_WIDTH],
        knot_table.table,
        span(workspace.activations, 0, layout[0, OUTPUT_WIDTH]),
    )


@kernel
def project(parameters, signs):
    """Set weights of the wrong sign to zero, the nearest value with the right one.

    Parameters
    ----------
    parameters, signs : ndarray of shape (n_parameters,)
        See `skdistill.kernels.layers.workspace.Optimizer`.
    """
    for i in range(signs.size):
        # The comparison is false for NaN, so that NaN stays.
        if signs[i] * parameters[i] < 0:
            parameters[i] = 0.0


@kernel(cache=True)
def train_epoch(
    layout,
    optimizer,
    workspace,
    knot_table,
    objective,
    records,
    order,
    batch_size,
    learning_rates,
    weight_decay,
    steps_done,
    seed,
):
    """Train on every record once, in a new order.

    Parameters
    ----------
    layout : ndarray of shape (n_layers, 12)
        See `skdistill.kernels.layers.layout`.
    optimizer : Optimizer
        Weights and their moments, updated in place.
    workspace : Workspace
    knot_table : KnotTable
        Code of the input. Its table is kept equal to that of the weights.
    objective : Objective
    records : ndarray of shape (n_records, record_size)
        Features, codes, folded targets, soft weight, hard weight, constant, padding.
    order : ndarray of shape (n,), int32
        Indices of the records to train on. They are shuffled in place unless `seed` is
        0.
    batch_size : int
    learning_rates : ndarray of shape (n_batches,)
    weight_decay : float
    steps_done : int
        Number of batches in former epochs.
    seed : uint64

    Returns
    -------
    float
        Sum of the losses.
    """
    mode = flush_denormals()
    if seed > 0:
        shuffle(order, seed)
    parameters, gradient = optimizer.parameters, optimizer.gradient
    activation, capacity = objective.activation, workspace.logits.shape[1]
    n_weights = layout[0, BIAS]
    n_biases = parameters.size - n_weights
    n_code_weights, width = layout[0, WEIGHTS], layout[0, OUTPUT_WIDTH]
    total = np.float64(0.0)
    _fill_table(layout, parameters, knot_table, workspace)
    for step, first in enumerate(range(0, order.size, batch_size)):
        n = min(batch_size, order.size - first)
        transpose_weights(layout, parameters, workspace.transposed)
        fill(span(gradient, n_weights, n_biases), np.float32(0.0))
        scale = np.float32(1.0) / np.float32(n)
        # All chunks have nearly the same size. A small chunk would take more time than
        # its rows are worth.
        chunks = -(-n // capacity)
        chunk_rows = -(-n // (chunks * LINE)) * LINE
        for begin in range(0, n, chunk_rows):
            rows = min(chunk_rows, n - begin)
            load_chunk(
                layout, records, order, first + begin, rows, knot_table, workspace
            )
            forward(layout, parameters, activation, 0, rows, workspace, knot_table)
            total += loss_gradient(objective, workspace, rows, scale)
            backward(
                layout,
                optimizer,
                activation,
                0,
                rows,
                begin > 0,
                workspace,
                knot_table,
            )
        learning_rate = learning_rates[step]
        t = np.float64(steps_done + step + 1)
        step_size = np.float32(
            learning_rate * np.sqrt(1.0 - BETA_2**t) / (1.0 - BETA_1**t)
        )
        shrinkage = np.float32(1.0 - learning_rate * weight_decay)
        update_codes(
            optimizer,
            knot_table,
            span(gradient, n_weights, width),
            step_size,
            shrinkage,
        )
        for start, size, factor in (
            (n_code_weights, n_weights - n_code_weights, shrinkage),
            (n_weights, n_biases, np.float32(1.0)),
        ):
            adamw_step(
                span(parameters, start, size),
                span(gradient, start, size),
                span(optimizer.first_moment, start, size),
                span(optimizer.second_moment, start, size),
                step_size,
                factor,
            )
        if optimizer.signs.size > 0:
            project(parameters, optimizer.signs)
            _fill_table(layout, parameters, knot_table, workspace)
    restore_mode(mode)
    return total


@kernel(cache=True)
def summed_loss(layout, parameters, workspace, knot_table, objective, records, order):
    """Return the sum of the losses of some records, like `train_epoch`, untrained."""
    mode = flush_denormals()
    _fill_table(layout, parameters, knot_table, workspace)
    capacity = workspace.logits.shape[1]
    total = np.float64(0.0)
    for first in range(0, order.size, capacity):
        rows = min(capacity, order.size - first)
        load_chunk(
            layout,
            records,
            order,
            first,
            rows,
            knot_table,
            workspace,
        )
        forward(
            layout, parameters, objective.activation, 0, rows, workspace, knot_table
        )
        total += loss_gradient(objective, workspace, rows, np.float32(1.0))
    restore_mode(mode)
    return total
