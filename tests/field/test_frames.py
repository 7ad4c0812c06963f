"""Frames: read at once if they hold numbers, and only the levels that rows have."""

import time

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from skdistill import DistilledClassifier, Student
from skdistill.student.input_code import InputCode
from skdistill.tables import read
from tests import oracle


def make_student(n_numbers, n_levels_columns=0, n_levels=0):
    """Return a student of columns c0, c1, ...: numbers with knots, then levels."""
    n_features = n_numbers + n_levels_columns
    code = InputCode(
        n_features,
        **{name: [] for name in ("linear", "low", "high", "mean", "scale")},
        knotted=range(n_numbers),
        knots=[[-1.0, 0.0, 1.0, 2.0]] * n_numbers,
        categorical=range(n_numbers, n_features),
        levels=[[f"level {i}" for i in range(n_levels)]] * n_levels_columns,
    )
    coefs, intercepts = oracle.random_network((0, 16, 1), 0, np.float32)
    table = oracle.RNG(0).normal(size=(code.n_rows, 16))
    names = [f"c{i}" for i in range(n_features)]
    return Student(coefs, intercepts, "relu", [0, 1], code, table, feature_names=names)


def make_frame(student, n_rows):
    """Return rows of a student, with categorical columns for its levels."""
    rng = oracle.RNG(1)
    columns = {}
    levels = dict(
        zip(student.input_code.categorical, student.input_code.levels, strict=True)
    )
    for feature, name in enumerate(student.feature_names_in_):
        if feature in levels:
            places = rng.integers(-1, len(levels[feature]), n_rows)
            columns[name] = pd.Categorical.from_codes(places, levels[feature])
        else:
            columns[name] = rng.normal(size=n_rows)
    return pd.DataFrame(columns)


def seconds(call, n_calls=20):
    """Return the least time of a call, of some, after a first one."""
    call()
    times = []
    for _ in range(n_calls):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


DTYPES = ["float64", "float32", "float16", "int64", "int8", "uint16", "mixed"]


@pytest.mark.parametrize("n_rows", [0, 1, 3, 200])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_numeric_frame_gives_the_answers_of_an_array(dtype, n_rows):
    student = make_student(5)
    X = make_frame(student, n_rows) * 3
    if dtype == "mixed":
        kinds = ["float32", "int64", "float64", "uint8", "int16"]
        frame = X.abs().astype(dict(zip(X, kinds, strict=True)))
    else:
        frame = X.abs().astype(dtype)
    expected = student.predict_proba(frame.to_numpy(dtype=np.float64))
    assert_array_equal(student.predict_proba(frame), expected)
    assert_array_equal(student.predict_proba(frame[frame.columns[::-1]]), expected)
    if dtype != "float16":
        table = pl.DataFrame(frame)
        assert_array_equal(student.predict_proba(table), expected)
        assert_array_equal(student.predict_proba(table[:, ::-1]), expected)


@pytest.mark.parametrize("n_rows", [1, 100])
def test_other_columns_are_read_one_by_one(n_rows):
    student = make_student(5)
    X = make_frame(student, n_rows)
    X["c1"], X["c3"] = X.c1 > 0, (X.c3 * 10).round()
    expected = student.predict_proba(X.to_numpy(dtype=np.float64))
    frame = X.astype({"c3": "Int64", "c4": "Float64"})
    for table in (X, frame, X.astype({"c0": object}), pl.DataFrame(frame)):
        assert_array_equal(student.predict_proba(table), expected)
    gaps = frame.astype({"c3": "Float64"})
    gaps.loc[0, "c3"] = pd.NA
    missing = X.to_numpy(dtype=np.float64)
    missing[0, 3] = np.nan
    expected = student.predict_proba(missing)
    for table in (gaps, pl.DataFrame(gaps)):
        assert_array_equal(student.predict_proba(table), expected)


@pytest.mark.parametrize("container", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("n_rows", [1, 100])
def test_what_a_frame_may_not_hold_is_still_refused(container, n_rows):
    student = make_student(3)
    columns = make_frame(student, n_rows).to_dict("list")
    dates = [np.datetime64("2026-01-01", "ms")] * n_rows
    bad = {"c1": np.inf, "c2": 1e39}
    for name, value in bad.items():
        cells = [*columns[name][1:], value]
        with pytest.raises(ValueError, match=f"column '{name}' of X holds"):
            student.predict(container(columns | {name: cells}))
    with pytest.raises(ValueError, match="column 'c0' of X holds dates or times"):
        student.predict(container(columns | {"c0": np.array(dates)}))
    with pytest.raises(ValueError, match="column 'c0' of X holds text"):
        student.predict(container(columns | {"c0": ["1"] * n_rows}))


@pytest.mark.parametrize("n_rows", [1, 7, 400])
def test_categories_give_the_answers_of_their_cells(n_rows):
    student = make_student(1, 3, 50)
    frame = make_frame(student, n_rows)
    # Other categories, in another order, some of them unknown to the student.
    other = [f"level {i}" for i in range(60, 5, -1)]
    frame["c2"] = frame.c2.cat.set_categories(other)
    frame.loc[frame.index[::3], "c2"] = "level 60"
    cells = frame.astype(object).where(frame.notna(), None).to_numpy()
    expected = student.predict_proba(cells)
    assert_array_equal(student.predict_proba(frame), expected)
    assert_array_equal(student.predict_proba(pl.DataFrame(frame)), expected)
    assert_array_equal(student.predict_proba(frame[frame.columns[::-1]]), expected)


def test_only_the_levels_of_the_rows_are_read(monkeypatch):
    found = []
    original = read._read_categories

    def counted(name, levels):
        found.append(len(levels))
        return original(name, levels)

    monkeypatch.setattr(read, "_read_categories", counted)
    student = make_student(1, 3, 5000)
    student.predict(make_frame(student, 1))
    student.predict(make_frame(student, 4))
    assert len(found) == 6
    assert max(found[:3]) <= 1
    assert max(found) <= 4


def test_many_levels_cost_a_row_no_more_than_few():
    few, many = make_student(2, 4, 5), make_student(2, 4, 20_000)
    times = []
    for student in (few, many):
        row = make_frame(student, 1)
        times.append(seconds(lambda s=student, row=row: s.predict_proba(row)))
    # All levels of one column alone take more than 20 times as long as such a row.
    assert times[1] < 5 * times[0]


def plain_student(n_features):
    """Return a student without an input code."""
    coefs, intercepts = oracle.random_network((n_features, 16, 1), 0, np.float32)
    names = [f"c{i}" for i in range(n_features)]
    return Student(coefs, intercepts, "relu", [0, 1], feature_names=names)


@pytest.mark.parametrize("make", [make_student, plain_student])
def test_one_row_of_a_numeric_frame(make):
    """The bar is 50 us. Here the time is a share of that for columns one by one."""
    student = make(54)
    row = make_frame(make_student(54), 1)
    assert_array_equal(
        student.predict_proba(row), student.predict_proba(row.to_numpy())
    )
    at_once = seconds(lambda: student.predict_proba(row), 200)
    one_by_one = seconds(lambda: read.read_coded_columns(row), 50)
    assert at_once < one_by_one / 5


def test_a_wide_frame():
    """A row of 1,500 columns costs less than a small forest takes for it."""
    A, y = make_classification(60, 1500, n_informative=20, random_state=0)
    X = pd.DataFrame(A, columns=[f"c{i}" for i in range(1500)])
    forest = RandomForestClassifier(30, random_state=0).fit(X, y)
    model = DistilledClassifier(
        forest,
        random_state=0,
        hidden_layer_sizes=(32,),
        max_iter=2,
        weight_decay=0.3,
        synthesizer=None,
    ).fit(X, y)
    row, student = X.iloc[[0]], model.student_
    assert_array_equal(student.predict_proba(X), student.predict_proba(X.to_numpy()))
    student_seconds = seconds(lambda: student.predict_proba(row))
    assert student_seconds < seconds(lambda: forest.predict_proba(row), 5) / 2


@pytest.mark.parametrize("n_rows", [1, 3, 100])
def test_gaps_among_categories_of_integers(n_rows):
    """The frame's own array of integers has no place for a gap."""
    kind = pd.Categorical([0, 1, None] * 100, categories=[0, 1])
    X = pd.DataFrame({"kind": kind, "number": np.arange(300) % 7})
    proba = np.array([[0.9, 0.1], [0.1, 0.9], [0.5, 0.5]] * 100)
    model = DistilledClassifier("precomputed", max_iter=30, random_state=0)
    student = model.fit(X, teacher_proba=proba).student_
    rows = X.iloc[2 : 2 + n_rows]
    lists = [
        [None if pd.isna(k) else int(k), int(n)]
        for k, n in rows.itertuples(index=False)
    ]
    np.testing.assert_array_equal(
        student.predict_proba(rows), student.predict_proba(lists)
    )
