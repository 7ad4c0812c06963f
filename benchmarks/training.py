"""Time of a training step in this package, JAX, PyTorch and scikit-learn.

JAX runs an epoch as one jitted scan. PyTorch runs a loop over batches, once eager and
once with the loss and its gradient compiled. The comparison includes PyTorch if it is
installed. Its build for CPUs is enough.
"""

from benchmarks.environment import (
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
    take_turns,
)

if __name__ == "__main__":
    single_thread()

import warnings
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from statistics import fmean, geometric_mean, median

import numpy as np
from sklearn.neural_network import MLPClassifier

from skdistill.inputs.standardization import Standardization
from skdistill.student.network import Network
from skdistill.tasks.classes import Classification
from skdistill.tasks.soft_targets import teacher_logits
from skdistill.training.epochs import DenseEpochs
from skdistill.training.plan import TrainingPlan
from skdistill.transfer.transfer_set import make_transfer_set

# Number of rows, of features and of classes; hidden layers; batch size.
SHAPES = [
    (20000, 54, 7, (64,), 256),
    (20000, 30, 2, (32,), 128),
    (5000, 784, 10, (64,), 128),
    (20000, 16, 26, (128,), 200),
    (20000, 54, 7, (64,), 1024),
    (20000, 128, 2, (128,), 256),
    (20000, 54, 7, (64, 64), 256),
]
WIDE_SHAPES = [(10000, 54, 7, (512,), 256), (5000, 128, 10, (1024, 1024), 256)]
RATE, TEMPERATURE, WEIGHT = 1e-3, 2.0, 0.7


def make_data(shape, seed=0):
    """Return features, and the labels and probabilities of a linear teacher."""
    n_rows, n_features, n_classes, _, _ = shape
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n_rows, n_features)).astype(np.float32)
    logits = X @ rng.standard_normal((n_features, n_classes)) * 3 / n_features**0.5
    proba = np.exp(logits - logits.max(axis=1, keepdims=True))
    proba /= proba.sum(axis=1, keepdims=True)
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1), proba


def make_options(batch_size):
    """Return options of the student's training."""
    return TrainingPlan(
        loss="kl",
        activation="relu",
        temperature=TEMPERATURE,
        learning_rate_init=RATE,
        batch_size=batch_size,
        max_iter=1,
        weight_decay=0.0,
        synthetic_share=0.0,
        early_stopping=False,
        validation_fraction=0.1,
        n_iter_no_change=10,
        tol=1e-4,
        verbose=False,
    )


def our_epoch(shape):
    """Return a function that trains an epoch with the kernels."""
    n_rows, n_features, n_classes, hidden, batch_size = shape
    X, y, proba = make_data(shape)
    options = make_options(batch_size)
    ones = np.ones(n_classes)
    task = Classification(np.arange(n_classes))
    transfer_set = make_transfer_set(
        task,
        Standardization.learn(X).transform(X),
        teacher_logits(proba),
        y,
        np.ones(n_rows),
        WEIGHT,
        ones,
    )
    network = Network([n_features, *hidden, task.output.n_units])
    network.initialize(np.random.RandomState(0))
    steps = -(-n_rows // batch_size)
    epochs = DenseEpochs(network, transfer_set, options, steps)
    order = np.arange(n_rows, dtype=np.int32)
    rates = np.full(steps, RATE)
    return lambda: epochs.train(order, batch_size, rates, 0, np.uint64(1))


def jax_epoch(shape):
    """Return a function that trains an epoch as a jitted scan over batches."""
    import jax
    import jax.numpy as jnp

    n_rows, n_features, n_classes, hidden, batch_size = shape
    X, y, proba = (jnp.asarray(part) for part in make_data(shape))
    log_q = jnp.log(proba.astype(jnp.float32) * 0.999 + 0.001 / n_classes)
    q = jax.nn.softmax(log_q / TEMPERATURE)
    units = [n_features, *hidden, n_classes]
    keys = jax.random.split(jax.random.PRNGKey(0), len(units))
    parameters = [
        (jax.random.normal(key, (a, b)) * (2 / a) ** 0.5, jnp.zeros(b))
        for key, a, b in zip(keys, units[:-1], units[1:], strict=False)
    ]

    def loss(parameters, rows):
        values = X[rows]
        for weights, bias in parameters[:-1]:
            values = jax.nn.relu(values @ weights + bias)
        logits = values @ parameters[-1][0] + parameters[-1][1]
        log_p_t = jax.nn.log_softmax(logits / TEMPERATURE)
        soft = -(TEMPERATURE**2) * (q[rows] * log_p_t).sum(axis=1)
        log_p = jax.nn.log_softmax(logits)
        hard = -jnp.take_along_axis(log_p, y[rows][:, None], axis=1)[:, 0]
        return (WEIGHT * soft + (1 - WEIGHT) * hard).mean()

    def step(state, rows):
        parameters, first, second, t = state
        value, gradient = jax.value_and_grad(loss)(parameters, rows)
        t += 1
        mapped = jax.tree_util.tree_map
        first = mapped(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = mapped(lambda v, g: 0.95 * v + 0.05 * g * g, second, gradient)
        size = RATE * jnp.sqrt(1 - 0.95**t) / (1 - 0.9**t)
        parameters = mapped(
            lambda p, m, v: p - size * m / (jnp.sqrt(v) + 1e-8),
            parameters,
            first,
            second,
        )
        return (parameters, first, second, t), value

    @jax.jit
    def epoch(state, key):
        n = n_rows // batch_size * batch_size
        order = jax.random.permutation(key, n_rows)[:n]
        return jax.lax.scan(step, state, order.reshape(-1, batch_size))

    zeros = jax.tree_util.tree_map(jnp.zeros_like, parameters)
    state = (parameters, zeros, zeros, 0.0)
    key = jax.random.PRNGKey(1)
    return lambda: jax.block_until_ready(epoch(state, key))


def torch_epoch(shape, compiled=False):
    """Return a function that trains an epoch with PyTorch, batch by batch."""
    import torch
    from torch.nn.functional import cross_entropy

    torch.set_num_threads(1)
    n_rows, n_features, n_classes, hidden, batch_size = shape
    X, y, proba = (torch.as_tensor(part) for part in make_data(shape))
    log_q = torch.log(proba.float() * 0.999 + 0.001 / n_classes)
    q = torch.softmax(log_q / TEMPERATURE, 1)
    layers = []
    for sizes in pairwise([n_features, *hidden, n_classes]):
        layers += [torch.nn.Linear(*sizes), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    adam = torch.optim.Adam(network.parameters(), RATE, (0.9, 0.95), fused=True)

    def take(values, rows):
        # `index_select` is faster alone, and slower if the compiler fuses it.
        return values[rows] if compiled else values.index_select(0, rows)

    def loss(rows):
        logits = network(take(X, rows))
        log_p_t = torch.log_softmax(logits / TEMPERATURE, 1)
        soft = -(TEMPERATURE**2) * (take(q, rows) * log_p_t).sum(1).mean()
        return WEIGHT * soft + (1 - WEIGHT) * cross_entropy(logits, take(y, rows))

    if compiled:
        # Otherwise earlier shapes decide whether this one is compiled for any size.
        torch._dynamo.reset()
        loss = torch.compile(loss, dynamic=False)

    def epoch():
        n = n_rows // batch_size * batch_size
        for rows in torch.randperm(n_rows)[:n].reshape(-1, batch_size):
            adam.zero_grad()
            loss(rows).backward()
            adam.step()

    return epoch


def scikit_learn_epoch(shape):
    """Return a function that trains an epoch with MLPClassifier."""
    X, y, _ = make_data(shape)
    network = MLPClassifier(shape[3], batch_size=shape[4], alpha=0.0)
    network.partial_fit(X, y, classes=np.unique(y))
    return lambda: network.partial_fit(X, y)


def step_operations(shape):
    """Return the additions and multiplications of a step's matrix products."""
    _, n_features, n_classes, hidden, batch_size = shape
    units = [n_features, *hidden, 1 if n_classes == 2 else n_classes]
    sizes = [a * b for a, b in pairwise(units)]
    # Forward, gradient of all weights, and gradient of all inputs but the first.
    return 2 * batch_size * (2 * sum(sizes) + sum(sizes[1:]))


def large_product(size):
    """Return a function that multiplies large matrices with NumPy."""
    left = np.random.default_rng(0).random((size, size), dtype=np.float32)
    return lambda: left @ left


def installed_peers():
    """Return the function that makes an epoch, by name of the package."""
    peers = {"skdistill": our_epoch}
    if find_spec("jax"):
        peers["JAX"] = jax_epoch
    else:
        print("JAX is not installed: left out")
    if find_spec("torch"):
        peers["torch"] = torch_epoch
        peers["torch compiled"] = partial(torch_epoch, compiled=True)
    else:
        print("PyTorch is not installed: left out")
    return peers | {"scikit-learn": scikit_learn_epoch}


def main():
    options = parse_arguments(__doc__)
    shapes, rounds, size = [*SHAPES, *WIDE_SHAPES], 11, 1000
    if options.tiny:
        shapes = [(300, *shape[1:]) for shape in (*SHAPES[:2], SHAPES[-1])]
        rounds, size = 1, 200
    product = {"product": large_product(size)}
    peers = installed_peers()
    ratios = {name: [] for name in peers}
    shares, peaks = [], []
    lines = []
    for shape in shapes:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Got `batch_size`")
            calls = {name: make(shape) for name, make in peers.items()}
            turns = take_turns(calls | product, rounds)
        seconds = {name: median(map(fmean, turns[name])) for name in turns}
        first = median(durations[0] for durations in turns["skdistill"])
        steps = -(-shape[0] // shape[4])
        # The others leave out the last, smaller batch.
        whole = dict.fromkeys(("JAX", "torch", "torch compiled"), shape[0] // shape[4])
        times = {name: seconds[name] / whole.get(name, steps) for name in peers}
        factors = {name: times[name] / times["skdistill"] for name in peers}
        peaks.append(2 * size**3 / seconds["product"])
        least = steps * step_operations(shape) / peaks[-1]
        share = [least / seconds["skdistill"], least / first]
        if shape not in WIDE_SHAPES:
            shares.append(share)
            for name in peers:
                ratios[name].append(factors[name])
        del factors["skdistill"]
        cells = [f"{1e6 * time:.1f}" for time in times.values()]
        cells += [f"{factor:.1f}" for factor in factors.values()]
        cells += [f"{100 * part:.0f} %" for part in share]
        lines.append([", ".join(map(str, shape)), *cells])
    means = [f"{geometric_mean(ratios[n]):.2f}" for n in peers if n != "skdistill"]
    means += [f"{100 * part:.0f} %" for part in np.mean(shares, axis=0)]
    lines.append(["mean, without the last two", *[""] * len(peers), *means])
    heads = ["rows, features, classes, hidden, batch"]
    heads += [f"{name}, µs a step" for name in peers]
    heads += [f"times {name}" for name in peers if name != "skdistill"]
    heads += ["share of peak", "share, first epoch"]
    text = (
        "Microseconds of a training step of a plain network, without knots: drawing "
        "the batch, forward,\nsoft and hard loss, backward, Adam. scikit-learn has "
        "the hard loss alone. A turn lasts a twentieth\nof a second or more. The "
        "figures are medians over turns of the mean epoch of a turn. The means\nof the "
        "factors are geometric, and those of the shares are arithmetic. A share is the "
        "rate of the\noperations in a step's matrix products over the step's whole "
        "time, divided by the rate of NumPy\nin a product of "
        f"{size:,} rows and columns. That product reaches "
        f"{min(peaks) / 1e9:.0f} to {max(peaks) / 1e9:.0f} billion operations a "
        "second,\nmeasured in the same turns. The last column is the share in the "
        "first epoch of each turn alone.\nThis epoch finds the caches as the other "
        "packages left them.\n\n"
        f"{markdown_table(heads, lines)}\n\n{describe('jax', 'torch')}"
    )
    publish("training", "Training", text, options)


if __name__ == "__main__":
    main()
