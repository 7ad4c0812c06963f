"""Training of a network: one compiled call an epoch."""

from typing import NamedTuple

import numpy as np

from skdistill.kernels.activation import RELU as RELU_ACTIVATION
from skdistill.kernels.activation import activate
from skdistill.kernels.compilation import kernel
from skdistill.kernels.denormals import flush_denormals, restore_mode
from skdistill.kernels.dot import dot_products
from skdistill.kernels.knot_table import (
    add_codes,
    fill_table,
    locate,
    scatter_codes,
    write_bias,
)
from skdistill.kernels.knot_update import update_codes
from skdistill.kernels.layout import (
    ACTIVATIONS,
    BIAS,
    CODES,
    CODES_START,
    INPUT_WIDTH,
    INPUTS,
    OUTPUT_WIDTH,
    OUTPUTS,
    TARGETS,
    TRANSPOSED,
    WEIGHTS,
    aligned_zeros,
    padded,
)
from skdistill.kernels.loss import KL, kl_gradient, logit_mse_gradient
from skdistill.kernels.matrix import copy, fill, matrix, part, transpose
from skdistill.kernels.optimizer import BETA_1, BETA_2, adamw_step
from skdistill.kernels.product import LINE, RELU, RELU_DERIVATIVE, SLOPE, STORE, product

# A batch goes through the network in chunks, whose gradients add up, so that
# activations and records stay in the cache: at most so many rows, and of long
# records so many bytes.
_MOST_ROWS = 256
_LEAST_ROWS = 32
_CHUNK_BYTES = 400 * 1024

# Transposed weights stand in panels of so many columns, two vectors or four, whose
# rows follow one another: those of a wide matrix lie a page or more apart.
PANEL = 32

# For gradients of at least so many weights, a layer's inputs are transposed first: a
# tile then reads whole lines of them, and the caches do not hold them all. Where its
# rows are as long as that, too, those of a panel lie far apart: it is packed first.
_MANY_WEIGHTS = 2**17
_LONG_ROW = 256


class Workspace(NamedTuple):
    """Buffers of a training; reused by every batch.

    Attributes
    ----------
    inputs : ndarray of shape (rows + 16, row stride)
        Records of the chunk: features, targets, weights, constants.
    activations, slopes : ndarray of shape (rows * hidden widths,)
        Layer after layer. Backward, activations give way to gradients; before the
        forward pass, `fill_table` may use them.
    targets, logits, scratch, sums : ndarray of shape (classes, rows)
        Class by class; see `skdistill.kernels.loss`.
    transposed : ndarray
        Transposed weights of the hidden layers after the first, panel by panel.
    turned : ndarray
        Transposed inputs of a layer, where one has many weights.
    panel : ndarray
        Some columns of a matrix, packed, where a layer has many weights and units.
    zeros : ndarray
        A row of zeros, as long as the widest row.
    offsets, fractions : ndarray of shape (rows, codes)
        Where the codes of the chunk lie in the knot table.
    """

    inputs: np.ndarray
    activations: np.ndarray
    slopes: np.ndarray
    targets: np.ndarray
    logits: np.ndarray
    scratch: np.ndarray
    sums: np.ndarray
    transposed: np.ndarray
    turned: np.ndarray
    panel: np.ndarray
    zeros: np.ndarray
    offsets: np.ndarray
    fractions: np.ndarray


class Optimizer(NamedTuple):
    """Weights and the state of their optimizer, flat arrays of one layout."""

    parameters: np.ndarray
    gradient: np.ndarray
    first_moment: np.ndarray
    second_moment: np.ndarray


class Objective(NamedTuple):
    """What a training minimises."""

    loss: int
    activation: int
    temperature: np.float32


def make_workspace(layout, n_classes, record_size):
    """Allocate the buffers for a layout and records of a size."""
    # The codes' part of an output layer is summed up where activations stand.
    hidden = int(layout[-1, ACTIVATIONS]) or int(layout[0, OUTPUT_WIDTH])
    # An odd number of cache lines from row to row: rows that lie a power of
    # two apart would share a few sets of the cache.
    stride = padded(record_size)
    stride += 0 if stride // LINE % 2 else LINE
    rows = _CHUNK_BYTES // (4 * stride) // LINE * LINE
    rows = min(_MOST_ROWS, max(_LEAST_ROWS, rows))
    most_turned = _most_turned(layout)
    classes = -(-(n_classes + 3) // 8) * 8
    return Workspace(
        inputs=aligned_zeros(rows + LINE, stride),
        activations=aligned_zeros((rows + LINE) * max(hidden, LINE)),
        slopes=aligned_zeros((rows + LINE) * max(hidden, LINE)),
        targets=aligned_zeros(classes, rows),
        logits=aligned_zeros(n_classes, rows),
        scratch=aligned_zeros(n_classes, rows),
        sums=aligned_zeros(3, rows),
        transposed=aligned_zeros(int(layout[-1, TRANSPOSED])),
        turned=aligned_zeros(rows * most_turned),
        panel=aligned_zeros(max(rows, most_turned) * PANEL if most_turned else 0),
        zeros=aligned_zeros(
            padded(int(layout[:, INPUT_WIDTH : OUTPUT_WIDTH + 1].max()))
        ),
        offsets=np.zeros((rows, int(layout[0, CODES])), dtype=np.int32),
        fractions=aligned_zeros(rows, int(layout[0, CODES])),
    )


def _most_turned(layout):
    """Return the most inputs of a layer whose inputs are transposed."""
    hidden = layout[:-1]
    many = hidden[:, INPUTS] * hidden[:, OUTPUT_WIDTH] >= _MANY_WEIGHTS
    return int(hidden[many, INPUT_WIDTH].max(initial=0))


@kernel
def shuffle(order, seed):
    """Permute indices in place (Fisher-Yates with a xorshift generator).

    Parameters
    ----------
    order : ndarray of shape (n,), int32
    seed : uint64
        Not zero.
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
def load_chunk(layout, records, order, first, rows, knot_table, workspace):
    """Gather records, turn their targets class by class, locate their codes."""
    inputs, targets = workspace.inputs, workspace.targets
    size = records.shape[1]
    for i in range(rows):
        copy(records, order[first + i] * size, inputs, i * inputs.shape[1], size)
    stride = inputs.shape[1]
    transpose(
        matrix(inputs, layout[0, TARGETS], rows, targets.shape[0], stride),
        matrix(targets, 0, targets.shape[0], rows, targets.shape[1]),
    )
    if layout[0, CODES] > 0:
        locate(
            inputs,
            layout[0, CODES_START],
            rows,
            knot_table.origins,
            layout[0, OUTPUT_WIDTH],
            workspace.offsets,
            workspace.fractions,
        )


@kernel
def whole_lines(size):
    """Return how many numbers the cache lines of so many hold."""
    return -(-size // LINE) * LINE


@kernel
def pack_columns(array, start, rows, columns, stride, packed):
    """Copy some columns of a matrix so that their rows follow one another.

    Parameters
    ----------
    array : ndarray of shape (n,)
        Holds the matrix.
    start : int
        Place of the first column's first element.
    rows, columns, stride : int
    packed : ndarray of shape (>= rows * columns,)
        Receives them.
    """
    for i in range(rows):
        copy(array, start + i * stride, packed, i * columns, columns)


@kernel(inline=True)
def forward(layout, parameters, activation, first, rows, workspace, knot_table):
    """Compute activations and logits of a chunk, from layer `first` on."""
    inputs, activations, slopes = (
        workspace.inputs,
        workspace.activations,
        workspace.slopes,
    )
    logits = workspace.logits
    top = layout.shape[0] - 1
    capacity = logits.shape[1]
    source = matrix(inputs, 0, rows, layout[0, INPUTS], inputs.shape[1])
    if first > 0:
        width = layout[first - 1, OUTPUT_WIDTH]
        start = layout[first - 1, ACTIVATIONS] * capacity
        source = matrix(activations, start, rows, layout[first, INPUTS], width)
    for layer in range(first, top):
        width = layout[layer, OUTPUT_WIDTH]
        start = layout[layer, ACTIVATIONS] * capacity
        out = matrix(activations, start, rows, width, width)
        coded = layer == 0 and layout[0, CODES] > 0
        bias = matrix(parameters, layout[layer, BIAS], rows, width, 0)
        rectified = activation == RELU_ACTIVATION
        floor = np.float32(0.0 if rectified else -np.inf)
        n_inputs = layout[layer, INPUTS]
        if n_inputs > 0:
            columns = whole_lines(layout[layer, OUTPUTS])
            packs = n_inputs * width >= _MANY_WEIGHTS and width >= _LONG_ROW
            panel = PANEL if packs else columns
            for column in range(0, columns, panel):
                size = min(panel, columns - column)
                place = layout[layer, WEIGHTS] + column
                weights = matrix(parameters, place, n_inputs, size, width)
                if packs:
                    packed = workspace.panel
                    pack_columns(parameters, place, n_inputs, size, width, packed)
                    weights = matrix(packed, 0, n_inputs, size, size)
                target = matrix(activations, start + column, rows, size, width)
                product(
                    source,
                    weights,
                    matrix(parameters, layout[layer, BIAS] + column, rows, size, 0),
                    target,
                    RELU if rectified and not coded else STORE,
                    target,
                    workspace.zeros,
                )
        if coded:
            add_codes(
                knot_table.blocks,
                workspace.offsets,
                workspace.fractions,
                knot_table.table,
                out if n_inputs > 0 else bias,
                floor,
                out,
            )
        elif n_inputs == 0:
            write_bias(part(parameters, layout[layer, BIAS], width), floor, out)
        if activation != RELU_ACTIVATION:
            activate(
                activation,
                part(activations, start, rows * width),
                part(slopes, start, rows * width),
                rows,
                layout[layer, OUTPUTS],
                width,
            )
        source = matrix(activations, start, rows, layout[layer, OUTPUTS], width)

    width = layout[top, INPUT_WIDTH]
    outputs = layout[top, OUTPUTS]
    first_class = logits.shape[0] - outputs
    if top == 0:
        source = matrix(inputs, 0, rows, width, inputs.shape[1])
    else:
        start = layout[top - 1, ACTIVATIONS] * capacity
        source = matrix(activations, start, rows, width, width)
    # Two classes have one output: the logit of the first class is zero.
    fill(part(logits, 0, first_class * capacity), np.float32(0.0))
    dot_products(
        source,
        matrix(parameters, layout[top, WEIGHTS], outputs, width, width),
        part(parameters, layout[top, BIAS], outputs),
        matrix(logits, first_class * capacity, outputs, rows, capacity),
    )
    if top == 0 and layout[0, CODES] > 0:
        width = layout[0, OUTPUT_WIDTH]
        add_codes(
            knot_table.blocks,
            workspace.offsets,
            workspace.fractions,
            knot_table.table,
            matrix(workspace.zeros, 0, rows, width, 0),
            np.float32(-np.inf),
            matrix(activations, 0, rows, width, width),
        )
        for c in range(outputs):
            for i in range(rows):
                logits[first_class + c, i] += activations[i * width + c]


@kernel(inline=True)
def loss_gradient(objective, workspace, rows, scale):
    """Turn logits into the gradient by them; return the summed loss."""
    logits, targets, scratch, sums = (
        workspace.logits,
        workspace.targets,
        workspace.scratch,
        workspace.sums,
    )
    temperature = objective.temperature
    if objective.loss == KL:
        return kl_gradient(logits, targets, scratch, sums, rows, temperature, scale)
    return logit_mse_gradient(logits, targets, scratch, sums, rows, temperature, scale)


@kernel(inline=True)
def backward(
    layout, optimizer, activation, last, rows, accumulate, workspace, knot_table
):
    """Add up or set the gradient of a chunk from the gradient by its logits.

    Of the layers before `last` the gradient by their sums alone is computed.
    """
    parameters, gradient = optimizer.parameters, optimizer.gradient
    inputs, activations = workspace.inputs, workspace.activations
    logits, zeros = workspace.logits, workspace.zeros
    epilogue = RELU_DERIVATIVE if activation == RELU_ACTIVATION else SLOPE
    slopes = activations if activation == RELU_ACTIVATION else workspace.slopes
    top = layout.shape[0] - 1
    capacity = logits.shape[1]

    for layer in range(top, last - 1, -1):
        n_inputs, width = layout[layer, INPUTS], layout[layer, OUTPUT_WIDTH]
        input_width, outputs = layout[layer, INPUT_WIDTH], layout[layer, OUTPUTS]
        # One line at least, of zeros if need be.
        input_columns = whole_lines(max(n_inputs, 1))
        sums_start = layout[layer, ACTIVATIONS] * capacity
        packs = False
        if layer == 0:
            source = matrix(inputs, 0, rows, input_columns, inputs.shape[1])
            start = 0
        else:
            start = layout[layer - 1, ACTIVATIONS] * capacity
            source = matrix(activations, start, rows, input_columns, input_width)

        # The gradient by the layer's sums, as (rows, outputs), and its weights
        # as (outputs, inputs).
        if layer == top:
            first = logits.shape[0] - outputs
            delta = matrix(logits, first * capacity, outputs, rows, capacity).T
            left, right = delta.T, source
            weight_rows, columns, weight_width = outputs, input_columns, input_width
            for c in range(outputs):
                total = np.float32(0.0)
                row = part(logits, (first + c) * capacity, rows)
                for i in range(rows):
                    total += row[i]
                gradient[layout[top, BIAS] + c] += total
        else:
            weight_rows, columns, weight_width = n_inputs, whole_lines(outputs), width
            delta = matrix(activations, sums_start, rows, columns, width)
            left, right = source[:, :n_inputs].T, delta
            if n_inputs * width >= _MANY_WEIGHTS:
                left = matrix(workspace.turned, 0, n_inputs, rows, capacity)
                transpose(source[:, :n_inputs], left)
                packs = width >= _LONG_ROW

        step = PANEL if packs else columns
        for column in range(0, columns, step):
            size = min(step, columns - column)
            if packs:
                first, packed = sums_start + column, workspace.panel
                pack_columns(activations, first, rows, size, width, packed)
                right = matrix(packed, 0, rows, size, size)
            first = layout[layer, WEIGHTS] + column
            out = matrix(gradient, first, weight_rows, size, weight_width)
            previous = out if accumulate else matrix(zeros, 0, weight_rows, size, 0)
            product(left, right, previous, out, STORE, out, zeros)
        if layer == 0:
            continue
        # Written over the activations, which are read for the last time.
        panel = input_width if layer == top else PANEL
        weights = parameters if layer == top else workspace.transposed
        place = layout[layer, WEIGHTS if layer == top else TRANSPOSED]
        height = layout[layer, OUTPUTS if layer == top else OUTPUT_WIDTH]
        for column in range(0, input_columns, panel):
            size = min(panel, input_columns - column)
            stride = min(panel, input_width - column)
            product(
                delta[:, :outputs],
                matrix(weights, place + column * height, outputs, size, stride),
                matrix(zeros, 0, rows, size, 0),
                source[:, column : column + size],
                epilogue,
                matrix(slopes, start + column, rows, size, input_width),
                part(gradient, layout[layer - 1, BIAS] + column, size),
            )

    if layout[0, CODES] > 0:
        width, outputs = layout[0, OUTPUT_WIDTH], layout[0, OUTPUTS]
        if top == 0:
            first = logits.shape[0] - outputs
            for c in range(outputs):
                for i in range(rows):
                    activations[i * width + c] = logits[first + c, i]
        scatter_codes(
            knot_table.blocks,
            workspace.offsets,
            workspace.fractions,
            matrix(activations, 0, rows, width, width),
            gradient,
        )


@kernel(inline=True)
def transpose_weights(layout, parameters, transposed):
    """Renew the transposed copy of the hidden layers after the first, in panels."""
    for layer in range(1, layout.shape[0] - 1):
        inputs = layout[layer, INPUTS]
        width, input_width = layout[layer, OUTPUT_WIDTH], layout[layer, INPUT_WIDTH]
        for row in range(0, inputs, PANEL):
            rows, columns = min(PANEL, inputs - row), min(PANEL, input_width - row)
            start = layout[layer, WEIGHTS] + row * width
            panel = layout[layer, TRANSPOSED] + row * width
            transpose(
                matrix(parameters, start, rows, width, width),
                matrix(transposed, panel, width, rows, columns),
            )


@kernel(inline=True)
def _fill_table(layout, parameters, knot_table, workspace):
    """Renew the knot table."""
    fill_table(
        parameters,
        knot_table.codes,
        knot_table.positions,
        knot_table.shares,
        layout[0, OUTPUT_WIDTH],
        knot_table.table,
        part(workspace.activations, 0, layout[0, OUTPUT_WIDTH]),
    )


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
        See `skdistill.kernels.layout`.
    optimizer : Optimizer
        Updated in place.
    workspace : Workspace
    knot_table : KnotTable
        Its table is made to follow the weights.
    objective : Objective
    records : ndarray of shape (n_records, record_size)
        Features, codes, folded targets, soft weight, hard weight, constant, padding.
    order : ndarray of shape (n,), int32
        Records to train on. Shuffled in place unless `seed` is 0.
    batch_size : int
    learning_rates : ndarray of shape (n_batches,)
    weight_decay : float
    steps_done : int
        Batches of former epochs.
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
        fill(part(gradient, n_weights, n_biases), np.float32(0.0))
        scale = np.float32(1.0) / np.float32(n)
        # Chunks of nearly one size: a small one would take more than its share of time.
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
            part(gradient, n_weights, width),
            step_size,
            shrinkage,
        )
        for start, size, factor in (
            (n_code_weights, n_weights - n_code_weights, shrinkage),
            (n_weights, n_biases, np.float32(1.0)),
        ):
            adamw_step(
                part(parameters, start, size),
                part(gradient, start, size),
                part(optimizer.first_moment, start, size),
                part(optimizer.second_moment, start, size),
                step_size,
                factor,
            )
    restore_mode(mode)
    return total


@kernel(cache=True)
def summed_loss(layout, parameters, workspace, knot_table, objective, records, order):
    """Return the sum of the losses of some records, as `train_epoch` does."""
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
