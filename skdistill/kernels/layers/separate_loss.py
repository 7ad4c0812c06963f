"""Losses in which each output unit counts by itself: of numbers, and of label sets.

The signature and the folded targets are those of `skdistill.kernels.layers.loss`.
"""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.matrix import row
from skdistill.kernels.instructions.vector import take_wide_vectors

_ZERO = np.float32(0.0)
_HALF = np.float32(0.5)


@kernel
def squared_error_gradient(logits, targets, scratch, sums, rows, temperature, scale):
    """Compute the squared errors of numbers to the teacher's and to the labels.

    The loss of a row is ``s / 2 * |z - v|**2 + h / 2 * |z - y|**2``. Its gradient is
    ``(s + h) * z - t``. The temperature is not used. The parameters are those of
    `skdistill.kernels.layers.loss.kl_gradient`.

    Returns
    -------
    float
        Sum over the rows of ``(s + h) / 2 * |z|**2 - t @ z`` and the constant.
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
            pull = weight[i] * z[i]
            total += (_HALF * pull - t[i]) * z[i]
            z[i] = (pull - t[i]) * scale
    return total
