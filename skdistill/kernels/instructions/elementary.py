"""Exponential, logarithm and hyperbolic tangent that the compiler vectorises.

The compiled forms are polynomials in float32. Their results are a few units in the
last place from the exact values, in the ranges that a loss needs. The coefficients are
those of the Cephes library (Moshier 1989).
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from skdistill.kernels.compiler.compilation import compiled_form, kernel

_LOG2_E = np.float32(1.4426950408889634)
# The sum of these two is log(2). The first has few bits, so that its multiples are
# exact.
_LOG_2_HIGH = np.float32(0.693359375)
_LOG_2_LOW = np.float32(-2.12194440e-4)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_ZERO = np.float32(0.0)
_SQRT_HALF = np.float32(0.70710678)

_MANTISSA_BITS = np.int32(23)
_EXPONENT_BIAS = np.int32(127)
# If this number is added to a float, the float is rounded to an integer, which then
# stands in the last bits of the sum.
_ROUNDING = np.float32(1.5 * 2**23)
_EXPONENT_MASK = np.int32(255)
_MANTISSA_MASK = np.int32(0x7FFFFF)
_HALF_BITS = np.int32(0x3F000000)


def exponential(x):
    """Return e**x; the compiled form limits x to [-87, 88]."""
    return np.exp(x)


def scaled_exponential(x, shift):
    """Return e**x / 2**shift; the compiled form takes x up to 112 + log(2) * shift.

    It limits x to -87 and more. NaN gives NaN.
    """
    return np.exp(x) / 2.0**shift


def logarithm(x):
    """Return log(x); the compiled form needs a positive, normal number."""
    return np.log(x)


def hyperbolic_tangent(x):
    """Return tanh(x)."""
    return np.tanh(x)


@intrinsic
def _bits(typing_context, value):
    """Read the bits of a float32 as an int32."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.int32(types.float32), generate


@intrinsic
def _from_bits(typing_context, value):
    """Read the bits of an int32 as a float32."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), generate


@kernel(reassociate=False)
def _exponential_polynomial(x):
    x = min(max(x, np.float32(-87.0)), np.float32(88.0))
    return _power(x, _EXPONENT_BIAS)


@kernel(reassociate=False)
def _power(x, bias):
    """Return e**x, divided by a power of two if the bias of its exponent is less."""
    rounded = x * _LOG2_E + _ROUNDING
    power = rounded - _ROUNDING
    rest = x - power * _LOG_2_HIGH
    rest = rest - power * _LOG_2_LOW
    y = np.float32(1.9875691500e-4) * rest + np.float32(1.3981999507e-3)
    y = y * rest + np.float32(8.3334519073e-3)
    y = y * rest + np.float32(4.1665795894e-2)
    y = y * rest + np.float32(1.6666665459e-1)
    y = y * rest + np.float32(5.0000001201e-1)
    y = y * rest * rest + rest + _ONE
    return y * _from_bits((_bits(rounded) + bias) << _MANTISSA_BITS)


@kernel(reassociate=False)
def _scaled_polynomial(x, shift):
    # The comparison is false for NaN, so that NaN stays.
    x = np.float32(-87.0) if x < np.float32(-87.0) else x
    return _power(x, _EXPONENT_BIAS - shift)


@kernel(reassociate=False)
def _logarithm_polynomial(x):
    bits = _bits(x)
    exponent = ((bits >> _MANTISSA_BITS) & _EXPONENT_MASK) - (
        _EXPONENT_BIAS - np.int32(1)
    )
    mantissa = _from_bits((bits & _MANTISSA_MASK) | _HALF_BITS)
    below = mantissa < _SQRT_HALF
    power = np.float32(exponent) - (_ONE if below else _ZERO)
    rest = mantissa + (mantissa if below else _ZERO) - _ONE
    square = rest * rest
    y = np.float32(7.0376836292e-2) * rest - np.float32(1.1514610310e-1)
    y = y * rest + np.float32(1.1676998740e-1)
    y = y * rest - np.float32(1.2420140846e-1)
    y = y * rest + np.float32(1.4249322787e-1)
    y = y * rest - np.float32(1.6668057665e-1)
    y = y * rest + np.float32(2.0000714765e-1)
    y = y * rest - np.float32(2.4999993993e-1)
    y = y * rest + np.float32(3.3333331174e-1)
    y = y * rest * square + power * _LOG_2_LOW - _HALF * square
    return rest + y + power * _LOG_2_HIGH


@compiled_form(exponential)
def _exponential_form():
    def vectorisable(x):
        return _exponential_polynomial(x)

    return vectorisable


@compiled_form(scaled_exponential)
def _scaled_form():
    def vectorisable(x, shift):
        return _scaled_polynomial(x, shift)

    return vectorisable


@compiled_form(logarithm)
def _logarithm_form():
    def vectorisable(x):
        return _logarithm_polynomial(x)

    return vectorisable


@kernel(reassociate=False)
def _hyperbolic_tangent_polynomial(x):
    square = x * x
    y = np.float32(-5.70498872745e-3) * square + np.float32(2.06390887954e-2)
    y = y * square - np.float32(5.37397155531e-2)
    y = y * square + np.float32(1.33314422036e-1)
    y = y * square - np.float32(3.33332819422e-1)
    near_zero = y * square * x + x
    size = abs(x)
    large = _ONE - _TWO / (_exponential_polynomial(_TWO * size) + _ONE)
    large = -large if x < _ZERO else large
    return near_zero if size < np.float32(0.625) else large


@compiled_form(hyperbolic_tangent)
def _hyperbolic_tangent_form():
    def vectorisable(x):
        return _hyperbolic_tangent_polynomial(x)

    return vectorisable
