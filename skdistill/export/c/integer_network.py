"""A student in integers: what a core without a floating-point unit computes.

Weights are integers of 8 bits, sums are of 32, activations of 8. Sums are brought to
the scale of activations by a multiplication and a shift (Jacob et al. 2018,
"Quantization and training of neural networks for efficient integer-arithmetic-only
inference"), and the scales of activations are found on given rows.
"""

import math
from typing import NamedTuple

import numpy as np

from skdistill.student.forward import NUMPY_ACTIVATIONS, compute_logits
from skdistill.student.quantization import KNOT_TABLE_AXIS
from skdistill.student.stored import StoredMatrix

# Raw values are scaled to so many bits: four times the greatest one still fits.
_VALUE_BITS = 29
_MOST_BITS = 120

# Products of a reduced difference of 16 bits and a reciprocal are below 2**31.
_RECIPROCAL_BITS = 31
_DIFFERENCE_BITS = 16

# What a row of weights is multiplied by; a fraction times it fits in 31 bits.
_COEFFICIENT_BITS = 18
_MULTIPLIER_BITS = 30
_LARGEST_SHIFT = 62
_LARGEST_SUM = 2**31 - 1
_LARGEST_BIAS = 2.0**29

_LARGEST_ACTIVATION = 255

# Activations that are not piecewise linear, as a table: 128 sections of 256 places.
_SECTIONS = 128
_PLACES = 256
# Beyond it nothing is added to a sigmoid.
_SATURATION = 8.0

# Logits are to base 2, in fractions of 2**-12.
_LOGIT_BITS = 12
_LOGIT_UNIT = math.log(2.0) / 2**_LOGIT_BITS

# Below it, activations are all alike.
_LEAST_RANGE = 1e-9

# Rows of X whose activations are looked at at once.
_BLOCK_ROWS = 4096


class LinearColumns(NamedTuple):
    """Columns that enter as one number.

    What their weights are multiplied by is, of the value v, clipped to its range,
    ``start + ((((v - low) >> reduction) * slope) >> shift)``.

    Attributes
    ----------
    features : ndarray of shape (n_linear,), int32
    low, high : ndarray of shape (n_linear,), int32
    start : ndarray of shape (n_linear,), int32
    reduction, shift : ndarray of shape (n_linear,), uint8
    slope : ndarray of shape (n_linear,), uint32
    weights : ndarray of shape (n_linear, n_units), int8
    """

    features: np.ndarray
    low: np.ndarray
    high: np.ndarray
    start: np.ndarray
    reduction: np.ndarray
    slope: np.ndarray
    shift: np.ndarray
    weights: np.ndarray


class IntegerTable(NamedTuple):
    """Columns with knots, and categories.

    A value that lies d above a knot lies ``((d >> reduction) * reciprocal) >> 19``
    fractions of 2**-12 of the bin above it.

    Attributes
    ----------
    knots : ndarray of shape (n_knots,), int32
    reduction : ndarray of shape (n_knots,), uint8
    reciprocal : ndarray of shape (n_knots,), uint32
        Of the bin that begins at the knot; 0 at the last one of a column.
    rows : ndarray of shape (n_rows, n_units), int8
    multiplier : ndarray of shape (n_rows,), int32
    """

    knots: np.ndarray
    reduction: np.ndarray
    reciprocal: np.ndarray
    rows: np.ndarray
    multiplier: np.ndarray


class Requantization(NamedTuple):
    """How sums become activations: ``(max(sum, 0) * multiplier) >> shift`` for relu.

    Attributes
    ----------
    multiplier : ndarray of shape (n_units,), uint32
    shift : int
    origin : ndarray of shape (n_units,), int32, or None
        With a table what is subtracted from the sum, for the place in it.
    table : ndarray of shape (129,), uint16, or None
        256 times the activations.
    """

    multiplier: np.ndarray
    shift: int
    origin: np.ndarray | None = None
    table: np.ndarray | None = None


class IntegerNetwork(NamedTuple):
    """All numbers of a student in integers.

    Attributes
    ----------
    value_bits : ndarray of shape (n_features,), int8
        The integer of a raw value is the value times two to the power of it.
    takes_missing : bool
    linear : LinearColumns
    table : IntegerTable or None
    weights : list of ndarray of shape (n_inputs, n_units), int8
        Of all layers but the first.
    biases : list of ndarray of shape (n_units,), int32
        Of all layers.
    requantizations : list of Requantization
        Of all layers, the last one to logits.
    largest_sums : list of int
        Of all layers what no sum exceeds, whatever the row.
    """

    value_bits: np.ndarray
    takes_missing: bool
    linear: LinearColumns
    table: IntegerTable | None
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    requantizations: list[Requantization]
    largest_sums: list[int]


def integer_network(student, rows):
    """Return a student in integers.

    Parameters
    ----------
    student : Student
    rows : ndarray of shape (n_rows, n_features), float32
        As the student takes them: places of categories. The ranges of activations
        are theirs.

    Returns
    -------
    network : IntegerNetwork

    Raises
    ------
    ValueError
        Where logits may be so large that their sums do not fit in 32 bits.
    """
    value_bits = _value_bits(student, rows)
    linear, table, bias, unit, largest_sum = _first_layer(student, rows, value_bits)
    ranges = _preactivation_ranges(student, rows)
    weights, biases, largest_sums = [], [bias], [largest_sum]
    requantizations = []
    unit = np.full(bias.size, unit)
    layers = zip(student.coefs_[1:], student.intercepts_[1:], ranges, strict=True)
    for layer_weights, layer_bias, span in layers:
        requantization, step, least = _activation(student.activation, span, unit)
        requantizations.append(requantization)
        exact = layer_weights.astype(np.float64)
        stored, bias, unit = _dense(
            layer_weights, layer_bias + least * exact.sum(axis=0), step
        )
        weights.append(stored)
        biases.append(bias)
        sums = _LARGEST_ACTIVATION * np.abs(stored.astype(np.int64)).sum(axis=0)
        largest_sums.append(int((sums + np.abs(bias.astype(np.int64))).max()))
    requantizations.append(_to_logits(unit, largest_sums[-1]))
    return IntegerNetwork(
        value_bits,
        student.input_code is not None,
        linear,
        table,
        weights,
        biases,
        requantizations,
        largest_sums,
    )


def _value_bits(student, rows):
    """Return how many bits of a raw value stand behind the point."""
    code = student.input_code
    greatest = np.zeros(student.n_features_in_)
    if code is None:
        greatest[:] = np.abs(rows).max(axis=0)
    else:
        greatest[code.linear] = np.maximum(np.abs(code.low), np.abs(code.high))
        greatest[code.knotted] = [np.abs(knots).max() for knots in code.knots]
    bits = np.clip(_VALUE_BITS - np.frexp(greatest)[1], -_MOST_BITS, _MOST_BITS)
    return np.where(greatest > 0, bits, 0).astype(np.int8)


def _first_layer(student, rows, value_bits):
    """Return columns, table, biases, and the common unit and bound of all sums."""
    code = student.input_code
    stored = StoredMatrix.of(student.coefs_[0], "int8", KNOT_TABLE_AXIS)
    bias = student.intercepts_[0].astype(np.float64)
    if code is None:
        features = np.arange(student.n_features_in_)
        low, high = rows.min(axis=0).astype(float), rows.max(axis=0).astype(float)
        mean, deviation = (low + high) / 2, 1.0
        bias = bias + mean @ student.coefs_[0].astype(np.float64)
    else:
        features = code.linear
        low, high, mean, deviation = (
            values.astype(np.float64)
            for values in (code.low, code.high, code.mean, code.scale)
        )
    ends = np.array([low - mean, high - mean]) / deviation * stored.scales[:, 0]
    table_values, row_scales = np.empty((0, bias.size), np.int8), np.empty((0, 1))
    if code is not None:
        table_values, row_scales, _ = StoredMatrix.of(
            student.knot_table_, "int8", KNOT_TABLE_AXIS
        )
    largest = max(np.abs(ends).max(initial=0.0), row_scales.max(initial=0.0))
    unit = max(
        largest / 2.0**_COEFFICIENT_BITS,
        np.abs(bias).max() / _LARGEST_BIAS,
        np.finfo(np.float32).tiny,
    )
    while True:
        start, end = np.rint(ends / unit).astype(np.int64)
        multiplier = np.rint(row_scales[:, 0] / unit).astype(np.int32)
        whole_bias = np.rint(bias / unit).astype(np.int32)
        linear_sums = np.maximum(np.abs(start), np.abs(end)) @ np.abs(
            stored.values.astype(np.int64)
        )
        bound = np.abs(whole_bias.astype(np.int64)) + linear_sums
        if code is not None:
            bound += _largest_of_codes(code, table_values, multiplier)
        if bound.max() <= _LARGEST_SUM:
            break
        unit *= 2
    linear = _linear_columns(features, low, high, start, end, value_bits, stored.values)
    table = None
    if code is not None and code.n_codes:
        knots = _knots(code, value_bits)
        table = IntegerTable(*knots, table_values, multiplier)
    return linear, table, whole_bias, unit, int(bound.max())


def _largest_of_codes(code, rows, multiplier):
    """Return what the codes add to a sum at most, in absolute value."""
    if not code.n_codes:
        return 0
    # Between two rows no more than at the greater, but for rounding each to a unit.
    products = multiplier[:, np.newaxis] * np.abs(rows.astype(np.int64))
    rounding = 127
    return np.maximum.reduceat(products, code.starts, axis=0).sum(axis=0) + (
        rounding * code.n_codes
    )


def _linear_columns(features, low, high, start, end, value_bits, weights):
    """Return the columns that enter as one number."""
    bits = value_bits[features].astype(int)
    low, high = (np.rint(np.ldexp(v, bits)).astype(np.int64) for v in (low, high))
    swing = end - start
    reduction = _bits_above(high - low, _DIFFERENCE_BITS)
    width = (high - low) >> reduction
    shift = _RECIPROCAL_BITS - 1 - np.frexp(np.maximum(swing, 1).astype(float))[1]
    slope = (swing << shift) // np.maximum(width, 1)
    return LinearColumns(
        features.astype(np.int32),
        low.astype(np.int32),
        high.astype(np.int32),
        start.astype(np.int32),
        reduction.astype(np.uint8),
        np.where(width > 0, slope, 0).astype(np.uint32),
        shift.astype(np.uint8),
        weights,
    )


def _knots(code, value_bits):
    """Return knots, reductions and reciprocals as a `IntegerTable` holds them."""
    knots, reductions, reciprocals = [], [], []
    for feature, places in zip(code.knotted, code.knots, strict=True):
        bits = int(value_bits[feature])
        whole = np.rint(np.ldexp(places.astype(np.float64), bits)).astype(np.int64)
        widths = np.append(np.diff(whole), 0)
        reduction = _bits_above(widths, _DIFFERENCE_BITS)
        reduced = widths >> reduction
        reciprocal = 2**_RECIPROCAL_BITS // np.maximum(reduced, 1)
        knots.append(whole)
        reductions.append(reduction)
        reciprocals.append(np.where(reduced > 0, reciprocal, 0))
    return tuple(
        np.concatenate([np.empty(0, np.int64), *parts]).astype(dtype)
        for parts, dtype in (
            (knots, np.int32),
            (reductions, np.uint8),
            (reciprocals, np.uint32),
        )
    )


def _bits_above(values, bits):
    """Return by how many bits values are longer than so many."""
    return np.maximum(np.frexp(values.astype(np.float64))[1] - bits, 0).astype(np.int64)


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


def _activation(name, span, unit):
    """Return how sums become activations, and what these are: least + step * integer.

    Parameters
    ----------
    name : str
    span : tuple of float
        Of the sums.
    unit : ndarray of shape (n_units,)
        What a sum of 1 stands for.
    """
    if name == "relu":
        step = span[1] / _LARGEST_ACTIVATION if span[1] > 0 else 1.0
        return Requantization(*_multipliers(unit / step)), step, 0.0
    low, high = span
    if name in ("tanh", "logistic"):
        low, high = (min(max(end, -_SATURATION), _SATURATION) for end in span)
    high = max(high, low + 1e-3)
    values = NUMPY_ACTIVATIONS[name](np.linspace(low, high, _SECTIONS + 1))
    least = float(values.min())
    step = max(float(values.max() - least), _LEAST_RANGE) / _LARGEST_ACTIVATION
    table = np.rint((values - least) / step * 256).astype(np.uint16)
    multiplier, shift = _multipliers(unit / (high - low) * _SECTIONS * _PLACES)
    # No sum of these rows is beyond 32 bits, and no origin beyond all sums.
    origin = np.clip(np.rint(low / unit), -_LARGEST_SUM, _LARGEST_SUM).astype(np.int32)
    return Requantization(multiplier, shift, origin, table), step, least


def _dense(weights, bias, step):
    """Return weights, biases and units of a layer whose inputs have a step."""
    scales = StoredMatrix.of(weights, "int8").scales[0]
    # If the bias is far greater than all weights, the weights get fewer bits.
    scale = np.maximum(scales, np.abs(bias) / step / _LARGEST_BIAS)
    stored = np.rint(weights / scale).astype(np.int8)
    unit = step * scale.astype(np.float64)
    return stored, np.rint(bias / unit).astype(np.int32), unit


def _to_logits(unit, largest_sum):
    """Return how the last sums become logits."""
    factors = unit / _LOGIT_UNIT
    if largest_sum * factors.max() > _LARGEST_SUM:
        raise ValueError(
            f"the logits may reach {largest_sum * unit.max():.4g}, and integers of 32 "
            f"bits hold {_LARGEST_SUM * _LOGIT_UNIT:.4g}: export the student with "
            'arithmetic="float"'
        )
    return Requantization(*_multipliers(factors))


def _multipliers(factors):
    """Return integers and a shift that stand for factors."""
    shift = _MULTIPLIER_BITS - int(np.frexp(factors.max())[1])
    shift = min(max(shift, 1), _LARGEST_SHIFT)
    multipliers = np.rint(np.ldexp(factors, shift))
    # What is greater stands for more than the greatest activation all the same.
    return np.minimum(multipliers, 2.0**31).astype(np.uint32), shift
