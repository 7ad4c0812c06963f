"""A problem with unlimited rows, whose truth is known, and a teacher of known errors.

A row has 14 numbers and 3 categories of 5, 30 and 300 levels. There are 3 classes. The
true log-odds are a sum of deep trees. The teacher adds further trees: its errors.
"""

from functools import cache

import numpy as np
import pandas as pd

from benchmarks.scale.drawn import AT_ONCE, Rows

N_CLASSES = 3
_NUMBERS = [f"number_{j}" for j in range(14)]
_CATEGORIES = {"few": 5, "some": 30, "many": 300}
_HIDDEN_CAUSES = 8

# Trees of the truth and of the teacher's errors, their depth and their effects.
_TREES, _ERRORS, _DEPTH = 100, 30, 4
_EFFECT, _ERROR = 0.28, 0.15


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
    parts = []
    for start in range(0, n_rows, AT_ONCE):
        values = _draw_values(min(AT_ONCE, n_rows - start), random)
        logits = _sum_of_trees(values, *_trees()[:2])
        y = (logits + random.gumbel(size=logits.shape)).argmax(axis=1)
        parts.append((values, y, _softmax(logits)))
    values, y, truth = map(np.concatenate, zip(*parts, strict=True))
    return Rows(_table(values), y, truth)


def teacher(X):
    """Return a teacher's probabilities for rows.

    Parameters
    ----------
    X : DataFrame of shape (n_rows, 17)

    Returns
    -------
    probabilities : ndarray of shape (n_rows, 3)
    """
    codes = [X[name].cat.codes for name in _CATEGORIES]
    values = np.column_stack([X[_NUMBERS], *codes]).astype(np.float32)
    logits = [
        _sum_of_trees(block, *_trees()[:2]) + _sum_of_trees(block, *_trees()[2:])
        for block in np.array_split(values, -(-len(values) // AT_ONCE))
    ]
    return _softmax(np.concatenate(logits))


def _draw_values(n_rows, random):
    """Return numbers, then the codes of levels."""
    causes = random.standard_normal((n_rows, _HIDDEN_CAUSES), dtype=np.float32)
    effects = np.random.default_rng(1).standard_normal((_HIDDEN_CAUSES, 14)) / 2.8
    x = causes @ effects.astype(np.float32)
    x += 0.6 * random.standard_normal(x.shape, dtype=np.float32)
    x[:, 6:9] = np.exp(1.5 * x[:, 6:9])  # a few very large values
    x[:, 9] = np.floor(np.exp(x[:, 9]))  # counts
    x[:, 10] = np.round(10 * x[:, 10])
    x[random.random(n_rows) < 0.5, 11] = 0.0
    x[random.random(n_rows) < 0.1 * (1 + (causes[:, 0] > 0)), 12] = np.nan
    codes = []
    for cause, n_levels in zip(causes.T, _CATEGORIES.values(), strict=False):
        u = random.random(n_rows) ** 2 + 0.15 * np.tanh(cause)
        codes.append(np.floor(np.clip(u, 0.0, 0.9999) * n_levels))
    return np.column_stack([x, *codes]).astype(np.float32)


def _table(values):
    """Return a frame of values."""
    X = pd.DataFrame(values[:, :14], columns=_NUMBERS)
    for column, (name, n_levels) in enumerate(_CATEGORIES.items(), 14):
        levels = [f"{name}_{level}" for level in range(n_levels)]
        codes = values[:, column].astype(np.int16)
        X[name] = pd.Categorical.from_codes(codes, levels)
    return X


@cache
def _trees():
    """Return the splits and leaves of the truth, then of the teacher's errors."""
    random = np.random.default_rng(2)
    values = _draw_values(20_000, random)
    # The order of a category's levels says nothing about their effects.
    orders = {14 + j: random.permutation(n) for j, n in enumerate(_CATEGORIES.values())}
    grown = []
    for n_trees, effect in ((_TREES, _EFFECT), (_ERRORS, _ERROR)):
        splits = []
        for column in random.integers(0, values.shape[1], n_trees * _DEPTH):
            order = orders.get(column)
            x = values[:, column]
            x = x if order is None else order[x.astype(np.intp)]
            threshold = np.nanquantile(x, random.uniform(0.1, 0.9))
            splits.append((column, order, threshold))
        leaves = random.standard_normal((n_trees, 2**_DEPTH, N_CLASSES))
        leaves -= leaves.mean(axis=1, keepdims=True)
        grown += [splits, effect * leaves]
    return grown


def _sum_of_trees(values, splits, leaves):
    """Return the sums of the leaves that rows reach."""
    logits = np.zeros((len(values), N_CLASSES))
    columns = np.ascontiguousarray(values.T)
    for tree, effects in enumerate(leaves):
        leaf = np.zeros(len(values), np.intp)
        for column, order, threshold in splits[tree * _DEPTH : (tree + 1) * _DEPTH]:
            x = columns[column]
            x = x if order is None else order[x.astype(np.intp)]
            leaf = 2 * leaf + (x > threshold)
        logits += effects[leaf]
    return logits


def _softmax(logits):
    proba = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (proba / proba.sum(axis=1, keepdims=True)).astype(np.float32)
