"""Reading raw tables, and writing ones like them."""

import datetime
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import polars.testing
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array

from skdistill.tables.read import GREATEST, read_coded_columns, read_columns, table_like

NAN = float("nan")

# For each type: cells, whether they are labels, and what is read.
PANDAS = {
    "int64": (pd.Series([1, 2, 3]), False, [1, 2, 3]),
    "uint8": (pd.Series([1, 2, 255], dtype="uint8"), False, [1, 2, 255]),
    "float16": (pd.Series([1.5, NAN, 2], dtype="float16"), False, [1.5, NAN, 2]),
    "float32": (pd.Series([1.5, NAN, 2], dtype="float32"), False, [1.5, NAN, 2]),
    "float64": (pd.Series([1.5, NAN, 2]), False, [1.5, NAN, 2]),
    "Int64": (pd.Series([1, pd.NA, 2], dtype="Int64"), False, [1, NAN, 2]),
    "Int8, none missing": (pd.Series([1, 0, 2], dtype="Int8"), False, [1, 0, 2]),
    "Float32": (pd.Series([1.5, pd.NA, 2], dtype="Float32"), False, [1.5, NAN, 2]),
    "Float64": (pd.Series([1.5, pd.NA, 2], dtype="Float64"), False, [1.5, NAN, 2]),
    "int of Arrow": (
        pd.Series([1, None, 2], dtype="int16[pyarrow]"),
        False,
        [1, NAN, 2],
    ),
    "float of Arrow": (
        pd.Series([1.5, None, 2], dtype="float[pyarrow]"),
        False,
        [1.5, NAN, 2],
    ),
    "decimal of Arrow": (
        pd.Series([Decimal("1.25"), None, Decimal(2)]).astype(
            pd.ArrowDtype(pa.decimal128(6, 2))
        ),
        False,
        [1.25, NAN, 2],
    ),
    "sparse": (pd.Series([0, 0, 1.5], dtype="Sparse[float]"), False, [0, 0, 1.5]),
    "objects, numbers": (pd.Series([1, NAN, 2.5], dtype=object), False, [1, NAN, 2.5]),
    "objects, none": (pd.Series([None] * 3, dtype=object), False, [NAN] * 3),
    "bool": (pd.Series([True, False, True]), True, [True, False, True]),
    "boolean": (
        pd.Series([True, pd.NA, False], dtype="boolean"),
        True,
        [True, None, False],
    ),
    "bool of Arrow": (
        pd.Series([True, None, False], dtype="bool[pyarrow]"),
        True,
        [True, None, False],
    ),
    "text": (pd.Series(["a", None, "b"]), True, ["a", None, "b"]),
    "string": (pd.Series(["a", pd.NA, "b"], dtype="string"), True, ["a", None, "b"]),
    "string of Arrow": (
        pd.Series(["a", None, "b"], dtype=pd.ArrowDtype(pa.string())),
        True,
        ["a", None, "b"],
    ),
    "dictionary of Arrow": (
        pd.Series(["a", None, "b"]).astype(
            pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string()))
        ),
        True,
        ["a", None, "b"],
    ),
    "category of text": (
        pd.Series(
            pd.Categorical(["b", None, "a"], categories=["c", "b", "a"], ordered=True)
        ),
        True,
        ["b", None, "a"],
    ),
    "category of integers": (
        pd.Series([3, None, 1], dtype="category"),
        True,
        [3, None, 1],
    ),
    "category of floats": (
        pd.Series([2.5, None, 1.0], dtype="category"),
        True,
        [2.5, None, 1.0],
    ),
    "category of bool": (
        pd.Series([True, None, False], dtype="category"),
        True,
        [True, None, False],
    ),
    "objects, text": (
        pd.Series(["a", NAN, "b"], dtype=object),
        True,
        ["a", None, "b"],
    ),
    "objects, truths": (
        pd.Series([True, NAN, False], dtype=object),
        True,
        [True, None, False],
    ),
    "objects, mixed": (
        pd.Series([True, 1, "1"], dtype=object),
        True,
        [True, 1, "1"],
    ),
}

POLARS = {
    "Int8": (pl.Series([1, None, 2], dtype=pl.Int8), False, [1, NAN, 2]),
    "UInt64": (pl.Series([1, 0, 2], dtype=pl.UInt64), False, [1, 0, 2]),
    "Float32": (pl.Series([1.5, None, 2], dtype=pl.Float32), False, [1.5, NAN, 2]),
    "Float64": (pl.Series([1.5, NAN, 2]), False, [1.5, NAN, 2]),
    "Decimal": (
        pl.Series([Decimal("1.25"), None, Decimal("2.00")], dtype=pl.Decimal(6, 2)),
        False,
        [1.25, NAN, 2],
    ),
    "Null": (pl.Series([None] * 3), False, [NAN] * 3),
    "Boolean": (pl.Series([True, None, False]), True, [True, None, False]),
    "Boolean, none missing": (pl.Series([True, False] * 2)[:3], True, [1, 0, 1]),
    "String": (pl.Series(["a", None, "b"]), True, ["a", None, "b"]),
    "Categorical": (
        pl.Series(["b", None, "a"], dtype=pl.Categorical),
        True,
        ["b", None, "a"],
    ),
    "Enum": (
        pl.Series(["b", None, "a"], dtype=pl.Enum(["a", "b", "c"])),
        True,
        ["b", None, "a"],
    ),
    "Object": (pl.Series([1.5, "a", None], dtype=pl.Object), True, [1.5, "a", None]),
}
if hasattr(pl, "Int128"):  # Younger than the oldest polars that is supported.
    POLARS["Int128"] = (
        pl.Series([1, None, 2], dtype=pl.Int128),
        False,
        [1, NAN, 2],
    )


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


def test_types_keep_equal_labels_apart():
    cells = [True, 1, 1.0, "1", 1, None]
    (column,) = read_columns(pd.DataFrame({"a": pd.Series(cells, dtype=object)}))
    assert [repr(value) for value in column.values] == [repr(cell) for cell in cells]


def test_labels_are_of_python_types():
    class Text(str):
        pass

    cells = [np.str_("a"), Text("b"), np.int8(1), np.float32(0.5), np.bool_(True), 2]
    (column,) = read_columns([[cell] for cell in cells])
    types = [str, str, int, float, bool, int]
    assert [type(value) for value in column.values] == types
    assert column.values.tolist() == ["a", "b", 1, 0.5, True, 2]


@given(st.lists(st.sampled_from(["a", "b", "", None, NAN, 1, 1.5, True, pd.NA])))
def test_places_lead_to_the_values(cells):
    frame = pd.DataFrame({"a": pd.Series(cells, dtype=object)})
    (column,), (coded,) = read_columns(frame), read_coded_columns(frame)
    assert column.is_category == (coded.labels is not None)
    if column.is_category:
        assert len({repr(label) for label in coded.labels}) == len(coded.labels)
        spelt_out = [
            None if place < 0 else coded.labels[place] for place in coded.values
        ]
        assert repr(spelt_out) == repr(column.values.tolist())
    else:
        assert_array_equal(coded.values, column.values)


DATE_ADVICE = "turn it into numbers first, for example days since a date, month"
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
        ([[1, 2], [3]], "X is no table: its rows need the same number of cells"),
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
        (np.array([[2e38]], np.float32), "column 0 of X .* size 2e\\+38, too large"),
        ([["a", 10**400]], "column 1 of X holds an integer too large for float32"),
    ],
)
def test_what_is_neither_number_nor_label_is_refused(X, message):
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
read_columns([[1, "a"]])
print(sorted({"pandas", "polars", "sklearn", "scipy", "numba"} & set(sys.modules)))
"""
    output = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert output.strip() == "[]"
