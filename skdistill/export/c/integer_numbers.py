"""From the sums of the last layer to numbers of 32 bits in fixed point."""

from typing import NamedTuple

import numpy as np

from skdistill.export.c.requantization import LARGEST_SHIFT, MULTIPLIER_BITS
from skdistill.student.outputs import Numbers

# A number in fixed point is below 2**30 in size.
_NUMBER_BITS = 30
_MOST_BITS = 120
_GREATEST = 2.0 ** (_NUMBER_BITS + _MOST_BITS)

# Greatest step between two numbers, in deviations. Activations of 8 bits make greater
# errors.
_GREATEST_STEP = 1e-3


class NumberRequantization(NamedTuple):
    """How the sums of the last layer become numbers.

    The number v is the integer ``mean + ((sum * multiplier) >> shift)``, clipped to the
    range ``low`` to ``high``. It stands for ``v * 2**-bits``.

    Attributes
    ----------
    multiplier : ndarray of shape (n_numbers,), uint32
    shift : ndarray of shape (n_numbers,), uint8
    mean, low, high : ndarray of shape (n_numbers,), int32
    bits : ndarray of shape (n_numbers,), int8
    """

    multiplier: np.ndarray
    shift: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    bits: np.ndarray


def requantize_numbers(
    output: Numbers, unit: np.ndarray, largest_sum: int
) -> NumberRequantization:
    """Return how the sums of the last layer become numbers.

    Parameters
    ----------
    output : Numbers
    unit : ndarray of shape (n_numbers,)
        Deviations of a sum of 1.
    largest_sum : int
        Bound of the absolute value of all sums.

    Returns
    -------
    requantization : NumberRequantization

    Raises
    ------
    ValueError
        If a number may be beyond the fixed point, or if integers of 32 bits cannot
        tell numbers apart that lie a thousandth of their deviation from each other.
    """
    reach = output.scale * unit * largest_sum
    low = np.maximum(output.low, output.mean - reach)
    high = np.minimum(output.high, output.mean + reach)
    # A range that the sums do not reach has one number.
    low, high = np.minimum(low, output.high), np.maximum(high, output.low)
    greatest = np.abs([low, high, output.mean]).max(axis=0)
    if not (greatest < _GREATEST).all():
        place = np.argmax(greatest)
        raise ValueError(
            f"number {place} may be {greatest[place]:.4g}, and the header holds "
            f'numbers up to {_GREATEST:.4g}: export the student with arithmetic="float"'
        )
    bits = np.clip(_NUMBER_BITS - np.frexp(greatest)[1], -_MOST_BITS, _MOST_BITS)
    if output.are_sorted:
        bits[:] = bits.min()  # Integers of one scale can be compared.
    coarse = np.flatnonzero(np.ldexp(1.0, -bits) > _GREATEST_STEP * output.scale)
    if coarse.size:
        place = coarse[0]
        raise ValueError(
            f"number {place} may be {greatest[place]:.4g} with a deviation of "
            f"{output.scale[place]:.4g}, and integers of 32 bits are "
            f"{2.0 ** -bits[place]:.4g} apart there: export the student with "
            'arithmetic="float"'
        )
    factors = output.scale * unit * np.ldexp(1.0, bits)
    shift = np.clip(MULTIPLIER_BITS - np.frexp(factors)[1], 1, LARGEST_SHIFT)
    multiplier = np.minimum(np.rint(np.ldexp(factors, shift)), 2.0**31)
    mean, low, high = (
        np.rint(np.ldexp(values, bits)).astype(np.int32)
        for values in (output.mean, low, high)
    )
    return NumberRequantization(
        multiplier.astype(np.uint32),
        shift.astype(np.uint8),
        mean,
        low,
        high,
        bits.astype(np.int8),
    )
