"""Models to be measured."""

import numpy as np
from scipy.special import softmax


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
