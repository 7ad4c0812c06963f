"""Training on sparse rows, like those of a text.

The work is proportional to the number of stored values. The first layer is hidden, and
has a row of weights for each column. A batch uses the rows of the columns that occur in
it. For the other rows see `skdistill.kernels.lazy_adamw`.
"""

from typing import NamedTuple

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.dense import shuffle
from skdistill.kernels.instructions.adamw import BETA_1, BETA_2, adamw_step
from skdistill.kernels.instructions.denormals import flush_denormals, restore_mode
from skdistill.kernels.instructions.matrix import fill, prefetch, span
from skdistill.kernels.layers.activation import RELU, activate
from skdistill.kernels.layers.layout import BIAS, OUTPUT_WIDTH, OUTPUTS, WEIGHTS
from skdistill.kernels.layers.passes import (
    backward,
    forward,
    load_chunk,
    loss_gradient,
    transpose_weights,
)
from skdistill.kernels.lazy_adamw import bring_up_to_date, note_step

# Number of columns by which weights are loaded into the cache ahead.
_AHEAD = 4


class SparseRows(NamedTuple):
    """Rows in compressed form (CSR).

    Attributes
    ----------
    starts : ndarray of shape (n_rows + 1,), int64
        Index of the first value of each row.
    columns : ndarray of shape (n_values,), int32
    values : ndarray of shape (n_values,), float32
    """

    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray


@kernel
def _touch(rows, order, first, n, lazy, t, width, optimizer):
    """Bring the weights that a batch reads up to date.

    The columns of the batch are listed in `lazy.touched`. Their number is returned.
    """
    steps, touched = lazy.steps, lazy.touched
    starts, columns = rows.starts, rows.columns
    # Each column is listed once. The number of steps of a listed column is negative,
    # until the column is brought up to date.
    count = 0
    for i in range(first, first + n):
        row = order[i]
        for index in range(starts[row], starts[row + 1]):
            column = columns[index]
            if steps[column] >= 0:
                steps[column] = -1 - steps[column]
                touched[count] = column
                count += 1
    listed = span(touched, 0, count)
    for column in listed:
        steps[column] = -1 - steps[column]
    bring_up_to_date(listed, _AHEAD, steps, t, width, lazy, optimizer)
    for column in listed:
        steps[column] = t + 1
    return count


@kernel
def first_layer(layout, parameters, activation, rows, order, first, n, workspace):
    """Compute the activations of the first layer of a chunk."""
    width = layout[0, OUTPUT_WIDTH]
    bias = span(parameters, layout[0, BIAS], width)
    starts, columns, values = rows.starts, rows.columns, rows.values
    activations = workspace.activations
    for i in range(n):
        out = span(activations, i * width, width)
        for j in range(width):
            out[j] = bias[j]
        row = order[first + i]
        for index in range(starts[row], starts[row + 1]):
            weights = span(parameters, columns[index] * width, width)
            value = values[index]
            for j in range(width):
                out[j] += value * weights[j]
        if activation == RELU:
            for j in range(width):
                # The comparison is false for NaN, so that NaN stays.
                out[j] = np.float32(0.0) if out[j] < 0 else out[j]
    if activation != RELU:
        activate(
            activation,
            span(activations, 0, n * width),
            span(workspace.slopes, 0, n * width),
            n,
            layout[0, OUTPUTS],
            width,
        )


@kernel
def _scatter(layout, gradient, rows, order, first, n, workspace):
    """Add the gradients of a chunk to the gradients of its columns' weights."""
    width = layout[0, OUTPUT_WIDTH]
    starts, columns, values = rows.starts, rows.columns, rows.values
    activations = workspace.activations
    for i in range(n):
        delta = span(activations, i * width, width)
        row = order[first + i]
        for index in range(starts[row], starts[row + 1]):
            out = span(gradient, columns[index] * width, width)
            value = values[index]
            for j in range(width):
                out[j] += value * delta[j]


@kernel
def compute_sparse_gradient(
    layout,
    optimizer,
    workspace,
    knot_table,
    objective,
    rows,
    records,
    order,
    first,
    n,
):
    """Set the gradient of the mean loss of a batch; return the summed loss.

    The gradient by the first layer's rows of weights is added to the array, which must
    hold zeros there.
    """
    gradient = optimizer.gradient
    n_weights = layout[0, BIAS]
    fill(span(gradient, n_weights, gradient.size - n_weights), np.float32(0.0))
    scale = np.float32(1.0) / np.float32(n)
    capacity = workspace.logits.shape[1]
    activation = objective.activation
    total = np.float64(0.0)
    for begin in range(0, n, capacity):
        size = min(capacity, n - begin)
        start = first + begin
        load_chunk(layout, records, order, start, size, knot_table, workspace)
        first_layer(
            layout,
            optimizer.parameters,
            activation,
            rows,
            order,
            start,
            size,
            workspace,
        )
        forward(
            layout, optimizer.parameters, activation, 1, size, workspace, knot_table
        )
        total += loss_gradient(objective, workspace, size, scale)
        backward(
            layout, optimizer, activation, 1, size, begin > 0, workspace, knot_table
        )
        _scatter(layout, gradient, rows, order, start, size, workspace)
    return total


@kernel(cache=True)
def train_sparse_epoch(
    layout,
    optimizer,
    workspace,
    knot_table,
    objective,
    rows,
    lazy,
    records,
    order,
    batch_size,
    learning_rates,
    weight_decay,
    steps_done,
    seed,
):
    """Train on sparse rows once, in a new order; see `dense.train_epoch`.

    Parameters
    ----------
    layout, optimizer, workspace, objective, batch_size, learning_rates, ...
        Arguments of `dense.train_epoch`. The layout has a table row for each column.
    knot_table : KnotTable
        Knot table without codes.
    rows : SparseRows
    lazy : LazyState
    records : ndarray of shape (n_records, record_size)
        Folded targets, soft weight, hard weight, constant, padding.

    Returns
    -------
    float
        Sum of the losses.

    Notes
    -----
    At the end, some rows of weights have missed steps. `catch_up` makes up for them.
    """
    mode = flush_denormals()
    if seed > 0:
        shuffle(order, seed)
    parameters, gradient = optimizer.parameters, optimizer.gradient
    first_moment, second_moment = optimizer.first_moment, optimizer.second_moment
    touched = lazy.touched
    width = layout[0, OUTPUT_WIDTH]
    table, n_weights = layout[0, WEIGHTS], layout[0, BIAS]
    t = steps_done
    total = np.float64(0.0)
    for step, first in enumerate(range(0, order.size, batch_size)):
        n = min(batch_size, order.size - first)
        transpose_weights(layout, parameters, workspace.transposed)
        count = _touch(rows, order, first, n, lazy, t, width, optimizer)
        total += compute_sparse_gradient(
            layout,
            optimizer,
            workspace,
            knot_table,
            objective,
            rows,
            records,
            order,
            first,
            n,
        )
        t += 1
        rate = learning_rates[step]
        size = rate * np.sqrt(1.0 - BETA_2**t) / (1.0 - BETA_1**t)
        shrinkage = 1.0 - rate * weight_decay
        note_step(lazy, t, size, shrinkage)
        for i in range(count):
            if i + _AHEAD < count:
                start = touched[i + _AHEAD] * width
                for array in (parameters, gradient, first_moment, second_moment):
                    prefetch(array, start, width)
            start = touched[i] * width
            row = span(gradient, start, width)
            adamw_step(
                span(parameters, start, width),
                row,
                span(first_moment, start, width),
                span(second_moment, start, width),
                np.float32(size),
                np.float32(shrinkage),
            )
            fill(row, np.float32(0.0))
        for start, end, factor in (
            (table, n_weights, shrinkage),
            (n_weights, parameters.size, 1.0),
        ):
            adamw_step(
                span(parameters, start, end - start),
                span(gradient, start, end - start),
                span(first_moment, start, end - start),
                span(second_moment, start, end - start),
                np.float32(size),
                np.float32(factor),
            )
    restore_mode(mode)
    return total


@kernel(cache=True)
def catch_up(layout, optimizer, lazy, t):
    """Bring all rows of weights up to date after t steps."""
    mode = flush_denormals()
    columns = lazy.touched
    for column in range(columns.size):
        columns[column] = column
    bring_up_to_date(
        columns, _AHEAD, lazy.steps, t, layout[0, OUTPUT_WIDTH], lazy, optimizer
    )
    restore_mode(mode)


@kernel(cache=True)
def summed_sparse_loss(
    layout, parameters, workspace, knot_table, objective, rows, records, order
):
    """Return the sum of the losses of some rows; all weights must be up to date."""
    mode = flush_denormals()
    capacity = workspace.logits.shape[1]
    activation = objective.activation
    total = np.float64(0.0)
    for first in range(0, order.size, capacity):
        n = min(capacity, order.size - first)
        load_chunk(layout, records, order, first, n, knot_table, workspace)
        first_layer(layout, parameters, activation, rows, order, first, n, workspace)
        forward(layout, parameters, activation, 1, n, workspace, knot_table)
        total += loss_gradient(objective, workspace, n, np.float32(1.0))
    restore_mode(mode)
    return total
