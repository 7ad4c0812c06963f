"""AdamW for a table of weights of which each batch uses few rows.

AdamW also moves the rows that a batch does not use. Here a row is left alone in such a
step. When a batch uses it again, it is brought up to date: all missed steps are made up
for at once. Without gradients the moments shrink by constant factors. The missed steps
therefore add up to a shrinkage of the weight and one multiple of ``m / (sqrt(v) +
eps)``. The multiples are kept in a table, by the number of missed steps. There is one
difference from AdamW. During missed steps eps shrinks together with ``sqrt(v)``, while
in AdamW it stays the same.
"""

from typing import NamedTuple

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.adamw import BETA_1, BETA_2, EPSILON
from skdistill.kernels.instructions.matrix import prefetch, span

# Number of steps after which a moment has shrunk so much that single precision does not
# show it.
FORGOTTEN = 256

# Factor by which the ratio of the moments shrinks in a step without a gradient.
_RATIO = BETA_1 / np.sqrt(BETA_2)


class LazyState(NamedTuple):
    """The state with which missed steps of rows of weights are made up for.

    Attributes
    ----------
    steps : ndarray of shape (n_columns,), int64
        Step up to which each row of weights is up to date.
    touched : ndarray of shape (n_columns,), int32
        Columns of the present batch.
    log_shrinkage : ndarray of shape (n_steps + 1,)
        Logarithm of the factor by which weights have shrunk from the start to each
        step. The factor itself would become zero.
    recent : ndarray of shape (FORGOTTEN + 1,)
        Multiple of ``m / (sqrt(v) + eps)`` by which a weight moves, by the number of
        missed steps.
    final : ndarray of shape (n_steps + 1,)
        Multiple of ``m / (sqrt(v) + eps)`` after FORGOTTEN missed steps, by the last
        step before them.
    first_factors, second_factors : ndarray of shape (FORGOTTEN + 1,), float32
        Factors by which the moments shrink, by the number of missed steps.
    """

    steps: np.ndarray
    touched: np.ndarray
    log_shrinkage: np.ndarray
    recent: np.ndarray
    final: np.ndarray
    first_factors: np.ndarray
    second_factors: np.ndarray


def lazy_state(n_columns, n_steps):
    """Return the state before the first step."""
    return LazyState(
        steps=np.zeros(n_columns, dtype=np.int64),
        touched=np.zeros(n_columns, dtype=np.int32),
        log_shrinkage=np.zeros(n_steps + 1),
        recent=np.zeros(FORGOTTEN + 1),
        final=np.zeros(n_steps + 1),
        first_factors=(BETA_1 ** np.arange(FORGOTTEN + 1)).astype(np.float32),
        second_factors=(BETA_2 ** np.arange(FORGOTTEN + 1)).astype(np.float32),
    )


@kernel
def note_step(lazy, t, step_size, shrinkage):
    """Store the effect of step t on weights without a gradient."""
    power = _RATIO**FORGOTTEN
    for missed in range(FORGOTTEN, 0, -1):
        moved = shrinkage * lazy.recent[missed - 1] + step_size * power
        lazy.recent[missed] = moved
        power /= _RATIO
    if t >= FORGOTTEN:
        lazy.final[t - FORGOTTEN] = lazy.recent[FORGOTTEN]
    # A factor of zero has no logarithm.
    logarithm = np.log(max(shrinkage, 1e-30))
    lazy.log_shrinkage[t] = lazy.log_shrinkage[t - 1] + logarithm


@kernel
def _move(
    weights,
    first_moment,
    second_moment,
    shrinkage,
    multiple,
    first_factor,
    second_factor,
):
    """Take several steps without a gradient at once, for a row of weights."""
    epsilon = np.float32(EPSILON)
    for i in range(weights.size):
        first, second = first_moment[i], second_moment[i]
        ratio = first / (np.sqrt(second) + epsilon)
        weights[i] = shrinkage * weights[i] - multiple * ratio
        first_moment[i] = first_factor * first
        second_moment[i] = second_factor * second


@kernel
def _missed(before, t, log_shrinkage, recent, final):
    """Return how much weights shrink between two steps, and how far they move."""
    if t - before <= FORGOTTEN:
        moved = recent[t - before]
    else:
        since = log_shrinkage[t] - log_shrinkage[before + FORGOTTEN]
        moved = final[before] * np.exp(since)
    shrunk = np.exp(log_shrinkage[t] - log_shrinkage[before])
    return np.float32(shrunk), np.float32(moved)


@kernel
def bring_up_to_date(columns, ahead, steps, t, width, lazy, optimizer):
    """Bring the rows of weights of some columns up to date.

    Parameters
    ----------
    columns : ndarray of shape (n,), int32
    ahead : int
        Number of columns by which the weights are loaded into the cache ahead.
    steps : ndarray of shape (n_columns,), int64
        Array `steps` of `lazy`. It is set to t for the columns.
    t, width : int
        Step to which the weights are brought, and length of a row.
    lazy : LazyState
    optimizer : Optimizer
    """
    log_shrinkage, recent, final = lazy.log_shrinkage, lazy.recent, lazy.final
    first_factors, second_factors = lazy.first_factors, lazy.second_factors
    parameters = optimizer.parameters
    first_moment, second_moment = optimizer.first_moment, optimizer.second_moment
    for i in range(columns.size):
        if i + ahead < columns.size:
            start = columns[i + ahead] * width
            for array in (parameters, first_moment, second_moment):
                prefetch(array, start, width)
        column = columns[i]
        before = steps[column]
        steps[column] = t
        if before == t:
            continue
        forgotten = min(t - before, FORGOTTEN)
        shrunk, moved = _missed(before, t, log_shrinkage, recent, final)
        start = column * width
        _move(
            span(parameters, start, width),
            span(first_moment, start, width),
            span(second_moment, start, width),
            shrunk,
            moved,
            first_factors[forgotten],
            second_factors[forgotten],
        )
