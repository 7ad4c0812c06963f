"""Importances of features, which scikit-learn's selectors expect."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from skdistill import DistilledClassifier

X, Y = make_classification(
    300, 6, n_informative=2, n_redundant=0, shuffle=False, random_state=0
)


def distilled(teacher, **parameters):
    quick = {
        "hidden_layer_sizes": (4,),
        "max_iter": 2,
        "n_synthetic": 20,
        "weight_decay": 0.3,
        "random_state": 0,
    }
    return DistilledClassifier(teacher, **{**quick, **parameters})


def town_table():
    """Return a table whose column of towns decides, and labels of a pipeline."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "noise": rng.normal(size=300),
            "town": rng.choice(["Rome", "Oslo", "Bern"], 300),
            "color": rng.choice(["red", "green"], 300),
            "age": rng.normal(size=300),
        }
    )
    y = np.where(table["town"] == "Oslo", 1, (table["age"] > 1.5).astype(int))
    encode = make_column_transformer(
        (OneHotEncoder(), ["town", "color"]), remainder="passthrough"
    )
    return table, y, make_pipeline(encode, LogisticRegression())


def test_importances_are_the_shares_of_what_the_answers_change():
    teacher = LogisticRegression().fit(X, Y)
    model = distilled(teacher).fit(X, Y)
    importances = model.feature_importances_
    assert importances.shape == (6,)
    assert_allclose(importances.sum(), 1)
    # Measured for all pairs of rows. `fit` draws one of them for each row.
    before = np.repeat(teacher.predict_proba(X), 300, axis=0)
    for column in range(6):
        redrawn = np.repeat(X, 300, axis=0)
        redrawn[:, column] = np.tile(X[:, column], 300)
        changed = np.abs(teacher.predict_proba(redrawn) - before).sum(axis=1) / 2
        error = changed.std() / 300**0.5
        assert abs(model.sensitivity_[column] - changed.mean()) < 3 * error
    assert_allclose(importances, model.sensitivity_ / model.sensitivity_.sum())


def test_categories_count():
    table, y, teacher = town_table()
    model = distilled(teacher).fit(table, y)
    noise, town, color, age = model.feature_importances_
    assert town > 0.7
    assert max(noise, color) < age < town


@pytest.mark.parametrize(
    ("teacher", "arguments"),
    [
        ("precomputed", {"teacher_proba": np.column_stack([1 - Y, Y]) * 0.8 + 0.1}),
        (LogisticRegression().fit(csr_array(X), Y), {"X": csr_array(X)}),
        (LogisticRegression().fit(X, Y), {"encoder": None}),
    ],
    ids=["stored answers", "sparse rows", "no encoder"],
)
def test_without_a_measurement_there_are_none(teacher, arguments):
    parameters = {k: arguments.pop(k) for k in ["encoder"] if k in arguments}
    model = distilled(teacher, **parameters).fit(**{"X": X, "y": Y, **arguments})
    assert not hasattr(model, "feature_importances_")
    with pytest.raises(AttributeError, match="no feature_importances_.*measures"):
        model.feature_importances_  # noqa: B018


def test_before_fit_there_are_none():
    with pytest.raises(NotFittedError):
        distilled(LogisticRegression()).feature_importances_  # noqa: B018


def test_those_of_a_former_fit_are_gone_or_kept():
    teacher = LogisticRegression().fit(X, Y)
    model = distilled(teacher, warm_start=True).fit(X, Y)
    importances = model.feature_importances_
    # A warm start keeps the knots, so it measures nothing anew.
    assert_array_equal(model.fit(X, Y).feature_importances_, importances)
    model.set_params(warm_start=False, encoder=None).fit(X, Y)
    assert not hasattr(model, "feature_importances_")


def test_a_teacher_of_one_answer_gives_zeros():
    model = distilled(lambda rows: np.full((len(rows), 2), [0.3, 0.7])).fit(X)
    assert model.feature_importances_.tolist() == [0.0] * 6


def test_select_from_model_and_rfe():
    model = distilled(LogisticRegression())
    selector = SelectFromModel(model).fit(X, Y)
    strongest = np.abs(LogisticRegression().fit(X, Y).coef_[0]).argmax()
    assert selector.get_support()[strongest]
    assert selector.transform(X).shape[1] < 6
    rfe = RFE(model, n_features_to_select=2).fit(X, Y)
    assert rfe.support_.sum() == 2
    assert rfe.support_[strongest]


def test_select_from_model_of_a_table():
    table, y, teacher = town_table()
    model = distilled(teacher).fit(table, y)
    selector = SelectFromModel(model, prefit=True, max_features=1).fit(table, y)
    assert selector.get_feature_names_out().tolist() == ["town"]


@pytest.mark.parametrize("encoder", ["auto", None])
def test_a_warm_start_measures_another_teacher(encoder):
    def by(column):
        def teacher(X):
            second = np.where(X[:, column] > 0, 0.8, 0.2)
            return np.column_stack([1 - second, second])

        return teacher

    model = distilled(by(0), warm_start=True, encoder=encoder).fit(X)
    model.set_params(teacher=by(1)).fit(X)
    if encoder is None:
        assert not hasattr(model, "feature_importances_")
    else:
        assert_allclose(model.feature_importances_, [0, 1, 0, 0, 0, 0])


def test_a_column_of_ids_has_no_importance():
    table = pd.DataFrame({"id": [f"C{i:04d}" for i in range(300)], "age": X[:, 0]})

    def teacher(table):
        likely = 0.2 + 0.4 * (table["age"] > 0) + 0.3 * table["id"].isin(odd)
        return np.column_stack([1 - likely, likely])

    odd = set(table["id"][1::2])
    with pytest.warns(UserWarning, match="id"):
        model = distilled(teacher).fit(table)
    assert model.sensitivity_[0] > 0
    assert_array_equal(model.feature_importances_, [0, 1])
