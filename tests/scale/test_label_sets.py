"""Label sets, and several numbers, on a cluster of Dask."""

import pickle
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression

from skdistill import DistilledClassifier
from tests.estimators.test_label_sets import QUICK, make_rows, mean_loss, of_forest

pytest.importorskip("distributed")

import dask
import dask.array as da
import dask.dataframe as dd
from distributed import Client

from skdistill.dask import DaskDistilledClassifier, DaskDistilledRegressor, label

pytestmark = pytest.mark.filterwarnings("ignore:Running on a single-machine scheduler")

X, Y = make_rows(1200)
FRAME = pd.DataFrame(X, columns=list("abcdef"))
SETS = pd.DataFrame(Y, columns=["red", "green", "blue", "grey"])
FOREST = RandomForestClassifier(20, random_state=0).fit(FRAME, SETS)


@pytest.fixture(scope="module")
def client():
    how = {"processes": False, "n_workers": 1, "dashboard_address": "127.0.0.1:0"}
    with dask.config.set(scheduler=None), Client(**how) as client:
        yield client


def parts(table, n_parts=3):
    return dd.from_pandas(table, npartitions=n_parts, sort=False)


def quick(teacher=FOREST, **parameters):
    return DaskDistilledClassifier(teacher, **(QUICK | {"max_iter": 3} | parameters))


@pytest.fixture(scope="module")
def fitted(client):
    gaps = SETS.astype(float)
    gaps[::5] = np.nan
    return quick(max_iter=30).fit(parts(FRAME), parts(gaps))


def test_sets_are_learned_and_predicted_lazily(fitted):
    local = fitted.to_local()
    assert type(local) is DistilledClassifier
    whole = DistilledClassifier(FOREST, **QUICK).fit(FRAME, SETS)
    loss, expected = (mean_loss(m.predict_proba(FRAME), Y) for m in (local, whole))
    assert loss < expected + 0.03
    lazy = fitted.predict(parts(FRAME, 4))
    assert local.student_.classes_.tolist() == SETS.columns.tolist()
    assert lazy.columns.tolist() == SETS.columns.tolist()
    assert lazy.dtypes.tolist() == lazy.compute().dtypes.tolist()
    assert_array_equal(lazy.compute(), local.predict(FRAME))
    for method in ("predict_proba", "decision_function", "predict_log_proba"):
        answers = getattr(fitted, method)(parts(FRAME)).compute()
        assert_array_equal(answers, getattr(local, method)(FRAME))
    assert fitted.score(parts(FRAME), parts(SETS)) == local.score(FRAME, SETS)
    with pytest.raises(ValueError, match="y has the columns in the order .*'grey', 'b"):
        fitted.score(parts(FRAME), parts(SETS[SETS.columns[::-1]]))
    again = pickle.loads(pickle.dumps(fitted)).to_local()
    assert_array_equal(again.predict(FRAME), lazy.compute())


def test_stored_probabilities_of_arrays(client):
    proba = da.from_array(of_forest(FOREST, FRAME), chunks=300)
    rows, sets = (da.from_array(part, chunks=(400, 3)) for part in (X, Y))
    model = quick("precomputed").fit(rows, sets, teacher_proba=proba)
    assert model.predict(rows).compute().shape == (1200, 4)
    assert model.predict_proba(rows).compute().shape == (1200, 4)


def test_the_teacher_alone_tells_the_labels(client, tmp_path):
    joblib.dump(FOREST, tmp_path / "forest.joblib")
    for teacher in (FOREST, tmp_path / "forest.joblib"):
        model = quick(teacher).fit(parts(FRAME))
        assert model.student_.output.kind == "label_sets"
        assert model.classes_.tolist() == [0, 1, 2, 3]


def test_arguments_that_do_not_fit_are_refused(client):
    rows, sets = parts(FRAME), parts(SETS)
    with pytest.raises(ValueError, match="for 4 labels, and the rows have 1 column"):
        quick().fit(rows, sets["red"])
    with pytest.raises(TypeError, match="y is a DataFrame: .*or a table of Dask with"):
        quick().fit(rows, SETS)
    with pytest.raises(ValueError, match="target='y 2' is 2 in part 0: columns of lab"):
        quick().fit(rows, parts(SETS.assign(blue=2)))
    with pytest.raises(ValueError, match="loss='logit_mse' does not suit label sets"):
        quick(loss="logit_mse").fit(rows, sets)
    stored = quick("precomputed")
    with pytest.raises(ValueError, match="the columns in the order .*give teacher_"):
        stored.fit(rows, sets, teacher_proba=sets[SETS.columns[::-1].tolist()])
    with pytest.raises(ValueError, match=r"prob.* has shape \(.*3\), not \(.*, 4\)"):
        stored.fit(rows, sets, teacher_proba=sets[["red", "green", "blue"]])


def test_several_numbers(client):
    numbers = pd.DataFrame({"sum": X[:, 0] + X[:, 1], "square": 10.0 * X[:, 2] ** 2})
    forest = RandomForestRegressor(20, random_state=0).fit(FRAME, numbers)
    model = DaskDistilledRegressor(forest, **(QUICK | {"max_iter": 60}))
    model.fit(parts(FRAME), parts(numbers))
    predicted = model.predict(parts(FRAME))
    assert predicted.columns.tolist() == ["0", "1"]
    assert model.score(parts(FRAME), parts(numbers)) > 0.9
    with pytest.raises(ValueError, match="y has the columns in the order"):
        model.score(parts(FRAME), parts(numbers[numbers.columns[::-1]]))


def test_answers_of_label_sets_teach(client):
    rows = parts(FRAME)
    answers = label(FOREST, rows)
    assert answers.columns.tolist() == ["0", "1", "2", "3"]
    expected = of_forest(FOREST, FRAME).astype(np.float32)
    assert_array_equal(answers.compute(), expected)
    model = quick("precomputed").fit(rows, parts(SETS), teacher_proba=answers)
    assert model.classes_.tolist() == [0, 1, 2, 3]
    of_function = partial(of_forest, FOREST)
    again = label(of_function, rows, task="label_sets", n_outputs=4)
    assert_array_equal(again.compute(), expected)
    with pytest.raises(ValueError, match="number of labels of the teacher, .* n_outp"):
        label(of_function, rows, task="label_sets")


def test_answers_of_regressors_teach(client):
    rows, numbers = parts(FRAME), X[:, 0] + 1e6
    forest = RandomForestRegressor(10, random_state=0).fit(FRAME, numbers)
    answers = label(forest, rows)
    assert answers.columns.tolist() == ["0"]
    assert_array_equal(answers.compute()["0"], forest.predict(FRAME))
    model = DaskDistilledRegressor("precomputed", max_iter=2, weight_decay=0.3)
    model.fit(rows, teacher_prediction=answers)
    assert model.predict(rows).compute().shape == (1200,)
    quantiles = {0.9: lambda X: X["a"] + 1.0, 0.1: lambda X: X["a"] - 1.0}
    of_levels = label(quantiles, rows).compute()
    with pytest.raises(ValueError, match="numbers for a row, and 3 were expected"):
        label(quantiles, rows, n_outputs=3).compute()
    assert of_levels.columns.tolist() == ["0.1", "0.9"]
    assert_array_equal(of_levels["0.9"], FRAME["a"] + 1.0)


def test_several_numbers_of_a_teacher_are_named(client):
    rows = parts(FRAME)
    both = np.column_stack([X[:, 0], X[:, 1]])
    forest = RandomForestRegressor(3, random_state=0).fit(FRAME, both)
    assert_array_equal(label(forest, rows).compute(), forest.predict(FRAME))
    linear = LinearRegression().fit(FRAME, both)
    with pytest.raises(ValueError, match="answers with 2 numbers .*give n_outputs=2"):
        label(linear, rows).compute()
    assert label(linear, rows, n_outputs=2).compute().shape == (1200, 2)
    for wrong in (0, 2.5):
        with pytest.raises(ValueError, match=f"n_outputs={wrong} is no whole number"):
            label(linear, rows, n_outputs=wrong)
    with pytest.raises(ValueError, match="classes=.* answers with label sets: leave"):
        label(FOREST, rows, classes=[0, 1])
    with pytest.raises(ValueError, match="n_outputs=2 .* answers with classes: leave"):
        label(lambda X: None, rows, n_outputs=2)
    with pytest.raises(ValueError, match="task='number' is not known: give one of cl"):
        label(linear, rows, task="number")
