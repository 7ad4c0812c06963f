"""Regressors that are distilled on a cluster of Dask."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_friedman1
from sklearn.ensemble import RandomForestRegressor

from skdistill import DistilledRegressor

pytest.importorskip("distributed")

import dask
import dask.array as da
import dask.dataframe as dd
from distributed import Client

from skdistill.dask import DaskDistilledRegressor

pytestmark = pytest.mark.filterwarnings("ignore:Running on a single-machine scheduler")

X, Y = make_friedman1(1200, n_features=5, noise=0.3, random_state=0)
FRAME = pd.DataFrame(X, columns=list("abcde"))
PRICES = pd.Series(Y, name="price")
FOREST = RandomForestRegressor(20, random_state=0).fit(FRAME, PRICES)


@pytest.fixture(scope="module")
def client():
    how = {"processes": False, "n_workers": 1, "dashboard_address": "127.0.0.1:0"}
    with dask.config.set(scheduler=None), Client(**how) as client:
        yield client


def parts(table, n_parts=3):
    return dd.from_pandas(table, npartitions=n_parts, sort=False)


@pytest.fixture(scope="module")
def fitted(client):
    model = DaskDistilledRegressor(FOREST, random_state=0)
    return model.fit(parts(FRAME), parts(PRICES))


def test_numbers_are_learned_and_predicted_lazily(fitted):
    predicted = fitted.predict(parts(FRAME, 4))
    assert predicted.dtype == np.float64
    assert_array_equal(predicted.compute(), fitted.to_local().predict(FRAME))
    whole = DistilledRegressor(FOREST, random_state=0).fit(FRAME, PRICES)
    score = fitted.score(parts(FRAME), parts(PRICES))
    assert score > whole.score(FRAME, PRICES) - 0.02
    assert type(fitted.to_local()) is DistilledRegressor
    assert_array_equal(
        pickle.loads(pickle.dumps(fitted)).to_local().predict(FRAME),
        predicted.compute(),
    )
    assert not hasattr(fitted, "partial_fit")


def test_stored_quantiles_of_arrays(client):
    answers = FOREST.predict(FRAME)
    both = da.from_array(np.column_stack([answers - 1.0, answers + 1.0]), chunks=400)
    model = DaskDistilledRegressor(
        "precomputed", loss="quantile", quantile=[0.1, 0.9], random_state=0
    ).fit(
        da.from_array(X, chunks=400),
        da.from_array(Y, chunks=400),
        teacher_prediction=both,
    )
    predicted = model.predict(da.from_array(X, chunks=400)).compute()
    assert predicted.shape == (1200, 2)
    assert (np.diff(predicted, axis=1) >= 0).all()
    of_frame = model.predict(parts(FRAME.set_axis(range(5), axis=1)))
    assert of_frame.columns.tolist() == ["0.1", "0.9"]


def test_wrong_arguments_of_numbers_are_named(client):
    stored = DaskDistilledRegressor("precomputed", random_state=0)
    with pytest.raises(ValueError, match="the teacher's numbers: give teacher_predic"):
        stored.fit(parts(FRAME), parts(PRICES))
    words = parts(PRICES.astype(str))
    with pytest.raises(ValueError, match="regressor predicts numbers"):
        DaskDistilledRegressor(FOREST, random_state=0).fit(parts(FRAME), words)
