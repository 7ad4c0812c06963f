from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import kstest
from sklearn.exceptions import NotFittedError
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdistill.transfer.synthesis import Munge, NeighborInterpolation, SwapNoise
from tests.transfer.frames import mixed_frame

SYNTHESIZERS = [NeighborInterpolation, Munge, SwapNoise]
ALL_OPTIONS = [
    NeighborInterpolation(),
    NeighborInterpolation(n_neighbors=1, n_candidates=2),
    NeighborInterpolation(n_neighbors=9),
    Munge(),
    Munge(swap_probability=1.0, local_variance=0.1),
    Munge(swap_probability=1, n_candidates=3),
    SwapNoise(),
    SwapNoise(swap_probability=1.0),
]

floats = st.floats(-1e6, 1e6, width=32)
integers = st.integers(-1000, 1000)
labels = st.sampled_from(["a", "b", "ä", ""])


def optional(elements):
    return st.none() | elements


# Values that make a column, and its type in pandas and polars.
KINDS = [
    (floats, "float64", pl.Float64),
    (floats, "float32", pl.Float32),
    (optional(floats), "float64", pl.Float64),
    (optional(floats), "Float64", pl.Float64),
    (optional(integers), "float64", pl.Float64),
    (integers, "int64", pl.Int64),
    (st.integers(0, 255), "uint8", pl.UInt8),
    (optional(integers), "Int16", pl.Int16),
    (st.just(7), "int32", pl.Int32),
    (st.none(), "float64", pl.Float64),
    (labels, "category", pl.Categorical),
    (optional(labels), "category", pl.Enum(["z", "", "ä", "b", "a"])),
    (labels, "object", pl.String),
    (optional(labels), "object", pl.String),
    (optional(labels), "string", pl.Categorical),
    (st.booleans(), "bool", pl.Boolean),
    (optional(st.booleans()), "boolean", pl.Boolean),
    (st.none(), "category", pl.Categorical),
]


@st.composite
def tables(draw):
    n_rows = draw(st.integers(1, 12))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5))
    values = [
        draw(st.lists(elements, min_size=n_rows, max_size=n_rows))
        for elements, _, _ in kinds
    ]
    names = [f"column {number}" for number in range(len(kinds))]
    container = draw(st.sampled_from(["pandas", "polars", "object", "array"]))
    if container == "pandas":
        index = draw(st.sampled_from([None, np.arange(n_rows) + 5]))
        types = [dtype for _, dtype, _ in kinds]
        return pd.DataFrame(
            {
                name: pd.Series(column, dtype=dtype, index=index)
                for name, column, (_, dtype, _) in zip(
                    names, values, kinds, strict=True
                )
            }
        )
    if container == "polars":
        types = [dtype for _, _, dtype in kinds]
        return pl.DataFrame(
            [
                pl.Series(name, column, dtype=dtype)
                for name, column, dtype in zip(names, values, types, strict=True)
            ]
        )
    if container == "object":
        X = np.empty((n_rows, len(kinds)), dtype=object)
        for number, column in enumerate(values):
            X[:, number] = column
        return X
    dtype = draw(st.sampled_from([np.float64, np.float32, np.int64, np.uint8]))
    X = np.empty((n_rows, len(kinds)), dtype=np.float64)
    for row in X:
        row[:] = [draw(st.integers(0, 255)) for _ in kinds]
    if dtype in (np.float64, np.float32):
        X[draw(st.integers(0, n_rows - 1)), draw(st.integers(0, len(kinds) - 1))] = (
            draw(st.sampled_from([np.nan, 0.1, -1e6]))
        )
    return X.astype(dtype)


def column_values(X):
    """Return the values of each column as Python scalars. A missing one is None."""
    if isinstance(X, pl.DataFrame):
        columns = [column.to_list() for column in X.iter_columns()]
    elif isinstance(X, pd.DataFrame):
        columns = [X.iloc[:, number].tolist() for number in range(X.shape[1])]
    else:
        columns = [list(column) for column in np.asarray(X).T.tolist()]
    return [[None if pd.isna(value) else value for value in c] for c in columns]


def dtypes(X):
    return list(X.dtypes) if hasattr(X, "columns") else X.dtype


def same(first, second):
    return column_values(first) == column_values(second)


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


@parametrize_with_checks([synthesizer() for synthesizer in SYNTHESIZERS])
def test_common_checks(estimator, check):
    check(estimator)


@given(tables(), st.sampled_from(ALL_OPTIONS), st.integers(1, 30), st.integers(0, 99))
def test_rows_are_in_the_domain(X, synthesizer, n_samples, seed):
    before = column_values(X)
    rows = synthesizer.fit(X).sample(n_samples, random_state=seed)
    assert column_values(X) == before
    assert type(rows) is type(X)
    assert rows.shape == (n_samples, X.shape[1])
    assert dtypes(rows) == dtypes(X)
    if hasattr(X, "columns"):
        assert list(rows.columns) == list(X.columns)
    for real, new in zip(before, column_values(rows), strict=True):
        known = [value for value in real if value is not None]
        given_values = [value for value in new if value is not None]
        assert len(given_values) == len(new) or len(known) < len(real)
        if all(map(is_number, known)):
            assert all(min(known) <= value <= max(known) for value in given_values)
            if all(value == round(value) for value in known):
                assert all(value == round(value) for value in given_values)
        else:
            assert set(given_values) <= set(known)


@given(tables(), st.sampled_from(ALL_OPTIONS), st.integers(0, 2**32 - 1))
def test_seeds(X, synthesizer, seed):
    synthesizer.fit(X)
    rows = synthesizer.sample(20, random_state=seed)
    assert same(rows, synthesizer.sample(20, random_state=seed))
    assert same(rows, synthesizer.sample(20, np.random.RandomState(seed)))
    state = np.random.RandomState(seed)
    once, twice = synthesizer.sample(10, state), synthesizer.sample(10, state)
    assert once.shape == twice.shape
    np.random.seed(seed)  # noqa: NPY002
    assert same(rows, synthesizer.sample(20))


@pytest.mark.parametrize("synthesizer", SYNTHESIZERS)
def test_other_seeds_give_other_rows(synthesizer):
    X = np.random.default_rng(0).normal(size=(50, 3))
    synthesizer = synthesizer().fit(X)
    state = np.random.RandomState(0)
    first, second = synthesizer.sample(50, state), synthesizer.sample(50, state)
    assert (first != second).any()
    assert (first != synthesizer.sample(50, random_state=1)).any()


@pytest.mark.parametrize("synthesizer", SYNTHESIZERS)
def test_later_changes_of_x_change_nothing(synthesizer):
    rng = np.random.default_rng(0)
    array, frame = rng.normal(size=(30, 3)), mixed_frame(30, rng)
    for X in (array, frame):
        fitted = synthesizer().fit(X)
        expected = fitted.sample(40, random_state=0)
        if X is array:
            X[:] = 0.0
        else:
            X.loc[:, ["a", "b", "c"]] = 0.0
            X["few"] = X["few"].cat.rename_categories({"x": "renamed"})
            X.columns = list("tuvwxyz")
        rows = fitted.sample(40, random_state=0)
        assert same(rows, expected)
        assert dtypes(rows) == dtypes(expected)


def test_y_and_order_of_fits_do_not_matter():
    X = np.random.default_rng(0).normal(size=(30, 3))
    expected = Munge().fit(X).sample(5, random_state=0)
    again = Munge().fit(X[:2, :1]).fit(X, np.zeros(30))
    assert_array_equal(again.sample(5, random_state=0), expected)
    assert again.n_features_in_ == 3


def test_names_of_features():
    X = mixed_frame(10, np.random.default_rng(0))
    fitted = SwapNoise().fit(X)
    assert fitted.feature_names_in_.tolist() == list(X.columns)
    assert fitted.n_features_in_ == 7


@pytest.mark.parametrize(
    "synthesizer", [Munge(swap_probability=0), SwapNoise(swap_probability=0.0)]
)
@pytest.mark.parametrize("n_samples", [3, 10, 25])
def test_each_row_serves_once_before_any_serves_again(synthesizer, n_samples):
    X = np.arange(10.0).reshape(10, 1)
    rows = synthesizer.fit(X).sample(n_samples, random_state=0)
    passes, rest = divmod(n_samples, 10)
    served = [Counter(rows[k : k + 10, 0]) for k in range(0, n_samples, 10)]
    assert all(set(counts.values()) == {1} for counts in served)
    assert [len(counts) for counts in served] == [10] * passes + [rest] * (rest > 0)


def test_candidates_are_drawn_anew():
    X = np.arange(1000.0).reshape(1000, 1)
    munge = Munge(swap_probability=1.0, local_variance=1e9, n_candidates=3).fit(X)
    state = np.random.RandomState(0)
    seen = [set(np.round(munge.sample(1000, state)[:, 0])) for _ in range(2)]
    assert [len(neighbors) for neighbors in seen] == [3, 3]
    assert seen[0] != seen[1]


def test_interpolated_rows_are_on_segments_to_one_of_the_nearest():
    X = np.random.default_rng(0).normal(size=(40, 3)) * [1.0, 10.0, 0.1]
    standard = (X - X.mean(axis=0)) / X.std(axis=0)
    nearest = NearestNeighbors(n_neighbors=4).fit(standard).kneighbors()[1]
    start = np.repeat(X, 4, axis=0)
    step = X[nearest.ravel()] - start
    rows = NeighborInterpolation(n_neighbors=4).fit(X).sample(4000, random_state=0)
    offset = rows[:, np.newaxis, :] - start
    share = (offset / X.std(axis=0) ** 2 * step).sum(axis=2)
    share = np.clip(share / (step**2 / X.std(axis=0) ** 2).sum(axis=1), 0, 1)
    miss = np.abs(offset - share[:, :, np.newaxis] * step) / X.std(axis=0)
    segment = miss.max(axis=2).argmin(axis=1)
    assert_allclose(miss.max(axis=2).min(axis=1), 0, atol=1e-12)
    # If two rows are neighbours of each other, both ways are one segment.
    pairs = np.sort(np.stack([np.repeat(range(40), 4), nearest.ravel()]), axis=0)
    used = {tuple(pair) for pair in pairs[:, segment].T.tolist()}
    assert used == {tuple(pair) for pair in pairs.T.tolist()}


def test_share_of_the_neighbor_is_uniform_and_one_for_numbers_and_categories():
    X = pd.DataFrame(
        {"x": [0.5, 1.5], "gap": [np.nan, 1.0], "label": ["a", "b"], "z": [5.1, 3.1]}
    )
    rows = NeighborInterpolation().fit(X).sample(20_000, random_state=0)
    share = rows["x"] - 0.5
    assert kstest(share, "uniform").statistic < 0.02
    assert_allclose(rows["z"], 5.1 - 2 * share, atol=1e-12)
    tenth = np.floor(10 * share)
    for is_second in (rows["label"] == "b", rows["gap"].notna()):
        assert_allclose(
            is_second.groupby(tenth).mean(), np.arange(0.05, 1, 0.1), atol=0.05
        )
    assert set(rows["gap"].dropna()) == {1.0}
    both = (rows["label"] == "b") & rows["gap"].notna()
    # The gap and the label are drawn independently: E[share ** 2] = 1 / 3.
    assert abs(both.mean() - 1 / 3) < 0.02


def test_munge_draws_around_the_neighbor():
    # The two rows at each end are equal, so their draws stay there. They make the
    # range wide, so other draws are not clipped.
    X = np.array([-100.0, -100.0, 0.0, 1.0, 100.0, 100.0]).reshape(6, 1) + 0.5
    munge = Munge(swap_probability=1.0, local_variance=20.0).fit(X)
    rows = munge.sample(60_000, random_state=0)[:, 0]
    for center in (0.5, 1.5):
        draws = rows[np.abs(rows - center) < 0.5]
        assert len(draws) == 10_000
        assert kstest((draws - center) * 20, "norm").statistic < 0.02
    assert Counter(rows[np.abs(rows) > 50]) == {-99.5: 20_000, 100.5: 20_000}


def test_munge_clips_to_the_range():
    X = np.array([[0.25], [1.5]])
    rows = Munge(swap_probability=1.0).fit(X).sample(10_000, random_state=0)[:, 0]
    # Half of a row's draws lie beyond its neighbour, and are clipped to it. The
    # draws that fall short of the neighbour by more than a deviation lie beyond
    # the row, and are clipped to the row.
    for end in X[:, 0]:
        assert abs((rows == end).mean() - (0.5 + 0.1587) / 2) < 0.02


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_munge_alters_each_value_on_its_own(probability):
    X = pd.DataFrame(
        {"x": [0.0, 1.0, 0.0, 1.0], "label": ["a", "b", "a", "b"], "z": [0, 1, 10, 11]}
    )
    munge = Munge(swap_probability=probability, local_variance=1e9).fit(X)
    rows = munge.sample(20_000, random_state=0)
    # Neighbours are equal in x and label, so these never change. z does.
    assert_array_equal(np.round(rows["x"]) == 1, rows["label"] == "b")
    parity_differs = rows["z"] % 2 != np.round(rows["x"])
    assert parity_differs.mean() == 0
    pair = pd.DataFrame({"x": [0.0, 1.0], "label": ["a", "b"], "gap": [np.nan, 2.0]})
    rows = Munge(swap_probability=probability, local_variance=1e9).fit(pair)
    rows = rows.sample(20_000, random_state=0)
    x, label = np.round(rows["x"]) == 1, rows["label"] == "b"
    differs = 2 * probability * (1 - probability)
    assert abs((x != label).mean() - differs) < 0.02
    assert abs((x != rows["gap"].notna()).mean() - differs) < 0.02
    assert set(rows["gap"].dropna()) == {2.0}


@pytest.mark.parametrize("probability", [0.1, 0.5])
def test_swap_noise_takes_values_of_other_rows(probability):
    X = pd.DataFrame(
        {
            "x": np.arange(50.0),
            "label": [str(k) for k in range(50)],
            "z": [None, *range(1, 50)],
        }
    )
    rows = SwapNoise(swap_probability=probability).fit(X).sample(20_000, random_state=0)
    label, z = rows["label"].astype(float), rows["z"].fillna(0.0)
    # Two values of a row agree if neither was swapped, or if both were swapped for
    # equal values by chance.
    agree = (1 - probability) ** 2 + probability**2 / 49
    for first, second in [(rows["x"], label), (rows["x"], z), (label, z)]:
        assert abs((first == second).mean() - agree) < 0.02
    for values in (rows["x"], label, z):
        assert_allclose(np.bincount(values.astype(int)), 400, atol=100)


def test_swap_noise_of_two_rows_takes_the_other():
    X = np.array([[0.0, 10.0], [1.0, 11.0]])
    rows = SwapNoise(swap_probability=1.0).fit(X).sample(100, random_state=0)
    assert_array_equal(rows[:, 1] - rows[:, 0], 10.0)
    kept = SwapNoise(swap_probability=0.25).fit(X).sample(20_000, random_state=0)
    assert abs((kept[:, 1] - kept[:, 0] != 10).mean() - 2 * 0.25 * 0.75) < 0.02


@pytest.mark.parametrize("synthesizer", SYNTHESIZERS)
def test_one_row_gives_itself(synthesizer):
    X = pd.DataFrame({"x": [1.5], "label": ["a"], "gap": [np.nan], "count": [3]})
    rows = synthesizer().fit(X).sample(3, random_state=0)
    pd.testing.assert_frame_equal(rows, pd.concat([X] * 3, ignore_index=True))


@pytest.mark.parametrize("synthesizer", SYNTHESIZERS)
def test_one_sample_is_the_default(synthesizer):
    X = np.random.default_rng(0).normal(size=(30, 2))
    assert synthesizer().fit(X).sample().shape == (1, 2)


@pytest.mark.parametrize("marker", [None, np.nan, pd.NA])
def test_missing_values_are_marked_as_they_were(marker):
    X = np.array([["a", 1.5], ["b", 2.5], [marker, 3.5], ["c", marker]], dtype=object)
    for table in (X, pd.DataFrame(X, dtype=object)):
        rows = np.asarray(SwapNoise().fit(table).sample(4, random_state=0))
        missing = [value for value in rows.ravel() if pd.isna(value)]
        assert len(missing) > 0
        assert {type(value) for value in missing} == {type(marker)}


def test_missing_values_of_polars_are_null_or_nan_as_they_were():
    X = pl.DataFrame({"null": [0.5, None, 1.5], "nan": [0.5, np.nan, 1.5]})
    rows = SwapNoise(swap_probability=0).fit(X).sample(30, random_state=0)
    assert rows["null"].null_count() == 10
    assert rows["nan"].null_count() == 0
    assert rows["nan"].is_nan().sum() == 10


@pytest.mark.parametrize("synthesizer", SYNTHESIZERS)
def test_lists(synthesizer):
    X = [[0.5, 1.0], [2.5, 3.0], [1.5, 8.0]]
    rows = np.asarray(synthesizer().fit(X).sample(50, random_state=0), dtype=float)
    expected = synthesizer().fit(np.array(X)).sample(50, random_state=0)
    assert_array_equal(rows, expected)


def test_lists_of_integers_and_of_text():
    rows = SwapNoise().fit([[1, 2], [3, 4]]).sample(5, random_state=0)
    assert rows.dtype == np.float64
    rows = SwapNoise().fit([[1, "a"], [3, 4]]).sample(50, random_state=0)
    assert rows.dtype == object
    assert set(rows[:, 1]) == {"a", 4}


@pytest.mark.parametrize("n_levels", [255, 256, 257])
def test_all_of_many_levels_are_drawn(n_levels):
    levels = np.array([f"label {k}" for k in range(n_levels)], dtype=object)
    rows = SwapNoise().fit(levels[:, np.newaxis]).sample(20 * n_levels, random_state=0)
    assert set(rows[:, 0]) == set(levels)


@pytest.mark.parametrize("synthesizer", SYNTHESIZERS)
def test_sample_before_fit(synthesizer):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        synthesizer().sample(3)


@pytest.mark.parametrize("n_samples", [0, -1, 2.5, "3", None])
def test_number_of_samples_is_checked(n_samples):
    synthesizer = SwapNoise().fit(np.zeros((3, 2)))
    message = (
        r"'n_samples' parameter of SwapNoise.sample must be an int in the range "
        rf"\[1, inf\). Got {n_samples!r} instead"
    )
    with pytest.raises(ValueError, match=message):
        synthesizer.sample(n_samples)


def test_random_state_is_checked():
    synthesizer = SwapNoise().fit(np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"'random_state' parameter .* Got 'seed'"):
        synthesizer.sample(2, random_state="seed")


@pytest.mark.parametrize(
    ("synthesizer", "message"),
    [
        (
            NeighborInterpolation(n_neighbors=0),
            r"'n_neighbors' parameter of NeighborInterpolation must be an int in the "
            r"range \[1, inf\). Got 0 instead",
        ),
        (
            NeighborInterpolation(n_candidates=1),
            r"'n_candidates' parameter .* \[2, inf\). Got 1 instead",
        ),
        (
            Munge(swap_probability=1.5),
            r"'swap_probability' parameter of Munge must be a float in the range "
            r"\[0.0, 1.0\]. Got 1.5 instead",
        ),
        (
            Munge(local_variance=0.0),
            r"'local_variance' parameter .* \(0.0, inf\). Got 0.0 instead",
        ),
        (Munge(n_candidates=2.5), r"'n_candidates' parameter .* Got 2.5 instead"),
        (
            SwapNoise(swap_probability=-0.1),
            r"'swap_probability' parameter of SwapNoise .* Got -0.1 instead",
        ),
    ],
)
def test_parameters_are_checked(synthesizer, message):
    with pytest.raises(ValueError, match=message):
        synthesizer.fit(np.zeros((3, 2)))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.empty((0, 3)), r"0 sample\(s\) \(shape=\(0, 3\)\)"),
        (pd.DataFrame(index=range(4)), r"0 feature\(s\) \(shape=\(4, 0\)\)"),
    ],
)
def test_an_empty_table_is_refused(X, message):
    with pytest.raises(ValueError, match=message + " while a minimum of 1 is required"):
        Munge().fit(X)


@pytest.mark.parametrize("synthesizer", SYNTHESIZERS)
def test_a_failed_fit_leaves_the_former_one(synthesizer):
    X = np.random.default_rng(0).normal(size=(30, 3))
    fitted = synthesizer().fit(X)
    expected = fitted.sample(5, random_state=0)
    with pytest.raises(ValueError, match="inf"):
        fitted.fit(np.full((4, 2), np.inf))
    assert_array_equal(fitted.sample(5, random_state=0), expected)
    assert fitted.n_features_in_ == 3
