"""Several columns of 0 and 1 as the columns to predict."""

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from skdistill import Student
from skdistill.__main__ import main
from skdistill.command.choose_task import choose_task
from skdistill.tables.file import FileTable

# A small forest may be worse than labels alone.
pytestmark = pytest.mark.filterwarnings("ignore:the teacher, .* predicts labels")

QUICK = ("--trees", "5", "--hidden", "4")


def read(frame, wanted=None, **options):
    """Return the task of the columns a and b of a CSV file, and their values."""
    table = FileTable(frame, True)
    return choose_task(wanted, table, ["a", "b"], **options)


def texts(a, b):
    return pd.DataFrame({"a": pd.Series(a, dtype=str), "b": pd.Series(b, dtype=str)})


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Return a table of two numbers, a text and two labels, which is in t.csv."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"size": rng.normal(size=160), "age": rng.normal(size=160)})
    table["town"] = rng.choice(["Lima", "Oslo"], 160)
    table["red"] = (table["size"] > 0.2).astype(int)
    table["sold, new"] = (table["age"] > 0) & (table["town"] == "Oslo")
    table.to_csv("t.csv", index=False)
    return table


def test_a_table_becomes_a_student_of_label_sets(shop, few_steps, capsys):
    shop = shop.rename(columns={"sold, new": "sold"}).astype({"sold": object})
    shop.loc[:9, ["red", "sold"]] = None
    shop.to_csv("t.csv", index=False)
    arguments = ["t.csv", "--target", "red,sold", "--export", "js", *QUICK]
    assert main([*arguments, "--report", "r.html"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "'red' and 'sold' are learned as label sets" in out
    assert "10 rows have no value of 'red,sold', and the teacher answers for" in out
    assert "150 rows, 3 columns;" in out
    assert "Hamming loss" in out
    student = Student.load("student.npz")
    assert student.output.kind == "label_sets"
    assert student.classes_.tolist() == ["red", "sold"]
    assert student.predict([[3.0, 3.0, "Oslo"]]).shape == (1, 2)


def test_text_has_a_model_for_each_label(shop, few_steps):
    words = np.where(shop["red"] == 1, "fine and red", "plain")
    shop["words"] = [f"{text} {n % 7}" for n, text in enumerate(words)]
    shop.rename(columns={"sold, new": "sold"}).to_csv("t.csv", index=False)
    arguments = ["t.csv", "--target", "red,sold", "--text", "words", *QUICK]
    assert main(arguments) == 0
    assert Student.load("student.npz").classes_.tolist() == ["red", "sold"]


def test_a_column_whose_name_has_a_comma_is_one_column(shop, few_steps):
    assert main(["t.csv", "--target", "sold, new", *QUICK]) == 0
    assert Student.load("student.npz").output.kind == "classes"


def test_targets_add_up(shop, few_steps):
    assert main(["t.csv", "--target", "red", "--target", "sold, new", *QUICK]) == 0
    student = Student.load("student.npz")
    assert student.classes_.tolist() == ["red", "sold, new"]
    assert student.n_features_in_ == 3


def test_a_teacher_and_a_file_to_test(shop, few_steps, capsys):
    shop = shop.drop(columns="town").rename(columns={"sold, new": "sold"})
    shop.to_csv("t.csv", index=False)
    forest = RandomForestClassifier(5, random_state=0)
    forest.fit(shop[["size", "age"]], shop[["red", "sold"]].astype(int))
    joblib.dump(forest, "m.joblib")
    shop.to_csv("new.csv", index=False)
    given = ["t.csv", "--teacher", "m.joblib", "--hidden", "4"]
    assert main([*given, "--target", "red,sold", "--test", "new.csv"]) == 0
    capsys.readouterr()
    shop["third"] = shop["red"]
    shop.to_csv("t.csv", index=False)
    assert main([*given, "--target", "red,sold,third"]) == 1
    words = "--target names 3 columns, and the teacher answers with 2 labels"
    assert words in " ".join(capsys.readouterr().err.split())


def test_values_are_read_as_0_and_1():
    frame = texts(["0", "1", None, "1"], ["True", "false", None, "TRUE"])
    task, target = read(frame)
    assert task.kind == "label_sets"
    assert target.is_labelled.tolist() == [True, True, False, True]
    assert target.labels[[0, 1, 3]].tolist() == [[0, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize(
    ("frame", "options", "words"),
    [
        (texts(["0", "2"], ["0", "1"]), {}, "'a' holds 2, and several columns to"),
        (texts(["0", "1"], ["x", "y"]), {}, "'b' holds 'x', and several columns"),
        (texts(["0", None], ["1", "1"]), {}, "1 of 2 rows has values of some col"),
        (
            texts(["0"], ["1"]),
            {"wanted": "numbers"},
            "--task numbers learns one column",
        ),
        (texts(["0"], ["1"]), {"renamed": {"0": "no"}}, "--label and --number do not"),
        (
            texts(["0"], ["1"]),
            {"numbers": ["b"]},
            "--label and --number do not",
        ),
    ],
)
def test_what_is_no_label_set_is_named(frame, options, words):
    with pytest.raises(ValueError, match=words):
        read(frame, **options)


def test_the_same_labels_in_all_rows_are_refused(shop, capsys):
    shop.assign(red=0, blue=1).to_csv("t.csv", index=False)
    assert main(["t.csv", "--target", "red,blue"]) == 1
    words = "'red,blue' holds the same labels, [0, 1], in all 160 rows of t.csv"
    assert words in " ".join(capsys.readouterr().err.split())


def test_columns_named_twice_or_elsewhere_are_refused(shop, capsys):
    for arguments, words in (
        (["--target", "red,red"], "--target names 'red' twice"),
        (["--target", "red,blue"], "has no column 'blue'"),
        (
            ["--target", "red,size", "--drop", "size"],
            "'size' is a column to predict",
        ),
    ):
        assert main(["t.csv", *arguments]) == 1
        assert words in " ".join(capsys.readouterr().err.split())
