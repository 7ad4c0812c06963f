"""Models to be measured."""

import numpy as np
from scipy.special import expit, softmax


def draw_models(n_rows, n_classes, seed=0, noise=(1.0, 1.2, 1.4), models=3):
    """Return labels, and probabilities by model, each noisier than the one before."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(n_classes, size=n_rows)
    shared = 1.5 * np.eye(n_classes)[labels] + rng.normal(size=(n_rows, n_classes))
    names = ("teacher", "student", "labels alone")[:models]
    probabilities = {
        name: softmax(shared + scale * rng.normal(size=shared.shape), axis=1)
        for name, scale in zip(names, noise, strict=False)
    }
    return labels, probabilities


def draw_label_sets(n_rows, n_labels=4, seed=0, models=3):
    """Return label sets, and probabilities by model, each noisier than the one before.

    The labels are rarer from column to column.
    """
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n_rows, n_labels)) - 0.5 * np.arange(n_labels)
    truth = (rng.random(shared.shape) < expit(2.0 * shared)).astype(int)
    names = ("teacher", "student", "labels alone")[:models]
    probabilities = {
        name: expit(2.0 * shared + rng.normal(0.0, scale, size=shared.shape))
        for name, scale in zip(names, (0.5, 1.0, 1.5), strict=False)
    }
    return truth, probabilities


def draw_numbers(n_rows, n_targets=1, seed=0, models=3):
    """Return y, and numbers by model, each noisier than the one before.

    The targets have different units.
    """
    rng = np.random.default_rng(seed)
    units = 10.0 ** np.arange(n_targets)
    y = units * rng.normal(5.0, 2.0, size=(n_rows, n_targets))
    names = ("teacher", "student", "labels alone")[:models]
    answers = {
        name: y + units * rng.normal(0.1, scale, size=y.shape)
        for name, scale in zip(names, (1.0, 1.1, 1.3), strict=False)
    }
    return y, answers


def draw_quantiles(n_rows, levels=(0.1, 0.5, 0.9), seed=0, models=2):
    """Return y, and quantiles by model, each noisier than the one before."""
    rng = np.random.default_rng(seed)
    middle = rng.normal(size=n_rows)
    y = middle + rng.normal(size=n_rows)
    ends = middle[:, np.newaxis] + np.quantile(rng.normal(size=1000), levels)
    names = ("teacher", "student", "labels alone")[:models]
    answers = {
        name: np.sort(ends + rng.normal(0.0, scale, size=ends.shape), axis=1)
        for name, scale in zip(names, (0.1, 0.3, 0.5), strict=False)
    }
    return y, answers
