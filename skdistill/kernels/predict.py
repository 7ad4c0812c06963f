"""Prediction: raw rows in, logits or probabilities out, in one compiled call."""

import functools
import threading
from typing import NamedTuple

import numpy as np
from numba import config, types

from skdistill.kernels.activation import RELU as RELU_ACTIVATION
from skdistill.kernels.activation import activate
from skdistill.kernels.compilation import kernel
from skdistill.kernels.dot import dot_products
from skdistill.kernels.elementary import exponential
from skdistill.kernels.knot_table import add_codes, locate, start_sums
from skdistill.kernels.layout import (
    BIAS,
    CODES,
    INPUT_WIDTH,
    INPUTS,
    OUTPUT_WIDTH,
    OUTPUTS,
    WEIGHTS,
)
from skdistill.kernels.matrix import matrix
from skdistill.kernels.product import LINE, RELU, STORE, product

# Rows that go through the network at once, so that what lies between the
# layers stays in the cache.
BLOCK_ROWS = 128

# What is predicted.
LOGITS = 0
PROBABILITIES = 1

# What was found, beside a row's index.
ALL_FINITE = -1

# Columns of an array that describes the encoded inputs.
FEATURE = 0  # the raw feature
VALUES = 1  # start of its numbers
INPUT_BINS = 2  # bins between its knots, 0 for a category


class InputTables(NamedTuple):
    """The encoding of raw rows, as the kernels take it; empty for plain networks.

    Attributes
    ----------
    inputs : ndarray of shape (n_linear + n_codes, 3), int64
        Linear features, knotted ones, categories.
    values : ndarray, float32
        Of a linear feature its lowest and highest value, mean, and inverse
        deviation; of a knotted one its knots, and inverse widths of its bins.
    codes, blocks : ndarray, int64
        See `skdistill.kernels.knot_table.KnotTable`.
    """

    inputs: np.ndarray
    values: np.ndarray
    codes: np.ndarray
    blocks: np.ndarray


@kernel
def _first_not_finite(values, columns, missing_allowed):
    """Return the row of the first value that is infinite, or may be NaN, or -1."""
    check = np.float32(0.0)
    for i in range(values.size):
        check += values[i] * np.float32(0.0)
    if check == np.float32(0.0):
        return ALL_FINITE
    for i in range(values.size):
        if np.isinf(values[i]) or (np.isnan(values[i]) and not missing_allowed):
            return i // columns
    return ALL_FINITE


@kernel
def _encode(x, stride, rows, inputs, values, numbers, row_size, codes):
    """Encode rows of raw values.

    Parameters
    ----------
    x : ndarray of shape (rows * stride,)
        Raw values, categories as their place among the levels.
    stride, rows : int
    inputs : ndarray of shape (n_linear + n_codes, 3), int64
    values : ndarray
        See `InputTables`.
    numbers : ndarray of shape (>= rows * row_size,)
        Receives the linear features, a row after the other.
    row_size : int
    codes : ndarray of shape (rows, n_codes)
        Receives the codes.
    """
    n_linear = inputs.shape[0] - codes.shape[1]
    for column in range(inputs.shape[0]):
        feature, first = inputs[column, FEATURE], inputs[column, VALUES]
        bins = inputs[column, INPUT_BINS]
        if column < n_linear:
            low, high = values[first], values[first + 1]
            mean, inverse = values[first + 2], values[first + 3]
            for i in range(rows):
                value = x[i * stride + feature]
                value = min(max(value, low), high)
                value = (value - mean) * inverse
                missing = np.isnan(x[i * stride + feature])
                numbers[i * row_size + column] = np.float32(0.0) if missing else value
        elif bins == 0:
            for i in range(rows):
                codes[i, column - n_linear] = x[i * stride + feature]
        else:
            knots = values[first : first + bins + 1]
            inverse_widths = values[first + bins + 1 : first + 2 * bins + 1]
            for i in range(rows):
                value = x[i * stride + feature]
                if np.isnan(value):
                    codes[i, column - n_linear] = np.float32(bins + 1)
                    continue
                place, size = 0, bins
                while size > 1:
                    half = size // 2
                    place = place + half if value >= knots[place + half] else place
                    size -= half
                fraction = (value - knots[place]) * inverse_widths[place]
                # NaN, too, becomes zero: a code is a place in memory.
                fraction = fraction if fraction > 0 else np.float32(0.0)
                fraction = fraction if fraction < 1 else np.float32(1.0)
                codes[i, column - n_linear] = np.float32(place) + fraction


@kernel(inline=True)
def _softmax(logits, rows, first_row, out):
    """Write the probabilities of a block, row by row."""
    classes = logits.shape[0]
    maxima, sums = np.empty(rows, np.float32), np.zeros(rows, np.float32)
    maxima[:] = np.float32(-np.inf)
    for c in range(classes):
        z = logits[c, :rows]
        for i in range(rows):
            maxima[i] = z[i] if z[i] > maxima[i] else maxima[i]
    for c in range(classes):
        z = logits[c, :rows]
        for i in range(rows):
            z[i] = exponential(z[i] - maxima[i])
            sums[i] += z[i]
    for i in range(rows):
        sums[i] = np.float32(1.0) / sums[i]
    for c in range(classes):
        for i in range(rows):
            out[first_row + i, c] = logits[c, i] * sums[i]


@kernel(cache=True)
def predict_rows(x, parameters, layout, input_tables, activation, kind, n_classes, out):
    """Predict rows.

    Parameters
    ----------
    x : ndarray of shape (n, n_features), float32, C-contiguous
    parameters : ndarray of shape (n_parameters,), float32
        With the knot table in place of the weights on codes.
    layout : ndarray of shape (n_layers, 12), int64
        See `skdistill.kernels.layout`.
    input_tables : InputTables
    activation : int
        Of the hidden layers.
    kind : {LOGITS, PROBABILITIES}
    n_classes : int
        Two classes have one output, whose logit is that of the second class
        where the first has zero.
    out : ndarray of shape (n, n_outputs) or (n, n_classes)
        Receives the prediction.

    Returns
    -------
    input_row, output_row : int
        The first row with an input, or a logit, that is not finite, or -1.
    """
    n, features = x.shape
    flat = x.reshape(-1)
    top = layout.shape[0] - 1
    outputs = layout[top, OUTPUTS]
    hidden_width = layout[top, INPUT_WIDTH]
    for layer in range(layout.shape[0]):
        hidden_width = max(hidden_width, layout[layer, OUTPUT_WIDTH])
    capacity = (min(n, BLOCK_ROWS) + LINE - 1) // LINE * LINE
    # Layers write to one half and read from the other by turns.
    # Zeros, since rows up to a whole vector are read: what memory held before
    # may be denormal, and take many times as long.
    hidden = np.zeros(2 * capacity * hidden_width, np.float32)
    logits = np.zeros((n_classes, capacity), np.float32)
    n_codes = layout[0, CODES]
    # Of a code that uses no feature nothing is read.
    encoded = input_tables.inputs.shape[0] > 0 or layout[0, INPUTS] == 0
    first_width = layout[0, OUTPUT_WIDTH]
    number_size = layout[0, INPUT_WIDTH]
    numbers = np.zeros(capacity * number_size if encoded else 0, np.float32)
    codes = np.empty((capacity, n_codes), np.float32)
    offsets = np.empty((capacity, n_codes), np.int32)
    fractions = np.empty((capacity, n_codes), np.float32)
    first_class = n_classes - outputs
    for first_row in range(0, n, BLOCK_ROWS):
        rows = min(BLOCK_ROWS, n - first_row)
        begin = first_row * features
        raw = flat[begin : begin + rows * features]
        found = _first_not_finite(raw, features, encoded)
        if found >= 0:
            return first_row + found, ALL_FINITE

        half = 0
        if encoded:
            _encode(
                raw,
                features,
                rows,
                input_tables.inputs,
                input_tables.values,
                numbers,
                number_size,
                codes,
            )
            locate(codes, 0, rows, input_tables.codes, first_width, offsets, fractions)
            columns = layout[0, INPUTS] if top > 0 else number_size
            source = matrix(numbers, 0, rows, columns, number_size)
        elif top == 0:
            hidden[:] = np.float32(0.0)
            for i in range(rows):
                for j in range(features):
                    hidden[i * hidden_width + j] = x[first_row + i, j]
            source = matrix(hidden, 0, rows, hidden_width, hidden_width)
        else:
            source = matrix(flat, begin, rows, features, features)
        for layer in range(top):
            width = layout[layer, OUTPUT_WIDTH]
            start = half * capacity * hidden_width
            half = 1 - half
            out_block = matrix(hidden, start, rows, width, width)
            coded = layer == 0 and n_codes > 0
            if layout[layer, INPUTS] == 0:
                rectified = activation == RELU_ACTIVATION and not coded
                least = np.float32(0.0 if rectified else -np.inf)
                start_sums(parameters[layout[layer, BIAS] :], least, out_block)
            else:
                product(
                    source,
                    matrix(
                        parameters,
                        layout[layer, WEIGHTS],
                        layout[layer, INPUTS],
                        width,
                        width,
                    ),
                    matrix(parameters, layout[layer, BIAS], rows, width, 0),
                    out_block,
                    RELU if activation == RELU_ACTIVATION and not coded else STORE,
                    out_block,
                    hidden,
                )
            if coded:
                floor = 0.0 if activation == RELU_ACTIVATION else -np.inf
                add_codes(
                    input_tables.blocks,
                    offsets,
                    fractions,
                    parameters,
                    np.float32(floor),
                    out_block,
                )
            if activation != RELU_ACTIVATION:
                other = half * capacity * hidden_width
                activate(
                    activation,
                    hidden[start : start + rows * width],
                    hidden[other : other + rows * width],
                    rows,
                    layout[layer, OUTPUTS],
                    width,
                )
            inputs = layout[layer + 1, INPUTS]
            source = matrix(
                hidden, start, rows, width if layer + 1 == top else inputs, width
            )

        width = layout[top, INPUT_WIDTH]
        logits[:first_class] = np.float32(0.0)
        dot_products(
            source,
            matrix(parameters, layout[top, WEIGHTS], outputs, width, width),
            parameters[layout[top, BIAS] :],
            matrix(logits, first_class * capacity, outputs, rows, capacity),
        )
        if top == 0 and n_codes > 0:
            sums = matrix(hidden, 0, rows, first_width, first_width)
            hidden[: rows * first_width] = np.float32(0.0)
            add_codes(
                input_tables.blocks,
                offsets,
                fractions,
                parameters,
                np.float32(-np.inf),
                sums,
            )
            for c in range(outputs):
                for i in range(rows):
                    logits[first_class + c, i] += sums[i, c]
        for c in range(first_class, n_classes):
            found = _first_not_finite(logits[c, :rows], 1, False)
            if found >= 0:
                return ALL_FINITE, first_row + found
        if kind == PROBABILITIES:
            _softmax(logits, rows, first_row, out)
        else:
            for c in range(outputs):
                for i in range(rows):
                    out[first_row + i, c] = logits[first_class + c, i]
    return ALL_FINITE, ALL_FINITE


_compiling = threading.Lock()


@functools.cache
def prediction_kernel():
    """Return `predict_rows`, compiled once for writable and read-only arrays.

    Compiled at the first call of this function, for read-only arrays, as which
    writable ones pass too.
    """
    if config.DISABLE_JIT:
        return predict_rows
    rows = types.Array(types.float32, 2, "C", readonly=True)
    flat = types.Array(types.float32, 1, "C", readonly=True)
    layout = types.Array(types.int64, 2, "C", readonly=True)
    tables = types.NamedTuple([layout, flat, layout, layout], InputTables)
    out = types.Array(types.float32, 2, "C")
    # The cache lets threads in that ask before the first answer is there.
    with _compiling:
        if not predict_rows.signatures:
            predict_rows.compile(
                (
                    rows,
                    flat,
                    layout,
                    tables,
                    types.int64,
                    types.int64,
                    types.int64,
                    out,
                )
            )
            predict_rows.disable_compile()
    return predict_rows
