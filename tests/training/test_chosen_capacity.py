"""Knots and decay on generated problems whose right answer is known."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from skdistill import DistilledClassifier, TabularEncoder
from tests import oracle
from tests.estimators.test_classifier import same_bits


def labels_alone(**parameters):
    """A student that has no teacher, so that the choice alone decides."""
    return DistilledClassifier(
        LogisticRegression(),
        distillation_weight=0.0,
        synthesizer=None,
        random_state=0,
        **parameters,
    )


def halves(X, y):
    half = len(X) // 2
    return X[:half], y[:half], X[half:], y[half:]


def test_sharp_steps_get_knots():
    rng = oracle.RNG(0)
    X = rng.uniform(size=(3000, 3))
    steps = np.sin(12 * np.pi * X[:, 0]) + np.sin(8 * np.pi * X[:, 1])
    y = (steps + 0.3 * rng.normal(size=len(X)) > 0).astype(int)
    X, y, X_test, y_test = halves(X, y)
    model = labels_alone().fit(X, y)
    assert model.capacity_.has_knots
    assert model.encoder_.code_.knotted.size == 3
    without = labels_alone(encoder=TabularEncoder(n_bins=0)).fit(X, y)
    assert model.score(X_test, y_test) > without.score(X_test, y_test) + 0.03


def test_gaussian_clusters_get_none():
    X, y = make_classification(
        4000, 10, n_informative=6, n_classes=4, n_clusters_per_class=2, random_state=2
    )
    X, y, X_test, y_test = halves(X, y)
    model = labels_alone().fit(X, y)
    assert not model.capacity_.has_knots
    assert model.encoder_.get_params() == TabularEncoder(n_bins=0).get_params()
    assert model.encoder_.code_.knotted.size == 0
    with_knots = labels_alone(encoder=TabularEncoder()).fit(X, y)
    assert model.score(X_test, y_test) > with_knots.score(X_test, y_test) + 0.02


def test_noise_gets_a_decay_that_lets_nothing_be_learned():
    rng = oracle.RNG(0)
    X, y = rng.normal(size=(800, 5)), (rng.uniform(size=800) < 0.4).astype(int)
    X, y, X_test, y_test = halves(X, y)
    model = labels_alone().fit(X, y)
    constant = log_loss(y_test, np.full(len(y_test), y.mean()))
    assert log_loss(y_test, model.predict_proba(X_test)) < 1.03 * constant
    weak = labels_alone(weight_decay=0.1).fit(X, y)
    assert log_loss(y_test, weak.predict_proba(X_test)) > 1.5 * constant


def test_interactions_keep_their_network():
    rng = oracle.RNG(0)
    X = rng.normal(size=(2400, 4))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    X, y, X_test, y_test = halves(X, y)
    assert labels_alone().fit(X, y).score(X_test, y_test) > 0.94
    # No sum of functions of one column is better than a guess.
    additive = labels_alone(hidden_layer_sizes=()).fit(X, y)
    assert additive.score(X_test, y_test) < 0.6


@pytest.fixture(scope="module")
def problem():
    X, y = make_classification(
        300, 8, n_informative=4, flip_y=0.2, class_sep=1.0, random_state=0
    )
    return X, y, RandomForestClassifier(50, random_state=0).fit(X, y)


def quick(teacher, **parameters):
    return DistilledClassifier(
        teacher,
        **{"n_synthetic": 300, "max_iter": 10, "random_state": 0, **parameters},
    )


def test_another_seed_changes_no_choice(problem):
    X, y, forest = problem
    model, other = quick(forest).fit(X, y), quick(forest, random_state=1).fit(X, y)
    assert model.capacity_ == other.capacity_
    assert model.encoder_.code_ == other.encoder_.code_
    assert model.weight_decay_ == other.weight_decay_
    assert model.teacher_temperature_ == other.teacher_temperature_
    assert model.teacher_share_ == other.teacher_share_
    assert not same_bits(model, other)
    assert same_bits(model, quick(forest).fit(X, y))


def test_the_choice_is_told(problem):
    X, y, forest = problem
    capacity = quick(forest).fit(X, y).capacity_
    assert capacity.n_folds == 5
    assert capacity.n_rows == 240
    best = min(capacity.candidates, key=lambda candidate: candidate.score)
    assert best.has_knots == capacity.has_knots
    ratio = best.weight_decay / capacity.weight_decay
    assert 0.5 < ratio < 2
    kinds = {candidate.has_knots for candidate in capacity.candidates}
    assert kinds == {True, False}
    assert all(candidate.standard_error > 0 for candidate in capacity.candidates)


@pytest.mark.parametrize(
    ("parameters", "n_kinds"),
    [
        ({"encoder": TabularEncoder(n_bins=32)}, 1),
        ({"encoder": None}, 1),
        ({"weight_decay": 1.0}, 2),
        ({"encoder": TabularEncoder(), "weight_decay": 1.0}, 1),
    ],
)
def test_given_parameters_are_not_chosen(problem, parameters, n_kinds):
    X, y, forest = problem
    model = quick(forest, **parameters).fit(X, y)
    candidates = model.capacity_.candidates
    assert len({candidate.has_knots for candidate in candidates}) == n_kinds
    if "weight_decay" in parameters:
        assert model.weight_decay_ == 1.0
        assert len({candidate.weight_decay for candidate in candidates}) == 1
    if parameters.get("encoder"):
        assert model.encoder_.get_params() == parameters["encoder"].get_params()


def test_decay_of_many_rows_is_that_of_few_by_their_number(monkeypatch):
    """A draw of the rows chooses. All rows train with a weaker decay, and better."""
    X, y = make_classification(
        12_000,
        12,
        n_informative=8,
        n_clusters_per_class=8,
        class_sep=0.7,
        flip_y=0.05,
        random_state=0,
    )
    X, y, X_test, y_test = halves(X, y)
    monkeypatch.setattr("skdistill.training.splits.MOST_ROWS", 1000)
    model = labels_alone().fit(X, y)
    capacity = model.capacity_
    assert capacity.n_rows == pytest.approx(800, abs=40)
    assert model.weight_decay_ == pytest.approx(
        capacity.weight_decay * capacity.n_rows / len(X)
    )
    fixed = {"encoder": clone(model.encoder_)}
    unscaled = labels_alone(weight_decay=capacity.weight_decay, **fixed).fit(X, y)
    loss = log_loss(y_test, model.predict_proba(X_test))
    assert loss < 0.9 * log_loss(y_test, unscaled.predict_proba(X_test))


def test_unlabelled_and_synthetic_rows_count(problem):
    X, y, forest = problem
    X_unlabeled = X[:200] + 0.01
    alone = quick(forest).fit(X, y)
    more = quick(forest).fit(X, y, X_unlabeled=X_unlabeled)
    assert alone.weight_decay_ == pytest.approx(
        alone.capacity_.weight_decay * 240 / 400
    )
    assert more.capacity_.n_rows == 240
    assert more.weight_decay_ == pytest.approx(
        more.capacity_.weight_decay * 240 / (500 / 0.75), rel=0.01
    )
