"""Columns that are chosen in turn: copies of a column are not chosen beside it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import approx_fprime
from scipy.sparse import csr_array
from scipy.special import expit

from skdistill.training.forward_selection import select_in_turn

NO_BLOCKS = np.empty((0, 2), dtype=np.int64)


def loss_of(y, weights=1.0):
    """Return the mean log-loss of labels from 0 to 1 as a function of the logits."""

    def loss(values):
        z = values[:, 0]
        losses = weights * (np.logaddexp(0.0, z) - y * z)
        slopes = weights * (expit(z) - y) / len(y)
        return float(np.mean(losses)), slopes[:, np.newaxis]

    return loss


def select(X, y, n_terms, weights=None):
    """Select columns of rows, which count alike if no weights are given."""
    weights = np.ones(len(y)) if weights is None else weights
    return select_in_turn(X, loss_of(y, weights), weights, 1e-3, n_terms, NO_BLOCKS)


def columns(n_copies, seed=0):
    """Return rows whose first columns are near copies, and others of weaker effect."""
    rng = np.random.default_rng(seed)
    effects = rng.random((400, 6)) < 0.5
    strong = np.tile(effects[:, :1], n_copies)
    X = np.hstack([strong ^ (rng.random(strong.shape) < 0.02), effects[:, 1:]])
    logits = 3.0 * (effects[:, 0] - 0.5) + 1.5 * (effects[:, 1:3] - 0.5).sum(axis=1)
    y = (rng.random(400) < expit(logits)).astype(np.float64)
    return csr_array(X.astype(np.float64)), y


def test_copies_of_a_column_are_not_chosen_beside_it():
    """The most used columns of a student of all would be copies of one."""
    X, y = columns(n_copies=8)
    kept, weights, biases = select(X, y, 3)
    assert np.count_nonzero(kept.places < 8) == 1
    assert {8, 9} < {*kept.places.tolist()}
    assert weights.shape == (13, 1)
    assert biases.shape == (1,)
    assert not np.delete(weights, kept.places, axis=0).any()


def test_the_weights_are_those_of_a_student_of_the_kept_columns():
    X, y = columns(n_copies=3)
    kept, weights, biases = select(X, y, 4)

    def objective(parameters):
        of_kept, bias = parameters[:-1], parameters[-1]
        values = kept.select(X) @ of_kept[:, np.newaxis] + bias
        # The choice takes ten times the decay.
        return loss_of(y)(values)[0] + 0.5e-2 * np.square(of_kept).sum()

    parameters = np.append(weights[kept.places, 0], biases)
    slope = approx_fprime(parameters, objective, 1e-6)
    at_zero = approx_fprime(np.zeros_like(parameters), objective, 1e-6)
    assert np.linalg.norm(slope) < 0.02 * np.linalg.norm(at_zero)


@pytest.mark.parametrize("n_terms", [1, 7, 8])
def test_any_number_of_columns(n_terms):
    X, y = columns(n_copies=3)
    kept, _, _ = select(X, y, n_terms)
    assert len(kept.places) == n_terms
    assert (np.diff(kept.places) > 0).all()


def test_a_column_of_all_rows_is_no_gain():
    """The bias says the same. Labels are not balanced, so its derivative is great."""
    rng = np.random.default_rng(0)
    useful = rng.random(500) < 0.5
    y = (rng.random(500) < np.where(useful, 0.95, 0.8)).astype(np.float64)
    X = csr_array(np.column_stack([np.ones(500), useful]).astype(np.float64))
    kept, _, _ = select(X, y, 1)
    assert kept.places.tolist() == [1]


@pytest.mark.parametrize("seed", range(5))
def test_a_row_of_weight_two_counts_as_two_rows(seed):
    """Most rows of a column may be heavy, so its second derivative is greater."""
    rng = np.random.default_rng(seed)
    X = (rng.random((300, 40)) < rng.uniform(0.05, 0.5, 40)).astype(np.float64)
    y = (rng.random(300) < expit(X[:, :20].sum(axis=1) - X[:, 20:].sum(axis=1))) * 1.0
    is_heavy = rng.random(300) < 0.2 + 0.7 * X[:, 0]
    times = np.where(is_heavy, 5, 1)
    twice = np.repeat(np.arange(300), times)
    weights = times / times.mean()
    kept, of_weights, biases = select(csr_array(X), y, 8, weights)
    expected, of_rows, biases_of_rows = select(csr_array(X[twice]), y[twice], 8)
    assert_array_equal(kept.places, expected.places)
    assert_allclose(of_weights, of_rows, atol=0.02)
    assert_allclose(biases, biases_of_rows, atol=0.02)
