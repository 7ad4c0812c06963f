import numpy as np
import pytest
import scipy.sparse
from numba import config
from numpy.testing import assert_allclose

from skdistill.kernels.lazy_adamw import FORGOTTEN
from skdistill.student.network import Network
from skdistill.tasks.classes import Classification
from skdistill.tasks.soft_targets import teacher_logits
from skdistill.training.loop import train
from skdistill.transfer.transfer_set import make_transfer_set
from tests import oracle
from tests.kernels.problem import OPTIONS

N_ROWS, N_COLUMNS, RARE = 60, 40, 37


def make_pair(units=(7, 4), loss="kl", seed=0):
    """Sparse rows and the same ones dense, each with a network of equal weights.

    The last columns occur in one row each, some in none, others in every row.
    """
    rng = oracle.RNG(seed)
    dense = rng.normal(size=(N_ROWS, N_COLUMNS)) * (
        rng.random((N_ROWS, N_COLUMNS)) < 0.2
    )
    dense[:, :2] = rng.normal(size=(N_ROWS, 2))
    dense[:, RARE:] = 0.0
    dense[0, RARE] = dense[1, RARE + 1] = 1.0
    dense[5] = 0.0
    dense = dense.astype(np.float32)
    n_classes = max(2, units[-1])
    task = Classification(np.arange(n_classes))
    targets = (
        teacher_logits(rng.dirichlet(np.ones(n_classes), size=N_ROWS)),
        rng.integers(n_classes, size=N_ROWS),
        rng.uniform(0.5, 2, N_ROWS),
        0.6,
    )
    coefs, intercepts = oracle.random_network((N_COLUMNS, *units), seed, np.float32)
    plain = Network([N_COLUMNS, *units])
    plain.assign(coefs, intercepts)
    sparse = Network([0, *units], n_sparse=N_COLUMNS)
    empty = np.zeros((0, units[0]))
    sparse.assign([empty, *coefs[1:]], intercepts)
    sparse.sparse_weights[...] = coefs[0]
    table = scipy.sparse.csr_matrix(dense)
    return (
        (sparse, make_transfer_set(task, table, *targets)),
        (plain, make_transfer_set(task, dense, *targets)),
    )


def trained(network, transfer_set, **options):
    history = train(
        network, transfer_set, OPTIONS._replace(**options), np.random.RandomState(3)
    )
    first = network.sparse_weights if network.sparse_weights.size else None
    weights = [network.weights[0] if first is None else first, *network.weights[1:]]
    return weights, network.biases, history


@pytest.mark.parametrize("units", [(7, 4), (33, 16, 1), (20, 3), (5, 19)], ids=str)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"activation": "silu", "loss": "logit_mse"},
        {"activation": "tanh", "temperature": 2.0, "weight_decay": 3.0},
        {"early_stopping": True, "n_iter_no_change": 3, "weight_decay": 1.0},
    ],
    ids=str,
)
def test_as_dense_training_which_moves_all_weights_at_each_step(units, options):
    options = {"batch_size": 5, "max_iter": 6, "learning_rate_init": 0.01} | options
    sparse, dense = (trained(*pair, **options) for pair in make_pair(units))
    for mine, theirs in zip(
        [*sparse[0], *sparse[1]], [*dense[0], *dense[1]], strict=True
    ):
        assert_allclose(mine, theirs, atol=2e-4)
    assert_allclose(sparse[2].loss_curve, dense[2].loss_curve, rtol=1e-4)
    if options.get("early_stopping"):
        scores = sparse[2].validation_scores
        assert_allclose(scores, dense[2].validation_scores, rtol=1e-4)


@pytest.mark.parametrize("kind", ["sparse", "dense"])
def test_training_leaves_the_mode_of_the_cpu_as_it_was(kind):
    smallest_normal = np.full(3, np.finfo(np.float32).tiny)
    assert (smallest_normal / 2 > 0).all()
    trained(*make_pair()[kind == "dense"], max_iter=1)
    assert (smallest_normal / 2 > 0).all()


def test_columns_left_out_until_their_moments_are_forgotten():
    # Batches of one: a column of one row misses N_ROWS - 1 steps, then FORGOTTEN.
    epochs = 2 + FORGOTTEN // N_ROWS
    options = {
        "batch_size": 1,
        "max_iter": epochs,
        "learning_rate_init": 1e-3,
        "weight_decay": 2.0,
    }
    sparse, dense = (trained(*pair, **options) for pair in make_pair())
    moved = np.abs(dense[0][0] - make_pair()[1][0].weights[0])[RARE : RARE + 2]
    assert moved.max() > 1e-3
    assert_allclose(sparse[0][0], dense[0][0], atol=1e-4)


def test_a_column_that_comes_back_after_a_long_time():
    """Epochs of rows without a column, then one with it, against all columns."""
    (sparse, transfer_set), (plain, dense_set) = make_pair()
    from skdistill.training.epochs import DenseEpochs, SparseEpochs

    options = OPTIONS._replace(weight_decay=1.0)
    n_steps = 2 * FORGOTTEN + 100
    pairs = []
    for make, network, rows in (
        (SparseEpochs, sparse, transfer_set),
        (DenseEpochs, plain, dense_set),
    ):
        epochs = make(network, rows, options, n_steps)
        one, others = np.array([0], np.int32), np.arange(2, 12, dtype=np.int32)
        done = 0
        epochs.train(one, 1, np.full(1, 0.01), done, np.uint64(0))
        for _ in range(2 * FORGOTTEN // 10):
            epochs.train(others, 1, np.full(10, 0.001), 1 + done, np.uint64(0))
            done += 10
        epochs.train(one, 1, np.full(1, 0.01), 1 + done, np.uint64(0))
        epochs.finish()
        first = network.sparse_weights if make is SparseEpochs else network.weights[0]
        pairs.append(first.copy())
    assert_allclose(*pairs, atol=1e-4)


@pytest.mark.skipif(
    bool(config.DISABLE_JIT), reason="thousands of steps, of minutes uncompiled"
)
@pytest.mark.parametrize(
    ("rate", "decay"), [(0.02, 10.0), (0.9, 1.0), (1.0, 1.0)], ids=str
)
def test_weights_that_shrink_to_nothing(rate, decay):
    """The product of all shrinkages is beyond double precision."""
    options = {
        "batch_size": 1,
        "max_iter": 80,
        "learning_rate_init": rate,
        "weight_decay": decay,
    }
    sparse, dense = (trained(*pair, **options) for pair in make_pair())
    assert np.isfinite(sparse[0][0]).all()
    assert_allclose(sparse[0][0], dense[0][0], atol=1e-3 * np.abs(dense[0][0]).max())
