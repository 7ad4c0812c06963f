"""Weights in fewer bits: round them for storage, and restore them."""

import numpy as np

# Types of stored weights, the smallest first.
WEIGHT_DTYPES = ("int8", "float16", "float32")

# Each row of a knot table has its own scale, because the sizes of rows differ by far,
# most of all among the rows of one feature.
KNOT_TABLE_AXIS = 1

# Type of the biases for each type of the weights.
BIAS_DTYPES = {"int8": "float32", "float16": "float16", "float32": "float32"}

# Bits that are kept of the mantissa of a scale. Products of a scale and an integer of
# 7 bits are then exact, so that rounding a rounded array again changes nothing.
_SCALE_BITS = 16
_LARGEST_INT8 = 127


def quantize(weights, dtype, axis=0):
    """Round weights to a type.

    Integers of 8 bits have one scale for each column, or for each row. A weight is its
    integer times the scale. The scale maps the largest weight there to 127.

    Parameters
    ----------
    weights : ndarray of shape (n_rows, n_columns), float32
    dtype : {"int8", "float16", "float32"}
    axis : {0, 1}, default=0
        Axis along which weights share a scale: 0 for one scale a column, 1 for one
        scale a row.

    Returns
    -------
    stored : ndarray of shape (n_rows, n_columns)
        Values of the type. A float32 array is returned as it is.
    scale : ndarray of shape (1, n_columns) or (n_rows, 1), float32, or None
        Scales of integers. None for floats.
    """
    if dtype != "int8":
        with np.errstate(over="ignore"):
            return weights.astype(dtype, copy=False), None
    largest = np.abs(weights).max(axis=axis, keepdims=True, initial=0.0)
    largest = largest.astype(np.float64)
    mantissa, exponent = np.frexp(largest / _LARGEST_INT8)
    mantissa = np.ceil(mantissa * 2.0**_SCALE_BITS) / 2.0**_SCALE_BITS
    scale = np.ldexp(mantissa, exponent).astype(np.float32)
    # A smaller scale is below the normal range and has too few bits.
    scale[scale < np.finfo(np.float32).tiny] = 1.0
    return np.rint(weights / scale).astype(np.int8), scale


def restore(stored, scale):
    """Return the float32 weights that stored values and scales stand for."""
    weights = stored.astype(np.float32)
    with np.errstate(over="ignore"):
        return weights if scale is None else weights * scale
