"""Weights in fewer bits: what a student's file holds, and what it stands for."""

import numpy as np

# Types of stored weights, the smallest first.
WEIGHT_DTYPES = ("int8", "float16", "float32")

# The rows of a knot table differ in size by far, those of one feature most of all.
KNOT_TABLE_AXIS = 1

# Of biases, by the type of the weights.
BIAS_DTYPES = {"int8": "float32", "float16": "float16", "float32": "float32"}

# Of a scale so many bits of the mantissa are kept: its products with integers
# of 7 bits are then exact, and rounding a rounded array changes nothing.
_SCALE_BITS = 16
_LARGEST_INT8 = 127


def quantize(weights, dtype, axis=0):
    """Round weights to a type.

    Integers of 8 bits have one scale a column, or a row: the weight is the
    integer times the scale, which maps the largest weight there to 127.

    Parameters
    ----------
    weights : ndarray of shape (n_rows, n_columns), float32
    dtype : {"int8", "float16", "float32"}
    axis : {0, 1}, default=0
        Along which weights share a scale: 0 for one a column, 1 for one a row.

    Returns
    -------
    stored : ndarray of shape (n_rows, n_columns)
        Of the type.
    scale : ndarray of shape (1, n_columns) or (n_rows, 1), float32, or None
        For integers.
    """
    if dtype != "int8":
        with np.errstate(over="ignore"):
            return weights.astype(dtype, copy=False), None
    largest = np.abs(weights).max(axis=axis, keepdims=True, initial=0.0)
    largest = largest.astype(np.float64)
    mantissa, exponent = np.frexp(largest / _LARGEST_INT8)
    mantissa = np.ceil(mantissa * 2.0**_SCALE_BITS) / 2.0**_SCALE_BITS
    scale = np.ldexp(mantissa, exponent).astype(np.float32)
    # Below it a scale has too few bits.
    scale[scale < np.finfo(np.float32).tiny] = 1.0
    return np.rint(weights / scale).astype(np.int8), scale


def restore(stored, scale):
    """Return the float32 weights that `quantize` rounded to."""
    weights = stored.astype(np.float32)
    with np.errstate(over="ignore"):
        return weights if scale is None else weights * scale
