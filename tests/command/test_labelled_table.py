from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from skdistill.command.columns import Kind
from skdistill.command.labelled_table import find_columns, read_labelled_table


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(n_rows=60, seed=0):
    """A table with ids, dates, and a label for most rows."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "city": rng.choice(["Lima", "Oslo", "Rome"], n_rows),
            "age": rng.integers(18, 90, n_rows) + 0.5,
            "id": [f"C{i:04d}" for i in rng.permutation(n_rows)],
            "day": rng.choice(["2020-01-01", "2020-02-01"], n_rows),
            "buys": rng.choice(["yes", "no"], n_rows),
        }
    )
    table.loc[::10, "buys"] = None
    return table


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_rows_of_two_files(ending):
    tables = [make(), make(40, seed=1)]
    paths = [Path(f"{name}.{ending}") for name in ("old", "new")]
    for table, path in zip(tables, paths, strict=True):
        if ending == "csv":
            table.to_csv(path, index=False)
        else:
            # An index that does not count the rows.
            table.set_index(table.index + 7).to_parquet(path)
    read = read_labelled_table(paths[0], ["buys"], test_path=paths[1])
    for rows, table in zip((read.given, read.tested), tables, strict=True):
        assert list(rows.X) == ["city", "age"]
        assert rows.X["city"].astype(str).tolist() == table["city"].tolist()
        np.testing.assert_array_equal(rows.X["age"], table["age"])
        is_labelled = table["buys"].notna().to_numpy()
        for labelled in (True, False):
            chosen = np.flatnonzero(is_labelled == labelled)
            assert rows.rows(labelled=labelled).tolist() == chosen.tolist()
        chosen = rows.rows(labelled=True)
        assert rows.target.labels[chosen].tolist() == table["buys"][chosen].tolist()


def test_ids_that_the_file_to_test_holds_too_are_left_out():
    for name in ("old.csv", "new.csv"):
        make().to_csv(name, index=False)
    read = read_labelled_table(Path("old.csv"), ["buys"], test_path=Path("new.csv"))
    assert {c.name for c in read.columns if c.left_out} == {"id", "day"}


def test_a_teacher_gets_the_columns_that_it_was_fitted_with():
    make().to_csv("t.csv", index=False)
    teacher = SimpleNamespace(feature_names_in_=np.array(["day", "id", "city"]))
    read = read_labelled_table(Path("t.csv"), ["buys"], teacher=teacher)
    assert list(read.given.X) == ["day", "id", "city"]
    columns = {column.name: column for column in read.columns}
    assert columns["age"].left_out
    assert columns["age"].remark == "the teacher was fitted without it"
    # The student itself leaves out ids, and learns the levels of the dates.
    assert columns["id"].left_out
    assert not columns["day"].left_out
    assert columns["day"].kind is Kind.LEVELS
    for name in ("id", "day"):
        assert columns[name].remark.endswith("the teacher takes it")
        assert columns[name].remedy is None
    # Names that are not in the table: the teacher's own error tells.
    for known in (None, ["day", "town"]):
        teacher = SimpleNamespace(feature_names_in_=known)
        read = read_labelled_table(Path("t.csv"), ["buys"], teacher=teacher)
        assert list(read.given.X) == ["city", "age", "id", "day"]


def test_names_with_commas():
    frame = pd.DataFrame(columns=["a", "b", "a,b", "c"])
    path = Path("t.csv")
    assert find_columns(["a,b"], frame, path) == ["a,b"]
    assert find_columns(["a,c", "b"], frame, path) == ["a", "c", "b"]
    # A blank belongs to a name only if there is such a name.
    frame = pd.DataFrame(columns=["a", "b", "c", " c"])
    assert find_columns(["a, b, c"], frame, path) == ["a", "b", " c"]
    with pytest.raises(ValueError, match="t.csv has no column ' d'; it has 'a', 'b'"):
        find_columns(["a, d"], frame, path)


def save(name, content):
    if isinstance(content, pd.DataFrame):
        read = content.to_parquet if name.endswith("parquet") else content.to_csv
        read(name, index=False)
    else:
        Path(name).write_bytes(content)


@pytest.mark.parametrize(
    ("table", "test", "words"),
    [
        (make(10), None, "t.csv has 10 rows: 20 are needed"),
        (make(21), None, "t.csv has 18 rows with a value of 'buys': 20 are needed"),
        (
            make().drop(columns="buys"),
            None,
            "t.csv has no column 'buys'; it has 'city'",
        ),
        (make()[["buys"]], None, "no column besides 'buys'"),
        (
            make().assign(buys=[f"b{row}" for row in range(60)]),
            None,
            "'buys' has 60 different values in 60",
        ),
        (b"city;buys\n" + b"a;b\n" * 30, None, "a single column, 'city;buys'"),
        (
            make(),
            make().drop(columns="age"),
            "new.csv has no column 'age', and t.csv has",
        ),
        (make(), make().assign(buys=None), "new.csv has no row with a value of 'buys'"),
        (b"", None, "t.csv cannot be read as a table"),
    ],
)
def test_tables_that_cannot_be_used(table, test, words):
    save("t.csv", table)
    path = None
    if test is not None:
        save("new.csv", test)
        path = Path("new.csv")
    with pytest.raises(ValueError, match=words):
        read_labelled_table(Path("t.csv"), ["buys"], test_path=path)


def test_files_of_two_forms():
    save("t.csv", make())
    save("t.parquet", make())
    with pytest.raises(ValueError, match="differ in form: give both as CSV or both as"):
        read_labelled_table(Path("t.csv"), ["buys"], test_path=Path("t.parquet"))
    save("t.xlsx", b"PK")
    with pytest.raises(ValueError, match="t.xlsx is a spreadsheet: save it as CSV"):
        read_labelled_table(Path("t.xlsx"), ["buys"])
