"""Whether single precision holds the numbers that a student answers."""

import numpy as np

from skdistill.student.outputs import Numbers

# Greatest error that single precision may add, in deviations of the target. It is half
# of the difference that `verify` accepts.
_GREATEST_ERROR = 5e-6

# Without a range, numbers count up to this number of deviations from the mean.
_FAR = 10.0

# Numbers and deviations of single precision beyond these limits lose digits.
_GREATEST, _LEAST = 1e37, 1e-30


def suits_single(output: Numbers, n_roundings: int) -> bool:
    """Tell whether numbers of single precision are near enough to the student's.

    A year such as 2024 with a deviation of 3 years does not suit, since neighbouring
    numbers of single precision are 0.00012 years apart there.

    Parameters
    ----------
    output : Numbers
    n_roundings : int
        How often a number is rounded to single precision while it is computed.

    Returns
    -------
    suits : bool
    """
    with np.errstate(over="ignore"):
        far = np.abs(output.mean) + _FAR * output.scale
    ends = np.array([output.low, output.high])
    sizes = np.where(np.isfinite(ends), np.abs(ends), far).max(axis=0)
    sizes = np.maximum(sizes, np.abs(output.mean))
    errors = n_roundings * sizes * 2.0**-24
    fits = (sizes < _GREATEST) & (output.scale > _LEAST)
    return bool((fits & (errors <= _GREATEST_ERROR * output.scale)).all())
