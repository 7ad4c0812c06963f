"""The first layer of a student in integers: from raw values to sums of 32 bits."""

from typing import NamedTuple

import numpy as np

from skdistill.student.quantization import KNOT_TABLE_AXIS
from skdistill.student.stored import StoredMatrix

# A reduced difference of 16 bits times a reciprocal is below 2**31.
_RECIPROCAL_BITS = 31
_DIFFERENCE_BITS = 16

# Bits of the factor of a row of weights. A fraction of 12 bits times the factor
# fits in 31 bits.
_COEFFICIENT_BITS = 18
_LARGEST_SUM = 2**31 - 1
LARGEST_BIAS = 2.0**29


class LinearColumns(NamedTuple):
    """Columns that enter as one number.

    A value v is clipped to its range. Its weights are then multiplied by
    ``start + ((((v - low) >> reduction) * slope) >> shift)``.

    Attributes
    ----------
    features : ndarray of shape (n_linear,), int32
        Numbers of the columns.
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
    """The knot table: rows for columns with knots and for categories.

    A value lies at a distance d above a knot. In fractions of 2**-12 of the bin that
    begins at this knot, the distance is ``((d >> reduction) * reciprocal) >> 19``.

    Attributes
    ----------
    knots : ndarray of shape (n_knots,), int32
    reduction : ndarray of shape (n_knots,), uint8
    reciprocal : ndarray of shape (n_knots,), uint32
        Reciprocal of the width of the bin that begins at the knot. It is 0 for the
        last knot of a column.
    rows : ndarray of shape (n_rows, n_units), int8
        Weights of the table.
    multiplier : ndarray of shape (n_rows,), int32
        Factor of each row.
    """

    knots: np.ndarray
    reduction: np.ndarray
    reciprocal: np.ndarray
    rows: np.ndarray
    multiplier: np.ndarray


class FirstLayer(NamedTuple):
    """The first layer in integers.

    Attributes
    ----------
    linear : LinearColumns
    table : IntegerTable or None
        None if no column has knots or categories.
    bias : ndarray of shape (n_units,), int32
    unit : float
        Value of a sum of 1, the same for all units of the layer.
    largest_sum : int
        Bound of the absolute value of all sums, for any row.
    """

    linear: LinearColumns
    table: IntegerTable | None
    bias: np.ndarray
    unit: float
    largest_sum: int


def integer_first_layer(student, rows, value_bits):
    """Return the first layer in integers.

    Parameters
    ----------
    student : Student
    rows : ndarray of shape (n_rows, n_features), float32
        Rows as numbers. They give the range of each column of a student without an
        input code.
    value_bits : ndarray of shape (n_features,), int8
        Number of fraction bits of each column.

    Returns
    -------
    layer : FirstLayer
    """
    code = student.input_code
    stored = StoredMatrix.of(student.coefs_[0], "int8", KNOT_TABLE_AXIS)
    features, low, high, mean, deviation = _linear_parameters(student, rows)
    bias = student.intercepts_[0].astype(np.float64)
    if code is None:
        bias = bias + mean @ student.coefs_[0].astype(np.float64)
    ends = np.array([low - mean, high - mean]) / deviation * stored.scales[:, 0]
    table_rows, row_scales = np.empty((0, bias.size), np.int8), np.empty((0, 1))
    if code is not None:
        table_rows, row_scales, _ = StoredMatrix.of(
            student.knot_table_, "int8", KNOT_TABLE_AXIS
        )
    largest = max(np.abs(ends).max(initial=0.0), row_scales.max(initial=0.0))
    unit = max(
        largest / 2.0**_COEFFICIENT_BITS,
        np.abs(bias).max() / LARGEST_BIAS,
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
            bound += _largest_of_codes(code, table_rows, multiplier)
        if bound.max() <= _LARGEST_SUM:
            break
        unit *= 2
    linear = _linear_columns(features, low, high, start, end, value_bits, stored.values)
    table = None
    if code is not None and code.n_codes:
        table = IntegerTable(*_knots(code, value_bits), table_rows, multiplier)
    return FirstLayer(linear, table, whole_bias, unit, int(bound.max()))


def _linear_parameters(student, rows):
    """Return the linear columns, their ranges, and their means and deviations."""
    code = student.input_code
    if code is None:
        low, high = rows.min(axis=0).astype(float), rows.max(axis=0).astype(float)
        return np.arange(student.n_features_in_), low, high, (low + high) / 2, 1.0
    parameters = (code.low, code.high, code.mean, code.scale)
    return code.linear, *(values.astype(np.float64) for values in parameters)


def _largest_of_codes(code, rows, multiplier):
    """Return a bound of the absolute value that the codes add to a sum."""
    if not code.n_codes:
        return 0
    # A value between two rows adds no more than the greater of both, apart from the
    # rounding of each factor to a whole number.
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
    """Return knots, reductions and reciprocals as `IntegerTable` holds them."""
    knots, reductions, reciprocals = [], [], []
    for feature, values in zip(code.knotted, code.knots, strict=True):
        bits = int(value_bits[feature])
        whole = np.rint(np.ldexp(values.astype(np.float64), bits)).astype(np.int64)
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
    """Return by how many bits each value is longer than a number of bits."""
    return np.maximum(np.frexp(values.astype(np.float64))[1] - bits, 0).astype(np.int64)
