"""A student in the form that the kernel of prediction takes."""

import numpy as np

from skdistill.kernels.layers.activation import ACTIVATION_NUMBERS
from skdistill.kernels.layers.knot_search import INPUT_COLUMNS, knotted_values
from skdistill.kernels.predict import (
    ACTIVATION,
    ENCODED,
    N_CATEGORICAL,
    N_CLASSES,
    N_KNOTTED,
    N_LINEAR,
    pack,
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


def pack_student(network, input_code, activation, n_classes, limit=_GREATEST):
    """Return a student in the form that the kernel of prediction takes.

    Parameters
    ----------
    network : Network
        Network of the student. The knot table takes the place of the weights on codes.
    input_code : InputCode or None
    activation : str
    n_classes : int
    limit : float, default=3.4028235e38
        Greatest size of a raw value that the kernel takes.

    Returns
    -------
    student : ndarray of int64
        Result of `skdistill.kernels.predict.pack`.
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
            N_CLASSES: n_classes,
        },
        limit,
    )
