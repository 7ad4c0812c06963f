"""Writing tables that have the form of given ones."""

import numpy as np
import pandas as pd
import polars as pl
import polars.testing
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skdistill.tables.read import read_columns
from skdistill.tables.write import concatenate, table_like
from tests.tables.columns import NAN, PANDAS, POLARS


@given(st.lists(st.integers(0, 2), max_size=6))
def test_frame_of_pandas_like_another(rows):
    frame = pd.DataFrame({kind: series for kind, (series, *_) in PANDAS.items()})
    frame.columns = pd.MultiIndex.from_product([["top"], frame.columns])
    values = [column.values[np.array(rows, int)] for column in read_columns(frame)]
    expected = frame.iloc[rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(table_like(values, frame), expected)


@given(st.lists(st.integers(0, 2), max_size=6))
def test_frame_of_polars_like_another(rows):
    series = {kind: series for kind, (series, *_) in POLARS.items() if kind != "Object"}
    frame = pl.DataFrame(series)
    values = [column.values[np.array(rows, int)] for column in read_columns(frame)]
    table = table_like(values, frame)
    assert table.schema == frame.schema
    polars.testing.assert_frame_equal(
        table, frame[rows], check_exact=True, categorical_as_str=True
    )


def test_objects_of_polars_like_others():
    frame = pl.DataFrame({"a": POLARS["Object"][0]})
    table = table_like([column.values for column in read_columns(frame)], frame)
    assert table.schema == frame.schema
    assert table["a"].to_list() == frame["a"].to_list()


@pytest.mark.parametrize(
    ("array", "is_category"),
    [
        (np.array([[1.5, NAN], [2, 3]]), False),
        (np.array([[1.5, NAN], [2, 3]], dtype=np.float32), False),
        (np.array([[1.5, NAN], [2, 3]], dtype=np.float16), False),
        (np.array([[1.5, NAN], [2, 3]], dtype=np.longdouble), False),
        (np.array([[1, 2], [3, 4]], dtype=np.int16), False),
        (np.array([[True, False], [True, True]]), False),
        (np.array([["a", "bc"], ["", "d"]]), True),
        (np.array([["a", "bc"], ["", "d"]], dtype=np.dtypes.StringDType()), True),
        (np.array([[1.5, NAN], [2.0, 3.0]], dtype=object), False),
        (np.array([["a", None], ["b", "c"]], dtype=object), True),
        (np.array([["a", NAN], ["b", "c"]], dtype=object), True),
    ],
    ids=lambda value: str(getattr(value, "dtype", value)),
)
def test_array_like_another(array, is_category):
    columns = read_columns(array)
    assert [column.name for column in columns] == [0, 1]
    assert [column.is_category for column in columns] == [is_category] * 2
    table = table_like([column.values[[1, 0, 0]] for column in columns], array)
    assert table.dtype == array.dtype
    assert repr(table.tolist()) == repr(array[[1, 0, 0]].tolist())


@pytest.mark.parametrize(
    ("rows", "expected_dtype"),
    [
        ([[1, 2.5], [3, 4]], np.float64),
        ([[1.0, "a"], [NAN, "b"]], object),
        ([[None, "a"], [2.0, None]], object),
        ([["a"], ["b"]], object),
    ],
)
def test_array_like_a_list(rows, expected_dtype):
    values = [column.values for column in read_columns(rows)]
    table = table_like(values, rows)
    assert table.dtype == expected_dtype
    assert repr(table.tolist()) == repr(np.array(rows, expected_dtype).tolist())


def test_rows_of_two_tables():
    frame = pd.DataFrame({"a": [1, 2], "b": pd.Categorical(["x", "y"])})
    both = concatenate(frame, pl.DataFrame({"a": [3.0], "b": ["x"]}))
    assert both.dtypes.tolist() == frame.dtypes.tolist()
    assert both.to_numpy().tolist() == [[1, "x"], [2, "y"], [3, "x"]]


@pytest.mark.parametrize("kind", ["category", "object", "str"])
def test_a_column_of_missing_values_joins_levels(kind):
    levels = pd.DataFrame({"a": pd.Series(["x", "y"]).astype(kind)})
    nothing = pd.DataFrame({"a": pd.Series([None, None], dtype=object)})
    both = concatenate(levels, nothing)
    assert both.dtypes.tolist() == levels.dtypes.tolist()
    assert [column.is_category for column in read_columns(both)] == [True]
    assert read_columns(both)[0].values.tolist() == ["x", "y", None, None]
    other = concatenate(nothing, levels)
    assert read_columns(other)[0].values.tolist() == [None, None, "x", "y"]
    of_polars = concatenate(pl.DataFrame({"a": [None]}), pl.DataFrame({"a": ["x"]}))
    assert of_polars["a"].to_list() == [None, "x"]
    array = concatenate(np.array([[None]], object), np.array([["x"]], object))
    assert array.tolist() == [[None], ["x"]]


def test_a_column_of_missing_numbers_holds_no_levels():
    numbers = pd.DataFrame({"a": [np.nan]})
    with pytest.raises(ValueError, match="holds numbers in one table and categories"):
        concatenate(numbers, pd.DataFrame({"a": ["x"]}))


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({"a": [0.5], "b": ["x"]}, "column 'a' holds values in one table that its"),
        ({"a": [300], "b": ["x"]}, "column 'a' holds values in one table that its"),
        ({"a": [1], "b": ["z"]}, "type in the other table cannot hold: give both"),
        ({"a": [1], "b": [1]}, "'b' holds categories in one table and numbers in the"),
    ],
)
def test_rows_that_the_first_table_cannot_hold(second, message):
    frame = pd.DataFrame({"a": np.array([1, 2], np.uint8)})
    frame["b"] = pd.Categorical(["x", "y"])
    with pytest.raises(ValueError, match=message):
        concatenate(frame, pd.DataFrame(second))
