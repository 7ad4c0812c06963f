"""The area under a ROC curve for many draws of the same rows."""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel


@kernel(cache=True, allocates=True)
def ranked_areas(weights, negatives, positives, below, up_to, areas):
    """Compute the area under the ROC curve under each draw's weights.

    Draws stand beside each other, so that a row is added to all at once.

    Parameters
    ----------
    weights : ndarray of shape (n_samples, n_draws)
        In C order.
    negatives, positives : ndarray of int64
        Numbers of the rows, each in ascending order of the score.
    below, up_to : ndarray of shape (n_positives,), int64
        How many negatives have a lower score than each positive, and how many
        no higher one: of those between, half count as lower.
    areas : ndarray of shape (n_draws,)
        Gets the areas; NaN where no positive or no negative row has a weight.
    """
    n_draws = weights.shape[1]
    lower, no_higher = np.zeros(n_draws), np.zeros(n_draws)
    in_positives = np.zeros(n_draws)
    n_lower = n_no_higher = 0
    areas[:] = 0.0
    for place in range(positives.size):
        while n_lower < below[place]:
            _add(lower, weights, negatives[n_lower])
            n_lower += 1
        while n_no_higher < up_to[place]:
            _add(no_higher, weights, negatives[n_no_higher])
            n_no_higher += 1
        row = positives[place]
        for draw in range(n_draws):
            weight = weights[row, draw]
            areas[draw] += 0.5 * weight * (lower[draw] + no_higher[draw])
        _add(in_positives, weights, row)
    for place in range(n_no_higher, negatives.size):
        _add(no_higher, weights, negatives[place])
    for draw in range(n_draws):
        pairs = in_positives[draw] * no_higher[draw]
        areas[draw] = areas[draw] / pairs if pairs > 0.0 else np.nan


@kernel
def _add(sums, weights, row):
    """Add the weights of a row to the sums of all draws."""
    for draw in range(sums.size):
        sums[draw] += weights[row, draw]
