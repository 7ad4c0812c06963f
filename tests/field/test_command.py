"""Raw files of strangers, given to the command as they are."""

import contextlib
import io
import os
import re
import zipfile
from datetime import date
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from skdistill import DistilledClassifier, Student
from skdistill.__main__ import main
from skdistill.command.labelled_table import read_labelled_table
from skdistill.common.split import hold_out_test_rows

# A small forest may be worse than labels alone.
pytestmark = pytest.mark.filterwarnings("ignore:the teacher, RandomForestClassifier")

QUICK = ("--trees", "5", "--hidden", "4")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Run in an empty folder, so that paths are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    """Run the command, and return its status, output and errors in one line."""

    def call(*arguments):
        try:
            status = main([*map(str, arguments)])
        except SystemExit as stop:
            status = stop.code
        captured = capsys.readouterr()
        return status, in_one_line(captured.out), in_one_line(captured.err)

    return call


def in_one_line(text):
    return " ".join(text.split())


def two_classes(n_rows=120, seed=0):
    """A table of two numbers, of which one tells the class."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"x": rng.normal(size=n_rows), "z": rng.normal(size=n_rows)})
    table["kind"] = np.where(table["x"] > 0, "up", "down")
    return table


@pytest.fixture
def table(folder):
    """The same in t.csv."""
    table = two_classes()
    table.to_csv("t.csv", index=False)
    return table


# Line 2: the command overwrites no file of its own.


@pytest.fixture
def files(folder, table):
    """Files that must not change."""
    joblib.dump(
        RandomForestClassifier(3, random_state=0).fit(table[["x", "z"]], table["kind"]),
        "m.npz",
    )
    table.to_csv("new.csv", index=False)
    for name in ("s.h", "s.d.mts"):
        os.link("m.npz", name)
    os.link("t.csv", "hard.csv")
    os.symlink("hard.csv", "soft.csv")
    os.mkdir("sub")
    os.symlink("..", "sub/up")
    return {
        path: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()
    }


@pytest.mark.skipif(os.name != "posix", reason="needs links")
@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--output", "t.csv"], ["the table", "t.csv", "--output"]),
        (["--output", "./sub/../t.csv"], ["the table", "t.csv", "--output"]),
        (["--output", "sub/up/t.csv"], ["the table", "--output", "sub/up/t.csv"]),
        (["--output", "hard.csv"], ["the table", "--output", "hard.csv"]),
        (["--output", "soft.csv"], ["the table", "--output", "soft.csv"]),
        (["--report", "t.csv"], ["the table", "t.csv", "--report"]),
        (["--teacher", "m.npz", "--output", "m.npz"], ["--teacher m.npz", "--output"]),
        (["--teacher", "m.npz", "--report", "m.npz"], ["--teacher m.npz", "--report"]),
        (["--test", "new.csv", "--output", "new.csv"], ["--test new.csv", "--output"]),
        # Files that are written beside the student.
        (
            ["--teacher", "s.h", "--output", "s.npz", "--export", "onnx,c"],
            ["--teacher s.h", "by --export c"],
        ),
        (
            ["--teacher", "s.d.mts", "--output", "s.npz", "--export", "js"],
            ["--teacher s.d.mts", "the types of --export js"],
        ),
        (["--output", "a.h", "--export", "c"], ["--output a.h", "by --export c"]),
        (
            ["--output", "a.npz", "--export", "js", "--report", "a.d.mts"],
            ["--report a.d.mts", "by the types of --export js"],
        ),
        (["--output", "a", "--report", "./a"], ["--output a", "by --report"]),
        (["--test", "t.csv"], ["the table t.csv", "--test"]),
        (["--test", "hard.csv"], ["the table t.csv", "--test hard.csv"]),
        (["--teacher", "t.csv"], ["the table t.csv", "--teacher"]),
    ],
)
def test_no_file_is_given_twice(arguments, names, files, folder, run):
    status, out, err = run("t.csv", "--target", "kind", *arguments)
    assert (status, out) == (2, "")
    for name in names:
        assert name in err
    left = {path for path in folder.iterdir() if path.is_file()}
    assert left == set(files)
    assert all(path.read_bytes() == content for path, content in files.items())


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")
@pytest.mark.parametrize("option", ["--output", "--report"])
def test_a_path_that_cannot_be_written_is_found_before_training(
    option, table, folder, run
):
    os.mkfifo("pipe")
    os.mkdir("folder")
    (folder / "student.d.mts").mkdir()
    start = ("t.csv", "--target", "kind")
    for path, words in (
        (os.devnull, "Is a device, not a file"),
        ("pipe", "Is a pipe, not a file"),
        ("folder", "Is a folder, not a file"),
        ("none/s.npz", "there is no such folder"),
        ("t.csv/s.npz", "Not a directory"),
    ):
        status, out, err = run(*start, option, path)
        assert (status, out) == (2, "")
        assert f"{option} {path}" in err
        assert words in err
    status, out, err = run(*start, "--export", "js")
    assert (status, out) == (2, "")
    assert "the types of --export js student.d.mts" in err
    assert os.stat(os.devnull).st_size == 0


# Line 24: a teacher from a file.


@pytest.fixture
def teacher(table):
    """A teacher that knows its own rows by heart, of labels that are half chance."""
    rng = np.random.default_rng(1)
    frames = []
    for name in ("t.csv", "new.csv"):
        rows = two_classes(160, seed=len(frames))
        rows["kind"] = np.where(rng.random(160) < 0.4, "up", rows["kind"])
        rows.to_csv(name, index=False)
        frames.append(rows)
    forest = RandomForestClassifier(30, random_state=0)
    forest.fit(frames[0][["x", "z"]], frames[0]["kind"])
    joblib.dump(forest, "m.joblib")
    return forest, frames[1]


def test_a_teacher_may_have_been_fitted_on_the_rows(teacher, run):
    arguments = ("t.csv", "--target", "kind", "--teacher", "m.joblib", "--hidden", 4)
    status, out, _ = run(*arguments)
    assert status == 0
    assert out.startswith("The teacher in m.joblib may have been fitted on rows of")
    assert "--test FILE" in out
    assert "On rows that the teacher may have been fitted on" in out
    assert "labels alone" in out
    assert "the teacher is better" not in out
    assert "the teacher itself" not in out


def test_rows_that_a_teacher_has_not_seen(teacher, run):
    forest, new = teacher
    status, out, _ = run(
        *("t.csv", "--target", "kind", "--teacher", "m.joblib", "--hidden", 4),
        *("--test", "new.csv"),
    )
    assert status == 0
    assert "may have been fitted" not in out
    assert "160 rows to train on, 160 to measure on" in out
    # The accuracy on new.csv, by scikit-learn.
    right = forest.score(new[["x", "z"]], new["kind"])
    assert f"accuracy {right:.4f}" in out
    assert right < 0.9


def test_columns_go_to_a_teacher_in_its_order(run, folder):
    table = two_classes()
    forest = RandomForestClassifier(5, random_state=0)
    joblib.dump(forest.fit(table[["z", "x"]], table["kind"]), "m.joblib")
    table.assign(more=1.5).to_csv("t.csv", index=False)
    status, out, _ = run(
        "t.csv", "--target", "kind", "--teacher", "m.joblib", "--hidden", 4
    )
    assert status == 0
    assert "more left out the teacher was fitted without it" in out
    assert "A row of X has 2 raw values, in this order: z, x. A" in out


def test_labels_of_a_teacher_that_are_codes(table, run):
    forest = RandomForestClassifier(5, random_state=0)
    joblib.dump(forest.fit(table[["x", "z"]], table["kind"] == "up"), "m.joblib")
    joblib.dump(
        forest.fit(table[["x", "z"]], (table["kind"] == "up").astype(int)), "n.joblib"
    )
    for name, codes in (("n.joblib", ["0", "1"]), ("m.joblib", ["False", "True"])):
        arguments = ("t.csv", "--target", "kind", "--teacher", name, "--hidden", 4)
        status, _, err = run(*arguments)
        assert status == 1
        option = f"--label down={codes[0]},up={codes[1]}"
        assert option in err
        status, out, _ = run(*arguments, *option.split())
        assert status == 0
        assert "accuracy 1.0000" in out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x,z,kind\n1,2,up\n", "neither joblib.dump nor pickle.dump"),
        (b"context,z\n1,2\n", "neither joblib.dump nor pickle.dump"),
        (b"", "neither joblib.dump nor pickle.dump"),
        (b"\x80\x04cno_such_module\nmodel\n.", "the module no_such_module, which"),
    ],
)
def test_a_file_that_is_no_teacher(content, words, table, folder, run):
    (folder / "own.csv").write_bytes(content)
    status, _, err = run("t.csv", "--target", "kind", "--teacher", "own.csv")
    assert status == 1
    assert "own.csv cannot be loaded as a teacher" in err
    assert words in err
    assert "ModuleNotFoundError" not in err


# Line 25: rare classes.


@pytest.mark.parametrize("row", [0, 26, 119])
def test_a_class_of_one_row(row, run):
    table = two_classes()
    table.loc[row, "kind"] = "once"
    table.to_csv("t.csv", index=False)
    status, out, _ = run("t.csv", "--target", "kind", *QUICK)
    assert status == 0
    assert "90 rows to train on, 30 to measure on" in out
    assert Student.load("student.npz").classes_.tolist() == ["down", "once", "up"]


def test_more_classes_than_rows_to_measure_on(run):
    kind = np.repeat(np.arange(15), 3)
    noise = np.random.default_rng(0).normal(size=45)
    frame = pd.DataFrame({"x": kind + 0.1 * noise, "kind": [f"k{k}" for k in kind]})
    frame.to_csv("t.csv", index=False)
    status, out, _ = run("t.csv", "--target", "kind", *QUICK)
    assert status == 0
    assert "33 rows to train on, 12 to measure on" in out
    assert len(Student.load("student.npz").classes_) == 15


@pytest.mark.parametrize("size", [0.1, 0.25, 0.5, 1, 7])
@pytest.mark.parametrize(
    "counts", [[60, 60], [100, 1], [100, 1, 1, 2], [3] * 15, [1] * 20 + [20], [2, 50]]
)
def test_each_class_keeps_a_row_to_train_on(counts, size):
    labels = np.random.default_rng(0).permutation(
        np.repeat(np.arange(len(counts)), counts)
    )
    n_test = int(np.ceil(size * len(labels))) if isinstance(size, float) else size
    if n_test > len(labels) - len(counts):
        with pytest.raises(ValueError, match="cannot be held out"):
            hold_out_test_rows(labels, size, 0)
        return
    for seed in range(10):
        train, test = hold_out_test_rows(labels, size, seed)
        assert sorted([*train, *test]) == list(range(len(labels)))
        assert len(test) == n_test
        assert set(labels[train]) == set(labels)
    again = hold_out_test_rows(labels, size, seed)
    np.testing.assert_array_equal(again[1], test)


def test_the_number_of_rows_to_measure_on(table, run):
    start = ("t.csv", "--target", "kind", *QUICK)
    assert "80 rows to train on, 40 to measure" in run(*start, "--test-size", "40")[1]
    assert "108 rows to train on, 12 to measure" in run(*start, "--test-size", ".1")[1]
    for size in ("0", "1.0", "-1", "half", "nan"):
        status, out, err = run(*start, f"--test-size={size}")
        assert (status, out) == (2, "")
        assert f"{size!r} is neither a share between 0 and 1 nor a whole number" in err
    status, _, err = run(*start, "--test-size", "120")
    assert status == 1
    assert "120 of 120 labelled rows cannot be held out" in err


def test_the_student_is_there_if_it_cannot_be_measured(table, run, monkeypatch):
    def fail(*arguments, **options):
        raise RuntimeError("no memory for this")

    monkeypatch.setattr("skdistill.report.DistillationReport.from_estimator", fail)
    status, _, err = run("t.csv", "--target", "kind", *QUICK, "--output", "out.npz")
    assert status == 1
    words = "the student is in out.npz, but it was not measured: no memory for this"
    assert words in err
    predicted = Student.load("out.npz").predict(table[["x", "z"]].to_numpy())
    assert np.mean(predicted == table["kind"]) > 0.9


# Line 26: columns that are not what they look like.


@pytest.fixture
def shop():
    """A table as shops export it. The price alone tells the class."""
    rng = np.random.default_rng(0)
    price = rng.integers(100, 99999, 400)
    days = pd.date_range("2023-01-01", periods=400)
    table = pd.DataFrame(
        {
            "Unnamed: 0": range(400),
            "day": days.strftime("%Y-%m-%d"),
            "customer": [f"CUST-{i:06d}" for i in rng.permutation(400)],
            "price": [f"${p:,}.00" for p in price],
            "rebate": [f"{i % 13}%" for i in range(400)],
            "age": np.where(rng.random(400) < 0.03, "N/K", rng.integers(18, 90, 400)),
            "zip": [f"{i % 7:05d}" for i in range(400)],
            "remark": [f"customer called {i} times about it" for i in range(400)],
            "dear": np.where(price > 50000, "yes", "no"),
        }
    )
    table.to_csv("shop.csv", index=False)
    return table


def test_columns_are_named_with_the_option_that_mends_them(shop, run):
    status, out, _ = run("shop.csv", "--target", "dear", *QUICK)
    assert status == 0
    before, _ = out.split("training the teacher")
    for words in (
        "Unnamed: 0 numbers counts the rows, as an index does (--drop 'Unnamed: 0')",
        "day left out dates as text ('2023-01-01')",
        "(--drop day)",
        "customer left out like ids",
        "price left out numbers as text",
        "(--number price)",
        "rebate 13 levels numbers as text ('0%') (--number rebate)",
        "numbers, but 'N/K' is none",
        "(--number age)",
        "zip 7 levels codes with leading zeros ('00000')",
        "remark left out free text",
        "The student takes no value of day, customer, price and remark.",
    ):
        assert words in before
    student = Student.load("student.npz")
    assert student.n_features_in_ == 4
    with zipfile.ZipFile("student.npz") as file:
        content = b"".join(file.read(name) for name in file.namelist())
    for text in (b"CUST-", b"called", b'"$', b"2023-"):
        assert text not in content
    # A level is there, so the search would find the others.
    assert b"00003" in content


def test_a_table_of_which_nothing_is_left(shop, run):
    shop[["day", "price", "dear"]].to_csv("t.csv", index=False)
    status, out, err = run("t.csv", "--target", "dear", *QUICK)
    assert status == 1
    assert "day left out dates as text ('2023-01-01')" in out
    assert "price left out numbers as text" in out
    assert "no column of t.csv is left to learn 'dear' from: day and price" in err
    assert "--number price" in err
    assert run("t.csv", "--target", "dear", *QUICK, "--number", "price")[0] == 0


def test_the_options_mend_the_columns(shop, run):
    status, out, _ = run(
        *("shop.csv", "--target", "dear", "--trees", "20", "--hidden", "8"),
        *("--drop", "Unnamed: 0", "--drop", "day,customer,remark"),
        *("--number", "price,rebate,age", "--label", "no=0,yes=1"),
    )
    assert status == 0
    assert "'N/K' is missing" in out
    student = Student.load("student.npz")
    assert student.classes_.tolist() == [0, 1]
    X = [[20000.0, 3.0, 40.0, "00001"], [80000.0, 3.0, None, "00001"]]
    assert student.predict(X).tolist() == [0, 1]
    assert "in this order: price, rebate, age, zip." in out
    right = float(re.search(r" accuracy [\d.]+ ([\d.]+)", out)[1])
    assert right > 0.9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--drop", "prize"], "shop.csv has no column 'prize'; it has 'Unnamed: 0'"),
        (["--number", "age,prize"], "shop.csv has no column 'prize'"),
        (["--drop", "dear"], "'dear' is a column to predict: it cannot be left out"),
        (["--number", "customer"], "column 'customer' cannot be taken as numbers"),
        (["--label", "No=0"], "'dear' holds no label 'No' to rename"),
        (["--number", "dear"], "'dear' is the column to predict, and --number is for"),
        (
            ["--number", "age,price", "--drop", "age"],
            "'age' is in both --number and --drop",
        ),
        (
            ["--drop", "Unnamed: 0,day,customer,price,rebate,age,zip,remark"],
            "no column besides 'dear' to predict it from after --drop",
        ),
    ],
)
def test_columns_and_labels_that_are_not_there(arguments, words, shop, run):
    status, _, err = run("shop.csv", "--target", "dear", *arguments)
    assert status == 1
    assert words in err


def test_dates_stay_refused(table, run):
    days = pd.date_range("2020-01-01", periods=120)
    table.assign(day=days).to_parquet("t.parquet")
    start = ("t.parquet", "--target", "kind", *QUICK)
    status, out, err = run(*start)
    assert status == 1
    assert "day dates refused" in out
    assert "(--drop day)" in out
    assert "column 'day' of X holds dates" in err
    assert run(*start, "--drop", "day")[0] == 0


# Line 27: rows without a label, and other forms of CSV.


@pytest.fixture
def given(monkeypatch):
    """Rows that `fit` gets."""
    found = {}
    fit = DistilledClassifier.fit

    def follow(self, X, y, **rows):
        found.setdefault("rows", (len(X), y.tolist(), rows.get("X_unlabeled")))
        return fit(self, X, y, **rows)

    monkeypatch.setattr(DistilledClassifier, "fit", follow)
    return found


@pytest.mark.parametrize("missing", [None, "NA"])
def test_rows_without_a_label_are_unlabelled_rows(missing, table, run, given):
    table.loc[::10, "kind"] = missing
    table.to_csv("t.csv", index=False)
    status, out, _ = run("t.csv", "--target", "kind", *QUICK)
    assert status == 0
    assert "12 rows have no value of 'kind', and the teacher answers for them." in out
    n_rows, y, unlabelled = given["rows"]
    assert n_rows == 81
    assert set(y) == {"up", "down"}
    np.testing.assert_allclose(unlabelled["x"], table["x"][::10], rtol=1e-15)
    if missing:
        assert f"{missing!r} counts as no value" in out
        option = f"--label {missing}={missing}"
        assert option in out
        run("t.csv", "--target", "kind", *QUICK, *option.split())
        assert missing in Student.load("student.npz").classes_


def test_rows_without_a_label_in_a_parquet_file(table, run, given):
    table.loc[::10, "kind"] = None
    table.to_parquet("t.parquet")
    assert run("t.parquet", "--target", "kind", *QUICK)[0] == 0
    assert len(given["rows"][2]) == 12


def test_the_text_none_is_a_label(table, run, given):
    table["kind"] = np.where(table["x"] > 0, "None", "mild")
    table.to_csv("t.csv", index=False)
    status, out, _ = run("t.csv", "--target", "kind", *QUICK)
    assert status == 0
    assert "have no value" not in out
    assert set(given["rows"][1]) == {"None", "mild"}
    assert given["rows"][2] is None


def test_labels_are_numbers_if_all_are(table, run, given):
    table["kind"] = np.where(table["x"] > 0, "1", "0")
    table.loc[::10, "kind"] = None
    table.to_csv("t.csv", index=False)
    run("t.csv", "--target", "kind", *QUICK)
    assert set(given["rows"][1]) == {0, 1}
    assert Student.load("student.npz").classes_.dtype.kind == "i"


def test_a_comma_at_the_end_of_each_row(folder, run, given):
    rows = "\n".join(f"{i},{'ab'[i % 2]}," for i in range(60))
    (folder / "t.csv").write_text(f"x,kind\n{rows}")
    status, _, _ = run("t.csv", "--target", "kind", *QUICK)
    assert status == 0
    assert set(given["rows"][1]) == {"a", "b"}
    (folder / "t.csv").write_text(f"x,kind\n{rows}3")
    status, _, err = run("t.csv", "--target", "kind", *QUICK)
    assert status == 1
    assert "t.csv has rows with more cells than its header" in err


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16"])
def test_another_encoding(encoding, folder, run):
    rows = "\n".join(f"{i},{['grün', 'rot'][i % 2]}" for i in range(60))
    (folder / "t.csv").write_bytes(f"x,art\n{rows}\n".encode(encoding))
    start = ("t.csv", "--target", "art", *QUICK)
    status, _, err = run(*start)
    assert status == 1
    assert "t.csv is not written in utf-8" in err
    advised = "utf-16" if encoding == "utf-16" else "latin-1"
    assert err.endswith(f"--encoding {advised}")
    assert run(*start, "--encoding", encoding)[0] == 0
    assert Student.load("student.npz").classes_.tolist() == ["grün", "rot"]
    status, _, err = run(*start, "--encoding", "latin-99")
    assert status == 2
    assert "'latin-99' is not an encoding" in err


# Line 28, and words that puzzled a stranger.


def test_no_line_of_the_command_wraps(shop, capsys):
    assert main(["shop.csv", "--target", "dear", *QUICK, "--export", "c,js"]) == 0
    out = capsys.readouterr().out
    assert main(["shop.csv", "--target", "dears", "--trees", "5"]) == 1
    err = capsys.readouterr().err
    for text in (out, err):
        assert max(map(len, text.splitlines())) <= 80


def test_no_line_of_the_help_wraps(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    text = in_one_line(out)
    assert "--seed SEED seed of all that is drawn at random (0)" in text


@pytest.mark.parametrize("option", ["--hidden", "--trees"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many"])
def test_a_number_that_is_too_small(option, value, run):
    status, _, err = run(f"{option}={value}")
    assert status == 2
    assert f"argument {option}: {value!r} is " in err
    assert "whole number from 1" in err


# Names of columns, separators and endings.


@pytest.mark.parametrize(
    ("header", "name"),
    [("y,x,y", "y"), ("y,x,x", "x"), ("x,y,x", "x"), ('"x","x",y', "x")],
)
def test_two_columns_of_one_name(header, name, folder, run):
    # Otherwise the second y would become a feature: the label itself.
    rows = "\n".join(f"{i % 2},{i * 7 % 11},{i % 2}" for i in range(60))
    (folder / "t.csv").write_text(f"{header}\n{rows}\n")
    status, out, err = run("t.csv", "--target", "y", *QUICK)
    assert (status, out) == (1, "")
    assert f"t.csv has more than one column of the name '{name}': rename" in err
    assert not (folder / "student.npz").exists()


def test_columns_without_a_name_and_names_with_a_point(folder, run):
    rows = "\n".join(f"{i},{i % 2},{i * 7 % 11},{i % 3},{i % 5}" for i in range(60))
    (folder / "t.csv").write_text(f",y,y.1,,x\n{rows}\n")
    status, out, _ = run("t.csv", "--target", "y", *QUICK)
    assert status == 0
    assert "in this order: Unnamed: 0, y.1, Unnamed: 3, x." in out


def test_two_columns_of_one_name_in_the_file_to_test(table, folder, run):
    (folder / "new.csv").write_text("x,z,kind,x\n" + "1,2,up,3\n" * 20)
    status, _, err = run("t.csv", "--target", "kind", *QUICK, "--test", "new.csv")
    assert status == 1
    assert "new.csv has more than one column of the name 'x'" in err


def test_the_ending_of_a_parquet_file_in_capitals(table, run):
    table.to_parquet("T.PARQUET")
    assert run("T.PARQUET", "--target", "kind", *QUICK)[0] == 0


@pytest.mark.parametrize(
    ("start", "row", "words"),
    [
        ("x;z;kind", "{0},5;{0},25;{1}", "separated by semicolons"),
        ("x;z;kind", "{0};{0};{1}", "separated by semicolons"),
        ("x\tz\tkind", "{0},5\t{0}\t{1}", "separated by tabs"),
        ("x|z|kind", "{0}|{0}|{1}", "separated by vertical bars"),
        ("# from the till\nx,z,kind", "{0},{0},{1}", "no other line above it"),
        ("# from\nx;z;kind", "{0},5;{0};{1}", "separated by semicolons"),
    ],
)
def test_another_separator_or_a_comment_above(start, row, words, folder, run):
    rows = "\n".join(row.format(i, "ab"[i % 2]) for i in range(60))
    (folder / "t.csv").write_text(f"{start}\n{rows}\n")
    status, out, err = run("t.csv", "--target", "kind", *QUICK)
    assert (status, out) == (1, "")
    assert words in err


# The file to test.


def split(table, n_given=120):
    """Write the first rows to t.csv and the others to new.csv."""
    table[:n_given].to_csv("t.csv", index=False)
    table[n_given:].to_csv("new.csv", index=False)


def forms(n_rows=160):
    """A table with a column of each kind. A stray cell is added to its last row."""
    rng = np.random.default_rng(0)
    table = two_classes(n_rows)
    price = rng.integers(1000, 9999, n_rows)
    table["price"] = [f"{p // 1000}.{p % 1000:03d},5" for p in price]
    table["member"] = rng.choice(["True", "False"], n_rows)
    table["city"] = rng.choice(["Lima", "Oslo"], n_rows)
    return table.astype({"x": str})


FORMS = ("--number", "price", *QUICK, "--test", "new.csv")


@pytest.fixture(scope="module")
def of_forms(tmp_path_factory):
    """The bytes of a student of `forms`, and the output up to its training."""
    with contextlib.chdir(tmp_path_factory.mktemp("forms")):
        split(forms())
        printed, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
            assert main(["t.csv", "--target", "kind", *FORMS]) == 0
        assert errors.getvalue() == ""
        student, content = Student.load("student.npz"), Path("student.npz").read_bytes()
    out = in_one_line(printed.getvalue())
    assert student.n_features_in_ == 5
    assert "city 2 levels" in out
    return content, out[: out.index("training")]


@pytest.mark.parametrize(
    ("column", "stray", "error"),
    [
        (
            "x",
            "n.d.",
            "'n.d.' in 1 row, and that of t.csv holds numbers. With --number x",
        ),
        ("member", "often", "'often' in 1 row, and that of t.csv holds truth values"),
        ("x", "", None),
        ("x", "NA", None),
        ("member", "", None),
        ("city", "Rome", None),
        ("city", "7", None),
        ("price", "n.d.", None),
    ],
)
def test_the_table_alone_decides_what_a_column_is(
    column, stray, error, run, folder, of_forms
):
    content, columns = of_forms
    table = forms()
    table.loc[159, column] = stray
    split(table)
    status, out, err = run("t.csv", "--target", "kind", *FORMS)
    if error:
        assert status == 1
        assert f"column '{column}' of new.csv holds {error}" in err
        assert not (folder / "student.npz").exists()
    else:
        assert (status, err) == (0, "")
        # The student does not depend on the file to test.
        assert out[: out.index("training")] == columns
        assert (folder / "student.npz").read_bytes() == content


def test_the_table_alone_decides_what_a_comma_is(run, folder):
    # In the file to test alone, a point would be one before decimals.
    table = forms()
    table.loc[120:, "price"] = "1.234"
    split(table)
    read = read_labelled_table(
        folder / "t.csv", ["kind"], test_path=folder / "new.csv", numbers=["price"]
    )
    assert set(read.tested.X["price"]) == {1234.0}


def test_a_column_that_is_left_out_may_be_missing_in_the_file_to_test(run, folder):
    table = forms().assign(note=[f"note {i} on this one" for i in range(160)])
    split(table)
    table[120:].drop(columns="note").to_csv("new.csv", index=False)
    assert run("t.csv", "--target", "kind", *FORMS)[0] == 0


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["Up", "Down"], "new.FORM has no label of t.FORM in 'kind': it holds 'Up'"),
        ([None, None], "new.FORM has no row with a value of 'kind'"),
    ],
)
def test_a_file_to_test_without_a_known_label(labels, words, form, table, run, folder):
    new = table.assign(kind=labels * 60)
    for name, rows in (("t", table), ("new", new)):
        if form == "csv":
            rows.to_csv(f"{name}.csv", index=False)
        else:
            rows.to_parquet(f"{name}.parquet")
    status, _, err = run(
        *(f"t.{form}", "--target", "kind", *QUICK, "--test", f"new.{form}")
    )
    assert status == 1
    assert words.replace("FORM", form) in err
    assert not (folder / "student.npz").exists()


def test_labels_of_the_file_to_test_have_the_type_of_the_table(table, run):
    table["kind"] = np.where(table["x"] > 0, "1", "0")
    table.to_csv("t.csv", index=False)
    table.loc[0, "kind"] = "n.d."
    table.to_csv("new.csv", index=False)
    start = ("t.csv", "--target", "kind", *QUICK, "--test", "new.csv")
    status, _, err = run(*start)
    assert status == 1
    assert "column 'kind' of new.csv holds the label 'n.d.', and the labels of" in err
    assert "--label" in err
    assert run(*start, "--label", "n.d.=0")[0] == 0
    assert Student.load("student.npz").classes_.tolist() == [0, 1]


def test_truth_values_of_two_parquet_files_with_gaps(table, run):
    truth = (table["z"] > 0).tolist()
    table.assign(z=truth).to_parquet("t.parquet")
    table.assign(z=[None, *truth[1:]]).to_parquet("new.parquet")
    for one, other in (("t", "new"), ("new", "t")):
        files = (f"{one}.parquet", "--test", f"{other}.parquet")
        status, out, err = run(*files, "--target", "kind", *QUICK)
        assert (status, err) == (0, "")
        assert "z truth values" in out


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["1.5"] * 120, "column 'z' of new.parquet holds"),
        ([True] * 120, "holds truth values, and that of t.parquet holds numbers"),
        ([None] * 120, None),
        (pd.array([1, None] * 60, "Int64"), None),
    ],
)
def test_types_of_two_parquet_files(values, words, table, run):
    table.to_parquet("t.parquet")
    table.assign(z=values).to_parquet("new.parquet")
    status, _, err = run(
        *("t.parquet", "--target", "kind", *QUICK, "--test", "new.parquet")
    )
    assert status == (1 if words else 0)
    assert (words or "") in err


# Parquet: types that NumPy does not have, and cells of several values.


@pytest.mark.parametrize("gap", [False, True])
def test_nullable_columns_of_a_parquet_file(gap, table, run):
    rng = np.random.default_rng(0)
    whole, truth = rng.integers(0, 9, 120).tolist(), (rng.random(120) > 0.5).tolist()
    if gap:
        whole[3] = truth[5] = None
    table["whole"] = pd.array(whole, "Int64")
    table["real"] = pd.array(whole, "Float64")
    table["truth"] = pd.array(truth, "boolean")
    table["city"] = pd.array(rng.choice(["Lima", "Oslo"], 120), "string")
    table.to_parquet("t.parquet")
    table.drop(columns="city").to_parquet("numbers.parquet")
    for name in ("t.parquet", "numbers.parquet"):
        start = (name, "--target", "kind", *QUICK)
        status, out, err = run(*start)
        assert (status, err) == (0, "")
        assert "whole numbers real numbers truth truth values" in out
    table.to_parquet("new.parquet")
    assert run("t.parquet", "--target", "kind", *QUICK, "--test", "new.parquet")[0] == 0


@pytest.mark.parametrize("cell", [[1, 2], {"a": 1}, [], ["x"]])
def test_cells_of_several_values_are_named(cell, table, run):
    table["parts of it"] = [cell] * 120 if cell else [[1], []] * 60
    table.to_parquet("t.parquet")
    start = ("t.parquet", "--target", "kind", *QUICK)
    status, _, err = run(*start)
    assert status == 1
    assert "column 'parts of it' holds" in err
    assert "--drop 'parts of it'" in err
    assert run(*start, "--drop", "parts of it")[0] == 0
    status, _, err = run("t.parquet", "--target", "parts of it", *QUICK)
    assert status == 1
    assert "the column to predict, 'parts of it', holds labels of type" in err


# Labels that a student cannot hold, and labels of one class.


@pytest.fixture
def no_fit(monkeypatch):
    """Fail if a forest is trained."""

    def fit(*arguments):
        raise AssertionError

    monkeypatch.setattr(RandomForestClassifier, "fit", fit)


@pytest.mark.parametrize(
    ("labels", "word"),
    [
        (list(pd.to_datetime(["2020-01-01", "2021-01-01"])), "Timestamp"),
        ([date(2020, 1, 1), date(2021, 1, 1)], "date"),
        ([b"a", b"b"], "bytes"),
        (pd.to_timedelta([1, 2], "D").tolist(), "Timedelta"),
        ([1.0, np.inf], "an infinite number"),
    ],
)
def test_labels_that_cannot_be_saved(labels, word, table, run, no_fit):
    table["kind"] = labels * 60
    table.to_parquet("t.parquet")
    status, _, err = run("t.parquet", "--target", "kind", *QUICK)
    assert status == 1
    assert "the column to predict, 'kind', holds" in err
    assert word in err


def test_an_infinite_label_of_a_csv_file(table, run, no_fit):
    table.assign(kind=["1", "inf"] * 60).to_csv("t.csv", index=False)
    status, _, err = run("t.csv", "--target", "kind", *QUICK)
    assert status == 1
    assert "the column to predict, 'kind', holds an infinite number" in err


@pytest.mark.parametrize(
    "labels",
    [
        [True, None, False],
        pd.array([True, None, False], "boolean"),
        pd.array([1, None, 2], "Int64"),
        pd.array(["a", None, "b"], "string"),
        pd.Categorical(["a", None, "b"]),
    ],
)
def test_labels_of_a_parquet_file_with_gaps(labels, table, run):
    table["kind"] = pd.Series(labels).repeat(40).to_numpy(dtype=object)[:120]
    if hasattr(labels, "dtype"):
        table["kind"] = table["kind"].astype(labels.dtype)
    table.to_parquet("t.parquet")
    assert run("t.parquet", "--target", "kind", *QUICK)[0] == 0
    found = [label for label in labels if label is not None and label is not pd.NA]
    found = sorted({label for label in found if label == label})
    assert Student.load("student.npz").classes_.tolist() == found


@pytest.mark.parametrize("options", [(), ("--label", "up=0,down=0")])
def test_labels_of_one_class(options, table, run, no_fit):
    if not options:
        table["kind"] = 0
    table.to_csv("t.csv", index=False)
    status, _, err = run("t.csv", "--target", "kind", *QUICK, *options)
    assert status == 1
    assert "'kind' holds the one label 0 in all 120 rows of t.csv" in err


@pytest.mark.parametrize("seed", ["-1", "1.5", str(2**32)])
def test_a_seed_that_cannot_be(seed, run):
    status, _, err = run("--seed", seed)
    assert status == 2
    assert (
        f"argument --seed: {seed!r} is not a whole number from 0 to 4294967295" in err
    )


@pytest.mark.parametrize("path", [".", "..", "sub"])
def test_an_output_that_is_a_folder_and_an_export(path, folder, run):
    (folder / "sub").mkdir()
    status, out, err = run("--output", path, "--export", "c")
    assert (status, out) == (2, "")
    assert f"--output {path} cannot be written: Is a folder, not a file" in err


def test_a_teacher_without_names_of_columns(table, capfd):
    forest = RandomForestClassifier(5, random_state=0)
    joblib.dump(forest.fit(table[["x", "z"]].to_numpy(), table["kind"]), "m.joblib")
    arguments = ["t.csv", "--target", "kind", "--teacher", "m.joblib", "--hidden", "4"]
    assert main(arguments) == 0
    out, err = map(in_one_line, capfd.readouterr())
    assert out.count("The teacher was fitted without names of columns. It gets") == 1
    assert "feature names" not in err


def test_an_error_inside_a_stage_starts_a_line(table, monkeypatch, capsys):
    def fail(*arguments):
        raise ValueError("no forest today " * 10)

    monkeypatch.setattr(RandomForestClassifier, "fit", fail)
    assert main(["t.csv", "--target", "kind", *QUICK]) == 1
    out, err = capsys.readouterr()
    assert out.endswith("a forest of 5 trees ... \n")
    assert err.startswith("error: no forest today")
    assert max(map(len, (out + err).splitlines())) <= 79


def test_notes_on_one_row(table, run):
    """A row of the file to test that is known, and one of an unknown label."""
    new = two_classes(40, seed=1)
    new.loc[0] = table.loc[0]
    new.loc[1, "kind"] = "sideways"
    new.to_csv("new.csv", index=False)
    status, out, _ = run("t.csv", "--target", "kind", *QUICK, "--test", "new.csv")
    assert status == 0
    assert "1 of these 40 rows has a label that is no class of the student" in out
    assert "It counts as wrong in the accuracy of every model." in out
    assert "About 1 of these 40 rows is equal to a row that the student was" in out
