"""The solver of convex losses, against scikit-learn's and SciPy's."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from skdistill.tasks.classes import Classification
from skdistill.tasks.exact_loss import MeanLoss
from skdistill.training.convex import ColumnSpace, ConvexSolver, RowSpace
from skdistill.transfer.transfer_set import make_transfer_set
from tests import oracle

# More rows than columns, and more columns than rows: the solver has a space for each.
SHAPES = [(120, 15), (30, 80)]
DECAY = 1e-2


def sparse_rows(shape, seed=0):
    rng = np.random.default_rng(seed)
    return csr_array(rng.standard_normal(shape) * (rng.random(shape) < 0.4))


class Problem:
    """Sparse rows with soft targets, labels and weights."""

    def __init__(self, shape, n_classes, share=0.0, loss="kl", temperature=1.0):
        rng = np.random.default_rng(7)
        self.X = sparse_rows(shape)
        self.n_units = 1 if n_classes == 2 else n_classes
        self.labels = rng.permutation(np.arange(shape[0]) % n_classes)
        self.weights = rng.uniform(0.3, 2.0, shape[0])
        self.weights /= self.weights.mean()
        self.targets = rng.standard_normal((shape[0], n_classes))
        self.share, self.loss, self.temperature = share, loss, temperature
        self.transfer_set = make_transfer_set(
            Classification(np.arange(n_classes)),
            self.X,
            self.targets,
            self.labels,
            self.weights,
            share,
        )

    def solver(self, start=0.0, decay=DECAY, tol=1e-9):
        rng = np.random.default_rng(3)
        return ConvexSolver(
            self.X,
            MeanLoss(
                self.transfer_set,
                np.arange(self.X.shape[0]),
                self.loss,
                self.temperature,
            ),
            decay,
            start * rng.standard_normal((self.X.shape[1], self.n_units)),
            start * rng.standard_normal(self.n_units),
            tol,
        )

    def solve(self, **options):
        solver = self.solver(**options)
        for _ in range(2000):
            if solver.has_converged:
                break
            solver.step()
        assert solver.has_converged
        return solver.parts

    def objective(self, weights, biases):
        """Return the objective by the formulas of the oracle."""
        logits = oracle.all_logits([self.X.toarray() @ weights + biases])
        q = oracle.softmax(self.targets / self.temperature)
        if self.loss == "logit_mse":
            base = self.targets[:, :1]
            if self.n_units > 1:
                base = self.targets.mean(axis=1, keepdims=True)
            q = self.targets - base
        losses = oracle.row_losses(
            logits,
            q,
            self.labels,
            self.share * self.weights,
            (1.0 - self.share) * self.weights,
            self.temperature,
            self.loss,
        )
        return losses.mean() + DECAY / 2 * (weights**2).sum()

    def by_scipy(self):
        """Return the least objective, found by BFGS with numerical gradients."""
        shape = (self.X.shape[1] + 1, self.n_units)

        def objective(values):
            values = values.reshape(shape)
            return self.objective(values[:-1], values[-1])

        found = minimize(objective, np.zeros(np.prod(shape)), options={"gtol": 1e-7})
        return found.fun


@pytest.mark.parametrize("start", [0.0, 0.7])
@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("shape", SHAPES)
def test_labels_alone_give_the_weights_of_scikit_learn(shape, n_classes, start):
    problem = Problem(shape, n_classes)
    weights, biases = problem.solve(start=start)
    expected = LogisticRegression(C=1 / (DECAY * shape[0]), tol=1e-10, max_iter=10_000)
    expected.fit(problem.X, problem.labels, problem.weights)
    assert_allclose(weights, expected.coef_.T, atol=1e-5)
    # The softmax of several units does not tell a shift of all biases.
    shift = biases.mean() if n_classes > 2 else 0.0
    assert_allclose(biases - shift, expected.intercept_, atol=1e-5)


@pytest.mark.parametrize(
    ("share", "loss", "temperature"),
    [(1.0, "kl", 1.0), (0.4, "kl", 1.0), (0.7, "kl", 3.0), (0.6, "logit_mse", 1.0)],
)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("shape", [(25, 3), (7, 9)])
def test_the_objective_is_the_least(shape, n_classes, share, loss, temperature):
    problem = Problem(shape, n_classes, share, loss, temperature)
    found = problem.objective(*problem.solve(start=0.5))
    least = problem.by_scipy()
    assert_allclose(found, least, rtol=1e-5)
    assert found <= least + 1e-9


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("start", [0.0, 1.0])
def test_both_spaces_make_the_same_steps(monkeypatch, n_classes, start):
    problem = Problem((30, 40), n_classes, share=0.5)
    parts = []
    for space in (RowSpace, ColumnSpace):
        monkeypatch.setattr("skdistill.training.convex.RowSpace", space)
        solver = problem.solver(start=start)
        for _ in range(6):
            solver.step()
        parts.append(solver.parts)
    assert_allclose(parts[0][0], parts[1][0], atol=1e-9)
    assert_allclose(parts[0][1], parts[1][1], atol=1e-9)
    assert np.abs(parts[0][0]).max() > 1e-3


@pytest.mark.parametrize("shape", SHAPES)
def test_each_step_lowers_the_objective(shape):
    problem = Problem(shape, 3, share=0.5)
    solver = problem.solver(start=3.0)
    values = [problem.objective(*solver.parts)]
    for _ in range(15):
        solver.step()
        values.append(problem.objective(*solver.parts))
    assert (np.diff(values) <= 1e-12).all()
    assert values[-1] < 0.5 * values[0]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_problem_gives_the_same_bits(shape):
    first, second = (Problem(shape, 3, share=0.5).solve() for _ in range(2))
    assert_array_equal(first[0], second[0])
    assert_array_equal(first[1], second[1])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("factor", [1e-30, 1e-4, 1e4, 1e30])
def test_the_size_of_the_values_does_not_matter(shape, factor):
    """Rows times a factor, and a penalty times its square, have the same answers."""
    problem = Problem(shape, 3, share=0.5)
    weights, biases = problem.solve()
    expected = problem.X @ weights + biases
    problem.X = problem.X * factor
    weights, biases = problem.solve(decay=DECAY * factor**2)
    assert_allclose(problem.X @ weights + biases, expected, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_without_a_value_leave_the_biases_alone(shape):
    problem = Problem(shape, 3)
    problem.X = csr_array(shape)
    weights, biases = problem.solve()
    assert not weights.any()
    shares = np.bincount(problem.labels, problem.weights) / shape[0]
    assert_allclose(oracle.softmax(biases[np.newaxis])[0], shares, atol=1e-7)
