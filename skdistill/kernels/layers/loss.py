"""Losses of a batch and their gradients by the logits.

Both have a row for each class: ``logits[c, i]`` is the logit of class c in row i of the
batch. Targets are folded in advance, so that one array serves the soft and the hard
term. Let s be the soft weight, h the hard weight, q the teacher's probabilities, v its
logits, and o the indicator of the label. The targets of a row are then
``t = s * T * q + h * o`` for the divergence, and ``t = s * v + h * o`` for the squared
error. The array has k rows of targets. Below them come a row of soft weights, a row of
hard weights, and a row of constants. The constant is the part of a row's loss that
depends on the targets alone.

Label sets have ``t = s * q + h * o``, with a probability q and an indicator o for each
label. Losses of numbers have 2 k rows of targets: first the k rows of the teacher's
numbers v, then the k rows y of the label, which may hold anything where h is zero.

A loss takes ``(logits, targets, scratch, sums, rows, temperature, scale)``, or those of
them that it needs. It replaces the logits by the gradient of ``scale`` times the summed
loss, and returns the summed loss.
"""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.elementary import exponential, logarithm
from skdistill.kernels.instructions.matrix import fill, row
from skdistill.kernels.instructions.vector import take_wide_vectors

KL = 0
LOGIT_MSE = 1
SQUARED_ERROR = 2
BINARY = 3
HUBER = 4
ABSOLUTE_ERROR = 5
PINBALL = 6

# Losses of numbers.
OF_NUMBERS = (SQUARED_ERROR, HUBER, ABSOLUTE_ERROR, PINBALL)

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_HALF = np.float32(0.5)


def n_target_rows(loss, n_outputs):
    """Return the number of rows of targets, which is that of columns in a record.

    Parameters
    ----------
    loss : int
        Number of the loss.
    n_outputs : int
        Number of soft targets.

    Returns
    -------
    n_rows : int
    """
    return 2 * n_outputs if loss in OF_NUMBERS else n_outputs


@kernel
def _row_maxima(logits, maxima, rows):
    """Find the greatest logit of each row."""
    fill(maxima, np.float32(-np.inf))
    for c in range(logits.shape[0]):
        z = row(logits, c, rows)
        for i in range(rows):
            maxima[i] = z[i] if z[i] > maxima[i] else maxima[i]


@kernel
def kl_gradient(logits, targets, scratch, sums, rows, temperature, scale):
    """Compute the Kullback-Leibler divergence at a temperature, and cross-entropy.

    The loss of a row is ``s * T**2 * KL(q || softmax(z / T)) + h * CE(o, z)`` (Hinton,
    Vinyals and Dean 2015). Its gradient is
    ``s * T * softmax(z / T) + h * softmax(z) - t``. Sums are formed of ``z - max(z)``.
    The maximum would cancel anyway, but it would leave rounding errors of its size.

    Parameters
    ----------
    logits : ndarray of shape (k, >= rows)
        Logits, replaced by the gradient.
    targets : ndarray of shape (>= k + 3, >= rows)
        Folded targets, soft weights, hard weights, constants.
    scratch : ndarray of shape (>= k, >= rows)
        Buffer.
    sums : ndarray of shape (3, >= rows)
        Buffer.
    rows : int
        Number of rows in the batch.
    temperature : float
        Temperature T.
    scale : float
        Factor of the gradient: one over the size of the batch.

    Returns
    -------
    float
        Sum over the rows of ``s * T**2 * lme(z / T) + h * lme(z) - t @ z`` and the
        constant. Here lme is the logarithm of the mean of the exponentials. With the
        logarithm of their sum, T**2 * log(k) would remain. At high temperatures this is
        so large that small losses would be lost in rounding.
    """
    take_wide_vectors()
    classes = logits.shape[0]
    share = _ONE / np.float32(classes)
    maxima, sum_1, sum_t = row(sums, 0, rows), row(sums, 1, rows), row(sums, 2, rows)
    soft, hard = row(targets, classes, rows), row(targets, classes + 1, rows)
    constant = row(targets, classes + 2, rows)
    _row_maxima(logits, maxima, rows)
    total = _ZERO
    fill(sum_1, _ZERO)
    if temperature == _ONE:
        for c in range(classes):
            z, t = row(logits, c, rows), row(targets, c, rows)
            for i in range(rows):
                shifted = z[i] - maxima[i]
                total -= t[i] * shifted
                z[i] = exponential(shifted)
                sum_1[i] += z[i]
        for i in range(rows):
            weight = soft[i] + hard[i]
            total += weight * logarithm(sum_1[i] * share) + constant[i]
            sum_1[i] = weight * scale / sum_1[i]
        for c in range(classes):
            z, t = row(logits, c, rows), row(targets, c, rows)
            for i in range(rows):
                z[i] = z[i] * sum_1[i] - t[i] * scale
        return total

    # At a temperature of two, exp(z) is the square of exp(z / T).
    is_two = temperature == _TWO
    inverse = _ONE / temperature
    fill(sum_t, _ZERO)
    for c in range(classes):
        z, e, t = row(logits, c, rows), row(scratch, c, rows), row(targets, c, rows)
        if is_two:
            for i in range(rows):
                shifted = z[i] - maxima[i]
                total -= t[i] * shifted
                z[i] = exponential(shifted * inverse)
                sum_1[i] += z[i] * z[i]
                sum_t[i] += z[i]
        else:
            for i in range(rows):
                shifted = z[i] - maxima[i]
                total -= t[i] * shifted
                e[i] = exponential(shifted)
                z[i] = exponential(shifted * inverse)
                sum_1[i] += e[i]
                sum_t[i] += z[i]
    for i in range(rows):
        total += hard[i] * logarithm(sum_1[i] * share) + constant[i]
        total += soft[i] * temperature * temperature * logarithm(sum_t[i] * share)
        sum_1[i] = hard[i] * scale / sum_1[i]
        sum_t[i] = soft[i] * temperature * scale / sum_t[i]
    for c in range(classes):
        z, e, t = row(logits, c, rows), row(scratch, c, rows), row(targets, c, rows)
        if is_two:
            for i in range(rows):
                z[i] = z[i] * (sum_t[i] + z[i] * sum_1[i]) - t[i] * scale
        else:
            for i in range(rows):
                z[i] = z[i] * sum_t[i] + e[i] * sum_1[i] - t[i] * scale
    return total


@kernel
def logit_mse_gradient(logits, targets, scratch, sums, rows, temperature, scale):
    """Compute the squared error of logits (Ba and Caruana 2014), and cross-entropy.

    The loss of a row is ``s / 2 * |z - v|**2 + h * CE(o, z)``. Its gradient is
    ``s * z + h * softmax(z) - t``. The temperature is not used. The parameters are
    those of `kl_gradient`.

    Returns
    -------
    float
        Sum over the rows of ``s / 2 * |z|**2 + h * lse(z) - t @ z`` and the constant.
        Here lse is the logarithm of the sum of the exponentials.
    """
    take_wide_vectors()
    classes = logits.shape[0]
    maxima, sum_1 = row(sums, 0, rows), row(sums, 1, rows)
    soft, hard = row(targets, classes, rows), row(targets, classes + 1, rows)
    constant = row(targets, classes + 2, rows)
    _row_maxima(logits, maxima, rows)
    total = _ZERO
    fill(sum_1, _ZERO)
    for c in range(classes):
        z, e, t = row(logits, c, rows), row(scratch, c, rows), row(targets, c, rows)
        for i in range(rows):
            e[i] = exponential(z[i] - maxima[i])
            sum_1[i] += e[i]
            total += (_HALF * soft[i] * z[i] - t[i]) * z[i]
    for i in range(rows):
        total += hard[i] * (logarithm(sum_1[i]) + maxima[i]) + constant[i]
        sum_1[i] = hard[i] / sum_1[i]
    for c in range(classes):
        z, e, t = row(logits, c, rows), row(scratch, c, rows), row(targets, c, rows)
        for i in range(rows):
            z[i] = scale * (soft[i] * z[i] + e[i] * sum_1[i] - t[i])
    return total
