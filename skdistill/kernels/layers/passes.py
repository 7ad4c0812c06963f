"""The forward and the backward pass of a chunk of rows through the network."""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.dot import dot_products
from skdistill.kernels.instructions.matrix import (
    LINE,
    copy,
    fill,
    matrix,
    span,
    transpose,
)
from skdistill.kernels.instructions.product import (
    RECTIFY,
    RELU_DERIVATIVE,
    SLOPE,
    STORE,
    product,
)
from skdistill.kernels.layers.activation import RELU, activate
from skdistill.kernels.layers.knot_table import (
    add_codes,
    locate,
    scatter_codes,
    write_bias,
)
from skdistill.kernels.layers.layout import (
    BIAS,
    CODES,
    CODES_START,
    INPUT_WIDTH,
    INPUTS,
    OUTPUT_WIDTH,
    OUTPUTS,
    TARGETS,
    TRANSPOSED,
    UNITS_BEFORE,
    WEIGHTS,
)
from skdistill.kernels.layers.loss import (
    BINARY,
    KL,
    LOGIT_MSE,
    kl_gradient,
    logit_mse_gradient,
)
from skdistill.kernels.layers.separate_loss import (
    binary_gradient,
    curve_gradient,
)
from skdistill.kernels.layers.workspace import LONG_ROW, MANY_WEIGHTS, PANEL


@kernel(inline=True)
def load_chunk(layout, records, order, first, rows, knot_table, workspace):
    """Gather records, transpose their targets, and locate their codes."""
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
    """Return a number of floats, rounded up to whole cache lines."""
    return -(-size // LINE) * LINE


@kernel
def pack_columns(array, start, rows, columns, stride, packed):
    """Copy some columns of a matrix, so that their rows follow one another.

    Parameters
    ----------
    array : ndarray of shape (n,)
        Flat array that holds the matrix.
    start : int
        Index of the first column's first element.
    rows, columns, stride : int
        Number of rows and of columns, and distance from one row to the next.
    packed : ndarray of shape (>= rows * columns,)
        Result.
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
        start = layout[first - 1, UNITS_BEFORE] * capacity
        source = matrix(activations, start, rows, layout[first, INPUTS], width)
    for layer in range(first, top):
        width = layout[layer, OUTPUT_WIDTH]
        start = layout[layer, UNITS_BEFORE] * capacity
        out = matrix(activations, start, rows, width, width)
        coded = layer == 0 and layout[0, CODES] > 0
        bias = matrix(parameters, layout[layer, BIAS], rows, width, 0)
        rectified = activation == RELU
        floor = np.float32(0.0 if rectified else -np.inf)
        n_inputs = layout[layer, INPUTS]
        if n_inputs > 0:
            columns = whole_lines(layout[layer, OUTPUTS])
            packs = n_inputs * width >= MANY_WEIGHTS and width >= LONG_ROW
            panel = PANEL if packs else columns
            for column in range(0, columns, panel):
                size = min(panel, columns - column)
                first_weight = layout[layer, WEIGHTS] + column
                weights = matrix(parameters, first_weight, n_inputs, size, width)
                if packs:
                    packed = workspace.panel
                    pack_columns(
                        parameters, first_weight, n_inputs, size, width, packed
                    )
                    weights = matrix(packed, 0, n_inputs, size, size)
                target = matrix(activations, start + column, rows, size, width)
                product(
                    source,
                    weights,
                    matrix(parameters, layout[layer, BIAS] + column, rows, size, 0),
                    target,
                    RECTIFY if rectified and not coded else STORE,
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
            write_bias(span(parameters, layout[layer, BIAS], width), floor, out)
        if activation != RELU:
            activate(
                activation,
                span(activations, start, rows * width),
                span(slopes, start, rows * width),
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
        start = layout[top - 1, UNITS_BEFORE] * capacity
        source = matrix(activations, start, rows, width, width)
    # Two classes share one output. The logit of the first class is zero.
    fill(span(logits, 0, first_class * capacity), np.float32(0.0))
    dot_products(
        source,
        matrix(parameters, layout[top, WEIGHTS], outputs, width, width),
        span(parameters, layout[top, BIAS], outputs),
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
    """Replace logits by the gradient by them; return the summed loss."""
    logits, targets, scratch, sums = (
        workspace.logits,
        workspace.targets,
        workspace.scratch,
        workspace.sums,
    )
    loss, temperature = objective.loss, objective.temperature
    if loss == KL:
        return kl_gradient(logits, targets, scratch, sums, rows, temperature, scale)
    if loss == LOGIT_MSE:
        return logit_mse_gradient(
            logits, targets, scratch, sums, rows, temperature, scale
        )
    if loss == BINARY:
        return binary_gradient(logits, targets, sums, rows, scale)
    return curve_gradient(logits, targets, objective.curves, rows, scale)


@kernel(inline=True)
def backward(
    layout, optimizer, activation, last, rows, accumulate, workspace, knot_table
):
    """Compute the gradient of a chunk from the gradient by its logits.

    The gradient is added to that of former chunks if `accumulate` is true. For the
    layers before `last`, only the gradient by their sums is computed.
    """
    parameters, gradient = optimizer.parameters, optimizer.gradient
    inputs, activations = workspace.inputs, workspace.activations
    logits, zeros = workspace.logits, workspace.zeros
    epilogue = RELU_DERIVATIVE if activation == RELU else SLOPE
    slopes = activations if activation == RELU else workspace.slopes
    top = layout.shape[0] - 1
    capacity = logits.shape[1]

    for layer in range(top, last - 1, -1):
        n_inputs, width = layout[layer, INPUTS], layout[layer, OUTPUT_WIDTH]
        input_width, outputs = layout[layer, INPUT_WIDTH], layout[layer, OUTPUTS]
        # There is at least one line. It may hold zeros alone.
        input_columns = whole_lines(max(n_inputs, 1))
        sums_start = layout[layer, UNITS_BEFORE] * capacity
        packs = False
        if layer == 0:
            source = matrix(inputs, 0, rows, input_columns, inputs.shape[1])
            start = 0
        else:
            start = layout[layer - 1, UNITS_BEFORE] * capacity
            source = matrix(activations, start, rows, input_columns, input_width)

        # `delta` is the gradient by the layer's sums, of shape (rows, outputs). The
        # product of `left` and `right` is the gradient by its weights.
        if layer == top:
            first = logits.shape[0] - outputs
            delta = matrix(logits, first * capacity, outputs, rows, capacity).T
            left, right = delta.T, source
            weight_rows, columns, weight_width = outputs, input_columns, input_width
            for c in range(outputs):
                total = np.float32(0.0)
                row = span(logits, (first + c) * capacity, rows)
                for i in range(rows):
                    total += row[i]
                gradient[layout[top, BIAS] + c] += total
        else:
            weight_rows, columns, weight_width = n_inputs, whole_lines(outputs), width
            delta = matrix(activations, sums_start, rows, columns, width)
            left, right = source[:, :n_inputs].T, delta
            if n_inputs * width >= MANY_WEIGHTS:
                left = matrix(workspace.transposed_inputs, 0, n_inputs, rows, capacity)
                transpose(source[:, :n_inputs], left)
                packs = width >= LONG_ROW

        panel = PANEL if packs else columns
        for column in range(0, columns, panel):
            size = min(panel, columns - column)
            if packs:
                first_sum, packed = sums_start + column, workspace.panel
                pack_columns(activations, first_sum, rows, size, width, packed)
                right = matrix(packed, 0, rows, size, size)
            first_weight = layout[layer, WEIGHTS] + column
            out = matrix(gradient, first_weight, weight_rows, size, weight_width)
            previous = out if accumulate else matrix(zeros, 0, weight_rows, size, 0)
            product(left, right, previous, out, STORE, out, zeros)
        if layer == 0:
            continue
        # The gradient by the sums of the layer before is written over its activations,
        # which are read for the last time.
        panel = input_width if layer == top else PANEL
        weights = parameters if layer == top else workspace.transposed
        first_weight = layout[layer, WEIGHTS if layer == top else TRANSPOSED]
        height = layout[layer, OUTPUTS if layer == top else OUTPUT_WIDTH]
        for column in range(0, input_columns, panel):
            size = min(panel, input_columns - column)
            stride = min(panel, input_width - column)
            product(
                delta[:, :outputs],
                matrix(weights, first_weight + column * height, outputs, size, stride),
                matrix(zeros, 0, rows, size, 0),
                source[:, column : column + size],
                epilogue,
                matrix(slopes, start + column, rows, size, input_width),
                span(gradient, layout[layer - 1, BIAS] + column, size),
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
    """Transpose the weights of the hidden layers after the first, panel by panel."""
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
