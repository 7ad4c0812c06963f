"""Hidden activations other than ReLU, which the product itself applies."""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.elementary import exponential, hyperbolic_tangent
from skdistill.kernels.instructions.matrix import part

RELU = 0
TANH = 1
LOGISTIC = 2
SILU = 3

_ONE = np.float32(1.0)


@kernel
def activate(activation, values, slopes, rows, units, width):
    """Replace sums by activations and note the activation's derivatives.

    The derivative is noted because that of SiLU, x * logistic(x) (Elfwing,
    Uchibe and Doya 2018), does not follow from its value.

    Parameters
    ----------
    activation : {TANH, LOGISTIC, SILU}
    values : ndarray of shape (rows * width,)
        Sums on entry, activations on return. The padding of a row, its last
        ``width - units`` values, stays as it is.
    slopes : ndarray of shape (rows * width,)
        Receives the derivatives.
    rows, units, width : int
        Rows, and used and padded length of a row.
    """
    for row in range(rows):
        value = part(values, row * width, units)
        slope = part(slopes, row * width, units)
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
                y = _ONE / (_ONE + exponential(-x))
                value[i] = x * y
                slope[i] = y * (_ONE + x * (_ONE - y))
