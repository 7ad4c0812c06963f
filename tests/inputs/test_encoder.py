import statistics
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdistill.inputs.encoder import TabularEncoder
from skdistill.student.input_code import InputCode

NAN = float("nan")


@parametrize_with_checks(
    [TabularEncoder(), TabularEncoder(n_bins=3, max_bins=2), TabularEncoder(n_bins=0)]
)
def test_common_checks(estimator, check):
    check(estimator)


# For each kind of column, its cells and the Series that holds them.
eighths = st.integers(-80, 80).map(lambda number: number / 8)
whole = st.integers(-5, 5)
text = st.sampled_from(["a", "b", "ab", "", "1"])


def series_of(dtype):
    """Return a function that makes a Series.

    If the dtype lacks missing values and there are some, it makes floats or objects.
    """

    def make(cells):
        lacking = dtype in ("int64", "int8", "bool")
        if lacking and None in cells:
            return pd.Series(cells, dtype=float if dtype != "bool" else object)
        return pd.Series(cells, dtype=dtype)

    return make


KINDS = {
    "float32": (eighths, series_of("float32")),
    "float64": (eighths, series_of("float64")),
    "int8": (whole, series_of("int8")),
    "int64": (whole, series_of("int64")),
    "Int64": (whole, series_of("Int64")),
    "Float32": (eighths, series_of("Float32")),
    "int16[pyarrow]": (whole, series_of("int16[pyarrow]")),
    "objects, numbers": (whole | eighths, series_of(object)),
    "category": (text, series_of("category")),
    "category of integers": (whole, series_of("category")),
    "str": (text, series_of("str")),
    "string": (text, series_of("string")),
    "objects, text": (text, series_of(object)),
    "bool": (st.booleans(), series_of("bool")),
    "boolean": (st.booleans(), series_of("boolean")),
}
POLARS_KINDS = {
    "float32": (eighths, pl.Float32),
    "float64": (eighths, pl.Float64),
    "int8": (whole, pl.Int8),
    "str": (text, pl.String),
    "category": (text, pl.Categorical),
    "boolean": (st.booleans(), pl.Boolean),
}


def is_numeric(kind):
    return kind.lower().startswith(("float", "int")) or kind == "objects, numbers"


def dense_code(fitted, new):
    """Code the new cells of a column by loops, with bins for all fitted values.

    Return None if the column is dropped.
    """
    present = [float(np.float32(cell)) for cell in fitted if cell is not None]
    values = sorted(set(present))
    missing = None in fitted
    if len(values) + missing < 2 or not values:
        return None
    if len(values) == 2 and not missing:
        mean, scale = statistics.fmean(present), statistics.pstdev(present)
        return [
            0.0
            if cell is None
            else (min(max(cell, values[0]), values[1]) - mean) / scale
            for cell in new
        ]
    if len(values) == 1:
        values = [values[0] - 1.0, values[0], values[0] + 1.0]
    elif len(values) == 2:
        values.insert(1, (values[0] + values[1]) / 2.0)
    return [
        float(len(values))
        if cell is None
        else sum(
            min(max((cell - low) / (high - low), 0.0), 1.0)
            for low, high in pairwise(values)
        )
        for cell in new
    ]


def level_code(fitted, new, max_categories):
    """Code the levels of a column by a dictionary, or return None if it is dropped."""
    counts = {}
    for cell in fitted:
        if cell is not None:
            counts[cell] = counts.get(cell, 0) + 1
    if not counts or len(counts) + (None in fitted) < 2:
        return None
    frequent = sorted(counts, key=counts.get, reverse=True)[:max_categories]
    index_of = {level: index for index, level in enumerate(frequent)}
    index_of[None] = len(frequent) + 1
    return [index_of.get(cell, len(frequent)) for cell in new]


def expected_codes(kinds, fitted, new, max_categories):
    """Return the codes that a table, given as columns of cells, should have."""
    parts = {"linear": [], "knotted": [], "categorical": []}
    seen = []
    for kind, old_cells, new_cells in zip(kinds, fitted, new, strict=True):
        # True and 1 are equal in Python, but they are different labels.
        content = old_cells if is_numeric(kind) else repr(old_cells)
        if content in seen:
            continue
        seen.append(content)
        if not is_numeric(kind):
            codes = level_code(old_cells, new_cells, max_categories)
            part = "categorical"
        else:
            codes = dense_code(old_cells, new_cells)
            two_values = len(set(old_cells)) == 2 and None not in old_cells
            part = "linear" if two_values else "knotted"
        if codes is not None:
            parts[part].append(codes)
    columns = [column for codes in parts.values() for column in codes]
    return np.array(columns).reshape(len(columns), len(new[0])).T


@st.composite
def tables(draw, kinds):
    """Draw kinds of columns, cells to fit on, and cells to code."""
    chosen = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=5))
    n_fitted, n_new = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    fitted, new = [], []
    for kind in chosen:
        cells = kinds[kind][0]
        pool = draw(st.lists(cells | st.none(), min_size=1, max_size=12))
        drawn = st.lists(st.sampled_from(pool), min_size=n_fitted, max_size=n_fitted)
        fitted.append(draw(drawn))
        new.append(draw(st.lists(cells | st.none(), min_size=n_new, max_size=n_new)))
    return chosen, fitted, new


def check_codes(chosen, fitted, new, make_frame, max_categories):
    encoder = TabularEncoder(max_categories=max_categories).fit(make_frame(fitted))
    for cells in (fitted, new):
        expected = expected_codes(chosen, fitted, cells, max_categories)
        codes = encoder.transform(make_frame(cells))
        assert codes.dtype == np.float32
        assert_allclose(codes, expected, rtol=1e-5, atol=1e-5)
    assert len(encoder.get_feature_names_out()) == expected.shape[1]
    again = InputCode.from_dict(*encoder.code_.to_dict())
    assert again == encoder.code_
    assert_array_equal(again.codes(again.numbers(make_frame(new))), codes)


@given(tables(KINDS), st.integers(1, 4))
def test_codes_of_pandas_are_those_of_loops(table, max_categories):
    chosen, fitted, new = table

    def make_frame(columns):
        series = {
            f"{number}": KINDS[kind][1](cells)
            for number, (kind, cells) in enumerate(zip(chosen, columns, strict=True))
        }
        return pd.DataFrame(series)

    check_codes(chosen, fitted, new, make_frame, max_categories)


@given(tables(POLARS_KINDS), st.integers(1, 4))
def test_codes_of_polars_are_those_of_loops(table, max_categories):
    chosen, fitted, new = table

    def make_frame(columns):
        return pl.DataFrame(
            [
                pl.Series(f"{number}", cells, dtype=POLARS_KINDS[kind][1])
                for number, (kind, cells) in enumerate(
                    zip(chosen, columns, strict=True)
                )
            ]
        )

    check_codes(chosen, fitted, new, make_frame, max_categories)


@given(
    tables(
        {
            kind: KINDS[kind]
            for kind in ("float64", "int64", "objects, numbers", "str", "objects, text")
        }
    )
)
def test_codes_of_lists_are_those_of_loops(table):
    def make_rows(columns):
        return [list(row) for row in zip(*columns, strict=True)]

    check_codes(*table, make_rows, 255)


def test_values_that_were_not_seen():
    table = pd.DataFrame(
        {
            "two values": [0, 0, 0, 4],
            "knots": [0.0, 1.0, 2.0, 4.0],
            "text": ["b", "a", "c", "a"],
            "truths": [True, False, True, True],
        }
    )
    encoder = TabularEncoder(max_categories=2).fit(table)
    new = pd.DataFrame(
        {
            "two values": [None, 9.0, 2.0],
            "knots": [None, 9.0, 3.0],
            "text": [None, "c", "new"],
            "truths": [None, True, False],
        }
    )
    mean, scale = 1.0, 3**0.5
    assert_allclose(
        encoder.transform(new),
        [
            [0.0, 4.0, 3.0, 3.0],
            [(4.0 - mean) / scale, 3.0, 2.0, 0.0],
            [(2.0 - mean) / scale, 2.5, 2.0, 1.0],
        ],
        rtol=1e-6,
    )
    assert encoder.code_.levels == [["a", "b"], [True, False]]
    all_missing = pd.DataFrame({name: [None] for name in table})
    assert_array_equal(encoder.transform(all_missing), [[0.0, 4.0, 3.0, 3.0]])


def test_columns_that_tell_nothing_are_dropped():
    table = pd.DataFrame(
        {
            "constant": [7.0] * 4,
            "missing": [NAN] * 4,
            "missing text": pd.Series([None] * 4, dtype="string"),
            "constant text": ["a"] * 4,
            "numbers": [1.0, 2.0, NAN, -0.0],
            "numbers again": pd.Series([1, 2, None, 0], dtype="Int64"),
            "text": ["a", "b", None, "a"],
            "text again": pd.Series(["a", "b", None, "a"], dtype="category"),
            "text with missing": ["a", None, "a", "a"],
            "number with missing": [3.0, NAN, 3.0, 3.0],
            "numbers in single precision": [1.0, 2.0, NAN, 1e-300],
        }
    )
    encoder = TabularEncoder().fit(table)
    kept = ["numbers", "number with missing", "text", "text with missing"]
    assert encoder.get_feature_names_out().tolist() == kept
    assert_array_equal(
        encoder.transform(table),
        [[1, 1, 0, 0], [2, 3, 1, 2], [3, 1, 3, 0], [0, 1, 0, 0]],
    )
    assert_allclose(encoder.mean_[[0, 4, 9]], [7, 1, 3])
    assert_allclose(encoder.scale_[[0, 4, 9]], [1, (2 / 3) ** 0.5, 1])
    assert np.isnan(encoder.mean_[[1, 2, 3, 6]]).all()
    assert np.isnan(encoder.scale_[[1, 2, 3, 6]]).all()


def test_no_column_is_left():
    encoder = TabularEncoder().fit([[1.0, "a"]])
    assert encoder.transform([[2.0, "b"], [None, None]]).shape == (2, 0)
    assert encoder.get_feature_names_out().shape == (0,)


def test_features_without_bins_are_standardised():
    X = np.random.default_rng(0).normal(3.0, 2.0, size=(50, 2))
    X[0] = NAN
    encoder = TabularEncoder(n_bins=0).fit(X)
    codes = encoder.transform(np.vstack([X, [[99.0, -99.0]]]))
    expected = (X - np.nanmean(X, axis=0)) / np.nanstd(X, axis=0)
    assert_allclose(codes[1:-1], expected[1:], rtol=1e-5, atol=1e-6)
    assert_array_equal(codes[0], [0.0, 0.0])
    assert_array_equal(codes[-1], [codes[:, 0].max(), codes[:, 1].min()])
    assert codes[-1, 0] == codes[:-1, 0].max()


def test_most_frequent_levels_first():
    labels = ["d", "b", "c", "b", "a", "c", "b", None]
    frame = pd.DataFrame({"a": pd.Categorical(labels, categories=list("abcde"))})
    encoder = TabularEncoder(max_categories=3)
    codes = encoder.fit_transform(frame)
    assert encoder.code_.levels == [["b", "c", "d"]]
    assert codes[:, 0].tolist() == [2, 0, 1, 0, 3, 1, 0, 4]


def test_levels_that_are_equal_are_one():
    frame = pd.DataFrame({"a": pd.Series([True, 1, 1.0, "a", "1"], dtype=object)})
    assert TabularEncoder().fit_transform(frame)[:, 0].tolist() == [0, 0, 0, 1, 2]


def test_names_and_output_as_a_frame():
    frame = pd.DataFrame({"t": ["a", "b"], "x": [1.0, 2.0]})
    encoder = TabularEncoder().set_output(transform="pandas").fit(frame)
    out = encoder.transform(frame)
    assert out.columns.tolist() == ["x", "t"]
    assert out["x"].tolist() == [-1.0, 1.0]
    assert encoder.feature_names_in_.tolist() == ["t", "x"]
    with pytest.raises(ValueError, match="feature names"):
        encoder.transform(frame[["x", "t"]])
    unnamed = TabularEncoder().fit(frame.to_numpy())
    assert unnamed.get_feature_names_out().tolist() == ["x1", "x0"]
    assert unnamed.get_feature_names_out(["s", "y"]).tolist() == ["y", "s"]


def test_not_fitted():
    for method in (TabularEncoder().transform, TabularEncoder().get_feature_names_out):
        with pytest.raises(NotFittedError):
            method([[1.0]])


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (pd.DataFrame({"a": [1.0, np.inf]}), "column 'a' of X holds infinity"),
        (np.array([[1.0], [2e38]]), "column 0 of X .* too large for float32"),
        (
            pd.DataFrame({"a": pd.to_datetime(["2020-01-31"])}),
            "column 'a' of X holds dates.*convert it to numbers first, for example",
        ),
        (
            pd.DataFrame({"a": [0.0, 1e-32], "b": [0, 1e-18], "c": [0.0, 2e-32]}),
            r"column 'a' of X has standard deviation 5e-33, too small .*\(2 such col",
        ),
        (np.empty((0, 2)), r"0 sample\(s\) \(shape=\(0, 2\)\)"),
        (np.empty((2, 0)), r"0 feature\(s\)"),
    ],
)
def test_failed_fit_leaves_the_encoder_as_it_was(X, message):
    encoder = TabularEncoder().fit([[0.0], [1.0], [2.0]])
    before = dict(vars(encoder))
    with pytest.raises(ValueError, match=message):
        encoder.fit(X)
    assert vars(encoder) == before


@pytest.mark.parametrize(
    ("sensitivity", "message"),
    [
        ([1.0], r"sensitivity has shape \(1,\): .* the 2 features, shape \(2,\)"),
        ([[1.0, 2.0]], r"sensitivity has shape \(1, 2\)"),
        ([1.0, -2.0], "sensitivity is -2.0 for feature 1: .* not negative"),
        ([NAN, 1.0], "sensitivity is nan for feature 0: .* finite"),
        ([np.inf, 1.0], "sensitivity is inf for feature 0: .* finite"),
    ],
)
def test_wrong_sensitivity(sensitivity, message):
    with pytest.raises(ValueError, match=message):
        TabularEncoder().fit(np.eye(2), sensitivity=sensitivity)


@pytest.mark.parametrize(
    "parameters", [{"n_bins": -1}, {"max_bins": 1}, {"max_categories": 0}]
)
def test_wrong_parameters(parameters):
    (name,) = parameters
    with pytest.raises(ValueError, match=f"The '{name}' parameter of TabularEncoder"):
        TabularEncoder(**parameters).fit(np.eye(2))


def test_encoder_warns_of_means_far_from_zero_in_single_precision():
    X = np.random.default_rng(0).normal(np.array([0.0, 1e6, 2e6]), size=(50, 3))
    X[3] = NAN
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(d="text", e=1e9)
    # In double precision an offset is subtracted, and no digit is lost.
    TabularEncoder().fit(frame)
    single = {"a": np.float32, "b": np.float32, "c": np.float32}
    message = r"column 'b' of X has mean .*Give it as float64 .2 such columns"
    with pytest.warns(UserWarning, match=message) as caught:
        TabularEncoder().fit(frame.astype(single))
    assert [warning.filename for warning in caught] == [__file__]
