"""Raw tables with a numeric target, given to the command as they are."""

import re

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import r2_score

from skdistill import Student
from skdistill.__main__ import main
from skdistill.export import verify

# A small forest may be worse than labels alone.
pytestmark = pytest.mark.filterwarnings("ignore:the teacher, .* predicts numbers")

QUICK = ("--trees", "10", "--hidden", "8")


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


@pytest.fixture
def houses(folder):
    """A table of text, levels and gaps, written to t.csv. Size and town make a price.

    Size and advert have gaps, and so has the price.
    """
    rng = np.random.default_rng(0)
    n_rows = 240
    town = rng.choice(["Lima", "Oslo", "Rome"], n_rows)
    size = rng.normal(100.0, 25.0, n_rows).round(1)
    view = rng.choice(["splendid sea view", "noisy street"], n_rows)
    table = pd.DataFrame({"town": town, "size": size})
    table["advert"] = [f"{words}, number {i}" for i, words in enumerate(view)]
    price = 1000.0 * size + 30000.0 * (town == "Rome")
    price += 40000.0 * (view == "splendid sea view")
    table["price"] = (price + rng.normal(0.0, 2000.0, n_rows)).round(2)
    table.loc[::20, "size"] = np.nan
    table.loc[::17, "advert"] = None
    table.loc[::15, "price"] = np.nan
    table.to_csv("t.csv", index=False)
    return table


def test_one_line_makes_report_and_exports(houses, run, folder):
    status, out, err = run(
        *("t.csv", "--target", "price", *QUICK, "--drop", "advert"),
        *("--export", "onnx,c,js", "--report", "r.html"),
    )
    assert (status, err) == (0, "")
    assert "'price' is learned as numbers: --task classes overrides this." in out
    assert "16 rows have no value of 'price', and the teacher answers for them." in out
    assert "224 rows, 2 columns; 168 rows to train on, 56 to measure on" in out
    assert "a forest of 10 trees" in out
    assert re.search(r"R² 0\.\d+ 0\.\d+ 0\.\d+ ", out)
    assert "student.predict(X)" in out
    assert "predict_proba" not in out
    X = houses[["town", "size"]]
    student = Student.load("student.npz")
    for ending in (".onnx", ".h", ".mjs"):
        path = (folder / "student").with_suffix(ending)
        found = re.search(rf"student\{ending}: (.*?) a number in deviations (\S+)", out)
        assert found[1] == "greatest difference of"
        assert float(found[2]) <= 1e-5
        assert verify(student, path, X).passed
    assert "R²" in (folder / "r.html").read_text(encoding="utf-8")
    known = houses["price"].notna()
    assert r2_score(houses["price"][known], student.predict(X)[known]) > 0.4
    # The file of scores has all digits of the student's numbers.
    assert (
        run("predict", "student.npz", "t.csv", "scores.csv", "--keep", "price")[0] == 0
    )
    scores = pd.read_csv("scores.csv", dtype=str)
    assert list(scores) == ["price", "predict"]
    assert [*map(float, scores["predict"])] == student.predict(X).tolist()


def test_no_line_wraps(houses, capsys, few_steps):
    arguments = ["t.csv", "--target", "price", *QUICK, "--drop", "advert"]
    assert main([*arguments, "--export", "c,js"]) == 0
    assert main(["t.csv", "--target", "town", "--task", "numbers"]) == 1
    for text in capsys.readouterr():
        assert max(map(len, text.splitlines())) <= 80


def test_free_text_teaches_too(houses, run, few_steps):
    start = ("t.csv", "--target", "price", *QUICK, "--text", "advert")
    status, out, err = run(*start)
    assert (status, err) == (0, "")
    assert "a linear model of the words and a forest of 10 trees" in out
    student = Student.load("student.npz")
    rows = pd.DataFrame({"town": "Oslo", "size": 100.0}, index=[0, 1])
    rows["advert"] = ["splendid sea view", "noisy street"]
    dear, cheap = student.predict(rows)
    assert dear > cheap + 10000.0
    houses[["advert", "price"]].to_csv("texts.csv", index=False)
    status, out, _ = run("texts.csv", "--target", "price", "--hidden", "4")
    assert status == 0
    assert "training the teacher, a linear model of the words ..." in out


def test_a_price_with_a_currency(houses, run, few_steps):
    cells = houses["price"].map("${:,.2f}".format, na_action="ignore")
    houses.assign(price=cells).to_csv("t.csv", index=False)
    start = ("t.csv", "--target", "price", *QUICK, "--drop", "advert")
    status, _, err = run(*start)
    assert status == 1
    assert "--number price learns the numbers themselves" in err
    houses[:60].assign(price=cells).to_csv("new.csv", index=False)
    status, out, err = run(*start, "--number", "price", "--test", "new.csv")
    assert (status, err) == (0, "")
    assert "In 'price', '$" in out
    assert "56 to measure on" in out
    predicted = Student.load("student.npz").predict(houses[["town", "size"]])
    assert 50000.0 < predicted.mean() < 250000.0


def test_a_regressor_from_a_file(run, few_steps):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=120), "z": rng.normal(size=120)})
    table["stars"] = np.where(table["x"] > 0, 5, 1)
    table.to_csv("t.csv", index=False)
    X, y = table[["x", "z"]], table["stars"]
    forest = RandomForestRegressor(5, random_state=0).fit(X, y)
    joblib.dump(forest, "m.joblib")
    joblib.dump(RandomForestClassifier(2, random_state=0).fit(X, y), "c.joblib")
    start = ("t.csv", "--target", "stars", "--hidden", "4")
    status, out, _ = run(*start, "--teacher", "m.joblib", "--test", "t2.csv")
    assert status == 1
    table[:40].to_csv("new.csv", index=False)
    status, out, err = run(*start, "--teacher", "m.joblib", "--test", "new.csv")
    assert (status, err) == (0, "")
    right = forest.score(X[:40], y[:40])
    assert f"R² {right:.4f}" in out
    assert Student.load("student.npz").output.kind == "numbers"
    for name, task, words in (
        (
            "c.joblib",
            "numbers",
            "RandomForestClassifier in c.joblib answers with class",
        ),
        ("m.joblib", "classes", "RandomForestRegressor in m.joblib answers with numb"),
    ):
        status, out, err = run(*start, "--teacher", name, "--task", task)
        assert (status, out) == (1, "")
        assert words in err
    joblib.dump(DummyRegressor().fit(X, np.column_stack([y, y])), "two.joblib")
    status, _, err = run(*start, "--teacher", "two.joblib")
    assert status == 1
    assert "two.joblib" in err or "DummyRegressor" in err


def test_few_whole_numbers_are_numbers_if_asked_for(run, few_steps):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=80)})
    table["stars"] = (3 + table["x"]).round().clip(1, 5).astype(int)
    table.to_parquet("t.parquet")
    start = ("t.parquet", "--target", "stars", *QUICK)
    assert run(*start)[0] == 0
    assert Student.load("student.npz").output.kind == "classes"
    status, out, _ = run(*start, "--task", "numbers")
    assert status == 0
    assert "overrides" not in out
    assert Student.load("student.npz").output.kind == "numbers"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--target", "town", "--task", "numbers"], 1, "'town' holds texts, such as"),
        (["--target", "price", "--task", "classes"], 1, "--task numbers learns the"),
        (
            ["--target", "price", "--task", "numbers", "--label", "a=b"],
            2,
            "--label is for classes, and --task numbers learns none",
        ),
        (["--target", "price", "--task", "ranks"], 2, "argument --task"),
        (["--target", "price", "--test-size", "300"], 1, "300 of 224 rows with a"),
    ],
)
def test_options_that_do_not_go_together(
    arguments, status, words, houses, run, folder, monkeypatch
):
    def fit(*arguments):
        raise AssertionError

    monkeypatch.setattr(RandomForestRegressor, "fit", fit)
    found, _, err = run("t.csv", *arguments)
    assert found == status
    assert words in err
    assert not (folder / "student.npz").exists()


def test_the_option_goes_with_a_table(run):
    status, _, err = run("--task", "numbers")
    assert status == 2
    assert "--task goes with a table" in err
