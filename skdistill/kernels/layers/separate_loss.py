"""Losses in which each output unit counts by itself: of numbers, and of label sets.

Targets are folded as `skdistill.kernels.layers.loss` says.

One kernel serves all losses of numbers. A curve charges each error r of an output, to
the teacher's number and to that of the label. The slope of a curve is ``r / width``,
but at least `low` and at most `high`:

- A squared error has the width 1 and no limits.
- Huber's loss has the width 1, and its threshold as the limits.
- An absolute error has the limits -1 and 1, and the pinball loss of the quantile p has
  -p and 1 - p. Their slopes would jump at zero. With a width of `ROUNDED_WIDTH` they do
  not, and the losses are at most half of it below the exact ones.

Curves are an array, so that all losses, thresholds and quantiles share machine code.
"""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.elementary import exponential, logarithm
from skdistill.kernels.instructions.matrix import row
from skdistill.kernels.instructions.vector import take_wide_vectors
from skdistill.kernels.layers.loss import (
    ABSOLUTE_ERROR,
    HUBER,
    OF_NUMBERS,
    SQUARED_ERROR,
)

# Error at which the slope of an absolute error is one, in the unit of the targets.
ROUNDED_WIDTH = 1e-3

_SQUARE = (1.0, -np.inf, np.inf)

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_HALF = np.float32(0.5)


def error_curves(loss, threshold, quantiles, n_outputs, width=ROUNDED_WIDTH):
    """Return the curves that charge the errors of each output.

    Parameters
    ----------
    loss : int
        Number of the loss.
    threshold : float
        Threshold of Huber's loss.
    quantiles : sequence of float
        Quantile of each output, between 0 and 1, or one for all. Only the pinball loss
        needs them.
    n_outputs : int
    width : float, default=ROUNDED_WIDTH
        Width of absolute errors and of the pinball loss.

    Returns
    -------
    curves : ndarray of shape (n_outputs, 2, 3), float64
        Width, lowest and greatest slope of the soft term of each output, then those of
        the hard term. The array is empty if the loss has no curves.
    """
    if loss not in OF_NUMBERS:
        return np.zeros((0, 2, 3))
    curves = np.empty((n_outputs, 2, 3))
    if loss == SQUARED_ERROR:
        curves[...] = _SQUARE
    elif loss == HUBER:
        curves[...] = 1.0, -threshold, threshold
    elif loss == ABSOLUTE_ERROR:
        curves[...] = width, -1.0, 1.0
    else:
        levels = np.asarray(quantiles, dtype=np.float64)
        # The teacher answers the quantile itself.
        curves[:, 0] = _SQUARE
        curves[:, 1, 0] = width
        curves[:, 1, 1], curves[:, 1, 2] = -levels, 1.0 - levels
    return curves


@kernel
def binary_gradient(logits, targets, sums, rows, scale):
    """Compute the divergence and the cross-entropy of the labels of a set.

    The loss of a row is the sum over its outputs of
    ``s * KL(q || p) + h * CE(o, p)`` with ``p = 1 / (1 + exp(-z))``. Its gradient is
    ``(s + h) * p - t``.

    Parameters
    ----------
    logits : ndarray of shape (k, >= rows)
        Values of the output units, replaced by the gradient.
    targets : ndarray of shape (>= k + 3, >= rows)
        Folded targets, soft weights, hard weights, constants.
    sums : ndarray of shape (>= 1, >= rows)
        Buffer.
    rows : int
        Number of rows in the batch.
    scale : float
        Factor of the gradient: one over the size of the batch.

    Returns
    -------
    float
        Sum over the rows of ``(s + h) * log((1 + exp(z)) / 2) - t * z`` of all outputs,
        and the constant. Half the sum of the exponentials is taken, so that the
        constant is the loss of probabilities of one half.
    """
    take_wide_vectors()
    outputs = logits.shape[0]
    weight, soft = row(sums, 0, rows), row(targets, outputs, rows)
    hard, constant = row(targets, outputs + 1, rows), row(targets, outputs + 2, rows)
    total = _ZERO
    for i in range(rows):
        weight[i] = soft[i] + hard[i]
        total += constant[i]
    for c in range(outputs):
        z, t = row(logits, c, rows), row(targets, c, rows)
        for i in range(rows):
            is_positive = z[i] > _ZERO
            # The exponential of minus the size of a logit cannot overflow.
            e = exponential(-z[i] if is_positive else z[i])
            positive = z[i] if is_positive else _ZERO
            total += weight[i] * (logarithm((_ONE + e) * _HALF) + positive)
            total -= t[i] * z[i]
            p = (_ONE if is_positive else e) / (_ONE + e)
            z[i] = (weight[i] * p - t[i]) * scale
    return total


@kernel
def curve_gradient(numbers, targets, curves, rows, scale):
    """Compute losses of errors whose slopes have limits: see the head of this file.

    The loss of a row is the sum over its outputs of ``s * f(z - v) + h * g(z - y)``.
    The slope of a curve is ``c = min(max(r / width, low), high)``, and the curve itself
    is ``c * (r - width * c / 2)``.

    Parameters
    ----------
    numbers : ndarray of shape (k, >= rows)
        Values of the output units, replaced by the gradient.
    targets : ndarray of shape (>= 2 * k + 2, >= rows)
        Numbers of the teacher, numbers of the labels, soft weights, hard weights.
    curves : ndarray of shape (k, 2, 3)
        Width, lowest and greatest slope of f, then those of g.
    rows, scale
        Arguments of `binary_gradient`.

    Returns
    -------
    float
        Sum of the losses.
    """
    take_wide_vectors()
    outputs = numbers.shape[0]
    soft, hard = row(targets, 2 * outputs, rows), row(targets, 2 * outputs + 1, rows)
    total = _ZERO
    for c in range(outputs):
        z, v = row(numbers, c, rows), row(targets, c, rows)
        y = row(targets, outputs + c, rows)
        soft_width, hard_width = curves[c, 0, 0], curves[c, 1, 0]
        soft_low, soft_high = curves[c, 0, 1], curves[c, 0, 2]
        hard_low, hard_high = curves[c, 1, 1], curves[c, 1, 2]
        for i in range(rows):
            r = z[i] - v[i]
            f = r / soft_width
            # The comparisons are false for NaN, so that NaN stays.
            f = soft_low if f < soft_low else f
            f = soft_high if f > soft_high else f
            total += soft[i] * f * (r - _HALF * soft_width * f)
            r = z[i] - y[i]
            g = r / hard_width
            g = hard_low if g < hard_low else g
            g = hard_high if g > hard_high else g
            total += hard[i] * g * (r - _HALF * hard_width * g)
            z[i] = (soft[i] * f + hard[i] * g) * scale
    return total
