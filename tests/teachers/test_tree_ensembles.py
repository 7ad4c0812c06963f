"""The order of rows in which trees are asked."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.datasets import make_regression
from sklearn.ensemble import (
    AdaBoostRegressor,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill.tasks.classes import Classification
from skdistill.teachers.resolve import as_teacher
from skdistill.teachers.tree_ensembles import order_of_leaves
from tests.teachers.numbers import task_of

X, NUMBERS = make_regression(300, 4, noise=5.0, random_state=0)
CLASSES = np.digitize(NUMBERS, [-50.0, 50.0])
HOW = {"n_estimators": 4, "random_state": 0}
FOREST = RandomForestRegressor(**HOW).fit(X, NUMBERS)


@pytest.mark.parametrize("kind", [RandomForestRegressor, ExtraTreesClassifier])
def test_neighbours_fall_into_near_leaves(kind):
    model = kind(**HOW).fit(X, CLASSES)
    order = order_of_leaves(model, X)
    assert_array_equal(np.sort(order), np.arange(len(X)))
    assert (np.diff(model.estimators_[0].apply(X)[order]) >= 0).all()
    assert_array_equal(order_of_leaves(model, pd.DataFrame(X)), order)
    assert_array_equal(order_of_leaves(model, X.tolist()), order)


@pytest.mark.parametrize(
    ("model", "rows"),
    [
        (None, X),
        (FOREST, csr_array(X)),
        (FOREST, X[:, :3]),
        (FOREST, X[0]),
        (FOREST, pd.DataFrame({"text": ["a", "b"]})),
        (FOREST.predict, X),
        (make_pipeline(StandardScaler(), FOREST), X),
        (LinearRegression().fit(X, NUMBERS), X),
        (AdaBoostRegressor(n_estimators=2).fit(X, NUMBERS), X),
        (HistGradientBoostingRegressor(max_iter=2).fit(X, NUMBERS), X),
        (
            GradientBoostingRegressor(
                n_estimators=2, init=RandomForestRegressor(2)
            ).fit(X, NUMBERS),
            X,
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_rows_and_models_keep_their_order(model, rows):
    assert order_of_leaves(model, rows) is None


@pytest.mark.parametrize(
    "as_source", [lambda model: model, lambda model: model.predict]
)
def test_answers_come_back_in_the_order_of_the_rows(as_source, monkeypatch):
    rows = X.copy()
    rows[::7, 1], rows[::5, 2] = np.nan, 1e30
    forest = RandomForestRegressor(**HOW).fit(rows, NUMBERS)
    expected, kept = forest.predict(rows), rows.copy()
    asked, predict = [], RandomForestRegressor.predict

    def spy(model, some):
        asked.append(some)
        return predict(model, some)

    monkeypatch.setattr(RandomForestRegressor, "predict", spy)
    teacher = as_teacher(forest, kind="numbers")
    assert_array_equal(teacher.ask(rows, task_of(NUMBERS))[:, 0], expected)
    teacher.share(1)
    assert_array_equal(teacher.ask(rows, task_of(NUMBERS))[:, 0], expected)
    # Outside of a fit, a teacher is asked and timed as its user asks it.
    assert_array_equal(asked[0], rows)
    assert_array_equal(asked[1], rows[order_of_leaves(forest, rows)])
    assert_array_equal(rows, kept)


@pytest.mark.parametrize(
    "kind",
    [RandomForestClassifier, ExtraTreesClassifier, GradientBoostingClassifier],
)
def test_answers_have_the_same_bits_in_any_order(kind):
    model = kind(**HOW).fit(X, CLASSES)
    task, teacher = Classification(model.classes_), as_teacher(model.predict_proba)
    expected = teacher.ask(X, task)
    teacher.share(2)
    assert_array_equal(teacher.ask(X, task), expected)
    assert_allclose(expected, model.predict_proba(X), rtol=1e-12)
