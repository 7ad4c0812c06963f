"""Regressors that keep the rows that they were fitted on."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill.teachers.hidden import hidden_values
from skdistill.teachers.kept_rows import keeps_rows
from skdistill.teachers.resolve import as_teacher
from skdistill.teachers.tree_ensembles import answers_row_by_row, is_tree_ensemble
from tests.teachers.numbers import table

X, Y = table(80)
Y_TWO = table(80, 2)[1]


class KeepsNumbers:
    """Keeps the numbers in another unit, and no rows."""

    def fit(self, X, y):
        self.kept_ = 3.0 + 5.0 * np.asarray(y)
        return self


class KeepsOthers:
    """Keeps as many numbers as there are rows, all different."""

    def fit(self, X, y):
        self.order_ = np.arange(len(y))
        self.left_ = y - X[:, 0]
        return self


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("model", "keeps"),
    [
        (KNeighborsRegressor(2), True),
        (GaussianProcessRegressor(), True),
        (KernelRidge(), True),
        (make_pipeline(StandardScaler(), KNeighborsRegressor(2)), True),
        (KeepsNumbers(), True),
        (KeepsOthers(), False),
        (Ridge(), False),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("y", [Y, Y_TWO], ids=["one target", "two targets"])
def test_models_that_keep_rows(model, keeps, y):
    if isinstance(model, KeepsOthers) and y.ndim > 1:
        y = y[:, 0]
    model.fit(X, y)
    assert keeps_rows(model, X, y, "numbers") == keeps
    order = np.random.default_rng(0).permutation(80)
    assert not keeps_rows(model, X[order] + 1.0, y[order], "numbers")


def test_trees_of_numbers():
    forest = RandomForestRegressor(2).fit(X, Y)
    assert is_tree_ensemble(forest)
    assert answers_row_by_row(forest)
    started = GradientBoostingRegressor(n_estimators=1, init=Ridge()).fit(X, Y)
    assert is_tree_ensemble(started)
    assert not answers_row_by_row(started)
    assert not is_tree_ensemble(Ridge().fit(X, Y))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_hidden_layer_of_a_network():
    network = MLPRegressor(hidden_layer_sizes=(5, 3), max_iter=5, random_state=0).fit(
        X, Y
    )
    found = as_teacher(network).hidden(X)
    assert found.shape == (80, 3)
    by_hand = found @ network.coefs_[-1] + network.intercepts_[-1]
    np.testing.assert_allclose(by_hand[:, 0], network.predict(X))
    assert hidden_values(Ridge(), X) is None
