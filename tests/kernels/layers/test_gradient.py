import itertools

import numpy as np
import pytest
from numba import config
from numpy.testing import assert_allclose

from skdistill.kernels.dense import summed_loss, train_epoch
from skdistill.kernels.instructions.adamw import BETA_1
from tests import oracle
from tests.kernels.problem import DTYPE, Problem

UNCOMPILED = bool(config.DISABLE_JIT)

# Hidden layers none, one, and three; widths below, at and above a cache line;
# two, three and twenty classes.
UNITS = [(5, 1), (4, 3), (6, 7, 1), (3, 16, 20), (5, 17, 33, 9, 3)]
OBJECTIVES = [("kl", 1.0), ("kl", 2.0), ("kl", 2.5), ("kl", 0.5), ("logit_mse", 1.0)]
ACTIVATIONS = ["relu", "tanh", "logistic", "silu"]


def kernel_gradient(problem):
    """Return the kernels' mean loss over all rows and its gradient."""
    n = problem.order.size
    total = train_epoch(
        problem.network.layout,
        problem.optimizer,
        problem.workspace,
        problem.knot_table,
        problem.objective,
        problem.records,
        problem.order,
        n,
        np.zeros(1),
        0.0,
        0,
        np.uint64(0),
    )
    # The gradient by codes is used up, but a first step leaves it in the moment.
    return total / n, problem.unpack(problem.optimizer.first_moment / (1 - BETA_1))


def check_gradient(problem, rtol):
    """Compare the kernels' loss and gradient with the oracle's."""
    n, activation = problem.order.size, problem.options.activation
    value, (weights, biases) = kernel_gradient(problem)
    logits = oracle.all_logits(
        oracle.forward(problem.X, problem.coefs, problem.intercepts, activation)
    )
    slopes = oracle.logit_gradient(logits, *problem.loss_arguments()) / n
    expected = oracle.gradients(
        problem.X, problem.coefs, problem.intercepts, activation, slopes
    )
    assert_allclose(value, problem.oracle_losses().mean(), rtol=2e-6)
    for found, wanted in zip(
        itertools.chain(weights, biases), itertools.chain(*expected), strict=True
    ):
        assert_allclose(found, wanted, rtol=rtol, atol=2e-6)


@pytest.mark.parametrize("units", UNITS, ids=str)
@pytest.mark.parametrize(("loss", "temperature"), OBJECTIVES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_against_the_oracle(units, loss, temperature, activation):
    problem = Problem(units, loss=loss, temperature=temperature, activation=activation)
    check_gradient(problem, rtol=2e-5)


# Layers of more weights than those whose inputs are transposed, a line and a panel
# that are not full, padding between rows, and rows of more than one chunk.
@pytest.mark.parametrize(
    "units",
    [
        (150, 890, 3),
        (7, 410, 330, 3),
        (140, 1024, 150, 3),
        (9, 1024, 3),
        (1100, 120, 3),
    ],
    ids=str,
)
@pytest.mark.parametrize("activation", ["relu", "silu"])
def test_gradient_of_wide_layers(units, activation):
    problem = Problem(units, n_rows=300, activation=activation)
    check_gradient(problem, rtol=5e-5)


@pytest.mark.parametrize(
    ("units", "bins", "levels"),
    [
        ((3, 20, 4), (4, 7), (5,)),
        ((0, 128, 3), (2, 64, 3, 5), (9, 2)),
        ((2, 250, 30, 1), (4, 7, 2), ()),
        ((0, 70, 3), (), (5, 9)),
        ((20, 33, 17, 26), (3, 9) * 20, (5, 9) * 3),
        ((150, 1024, 5), (3, 9), (5,)),
        ((4, 4), (3, 9), (5, 9)),
        ((0, 1), (3, 9), (5,)),
    ],
    ids=str,
)
@pytest.mark.parametrize("activation", ["relu", "silu"])
def test_codes_have_the_gradient_of_the_dense_code(units, bins, levels, activation):
    problem = Problem(
        units, n_rows=300, bins=bins, levels=levels, activation=activation
    )
    check_gradient(problem, rtol=5e-5)


@pytest.mark.parametrize("units", [(4, 3), (6, 7, 1), (3, 5, 4, 3)], ids=str)
@pytest.mark.parametrize(("loss", "temperature"), OBJECTIVES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_against_a_numerical_derivative(units, loss, temperature, activation):
    """Central differences of the oracle's loss, for every parameter.

    In double precision the kernels' rows and targets are still those of float32
    records, so the loss is differentiated at these.
    """
    problem = Problem(
        units, n_rows=7, loss=loss, temperature=temperature, activation=activation
    )
    _, (weights, biases) = kernel_gradient(problem)
    step = 1e-6
    coefs = [array.copy() for array in problem.coefs]
    intercepts = [array.copy() for array in problem.intercepts]
    tolerances = (
        {"rtol": 5e-6, "atol": 3e-7} if UNCOMPILED else {"rtol": 2e-5, "atol": 2e-6}
    )
    for found, array in zip(
        itertools.chain(weights, biases),
        itertools.chain(coefs, intercepts),
        strict=True,
    ):
        numerical = np.empty_like(array)
        for index in np.ndindex(array.shape):
            middle = array[index]
            array[index] = middle + step
            above = problem.oracle_losses(coefs, intercepts).mean()
            array[index] = middle - step
            below = problem.oracle_losses(coefs, intercepts).mean()
            array[index] = middle
            numerical[index] = (above - below) / (2 * step)
        assert_allclose(found, numerical, **tolerances)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_gradient_of_a_network_without_inputs(activation):
    problem = Problem((0, 7, 3), n_rows=40, activation=activation)
    check_gradient(problem, rtol=2e-5)


@pytest.mark.parametrize("loss", ["kl", "logit_mse"])
@pytest.mark.parametrize("labelled", [True, False])
def test_loss_of_labelled_and_unlabelled_rows(loss, labelled):
    problem = Problem((5, 8, 3), loss=loss, labelled=labelled, temperature=2.0)
    total = summed_loss(
        problem.network.layout,
        problem.optimizer.parameters,
        problem.workspace,
        problem.knot_table,
        problem.objective,
        problem.records,
        problem.order[::2].copy(),
    )
    assert_allclose(total, problem.oracle_losses()[::2].sum(), rtol=1e-5)


@pytest.mark.parametrize("n_features", [3, 900, 2000])
def test_batch_of_several_chunks(n_features):
    problem = Problem((n_features, 5, 4), n_rows=531, temperature=3.0)
    assert problem.workspace.logits.shape[1] < 531 / 2
    n = problem.order.size
    value, (weights, biases) = kernel_gradient(problem)
    logits = oracle.forward(problem.X, problem.coefs, problem.intercepts, "relu")[-1]
    slopes = oracle.logit_gradient(logits, *problem.loss_arguments()) / n
    expected = oracle.gradients(
        problem.X, problem.coefs, problem.intercepts, "relu", slopes
    )
    assert_allclose(value, problem.oracle_losses().mean(), rtol=2e-6)
    for found, wanted in zip(
        itertools.chain(weights, biases), itertools.chain(*expected), strict=True
    ):
        assert_allclose(found, wanted, rtol=5e-5, atol=2e-6)


@pytest.mark.parametrize("units", [(5, 3), (6, 7, 1), (5, 17, 33, 3)], ids=str)
def test_padding_stays_zero(units):
    problem = Problem(units, n_rows=40, activation="logistic")
    train_epoch(
        problem.network.layout,
        problem.optimizer,
        problem.workspace,
        problem.knot_table,
        problem.objective,
        problem.records,
        problem.order,
        8,
        np.full(5, 0.01),
        0.1,
        0,
        np.uint64(1),
    )
    used = np.zeros(problem.network.parameters.size, dtype=bool)
    marks = problem.unpack(problem.optimizer.parameters)
    assert all(np.count_nonzero(array) == array.size for array in marks[0])
    weights, biases = problem.network.weights, problem.network.biases
    start = problem.network.parameters.ctypes.data
    for view in (*weights, *biases):
        rows = view if view.ndim == 2 else view[np.newaxis]
        for index in np.ndindex(rows.shape):
            address = rows[index[0] : index[0] + 1, index[1] : index[1] + 1].ctypes.data
            used[(address - start) // 4] = True
    assert (problem.optimizer.parameters[~used] == 0).all()
    assert problem.optimizer.parameters.dtype == DTYPE
