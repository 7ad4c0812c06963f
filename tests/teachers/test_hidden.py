"""The hidden layer that a teacher shows."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.sparse import csr_array
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill.teachers.hidden import check_hidden, has_hidden_layer
from skdistill.teachers.resolve import as_teacher

X, Y = make_classification(200, 6, random_state=0)


def network(hidden=(7, 5), **parameters):
    return MLPClassifier(hidden, max_iter=3, random_state=0, **parameters)


def by_hand(model, rows, activate):
    """Return the last hidden layer of a network with two of them."""
    first = activate(rows @ model.coefs_[0] + model.intercepts_[0])
    return activate(first @ model.coefs_[1] + model.intercepts_[1])


ACTIVATIONS = {
    "relu": lambda values: np.where(values > 0, values, 0),
    "tanh": np.tanh,
    "logistic": lambda values: 1 / (1 + np.exp(-values)),
    "identity": lambda values: values,
}


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_last_hidden_layer_of_a_network_is_shown(activation):
    model = network(activation=activation).fit(X, Y)
    expected = by_hand(model, X, ACTIVATIONS[activation])
    assert_allclose(as_teacher(model).hidden(X), expected, rtol=1e-6)
    # The rest of the network makes the teacher's answers of these values.
    logit = expected @ model.coefs_[-1] + model.intercepts_[-1]
    second = 1 / (1 + np.exp(-logit[:, 0]))
    assert_allclose(model.predict_proba(X)[:, 1], second, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_steps_before_a_network_see_the_rows_first():
    model = make_pipeline(StandardScaler(), PCA(3), network()).fit(X, Y)
    expected = by_hand(model[-1], model[:-1].transform(X), ACTIVATIONS["relu"])
    assert_allclose(as_teacher(model).hidden(X), expected)
    nested = make_pipeline(StandardScaler(), make_pipeline(PCA(3), network())).fit(X, Y)
    assert_allclose(as_teacher(nested).hidden(X), expected, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_a_search_and_a_frozen_model_show_the_layer_of_the_model_inside():
    search = GridSearchCV(network(), {"alpha": [0.1, 0.2]}, cv=2)
    assert has_hidden_layer(search)
    search.fit(X, Y)
    expected = by_hand(search.best_estimator_, X, ACTIVATIONS["relu"])
    assert_allclose(as_teacher(search).hidden(X), expected)
    frozen = FrozenEstimator(search.best_estimator_)
    assert_allclose(as_teacher(frozen).hidden(X), expected)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_sparse_rows_have_the_layer_of_dense_ones():
    model = network().fit(X, Y)
    dense = as_teacher(model).hidden(X)
    assert_allclose(as_teacher(model).hidden(csr_array(X)), dense, rtol=1e-6)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (network(), True),
        (network(()), False),
        (network(8), True),
        (MLPRegressor(), True),
        (make_pipeline(StandardScaler(), network()), True),
        (make_pipeline(network(), RandomForestClassifier()), False),
        (RandomForestClassifier(), False),
        (np.mean, False),
        (None, False),
    ],
)
def test_a_model_tells_before_its_fit_whether_it_has_a_hidden_layer(model, expected):
    assert has_hidden_layer(model) is expected


def test_a_teacher_without_a_hidden_layer_shows_none():
    assert as_teacher(RandomForestClassifier(2).fit(X, Y)).hidden(X) is None
    assert as_teacher(np.mean).hidden(X) is None
    assert as_teacher("precomputed").hidden(X) is None


class Features:
    """A model of the user's that shows its hidden layer by a method."""

    classes_ = np.array([0, 1])

    def predict_proba(self, rows):
        return np.tile([0.25, 0.75], (len(rows), 1))

    def hidden(self, rows):
        return rows[:, :2]


def test_a_method_of_a_model_shows_its_hidden_layer():
    assert_allclose(as_teacher(Features()).hidden(X), X[:, :2])


def test_layers_of_a_scikit_learn_model_have_no_names():
    with pytest.raises(ValueError, match="layer='first' was asked for, .* no names"):
        as_teacher(Features()).hidden(X, "first")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros(3), r"has the shape \(3,\) for 3 rows: .*\(3, number of units\)"),
        (np.zeros((2, 4)), r"has the shape \(2, 4\) for 3 rows"),
        (np.zeros((3, 0)), r"has the shape \(3, 0\)"),
        (
            np.array([[0.0], [1.0], [np.nan]]),
            "has a value in row 2 that is NaN, infinite",
        ),
        (
            np.array([[0.0], [1e40], [1.0]]),
            "has a value in row 1 that is NaN, infinite",
        ),
        (np.array([["a"], ["b"], ["c"]]), "holds <U1: it must hold numbers"),
    ],
)
def test_a_hidden_layer_holds_a_row_of_finite_numbers_for_each_row(values, message):
    with pytest.raises(ValueError, match=f"the teacher, Net, {message}"):
        check_hidden(values, 3, "Net")
