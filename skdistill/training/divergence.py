"""A training that diverged: how it is told, and its error."""

import math

import numpy as np

# A training has diverged if its student loses more than this many times what equal
# probabilities lose, and this many nats more.
_MOST_LOSS = 5.0
_LEAST_EXCESS = 1.0


def check_finite(network, loss_curve, plan):
    """Raise if the training diverged."""
    if math.isfinite(loss_curve[-1]) and np.isfinite(network.parameters).all():
        return
    raise divergence(loss_curve[-1], loss_curve, plan)


def greatest_loss(loss):
    """Return the greatest loss of a training that began with a loss, or lower."""
    return max(_MOST_LOSS * loss, loss + _LEAST_EXCESS)


def divergence(loss, loss_curve, plan):
    """Return the error for a training that diverged."""
    return ValueError(
        f"training diverged in epoch {len(loss_curve)}: the loss is {loss}. "
        f"learning_rate_init={plan.learning_rate_init} is probably too large: try a "
        "tenth of it"
    )
