"""The code of a raw row, compared with loops, and a code read from a file."""

import copy
import json
import pickle
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skdistill.student.input_code import InputCode

NAN = float("nan")
ARGUMENTS = {
    "linear": [3, 0],
    "low": [-1.0, 0.0],
    "high": [1.0, 10.0],
    "mean": [0.5, 5.0],
    "scale": [0.5, 2.0],
    "knotted": [4, 1],
    "knots": [[0.0, 1.0, 3.0], [-2.0, -1.0, 0.0, 8.0]],
    "categorical": [6, 2],
    "levels": [[True, False], ["red", "green", "1"]],
}


@pytest.fixture
def code():
    """A code of seven features. The last but one is not used."""
    return InputCode(7, **ARGUMENTS)


def make(**changes):
    return InputCode(**({"n_features": 7} | ARGUMENTS | changes))


def dense_position(value, knots):
    """Return the sum of the components of the piecewise-linear code."""
    if np.isnan(value):
        return len(knots)
    total = 0.0
    for lower, upper in pairwise(knots):
        total += min(max((value - lower) / (upper - lower), 0.0), 1.0)
    return total


finite = st.floats(-1e6, 1e6, width=32).map(lambda value: round(value, 6))


@given(
    st.lists(finite, min_size=3, max_size=30, unique=True).map(sorted),
    st.lists(finite | st.just(NAN), min_size=1, max_size=20),
)
def test_position_among_knots_is_the_sum_of_the_components(knots, values):
    code = make(
        n_features=1,
        knotted=[0],
        knots=[knots],
        categorical=[],
        levels=[],
        **{name: [] for name in ("linear", "low", "high", "mean", "scale")},
    )
    values = [*values, *knots]
    positions = code.codes(code.numbers(np.array(values)[:, np.newaxis]))
    expected = [dense_position(value, knots) for value in values]
    assert_allclose(positions[:, 0], expected, rtol=1e-6, atol=1e-6)
    assert_array_equal(positions[-len(knots) :, 0], np.arange(len(knots)))


def test_extreme_knots_and_values():
    least, greatest = np.float32(1e-37), np.float32(8e37)
    knots = [-greatest, 0.0, least, greatest]
    code = make(knotted=[4], knots=[knots])
    values = np.zeros((4, 7), dtype=np.float32)
    values[:, 4] = [-greatest, 0.0, least, greatest]
    with np.errstate(all="raise", under="ignore"):
        assert code.codes(values)[:, 2].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_codes(code):
    rows = [
        [4.0, -1.5, "green", 0.0, 2.0, "any", True],
        [NAN, -9.0, "blue", 7.0, 0.0, None, None],
        [99.0, NAN, None, -7.0, NAN, 3, False],
    ]
    numbers = code.numbers(np.array(rows, dtype=object))
    assert numbers.dtype == np.float32
    assert numbers.flags.c_contiguous
    assert_array_equal(
        numbers,
        [
            [4.0, -1.5, 1.0, 0.0, 2.0, NAN, 0.0],
            [NAN, -9.0, 3.0, 7.0, 0.0, NAN, 3.0],
            [99.0, NAN, 4.0, -7.0, NAN, NAN, 1.0],
        ],
    )
    codes = code.codes(numbers)
    assert codes.dtype == np.float32
    assert_array_equal(
        codes,
        [
            [-1.0, -0.5, 1.5, 0.5, 0.0, 1.0],
            [1.0, 0.0, 0.0, 0.0, 3.0, 3.0],
            [-3.0, 2.5, 3.0, 4.0, 1.0, 4.0],
        ],
    )


def test_rows_of_the_table(code):
    assert (code.n_linear, code.n_codes) == (2, 4)
    assert code.row_counts.tolist() == [4, 5, 4, 5]
    assert code.starts.tolist() == [0, 4, 9, 13]
    assert code.n_rows == 18
    assert repr(code) == (
        "InputCode(n_features=7, n_linear=2, n_knotted=2, n_categorical=2)"
    )


def test_no_feature_is_used():
    code = InputCode(2, **{name: [] for name in ARGUMENTS})
    assert (code.n_linear, code.n_codes, code.n_rows) == (0, 0, 0)
    assert code.codes(code.numbers(np.ones((3, 2)))).shape == (3, 0)


def numeric_code():
    return make(categorical=[], levels=[])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int32, bool])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_numbers_are_cast(dtype, order):
    X = np.random.default_rng(0).normal(scale=9, size=(20, 7)).astype(dtype)
    expected = X.astype(np.float32)
    code = InputCode(
        7,
        linear=range(7),
        low=-np.ones(7),
        high=np.ones(7),
        mean=np.zeros(7),
        scale=np.ones(7),
        **{name: [] for name in ("knotted", "knots", "categorical", "levels")},
    )
    numbers = code.numbers(np.asarray(X, order=order))
    assert numbers.dtype == np.float32
    assert numbers.flags.c_contiguous
    assert_array_equal(numbers, expected)
    for table in (X.tolist(), X.astype(object), pd.DataFrame(X), pl.DataFrame(X)):
        assert_array_equal(code.numbers(table), expected)


def test_blocks_of_rows_are_as_one(code):
    rng = np.random.default_rng(0)
    numbers = rng.normal(scale=3, size=(10_001, 7)).astype(np.float32)
    numbers[:, [2, 6]] = rng.integers(0, 4, size=(10_001, 2))
    numbers[rng.random(10_001) < 0.1, 1] = np.nan
    rows = [0, 4095, 4096, 8192, 10_000]
    single = np.vstack([code.codes(numbers[row : row + 1]) for row in rows])
    assert_array_equal(code.codes(numbers)[rows], single)
    assert code.codes(numbers[:0]).shape == (0, 6)


def test_numbers_given_as_levels_and_levels_given_as_numbers(code):
    """An equal level is found, whatever the type of the column is."""
    frame = pd.DataFrame(
        {
            "0": pd.Series([4.0, 2.0], dtype="category"),
            "1": [True, False],
            "2": pd.Series([None, None], dtype=object),
            "3": pd.Series([None, None], dtype="string"),
            "4": pd.Series([1, None], dtype="Int8"),
            "5": ["any", "text"],
            "6": [1.0, 0.0],
        }
    )
    assert_array_equal(
        code.numbers(frame),
        [
            [4.0, 1.0, 4.0, NAN, 1.0, NAN, 0.0],
            [2.0, 0.0, 4.0, NAN, NAN, NAN, 1.0],
        ],
    )
    frame["6"] = [2.0, np.nan]
    assert code.numbers(frame)[:, 6].tolist() == [2.0, 3.0]


def test_categories_that_no_row_has_do_no_harm(code):
    frame = pd.DataFrame({str(number): [1.0] for number in range(7)})
    frame["2"] = "red"
    frame["0"] = pd.Categorical([1.0], categories=[1.0, "text"])
    assert code.numbers(frame)[0, 0] == 1.0


@pytest.mark.parametrize(
    ("feature", "cell", "message"),
    [
        (0, "x", r"column 'f0' of X holds text \('x'\), but held numbers in fit"),
        (4, "1", r"column 'f4' of X holds text \('1'\), but held numbers in fit"),
        (2, 1.0, "'f2' of X holds numbers, but held text in fit: convert them to"),
        (3, np.inf, "column 'f3' of X holds infinity"),
        (5, 1e39, "column 'f5' of X holds a value of size 1e\\+39"),
    ],
)
def test_columns_of_another_kind_are_refused(code, feature, cell, message):
    frame = pd.DataFrame({f"f{number}": [1.0] for number in range(7)})
    frame["f2"] = "red"
    frame[f"f{feature}"] = cell
    with pytest.raises(ValueError, match=message):
        code.numbers(frame)


def test_numbers_that_come_as_levels_are_checked():
    frame = pd.DataFrame({str(number): [1.0] for number in range(7)})
    frame["0"] = pd.Series([1e39], dtype="category")
    with pytest.raises(ValueError, match="column '0' of X .* too large for float32"):
        numeric_code().numbers(frame)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e39, 3e38])
@pytest.mark.parametrize("as_frame", [False, True])
def test_numbers_beyond_range_are_refused(value, as_frame):
    X = np.ones((3, 7))
    X[1, 5] = value
    message = "column '?5'? of X holds " + (
        "infinity" if np.isinf(value) else "a value of size"
    )
    X = pd.DataFrame(X).rename(columns=str) if as_frame else X
    with pytest.raises(ValueError, match=message):
        numeric_code().numbers(X)


@pytest.mark.parametrize("n_features", [0, 6, 8])
def test_other_numbers_of_columns_are_refused(code, n_features):
    X = np.ones((2, n_features))
    message = f"X has {n_features} features, but had 7 in fit"
    for table in (X, pd.DataFrame(X), X.astype(object)):
        with pytest.raises(ValueError, match=message):
            code.numbers(table)
        with pytest.raises(ValueError, match=message):
            numeric_code().numbers(table)


level = st.text(max_size=3) | st.integers(-9, 9) | st.floats(-9, 9) | st.booleans()


@given(
    st.lists(st.lists(level, max_size=5, unique=True), max_size=3),
    st.lists(
        st.lists(finite, min_size=3, max_size=6, unique=True).map(sorted), max_size=3
    ),
    st.lists(st.tuples(finite, finite, finite, st.floats(0.5, 1e6)), max_size=3),
    st.randoms(),
)
def test_written_and_read(levels, knots, linear, random):
    features = list(range(12))
    random.shuffle(features)
    sizes = np.cumsum([len(linear), len(knots), len(levels)])
    low, high, mean, scale = np.array(linear).reshape(-1, 4).T
    code = InputCode(
        12,
        linear=features[: sizes[0]],
        low=np.minimum(low, high),
        high=np.maximum(low, high),
        mean=mean,
        scale=scale,
        knotted=features[sizes[0] : sizes[1]],
        knots=knots,
        categorical=features[sizes[1] : sizes[2]],
        levels=levels,
    )
    description, arrays = code.to_dict()
    text = json.dumps(description, allow_nan=False)
    assert all(array.dtype in (np.int64, np.float32) for array in arrays.values())
    assert all(array.ndim == 1 for array in arrays.values())
    again = InputCode.from_dict(json.loads(text), arrays)
    assert again == code
    assert repr(again.levels) == repr(code.levels)
    assert again.n_rows == code.n_rows
    assert pickle.loads(pickle.dumps(code)) == code
    assert copy.deepcopy(code) == code


@pytest.mark.parametrize(
    "changes",
    [
        {"n_features": 8},
        {"linear": [0, 3]},
        {"scale": [0.5, 2.5]},
        {"knots": [[0.0, 1.0, 4.0], ARGUMENTS["knots"][1]]},
        {"levels": [[1, 0], ARGUMENTS["levels"][1]]},
        {"categorical": [2, 6]},
    ],
)
def test_codes_that_differ_are_not_equal(code, changes):
    assert make() == code
    assert make(**changes) != code
    assert code != 7


def damage_arrays(**changes):
    return lambda description, arrays: (description, arrays | changes)


def damage_description(**changes):
    return lambda description, arrays: (description | changes, arrays)


def floats(*values):
    return np.array(values, dtype=np.float32)


def integers(*values):
    return np.array(values, dtype=np.int64)


RANGE = r"numbers from 0 to n_features - 1 = 6"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda d, a: ([], a), "description needs to be a dict of n_features, levels"),
        (lambda d, a: (d, None), "arrays needs to be a dict of linear, knotted"),
        (lambda d, a: ({"levels": d["levels"]}, a), "description needs to be a dict"),
        (damage_arrays(more=floats()), "arrays needs to be a dict"),
        (damage_description(n_features=-1), "n_features is -1: it needs to be an int"),
        (damage_description(n_features=7.0), "n_features is 7.0"),
        (damage_description(n_features=True), "n_features is True"),
        (damage_description(n_features="7"), "n_features is '7'"),
        (damage_description(n_features=6), r"n_features - 1 = 5: they hold 0 to 6"),
        (damage_description(levels="ab"), "levels is 'ab': it needs to be a list of"),
        (damage_description(levels=[["a"], "b"]), "it needs to be a list of lists"),
        (damage_description(levels=[["a"]]), "levels has 1 lists for 2 categorical"),
        (damage_description(levels=[["a", None], []]), "feature 6 hold None"),
        (damage_description(levels=[[], [["a"]]]), r"feature 2 hold \['a'\]"),
        (damage_description(levels=[[], [np.inf]]), "feature 2 hold inf"),
        (damage_description(levels=[[], ["a", "a"]]), "feature 2 need to differ"),
        (damage_description(levels=[[1, True], []]), "feature 6 need to differ"),
        (damage_description(levels=[[NAN], []]), "feature 6 need to differ"),
        (damage_arrays(linear=integers(3, -1)), RANGE),
        (damage_arrays(linear=integers(3, 7)), RANGE),
        (damage_arrays(linear=integers(3, 3)), "each feature at most once"),
        (damage_arrays(linear=integers(3, 4)), "each feature at most once"),
        (damage_arrays(linear=integers(3)), "low has 2 values for 1 linear features"),
        (damage_arrays(linear=floats(3, 0)), "linear needs to be an array .* integer"),
        (damage_arrays(linear=[3, 0]), "linear needs to be an array of one dimension"),
        (damage_arrays(linear=integers([3, 0])), "linear needs to be an array of one"),
        (damage_arrays(low=floats(-1)), "low has 1 values for 2 linear features"),
        (damage_arrays(low=floats(2, 0)), "low needs to be at most high"),
        (damage_arrays(mean=floats(np.nan, 0)), "mean needs to be finite"),
        (damage_arrays(mean=np.zeros(2)), "mean needs to be an array .* of float32"),
        (damage_arrays(scale=floats(0, 1)), "scale needs to be 1e-37 or more"),
        (damage_arrays(scale=floats(np.inf, 1)), "scale needs to be finite"),
        (damage_arrays(knotted=integers(4)), "knots has 2 arrays for 1 knotted"),
        (damage_arrays(knots=floats(0, 1, 3)), r"knot_counts is \[3, 4\] for 3 knots"),
        (
            damage_arrays(knots=floats(0, 1, 1, 1, 2, 3, 4)),
            "feature 4 need to increase",
        ),
        (damage_arrays(knots=floats(0, 1, 2, 1, 2, np.nan, 4)), "feature 1 .* finite"),
        (damage_arrays(knots=floats(0, 1, 2, 1, 2, 3, np.inf)), "feature 1 .* finite"),
        (damage_arrays(knot_counts=integers(2, 5)), "feature 4 need to be 3 or more"),
        (damage_arrays(knot_counts=integers(8, -1)), r"knot_counts is \[8, -1\]"),
        (damage_arrays(knot_counts=integers(7)), "knots has 1 arrays for 2 knotted"),
        (
            damage_arrays(knot_counts=integers(2**63 - 1, 2**63 - 1, 9)),
            "it needs to add up to their number",
        ),
    ],
)
def test_damaged_content_is_refused(code, damage, message):
    with pytest.raises(ValueError, match=message):
        InputCode.from_dict(*damage(*code.to_dict()))


def test_arguments_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="linear needs to have one dimension"):
        make(linear=[[3, 0]])
    with pytest.raises(ValueError, match="feature 4 need to be 3 or more"):
        make(knots=[0.0, ARGUMENTS["knots"][1]])
