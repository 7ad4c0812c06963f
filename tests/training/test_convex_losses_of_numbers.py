"""The solver's minimum of losses of numbers and label sets, against scikit-learn's."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression, QuantileRegressor, Ridge

from skdistill.tasks.exact_loss import CONVEX_WIDTH, MeanLoss
from skdistill.training.convex import ConvexSolver
from skdistill.transfer.transfer_set import TransferSet
from tests import oracle
from tests.kernels.number_rows import TERMS, NumberTask

DECAY = 1e-2
QUANTILES = (0.1, 0.5, 0.8)


class Problem:
    """Sparse rows with numbers of a teacher and labels that a linear model explains."""

    def __init__(self, loss, n_rows=90, n_columns=6, share=0.0, seed=0):
        rng = oracle.RNG(seed)
        X = rng.standard_normal((n_rows, n_columns)) * (
            rng.random((n_rows, n_columns)) < 0.5
        )
        self.X, self.loss = csr_array(X), loss
        self.targets = X @ rng.standard_normal((n_columns, 3))
        self.labels = self.targets + rng.standard_t(3.0, self.targets.shape)
        if loss == "binary":
            self.targets = oracle.logistic(self.targets)
            self.labels = (self.labels > 0).astype(np.float64)
        self.weights = rng.uniform(0.3, 2.0, n_rows)
        self.share = share

    def solve(self, decay=DECAY, tol=1e-9):
        """Return the weights and biases of the minimum, and the number of steps."""
        share, weights = self.share, self.weights
        rows = TransferSet(
            NumberTask(QUANTILES),
            self.X,
            self.targets,
            self.labels,
            share * weights,
            (1.0 - share) * weights,
            len(weights),
        )
        solver = ConvexSolver(
            self.X,
            MeanLoss(rows, slice(None), self.loss, 0.8),
            decay,
            np.zeros((self.X.shape[1], 3)),
            np.zeros(3),
            tol,
        )
        n_steps = 0
        while not solver.has_converged and n_steps < 2000:
            solver.step()
            n_steps += 1
        assert solver.has_converged
        return *solver.parts, n_steps

    def objective(self, weights, biases, decay=DECAY):
        """Return the objective by the terms of its definition."""
        soft, hard = TERMS[self.loss](
            self.X @ weights + biases, self.targets, self.labels, 0.8, QUANTILES
        )
        share = self.share
        losses = self.weights * (share * soft + (1.0 - share) * hard).sum(axis=1)
        return losses.mean() + decay / 2 * (weights**2).sum()


@pytest.mark.parametrize(
    ("loss", "share", "taught"),
    [
        ("squared_error", 0.0, "labels"),
        ("squared_error", 1.0, "targets"),
        # The soft term of the pinball loss is the squared error.
        ("quantile", 1.0, "targets"),
    ],
)
@pytest.mark.parametrize("shape", [(90, 6), (20, 50)], ids=str)
def test_squared_errors_give_the_weights_of_ridge(loss, share, taught, shape):
    problem = Problem(loss, *shape, share=share)
    weights, biases, _ = problem.solve()
    expected = Ridge(alpha=DECAY * shape[0], solver="cholesky")
    expected.fit(problem.X.toarray(), getattr(problem, taught), problem.weights)
    assert_allclose(weights, expected.coef_.T, atol=1e-5)
    assert_allclose(biases, expected.intercept_, atol=1e-5)


@pytest.mark.parametrize("shape", [(90, 6), (20, 50)], ids=str)
def test_label_sets_give_the_weights_of_a_model_for_each_label(shape):
    problem = Problem("binary", *shape)
    weights, biases, _ = problem.solve()
    for column in range(3):
        expected = LogisticRegression(
            C=1 / (DECAY * shape[0]), tol=1e-10, max_iter=10_000
        ).fit(problem.X, problem.labels[:, column], problem.weights)
        assert_allclose(weights[:, column], expected.coef_[0], atol=1e-5)
        assert_allclose(biases[column], expected.intercept_[0], atol=1e-5)


@pytest.mark.parametrize("loss", ["huber", "binary"])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_the_objective_is_the_least(loss, share):
    problem = Problem(loss, 40, 3, share)

    def objective(values):
        values = values.reshape(4, 3)
        return problem.objective(values[:-1], values[-1])

    least = minimize(objective, np.zeros(12), options={"gtol": 1e-7}).fun
    found = problem.objective(*problem.solve()[:2])
    assert_allclose(found, least, rtol=1e-6)


@pytest.mark.parametrize("loss", ["absolute_error", "quantile"])
@pytest.mark.parametrize("tol", [1e-5, 1e-9])
def test_a_rounded_loss_ends_within_its_width_of_the_exact_minimum(loss, tol):
    problem = Problem(loss)
    weights, biases, n_steps = problem.solve(decay=0.0, tol=tol)
    exact = np.empty((7, 3))
    for column in range(3):
        median = loss == "absolute_error"
        model = QuantileRegressor(
            quantile=0.5 if median else QUANTILES[column], alpha=0.0, solver="highs"
        ).fit(problem.X.toarray(), problem.labels[:, column], problem.weights)
        exact[:6, column], exact[6, column] = model.coef_, model.intercept_
    least = problem.objective(exact[:6], exact[6], decay=0.0)
    found = problem.objective(weights, biases, decay=0.0)
    assert least - 1e-9 <= found <= least + 3 * CONVEX_WIDTH / 2
    assert_allclose(weights, exact[:6], atol=0.05)
    assert n_steps < 200
