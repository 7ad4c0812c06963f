"""Fits on files whose target is a number."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_friedman1
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import r2_score

from skdistill import DistilledClassifier, DistilledRegressor
from skdistill.stream import fit_files


@pytest.fixture(scope="module")
def table():
    X, y = make_friedman1(3000, n_features=5, noise=0.5, random_state=0)
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(5)])
    return frame.assign(price=y)


@pytest.fixture(scope="module")
def forest(table):
    X = table.drop(columns="price")
    return RandomForestRegressor(30, random_state=0).fit(
        X[:2500], table["price"][:2500]
    )


def write(table, folder, form):
    for number, part in enumerate(np.array_split(np.arange(2500), 3)):
        rows = table.iloc[part]
        if form == "csv":
            rows.to_csv(folder / f"{number}.csv", index=False, na_rep="NA")
        else:
            rows.to_parquet(folder / f"{number}.parquet", index=False)
    return str(folder / f"*.{form}")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_files_make_nearly_the_student_of_the_rows_in_memory(
    table, forest, tmp_path, form
):
    files = write(table, tmp_path, form)
    model = DistilledRegressor(forest, random_state=0)
    fitted = fit_files(model, files, target="price")
    X, y = table.drop(columns="price"), table["price"]
    whole = DistilledRegressor(forest, random_state=0).fit(X[:2500], y[:2500])
    assert fitted.score(X[2500:], y[2500:]) > whole.score(X[2500:], y[2500:]) - 0.01
    low, high = y[:2500].min(), y[:2500].max()
    assert fitted.student_.output.low[0] <= low
    assert fitted.student_.output.high[0] >= high


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_rows_without_a_number_learn_from_the_teacher(table, forest, tmp_path, form):
    some = table.assign(price=table["price"].where(np.arange(3000) % 4 > 0))
    files = write(some, tmp_path, form)
    fitted = fit_files(
        DistilledRegressor(forest, random_state=0), files, target="price"
    )
    X, y = table.drop(columns="price"), table["price"]
    assert fitted.score(X[2500:], y[2500:]) > 0.85
    alone = fit_files(DistilledRegressor(forest, random_state=0), files, drop=["price"])
    assert r2_score(forest.predict(X[2500:]), alone.predict(X[2500:])) > 0.9


def test_stored_numbers_and_quantiles_in_files(table, forest, tmp_path):
    X = table.drop(columns="price")
    answers = forest.predict(X)
    stored = table.assign(lower=answers - 1.0, upper=answers + 1.0)
    files = write(stored, tmp_path, "parquet")
    model = DistilledRegressor(
        "precomputed", loss="quantile", quantile=[0.1, 0.9], random_state=0
    )
    fitted = fit_files(model, files, target="price", prediction=["lower", "upper"])
    predicted = fitted.predict(X[2500:])
    assert predicted.shape == (500, 2)
    assert (np.diff(predicted, axis=1) >= 0).all()
    again = fit_files(model, files, target="price", prediction=["lower", "upper"])
    assert_array_equal(again.predict(X[2500:]), predicted)


def test_a_target_that_holds_no_numbers_is_refused(table, forest, tmp_path):
    words = table.assign(price=np.where(table["price"] > 10, "dear", "cheap"))
    model = DistilledRegressor(forest, random_state=0)
    for form, message in (("parquet", "holds .*string"), ("csv", "is '(dear|cheap)'")):
        files = write(words, tmp_path, form)
        with pytest.raises(ValueError, match=f"target='price' {message} in .*numbers"):
            fit_files(model, files, target="price")
    thousands = write(table.assign(price="1_000"), tmp_path, "csv")
    with pytest.raises(ValueError, match="target='price' is '1_000' in"):
        fit_files(model, thousands, target="price")
    infinite = write(table.assign(price=np.inf), tmp_path, "parquet")
    with pytest.raises(ValueError, match="target='price' is inf in .*finite"):
        fit_files(model, infinite, target="price")


def test_arguments_of_the_other_task_are_refused(table, forest, tmp_path):
    files = write(table, tmp_path, "parquet")
    model = DistilledRegressor("precomputed", random_state=0)
    with pytest.raises(ValueError, match="proba='x0' was passed, .* give prediction"):
        fit_files(model, files, target="price", proba="x0")
    with pytest.raises(ValueError, match="needs the teacher's numbers: give predict"):
        fit_files(model, files, target="price")
    classes = DistilledClassifier("precomputed", random_state=0)
    with pytest.raises(ValueError, match="prediction='x0' was passed, .* give proba"):
        fit_files(classes, files, target="price", prediction="x0")
    with pytest.raises(TypeError, match="or a DistilledRegressor"):
        fit_files(LogisticRegression(), files, target="price")
