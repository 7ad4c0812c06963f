"""AdamW (Loshchilov and Hutter 2019) in one pass over the flat weights."""

import numpy as np

from skdistill.kernels.compilation import kernel

BETA_1 = 0.9
BETA_2 = 0.95
EPSILON = 1e-8

# Below this a moment or a weight is set to zero: a number that decays further
# becomes denormal, and arithmetic on those takes many times as long.
NEGLIGIBLE = np.float32(1e-30)


@kernel
def adamw_step(weights, gradient, first_moment, second_moment, step_size, shrinkage):
    """Update weights in place.

    Parameters
    ----------
    weights, gradient, first_moment, second_moment : ndarray of shape (n,)
        `gradient` is read, the others are updated.
    step_size : float
        Learning rate, corrected for the moments' start at zero:
        ``learning_rate * sqrt(1 - BETA_2**t) / (1 - BETA_1**t)`` in step t.
    shrinkage : float
        What the weights are multiplied with first, ``1 - learning_rate *
        weight_decay``.
    """
    beta_1, rest_1 = np.float32(BETA_1), np.float32(1.0 - BETA_1)
    beta_2, rest_2 = np.float32(BETA_2), np.float32(1.0 - BETA_2)
    epsilon = np.float32(EPSILON)
    for i in range(weights.size):
        slope = gradient[i]
        first = beta_1 * first_moment[i] + rest_1 * slope
        second = beta_2 * second_moment[i] + rest_2 * slope * slope
        # Comparisons that are false for NaN, which must not become zero.
        first = np.float32(0.0) if abs(first) < NEGLIGIBLE else first
        second = np.float32(0.0) if second < NEGLIGIBLE else second
        first_moment[i] = first
        second_moment[i] = second
        weight = shrinkage * weights[i] - step_size * first / (
            np.sqrt(second) + epsilon
        )
        weights[i] = np.float32(0.0) if abs(weight) < NEGLIGIBLE else weight
