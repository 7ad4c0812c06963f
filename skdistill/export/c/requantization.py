"""From the sums of a layer to activations of 8 bits, and from the last to logits."""

import math
from typing import NamedTuple

import numpy as np

from skdistill.student.forward import NUMPY_ACTIVATIONS

LARGEST_ACTIVATION = 255

MULTIPLIER_BITS = 30
LARGEST_SHIFT = 62
_LARGEST_SUM = 2**31 - 1

# An activation that is not piecewise linear is a table of 128 sections. Each section
# has 256 steps, between which the table is interpolated.
_SECTIONS = 128
_STEPS = 256
# Beyond this sum a sigmoid no longer changes.
_SATURATION = 8.0

# Logits are to base 2, in fractions of 2**-12.
_LOGIT_BITS = 12
_LOGIT_UNIT = math.log(2.0) / 2**_LOGIT_BITS

# Activations in a smaller range count as equal.
_LEAST_RANGE = 1e-9


class Requantization(NamedTuple):
    """How the sums of a layer become activations.

    For relu an activation is ``(max(sum, 0) * multiplier) >> shift``.

    Attributes
    ----------
    multiplier : ndarray of shape (n_units,), uint32
    shift : int
    origin : ndarray of shape (n_units,), int32, or None
        Sum at the beginning of the table. None without a table.
    table : ndarray of shape (129,), uint16, or None
        Activations times 256.
    """

    multiplier: np.ndarray
    shift: int
    origin: np.ndarray | None = None
    table: np.ndarray | None = None


def requantize_activation(name, span, unit):
    """Return how sums become activations of 8 bits.

    An integer i stands for the activation ``least + step * i``.

    Parameters
    ----------
    name : str
        Name of the activation.
    span : tuple of float
        Least and greatest sum.
    unit : ndarray of shape (n_units,)
        Value of a sum of 1.

    Returns
    -------
    requantization : Requantization
    step : float
    least : float
    """
    if name == "relu":
        step = span[1] / LARGEST_ACTIVATION if span[1] > 0 else 1.0
        return Requantization(*_multipliers(unit / step)), step, 0.0
    low, high = span
    if name in ("tanh", "logistic"):
        low, high = (min(max(end, -_SATURATION), _SATURATION) for end in span)
    high = max(high, low + 1e-3)
    values = NUMPY_ACTIVATIONS[name](np.linspace(low, high, _SECTIONS + 1))
    least = float(values.min())
    step = max(float(values.max() - least), _LEAST_RANGE) / LARGEST_ACTIVATION
    table = np.rint((values - least) / step * 256).astype(np.uint16)
    multiplier, shift = _multipliers(unit / (high - low) * _SECTIONS * _STEPS)
    # The sums of the given rows fit in 32 bits, and so does the origin after this.
    origin = np.clip(np.rint(low / unit), -_LARGEST_SUM, _LARGEST_SUM).astype(np.int32)
    return Requantization(multiplier, shift, origin, table), step, least


def requantize_logits(unit, largest_sum):
    """Return how the sums of the last layer become logits.

    Parameters
    ----------
    unit : ndarray of shape (n_units,)
        Value of a sum of 1.
    largest_sum : int
        Bound of the absolute value of all sums.

    Returns
    -------
    requantization : Requantization

    Raises
    ------
    ValueError
        If a logit may not fit in 32 bits.
    """
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
    shift = MULTIPLIER_BITS - int(np.frexp(factors.max())[1])
    shift = min(max(shift, 1), LARGEST_SHIFT)
    multipliers = np.rint(np.ldexp(factors, shift))
    # A greater multiplier would also give more than the greatest activation.
    return np.minimum(multipliers, 2.0**31).astype(np.uint32), shift
