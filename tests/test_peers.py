"""The peers of the training benchmark compute what this package computes."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from benchmarks import peers
from benchmarks.peers import (
    TEMPERATURE,
    WEIGHT,
    Jax,
    Torch,
    check,
    check_scikit_learn,
    loss_and_gradient,
    make_problem,
)
from benchmarks.training import Ours
from tests import oracle

# Several classes, two classes, and two hidden layers; five batches and two.
SHAPES = [
    (160, 7, 3, (16,), 32),
    (64, 5, 2, (8,), 32),
    (100, 6, 4, (9, 5), 25),
]
pytestmark = pytest.mark.parametrize("shape", SHAPES, ids=str)


def test_reference_against_the_oracle(shape):
    problem = make_problem(shape)
    coefs, intercepts = problem.weights[::2], problem.weights[1::2]
    sums = oracle.forward(problem.X, coefs, intercepts, "relu")
    n = len(problem.X)
    logits = oracle.all_logits(sums)
    arguments = (
        problem.soft_targets,
        problem.y,
        np.full(n, WEIGHT),
        np.full(n, 1 - WEIGHT),
        TEMPERATURE,
        "kl",
    )
    slopes = oracle.logit_gradient(logits, *arguments) / n
    wanted = oracle.gradients(problem.X, coefs, intercepts, "relu", slopes)
    loss, gradient = loss_and_gradient(problem, problem.weights, np.arange(n))
    divergence = loss - WEIGHT * problem.entropy(np.arange(n))
    assert_allclose(divergence, oracle.row_losses(logits, *arguments).mean(), rtol=1e-5)
    for found, expected in zip(gradient[::2], wanted[0], strict=True):
        assert_allclose(found, expected, rtol=1e-4, atol=1e-7)
    for found, expected in zip(gradient[1::2], wanted[1], strict=True):
        assert_allclose(found, expected, rtol=1e-4, atol=1e-7)


def test_this_package(shape):
    problem = make_problem(shape)
    check("skdistill", Ours(problem), problem, divergence=True)


def test_scikit_learn(shape):
    check_scikit_learn(make_problem(shape))


@pytest.mark.parametrize(
    ("package", "peer"),
    # The benchmark itself checks `TorchCompiled`, which takes long to compile.
    [("jax", Jax), ("torch", Torch)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_installed_packages(package, peer, shape):
    pytest.importorskip(package)
    problem = make_problem(shape)
    check(peer.__name__, peer(problem), problem)


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("TEMPERATURE", 1.5, "loss"),
        ("WEIGHT", 0.6, "loss"),
        ("BETA_1", 0.8, "gradient"),
    ],
)
def test_another_problem_is_refused(shape, field, value, what, monkeypatch):
    problem = make_problem(shape)
    package = Ours(problem)
    monkeypatch.setattr(peers, field, value)
    with pytest.raises(AssertionError, match=f"the {what} of skdistill.* differs"):
        check("skdistill", package, problem, divergence=True)


def test_scaled_gradient_is_refused(shape):
    problem = make_problem(shape)
    package = Ours(problem)
    moments = package.first_moments
    package.first_moments = lambda: [1.001 * part for part in moments()]
    with pytest.raises(AssertionError, match="by weights 0 differs"):
        check("skdistill", package, problem, divergence=True)


def test_units_are_those_of_the_shape(shape):
    _, n_features, n_classes, hidden, _ = shape
    units = [n_features, *hidden, 1 if n_classes == 2 else n_classes]
    found = [part.shape for part in make_problem(shape).weights[::2]]
    assert found == list(pairwise(units))
