"""A smooth problem with unlimited rows, whose truth is known, and a teacher of it.

A row has 12 numbers. There are 2 classes. The true log-odds are a sum of waves, each
along a direction of three columns. The teacher adds further waves: its errors.
"""

from functools import cache

import numpy as np
import pandas as pd

from benchmarks.scale.drawn import AT_ONCE, Rows

_NAMES = [f"number_{j}" for j in range(12)]
_COLUMNS_OF_A_WAVE = 3

# Waves of the truth and of the teacher's errors, and their effects.
_WAVES, _ERRORS = 40, 20
_EFFECT, _ERROR = 0.7, 0.4


def draw_rows(n_rows, seed):
    """Return random rows.

    Parameters
    ----------
    n_rows : int
    seed : int

    Returns
    -------
    rows : Rows
    """
    random = np.random.default_rng(seed)
    values = random.standard_normal((n_rows, len(_NAMES)), dtype=np.float32)
    values[:, 8:] = np.exp(values[:, 8:])  # a few very large values
    truth = _proba(values, [_waves()[0]])
    y = (random.random(n_rows) < truth[:, 1]).astype(np.intp)
    return Rows(pd.DataFrame(values, columns=_NAMES), y, truth)


def teacher(X):
    """Return a teacher's probabilities for rows.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, 12)

    Returns
    -------
    probabilities : ndarray of shape (n_rows, 2)
    """
    return _proba(X.to_numpy(np.float32), _waves())


@cache
def _waves():
    """Return directions, phases and effects of the truth, then of the errors."""
    random = np.random.default_rng(3)
    parts = []
    for n_waves, effect in ((_WAVES, _EFFECT), (_ERRORS, _ERROR)):
        directions = np.zeros((len(_NAMES), n_waves), np.float32)
        for wave in range(n_waves):
            columns = random.choice(len(_NAMES), _COLUMNS_OF_A_WAVE, replace=False)
            directions[columns, wave] = random.standard_normal(_COLUMNS_OF_A_WAVE)
        phases = random.uniform(0, 2 * np.pi, n_waves).astype(np.float32)
        effects = effect * random.standard_normal(n_waves).astype(np.float32)
        parts.append((directions, phases, effects))
    return parts


def _proba(values, parts):
    """Return the probabilities of both classes, by a sum of waves."""
    second = np.empty(len(values), np.float32)
    for start in range(0, len(values), AT_ONCE):
        block = slice(start, start + AT_ONCE)
        x = values[block].copy()
        x[:, 8:] = np.log(x[:, 8:])
        logits = sum(
            np.sin(x @ along + phase) @ effect for along, phase, effect in parts
        )
        second[block] = 1 / (1 + np.exp(-logits))
    return np.column_stack([1 - second, second])
