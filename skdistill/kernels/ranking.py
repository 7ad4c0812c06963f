"""The area under the ROC curve, for many random draws of the same rows."""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel


@kernel(cache=True, allocates=True)
def ranked_areas(weights, negatives, positives, below, up_to, areas):
    """Compute the area under the ROC curve with the weights of each draw.

    The weights of a row in all draws follow one another, so that a row is added to all
    draws at once.

    Parameters
    ----------
    weights : ndarray of shape (n_samples, n_draws)
        Weight of each row in each draw, in C order.
    negatives, positives : ndarray of int64
        Indices of the negative and of the positive rows, both in ascending order of the
        score.
    below, up_to : ndarray of shape (n_positives,), int64
        Number of negatives with a lower score than each positive, and number of
        negatives with a lower or equal score. Half of those with an equal score count
        as lower.
    areas : ndarray of shape (n_draws,)
        Result. It is NaN if no positive or no negative row has a weight.
    """
    n_draws = weights.shape[1]
    lower, no_higher = np.zeros(n_draws), np.zeros(n_draws)
    in_positives = np.zeros(n_draws)
    n_lower = n_no_higher = 0
    areas[:] = 0.0
    for index in range(positives.size):
        while n_lower < below[index]:
            _add(lower, weights, negatives[n_lower])
            n_lower += 1
        while n_no_higher < up_to[index]:
            _add(no_higher, weights, negatives[n_no_higher])
            n_no_higher += 1
        row = positives[index]
        for draw in range(n_draws):
            weight = weights[row, draw]
            areas[draw] += 0.5 * weight * (lower[draw] + no_higher[draw])
        _add(in_positives, weights, row)
    for index in range(n_no_higher, negatives.size):
        _add(no_higher, weights, negatives[index])
    for draw in range(n_draws):
        pairs = in_positives[draw] * no_higher[draw]
        areas[draw] = areas[draw] / pairs if pairs > 0.0 else np.nan


@kernel
def _add(sums, weights, row):
    """Add the weights of a row to the sums of all draws."""
    for draw in range(sums.size):
        sums[draw] += weights[row, draw]
