"""With a distillation weight of 0, a network learns what `MLPRegressor` learns."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.neural_network import MLPRegressor

from skdistill.kernels.dense import train_epoch
from skdistill.kernels.instructions.adamw import BETA_2
from skdistill.kernels.layers.layout import aligned_zeros
from skdistill.kernels.layers.workspace import Optimizer, make_workspace
from skdistill.student.network import Network
from skdistill.tasks.number_loss import NumberLoss
from skdistill.tasks.numbers import Regression
from skdistill.training.records import make_objective, make_records, n_folded
from skdistill.transfer.transfer_set import make_transfer_set
from tests import oracle
from tests.kernels.problem import OPTIONS

N_ROWS, RATE, BATCH = 300, 0.003, 64


@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_labels_alone_train_what_mlpregressor_trains(n_targets, activation):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(N_ROWS, 6)), rng.normal(3.0, 2.0, (N_ROWS, n_targets))
    task = Regression.of(y, NumberLoss(), clip=True)
    labels = task.encode_labels(y, N_ROWS)
    rows = make_transfer_set(
        task,
        X.astype(np.float32),
        np.zeros((N_ROWS, n_targets), np.float32),
        labels,
        np.ones(N_ROWS),
        0.0,
    )
    coefs, intercepts = oracle.random_network((6, 20, n_targets), 0)
    network = Network((6, 20, n_targets))
    network.assign(coefs, intercepts)
    plan = OPTIONS._replace(loss="squared_error", activation=activation)
    records = make_records(network, rows, plan)
    workspace = make_workspace(
        network.layout, n_targets, n_folded(rows, plan), records.shape[1]
    )
    size = network.parameters.size
    optimizer = Optimizer(network.parameters, *(aligned_zeros(size) for _ in range(3)))

    mlp = MLPRegressor(
        hidden_layer_sizes=(20,),
        activation=activation,
        alpha=0.0,
        beta_2=BETA_2,
        learning_rate_init=RATE,
        batch_size=BATCH,
        shuffle=False,
    )
    targets = labels if n_targets > 1 else labels[:, 0]
    mlp.partial_fit(X, targets)
    mlp.coefs_ = [weights.astype(float) for weights in coefs]
    mlp.intercepts_ = [bias.astype(float) for bias in intercepts]
    del mlp._optimizer
    n_steps = -(-N_ROWS // BATCH)
    for epoch in range(5):
        mlp.partial_fit(X, targets)
        total = train_epoch(
            network.layout,
            optimizer,
            workspace,
            network.knot_table,
            make_objective(rows, plan),
            records,
            np.arange(N_ROWS, dtype=np.int32),
            BATCH,
            # Theirs is a mean over the targets, and ours a sum: the steps of Adam are
            # the same for any factor of the loss.
            np.full(n_steps, RATE),
            0.0,
            epoch * n_steps,
            np.uint64(0),
        )
        assert_allclose(total / N_ROWS, mlp.loss_ * n_targets, rtol=2e-4)
    for ours, theirs in zip(
        [*network.weights, *network.biases],
        [*mlp.coefs_, *mlp.intercepts_],
        strict=True,
    ):
        assert np.sqrt(np.mean((ours - theirs) ** 2)) < 1e-4
