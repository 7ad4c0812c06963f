"""The network in NumPy alone: where Numba is absent, and for a few rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Rows whose knots are looked up at once: bounds the memory for them.
_BLOCK_ROWS = 1024


def _relu(x):
    return np.maximum(x, np.float32(0.0))


def _logistic(x):
    with np.errstate(over="ignore"):
        return np.float32(1.0) / (np.float32(1.0) + np.exp(-x))


def _silu(x):
    return x * _logistic(x)


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
        Numbers, then codes.
    coefs : list of ndarray of shape (n_inputs, n_outputs)
    intercepts : list of ndarray of shape (n_outputs,)
    activation : str
        Of the hidden layers.
    starts : ndarray of shape (n_codes,), int, default=None
        First row of each code in the knot table.
    knot_table : ndarray of shape (n_table_rows, n_outputs), default=None
        Of the first layer; None where there are no codes.

    Returns
    -------
    logits : ndarray of shape (n_rows, n_outputs)
        Not checked to be finite.
    """
    activate = NUMPY_ACTIVATIONS[activation]
    n_inputs = coefs[0].shape[0]
    values = rows[:, :n_inputs]
    with np.errstate(over="ignore", invalid="ignore"):
        layers = zip(coefs, intercepts, strict=True)
        for layer, (weights, bias) in enumerate(layers):
            values = (activate(values) if layer else values) @ weights + bias
            if layer == 0 and knot_table is not None:
                for first in range(0, len(rows), _BLOCK_ROWS):
                    block = slice(first, first + _BLOCK_ROWS)
                    codes = rows[block, n_inputs:]
                    values[block] += _interpolate(codes, starts, knot_table)
    return values


def softmax(logits):
    """Return probabilities; a single logit is that of the second class."""
    if logits.shape[1] == 1:
        logits = np.hstack([np.zeros_like(logits), logits])
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def _interpolate(codes, starts, table):
    """Return what codes contribute to the first layer."""
    sums = np.zeros((codes.shape[0], table.shape[1]), dtype=np.float32)
    for start, code in zip(starts, codes.T, strict=True):
        place = code.astype(np.intp)
        fraction = (code - place)[:, np.newaxis]
        here = start + place
        # A code without a fraction lies on its row: the next is not read.
        beyond = here + (fraction[:, 0] > 0)
        sums += (1 - fraction) * table[here] + fraction * table[beyond]
    return sums
