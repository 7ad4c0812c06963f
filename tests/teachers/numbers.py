"""Tables of numbers, and their task, for the tests of regressors as teachers."""

import numpy as np
from sklearn.datasets import make_friedman1

from skdistill.tasks.numbers import NumberLoss, Regression


def task_of(y, quantiles=None):
    """Return the task of some numbers."""
    name = "squared_error" if quantiles is None else "quantile"
    return Regression.of(np.asarray(y), NumberLoss(name, quantiles), True)


def table(n_samples=400, n_targets=1, seed=0):
    """Rows and numbers. With one target, y has one dimension."""
    X, first = make_friedman1(n_samples, n_features=7, noise=1.0, random_state=seed)
    if n_targets == 1:
        return X, first
    others = [100.0 * X[:, k] + first for k in range(1, n_targets)]
    return X, np.column_stack([first, *others])
