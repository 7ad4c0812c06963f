"""AdamW on rows of weights of which a batch touches few.

AdamW moves the others too: what it would have done to a row in the steps that left it
out is made up for when the row is next touched. Without gradients the moments shrink
by constant factors, so that all those steps add up to a shrinkage of the weight and
one multiple of ``m / (sqrt(v) + eps)``, which is kept in a table by the number of
steps. The one difference to AdamW is that its eps stays beside the shrinking
``sqrt(v)``.
"""

from typing import NamedTuple

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.adamw import BETA_1, BETA_2, EPSILON
from skdistill.kernels.instructions.matrix import part, prefetch

# Steps after which a moment has shrunk to nothing that single precision shows.
FORGOTTEN = 256

# How much the moments' ratio shrinks in a step without a gradient.
_RATIO = BETA_1 / np.sqrt(BETA_2)


class LazyState(NamedTuple):
    """What makes up for steps that left out a row of weights.

    Attributes
    ----------
    steps : ndarray of shape (n_columns,), int64
        Steps that a row of weights has seen, or that were made up for.
    touched : ndarray of shape (n_columns,), int32
        Columns of the present batch.
    log_shrinkage : ndarray of shape (n_steps + 1,)
        Logarithm of what weights have shrunk by since the start, after each step:
        the product itself would vanish.
    recent : ndarray of shape (FORGOTTEN + 1,)
        By number of steps left out: the multiple of ``m / (sqrt(v) + eps)`` by
        which a weight has moved in them.
    final : ndarray of shape (n_steps + 1,)
        By the step before those left out: the same after FORGOTTEN steps.
    first_factors, second_factors : ndarray of shape (FORGOTTEN + 1,), float32
        By number of steps left out: what the moments shrink by.
    """

    steps: np.ndarray
    touched: np.ndarray
    log_shrinkage: np.ndarray
    recent: np.ndarray
    final: np.ndarray
    first_factors: np.ndarray
    second_factors: np.ndarray


def lazy_state(n_columns, n_steps):
    """Return the state before the first of some steps."""
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
    """Note what step t does to weights without a gradient."""
    power = _RATIO**FORGOTTEN
    for left_out in range(FORGOTTEN, 0, -1):
        moved = shrinkage * lazy.recent[left_out - 1] + step_size * power
        lazy.recent[left_out] = moved
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
    """Do to a row of weights what some steps without a gradient do."""
    epsilon = np.float32(EPSILON)
    for i in range(weights.size):
        first, second = first_moment[i], second_moment[i]
        ratio = first / (np.sqrt(second) + epsilon)
        weights[i] = shrinkage * weights[i] - multiple * ratio
        first_moment[i] = first_factor * first
        second_moment[i] = second_factor * second


@kernel
def _missed(before, t, log_shrinkage, recent, final):
    """Return the shrinkage of weights between two steps, and how far they move."""
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
        Columns whose weights are asked for before their turn.
    steps : ndarray of shape (n_columns,), int64
        Of `lazy`; set to t.
    t, width : int
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
            part(parameters, start, width),
            part(first_moment, start, width),
            part(second_moment, start, width),
            shrunk,
            moved,
            first_factors[forgotten],
            second_factors[forgotten],
        )
