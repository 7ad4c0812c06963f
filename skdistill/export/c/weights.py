"""Weights in C: their definitions, and how loops read them.

In the sources below, ``@`` stands for the prefix of all names.
"""

import numpy as np

from skdistill.export.c.text import array, float_literals

# The bias of the exponent is 127 in single precision and 15 in half precision.
_BIAS = 127 - 15

# The code has no branch, so that compilers convert several weights at once.
HALF = """\
/* Returns 2^-112 times the number of half precision that has these bits. */
static inline float @_half(int16_t half)
{
    union { float number; uint32_t bits; } both;
    both.bits = (uint32_t)((int32_t)half * 8192) & 0x8fffe000u;
    return both.number;
}
"""

TYPES = {"float32": "float", "float16": "int16_t", "int8": "int8_t"}
_ELEMENTS = {"float32": "{0}[j]", "float16": "@_half({0}[j])", "int8": "(float){0}[j]"}


def define_weights(name, stored):
    """Yield the definitions of stored weights and of their scales."""
    if stored.dtype == "float16":
        raised = np.ldexp(stored.values, _raised_by(stored))
        yield array(f"@_{name}", raised.view(np.int16))
    else:
        yield array(f"@_{name}", stored.values)
    if stored.scales is not None:
        yield array(f"@_{name}_scale", stored.scales)


def element(name, dtype):
    """Return the expression of element j of stored weights, without its factor."""
    return _ELEMENTS[dtype].format(name)


def factor(stored):
    """Return the literal that all elements are multiplied by; empty for 1."""
    if stored.dtype != "float16":
        return ""
    return float_literals(np.ldexp(np.float32(1.0), _BIAS - _raised_by(stored)))[0]


def _raised_by(stored):
    """Return the exponent of the power of 2 by which float16 weights are multiplied.

    The greatest weight is then just below 2^15. So only a far smaller weight falls
    below the normal range, where processors are slow.
    """
    _, exponent = np.frexp(np.abs(stored.values).max(initial=0.0))
    return max(0, 15 - int(exponent))
