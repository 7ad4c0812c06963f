"""The number of bins of a feature, and the places of its knots."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.knots import deal_bins

NAN = float("nan")


@pytest.mark.parametrize("value", [0.0, 0.1, -1e6, 8e37, -8e37])
def test_one_value_or_a_missing_one(value):
    X = np.array([[value], [NAN], [value]])
    codes = TabularEncoder().fit_transform(X)
    assert_array_equal(codes, [[1.0], [3.0], [1.0]])


def test_two_values_that_have_no_middle_in_single_precision():
    values = np.array([1.0, np.nextafter(np.float32(1), np.float32(2))])
    X = np.append(values, NAN)[:, np.newaxis]
    # An offset is subtracted first, and the differences have a middle.
    assert_array_equal(TabularEncoder().fit_transform(X), [[0.0], [2.0], [3.0]])
    with pytest.warns(
        UserWarning, match="column 0 of X has mean 1 .*Give it as float6"
    ):
        codes = TabularEncoder().fit_transform(X.astype(np.float32))
    assert_array_equal(codes, [[0.0], [2.0], [3.0]])


@pytest.mark.parametrize("n_bins", [2, 5, 16, 64])
def test_knots_are_quantiles(n_bins):
    X = np.random.default_rng(0).lognormal(size=(2000, 1))
    X[::7] = NAN
    encoder = TabularEncoder(max_bins=n_bins).fit(X)
    (knots,) = encoder.code_.knots
    present = np.sort(X[~np.isnan(X)].astype(np.float32)).tolist()
    expected = []
    for number in range(n_bins + 1):
        rank = number / n_bins * (len(present) - 1)
        lower = min(int(rank), len(present) - 2)
        step = present[lower + 1] - present[lower]
        expected.append(present[lower] + (rank - lower) * step)
    assert_allclose(knots, expected, rtol=1e-6)
    assert (knots[0], knots[-1]) == (present[0], present[-1])


def test_quantiles_that_coincide_are_one_knot():
    X = np.append(np.zeros(51), np.arange(1.0, 51.0))[:, np.newaxis]
    (knots,) = TabularEncoder(max_bins=4).fit(X).code_.knots
    # The quantiles are 0 three times, then 25 and 50.
    assert knots.tolist() == [0.0, 25.0, 50.0]


@given(st.integers(2, 20), st.integers(2, 8))
def test_a_column_of_nearly_one_value_is_told_apart(n_others, n_bins):
    X = np.append(np.zeros(1000), np.arange(1.0, n_others + 1))[:, np.newaxis]
    (knots,) = TabularEncoder(max_bins=n_bins).fit(X).code_.knots
    assert (knots[0], knots[-1]) == (0, n_others)
    assert knots.size == min(n_bins, n_others) + 1
    assert np.diff(knots).max() <= np.ceil(n_others / min(n_bins, n_others))


def test_bins_go_to_sensitive_features():
    X = np.random.default_rng(0).normal(size=(500, 4))
    sensitivity = [0.0, 1.0, 16.0, 4.0]

    def bins(**parameters):
        code = TabularEncoder(**parameters).fit(X, sensitivity=sensitivity).code_
        dealt = dict(zip(code.knotted.tolist(), code.knots, strict=True))
        return [dealt[j].size - 1 if j in dealt else 0 for j in range(4)]

    assert bins(n_bins=36) == [2, 6, 18, 10]
    assert bins(n_bins=36, max_bins=12) == [2, 10, 12, 12]
    assert bins(n_bins=1000, max_bins=12) == [2, 12, 12, 12]
    assert bins(n_bins=5) == [0, 0, 3, 2]
    assert bins(n_bins=1) == [0, 0, 0, 0]
    even = TabularEncoder(n_bins=40).fit(X).code_
    assert [knots.size for knots in even.knots] == [11] * 4


capacities_and_sensitivity = st.lists(
    st.tuples(st.just(0) | st.integers(2, 64), st.just(0.0) | st.floats(1e-9, 1e9)),
    max_size=30,
)


@given(st.integers(0, 300), capacities_and_sensitivity)
def test_dealt_bins(n_bins, features):
    capacities = np.array([capacity for capacity, _ in features], dtype=np.intp)
    sensitivity = np.array([value for _, value in features])
    bins = deal_bins(n_bins, capacities, sensitivity)
    assert bins.sum() <= n_bins
    assert (bins <= capacities).all()
    assert (bins != 1).all()
    for i, j in np.argwhere(sensitivity[:, np.newaxis] > sensitivity):
        if capacities[i]:
            assert bins[i] >= min(bins[j], capacities[i])
    willing = (capacities > 0) & (sensitivity > 0)
    if n_bins >= 2 * (capacities > 0).sum() and willing.any():
        assert (bins[capacities > 0] >= 2).all()
        wanted = np.where(willing, capacities, np.minimum(capacities, 2)).sum()
        assert bins.sum() == min(n_bins, wanted)


@given(st.integers(0, 300), st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=30))
def test_bins_are_in_proportion(n_bins, sensitivity):
    sensitivity = np.array(sensitivity)
    capacities = np.full(sensitivity.size, 1000)
    bins = deal_bins(n_bins, capacities, sensitivity)
    left = n_bins - 2 * sensitivity.size
    if left >= 0:
        weights = np.sqrt(sensitivity)
        exact = 2 + left * weights / weights.sum()
        assert (np.abs(bins - exact) < 1 + 1e-6).all()


@given(st.data())
def test_bins_of_tables_keep_to_the_budget(data):
    n_features = data.draw(st.integers(1, 6))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    X = rng.integers(0, 30, size=(40, n_features)).astype(float)
    X[rng.random(X.shape) < data.draw(st.sampled_from([0.0, 0.2]))] = NAN
    n_bins = data.draw(st.integers(0, 100))
    max_bins = data.draw(st.integers(2, 40))
    code = TabularEncoder(n_bins=n_bins, max_bins=max_bins).fit(X).code_
    sizes = [knots.size - 1 for knots in code.knots]
    assert sum(sizes) <= n_bins
    assert all(2 <= size <= max_bins for size in sizes)
    for feature, knots in zip(code.knotted, code.knots, strict=True):
        column = X[:, feature]
        assert knots.size <= max(np.unique(column[~np.isnan(column)]).size, 3)
