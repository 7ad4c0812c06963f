"""A student in integers, for a core without a floating-point unit.

Weights are integers of 8 bits, activations of 8 bits and sums of 32 bits. A
multiplication and a shift bring a sum to the scale of activations (Jacob et al. 2018,
"Quantization and training of neural networks for efficient integer-arithmetic-only
inference"). Given rows determine the scales of activations.
"""

from typing import NamedTuple

import numpy as np

from skdistill.export.c.integer_first_layer import (
    LARGEST_BIAS,
    IntegerTable,
    LinearColumns,
    integer_first_layer,
)
from skdistill.export.c.integer_numbers import (
    NumberRequantization,
    requantize_numbers,
)
from skdistill.export.c.requantization import (
    LARGEST_ACTIVATION,
    Requantization,
    requantize_activation,
    requantize_logits,
)
from skdistill.student.forward import NUMPY_ACTIVATIONS, compute_logits
from skdistill.student.outputs import Numbers
from skdistill.student.stored import StoredMatrix

# Raw values are scaled to this number of bits. Four times the greatest one still fits
# in 32 bits.
_VALUE_BITS = 29
_MOST_BITS = 120

# Rows that are looked at together, which bounds the memory for their activations.
_BLOCK_ROWS = 4096


class IntegerNetwork(NamedTuple):
    """All numbers of a student in integers.

    Attributes
    ----------
    value_bits : ndarray of shape (n_features,), int8
        Number of fraction bits b of each column: the integer of a raw value v is
        v * 2**b.
    takes_missing : bool
        Whether values may be missing.
    linear : LinearColumns
    table : IntegerTable or None
        None if no column has knots or categories.
    weights : list of ndarray of shape (n_inputs, n_units), int8
        Weights of all layers except the first.
    biases : list of ndarray of shape (n_units,), int32
        Biases of all layers.
    requantizations : list of Requantization
        One for each hidden layer.
    last : Requantization or NumberRequantization
        Conversion of the sums of the output layer to logits or numbers.
    largest_sums : list of int
        Bound of the absolute value of the sums of each layer, for any row.
    """

    value_bits: np.ndarray
    takes_missing: bool
    linear: LinearColumns
    table: IntegerTable | None
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    requantizations: list[Requantization]
    last: Requantization | NumberRequantization
    largest_sums: list[int]


def integer_network(student, rows):
    """Return a student in integers.

    Parameters
    ----------
    student : Student
    rows : ndarray of shape (n_rows, n_features), float32
        Rows as numbers, see `Student.numbers`. They determine the ranges of
        activations.

    Returns
    -------
    network : IntegerNetwork

    Raises
    ------
    ValueError
        If the logits may be so large that their sums do not fit in 32 bits, or if
        numbers of 32 bits would be too far apart.
    """
    value_bits = _value_bits(student, rows)
    first = integer_first_layer(student, rows, value_bits)
    ranges = _preactivation_ranges(student, rows)
    weights, biases, largest_sums = [], [first.bias], [first.largest_sum]
    requantizations = []
    unit = np.full(first.bias.size, first.unit)
    layers = zip(student.coefs_[1:], student.intercepts_[1:], ranges, strict=True)
    for layer_weights, layer_bias, span in layers:
        requantization, step, least = requantize_activation(
            student.activation, span, unit
        )
        requantizations.append(requantization)
        exact = layer_weights.astype(np.float64)
        stored, bias, unit = _dense(
            layer_weights, layer_bias + least * exact.sum(axis=0), step
        )
        weights.append(stored)
        biases.append(bias)
        sums = LARGEST_ACTIVATION * np.abs(stored.astype(np.int64)).sum(axis=0)
        largest_sums.append(int((sums + np.abs(bias.astype(np.int64))).max()))
    last: Requantization | NumberRequantization
    if isinstance(student.output, Numbers):
        last = requantize_numbers(student.output, unit, largest_sums[-1])
    else:
        last = requantize_logits(unit, largest_sums[-1])
    return IntegerNetwork(
        value_bits,
        student.input_code is not None,
        first.linear,
        first.table,
        weights,
        biases,
        requantizations,
        last,
        largest_sums,
    )


def _value_bits(student, rows):
    """Return the number of fraction bits of each column."""
    code = student.input_code
    greatest = np.zeros(student.n_features_in_)
    if code is None:
        greatest[:] = np.abs(rows).max(axis=0)
    else:
        greatest[code.linear] = np.maximum(np.abs(code.low), np.abs(code.high))
        greatest[code.knotted] = [np.abs(knots).max() for knots in code.knots]
    bits = np.clip(_VALUE_BITS - np.frexp(greatest)[1], -_MOST_BITS, _MOST_BITS)
    return np.where(greatest > 0, bits, 0).astype(np.int8)


def _preactivation_ranges(student, rows):
    """Return the least and greatest sum of each hidden layer over rows."""
    code = student.input_code
    activate = NUMPY_ACTIVATIONS[student.activation]
    low = np.full(len(student.coefs_) - 1, np.inf)
    high = -low
    for first in range(0, len(rows), _BLOCK_ROWS):
        values = rows[first : first + _BLOCK_ROWS]
        first_layer = (None, None)
        if code is not None:
            values, first_layer = code.codes(values), (code.starts, student.knot_table_)
        layers = zip(student.coefs_[:-1], student.intercepts_[:-1], strict=True)
        for layer, (weights, bias) in enumerate(layers):
            tables = first_layer if layer == 0 else (None, None)
            sums = compute_logits(values, [weights], [bias], "relu", *tables)
            low[layer] = min(low[layer], sums.min())
            high[layer] = max(high[layer], sums.max())
            values = activate(sums)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _dense(weights, bias, step):
    """Return weights, biases and units of a layer after the first.

    Parameters
    ----------
    weights : ndarray of shape (n_inputs, n_units), float32
    bias : ndarray of shape (n_units,)
    step : float
        Value of an input of 1.
    """
    scales = StoredMatrix.of(weights, "int8").scales[0]
    # If the bias is far greater than all weights, the weights get fewer bits.
    scales = np.maximum(scales, np.abs(bias) / step / LARGEST_BIAS)
    values = np.rint(weights / scales).astype(np.int8)
    unit = step * scales.astype(np.float64)
    return values, np.rint(bias / unit).astype(np.int32), unit
