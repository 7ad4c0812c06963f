"""emlearn reads the plain network as it reads scikit-learn's."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier

# It has NumPy raise for what vanishes, and for all else, in the whole process.
with np.errstate():
    import emlearn


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Work in a folder of its own: emlearn writes to the present one."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("load", [load_iris, load_breast_cancer])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("method", ["loadable", "inline"])
def test_compiled_network_answers_as_the_model(load, activation, method):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X).astype(np.float32)
    model = DistilledClassifier(
        encoder=None,
        activation=activation,
        hidden_layer_sizes=(16, 8),
        max_iter=5,
        random_state=0,
    ).fit(X, y)
    network = emlearn.convert(model, kind="MLPClassifier", method=method)
    assert_array_equal(network.predict(X), model.predict(X))
    if method == "loadable":
        assert_allclose(network.predict_proba(X), model.predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("load", [load_iris, load_breast_cancer])
def test_what_emlearn_reads_is_what_scikit_learn_has(load):
    X, y = load(return_X_y=True)
    model = DistilledClassifier(
        encoder=None, hidden_layer_sizes=(5, 4), max_iter=2, random_state=0
    ).fit(X, y)
    network = MLPClassifier((5, 4)).partial_fit(X, y, classes=np.unique(y))
    for name in ("n_layers_", "n_outputs_", "out_activation_", "activation"):
        assert getattr(model, name) == getattr(network, name)
    for name in ("coefs_", "intercepts_"):
        mine, theirs = getattr(model, name), getattr(network, name)
        assert [values.shape for values in mine] == [values.shape for values in theirs]
        setattr(network, name, mine)
    # With these weights scikit-learn's network answers as the student does.
    assert_allclose(network.predict_proba(X), model.predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("encoder", ["auto", None])
def test_fit_where_numpy_raises_for_all(encoder):
    """As in a process that imported emlearn."""
    X, y = load_breast_cancer(return_X_y=True)
    model = DistilledClassifier(encoder=encoder, max_iter=5, random_state=0)
    expected = model.fit(X, y).predict_proba(X)
    with np.errstate(all="raise"):
        assert_array_equal(model.fit(X, y).predict_proba(X), expected)
