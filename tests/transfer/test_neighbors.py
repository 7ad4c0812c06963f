"""Neighbours among candidates, compared with a search by brute force."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import OneHotEncoder

from skdistill.tables.read import read_coded_columns
from skdistill.transfer import neighbors
from skdistill.transfer.neighbors import Candidates, RealRows
from skdistill.transfer.synthesis import Munge, NeighborInterpolation, SwapNoise
from tests.transfer.frames import mixed_frame


@pytest.mark.parametrize("synthesizer", [NeighborInterpolation, Munge, SwapNoise])
@pytest.mark.parametrize("block", [1, 700, 10**6])
def test_rows_do_not_depend_on_blocks(synthesizer, block, monkeypatch):
    X = mixed_frame(400, np.random.default_rng(0))
    synthesizer = synthesizer().fit(X)
    expected = synthesizer.sample(1000, random_state=0)
    monkeypatch.setattr(neighbors, "_BLOCK_DISTANCES", block)
    rows = synthesizer.sample(1000, random_state=0)
    pd.testing.assert_frame_equal(rows, expected, check_exact=True)


def one_hot_features(X):
    """Return the vectors that distances are measured between, in double precision."""
    numbers = X[["a", "b", "c"]].to_numpy()
    standard = (numbers - np.nanmean(numbers, axis=0)) / np.nanstd(numbers, axis=0)
    categories = np.column_stack(
        [X["few"].astype(str), X["many"].astype(str), X["b"].isna().astype(str)]
    )
    encoded = OneHotEncoder(sparse_output=False).fit_transform(categories)
    return np.hstack([np.nan_to_num(standard), np.sqrt(0.5) * encoded])


@pytest.mark.parametrize("n_neighbors", [1, 5, 8, 9, 40])
def test_neighbors_are_those_of_a_brute_force_search(n_neighbors):
    X = mixed_frame(300, np.random.default_rng(1))
    features = one_hot_features(X)
    search = NearestNeighbors(n_neighbors=n_neighbors, algorithm="brute").fit(features)
    # Without a query, scikit-learn never counts a row as its own neighbour.
    expected, _ = search.kneighbors()
    rows = np.random.default_rng(2).permutation(300)
    real = RealRows.learn(read_coded_columns(X))
    candidates = Candidates(real, np.random.default_rng(3).permutation(300))
    found = candidates.nearest(rows, n_neighbors)
    assert (found != rows[:, np.newaxis]).all()
    assert all(len(set(row)) == n_neighbors for row in found.tolist())
    distances = np.linalg.norm(
        features[found] - features[rows][:, np.newaxis, :], axis=2
    )
    assert_allclose(np.sort(distances, axis=1), expected[rows], rtol=1e-4)


def test_neighbors_are_searched_among_the_candidates():
    X = np.arange(100.0).reshape(100, 1)
    real = RealRows.learn(read_coded_columns(X))
    pool = np.array([90, 10, 50])
    found = Candidates(real, pool).nearest(np.array([11, 10, 95]), 1)
    assert found[:, 0].tolist() == [10, 50, 90]


def test_columns_of_one_value_do_not_count_in_distances():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 2))
    wider = np.column_stack([X[:, 0], np.full(50, 0.1), X[:, 1], np.full(50, 1e30)])
    munge = Munge(swap_probability=0.5, local_variance=1e9)
    rows = munge.fit(wider).sample(50, random_state=0)
    assert (rows[:, 1] == 0.1).all()
    assert (rows[:, 3] == 1e30).all()
    real, wide = (RealRows.learn(read_coded_columns(Z)) for Z in (X, wider))
    every = np.arange(50)
    assert_array_equal(
        Candidates(real, every).nearest(every, 3),
        Candidates(wide, every).nearest(every, 3),
    )


def test_neighbors_by_more_categories_than_a_byte_counts():
    X = np.full((3, 300), "a", dtype=object)
    X[1, :10] = "b"
    X[2, :260] = "c"
    real = RealRows.learn(read_coded_columns(X))
    found = Candidates(real, np.arange(3)).nearest(np.array([0, 1]), 1)
    assert found[:, 0].tolist() == [1, 0]


def test_memory_of_many_levels():
    n_rows, n_columns = 3000, 40
    rng = np.random.default_rng(0)
    labels = np.array([f"label {k}" for k in range(255)], dtype=object)
    X = labels[rng.integers(255, size=(n_rows, n_columns))]
    synthesizer = NeighborInterpolation().fit(X)
    tracemalloc.start()
    synthesizer.sample(n_rows, random_state=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # One-hot vectors of all rows would take 122 MB in single precision.
    assert peak < 30e6


def test_memory_of_many_candidates():
    X = np.random.default_rng(0).normal(size=(6000, 2))
    synthesizer = NeighborInterpolation(n_candidates=6000).fit(X)
    tracemalloc.start()
    synthesizer.sample(6000, random_state=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # All distances would take 144 MB.
    assert peak < 10e6
