"""A student in the form that the kernel of prediction takes."""

import numpy as np

from skdistill.kernels.instructions.matrix import LINE
from skdistill.kernels.layers.activation import ACTIVATION_NUMBERS
from skdistill.kernels.layers.knot_search import INPUT_COLUMNS, knotted_values
from skdistill.kernels.layers.knot_table import code_blocks
from skdistill.kernels.layers.layout import INPUT_WIDTH, OUTPUT_WIDTH, aligned_zeros
from skdistill.kernels.numbers import SCALE_COLUMNS
from skdistill.kernels.predict import (
    ACTIVATION,
    ADDITIVE,
    ENCODED,
    FIRST_NUMBER,
    FIRST_SCALE,
    HIDDEN_WIDTH,
    LIMIT,
    N_BLOCKS,
    N_CATEGORICAL,
    N_COLUMNS,
    N_COUNTS,
    N_KNOTTED,
    N_LAYERS,
    N_LINEAR,
    N_PARAMETERS,
    N_WHOLE_BLOCKS,
    ROW_SIZE,
)
from skdistill.student.input_code import InputCode

# Code of a student that takes numbers without a code.
NO_INPUT_CODE = InputCode(
    0,
    linear=[],
    low=[],
    high=[],
    mean=[],
    scale=[],
    knotted=[],
    knots=[],
    categorical=[],
    levels=[],
)

_GREATEST = np.finfo(np.float32).max
_NO_SCALES = np.zeros((0, SCALE_COLUMNS))


def pack(layout, parameters, inputs, values, codes, counts, limit, scales):
    """Lay out a student in the form that the kernel takes.

    Parameters
    ----------
    layout : ndarray of shape (n_layers, 12), int64
        See `skdistill.kernels.layers.layout`.
    parameters : ndarray of shape (n_parameters,), float32
        Weights and biases. The knot table takes the place of the weights on codes.
    inputs : ndarray of shape (n_inputs, 5), int64
        Description of the inputs; see `skdistill.kernels.layers.knot_search.encode`.
    values : ndarray, float32
        Numbers of the inputs; see `skdistill.kernels.layers.knot_search.encode`.
    codes : ndarray of shape (n_codes, 3), int64
        Description of the codes; see `skdistill.kernels.layers.knot_table.KnotTable`.
    counts : dict of int to int
        Values of N_LINEAR, N_KNOTTED, N_CATEGORICAL, ENCODED, ACTIVATION, N_COLUMNS and
        ADDITIVE.
    limit : float
        Greatest size of an input that the kernel takes. If it is negative, the kernel
        takes no row.
    scales : ndarray of shape (n_numbers, 4), float64
        Scales of numbers: see `skdistill.kernels.numbers.write_numbers`.

    Returns
    -------
    student : ndarray of int64
        Counts, tables, and the bits of the scales. After them come the bits of the
        parameters, which start at a cache line, and the bits of the values.
    """
    head = np.zeros(N_COUNTS, dtype=np.int64)
    blocks = code_blocks(codes, layout[0, OUTPUT_WIDTH])
    # A few rows gain nothing if a block of the table stays in the first cache.
    whole = code_blocks(codes, layout[0, OUTPUT_WIDTH], most_bytes=np.inf)
    head[N_LAYERS] = len(layout)
    head[N_BLOCKS], head[N_WHOLE_BLOCKS] = len(blocks), len(whole)
    head[HIDDEN_WIDTH] = max(layout[-1, INPUT_WIDTH], layout[:, OUTPUT_WIDTH].max())
    head[N_PARAMETERS] = parameters.size
    for index, count in counts.items():
        head[index] = count
    n_codes = head[N_KNOTTED] + head[N_CATEGORICAL]
    head[ROW_SIZE] = 2 * head[HIDDEN_WIDTH] + 2 * n_codes + head[N_COLUMNS] + 2
    head[ROW_SIZE] += layout[0, INPUT_WIDTH] if head[N_LINEAR] > 0 else 0
    tables = [table.ravel() for table in (layout, inputs, blocks, whole)]
    head[FIRST_SCALE] = head.size + sum(table.size for table in tables)
    tables.append(np.ascontiguousarray(scales).view(np.int64).ravel())
    n_integers = head[FIRST_SCALE] + tables[-1].size
    first = -(-2 * n_integers // LINE) * LINE
    head[FIRST_NUMBER] = first
    size = first + parameters.size + values.size
    numbers = aligned_zeros(size + size % 2)
    student = numbers.view(np.int64)
    student[:n_integers] = np.concatenate([head, *tables])
    numbers[first:size] = np.concatenate([parameters, values])
    numbers[2 * LIMIT] = limit
    student.flags.writeable = False  # The kernel is compiled for read-only arrays.
    return student


def pack_student(
    network,
    input_code,
    activation,
    n_columns,
    limit=_GREATEST,
    additive=False,
    scales=_NO_SCALES,
):
    """Return a student in the form that the kernel of prediction takes.

    Parameters
    ----------
    network : Network
        Network of the student. The knot table takes the place of the weights on codes.
    input_code : InputCode or None
    activation : str
    n_columns : int
        Number of classes, of numbers or of labels.
    limit : float, default=3.4028235e38
        Greatest size of a raw value that the kernel takes.
    additive : bool, default=False
        Whether the logit is a sum of one curve a column.
    scales : ndarray of shape (n_numbers, 4), float64, default=no rows
        Scales of numbers: see `skdistill.kernels.numbers.write_numbers`.

    Returns
    -------
    student : ndarray of int64
        Result of `pack`.
    """
    code = NO_INPUT_CODE if input_code is None else input_code
    inputs, values, size = [], [], 0

    def add(feature, numbers, searched=0, missing=0, start=0):
        nonlocal size
        inputs.append((feature, size, searched, missing, start))
        values.append(numbers)
        size += numbers.size

    inverse = (1.0 / code.scale.astype(np.float64)).astype(np.float32)
    columns = np.column_stack([code.low, code.high, code.mean, inverse])
    for feature, numbers in zip(code.linear, columns, strict=True):
        add(feature, numbers)
    starts, none = iter(code.starts), np.zeros(0, dtype=np.float32)
    for feature, knots in zip(code.knotted, code.knots, strict=True):
        numbers, searched = knotted_values(knots)
        add(feature, numbers, searched, knots.size, next(starts))
    for feature in code.categorical:
        add(feature, none, start=next(starts))
    return pack(
        network.layout,
        network.parameters,
        np.array(inputs, dtype=np.int64).reshape(-1, INPUT_COLUMNS),
        np.concatenate([none, *values]),
        network.knot_table.codes,
        {
            N_LINEAR: code.n_linear,
            N_KNOTTED: code.knotted.size,
            N_CATEGORICAL: code.categorical.size,
            ENCODED: int(input_code is not None),
            ACTIVATION: ACTIVATION_NUMBERS[activation],
            N_COLUMNS: n_columns,
            ADDITIVE: int(additive),
        },
        limit,
        scales,
    )
