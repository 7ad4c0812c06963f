"""Boosters of XGBoost, LightGBM and CatBoost as teachers, against their libraries."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.datasets import load_iris

from skdistill import DistillationReport, DistilledClassifier
from skdistill.teachers import BoosterTeacher

X, Y = load_iris(return_X_y=True)
X.flags.writeable = Y.flags.writeable = False
TWO = (Y == 2).astype(int)


def distilled(teacher, **parameters):
    parameters = {"max_iter": 5, "random_state": 0, "weight_decay": 0.3} | parameters
    return DistilledClassifier(teacher, **parameters)


def of_xgboost(X, y, **parameters):
    xgboost = pytest.importorskip("xgboost")
    n_classes = len(np.unique(y))
    objective = {"objective": "multi:softprob", "num_class": n_classes}
    objective = {"objective": "binary:logistic"} if n_classes == 2 else objective
    parameters = objective | {"nthread": 1, "eta": 1} | parameters
    booster = xgboost.train(parameters, xgboost.DMatrix(X, y), 5)
    return booster, lambda rows: booster.predict(xgboost.DMatrix(rows))


def of_lightgbm(X, y, **parameters):
    lightgbm = pytest.importorskip("lightgbm")
    n_classes = len(np.unique(y))
    objective = {"objective": "multiclass", "num_class": n_classes}
    objective = {"objective": "binary"} if n_classes == 2 else objective
    parameters = objective | {"verbose": -1, "num_threads": 1} | parameters
    booster = lightgbm.train(parameters, lightgbm.Dataset(X, y), 15)
    return booster, booster.predict


def of_catboost(X, y, **parameters):
    catboost = pytest.importorskip("catboost")
    loss = "Logloss" if len(np.unique(y)) == 2 else "MultiClass"
    options = {"iterations": 10, "thread_count": 1, "verbose": 0}
    options |= {"allow_writing_files": False, "loss_function": loss} | parameters
    booster = catboost.CatBoost(options).fit(X, y)
    return booster, lambda rows: booster.predict(rows, prediction_type="Probability")


LIBRARIES = (of_xgboost, of_lightgbm, of_catboost)


@pytest.mark.parametrize("train", LIBRARIES)
@pytest.mark.parametrize("y", [Y, TWO], ids=["three classes", "two classes"])
def test_answers_are_those_of_the_library(train, y):
    booster, by_hand = train(X, y)
    expected = by_hand(X)
    if expected.ndim == 1:
        expected = np.column_stack([1 - expected, expected])
    np.testing.assert_allclose(
        BoosterTeacher(booster).predict_proba(X), expected, atol=1e-6
    )
    np.testing.assert_allclose(
        BoosterTeacher(booster, batch_size=7).predict_proba(X), expected, atol=1e-6
    )
    model = distilled(booster).fit(X, y)
    assert model.score(X, y) > 0.9
    assert model.teacher_.output_ == "proba"
    assert model.teacher_.classes_.tolist() == np.unique(y).tolist()
    assert clone(model).teacher is booster
    assert "Boost" in model._repr_html_()
    assert not [name for name in model.get_params() if name.startswith("teacher__")]
    loaded = pickle.loads(pickle.dumps(model))
    np.testing.assert_allclose(loaded.teacher_.predict_proba(X), expected, atol=1e-6)
    right = np.mean(expected.argmax(axis=1) == y)
    report = DistillationReport.from_estimator(model, X, y).to_frame()
    assert report.loc["accuracy", "teacher"] == pytest.approx(right)


@pytest.mark.parametrize("train", LIBRARIES)
def test_frames_keep_their_names_and_categories(train):
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame["kind"] = pd.Categorical(np.where(X[:, 0] > 6, "long", "short"))
    if train is of_catboost:
        frame["kind"] = frame["kind"].astype(str)
        booster, by_hand = train(frame, Y, cat_features=["kind"])
    elif train is of_xgboost:
        xgboost = pytest.importorskip("xgboost")
        rows = xgboost.DMatrix(frame, Y, enable_categorical=True)
        options = {"objective": "multi:softprob", "num_class": 3, "nthread": 1}
        booster = xgboost.train(options | {"tree_method": "hist"}, rows, 5)

        def by_hand(frame):
            rows = xgboost.DMatrix(frame, enable_categorical=True)
            return booster.predict(rows)
    else:
        booster, by_hand = train(frame, Y)
    found = BoosterTeacher(booster).predict_proba(frame)
    np.testing.assert_allclose(found, by_hand(frame), atol=1e-6)
    assert distilled(booster).fit(frame, Y).score(frame, Y) > 0.9


@pytest.mark.parametrize(
    ("train", "parameters"),
    [
        (of_xgboost, {"objective": "reg:squarederror"}),
        (of_lightgbm, {"objective": "regression"}),
        (of_catboost, {"loss_function": "RMSE"}),
    ],
)
def test_regressors_are_refused(train, parameters):
    booster, _ = train(X, TWO, **parameters)
    with pytest.raises(ValueError, match="are no probabilities of classes: train it"):
        distilled(booster).fit(X, TWO)


def test_labels_of_xgboost_are_refused_and_raw_scores_are_logits():
    booster, _ = of_xgboost(X, Y, objective="multi:softmax")
    with pytest.raises(ValueError, match="multi:softmax.*output=.logits"):
        distilled(booster).fit(X, Y)
    _, by_hand = of_xgboost(X, Y, objective="multi:softprob")
    found = BoosterTeacher(booster, output="logits").predict_proba(X)
    np.testing.assert_allclose(found, by_hand(X), atol=1e-6)
    hinge, _ = of_xgboost(X, TWO, objective="binary:hinge")
    with pytest.raises(ValueError, match="binary:hinge"):
        distilled(hinge).fit(X, TWO)


def test_an_objective_of_the_user_gives_logits():
    xgboost = pytest.importorskip("xgboost")

    def logistic(scores, rows):
        proba = expit(scores)
        return proba - rows.get_label(), proba * (1 - proba)

    rows = xgboost.DMatrix(X, TWO)
    booster = xgboost.train({"base_score": 0.0}, rows, 10, obj=logistic)
    with pytest.raises(ValueError, match="reg:squarederror.*output=.logits"):
        distilled(booster).fit(X, TWO)
    found = BoosterTeacher(booster, output="logits").predict_proba(X)
    expected = expit(booster.predict(rows, output_margin=True).astype(float))
    np.testing.assert_allclose(found[:, 1], expected)
    assert np.mean((found[:, 1] > 0.5) == TWO) > 0.9


@pytest.mark.parametrize("train", LIBRARIES)
@pytest.mark.parametrize("y", [Y, TWO], ids=["three classes", "two classes"])
def test_logits_are_the_raw_scores(train, y):
    booster, _ = train(X, y)
    plain = BoosterTeacher(booster).predict_proba(X)
    found = BoosterTeacher(booster, output="logits").predict_proba(X)
    np.testing.assert_allclose(found, plain, atol=1e-6)


def test_probabilities_of_the_logistic_regression_of_xgboost():
    booster, by_hand = of_xgboost(X, TWO, objective="reg:logistic")
    found = BoosterTeacher(booster).predict_proba(X)
    np.testing.assert_allclose(found[:, 1], by_hand(X), atol=1e-6)


def test_logits_of_xgboost():
    booster, by_hand = of_xgboost(X, TWO, objective="binary:logitraw")
    model = distilled(booster).fit(X, TWO)
    assert model.teacher_.output_ == "logits"
    expected = 1 / (1 + np.exp(-by_hand(X).astype(float)))
    np.testing.assert_allclose(model.teacher_.predict_proba(X)[:, 1], expected)


def test_catboost_knows_its_labels_and_whether_it_is_fitted():
    names = np.array(["x", "y", "z"])[Y]
    booster, _ = of_catboost(X, names)
    assert BoosterTeacher(booster).classes_.tolist() == ["x", "y", "z"]
    assert distilled(booster).fit(X).classes_.tolist() == ["x", "y", "z"]
    unfitted = type(booster)({"iterations": 2})
    with pytest.raises(ValueError, match="CatBoost of catboost, is not fitted: call"):
        distilled(unfitted).fit(X, Y)


@pytest.mark.parametrize("train", LIBRARIES)
def test_rows_of_other_columns_are_one_sentence(train):
    booster, _ = train(X, Y)
    with pytest.raises(ValueError, match="X has 2 features.* fitted on 4"):
        distilled(booster).fit(X[:, :2], Y)
    with pytest.raises(ValueError, match="of (xg|light|cat)boost, raised|gbm, raised"):
        BoosterTeacher(booster).predict_proba(X[:, :2])
    frame = pd.DataFrame(X, columns=list("abcd"))
    named, _ = train(frame, Y)
    with pytest.raises(ValueError, match="feature names of X in another order"):
        distilled(named).fit(frame[list("bacd")], Y)


def test_the_example_of_the_class():
    import doctest

    pytest.importorskip("xgboost")
    text = BoosterTeacher.__doc__.replace("# doctest: +SKIP", "")
    test = doctest.DocTestParser().get_doctest(text, {}, "BoosterTeacher", None, 0)
    assert doctest.DocTestRunner().run(test).failed == 0
