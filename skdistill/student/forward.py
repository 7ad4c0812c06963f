"""Compute the network in NumPy alone, for a few rows or if Numba is absent."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Rows of codes that are looked up in the knot table at once. This limits the memory.
_BLOCK_ROWS = 1024

# The exponential of a greater number would make the probability a denormal number.
_GREATEST_EXPONENT = 87.0

# Sum from which on SiLU is computed in double precision.
_FAR_BELOW = np.float32(-80.0)


def _relu(x):
    return np.maximum(x, np.float32(0.0))


def _logistic(x):
    with np.errstate(over="ignore"):
        return np.float32(1.0) / (np.float32(1.0) + np.exp(-x))


def _silu(x):
    values = x * _logistic(x)
    far = x < _FAR_BELOW
    if far.any():
        # Here the logistic factor is too small for single precision. Below -200, the
        # product is too.
        wide = np.maximum(x[far], np.float32(-200.0)).astype(np.float64)
        values[far] = wide * np.exp(wide)
    return values


NUMPY_ACTIVATIONS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "relu": _relu,
    "tanh": np.tanh,
    "logistic": _logistic,
    "silu": _silu,
}


def compute_logits(rows, coefs, intercepts, activation, starts=None, knot_table=None):
    """Return the logits of encoded rows.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_inputs + n_codes)
        Rows to compute: numbers, then codes.
    coefs : list of ndarray of shape (n_inputs, n_outputs)
        Weights of each layer.
    intercepts : list of ndarray of shape (n_outputs,)
        Biases of each layer.
    activation : str
        Activation function of the hidden layers.
    starts : ndarray of shape (n_codes,), int, default=None
        First row of each code in the knot table.
    knot_table : ndarray of shape (n_table_rows, n_outputs), default=None
        Knot table of the first layer; None if there are no codes.

    Returns
    -------
    logits : ndarray of shape (n_rows, n_outputs)
        Logits, which may be infinite or NaN.
    """
    activate = NUMPY_ACTIVATIONS[activation]
    n_inputs = coefs[0].shape[0]
    values = rows[:, :n_inputs]
    with np.errstate(over="ignore", invalid="ignore"):
        layers = zip(coefs, intercepts, strict=True)
        for layer, (weights, bias) in enumerate(layers):
            values = _products(activate(values) if layer else values, weights) + bias
            if layer == 0 and knot_table is not None:
                for first in range(0, len(rows), _BLOCK_ROWS):
                    block = slice(first, first + _BLOCK_ROWS)
                    codes = rows[block, n_inputs:]
                    values[block] += _interpolate(codes, starts, knot_table)
    return values


def _products(values, weights):
    """Return the products of rows and weights, with NaN for infinities of both signs.

    A library that fuses products with sums may lose the infinity of a product.
    """
    sums = values @ weights
    for row in np.flatnonzero(np.isinf(sums).any(axis=1)):
        sums[row] = (values[row][:, np.newaxis] * weights).sum(axis=0)
    return sums


def softmax(logits):
    """Return the softmax of each row of logits.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)

    Returns
    -------
    probabilities : ndarray of shape (n_rows, n_classes)
    """
    with np.errstate(over="ignore"):
        # The difference of two huge logits is infinite, and its exponential 0.
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def logistic(logits):
    """Return the logistic function of logits. It rises with the logit.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_units), float32

    Returns
    -------
    probabilities : ndarray of shape (n_rows, n_units), float32
    """
    exponents = logits.astype(np.float64)
    exponents.clip(-_GREATEST_EXPONENT, _GREATEST_EXPONENT, out=exponents)
    return (1.0 / (1.0 + np.exp(-exponents))).astype(np.float32)


def _interpolate(codes, starts, table):
    """Return the contributions of codes to the first layer, summed for each row."""
    sums = np.zeros((codes.shape[0], table.shape[1]), dtype=np.float32)
    for start, code in zip(starts, codes.T, strict=True):
        index = code.astype(np.intp)
        fraction = (code - index)[:, np.newaxis]
        lower = start + index
        # A code without a fraction does not read the next row. Behind the last row
        # of a table there is none.
        upper = lower + (fraction[:, 0] > 0)
        sums += (1 - fraction) * table[lower] + fraction * table[upper]
    return sums
