"""Columns of Arrow are read as pandas and polars hand them to a student."""

import numpy as np
import pyarrow as pa
import pytest

from skdistill.tables.batches.arrow_columns import (
    code_column,
    code_texts,
    without_views,
)
from skdistill.tables.batches.batch import Role
from skdistill.tables.batches.plain import PlainBatch
from skdistill.tables.batches.text_cells import coded_texts
from tests.tables.columns import PANDAS, POLARS
from tests.tables.test_read import check_column

# Types of columns that no file of Arrow or Parquet holds.
NOT_IN_FILES = {"sparse", "objects, mixed", "Object", "Int128"}


def arrays():
    """Yield each type with its array, whether it holds levels, and its values."""
    for kind, (series, is_category, values) in PANDAS.items():
        if kind not in NOT_IN_FILES:
            yield kind, pa.Array.from_pandas(series), is_category, values
    for kind, (series, is_category, values) in POLARS.items():
        if kind not in NOT_IN_FILES:
            yield f"polars {kind}", series.to_arrow(), is_category, values


@pytest.mark.parametrize("case", list(arrays()), ids=lambda case: case[0])
def test_column(case):
    _, array, is_category, expected = case
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    column = code_column("a b", array).decode()
    check_column(column, "'a b'", is_category, expected)


def decoded(array):
    return code_column("a", array).decode().values.tolist()


def test_dictionaries():
    cells = [f"level {place}" for place in range(1000)]
    # More levels than rows: only those that are used become objects.
    array = pa.DictionaryArray.from_arrays(pa.array([999, None, 3, 999]), cells)
    assert decoded(array) == ["level 999", None, "level 3", "level 999"]
    assert len(code_column("a", array).labels) == 2
    indices = pa.array([0, None, 1, 2], pa.uint8())
    array = pa.DictionaryArray.from_arrays(indices, pa.array([None, "x", "y"]))
    assert decoded(array) == [None, None, "x", "y"]
    # A slice has the dictionary of the whole.
    assert decoded(array.slice(2)) == ["x", "y"]


def test_a_slice_of_numbers_and_truth_values():
    assert decoded(pa.array([1, 2, None, 4])[1:])[::2] == [2.0, 4.0]
    assert decoded(pa.array([True, None, False])[1:]) == [None, False]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (pa.array([1], pa.timestamp("s")), "holds dates or times"),
        (pa.array([1], pa.date32()).dictionary_encode(), "holds dates or times"),
        (pa.array([[1]]), "holds list<"),
        (pa.array([{"x": 1}]), "holds struct<"),
        (pa.array([b"x"]), "holds bytes"),
        (pa.array([1e39]), "too large for float32"),
        (pa.array([np.inf]), "holds infinity"),
        (pa.array([np.inf]).dictionary_encode(), "infinity among its categories"),
    ],
)
def test_what_is_neither_a_number_nor_a_level(array, message):
    with pytest.raises(ValueError, match=f"column 'a' of X .*{message}"):
        code_column("a", array)


@pytest.mark.parametrize("role", Role)
def test_texts_are_read_alike_with_and_without_pyarrow(role):
    cells = ["1", "-2.5", " 3 ", "NA", None, "1e3", "+4", " ", "1", "nan"]
    if role is not Role.NUMBERS:
        cells += ["x", "1_000", "Köln"]
    column = code_texts("a", pa.array(cells), role)
    distinct = list(dict.fromkeys(cells))
    codes = np.array([distinct.index(cell) for cell in cells])
    other = coded_texts("a", role, distinct, codes)
    found, wanted = column.decode().values, other.decode().values
    np.testing.assert_array_equal(found, wanted)
    plain = PlainBatch({"a": [cell or "" for cell in cells]}, {"a": role}, len(cells))
    np.testing.assert_array_equal(plain.coded("a").decode().values, wanted)
    if role is Role.NUMBERS:
        nan = np.nan
        numbers = [1, -2.5, 3, nan, nan, 1000, 4, nan, 1, nan]
        np.testing.assert_array_equal(found, numbers)
    if role is Role.TEXTS:
        assert found.tolist() == cells


@pytest.mark.parametrize(
    "text",
    [
        *("1_000", "1,000", "$3", "x", "0x1F", "3 4"),
        # Python or Arrow takes these as numbers.
        *("NAN", "+nan", "nan(1)", "\uff13", "\u0663", "\u00a03", "\x1c3"),
    ],
)
def test_a_text_that_is_no_number(text):
    for cells in ([text], ["1", text], [text, None, "NA"]):
        message = "column 'a' holds .*, and the student takes numbers there"
        with pytest.raises(ValueError, match=message) as found:
            code_texts("a", pa.array(cells), Role.NUMBERS)
        assert repr(text) in str(found.value)
        batch = PlainBatch(
            {"a": [cell or "" for cell in cells]}, {"a": Role.NUMBERS}, len(cells)
        )
        with pytest.raises(ValueError, match=message):
            batch.coded("a")


@pytest.mark.parametrize("role", Role)
def test_words_with_a_meaning_of_their_own(role):
    cells = ["NA", None, "null", "True", "7"]
    words = {"NA": 0.5, "True": 1.0}
    wanted = [0.5, np.nan, np.nan, 1.0, 7.0]
    if role is not Role.NUMBERS:
        words = {"NA": "NA", "True": "yes"}
        wanted = ["NA", None, "null" if role is Role.TEXTS else None, "yes", "7"]
    plain = PlainBatch({"a": [cell or "" for cell in cells]}, {"a": role}, len(cells))
    for column in (
        code_texts("a", pa.array(cells), role, words),
        plain.coded("a", words),
    ):
        np.testing.assert_array_equal(column.decode().values, wanted)


@pytest.mark.parametrize("kind", ["string_view", "binary_view"])
def test_arrays_of_views(kind):
    """Polars writes them. Few functions of pyarrow take them."""
    if not hasattr(pa, kind):
        pytest.skip(f"pyarrow has no {kind}")
    cells = ["x", None, "a text of more than twelve bytes", "x"]
    cells = [cell and cell.encode() for cell in cells] if kind[0] == "b" else cells
    array = pa.array(cells, getattr(pa, kind)())
    found = without_views(array)
    assert found.to_pylist() == cells
    assert found.dictionary_encode().to_pylist() == cells
    indices = pa.array([2, None, 0], pa.uint8())
    levels = pa.DictionaryArray.from_arrays(indices, array, ordered=True)
    found = without_views(levels)
    assert found.to_pylist() == [cells[2], None, cells[0]]
    assert found.type.ordered
    assert found.dictionary_decode().to_pylist() == [cells[2], None, cells[0]]
    for other in (pa.array(["x"]), pa.array([1]), pa.array(["x"]).dictionary_encode()):
        assert without_views(other) is other


def test_numbers_of_plain_cells():
    batch = PlainBatch({"a": ["1", "", "2e1", "nan"]}, {"a": Role.NUMBERS}, 4)
    expected = [1, np.nan, 20, np.nan]
    np.testing.assert_array_equal(batch.coded("a").values, expected)
    batch = PlainBatch({"a": ["1", "inf"]}, {"a": Role.NUMBERS}, 2)
    with pytest.raises(ValueError, match="column 'a' of X holds infinity"):
        batch.coded("a")
