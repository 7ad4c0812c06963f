"""A training on numbers in the form of the package, and its losses by NumPy alone."""

from typing import ClassVar

import numpy as np
import scipy.sparse

from skdistill.kernels.instructions.adamw import BETA_1
from skdistill.kernels.layers import loss as kernels
from skdistill.student.network import Network
from skdistill.tasks import exact_loss
from skdistill.tasks.fold import fold_label_sets, fold_numbers
from skdistill.tasks.training_task import TrainingTask
from skdistill.training.epochs import DenseEpochs, SparseEpochs
from skdistill.transfer.transfer_set import TransferSet
from tests import oracle
from tests.kernels.problem import OPTIONS


class NumberTask(TrainingTask):
    """The part of a task of numbers that a training needs."""

    losses: ClassVar = {
        "squared_error": kernels.SQUARED_ERROR,
        "binary": kernels.BINARY,
        "huber": kernels.HUBER,
        "absolute_error": kernels.ABSOLUTE_ERROR,
        "quantile": kernels.PINBALL,
    }
    exact_losses: ClassVar = {
        "squared_error": exact_loss.squared_error,
        "binary": exact_loss.binary,
        "huber": exact_loss.huber,
        "absolute_error": exact_loss.absolute_error,
        "quantile": exact_loss.pinball,
    }

    def __init__(self, quantiles=()):
        self.levels = quantiles

    @property
    def quantiles(self):
        return self.levels

    @property
    def output(self):
        return self

    def all_logits(self, units):
        return units

    def fold(self, targets, labels, soft, hard, loss, temperature, out):
        fold = fold_label_sets if loss == "binary" else fold_numbers
        return fold(targets, labels, soft, hard, out)


def squared_error(z, v, y, parameter, quantiles):
    return 0.5 * (z - v) ** 2, 0.5 * (z - y) ** 2


def binary(z, q, o, parameter, quantiles):
    p = oracle.logistic(z)
    cross = [-(t * np.log(p) + (1 - t) * np.log(1 - p)) for t in (q, o)]
    entropy = -(q * np.log(q) + (1 - q) * np.log(1 - q))
    return cross[0] - entropy, cross[1]


def huber(z, v, y, parameter, quantiles):
    far = [np.maximum(np.abs(z - t) - parameter, 0.0) for t in (v, y)]
    return tuple(
        np.where(f > 0, parameter * (f + 0.5 * parameter), 0.5 * (z - t) ** 2)
        for f, t in zip(far, (v, y), strict=True)
    )


def absolute_error(z, v, y, parameter, quantiles):
    return np.abs(z - v), np.abs(z - y)


def quantile(z, v, y, parameter, quantiles):
    p = np.array(quantiles)
    return 0.5 * (z - v) ** 2, np.where(y > z, p * (y - z), (1.0 - p) * (z - y))


TERMS = {
    "squared_error": squared_error,
    "binary": binary,
    "huber": huber,
    "absolute_error": absolute_error,
    "quantile": quantile,
}

# Losses whose slopes would jump, and are rounded off.
ROUNDED = ("absolute_error", "quantile")


class NumberRows:
    """Random rows with targets of a teacher, labels, and weights, some of them zero."""

    def __init__(self, n_rows, n_outputs, loss="squared_error", seed=0, parameter=0.7):
        rng = oracle.RNG(seed)
        self.loss, self.parameter = loss, parameter
        self.quantiles = tuple(rng.uniform(0.05, 0.95, n_outputs))
        self.units = 2.0 * rng.normal(size=(n_rows, n_outputs)).astype(np.float32)
        self.targets = 2.0 * rng.normal(size=(n_rows, n_outputs)).astype(np.float32)
        self.labels = 2.0 * rng.normal(size=(n_rows, n_outputs))
        if loss == "binary":
            self.targets = oracle.logistic(self.targets)
            self.labels = np.where(self.labels > 0, 1.0, 0.0)
        kinds = rng.integers(4, size=n_rows)
        self.soft = rng.uniform(0.2, 3.0, n_rows) * (kinds % 2 == 0)
        self.hard = rng.uniform(0.2, 3.0, n_rows) * (kinds < 2)
        self.labels[self.hard == 0.0] = np.nan
        self.task = NumberTask(self.quantiles)
        self.plan = OPTIONS._replace(loss=loss, temperature=parameter)

    def keep_away_from(self, units):
        """Move targets away from outputs, so that no slope jumps near an error."""
        for goals in (self.targets, self.labels):
            goals[np.abs(units - goals) < 0.05] += 0.2

    def transfer_set(self, X):
        return TransferSet(
            self.task, X, self.targets, self.labels, self.soft, self.hard, X.shape[0]
        )

    def oracle_losses(self, units):
        """Return the loss of each row, term by term."""
        v = self.targets.astype(np.float64)
        y = np.where(self.hard[:, None] > 0, self.labels, 0.0)
        soft, hard = TERMS[self.loss](
            units.astype(np.float64), v, y, self.parameter, self.quantiles
        )
        return self.soft * soft.sum(axis=1) + self.hard * hard.sum(axis=1)

    def numerical_slopes(self, units, step=1e-5):
        """Return the central differences of each row's loss by its units."""
        units = units.astype(np.float64)
        slopes = np.empty_like(units)
        for column in range(units.shape[1]):
            change = np.zeros(units.shape[1])
            change[column] = step
            above = self.oracle_losses(units + change)
            slopes[:, column] = (above - self.oracle_losses(units - change)) / step / 2
        return slopes


def network_gradient(rows, units, *, is_sparse=False, activation="relu", seed=0):
    """Return a network's summed loss and its gradient, of kernels and oracle.

    Returns
    -------
    losses : tuple of two floats
        Loss of an epoch by the kernels and by the oracle.
    gradients : tuple of two lists of ndarray
        Gradients of the mean loss by weights and biases.
    """
    n_rows = len(rows.targets)
    X = oracle.RNG(seed).normal(size=(n_rows, units[0])).astype(np.float32)
    if is_sparse:
        X[:, 1:] *= oracle.RNG(seed + 1).random((n_rows, units[0] - 1)) < 0.4
    coefs, intercepts = oracle.random_network(units, seed, np.float32)
    sums = oracle.forward(X.astype(np.float64), coefs, intercepts, activation)[-1]
    if rows.loss in ROUNDED:
        rows.keep_away_from(sums)
    slopes = rows.numerical_slopes(sums) / n_rows
    weights, biases = oracle.gradients(X, coefs, intercepts, activation, slopes)
    loss, gradient = kernel_gradient(rows, X, coefs, intercepts, activation, is_sparse)
    return (loss, rows.oracle_losses(sums).sum()), (gradient, [*weights, *biases])


def kernel_gradient(rows, X, coefs, intercepts, activation, is_sparse):
    """Return a network's summed loss and its gradient by the kernels."""
    units = [X.shape[1], *(len(bias) for bias in intercepts)]
    n_rows, plan = len(X), rows.plan._replace(activation=activation)
    if is_sparse:
        network, copy = (Network([0, *units[1:]], n_sparse=units[0]) for _ in range(2))
        network.assign([np.zeros((0, units[1])), *coefs[1:]], intercepts)
        network.sparse_weights[...] = coefs[0]
        X, make_epochs = scipy.sparse.csr_matrix(X), SparseEpochs
    else:
        network, copy = Network(units), Network(units)
        network.assign(coefs, intercepts)
        make_epochs = DenseEpochs
    epochs = make_epochs(network, rows.transfer_set(X), plan, 2)
    every = np.arange(n_rows, dtype=np.int32)
    summed = epochs.loss(every)
    loss = epochs.train(every, n_rows, np.zeros(1), 0, np.uint64(0))
    np.testing.assert_allclose(summed, loss, rtol=1e-5)
    moment = epochs.optimizer_arrays()["first_moment"]
    copy.parameters[...] = moment / (1.0 - BETA_1)
    first = copy.sparse_weights if is_sparse else copy.weights[0]
    return loss, [first, *copy.weights[1:], *copy.biases]
