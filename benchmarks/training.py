"""Time of a training step in this package, JAX, PyTorch and scikit-learn.

Each of the other packages runs in its fastest form; see `benchmarks.peers`. Before the
race, its loss and gradient are compared with those in double precision. The comparison
includes PyTorch if it is installed. Its build for CPUs is enough.
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

import os
import sys
import warnings
from itertools import pairwise
from statistics import fmean, geometric_mean, median

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from benchmarks.peers import (
    EPOCHS_A_FIT,
    RATE,
    TEMPERATURE,
    WEIGHT,
    check,
    check_scikit_learn,
    installed_peers,
    make_problem,
    scikit_learn_epochs,
)
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

FORMS = """\
Each of the other packages runs in the fastest form that was found, on one thread.
Before it is timed, the loss and the gradient of its first batches are compared with
those in double precision. NumPy draws the order of the rows and hands it in, because
a draw inside JAX's epoch takes much longer. Soft and hard targets are folded into one
array, and two classes have one output.

- **JAX** runs an epoch as one compiled scan. It differentiates the loss in the form
  of `logsumexp`, unrolls two steps, takes a batch without a check of its indices, and
  donates the state. No faster were: `fori_loop`, four steps unrolled, a gradient by
  hand, one flat vector of parameters, transposed weights, rows and targets in one
  array, rows put in order once an epoch by JAX or by NumPy, and XLA's flags for wider
  vectors, unsafe mathematics, oneDNN, XNNPACK and the preset for run time. A loop in
  Python over compiled steps was slower.
- **torch** backpropagates by hand in buffers that all steps use again, and gives one
  flat vector to the fused kernel of Adam. Its own differentiation took about twice as
  long, with one flat vector or an array a layer. Rows put in order once an epoch were
  no faster.
- **torch compiled** compiles four whole steps, backpropagation by hand and Adam
  included, as one graph. Slower were: the loss and its gradient alone compiled, one
  step a graph, one flat vector, rows put in order once an epoch. The C++ wrapper and
  `max-autotune` were no faster.
  Both take numbers close to zero for zero, as XLA does.
- **scikit-learn** makes ten epochs in a call of `fit`, which checks the rows once, on
  float32, with `assume_finite` and `skip_parameter_validation`. `partial_fit` checks
  them in each epoch."""


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


class Ours:
    """Kernels of this package, which draw the order of the rows themselves.

    Parameters
    ----------
    problem : Problem
    """

    def __init__(self, problem):
        n_rows, n_classes = problem.proba.shape
        self._batch = problem.batch_size
        self.steps = -(-n_rows // self._batch)
        task = Classification(np.arange(n_classes))
        transfer_set = make_transfer_set(
            task,
            problem.X,
            teacher_logits(problem.proba),
            problem.y,
            np.ones(n_rows),
            WEIGHT,
        )
        self._network = Network.from_arrays(problem.weights[::2], problem.weights[1::2])
        plan = make_options(self._batch)
        self._epochs = DenseEpochs(self._network, transfer_set, plan, self.steps)
        self._rates = np.full(self.steps, RATE)

    def train(self, order):
        """Train on rows, which are brought into a new order, and return their loss."""
        rates = self._rates[: -(-len(order) // self._batch)]
        total = self._epochs.train(order, self._batch, rates, 0, np.uint64(1))
        return [total / len(order)]

    def first_moments(self):
        """Return the first moments of weights and biases."""
        units = [self._network.weights[0].shape[0], *map(len, self._network.biases)]
        moments = Network(units)
        moments.parameters[:] = self._epochs._state.optimizer.first_moment
        pairs = zip(moments.weights, moments.biases, strict=True)
        return [part for pair in pairs for part in pair]


def make_epochs(shape, peers):
    """Return functions that train, by name, and the steps of a call of each.

    Each peer is checked first.
    """
    problem = make_problem(shape)
    check("skdistill", Ours(problem), problem, divergence=True)
    ours, order = Ours(problem), np.arange(shape[0], dtype=np.int32)
    calls, steps = {"skdistill": lambda: ours.train(order)}, {"skdistill": ours.steps}
    for name, make in peers.items():
        peer = make(problem)
        check(name, peer, problem)
        calls[name], steps[name] = drawing(peer, shape[0]), peer.steps
    check_scikit_learn(problem)
    calls["scikit-learn"] = scikit_learn_epochs(problem.X, problem.y, *shape[3:])
    steps["scikit-learn"] = EPOCHS_A_FIT * ours.steps
    return calls, steps


def drawing(peer, n_rows):
    """Return a function that draws an order by NumPy and trains an epoch of it."""
    rng, rows = np.random.default_rng(1), np.arange(n_rows, dtype=np.int32)
    return lambda: peer.train(rng.permutation(rows))


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


def instructions():
    """Return a line about the instructions and options of the other packages."""
    parts = [f"XLA with {os.environ.get('XLA_FLAGS', 'no options')}"]
    if "torch" in sys.modules:
        capability = sys.modules["torch"].backends.cpu.get_cpu_capability()
        parts.append(f"PyTorch with {capability} and 1 thread")
    return f"\n- {'; '.join(parts)}"


def main():
    options = parse_arguments(__doc__)
    shapes, rounds, size = [*SHAPES, *WIDE_SHAPES], 11, 1000
    if options.tiny:
        shapes = [(300, *shape[1:]) for shape in (SHAPES[0], SHAPES[-1])]
        rounds, size = 1, 200
    product = {"product": large_product(size)}
    peers = installed_peers()
    names = ["skdistill", *peers, "scikit-learn"]
    ratios = {name: [] for name in names}
    shares, peaks = [], []
    lines = []
    for shape in shapes:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Got `batch_size`")
            warnings.simplefilter("ignore", ConvergenceWarning)
            calls, steps = make_epochs(shape, peers)
            turns = take_turns(calls | product, rounds)
        seconds = {name: median(map(fmean, turns[name])) for name in turns}
        first = median(durations[0] for durations in turns["skdistill"])
        times = {name: seconds[name] / steps[name] for name in names}
        factors = {name: times[name] / times["skdistill"] for name in names}
        peaks.append(2 * size**3 / seconds["product"])
        least = steps["skdistill"] * step_operations(shape) / peaks[-1]
        share = [least / seconds["skdistill"], least / first]
        if shape not in WIDE_SHAPES:
            shares.append(share)
            for name in names:
                ratios[name].append(factors[name])
        del factors["skdistill"]
        cells = [f"{1e6 * time:.1f}" for time in times.values()]
        cells += [f"{factor:.1f}" for factor in factors.values()]
        cells += [f"{100 * part:.0f} %" for part in share]
        lines.append([", ".join(map(str, shape)), *cells])
    means = [f"{geometric_mean(ratios[name]):.2f}" for name in names[1:]]
    means += [f"{100 * part:.0f} %" for part in np.mean(shares, axis=0)]
    lines.append(["mean, without the last two", *[""] * len(names), *means])
    heads = ["rows, features, classes, hidden, batch"]
    heads += [f"{name}, µs a step" for name in names]
    heads += [f"times {name}" for name in names[1:]]
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
        f"packages left them.\n\n{FORMS}\n\n"
        f"{markdown_table(heads, lines)}\n\n{describe('jax', 'torch')}"
        f"{instructions()}"
    )
    publish("training", "Training", text, options)


if __name__ == "__main__":
    main()
