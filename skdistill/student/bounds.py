"""The size of raw values up to which no sum of a student overflows.

Beyond it, the order of a sum decides whether it becomes infinite, NaN or a number.
"""

from typing import Any

import numpy as np

from skdistill.tables.read import GREATEST

# Limit of a student whose sums may overflow for any row.
NO_LIMIT = -1.0

_BOUNDED = ("tanh", "logistic")


def greatest_value(student: Any) -> float:
    """Return the size of raw values up to which no sum overflows, in any order.

    Parameters
    ----------
    student : Student
        With an input code, coded values are bounded, however large the raw ones are.

    Returns
    -------
    limit : float
        Greatest size of a raw value. `NO_LIMIT` if sums may overflow for any row.
    """
    coefs = student.coefs_
    limit = float(np.finfo(np.float32).max)
    if student.is_sum_of_curves:
        return limit  # It adds up in double precision.
    with np.errstate(all="ignore"):
        # The size of a sum is at most `fixed` plus `factor` times that of a raw value.
        fixed, factor = _first_layer(coefs[0], student.input_code, student.knot_table_)
        for layer, bias in enumerate(student.intercepts_):
            fixed = fixed + np.abs(bias.astype(np.float64))
            limits = np.where(
                factor > 0,
                (GREATEST - fixed) / factor,
                np.where(fixed <= GREATEST, np.inf, NO_LIMIT),
            )
            limit = min(limit, float(limits.min()))
            if layer + 1 < len(coefs):
                weights = np.abs(coefs[layer + 1].astype(np.float64))
                if student.activation in _BOUNDED:
                    fixed, factor = np.ones_like(fixed), np.zeros_like(factor)
                # The other activations make no value larger.
                fixed, factor = fixed @ weights, factor @ weights
    return limit if limit >= 0 else NO_LIMIT


def _first_layer(weights, code, table):
    """Return bounds of the first layer's sums without its biases."""
    sizes = np.abs(weights.astype(np.float64))
    if code is None:
        return np.zeros(weights.shape[1]), sizes.sum(axis=0)
    ends = np.stack([code.low, code.high]).astype(np.float64) - code.mean
    fixed = (np.abs(ends).max(axis=0) / code.scale) @ sizes
    if len(table):
        fixed = fixed + np.maximum.reduceat(
            np.abs(table.astype(np.float64)), code.starts
        ).sum(axis=0)
    return fixed, np.zeros(weights.shape[1])
