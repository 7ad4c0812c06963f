import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.neural_network import MLPClassifier

from skdistill.kernels.dense import shuffle, train_epoch
from skdistill.kernels.instructions.adamw import BETA_1, BETA_2, EPSILON
from tests import oracle
from tests.kernels.problem import Problem


def run_epochs(problem, n_epochs, batch_size, rate, decay=0.0, seed=0):
    steps = -(-problem.order.size // batch_size)
    return [
        train_epoch(
            problem.network.layout,
            problem.optimizer,
            problem.workspace,
            problem.knot_table,
            problem.objective,
            problem.records,
            problem.order,
            batch_size,
            np.full(steps, rate),
            decay,
            epoch * steps,
            np.uint64(seed),
        )
        for epoch in range(n_epochs)
    ]


@pytest.mark.parametrize(
    ("units", "bins", "levels"),
    [
        ((5, 3), (), ()),
        ((6, 9, 1), (), ()),
        ((5, 17, 12, 4), (), ()),
        ((2, 17, 4), (4, 7, 3), (5,)),
        ((0, 33, 1), (6, 9), (3, 4)),
        ((0, 3), (4,), (3,)),
    ],
    ids=str,
)
def test_epochs_against_the_oracle(units, bins, levels):
    """Three epochs of AdamW over batches of unequal size, the weights followed.

    Codes train what their dense form trains.
    """
    problem = Problem(units, n_rows=37, bins=bins, levels=levels, temperature=2.0)
    rate, decay, batch_size = 0.01, 0.5, 16
    run_epochs(problem, 3, batch_size, rate, decay)

    parts = [*problem.coefs, *problem.intercepts]
    moments = [(np.zeros_like(part), np.zeros_like(part)) for part in parts]
    n_layers = len(problem.coefs)
    q, labels, soft, hard, temperature, loss = problem.loss_arguments()
    step = 0
    for _ in range(3):
        for first in range(0, 37, batch_size):
            rows = np.arange(first, min(first + batch_size, 37))
            coefs, intercepts = parts[:n_layers], parts[n_layers:]
            X = problem.X[rows]
            logits = oracle.all_logits(oracle.forward(X, coefs, intercepts, "relu"))
            slopes = oracle.logit_gradient(
                logits, q[rows], labels[rows], soft[rows], hard[rows], temperature, loss
            )
            weights, biases = oracle.gradients(
                X, coefs, intercepts, "relu", slopes / rows.size
            )
            step += 1
            for i, gradient in enumerate([*weights, *biases]):
                parts[i], *moments[i] = oracle.adamw(
                    parts[i],
                    gradient,
                    *moments[i],
                    step,
                    rate,
                    decay if i < n_layers else 0.0,
                    BETA_1,
                    BETA_2,
                    EPSILON,
                )
    found = problem.unpack(problem.optimizer.parameters)
    for ours, wanted in zip([*found[0], *found[1]], parts, strict=True):
        # A step is at most about `rate`; float32 gradients near zero may turn.
        assert np.sqrt(np.mean((ours - wanted) ** 2)) < 1e-4
        assert_allclose(ours, wanted, atol=2e-3)


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
def test_labels_alone_train_what_mlpclassifier_trains(n_classes, activation):
    """Distillation weight 0: same weights, batches and rates, same network."""
    rng = np.random.default_rng(0)
    outputs = 1 if n_classes == 2 else n_classes
    X = rng.normal(size=(300, 6))
    y = rng.permutation(np.arange(300) % n_classes)
    problem = Problem((6, 20, outputs), n_rows=300, activation=activation)
    problem.records[:, :6] = X
    problem.records[:, 6:] = 0.0
    problem.records[np.arange(300), 6 + y] = 1.0
    problem.records[:, 6 + n_classes + 1] = 1.0

    mlp = MLPClassifier(
        (20,),
        activation=activation,
        alpha=0.0,
        beta_2=BETA_2,
        learning_rate_init=0.003,
        batch_size=64,
        shuffle=False,
    )
    mlp.partial_fit(X, y, classes=np.arange(n_classes))
    mlp.coefs_ = [weights.copy() for weights in problem.coefs]
    mlp.intercepts_ = [bias.copy() for bias in problem.intercepts]
    del mlp._optimizer
    losses = []
    for _ in range(5):
        mlp.partial_fit(X, y)
        losses.append(mlp.loss_)
    totals = run_epochs(problem, 5, 64, 0.003)
    # The kernel has means in the place of sums over the classes.
    assert_allclose(np.array(totals) / 300 + np.log(n_classes), losses, rtol=1e-5)
    weights, biases = problem.unpack(problem.optimizer.parameters)
    for ours, theirs in zip(
        [*weights, *biases], [*mlp.coefs_, *mlp.intercepts_], strict=True
    ):
        assert np.sqrt(np.mean((ours - theirs) ** 2)) < 2e-5
        assert_allclose(ours, theirs, atol=5e-4)


def test_moments_do_not_become_denormal():
    problem = Problem((4, 6, 3), n_rows=10)
    problem.records[:, 4:] = 0.0
    problem.optimizer.first_moment[:] = 1e-20
    problem.optimizer.second_moment[:] = 1e-20
    run_epochs(problem, 600, 10, 0.0)
    tiny = np.finfo(np.float32).tiny
    for moment in (problem.optimizer.first_moment, problem.optimizer.second_moment):
        assert ((moment == 0) | (np.abs(moment) >= tiny)).all()


def test_nan_in_a_gradient_reaches_the_weights():
    problem = Problem((4, 6, 3), n_rows=10)
    problem.records[0, 0] = np.nan
    with np.errstate(invalid="ignore"):
        run_epochs(problem, 1, 10, 0.01)
    assert np.isnan(problem.optimizer.parameters).any()


def test_shuffle_permutes_and_every_place_is_alike():
    counts = np.zeros((5, 5))
    for seed in range(1, 2001):
        order = np.arange(5, dtype=np.int32)
        shuffle(order, np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64))
        assert sorted(order) == [0, 1, 2, 3, 4]
        counts[np.arange(5), order] += 1
    # Binomial with mean 400 and deviation 18.
    assert np.abs(counts - 400).max() < 90
