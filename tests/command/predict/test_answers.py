"""Columns that the command writes for students of numbers and of label sets."""

import csv

import numpy as np
import pandas as pd
import pytest

from skdistill import Student
from skdistill.__main__ import main
from skdistill.student.outputs import LabelSets, Numbers
from skdistill.tables.batches import open as opening

INFINITE = (-np.inf, np.inf)


def numbers(n_units, **options):
    """Numbers of several sizes."""
    mean, scale = [1e6] * n_units, [12345.678] * n_units
    low, high = ([bound] * n_units for bound in INFINITE)
    return Numbers(mean, scale, low, high, **options)


@pytest.fixture(params=["pyarrow", "plain"])
def library(request, monkeypatch):
    """Name of the reader and writer of CSV: pyarrow, or Python alone."""
    if request.param == "plain":
        monkeypatch.setattr(opening, "_has_pyarrow", lambda: False)
    return request.param


@pytest.fixture(autouse=True)
def rows(monkeypatch, tmp_path):
    """Rows in rows.csv, of several batches."""
    monkeypatch.setattr(opening, "N_BATCH", 64)
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame(
        np.random.default_rng(0).normal(size=(150, 2)).round(6), columns=["a", "b"]
    )
    frame.to_csv("rows.csv", index=False)
    return frame


def student_of(output):
    """Return a student of an output, saved to s.npz."""
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(2, output.n_units))
    student = Student(
        [weights],
        [rng.normal(size=output.n_units)],
        "relu",
        output=output,
        feature_names=["a", "b"],
    )
    student.save("s.npz")
    return student


def in_batches(answer, rows):
    """Return answers to batches: the last digits depend on the number of rows."""
    X = rows.to_numpy()
    parts = [answer(X[start : start + 64]) for start in range(0, len(X), 64)]
    return np.concatenate(parts).reshape(len(X), -1)


@pytest.mark.parametrize(
    ("output", "names"),
    [
        (numbers(1, is_flat=True), ["predict"]),
        (numbers(1, is_flat=True, quantiles=[0.9]), ["predict_0.9"]),
        (numbers(2, is_flat=False), ["predict_0", "predict_1"]),
        (
            numbers(3, is_flat=False, quantiles=[0.05, 0.5, 0.95]),
            ["predict_0.05", "predict_0.5", "predict_0.95"],
        ),
    ],
)
def test_numbers_keep_all_digits(output, names, rows, library):
    student = student_of(output)
    assert main(["predict", "s.npz", "rows.csv", "out.csv", "--keep", "b"]) == 0
    with open("out.csv", newline="") as file:
        head, *found = csv.reader(file)
    assert head == ["b", *names]
    wanted = in_batches(student.predict, rows)
    assert wanted.dtype == np.float64
    np.testing.assert_array_equal(np.array(found, dtype=float)[:, 1:], wanted)


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_numbers_of_typed_files(form, rows):
    student = student_of(numbers(2, is_flat=False))
    assert main(["predict", "s.npz", "rows.csv", f"out.{form}"]) == 0
    read = pd.read_parquet if form == "parquet" else pd.read_feather
    found = read(f"out.{form}")
    assert list(found) == ["predict_0", "predict_1"]
    assert set(found.dtypes) == {np.dtype(np.float64)}
    np.testing.assert_array_equal(found, in_batches(student.predict, rows))


def test_label_sets(rows, library):
    student = student_of(LabelSets(["sun", "rain"]))
    assert main(["predict", "s.npz", "rows.csv", "out.csv"]) == 0
    found = pd.read_csv("out.csv")
    names = ["predict_sun", "predict_rain"]
    probabilities = ["predict_proba_sun", "predict_proba_rain"]
    assert list(found) == [*names, *probabilities]
    assert found[names].dtypes.tolist() == [np.dtype(np.int64)] * 2
    assert found[names].to_numpy().tolist() == student.predict(rows.to_numpy()).tolist()
    np.testing.assert_array_equal(
        found[probabilities].to_numpy(np.float32),
        in_batches(student.predict_proba, rows),
    )


def test_a_column_that_is_kept_has_the_name_of_a_number(rows, capsys):
    student_of(numbers(2, is_flat=False))
    rows.assign(predict_1=0).to_csv("rows.csv", index=False)
    options = ["--keep", "predict_1"]
    assert main(["predict", "s.npz", "rows.csv", "out.csv", *options]) == 1
    assert "--keep predict_1: the column of the answers" in capsys.readouterr().err
