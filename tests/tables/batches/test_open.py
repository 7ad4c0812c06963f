"""Files of rows: names of columns, the columns that are read, and damaged files."""

import csv
import os

import numpy as np
import pyarrow as pa
import pytest

from skdistill.tables.batches import open as opening
from skdistill.tables.batches.batch import Role
from skdistill.tables.batches.open import open_rows


@pytest.fixture(params=["pyarrow", "plain"])
def library(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setattr(opening, "_has_pyarrow", lambda: False)
    return request.param


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rows.csv"


def rows_of(path):
    """Return the names of a CSV file, and its cells, column by column."""
    with open_rows(path) as rows:
        batches = list(rows.batches({}, rows.names))
        columns = [[batch.raw(name) for batch in batches] for name in rows.names]
    lists = [[cell for part in parts for cell in _listed(part)] for parts in columns]
    return rows.names, lists


def _listed(part):
    if isinstance(part, pa.Array):
        return [cell or "" for cell in part.to_pylist()]
    return list(part)


@pytest.mark.parametrize(
    ("text", "names", "columns"),
    [
        (",a,\n0,1,2\n", ["Unnamed: 0", "a", "Unnamed: 2"], [["0"], ["1"], ["2"]]),
        ('a,""\n1,2\n', ["a", "Unnamed: 1"], [["1"], ["2"]]),
        ("a,b\n1,2,\n3,4,\n", ["a", "b"], [["1", "3"], ["2", "4"]]),
        ("\n\na\n\n1,\n\n2,", ["a"], [["1", "2"]]),
        ('a,b\n"x\ny",2,\n', ["a", "b"], [["x\ny"], ["2"]]),
        ("a,b\n", ["a", "b"], [[], []]),
        ("a,b", ["a", "b"], [[], []]),
        ("\ufeff\na,b\n1,2\n", ["a", "b"], [["1"], ["2"]]),
    ],
)
def test_names_and_cells_of_csv(path, library, text, names, columns):
    path.write_bytes(text.encode())
    assert rows_of(path) == (names, columns)


def test_a_long_file_is_read_to_its_end(path, library):
    """The first row is put back, however long it is."""
    cells = ["x" * 100_000, *(str(place) for place in range(40_000))]
    path.write_text("a\n" + "\n".join(cells) + "\n")
    assert rows_of(path) == (["a"], [cells])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\n1\n2,\n", "rows.csv"),
        ("a\n1,\n2,3\n", "rows.csv"),
        ("a\n1,\n2\n", "rows.csv"),
        ("a,a\n1,2\n", "rows.csv has more than one column of the name 'a'"),
        (
            ",Unnamed: 0\n1,2\n",
            "rows.csv has more than one column of the name 'Unnamed: 0'",
        ),
        (
            '\na,"b\n' + "x" * 140_000,
            "rows.csv cannot be read as CSV at line 3: field larger than field limit",
        ),
    ],
)
def test_refused(path, library, text, words):
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        rows_of(path)


@pytest.mark.parametrize(
    ("text", "line"), [('a\n1\n"2"3\n', 3), ('"a\nb"\n1\n\n"2"3', 5)]
)
def test_the_line_of_an_error_without_pyarrow(path, monkeypatch, text, line):
    monkeypatch.setattr(opening, "_has_pyarrow", lambda: False)
    path.write_text(text)
    with pytest.raises(
        ValueError, match=f"rows.csv cannot be read as CSV at line {line}:"
    ):
        rows_of(path)


def test_a_zero_byte_in_the_names(path, library):
    """Some releases of Python refuse it."""
    path.write_bytes(b"a\0,b\n1,2\n")
    try:
        found = next(csv.reader(["a\0,b"]))
    except csv.Error:
        with pytest.raises(ValueError, match="cannot be read as CSV at line 1"):
            rows_of(path)
    else:
        assert rows_of(path) == (found, [["1"], ["2"]])


@pytest.mark.parametrize("new", [pa.ipc.new_file, pa.ipc.new_stream])
def test_other_columns_of_arrow_are_not_read(tmp_path, new):
    """A column that is damaged does no harm if nobody needs it."""
    path, noise = tmp_path / "rows.arrow", np.random.default_rng(0).bytes(8)
    marks = [noise + bytes(1000)] * 9
    table = pa.table({"bad": marks, "a": range(9), "b": [f"t{n}" for n in range(9)]})
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with new(path, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=4)
    content = path.read_bytes()
    assert noise in content
    # The frames of zstd that hold the marks begin some bytes before them.
    for place in range(len(content)):
        if content.startswith(noise, place):
            start = content.rindex(b"\x28\xb5\x2f\xfd", 0, place)
            content = content[:start] + b"\0\0\0\0" + content[start + 4 :]
    path.write_bytes(content)
    with open_rows(path) as rows:
        assert rows.names == ["bad", "a", "b"]
        batches = list(rows.batches({"a": Role.NUMBERS}, ["b"]))
    assert [n for batch in batches for n in batch.coded("a").values] == list(range(9))
    assert [t for batch in batches for t in batch.raw("b").to_pylist()] == table[
        "b"
    ].to_pylist()
    with (
        open_rows(path) as rows,
        pytest.raises(ValueError, match="rows.arrow cannot be read"),
    ):
        list(rows.batches({}, ["bad"]))


def test_a_stream_of_arrow_begins_where_it_was_opened(tmp_path, monkeypatch):
    """Another program may have read a part of standard input."""
    table, path = pa.table({"a": [1, 2], "b": [3, 4]}), tmp_path / "rows"
    with open(path, "wb") as file:
        file.write(b"x" * 64)
        with pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
    with open(path, "rb") as file:
        os.lseek(file.fileno(), 64, os.SEEK_SET)
        monkeypatch.setattr("sys.stdin", file)
        with open_rows(None) as rows:
            (batch,) = rows.batches({"b": Role.NUMBERS}, [])
            assert batch.coded("b").values.tolist() == [3, 4]


def test_a_folder_is_named(tmp_path):
    with pytest.raises(
        ValueError, match="is a folder: give one of its files at a time"
    ):
        open_rows(tmp_path)
