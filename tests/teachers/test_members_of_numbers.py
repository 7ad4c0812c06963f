"""Out-of-bag answers of ensembles that predict numbers."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    BaggingRegressor,
    ExtraTreesRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor, ExtraTreeRegressor

from skdistill.tasks.classes import Classification
from skdistill.teachers.out_of_bag import out_of_bag_answers
from tests.teachers.numbers import table, task_of

ENSEMBLES = {
    "forest": RandomForestRegressor(12, random_state=0),
    "leaves of five": RandomForestRegressor(12, min_samples_leaf=5, random_state=0),
    "medians": RandomForestRegressor(12, criterion="absolute_error", random_state=0),
    "small samples": RandomForestRegressor(12, max_samples=0.4, random_state=0),
    "extra trees": ExtraTreesRegressor(12, bootstrap=True, random_state=0),
    "bagged trees": BaggingRegressor(n_estimators=12, random_state=0),
    "bagged extra trees": BaggingRegressor(ExtraTreeRegressor(), 12, random_state=0),
    "bagged columns": BaggingRegressor(
        DecisionTreeRegressor(), 12, max_features=0.6, random_state=0
    ),
    "bagged neighbours": BaggingRegressor(
        KNeighborsRegressor(3), 12, max_features=0.8, random_state=0
    ),
    "subsets": BaggingRegressor(
        KNeighborsRegressor(), 12, bootstrap=False, max_samples=0.6, random_state=0
    ),
}


def out_of_bag(ensemble, X, y, **options):
    return out_of_bag_answers(ensemble, X, y, task_of(y), **options)


def oracle_out_of_bag(ensemble, X):
    """Add up the answers for each row of the members that left it out, one by one."""
    features = getattr(ensemble, "estimators_features_", [slice(None)] * 100)
    answers = [
        member.predict(X[:, columns]).reshape(len(X), -1)
        for member, columns in zip(ensemble.estimators_, features, strict=False)
    ]
    samples = [set(rows.tolist()) for rows in ensemble.estimators_samples_]
    means = np.full((len(X), answers[0].shape[1]), np.nan)
    for row in range(len(X)):
        of_row = [
            answer[row]
            for answer, sample in zip(answers, samples, strict=True)
            if row not in sample
        ]
        if of_row:
            means[row] = np.mean(of_row, axis=0)
    return means


@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize("name", ENSEMBLES)
def test_out_of_bag_means(name, n_targets):
    X, y = table(200, n_targets)
    X = X.astype(np.float32)
    ensemble = clone(ENSEMBLES[name]).fit(X, y)
    found = out_of_bag(ensemble, X, y)
    assert_allclose(found, oracle_out_of_bag(ensemble, X), rtol=1e-12)
    frozen = out_of_bag(FrozenEstimator(ensemble), X, y)
    assert_array_equal(frozen, found)
    assert_array_equal(out_of_bag(ensemble, X, y, n_jobs=2), found)


@pytest.mark.parametrize("n_targets", [1, 2])
@pytest.mark.parametrize("name", ["forest", "medians", "extra trees", "bagged trees"])
def test_out_of_bag_means_are_those_of_scikit_learn(name, n_targets):
    if name == "bagged trees" and n_targets > 1:
        n_targets = 1  # It has no oob_score of several outputs.
    X, y = table(700, n_targets)
    ensemble = clone(ENSEMBLES[name]).set_params(n_estimators=40, oob_score=True)
    ensemble.fit(X, y)
    stored = ensemble.oob_prediction_.reshape(len(y), -1)
    from_store = out_of_bag(ensemble, X, y)
    del ensemble.oob_prediction_
    asked = out_of_bag(ensemble, X, y)
    assert_allclose(from_store, stored, rtol=1e-12)
    assert_allclose(asked, stored, rtol=1e-6)


@pytest.mark.parametrize("name", ["forest", "bagged trees", "bagged neighbours"])
@pytest.mark.filterwarnings("ignore:Some inputs:UserWarning")
def test_rows_in_every_sample_are_not_a_number(name):
    X, y = table(200)
    ensemble = clone(ENSEMBLES[name]).set_params(n_estimators=4, oob_score=True)
    ensemble.fit(X, y)
    drawn = [np.isin(np.arange(200), rows) for rows in ensemble.estimators_samples_]
    in_all = np.all(drawn, axis=0)
    assert in_all.any()
    from_store = out_of_bag(ensemble, X, y)
    del ensemble.oob_prediction_
    for found in (from_store, out_of_bag(ensemble, X, y)):
        assert_array_equal(np.isnan(found[:, 0]), in_all)


def test_rows_asked_for_are_limited_and_seeded():
    X, y = table(300)
    forest = RandomForestRegressor(30, random_state=0).fit(X, y)
    every = out_of_bag(forest, X, y)
    some = [
        out_of_bag(forest, X, y, max_rows=60, random_state=seed) for seed in (0, 0, 1)
    ]
    asked = ~np.isnan(some[0][:, 0])
    assert asked.sum() == 60
    assert_array_equal(some[0][asked], every[asked])
    assert_array_equal(some[0], some[1])
    assert not np.array_equal(some[0], some[2], equal_nan=True)


def test_sparse_rows_and_a_pipeline_with_a_frame():
    X, y = table(200)
    zeros = np.where(X < 0.4, 0, X).astype(np.float32)
    forest = RandomForestRegressor(12, random_state=0).fit(csr_matrix(zeros), y)
    found = out_of_bag(forest, csr_matrix(zeros), y)
    assert_allclose(found, oracle_out_of_bag(forest, zeros))
    frame = pd.DataFrame(X, columns=list("abcdefg"))
    frame["a"] = pd.cut(frame["a"], 4, labels=["p", "q", "r", "s"]).astype(object)
    encoder = make_column_transformer(
        (OneHotEncoder(sparse_output=False), ["a"]), remainder=StandardScaler()
    )
    pipeline = make_pipeline(encoder, clone(ENSEMBLES["forest"])).fit(frame, y)
    found = out_of_bag(pipeline, frame, y)
    rows = encoder.transform(frame).astype(np.float32)
    assert_allclose(found, oracle_out_of_bag(pipeline[-1], rows), rtol=1e-6)


@pytest.mark.parametrize("oob_score", [False, True])
@pytest.mark.parametrize("n_targets", [1, 2])
@pytest.mark.parametrize("name", ENSEMBLES)
def test_other_rows_are_recognised(name, n_targets, oob_score):
    X, y = table(600, n_targets)
    given = slice(0, 300)
    ensemble = clone(ENSEMBLES[name]).set_params(n_estimators=20)
    of_several = "Bagging" in type(ensemble).__name__ and n_targets > 1
    ensemble.set_params(oob_score=oob_score and ensemble.bootstrap and not of_several)
    ensemble.fit(X[given], y[given])
    rng = np.random.default_rng(0)
    order, noise = rng.permutation(300), rng.normal(size=y[given].shape)
    wrong = {
        "permuted": (X[order], y[order]),
        "reversed": (X[299::-1], y[299::-1]),
        "others": (X[300:], y[300:]),
        "subset": (X[:200], y[:200]),
        "more": (X, y),
        "other numbers": (X[given], y.mean(axis=0) + noise),
        "numbers permuted": (X[given], y[given][order]),
        "columns of other rows": (X[order], y[given]),
    }
    assert out_of_bag(ensemble, X[given], y[given]) is not None
    for rows, (X_wrong, y_wrong) in wrong.items():
        assert out_of_bag(ensemble, X_wrong, y_wrong) is None, rows


@pytest.mark.parametrize("name", ["forest", "medians", "bagged neighbours", "subsets"])
def test_permuted_rows_are_recognised_whatever_the_order(name):
    X, y = table(120)
    ensemble = clone(ENSEMBLES[name]).fit(X, y)
    for seed in range(10):
        order = np.random.default_rng(seed).permutation(120)
        assert out_of_bag(ensemble, X[order], y[order]) is None


@pytest.mark.parametrize("name", ["forest", "extra trees", "bagged trees"])
def test_weights_are_recognised(name):
    X, y = table()
    weights = np.random.default_rng(0).uniform(0.5, 2, size=400)
    ensemble = clone(ENSEMBLES[name]).fit(X, y, sample_weight=weights)
    assert out_of_bag(ensemble, X, y) is None


@pytest.mark.parametrize(("offset", "scale"), [(1e9, 1.0), (0.0, 1e-9), (-3e4, 1e6)])
def test_numbers_of_any_size(offset, scale):
    X, y = table(300)
    numbers = offset + scale * y
    forest = RandomForestRegressor(12, random_state=0).fit(X, numbers)
    found = out_of_bag(forest, X, numbers)
    assert_allclose(found, oracle_out_of_bag(forest, X.astype(np.float32)))
    order = np.random.default_rng(0).permutation(300)
    assert out_of_bag(forest, X[order], numbers[order]) is None


@pytest.mark.parametrize(
    "teacher",
    [
        HistGradientBoostingRegressor(max_iter=3),
        LinearRegression(),
        ExtraTreesRegressor(5),
        RandomForestRegressor(5, bootstrap=False),
        BaggingRegressor(SVR(), 5, bootstrap=False),
        BaggingRegressor(DummyRegressor(), 5),
        MultiOutputRegressor(RandomForestRegressor(5)),
        make_pipeline(StandardScaler(), Ridge()),
        make_pipeline(SelectKBest(f_regression, k=3), RandomForestRegressor(12)),
    ],
    ids=lambda teacher: type(teacher).__name__,
)
def test_teachers_that_leave_no_rows_out(teacher):
    X, y = table(n_targets=1)
    if isinstance(teacher, MultiOutputRegressor):
        y = np.column_stack([y, y])
    assert out_of_bag(clone(teacher).fit(X, y), X, y) is None


def test_numbers_that_do_not_belong_to_the_ensemble():
    X, y = table(200, 2)
    forest = RandomForestRegressor(12, random_state=0).fit(X, y)
    for wrong in (y[:, 0], np.column_stack([y, y[:, 0]]), y[:, ::-1]):
        assert out_of_bag(forest, X, wrong) is None
    texts = np.array(["a", "b"])[(y[:, 0] > y[:, 0].mean()).astype(int)]
    classes = Classification(np.array(["a", "b"]))
    assert out_of_bag_answers(forest, X, texts, classes) is None


@pytest.mark.parametrize("name", ["forest", "bagged trees", "bagged neighbours"])
def test_memorised_numbers_do_not_leak(name):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(1000, 5)), rng.normal(size=1000)
    ensemble = clone(ENSEMBLES[name]).set_params(n_estimators=40).fit(X, y)
    assert ensemble.score(X, y) > 0.3
    found = out_of_bag(ensemble, X, y)[:, 0]
    assert not np.isnan(found).any()
    # By chance the correlation has a standard error of 0.03.
    assert np.corrcoef(found, y)[0, 1] < 0.1
