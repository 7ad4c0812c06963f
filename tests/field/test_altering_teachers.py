"""Teachers and synthesizers that alter what they get, or answer in one array."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import (
    DistillationReport,
    DistilledClassifier,
    NeighborInterpolation,
    metrics,
)
from skdistill.metrics import row_seconds
from skdistill.tables.own_copy import own_copy
from skdistill.tasks.classes import Classification
from skdistill.teachers import teacher as teachers
from skdistill.teachers.out_of_bag import out_of_bag_answers
from skdistill.teachers.resolve import as_teacher

ROWS, OTHER_ROWS, Y, OTHER_Y = train_test_split(
    *load_breast_cancer(return_X_y=True), random_state=0
)


def distil(teacher, **parameters):
    parameters = {
        "max_iter": 3,
        "hidden_layer_sizes": (16,),
        "n_synthetic": 100,
        "weight_decay": 0.3,
        "random_state": 0,
        **parameters,
    }
    return DistilledClassifier(teacher, **parameters)


def scaled(*, copy):
    return make_pipeline(StandardScaler(copy=copy), LogisticRegression(max_iter=1000))


@pytest.mark.parametrize("encoder", ["auto", None])
@pytest.mark.parametrize("fitted", [True, False])
@pytest.mark.parametrize("make", [np.array, pd.DataFrame])
def test_a_scaler_without_a_copy(fitted, encoder, make):
    X = make(ROWS.copy())
    students = []
    for copy in (True, False):
        teacher = scaled(copy=copy)
        if fitted:
            teacher.fit(make(ROWS.copy()), Y)
        students.append(distil(teacher, encoder=encoder).fit(X, Y))
        assert_array_equal(np.asarray(X), ROWS)
    proba = [model.student_.predict_proba(OTHER_ROWS) for model in students]
    assert_array_equal(*proba)


@pytest.mark.parametrize("how", [{"cv": 3}, {"calibrate_teacher": "refit"}])
def test_clones_get_rows_of_their_own(how):
    X = ROWS.copy()
    proba = [
        distil(scaled(copy=copy), **how).fit(X, Y).predict_proba(OTHER_ROWS)
        for copy in (True, False)
    ]
    assert_array_equal(*proba)
    assert_array_equal(X, ROWS)


def test_members_and_transformers_of_an_ensemble_get_rows_of_their_own():
    proba = []
    for copy in (True, False):
        bagging = BaggingClassifier(scaled(copy=copy), 5, random_state=0)
        teacher = make_pipeline(StandardScaler(copy=copy), bagging).fit(ROWS.copy(), Y)
        X = ROWS.copy()
        task = Classification(teacher.classes_)
        proba.append(out_of_bag_answers(teacher, X, Y, task))
        assert_array_equal(X, ROWS)
    assert_array_equal(*proba)


def test_a_report_leaves_its_rows_as_they_are():
    X = OTHER_ROWS.copy()
    model = distil(scaled(copy=False).fit(ROWS.copy(), Y)).fit(ROWS, Y)
    report = DistillationReport.from_estimator(model, X, OTHER_Y, baseline=None)
    assert_array_equal(X, OTHER_ROWS)
    expected = scaled(copy=True).fit(ROWS, Y).score(OTHER_ROWS, OTHER_Y)
    assert report.figures["teacher"]["accuracy"].estimate == pytest.approx(expected)


def answers(rows):
    p = 1 / (1 + np.exp(-np.asarray(rows, dtype=float)[:, 0]))
    return np.column_stack([1 - p, p])


@pytest.mark.parametrize(
    "make",
    [
        np.array,
        np.ndarray.tolist,
        pd.DataFrame,
        lambda X: pl.DataFrame(X, schema=["a", "b"]),
        csr_matrix,
    ],
)
def test_a_function_that_clears_its_rows(make):
    X = np.random.default_rng(0).normal(size=(80, 2))

    def read(rows):
        if hasattr(rows, "toarray"):
            return rows.toarray()
        return np.array(rows)

    def tidy(rows):
        return answers(read(rows))

    def clears(rows):
        answer = tidy(rows)
        if isinstance(rows, list):
            for row in rows:
                row[:] = [0.0, 0.0]
        elif isinstance(rows, pl.DataFrame):
            rows.replace_column(0, pl.Series("a", np.zeros(len(rows))))
        elif isinstance(rows, pd.DataFrame):
            rows.iloc[:, :] = 0.0
        elif isinstance(rows, np.ndarray):
            rows[...] = 0.0
        else:
            rows.data[:] = 0.0
        return answer

    given = make(X)
    proba = [distil(f).fit(given).student_.predict_proba(X) for f in (tidy, clears)]
    assert_array_equal(*proba)
    assert_array_equal(read(given), X)


def test_one_array_for_all_answers(monkeypatch):
    """The given rows take several blocks, and the synthetic rows come after them."""
    monkeypatch.setattr(teachers, "ROWS_AT_ONCE", 64)
    X = np.random.default_rng(0).normal(size=(300, 2))
    buffer = np.empty((1000, 2))

    def reuses(rows):
        answer = buffer[: len(rows)]
        answer[...] = answers(rows)
        return answer

    proba = [distil(f).fit(X).predict_proba(X) for f in (answers, reuses)]
    assert_array_equal(*proba)
    proba = answers(X)
    given = proba.copy()
    distil("precomputed").fit(X, teacher_proba=given)
    assert_array_equal(given, proba)


def test_one_array_for_all_labels(monkeypatch):
    monkeypatch.setattr(teachers, "ROWS_AT_ONCE", 64)
    X = np.random.default_rng(0).normal(size=(300, 2))

    class Reuses:
        classes_, memory = np.array([0, 1]), np.empty(64, dtype=int)

        def predict_proba(self, rows):
            return answers(rows)

        def predict(self, rows):
            labels = self.memory[: len(rows)]
            labels[...] = answers(rows)[:, 1] > 0.8
            return labels

    teacher, task = as_teacher(Reuses()), Classification(np.array([0, 1]))
    decided = teacher.decide(X, teacher.ask(X, task), task)
    assert_array_equal(decided, answers(X)[:, 1] > 0.8)


class Careless(BaseEstimator):
    """A synthesizer that clears what it was fitted on, and draws into one array."""

    memory = np.empty((100, 2))

    def fit(self, X, y=None):
        self.inner_ = NeighborInterpolation().fit(X.copy())
        X[...] = 0.0
        return self

    def sample(self, n_samples=1, random_state=None):
        self.memory[...] = self.inner_.sample(n_samples, random_state)
        return self.memory


def test_a_careless_synthesizer():
    X = np.random.default_rng(0).normal(size=(80, 2))
    given = X.copy()

    def clears(rows):
        answer = answers(rows)
        Careless.memory[...] = 0.0
        return answer

    proba = [
        distil(teacher, synthesizer=synthesizer).fit(given).predict_proba(X)
        for teacher, synthesizer in ((answers, "auto"), (clears, Careless()))
    ]
    assert_array_equal(*proba)
    assert_array_equal(given, X)


def test_a_teacher_that_alters_labels_and_weights():
    X = np.random.default_rng(0).normal(size=(80, 2))
    y, weight = (X[:, 0] > 0).astype(int), np.linspace(1, 2, 80)

    class Tidy(LogisticRegression):
        pass

    class Clears(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            super().fit(X, y, sample_weight)
            for array in (X, y, sample_weight):
                array[...] = 0
            return self

    given = [X.copy(), y.copy(), weight.copy()]
    proba = [
        distil(teacher).fit(*given[:2], sample_weight=given[2]).predict_proba(X)
        for teacher in (Tidy(), Clears())
    ]
    assert_array_equal(*proba)
    for now, before in zip(given, (X, y, weight), strict=True):
        assert_array_equal(now, before)


def test_a_copy_keeps_the_order_of_its_memory_and_can_be_written():
    for order in "CF":
        X = np.array(ROWS, order=order)
        X.flags.writeable = False
        copied = own_copy(X)
        assert copied.flags.writeable
        assert not np.shares_memory(copied, X)
        assert copied.flags.f_contiguous == X.flags.f_contiguous


def logs(rows):
    """Return answers of the logarithms of rows, which are written over the rows."""
    return answers(np.log(rows, out=rows))


def test_a_report_asks_again_and_again_about_rows_as_they_are():
    X = np.random.default_rng(0).uniform(0.5, 2.0, size=(80, 2))
    y = (X[:, 0] > 1).astype(int)
    given = X.copy()

    def strict(rows):
        assert (rows > 0.49).all(), "rows of an earlier call came again"
        return logs(rows)

    strict.classes_ = np.array([0, 1])
    model = distil(strict).fit(given, y)
    report = DistillationReport.from_estimator(model, given, y, n_bootstraps=9)
    assert report.figures["teacher"]["accuracy"].estimate == 1.0
    assert_array_equal(given, X)


@pytest.mark.parametrize(
    "make",
    [
        np.array,
        np.asfortranarray,
        np.ndarray.tolist,
        lambda X: tuple(X.tolist()),
        lambda X: pd.DataFrame(X, index=np.linspace(1, 2, len(X))),
        lambda X: pl.DataFrame(X, schema=["a", "b"]),
        csr_matrix,
    ],
)
def test_row_seconds_leaves_the_rows_as_they_are(make, monkeypatch):
    X = np.arange(1.0, 9.0).reshape(4, 2)
    given, seen = make(X), []

    def clears(row):
        if isinstance(row, (list, tuple)):
            seen.append(list(row[0]))
            row[0][:] = [0.0, 0.0]
            return
        array = row.toarray() if hasattr(row, "toarray") else np.array(row)
        seen.append(array[0].tolist())
        if isinstance(row, pl.DataFrame):
            row.replace_column(0, pl.Series("a", [0.0]))
        elif isinstance(row, pd.DataFrame):
            row.iloc[:, :] = 0.0
        elif isinstance(row, np.ndarray):
            row[...] = 0.0
        else:
            row.data[:] = 0.0

    # The clock ticks once a look, so that the load of the machine decides nothing.
    ticks = SimpleNamespace(perf_counter=itertools.count(step=0.001).__next__)
    monkeypatch.setattr(metrics, "time", ticks)
    assert row_seconds(clears, given, 0.1) > 0
    assert len(seen) > 8
    turns = X.tolist()
    assert seen == [turns[0], *(turns[i % 4] for i in range(len(seen) - 1))]
    after = given.toarray() if hasattr(given, "toarray") else np.array(given)
    assert_array_equal(after, X)
