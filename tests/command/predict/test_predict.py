"""Rows of files scored by the command, against the student on the whole table."""

import gc
import io
import os
import signal
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skdistill import DistilledClassifier, Student, TabularEncoder
from skdistill.__main__ import main
from skdistill.command.predict import scoring
from skdistill.student.input_code import InputCode
from skdistill.student.text.student_text import StudentText
from skdistill.student.text.vectorizer import TextVectorizer
from skdistill.tables.batches import open as opening

LABELS = np.array(["high", "low", "mid"])
ANSWERS = ["predict", *(f"predict_proba_{label}" for label in LABELS)]


@pytest.fixture(params=["pyarrow", "plain"])
def library(request, monkeypatch):
    """Name of the reader of CSV: with pyarrow, or with NumPy alone."""
    if request.param == "plain":
        monkeypatch.setattr(opening, "_has_pyarrow", lambda: False)
    return request.param


@pytest.fixture
def without_pyarrow(monkeypatch):
    monkeypatch.setattr(opening, "_has_pyarrow", lambda: False)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "N_BATCH", 64)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def table():
    """Return a raw table with gaps, and levels that the student does not know."""
    rng = np.random.default_rng(0)
    n = 500
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=n).round(3),
            "count": rng.integers(0, 9, n),
            "town": rng.choice(["Rome", "Oslo", "a, b", "Köln", "new"], n),
            "grade": rng.integers(1, 5, n),
            "paid": rng.random(n) < 0.5,
            "unused": rng.normal(size=n),
        }
    )
    frame.loc[rng.random(n) < 0.2, "size"] = np.nan
    frame.loc[rng.random(n) < 0.2, "town"] = None
    return frame


@pytest.fixture
def student():
    """Return a student of numbers and levels of three types, saved to s.npz."""
    rng = np.random.default_rng(1)
    code = InputCode(
        6,
        linear=[1],
        low=[0.0],
        high=[8.0],
        mean=[4.0],
        scale=[2.0],
        knotted=[0],
        knots=[[-1.0, 0.0, 0.5, 1.0]],
        categorical=[2, 3, 4],
        levels=[["Rome", "Oslo", "a, b", "Köln"], [1, 2, 3], [False, True]],
    )
    student = Student(
        [rng.normal(size=(1, 8)), rng.normal(size=(8, 3))],
        [rng.normal(size=8), rng.normal(size=3)],
        "relu",
        LABELS,
        code,
        rng.normal(size=(code.n_rows, 8)),
        feature_names=["size", "count", "town", "grade", "paid", "unused"],
    )
    student.save("s.npz")
    return student


def run(*arguments):
    return main(["predict", *map(str, arguments)])


def read(path):
    """Return a file of answers."""
    if str(path).endswith(".csv"):
        return pd.read_csv(path, keep_default_na=False)
    return pd.read_parquet(path)


def assert_answers(found, student, X, group=10**9):
    """Compare a file of answers with those of the student, which are the same bits.

    The last digits depend on the number of rows in a call: a batch, or what is left of
    a group of rows.
    """
    labels = list(map(str, student.classes_))
    names = ["predict", *(f"predict_proba_{label}" for label in labels)]
    assert list(found)[-len(names) :] == names
    start = 0
    while start < len(X):
        end = min(len(X), start + 64, start - start % group + group)
        rows = X[start:end]
        answers = found[start:end]
        np.testing.assert_array_equal(
            answers[names[1:]].to_numpy(np.float32), student.predict_proba(rows)
        )
        assert answers["predict"].tolist() == student.predict(rows).tolist()
        start = end
    assert len(found) == len(X)


def error_of(capsys):
    return " ".join(capsys.readouterr().err.split())


def test_csv(student, table, library, capsys):
    table.insert(0, "id", range(len(table)))
    table.sample(frac=1, axis=1, random_state=0).to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv", "--keep", "id,town") == 0
    found = read("out.csv")
    assert list(found) == ["id", "town", *ANSWERS]
    assert found["id"].tolist() == list(range(500))
    assert found["town"].tolist() == table["town"].fillna("").tolist()
    assert_answers(found, student, table.drop(columns="id"))
    assert "500 rows in" in error_of(capsys)


def test_csv_without_a_column_that_is_kept_says_what_is_left_out(
    student, table, library, capsys
):
    table.assign(id=1, note="x").to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv") == 0
    assert "does not know id and note: left out" in error_of(capsys)
    assert_answers(read("out.csv"), student, table)


@pytest.mark.parametrize("as_category", [False, True])
@pytest.mark.parametrize("ending", [".parquet", ".arrow", ".stream.arrow"])
def test_typed_files(student, table, ending, as_category):
    if as_category:
        table = table.astype({"town": "category", "grade": "category"})
    whole = pa.Table.from_pandas(table.assign(id=range(500)), preserve_index=False)
    whole = whole.select(["id", "paid", "town", "unused", "grade", "size", "count"])
    path = f"rows{ending}"
    if ending == ".parquet":
        pq.write_table(whole, path, row_group_size=150)
    else:
        new = pa.ipc.new_file if ending == ".arrow" else pa.ipc.new_stream
        with new(path, whole.schema) as writer:
            writer.write_table(whole, max_chunksize=150)
    for target, reader in (
        ("o.parquet", pd.read_parquet),
        ("o.arrow", pd.read_feather),
        ("o.csv", read),
    ):
        keep = ("--keep", "id,town,grade", "--jobs", "2")
        assert run("s.npz", path, target, *keep) == 0
        found = reader(target)
        assert found["id"].tolist() == list(range(500))
        for name in ("town", "grade"):
            kept = found[name].astype(object)
            kept = kept.where(found[name].notna(), "")
            wanted = table[name].astype(object).where(table[name].notna(), "")
            assert kept.tolist() == wanted.tolist()
        is_kind = isinstance(found["town"].dtype, pd.CategoricalDtype)
        assert is_kind == (as_category and target == "o.parquet")
        assert_answers(found, student, table, group=150)
    outputs = ["o.arrow", "o.csv", "o.parquet"]
    assert sorted(os.listdir()) == sorted([*outputs, path, "s.npz"])


@pytest.mark.parametrize("ending", [".arrow", ".stream.arrow"])
def test_views_of_texts_that_polars_writes(student, table, ending):
    frame = pl.from_pandas(table).with_columns(
        pl.col("town").cast(pl.Categorical).alias("kind"),
        pl.col("grade").cast(pl.String),
    )
    write = frame.write_ipc if ending == ".arrow" else frame.write_ipc_stream
    write(f"rows{ending}")
    for target in ("out.parquet", "out.arrow", "out.csv"):
        assert run("s.npz", f"rows{ending}", target, "--keep", "town,kind") == 0
        found = (pd.read_feather if target == "out.arrow" else read)(target)
        for name in ("town", "kind"):
            kept = found[name].astype(object).where(found[name].notna(), "")
            assert kept.tolist() == table["town"].fillna("").tolist()
        assert_answers(found, student, table)
    frame = frame.with_columns(pl.col("town").cast(pl.Categorical))
    frame.write_ipc("rows.arrow")
    assert run("s.npz", "rows.arrow", "out.parquet") == 0
    assert_answers(read("out.parquet"), student, table)


def test_words_for_a_missing_value_that_are_levels(library):
    """The student knows the town NA. The empty cell is missing in any case."""
    code = InputCode(
        2,
        **{name: [] for name in ("linear", "low", "high", "mean", "scale")},
        knotted=[],
        knots=[],
        categorical=[0, 1],
        levels=[["NA", "Oslo", "None"], ["Oslo", 3]],
    )
    table = np.random.default_rng(0).normal(size=(code.n_rows, 1))
    student = Student(
        [np.zeros((0, 1))],
        [np.zeros(1)],
        "relu",
        [False, True],
        code,
        table,
        feature_names=["town", "other"],
    )
    student.save("s.npz")
    towns = ["NA", "Oslo", "None", None, "null", "NaN", "Rome"]
    others = ["NA", "Oslo", "3", None, "None", "null", "4"]
    pd.DataFrame({"town": towns, "other": others}).to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv") == 0
    wanted = pd.DataFrame(
        {
            "town": ["NA", "Oslo", "None", None, None, None, "Rome"],
            "other": [None, "Oslo", "3", None, None, None, "4"],
        }
    )
    assert_answers(read("out.csv"), student, wanted)


def test_truth_values_of_a_student_of_numbers(library, capsys):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"paid": rng.random(99) < 0.5, "size": rng.normal(size=99)})
    weights = [np.array([[2.0], [-1.0]])], [np.zeros(1)]
    student = Student(*weights, "relu", ["no", "yes"], feature_names=list(frame))
    student.save("s.npz")
    for words in ({True: "True", False: "False"}, {True: "TRUE", False: "false"}):
        frame.assign(paid=frame["paid"].map(words)).to_csv("rows.csv", index=False)
        assert run("s.npz", "rows.csv", "out.csv") == 0
        assert_answers(read("out.csv"), student, frame)
    frame.assign(paid="yes").to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv") == 1
    assert "column 'paid' holds 'yes', and the student takes numbers" in error_of(
        capsys
    )


@pytest.mark.parametrize("labels", [["b", "a"], ["c", "a", "b"]])
def test_probabilities_that_are_rounded_to_one_number(labels, library):
    """The logits differ, and all probabilities are equal: the logits decide."""
    n_units = 1 if len(labels) == 2 else 3
    weights = np.array([[1.0]]) if n_units == 1 else np.array([[-1.0, 0.0, 1.0]])
    student = Student([weights], [np.zeros(n_units)], "relu", labels)
    student.save("s.npz")
    X = pd.DataFrame({"x": [1e-9, -1e-9, 0.0, 1e-12, -1e-30, 1e-38, 3.0, -3.0]})
    # Which batch a row is in does not matter.
    pd.concat([X] * 9).to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv") == 0
    found = read("out.csv")["predict"].tolist()
    first, last = labels[0], labels[-1]
    wanted = [last, first, first, last, first, last, last, first]
    assert student.predict(X).tolist() == wanted
    assert found == wanted * 9
    proba = student.predict_proba(X)
    assert (proba[:6] == proba[0, 0]).all()


def test_a_column_without_a_name_and_a_comma_at_the_end(library, capsys):
    """Pandas names the index column, and the student was fitted on this name."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(3, 1))], [np.zeros(1)]
    names = ["Unnamed: 0", "a", "b"]
    student = Student(*weights, "relu", [0, 1], feature_names=names)
    student.save("s.npz")
    frame = pd.DataFrame(rng.normal(size=(150, 2)), columns=["a", "b"])
    frame.to_csv("rows.csv")
    assert run("s.npz", "rows.csv", "out.csv", "--keep", "Unnamed: 0") == 0
    found = read("out.csv")
    assert found["Unnamed: 0"].tolist() == list(range(150))
    whole = frame.reset_index().set_axis(names, axis=1)
    assert_answers(found, student, whole)
    with open("rows.csv") as file:
        lines = file.read().splitlines()
    for head, ends in ((lines[0] + ",", True), (lines[0], True), (lines[0], False)):
        text = [head, "", *(line + "," * ends for line in lines[1:])]
        with open("rows.csv", "w") as file:
            file.write("\n".join(text))
        assert run("s.npz", "rows.csv", "out.csv") == 0
        assert_answers(read("out.csv"), student, whole)
    text = [lines[0], *(line + "," for line in lines[1:100]), lines[100] + ",7"]
    with open("rows.csv", "w") as file:
        file.write("\n".join(text))
    capsys.readouterr()
    assert run("s.npz", "rows.csv", "out.csv") == 1
    assert "rows.csv" in (error := error_of(capsys))
    assert "7" in error


@pytest.mark.parametrize("dtype", ["float16", "float32", "Int64", "decimal"])
def test_types_of_numbers(student, table, dtype):
    table["size"] = table["size"].fillna(0.0).round(0)
    frame = table.copy()
    if dtype == "decimal":
        kind = pd.ArrowDtype(pa.decimal128(6, 1))
        frame["size"] = pd.array(table["size"].map("{:.1f}".format)).astype(kind)
    else:
        frame["size"] = table["size"].astype(dtype)
    frame.to_parquet("rows.parquet")
    assert run("s.npz", "rows.parquet", "out.parquet") == 0
    assert_answers(read("out.parquet"), student, frame)


def test_cells_of_csv(student, table, library):
    """Words for missing values, spaces, signs, line breaks, and a mark of encoding."""
    cells = table.astype(object)
    cells["size"] = table["size"].map(lambda v: f" {v:+.3f}" if v == v else "NA")
    cells.loc[:2, "size"] = ["null", "   ", "1e-1"]
    cells.loc[:1, "town"] = ["N/A", 'say "no"\nnew']
    cells["town"] = cells["town"].fillna("NaN")
    cells["paid"] = table["paid"].map({True: "true", False: "FALSE"})
    cells.to_csv("rows.csv", index=False, encoding="utf-8-sig")
    assert run("s.npz", "rows.csv", "out.csv") == 0
    table.loc[:2, "size"] = [np.nan, np.nan, 0.1]
    table.loc[:1, "town"] = [None, "new"]
    assert_answers(read("out.csv"), student, table)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_encodings(student, table, library, encoding, capsys):
    table.to_csv("rows.csv", index=False, encoding=encoding)
    assert run("s.npz", "rows.csv", "out.csv", "--encoding", encoding) == 0
    assert_answers(read("out.csv"), student, table)
    assert run("s.npz", "rows.csv", "out2.csv") == 1
    error = error_of(capsys)
    assert "rows.csv is not written in utf-8: " in error
    assert error.endswith(f"--encoding {encoding}")
    assert not os.path.exists("out2.csv")


@pytest.mark.parametrize("form", ["csv", "arrow"])
def test_standard_input_and_output(student, table, form, monkeypatch, capfdbinary):
    if form == "csv":
        table.to_csv("rows", index=False)
    else:
        whole = pa.Table.from_pandas(table)
        with pa.ipc.new_stream("rows", whole.schema) as writer:
            writer.write_table(whole)
    with open("rows", "rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert run("s.npz", "-", "-") == 0
    found = io.BytesIO(capfdbinary.readouterr().out)
    assert_answers(pd.read_csv(found), student, table)


@pytest.mark.parametrize("form", ["Parquet", "a file of Arrow"])
def test_files_from_standard_input_are_refused(
    student, table, form, monkeypatch, capsys
):
    if form == "Parquet":
        table.to_parquet("rows")
    else:
        table.to_feather("rows")
    with open("rows", "rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert run("s.npz", "-", "-") == 1
    assert f"standard input is {form}, which is not read" in error_of(capsys)


def test_parquet_without_pyarrow(student, table, without_pyarrow, capsys):
    table.to_parquet("rows.parquet")
    table.to_csv("rows.csv")
    assert run("s.npz", "rows.parquet", "out.csv") == 1
    words = "reading rows.parquet needs pyarrow: install it, or skdistill[stream]"
    assert words in error_of(capsys)
    assert run("s.npz", "rows.csv", "out.parquet") == 1
    assert "writing out.parquet needs pyarrow" in error_of(capsys)


@pytest.mark.parametrize("n_rows", [0, 1])
@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_few_rows(student, table, form, n_rows):
    part = table[:n_rows]
    if form == "csv":
        part.to_csv("rows.csv", index=False)
    elif form == "parquet":
        part.to_parquet("rows.parquet")
    else:
        pa.feather.write_feather(part, "rows.arrow")
    assert run("s.npz", f"rows.{form}", "out.parquet", "--keep", "count") == 0
    found = pd.read_parquet("out.parquet")
    assert list(found) == ["count", *ANSWERS]
    assert len(found) == n_rows


def test_no_rows_without_pyarrow(student, table, without_pyarrow):
    table[:0].to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv") == 0
    assert list(pd.read_csv("out.csv")) == ANSWERS


def test_an_empty_file(student, library, capsys):
    open("rows.csv", "w").close()
    assert run("s.npz", "rows.csv", "out.csv") == 1
    assert "rows.csv is empty: its first line needs the names" in error_of(capsys)
    if library == "pyarrow":
        open("rows.parquet", "w").close()
        assert run("s.npz", "rows.parquet", "out.csv") == 1
        assert "rows.parquet cannot be read" in error_of(capsys)


def test_misfits(student, table, library, capsys):
    def error(frame, *options):
        frame.to_csv("rows.csv", index=False)
        assert run("s.npz", "rows.csv", "out.csv", *options) == 1
        assert not os.path.exists("out.csv")
        return error_of(capsys)

    found = error(table.drop(columns=["town", "paid"]))
    words = "rows.csv: the student needs the columns 'town' and 'paid', which the rows"
    assert words in found
    late = table.astype({"size": object})
    late.loc[300, "size"] = "12,5"
    words = "rows.csv, row 301: column 'size' holds '12,5', and the student"
    assert words in error(late)
    table.loc[300, "size"] = np.inf
    assert "row 301: column 'size' of X holds infinity" in error(table)
    assert "--keep: there is no column 'di'" in error(table, "--keep", "di")
    twice = table.rename(columns={"unused": "size"})
    assert "more than one column of the name 'size'" in error(twice)
    answer = table.assign(predict=1)
    assert "--keep predict: the column of the answers" in error(
        answer, "--keep", "predict"
    )
    table.to_csv("rows.csv", index=False, sep=";")
    assert run("s.npz", "rows.csv", "out.csv") == 1
    assert "The columns seem to be separated by semicolons" in error_of(capsys)


def test_misfits_of_typed_files(student, table, capsys):
    def error(**columns):
        table.assign(**columns).to_parquet("rows.parquet")
        assert run("s.npz", "rows.parquet", "out.csv") == 1
        return error_of(capsys)

    assert "column 'size' of X holds text ('x')" in error(size="x")
    assert "column 'town' of X holds numbers" in error(town=1.5)
    dates = pd.Timestamp("2024-01-01")
    assert "column 'size' of X holds dates or times" in error(size=dates)
    lists = [[1]] * len(table)
    assert "column 'size' of X holds list" in error(size=lists)
    assert "column 'town' of X holds bytes" in error(town=b"x")


def test_a_column_that_csv_cannot_keep(student, table, capsys):
    table.assign(path=[[1, 2]] * len(table)).to_parquet("rows.parquet")
    assert run("s.npz", "rows.parquet", "out.parquet", "--keep", "path") == 0
    assert pd.read_parquet("out.parquet")["path"][499].tolist() == [1, 2]
    assert run("s.npz", "rows.parquet", "out.csv", "--keep", "path") == 1
    assert "CSV cannot hold a column of the answers" in error_of(capsys)
    assert not os.path.exists("out.csv")


def test_a_row_of_another_width(student, table, library, capsys):
    table.to_csv("rows.csv", index=False)
    with open("rows.csv", "a") as file:
        file.write("1,2\n")
    assert run("s.npz", "rows.csv", "out.csv") == 1
    assert "rows.csv" in (error := error_of(capsys))
    assert "6" in error
    assert "2" in error
    assert not os.path.exists("out.csv")


def test_a_bad_row_group(student, table, capsys):
    table.to_parquet("rows.parquet", row_group_size=100, compression="snappy")
    start = pq.ParquetFile("rows.parquet").metadata.row_group(3).column(0)
    with open("rows.parquet", "r+b") as file:
        file.seek(start.dictionary_page_offset or start.data_page_offset)
        file.write(b"\xff" * 40)
    with open("out.csv", "w") as file:
        file.write("old")
    assert run("s.npz", "rows.parquet", "out.csv") == 1
    assert "rows.parquet, row group 3 cannot be read" in error_of(capsys)
    assert sorted(os.listdir()) == ["out.csv", "rows.parquet", "s.npz"]
    with open("out.csv") as file:
        assert file.read() == "old"


@pytest.mark.parametrize("by_signal", [None, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_leaves_no_file(student, table, monkeypatch, capsys, by_signal):
    table.to_csv("rows.csv", index=False)
    answer = scoring._answer
    # An interrupted run before this one leaves an open generator in its traceback. An
    # interrupt that comes while it is collected would be lost.
    gc.collect()
    sent = []

    def interrupt(chosen, batch, first):
        if first >= 192 and by_signal is None:
            raise KeyboardInterrupt
        # One signal: a second one may come while the first is handled.
        if first >= 192 and not sent:
            sent.append(by_signal)
            os.kill(os.getpid(), by_signal)
        return answer(chosen, batch, first)

    monkeypatch.setattr(scoring, "_answer", interrupt)
    assert run("s.npz", "rows.csv", "out.csv") == 130
    assert sorted(os.listdir()) == ["rows.csv", "s.npz"]
    assert "interrupted: out.csv was not written" in error_of(capsys)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_signals_that_end_the_process(student, table, name, monkeypatch):
    """One ignores the signal, another has a handler that Python did not set."""
    table.to_csv("rows.csv", index=False)
    number = getattr(signal, name)
    answer, during = scoring._answer, []

    def note(*arguments):
        during.append(signal.getsignal(number))
        return answer(*arguments)

    monkeypatch.setattr(scoring, "_answer", note)
    former = signal.getsignal(number)
    assert run("s.npz", "rows.csv", "out.csv") == 0
    assert set(during) == {signal.default_int_handler}
    assert signal.getsignal(number) == former
    try:
        signal.signal(number, signal.SIG_IGN)
        assert run("s.npz", "rows.csv", "out.csv") == 0
        assert during[-1] == signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, former)
    found = signal.getsignal
    monkeypatch.setattr(
        signal, "getsignal", lambda n: None if n == number else found(n)
    )
    set_to = []
    monkeypatch.setattr(signal, "signal", lambda n, handler: set_to.append(n))
    assert run("s.npz", "rows.csv", "out.csv") == 0
    assert number not in set_to
    assert set_to


def test_files_that_are_one_are_refused(student, table, capsys):
    table.to_csv("rows.csv", index=False)
    os.symlink("rows.csv", "link.csv")
    for target, words in (
        ("link.csv", "the file of rows rows.csv would be overwritten by the output"),
        ("s.npz", "the student s.npz would be overwritten by the output"),
        ("no/out.csv", "the output no/out.csv: there is no such folder"),
    ):
        with pytest.raises(SystemExit):
            run("s.npz", "rows.csv", target)
        assert words in error_of(capsys)
    for target, words in (
        ("out.xlsx", "out.xlsx is a spreadsheet"),
        ("out.txt", "out.txt ends in none of .csv, .parquet and .arrow"),
    ):
        assert run("s.npz", "rows.csv", target) == 1
        assert words in error_of(capsys)
    assert run("s.npz", "rows.csv.gz", "out.csv") == 1
    assert "rows.csv.gz is compressed: decompress it first" in error_of(capsys)
    assert run("s.npz", "none.csv", "out.csv") == 1
    assert "none.csv" in error_of(capsys)


def test_a_student_without_names_counts_columns_by_place(library, capsys):
    rng = np.random.default_rng(0)
    student = Student(
        [rng.normal(size=(3, 1))],
        [np.zeros(1)],
        "relu",
        [0, 1],
        offsets=[1000.0, 0, 0],
    )
    student.save("s.npz")
    X = pd.DataFrame(rng.normal(size=(99, 3)), columns=["b", "c", "a"])
    X.assign(id=1).to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv", "--keep", "id") == 0
    found = read("out.csv")
    assert list(found) == ["id", "predict", "predict_proba_0", "predict_proba_1"]
    assert_answers(found, student, X)
    assert run("s.npz", "rows.csv", "out.csv") == 1
    assert "takes 3 by their place, but the rows have 4" in error_of(capsys)
    X.astype("float32").to_parquet("rows.parquet")
    if library == "pyarrow":
        assert run("s.npz", "rows.parquet", "out.csv") == 1
        assert "column 'b' of X is float32, which rounds values" in error_of(capsys)
    X.iloc[7, 1] = np.nan
    X.to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv") == 1
    assert "row 8: X holds NaN in column 1" in error_of(capsys)


def test_a_student_of_texts(library, capsys):
    texts = ["good and cheap", "bad", "so bad", "very good", "good, not bad", ""] * 20
    labels = np.array(["+", "-", "-", "+", "+", "-"] * 20)
    pipeline = make_pipeline(
        TfidfVectorizer(), DistilledClassifier(LogisticRegression(), max_iter=50)
    ).fit(texts, labels)
    student = Student.from_pipeline(pipeline)
    student.save("s.npz")
    frame = pd.DataFrame({"id": range(120), "review": texts})
    frame.to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv", "--text", "review") == 0
    assert_answers(read("out.csv"), student, texts)
    assert run("s.npz", "rows.csv", "out.csv", "--keep", "id") == 0
    assert_answers(read("out.csv"), student, texts)
    assert run("s.npz", "rows.csv", "out.csv") == 1
    assert "reads one text a row: name its column by --text" in error_of(capsys)


@pytest.mark.parametrize("columns", [("review", "title"), (2, 0)])
def test_a_student_of_two_text_columns(columns, library, capsys):
    rng = np.random.default_rng(0)
    vectorizers = [
        TextVectorizer(terms=("good", "bad"), column=0),
        TextVectorizer(terms=("cheap",), column=1),
    ]
    student = Student(
        [rng.normal(size=(3, 1))],
        [np.zeros(1)],
        "relu",
        [False, True],
        text=StudentText(vectorizers, columns),
    )
    student.save("s.npz")
    frame = pd.DataFrame({"title": ["cheap", "good", ""], "id": 1, "review": "bad"})
    frame.loc[1, "review"] = "NA"
    frame.to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv") == 0
    assert_answers(read("out.csv"), student, frame)
    assert run("s.npz", "rows.csv", "out.csv", "--text", "review") == 1
    assert "--text is for a student that reads one text a row" in error_of(capsys)
    frame[["id"]].to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv") == 1
    assert "the student reads the column" in error_of(capsys)


def test_places_of_text_columns_are_counted_without_those_that_are_kept(
    library, capsys
):
    """The frame of the fit had no id. A file has it before, between or after."""
    texts = [TextVectorizer(terms=("good",), column=n) for n in (0, 1)]
    text = StudentText(texts, (0, 1))
    parts = [np.array([[3.0], [-2.0]])], [np.zeros(1)]
    student = Student(*parts, "relu", [False, True], text=text)
    student.save("s.npz")
    frame = pd.DataFrame({"title": ["good", "", "x"], "review": ["", "good", "good"]})
    for place in range(3):
        rows = frame.copy()
        rows.insert(place, "id", ["good", "good", "good"])
        rows.to_csv("rows.csv", index=False)
        assert run("s.npz", "rows.csv", "out.csv", "--keep", "id") == 0
        assert_answers(read("out.csv"), student, frame)
    frame[["title"]].to_csv("rows.csv", index=False)
    assert run("s.npz", "rows.csv", "out.csv", "--keep", "title") == 1
    words = "the student reads the columns 0 and 1, which the rows do not have: they "
    words += "have 'title'. A number is a place, counted from 0 without those of --keep"
    assert words in error_of(capsys)


def test_a_column_of_text_in_a_table(monkeypatch):
    rng = np.random.default_rng(0)
    words = np.array(["good", "bad", "so", "dear", "NA"])
    frame = pd.DataFrame(
        {
            "stars": rng.normal(size=150),
            "review": [" ".join(rng.choice(words, 3)) for _ in range(150)],
        }
    )
    labels = np.where(frame["review"].str.contains("good"), "+", "-")
    teacher = make_pipeline(
        make_column_transformer((TfidfVectorizer(), "review")), LogisticRegression()
    )
    model = DistilledClassifier(
        teacher, encoder=TabularEncoder(text=["review"]), max_iter=20, random_state=0
    ).fit(frame, labels)
    model.student_.save("s.npz")
    frame.loc[3, "review"] = "NA"
    frame.loc[4, "stars"] = np.nan
    frame[["review", "stars"]].to_csv("rows.csv", index=False)
    for has_pyarrow in (True, False):
        monkeypatch.setattr(opening, "_has_pyarrow", lambda found=has_pyarrow: found)
        assert run("s.npz", "rows.csv", "out.csv") == 0
        assert_answers(read("out.csv"), model.student_, frame)
