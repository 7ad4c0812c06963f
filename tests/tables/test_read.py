"""Reading raw tables."""

import datetime
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array

from skdistill.tables.read import GREATEST, read_coded_columns, read_columns
from tests.tables.columns import NAN, PANDAS, POLARS


def check_column(column, name, is_category, expected):
    assert (column.name, column.is_category) == (name, is_category)
    assert column.values.shape == (3,)
    if is_category:
        assert column.values.dtype == object
        assert list(column.values) == expected
        types = {type(value) for value in column.values}
        assert types <= {str, int, float, bool, type(None)}
    else:
        assert column.values.dtype in (np.float64, np.float32)
        assert_array_equal(column.values, np.array(expected, dtype=float))


@pytest.mark.parametrize("kind", PANDAS)
def test_column_of_pandas(kind):
    series, is_category, expected = PANDAS[kind]
    (column,) = read_columns(pd.DataFrame({"a b": series}))
    check_column(column, "'a b'", is_category, expected)


@pytest.mark.parametrize("kind", POLARS)
def test_column_of_polars(kind):
    series, is_category, expected = POLARS[kind]
    (column,) = read_columns(pl.DataFrame({"a": series}))
    check_column(column, "'a'", is_category, expected)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("order", ["C", "F"])
def test_columns_of_floats_are_views(dtype, order):
    X = np.ones((5, 3), dtype=dtype, order=order)
    for column in read_columns(X):
        assert np.shares_memory(column.values, X)
        assert column.values.dtype == dtype
    frame = pd.DataFrame(X, copy=False)
    for column in read_columns(frame):
        assert np.shares_memory(column.values, frame.to_numpy())


def test_columns_have_the_names_of_the_frame():
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", 7])
    assert [column.name for column in read_columns(frame)] == ["'a'", "'a'", "7"]


def test_types_keep_equal_levels_apart():
    cells = [True, 1, 1.0, "1", 1, None]
    (column,) = read_columns(pd.DataFrame({"a": pd.Series(cells, dtype=object)}))
    assert [repr(value) for value in column.values] == [repr(cell) for cell in cells]


def test_levels_are_of_python_types():
    class Text(str):
        pass

    cells = [np.str_("a"), Text("b"), np.int8(1), np.float32(0.5), np.bool_(True), 2]
    (column,) = read_columns([[cell] for cell in cells])
    types = [str, str, int, float, bool, int]
    assert [type(value) for value in column.values] == types
    assert column.values.tolist() == ["a", "b", 1, 0.5, True, 2]


@given(st.lists(st.sampled_from(["a", "b", "", None, NAN, 1, 1.5, True, pd.NA])))
def test_indices_lead_to_the_levels(cells):
    frame = pd.DataFrame({"a": pd.Series(cells, dtype=object)})
    (column,), (coded,) = read_columns(frame), read_coded_columns(frame)
    assert column.is_category == (coded.labels is not None)
    if column.is_category:
        assert len({repr(label) for label in coded.labels}) == len(coded.labels)
        levels = [None if index < 0 else coded.labels[index] for index in coded.values]
        assert repr(levels) == repr(column.values.tolist())
    else:
        assert_array_equal(coded.values, column.values)


DATE_ADVICE = "convert it to numbers first, for example days since a date, month"
DAY = datetime.date(2020, 1, 31)


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame({"a": pd.to_datetime(["2020-01-31"])}),
        pd.DataFrame({"a": pd.to_datetime(["2020-01-31"]).tz_localize("UTC")}),
        pd.DataFrame({"a": pd.to_timedelta(["1h"])}),
        pd.DataFrame({"a": pd.period_range("2020", periods=1, freq="D")}),
        pd.DataFrame({"a": pd.Series([DAY], dtype="date32[pyarrow]")}),
        pd.DataFrame({"a": pd.Series([DAY], dtype=object)}),
        pd.DataFrame({"a": pd.to_datetime(["2020-01-31"])}).astype("category"),
        pd.DataFrame({"a": [datetime.time(12)]}),
        pl.DataFrame({"a": [DAY]}),
        pl.DataFrame({"a": [datetime.timedelta(1)]}),
        pl.DataFrame({"a": [datetime.time(12)]}),
    ],
)
def test_dates_are_refused_with_advice(X):
    with pytest.raises(
        ValueError, match=rf"column 'a' of X holds dates.*{DATE_ADVICE}"
    ):
        read_columns(X)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.array([["2020-01-31"]], dtype="datetime64[D]"), f"column 0.*{DATE_ADVICE}"),
        (np.array([[1]], dtype="timedelta64[s]"), f"column 0.*{DATE_ADVICE}"),
        ([[1, DAY]], f"column 1 of X.*{DATE_ADVICE}"),
        ([[np.timedelta64(1, "Y")]], f"column 0 of X.*{DATE_ADVICE}"),
        (np.array([[1j]]), "Complex data not supported: column 0 of X"),
        ([[1, "a", 1j]], "Complex data not supported: column 2 of X holds complex"),
        (np.array([[b"a"]]), r"column 0 of X holds bytes.*by \.decode\(\)"),
        (pl.DataFrame({"a": [b"a"]}), "column 'a' of X holds bytes"),
        (
            pl.DataFrame({"a": [[1, 2], [3]]}),
            "column 'a' of X holds cells of type list",
        ),
        (pl.DataFrame({"a": [{"b": 1}]}), "column 'a' of X holds cells of type dict"),
        (pd.DataFrame({"a": [[1, 2]]}), r"'a' of X holds cells of type list.*str\(\)"),
        (
            pd.DataFrame({"a": pd.cut([1, 2], 2)}),
            "column 'a' of X holds cells of type Interval",
        ),
        (np.array([[1, {"b": 1}]], dtype=object), "column 1 .* cells of type dict"),
        ([[1, 2], [3]], "X is not a table: its rows need the same number of cells"),
        ([], r"X with 1 dimension\(s\)"),
        ([1, 2], r"X with 1 dimension\(s\). Reshape your data: X.reshape\(-1, 1\)"),
        (np.ones((2, 2, 2)), r"X with 3 dimension\(s\)"),
        (pd.Series([1, 2]), r"X with 1 dimension\(s\)"),
        (pl.Series([1, 2]), r"X with 1 dimension\(s\)"),
        (7, r"X with 0 dimension\(s\)"),
        (pl.LazyFrame({"a": [1]}), r"X is a lazy frame: give X.collect\(\)"),
        (pd.DataFrame({"a": [1, np.inf]}), "column 'a' of X holds infinity"),
        (np.array([[1, -np.inf]], dtype=np.float32), "column 1 of X holds infinity"),
        (
            np.array([[np.nan, np.inf]], dtype=np.float16),
            "column 1 of X holds infinity",
        ),
        (np.array([["a", np.inf]], dtype=object), "column 1 of X holds infinity"),
        ([["a"], [np.inf]], "column 0 of X holds infinity among its categories"),
        (
            pd.DataFrame({"a": pd.Series([np.inf, 1], dtype="category")}),
            "column 'a' of X holds infinity among its categories",
        ),
        (np.array([[1e39]]), "column 0 of X .* size 1e\\+39, too large for float32"),
        (
            np.array([[2e38]], np.float32),
            "column 0 of X .* size 2e\\+38, too large for float32, in which the "
            "student adds up numbers of at most 8.5e\\+37: scale it down",
        ),
        ([["a", 10**400]], "column 1 of X holds an integer too large for float32"),
    ],
)
def test_cells_that_are_neither_numbers_nor_levels_are_refused(X, message):
    with pytest.raises(ValueError, match=message):
        read_columns(X)


def test_sparse_tables_are_refused_as_scikit_learn_does():
    with pytest.raises(TypeError, match=r"X is sparse: give a dense .* X.toarray\(\)"):
        read_columns(csr_array((2, 2)))


def test_greatest_number():
    (column,) = read_columns(np.array([[GREATEST], [-GREATEST], [np.nan]]))
    assert column.values[0] == GREATEST
    with np.errstate(over="raise"):
        assert np.isfinite(np.diff(column.values[:2].astype(np.float32))).all()


def test_numpy_alone_is_imported():
    program = """
import sys
import skdistill.student.input_code
from skdistill.tables.read import read_columns
from skdistill.tables.write import table_like
read_columns([[1, "a"]])
table_like([column.values for column in read_columns([[1, "a"]])], [[2, "b"]])
print(sorted({"pandas", "polars", "sklearn", "scipy", "numba"} & set(sys.modules)))
"""
    output = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert output.strip() == "[]"
