"""Steps of AdamW that keep the signs of weights."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdistill.kernels.dense import project
from skdistill.kernels.instructions.adamw import BETA_1, BETA_2, EPSILON
from tests import oracle
from tests.kernels.problem import Problem
from tests.kernels.test_training import run_epochs


def constrained_problem(units, bins, levels=(3,)):
    """Return a problem, and the sign of each weight of its first layer."""
    problem = Problem(units, n_rows=37, bins=bins, levels=levels)
    rng = np.random.default_rng(0)
    linear = rng.integers(-1, 2, units[0])
    codes = np.zeros(len(problem.code_rows.shares), dtype=int)
    for (start, n_bins, _), sign in zip(problem.code_rows.codes, [1, -1], strict=False):
        codes[start : start + n_bins + 1] = sign
    problem.network.constrain(linear, codes)
    problem.optimizer = problem.optimizer._replace(signs=problem.network.signs)
    # In double precision the optimizer has weights of its own.
    project(problem.optimizer.parameters, problem.optimizer.signs)
    signs = np.concatenate([linear, codes])[:, np.newaxis]
    problem.coefs[0] = np.where(signs * problem.coefs[0] < 0, 0.0, problem.coefs[0])
    return problem, signs


@pytest.mark.parametrize("units", [(3, 1), (0, 1), (4, 3)])
def test_projected_epochs_against_the_oracle(units):
    """After each step of AdamW, weights of the wrong sign become zero."""
    problem, signs = constrained_problem(units, (4, 7))
    rate, decay, batch_size = 0.05, 0.5, 16
    run_epochs(problem, 3, batch_size, rate, decay)
    parts = [problem.coefs[0], problem.intercepts[0]]
    moments = [(np.zeros_like(part), np.zeros_like(part)) for part in parts]
    q, labels, soft, hard, temperature, loss = problem.loss_arguments()
    step, n_held = 0, 0
    for _ in range(3):
        for first in range(0, 37, batch_size):
            rows = np.arange(first, min(first + batch_size, 37))
            X = problem.X[rows]
            sums = oracle.forward(X, parts[:1], parts[1:], "relu")
            slopes = oracle.logit_gradient(
                oracle.all_logits(sums),
                *(q[rows], labels[rows], soft[rows], hard[rows], temperature, loss),
            )
            weights, biases = oracle.gradients(
                X, parts[:1], parts[1:], "relu", slopes / rows.size
            )
            step += 1
            for i, gradient in enumerate([*weights, *biases]):
                parts[i], *moments[i] = oracle.adamw(
                    parts[i],
                    gradient,
                    *moments[i],
                    step,
                    rate,
                    0.0 if i else decay,
                    BETA_1,
                    BETA_2,
                    EPSILON,
                )
            n_held += np.count_nonzero(signs * parts[0] < 0)
            parts[0] = np.where(signs * parts[0] < 0, 0.0, parts[0])
    assert n_held > 0
    coefs, intercepts = problem.unpack(problem.optimizer.parameters)
    assert (signs * coefs[0] >= 0).all()
    assert_allclose(coefs[0], parts[0], atol=2e-3)
    assert_allclose(intercepts[0], parts[1], atol=2e-3)
    # The table is that of the projected weights.
    found = problem.knot_table.table.copy()
    problem.network.parameters[...] = problem.optimizer.parameters
    table = problem.network.tabulate()
    width = int(problem.network.layout[0, 3])
    assert_allclose(
        found[: table.shape[0] * width].reshape(-1, width)[:, : table.shape[1]],
        table,
        atol=1e-5,
    )


def test_weights_without_a_sign_are_free():
    problem = Problem((3, 1), n_rows=37, bins=(4,))
    same = Problem((3, 1), n_rows=37, bins=(4,))
    same.network.constrain(np.zeros(3), np.zeros(len(same.code_rows.shares)))
    same.optimizer = same.optimizer._replace(signs=same.network.signs)
    run_epochs(problem, 2, 16, 0.01)
    run_epochs(same, 2, 16, 0.01)
    assert_allclose(
        problem.optimizer.parameters, same.optimizer.parameters, rtol=1e-5, atol=1e-6
    )


def test_projection_keeps_nan():
    weights = np.array([np.nan, -1.0, 1.0, -0.5, 2.0], dtype=np.float32)
    signs = np.array([1, 1, 1, 0, -1], dtype=np.float32)
    project(weights, signs)
    assert_array_equal(weights, np.array([np.nan, 0.0, 1.0, -0.5, 0.0], np.float32))
