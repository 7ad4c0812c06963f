"""The hidden activations: their numbers, and all but ReLU itself.

The product applies ReLU.
"""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.elementary import (
    exponential,
    hyperbolic_tangent,
    scaled_exponential,
)
from skdistill.kernels.instructions.matrix import span

RELU = 0
TANH = 1
LOGISTIC = 2
SILU = 3

# Numbers of the activations by the names that users write.
ACTIVATION_NUMBERS = {
    "relu": RELU,
    "tanh": TANH,
    "logistic": LOGISTIC,
    "silu": SILU,
}

_ONE = np.float32(1.0)

# Below the first sum, SiLU is computed with numbers that are scaled by 2**-64, because
# its logistic factor nears the least normal number. Below the second, SiLU is zero.
_SCALED_BELOW = np.float32(-80.0)
_ZERO_BELOW = np.float32(-112.0)
_SHIFT = np.int32(64)
_NO_SHIFT = np.int32(0)
_SCALE = np.float32(2.0**-64)


@kernel(reassociate=False)
def _scaled_product(x, y, scale):
    """Return x * y * scale; y * scale alone may be too small for a normal number."""
    return (x * scale) * y


@kernel
def activate(activation, values, slopes, rows, units, width):
    """Replace sums by activations, and store the derivatives.

    The derivative of SiLU, x * logistic(x) (Elfwing, Uchibe and Doya 2018), cannot be
    computed from its value. For this reason derivatives are stored.

    Parameters
    ----------
    activation : {TANH, LOGISTIC, SILU}
    values : ndarray of shape (rows * width,)
        Sums at the call, activations after it. The padding of a row, its last
        ``width - units`` values, does not change.
    slopes : ndarray of shape (rows * width,)
        Derivatives, written here.
    rows, units, width : int
        Number of rows, length of a row without padding, and length with it.
    """
    for row in range(rows):
        value = span(values, row * width, units)
        slope = span(slopes, row * width, units)
        if activation == TANH:
            for i in range(units):
                y = hyperbolic_tangent(value[i])
                value[i] = y
                slope[i] = _ONE - y * y
        elif activation == LOGISTIC:
            for i in range(units):
                y = _ONE / (_ONE + exponential(-value[i]))
                value[i] = y
                slope[i] = y * (_ONE - y)
        else:
            for i in range(units):
                x = value[i]
                # The comparisons are false for NaN, so that NaN stays.
                x = _ZERO_BELOW if x < _ZERO_BELOW else x
                scaled = x < _SCALED_BELOW
                scale = _SCALE if scaled else _ONE
                power = scaled_exponential(-x, _SHIFT if scaled else _NO_SHIFT)
                y = _ONE / (scale + power)
                value[i] = _scaled_product(x, y, scale)
                y = y * scale
                slope[i] = y * (_ONE + x * (_ONE - y))
