"""Parameters of the classifier, and what goes with a fit, for several labels a row."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPClassifier

from skdistill import DistilledClassifier, DistilledRegressor
from skdistill.training import checkpoint
from tests.estimators.test_label_sets import QUICK, make_rows

X, Y = make_rows(400)
NETWORK = MLPClassifier((12,), learning_rate_init=0.02, tol=1e-2, random_state=0)
TEACHER = RandomForestClassifier(20, random_state=0).fit(X, Y)


def quick(teacher=TEACHER, **parameters):
    return DistilledClassifier(teacher, **(QUICK | {"max_iter": 4} | parameters))


@pytest.mark.filterwarnings("ignore:the teacher, MLPClassifier, predicts labels")
@pytest.mark.parametrize("is_fitted", [False, True])
def test_a_hint_is_learned_from_a_network(is_fitted):
    teacher = clone(NETWORK).fit(X, Y) if is_fitted else clone(NETWORK)
    hinted = quick(teacher, hint_weight=0.5).fit(X, Y)
    without = quick(teacher).fit(X, Y)
    assert hinted.predict(X).shape == Y.shape
    assert (hinted.predict_proba(X) != without.predict_proba(X)).any()
    with pytest.raises(ValueError, match="RandomForestClassifier, shows no hidden lay"):
        quick(hint_weight=0.5).fit(X, Y)


@pytest.mark.filterwarnings("ignore:the teacher, Sequential, predicts labels")
def test_a_hint_is_learned_from_a_module():
    torch = pytest.importorskip("torch")
    network = clone(NETWORK).fit(X, Y)
    layers = torch.nn.Linear(6, 12), torch.nn.Linear(12, 4)
    for layer, *learned in zip(
        layers, network.coefs_, network.intercepts_, strict=True
    ):
        weights, biases = (
            torch.tensor(part.T, dtype=torch.float32) for part in learned
        )
        layer.load_state_dict({"weight": weights, "bias": biases})
    module = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1]).eval()
    hinted = quick(module, hint_weight=0.5).fit(X, Y)
    without = quick(module).fit(X, Y)
    assert hinted.predict(X).shape == Y.shape
    assert (hinted.predict_proba(X) != without.predict_proba(X)).any()


@pytest.mark.filterwarnings("ignore:the teacher, RandomForestClassifier, predicts")
def test_weights_are_routed_to_the_teacher_that_asks_for_them():
    weights = np.where(np.arange(len(X)) < 200, 1.0, 0.0)
    found = []
    with config_context(enable_metadata_routing=True):
        for asks in (True, False):
            forest = RandomForestClassifier(5, random_state=0)
            forest.set_fit_request(sample_weight=asks)
            found.append(quick(forest).fit(X, Y, sample_weight=weights).teacher_)
    alone = RandomForestClassifier(5, random_state=0).fit(X, Y, weights)
    assert_array_equal(found[0].predict(X), alone.predict(X))
    assert (found[1].predict(X) != alone.predict(X)).any()


def test_a_stopped_fit_goes_on_from_its_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "_SECONDS_APART", -1.0)
    expected = quick().fit(X, Y).predict_proba(X)
    offer, offered = checkpoint.Checkpoint.offer, []

    def stop(self, training):
        offer(self, training)
        offered.append(training.n_steps)
        if len(offered) == 2:
            raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.Checkpoint, "offer", stop)
        with pytest.raises(MemoryError):
            quick(checkpoint=tmp_path).fit(X, Y)
    assert list(tmp_path.iterdir())
    model = quick(checkpoint=tmp_path).fit(X, Y)
    assert_array_equal(model.predict_proba(X), expected)
    assert not list(tmp_path.iterdir())


def test_any_number_of_threads_makes_the_same_student(few_steps):
    chosen = {"weight_decay": "auto", "max_iter": 3}
    one, two = (quick(n_jobs=n, **chosen).fit(X, Y) for n in (1, 2))
    assert_array_equal(one.predict_proba(X), two.predict_proba(X))


@pytest.mark.filterwarnings("ignore:the teacher")
def test_a_warm_start_names_what_has_changed():
    forest = RandomForestClassifier(5, random_state=0)
    model = quick(forest, warm_start=True, max_iter=2).fit(X, Y)
    words = "warm_start needs the same units, activation, {} and encoder as before"
    with pytest.raises(ValueError, match=words.format("labels")):
        model.fit(X, Y[:, :3])
    with pytest.raises(ValueError, match=words.format("classes")):
        model.fit(X, Y[:, 0])
    numbers = DistilledRegressor(
        LinearRegression(), **QUICK | {"max_iter": 2, "warm_start": True}
    ).fit(X, X[:, 0])
    with pytest.raises(ValueError, match=words.format("targets")):
        numbers.fit(X, X[:, :2])
