"""Trainings that diverge, although every loss and weight is finite."""

import numpy as np
import pytest
from scipy.special import xlogy
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from skdistill import DistilledClassifier
from skdistill.tasks.soft_targets import centred_logits, soften
from skdistill.training.epochs import DenseEpochs
from skdistill.training.loop import train
from tests.kernels.problem import Problem


@pytest.fixture(scope="module")
def problem():
    X, y = make_classification(300, 6, n_informative=4, n_classes=3, random_state=0)
    return X, y, RandomForestClassifier(20, random_state=0).fit(X, y)


def estimator(teacher, **parameters):
    return DistilledClassifier(
        teacher,
        **{
            "hidden_layer_sizes": (16,),
            "n_synthetic": 300,
            "max_iter": 20,
            "weight_decay": 0.0,
            "random_state": 0,
            **parameters,
        },
    )


@pytest.mark.parametrize("encoder", [None, "auto"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "silu"])
@pytest.mark.parametrize("rate", [1e10, 1e5])
def test_a_great_rate_is_named(problem, encoder, activation, rate):
    X, y, forest = problem
    model = estimator(
        forest, encoder=encoder, activation=activation, learning_rate_init=rate
    )
    message = r"diverged in epoch .*: the loss is \d.*rate_init=1.* try a tenth of it"
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "student_")


@pytest.mark.parametrize("loss", ["kl", "logit_mse"])
@pytest.mark.parametrize("temperature", [1.0, 5.0])
@pytest.mark.parametrize("rate", [1e-6, 0.003, 0.1])
def test_a_usual_rate_is_not(problem, loss, temperature, rate):
    X, y, forest = problem
    estimator(forest, learning_rate_init=rate, loss=loss, temperature=temperature).fit(
        X, y
    )


def test_an_uninformative_teacher_and_labels_are_no_divergence():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 3)), rng.integers(2, size=300)
    estimator(lambda X: np.full((len(X), 2), 0.5)).fit(X, y)


@pytest.mark.parametrize("loss", ["kl", "logit_mse"])
@pytest.mark.parametrize("units", [(4, 8, 1), (4, 8, 3), (4, 1)])
def test_loss_of_zeros_is_that_of_equal_probabilities(loss, units):
    problem = Problem(units, loss=loss, temperature=2.0)
    rows = problem.transfer_set
    epochs = DenseEpochs(problem.network, rows, problem.options, 1)
    before = problem.network.parameters.copy()
    n_classes = rows.n_targets
    if loss == "kl":
        q = soften(rows.targets, 2.0)
        soft = 4.0 * (np.log(n_classes) + xlogy(q, q).sum(axis=1))
    else:
        logits = centred_logits(rows.targets, first_is_zero=units[-1] == 1)
        soft = 0.5 * (logits.astype(float) ** 2).sum(axis=1)
    expected = rows.soft_weight * soft + rows.hard_weight * np.log(n_classes)
    every = np.arange(rows.n_rows, dtype=np.int32)
    np.testing.assert_allclose(epochs.loss_with(0.0, every), expected.sum(), rtol=1e-5)
    np.testing.assert_array_equal(problem.network.parameters, before)
    constant = epochs.constant(every)
    assert 0 < constant <= 1.00001 * expected.sum()


def test_a_step_from_a_bad_start_is_no_divergence():
    problem = Problem((4, 8, 3), learning_rate_init=1e-6)
    problem.network.parameters[...] *= 5.0
    history = train(
        problem.network, problem.transfer_set, problem.options, np.random.RandomState(0)
    )
    assert history.loss_curve[0] > 5.0
