"""Boosters and Keras models that predict numbers, against their libraries."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdistill.teachers.kinds import check_kind
from skdistill.teachers.resolve import as_teacher, is_used_as_given
from tests.teachers.numbers import table, task_of
from tests.teachers.test_boosters import of_catboost, of_lightgbm, of_xgboost

X, Y = table(200)
COUNTS = np.round(np.abs(Y)).astype(int) % 5
LIBRARIES = {
    of_xgboost: ("objective", "reg:squarederror", "count:poisson"),
    of_lightgbm: ("objective", "regression", "poisson"),
    of_catboost: ("loss_function", "RMSE", "Poisson"),
}


@pytest.mark.parametrize("is_count", [False, True], ids=["squares", "counts"])
@pytest.mark.parametrize("train", LIBRARIES)
def test_boosters_answer_numbers(train, is_count):
    name, *objectives = LIBRARIES[train]
    y = COUNTS if is_count else Y
    options = {name: objectives[is_count]}
    if train is of_xgboost:
        xgboost = pytest.importorskip("xgboost")
        booster = xgboost.train(options | {"nthread": 1}, xgboost.DMatrix(X, y), 5)
        expected = booster.predict(xgboost.DMatrix(X))
    elif train is of_lightgbm:
        lightgbm = pytest.importorskip("lightgbm")
        options |= {"verbose": -1, "num_threads": 1}
        booster = lightgbm.train(options, lightgbm.Dataset(X, y), 5)
        expected = booster.predict(X)
    else:
        booster, _ = train(X, y, **options)
        form = "Exponent" if is_count else "RawFormulaVal"
        expected = booster.predict(X, prediction_type=form)
    check_kind(booster, "numbers")
    with pytest.raises(ValueError, match="has the objective"):
        as_teacher(booster, kind="classes").answer(X)
    found = as_teacher(booster, kind="numbers").ask(X, task_of(y))
    assert_allclose(found[:, 0], expected, rtol=1e-6)


@pytest.mark.parametrize("train", LIBRARIES)
def test_boosters_of_classes_are_refused(train):
    booster, _ = train(X, (Y.mean() < Y).astype(int))
    with pytest.raises(ValueError, match="tells classes apart: its objective.*Distil"):
        check_kind(booster, "numbers")
    check_kind(booster)


@pytest.mark.parametrize(
    ("library", "name"),
    [
        ("xgboost", "XGBRegressor"),
        ("lightgbm", "LGBMRegressor"),
        ("catboost", "CatBoostRegressor"),
    ],
)
def test_regressors_of_libraries(library, name):
    module = pytest.importorskip(library)
    quiet = {"xgboost": {}, "lightgbm": {"verbose": -1}, "catboost": {"verbose": 0}}
    options = {"n_estimators": 5} | quiet[library]
    model = getattr(module, name)(**options)
    check_kind(model, "numbers")
    assert not is_used_as_given(model)
    model.fit(X, Y)
    assert is_used_as_given(model)
    found = as_teacher(model, kind="numbers").ask(X, task_of(Y))
    assert_allclose(found[:, 0], model.predict(X), rtol=1e-6)


@pytest.mark.filterwarnings("ignore:__array__ impl:DeprecationWarning")
def test_models_of_keras():
    keras = pytest.importorskip("keras")
    layers = [keras.Input((7,)), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    found = as_teacher(model, kind="numbers").ask(X, task_of(Y))
    expected = keras.ops.convert_to_numpy(model(X.astype(np.float32)))
    assert_allclose(found, expected, atol=1e-5)
    for last in (
        [keras.layers.Dense(2, activation="softmax")],
        [keras.layers.Dense(2), keras.layers.Softmax()],
    ):
        classes = keras.Sequential([keras.Input((7,)), *last])
        with pytest.raises(ValueError, match=r"activation is [sS]oftmax.*Distilled"):
            check_kind(classes, "numbers")
