"""Prediction: rows in, logits or probabilities out, in one compiled call.

Of a call for one row the arguments are most of the time: each array costs as
much as a layer. A student is therefore handed over as one array: integers that
describe it, then the bits of all its numbers.
"""

import functools
import threading

import numpy as np
from numba import config, types

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.dot import dot_products
from skdistill.kernels.instructions.elementary import exponential
from skdistill.kernels.instructions.matrix import fill, matrix, part, retyped, row
from skdistill.kernels.instructions.product import LINE, RELU, STORE, product
from skdistill.kernels.layers.activation import RELU as RELU_ACTIVATION
from skdistill.kernels.layers.activation import activate
from skdistill.kernels.layers.knot_search import N_COLUMNS as INPUT_COLUMNS
from skdistill.kernels.layers.knot_search import encode
from skdistill.kernels.layers.knot_table import N_COLUMNS as BLOCK_COLUMNS
from skdistill.kernels.layers.knot_table import add_codes, code_blocks, write_bias
from skdistill.kernels.layers.layout import (
    BIAS,
    INPUT_WIDTH,
    INPUTS,
    N_COLUMNS,
    OUTPUT_WIDTH,
    OUTPUTS,
    WEIGHTS,
    aligned_zeros,
)

# Rows that go through the network at once, so that what lies between the
# layers stays in the cache.
BLOCK_ROWS = 128

# What is predicted.
LOGITS = 0
PROBABILITIES = 1

# What was found: all finite, or twice the row's index, plus one for its logits.
ALL_FINITE = -1

# What the integers of a student hold, before the tables that it counts.
N_LAYERS = 0
N_LINEAR = 1
N_KNOTTED = 2
N_CATEGORICAL = 3
N_BLOCKS = 4
N_WHOLE_BLOCKS = 5
ENCODED = 6
ACTIVATION = 7
N_CLASSES = 8
HIDDEN_WIDTH = 9
N_PARAMETERS = 10
FIRST_NUMBER = 11
ROW_SIZE = 12  # floats that the prediction of a row takes
N_COUNTS = 13


def pack(layout, parameters, inputs, values, codes, counts):
    """Lay out a student as the kernel takes it.

    Parameters
    ----------
    layout : ndarray of shape (n_layers, 12), int64
        See `skdistill.kernels.layers.layout`.
    parameters : ndarray of shape (n_parameters,), float32
        With the knot table in place of the weights on codes.
    inputs : ndarray of shape (n_inputs, 5), int64
    values : ndarray, float32
        The code of the input, see `skdistill.kernels.layers.knot_search.encode`.
    codes : ndarray of shape (n_codes, 3), int64
        See `skdistill.kernels.layers.knot_table.KnotTable`.
    counts : dict of int to int
        N_LINEAR, N_KNOTTED, N_CATEGORICAL, ENCODED, ACTIVATION and N_CLASSES.

    Returns
    -------
    student : ndarray of int64
        Counts and tables, then the bits of the parameters, from a cache line on,
        and of the values.
    """
    head = np.zeros(N_COUNTS, dtype=np.int64)
    blocks = code_blocks(codes, layout[0, OUTPUT_WIDTH])
    # A few rows gain nothing from a part of the table in the first cache.
    whole = code_blocks(codes, layout[0, OUTPUT_WIDTH], most_bytes=np.inf)
    head[N_LAYERS] = len(layout)
    head[N_BLOCKS], head[N_WHOLE_BLOCKS] = len(blocks), len(whole)
    head[HIDDEN_WIDTH] = max(layout[-1, INPUT_WIDTH], layout[:, OUTPUT_WIDTH].max())
    head[N_PARAMETERS] = parameters.size
    for place, count in counts.items():
        head[place] = count
    n_codes = head[N_KNOTTED] + head[N_CATEGORICAL]
    head[ROW_SIZE] = 2 * head[HIDDEN_WIDTH] + 2 * n_codes + head[N_CLASSES] + 2
    head[ROW_SIZE] += layout[0, INPUT_WIDTH] if head[N_LINEAR] > 0 else 0
    tables = [table.ravel() for table in (layout, inputs, blocks, whole)]
    n_integers = head.size + sum(table.size for table in tables)
    first = -(-2 * n_integers // LINE) * LINE
    head[FIRST_NUMBER] = first
    size = first + parameters.size + values.size
    numbers = aligned_zeros(size + size % 2)
    student = numbers.view(np.int64)
    student[:n_integers] = np.concatenate([head, *tables])
    numbers[first:size] = np.concatenate([parameters, values])
    student.flags.writeable = False  # As which the kernel is compiled.
    return student


@kernel
def _first_not_finite(values, missing_allowed):
    """Return the place of the first value that is infinite, or may be NaN, or -1."""
    check = np.float32(0.0)
    for i in range(values.size):
        check += values[i] * np.float32(0.0)
    if check == np.float32(0.0):
        return ALL_FINITE
    for i in range(values.size):
        if np.isinf(values[i]) or (np.isnan(values[i]) and not missing_allowed):
            return i
    return ALL_FINITE


@kernel
def _softmax(logits, classes, rows, first_row, out):
    """Write the probabilities of a block, row by row.

    The logits of the classes are followed by two rows for what they are
    scaled with.
    """
    maxima, sums = row(logits, classes, rows), row(logits, classes + 1, rows)
    first = row(logits, 0, rows)
    for i in range(rows):
        maxima[i] = first[i]
        sums[i] = np.float32(0.0)
    for c in range(1, classes):
        z = row(logits, c, rows)
        for i in range(rows):
            maxima[i] = z[i] if z[i] > maxima[i] else maxima[i]
    for c in range(classes):
        z = row(logits, c, rows)
        for i in range(rows):
            z[i] = exponential(z[i] - maxima[i])
            sums[i] += z[i]
    for i in range(rows):
        sums[i] = np.float32(1.0) / sums[i]
    for c in range(classes):
        z = row(logits, c, rows)
        for i in range(rows):
            out[first_row + i, c] = z[i] * sums[i]


@kernel
def _pad_rows(source, width, out):
    """Copy rows, padded to a width with zeros."""
    for i in range(source.shape[0]):
        out_row = part(out, i * width, width)
        fill(out_row, np.float32(0.0))
        for j in range(source.shape[1]):
            out_row[j] = source[i, j]


@kernel(inline=True)
def _output_layer(layer, weights, start, source, rows, logits):
    """Compute the logits of a block whose inputs stand in `source`."""
    width, outputs = layer[INPUT_WIDTH], layer[OUTPUTS]
    capacity = logits.shape[1]
    first = logits.shape[0] - outputs
    fill(part(logits, 0, first * capacity), np.float32(0.0))
    if rows == 1:
        # The product of whole vectors of rows would have to read as many.
        values = part(source, start, width)
        for c in range(outputs):
            class_weights = part(weights, layer[WEIGHTS] + c * width, width)
            total = weights[layer[BIAS] + c]
            for j in range(width):
                total += class_weights[j] * values[j]
            logits[first + c, 0] = total
        return
    # It reads zeros: what memory held before may be denormal, and take many
    # times as long.
    end = (rows + LINE - 1) // LINE * LINE
    fill(part(source, start + rows * width, (end - rows) * width), np.float32(0.0))
    dot_products(
        matrix(source, start, rows, width, width),
        matrix(weights, layer[WEIGHTS], outputs, width, width),
        part(weights, layer[BIAS], outputs),
        matrix(logits, first * capacity, outputs, rows, capacity),
    )


@kernel(cache=True, allocates=True)
def predict_rows(x, student, kind, out):
    """Predict rows.

    Parameters
    ----------
    x : ndarray of shape (n, n_features), float32, C-contiguous
    student : ndarray of int64
        From `pack`.
    kind : {LOGITS, PROBABILITIES}
    out : ndarray of shape (n, n_outputs) or (n, n_classes), float32, C-contiguous
        Receives the prediction. Two classes have one output, whose logit is
        that of the second class where the first has zero.

    Returns
    -------
    found : int
        ALL_FINITE, or 2 r where row r is the first with an input that is not
        finite, 2 r + 1 where its logits are not.
    """
    integers = part(student, 0, student.size)
    # Whole vectors of rows; of one row no more, as a small block is found faster.
    n = x.shape[0]
    capacity = 1 if n == 1 else (min(n, BLOCK_ROWS) + LINE - 1) // LINE * LINE
    # One allocation: each takes as long as a layer of one row.
    memory = np.empty(integers[ROW_SIZE] * capacity, np.float32)
    return _predict(x, integers, kind, capacity, memory, out)


@kernel
def _predict(x, integers, kind, capacity, memory, out):
    """Predict rows, in memory for blocks of so many; see `predict_rows`."""
    n, features = x.shape
    numbers = retyped(integers, np.float32)
    n_layers = integers[N_LAYERS]
    n_linear, n_knotted = integers[N_LINEAR], integers[N_KNOTTED]
    n_codes = n_knotted + integers[N_CATEGORICAL]
    encoded = integers[ENCODED] > 0
    activation, n_classes = integers[ACTIVATION], integers[N_CLASSES]
    # Views by `matrix`: to reshape one takes as long as many codes.
    start = N_COUNTS
    layout = matrix(integers, start, n_layers, N_COLUMNS, N_COLUMNS)
    start += n_layers * N_COLUMNS
    size = (n_linear + n_codes) * INPUT_COLUMNS
    inputs = part(integers, start, size)
    start += size
    n_blocks = integers[N_BLOCKS]
    if n < LINE:
        start += n_blocks * BLOCK_COLUMNS
        n_blocks = integers[N_WHOLE_BLOCKS]
    blocks = matrix(integers, start, n_blocks, BLOCK_COLUMNS, BLOCK_COLUMNS)
    start, n_parameters = integers[FIRST_NUMBER], integers[N_PARAMETERS]
    parameters = part(numbers, start, n_parameters)
    start += n_parameters
    values = part(numbers, start, numbers.size - start)

    top = n_layers - 1
    outputs = layout[top, OUTPUTS]
    first_width, linear_size = layout[0, OUTPUT_WIDTH], layout[0, INPUT_WIDTH]
    # Layers write to one half and read from the other by turns.
    half = capacity * integers[HIDDEN_WIDTH]
    hidden = part(memory, 0, 2 * half)
    start, size = 2 * half, n_codes * capacity
    fractions = part(memory, start, size)
    offsets = retyped(part(memory, start + size, size), np.int32)
    code_fractions = matrix(fractions, 0, capacity, n_codes, n_codes)
    code_offsets = matrix(offsets, 0, capacity, n_codes, n_codes)
    start, size = start + 2 * size, (n_classes + 2) * capacity
    logits = matrix(memory, start, n_classes + 2, capacity, capacity)
    linear = part(memory, start + size, memory.size - start - size)
    for first_row in range(0, n, BLOCK_ROWS):
        rows = min(BLOCK_ROWS, n - first_row)
        begin = first_row * features
        raw = part(x, begin, rows * features)
        found = _first_not_finite(raw, encoded)
        if found >= 0:
            return 2 * (first_row + found // features)
        if encoded:
            encode(
                raw,
                features,
                rows,
                inputs,
                n_linear,
                n_knotted,
                values,
                first_width,
                linear,
                linear_size,
                offsets,
                fractions,
            )
            source = matrix(linear, 0, rows, n_linear, linear_size)
        else:
            source = matrix(x, begin, rows, features, features)

        # Where the layer's input stands, and where its sums go.
        this, other = 0, half
        if top == 0:
            _pad_rows(source, linear_size, hidden)
        for layer in range(top):
            width = layout[layer, OUTPUT_WIDTH]
            out_block = matrix(hidden, other, rows, width, width)
            coded = layer == 0 and n_codes > 0
            rectified = activation == RELU_ACTIVATION
            floor = np.float32(0.0 if rectified else -np.inf)
            bias = matrix(parameters, layout[layer, BIAS], rows, width, 0)
            if layout[layer, INPUTS] > 0:
                product(
                    source,
                    matrix(
                        parameters,
                        layout[layer, WEIGHTS],
                        layout[layer, INPUTS],
                        width,
                        width,
                    ),
                    bias,
                    out_block,
                    RELU if rectified and not coded else STORE,
                    out_block,
                    hidden,
                )
            if coded:
                add_codes(
                    blocks,
                    code_offsets,
                    code_fractions,
                    parameters,
                    out_block if layout[layer, INPUTS] > 0 else bias,
                    floor,
                    out_block,
                )
            elif layout[layer, INPUTS] == 0:
                offset = layout[layer, BIAS]
                write_bias(part(parameters, offset, width), floor, out_block)
            if not rectified:
                activate(
                    activation,
                    part(hidden, other, rows * width),
                    part(hidden, this, rows * width),
                    rows,
                    layout[layer, OUTPUTS],
                    width,
                )
            this, other = other, this
            source = matrix(hidden, this, rows, layout[layer, OUTPUTS], width)

        classes = logits[:n_classes]
        _output_layer(layout[top], parameters, this, hidden, rows, classes)
        first_class = n_classes - outputs
        if top == 0 and n_codes > 0:
            sums = matrix(hidden, other, rows, first_width, first_width)
            fill(part(hidden, other, rows * first_width), np.float32(0.0))
            floor = np.float32(-np.inf)
            add_codes(
                blocks, code_offsets, code_fractions, parameters, sums, floor, sums
            )
            for c in range(outputs):
                for i in range(rows):
                    classes[first_class + c, i] += sums[i, c]
        for c in range(first_class, n_classes):
            found = _first_not_finite(row(logits, c, rows), np.bool_(False))
            if found >= 0:
                return 2 * (first_row + found) + 1
        if kind == PROBABILITIES:
            _softmax(logits, n_classes, rows, first_row, out)
        else:
            for c in range(outputs):
                for i in range(rows):
                    out[first_row + i, c] = classes[first_class + c, i]
    return ALL_FINITE


_compiling = threading.Lock()


@functools.cache
def prediction_kernel():
    """Return `predict_rows`, compiled once for writable and read-only arrays.

    Compiled at the first call of this function, for read-only arrays, as which
    writable ones pass too. What is returned takes the types of its arguments
    on trust: to look at them again would take as long as a layer of one row.
    """
    if config.DISABLE_JIT:
        return predict_rows
    rows = types.Array(types.float32, 2, "C", readonly=True)
    student = types.Array(types.int64, 1, "C", readonly=True)
    out = types.Array(types.float32, 2, "C")
    # The cache lets threads in that ask before the first answer is there.
    with _compiling:
        if not predict_rows.signatures:
            predict_rows.compile((rows, student, types.int64, out))
            predict_rows.disable_compile()
    (compiled,) = predict_rows.overloads.values()
    return compiled.entry_point
