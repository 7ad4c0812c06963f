"""Prediction: rows in, logits or answers out, in one compiled call.

If a call predicts a single row, most of its time goes to its arguments: each array
takes as long as a layer. For this reason a student is passed as one array. It holds
integers that describe the student, and then the bits of all its numbers.
"""

import functools
import threading

import numpy as np
from numba import config, types

from skdistill.kernels.additive import add_columns, write_logistic
from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.dot import dot_products
from skdistill.kernels.instructions.elementary import exponential
from skdistill.kernels.instructions.matrix import LINE, fill, matrix, retyped, row, span
from skdistill.kernels.instructions.product import RECTIFY, STORE, product
from skdistill.kernels.layers.activation import RELU, activate
from skdistill.kernels.layers.knot_search import INPUT_COLUMNS, encode
from skdistill.kernels.layers.knot_table import (
    BLOCK_COLUMNS,
    add_codes,
    write_bias,
)
from skdistill.kernels.layers.layout import (
    BIAS,
    INPUT_WIDTH,
    INPUTS,
    LAYOUT_COLUMNS,
    OUTPUT_WIDTH,
    OUTPUTS,
    WEIGHTS,
)
from skdistill.kernels.numbers import SCALE_COLUMNS, write_numbers

# Number of rows that go through the network at once. The values between their layers
# stay in the cache.
BLOCK_ROWS = 128

# Kinds of prediction.
LOGITS = 0
PROBABILITIES = 1
SCALED = 2  # numbers

_GREATEST = np.finfo(np.float32).max

# Result of a prediction if all inputs and logits are finite; see `predict_rows`.
ALL_FINITE = -1

# Indices of the first integers of a student. Its tables come after them.
N_LAYERS = 0
N_LINEAR = 1
N_KNOTTED = 2
N_CATEGORICAL = 3
N_BLOCKS = 4
N_WHOLE_BLOCKS = 5  # blocks for a few rows
ENCODED = 6  # 1 if raw inputs are encoded, otherwise 0
ACTIVATION = 7  # see `ACTIVATION_NUMBERS`
N_COLUMNS = 8
HIDDEN_WIDTH = 9  # of the widest layer
N_PARAMETERS = 10
FIRST_NUMBER = 11  # index of the first parameter, counted in floats
ROW_SIZE = 12  # floats of memory that the prediction of a row needs
LIMIT = 13  # greatest size of an input that the kernel takes, as a float
ADDITIVE = 14  # 1 if the logit is a sum of one curve a column, otherwise 0
FIRST_SCALE = 15  # index of the first scale of numbers, see `write_numbers`
N_COUNTS = 16


@kernel
def _first_beyond(values, limit, missing_allowed):
    """Return the index of the first value beyond a limit in size, or ALL_FINITE.

    NaN is accepted if `missing_allowed` is true.
    """
    none, one = np.float32(0.0), np.float32(1.0)
    count = none
    if missing_allowed:
        for i in range(values.size):
            # The comparison is false for NaN.
            count += one if abs(values[i]) > limit else none
    else:
        for i in range(values.size):
            count += none if abs(values[i]) <= limit else one
    if count == none:
        return ALL_FINITE
    for i in range(values.size):
        if not abs(values[i]) <= limit and not (
            missing_allowed and np.isnan(values[i])
        ):
            return i
    return ALL_FINITE


@kernel
def _softmax(logits, classes, rows, first_row, out):
    """Write the probabilities of a block, row by row.

    After the logits of the classes come two rows, which serve as buffers for the maxima
    and the sums.
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
        out_row = span(out, i * width, width)
        fill(out_row, np.float32(0.0))
        for j in range(source.shape[1]):
            out_row[j] = source[i, j]


@kernel(inline=True)
def _output_layer(layer, weights, start, source, rows, logits):
    """Compute the logits of a block from its inputs, which are in `source`."""
    width, outputs = layer[INPUT_WIDTH], layer[OUTPUTS]
    capacity = logits.shape[1]
    first = logits.shape[0] - outputs
    fill(span(logits, 0, first * capacity), np.float32(0.0))
    if rows == 1:
        # The function for whole vectors of rows would read as many rows as a vector has
        # lanes.
        values = span(source, start, width)
        for c in range(outputs):
            class_weights = span(weights, layer[WEIGHTS] + c * width, width)
            total = weights[layer[BIAS] + c]
            for j in range(width):
                total += class_weights[j] * values[j]
            logits[first + c, 0] = total
        return
    # The product reads whole vectors of rows. The memory after the last row is set to
    # zero. Before, it may hold denormal numbers, which would take many times as long.
    end = (rows + LINE - 1) // LINE * LINE
    fill(span(source, start + rows * width, (end - rows) * width), np.float32(0.0))
    dot_products(
        matrix(source, start, rows, width, width),
        matrix(weights, layer[WEIGHTS], outputs, width, width),
        span(weights, layer[BIAS], outputs),
        matrix(logits, first * capacity, outputs, rows, capacity),
    )


@kernel(cache=True, allocates=True)
def predict_rows(x, student, kind, out):
    """Predict rows.

    Parameters
    ----------
    x : ndarray of shape (n, n_features), float32, C-contiguous
    student : ndarray of int64
        Student as `skdistill.student.packing.pack` lays it out. For numbers this is
        the prediction, an array of n * n_numbers in double precision, written here.
    kind : {LOGITS, PROBABILITIES, SCALED}
    out : ndarray of shape (n, n_outputs) or (n, n_columns), float32, C-contiguous
        Prediction, written here. Two classes have one output: the logit of the second
        class. The logit of the first class is zero. For numbers this is the student,
        as one row of float32. So no prediction needs a view of another type, which
        takes as long as a layer of one row.

    Returns
    -------
    found : int
        ALL_FINITE, or the first row r with a number that is not finite: 2 r if it is
        an input, 2 r + 1 if it is a logit. An input beyond the student's limit counts
        as not finite.
    """
    integers = span(student, 0, student.size)
    numbers = retyped(integers, np.float64)
    if kind == SCALED:
        integers = retyped(span(out, 0, out.size), np.int64)
    # Blocks consist of whole vectors of rows. If there is a single row, the block is
    # just that row, because small memory is allocated faster.
    n = x.shape[0]
    capacity = 1 if n == 1 else (min(n, BLOCK_ROWS) + LINE - 1) // LINE * LINE
    # There is one allocation. Each takes as long as a layer of one row.
    memory = np.empty(integers[ROW_SIZE] * capacity, np.float32)
    return _predict(x, integers, kind, capacity, memory, out, numbers)


@kernel
def _predict(x, integers, kind, capacity, memory, out, numbers_out):
    """Predict rows, in memory for blocks of `capacity` rows; see `predict_rows`."""
    n, features = x.shape
    numbers = retyped(integers, np.float32)
    n_layers = integers[N_LAYERS]
    n_linear, n_knotted = integers[N_LINEAR], integers[N_KNOTTED]
    n_codes = n_knotted + integers[N_CATEGORICAL]
    encoded = integers[ENCODED] > 0
    limit = numbers[2 * LIMIT]
    missing_allowed = encoded and limit >= np.float32(0.0)
    activation, n_columns = integers[ACTIVATION], integers[N_COLUMNS]
    # The views come from `matrix`. To reshape an array takes as long as many codes.
    start = N_COUNTS
    layout = matrix(integers, start, n_layers, LAYOUT_COLUMNS, LAYOUT_COLUMNS)
    start += n_layers * LAYOUT_COLUMNS
    size = (n_linear + n_codes) * INPUT_COLUMNS
    inputs = span(integers, start, size)
    start += size
    n_blocks = integers[N_BLOCKS]
    if n < LINE:
        start += n_blocks * BLOCK_COLUMNS
        n_blocks = integers[N_WHOLE_BLOCKS]
    blocks = matrix(integers, start, n_blocks, BLOCK_COLUMNS, BLOCK_COLUMNS)
    start, n_parameters = integers[FIRST_NUMBER], integers[N_PARAMETERS]
    parameters = span(numbers, start, n_parameters)
    start += n_parameters
    values = span(numbers, start, numbers.size - start)

    top = n_layers - 1
    outputs = layout[top, OUTPUTS]
    additive = integers[ADDITIVE] > 0
    first_width, linear_size = layout[0, OUTPUT_WIDTH], layout[0, INPUT_WIDTH]
    # In turn, layers read from one half of the memory and write to the other.
    half = capacity * integers[HIDDEN_WIDTH]
    hidden = span(memory, 0, 2 * half)
    start, size = 2 * half, n_codes * capacity
    fractions = span(memory, start, size)
    offsets = retyped(span(memory, start + size, size), np.int32)
    code_fractions = matrix(fractions, 0, capacity, n_codes, n_codes)
    code_offsets = matrix(offsets, 0, capacity, n_codes, n_codes)
    start, size = start + 2 * size, (n_columns + 2) * capacity
    logits = matrix(memory, start, n_columns + 2, capacity, capacity)
    linear = span(memory, start + size, memory.size - start - size)
    for first_row in range(0, n, BLOCK_ROWS):
        rows = min(BLOCK_ROWS, n - first_row)
        begin = first_row * features
        raw = span(x, begin, rows * features)
        found = _first_beyond(raw, limit, missing_allowed)
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

        # `this` is the start of the layer's input, `other` that of its sums.
        this, other = 0, half
        if top == 0:
            _pad_rows(source, linear_size, hidden)
        for layer in range(top):
            width = layout[layer, OUTPUT_WIDTH]
            out_block = matrix(hidden, other, rows, width, width)
            coded = layer == 0 and n_codes > 0
            rectified = activation == RELU
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
                    RECTIFY if rectified and not coded else STORE,
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
                write_bias(span(parameters, offset, width), floor, out_block)
            if not rectified:
                activate(
                    activation,
                    span(hidden, other, rows * width),
                    span(hidden, this, rows * width),
                    rows,
                    layout[layer, OUTPUTS],
                    width,
                )
            this, other = other, this
            source = matrix(hidden, this, rows, layout[layer, OUTPUTS], width)

        classes = logits[:n_columns]
        first_class = n_columns - outputs
        if additive:
            fill(row(logits, 0, rows), np.float32(0.0))
            add_columns(
                hidden,
                linear_size,
                span(parameters, layout[0, WEIGHTS], linear_size),
                parameters[layout[0, BIAS]],
                code_offsets,
                code_fractions,
                n_knotted,
                parameters,
                first_width,
                row(logits, first_class, rows),
            )
        else:
            _output_layer(layout[top], parameters, this, hidden, rows, classes)
        if top == 0 and n_codes > 0 and not additive:
            sums = matrix(hidden, other, rows, first_width, first_width)
            fill(span(hidden, other, rows * first_width), np.float32(0.0))
            floor = np.float32(-np.inf)
            add_codes(
                blocks, code_offsets, code_fractions, parameters, sums, floor, sums
            )
            for c in range(outputs):
                for i in range(rows):
                    classes[first_class + c, i] += sums[i, c]
        for c in range(first_class, n_columns):
            found = _first_beyond(row(logits, c, rows), _GREATEST, np.bool_(False))
            if found >= 0:
                return 2 * (first_row + found) + 1
        if kind == SCALED:
            first, size = integers[FIRST_SCALE], SCALE_COLUMNS * outputs
            scales = span(retyped(integers, np.float64), first, size)
            write_numbers(logits, outputs, rows, scales, first_row, numbers_out)
        elif kind == PROBABILITIES and additive:
            write_logistic(row(logits, first_class, rows), first_row, out)
        elif kind == PROBABILITIES:
            _softmax(logits, n_columns, rows, first_row, out)
        else:
            for c in range(outputs):
                for i in range(rows):
                    out[first_row + i, c] = classes[first_class + c, i]
    return ALL_FINITE


_compiling = threading.Lock()


@functools.cache
def prediction_kernel():
    """Return `predict_rows`, compiled once for writable and read-only arrays.

    It is compiled at the first call of this function, for read-only arrays. Writable
    arrays pass for read-only ones. The returned function does not check the types of
    its arguments. A check would take as long as a layer of one row.
    """
    if config.DISABLE_JIT:
        return predict_rows
    rows = types.Array(types.float32, 2, "C", readonly=True)
    student = types.Array(types.int64, 1, "C", readonly=True)
    out = types.Array(types.float32, 2, "C")
    # Several threads may come here before the first result is in functools' cache.
    with _compiling:
        if not predict_rows.signatures:
            predict_rows.compile((rows, student, types.int64, out))
            predict_rows.disable_compile()
    (compiled,) = predict_rows.overloads.values()
    return compiled.entry_point
