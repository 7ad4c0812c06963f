"""Time of a training step on sparse rows, in this package and in scikit-learn."""

from benchmarks.environment import (
    alternate,
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import warnings
from statistics import geometric_mean

import numpy as np
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning

from benchmarks.peers import EPOCHS_A_FIT, scikit_learn_epochs
from benchmarks.training import make_options
from skdistill.inputs.sparse import SparseInput
from skdistill.tasks.classes import Classification
from skdistill.tasks.soft_targets import teacher_logits
from skdistill.training.epochs import SparseEpochs
from skdistill.transfer.transfer_set import make_transfer_set

# Number of rows, of columns, of values in a row, of classes; hidden layers; batch size.
SHAPES = [
    (7000, 12_000, 70, 8, (64,), 128),
    (7000, 12_000, 70, 8, (128, 64), 256),
    (7000, 50_000, 70, 8, (64,), 128),
]


def make_data(shape, seed=0):
    """Return rows like those of texts, with labels and teacher probabilities.

    The frequencies of words follow Zipf's law.
    """
    n_rows, n_columns, n_values, n_classes, *_ = shape
    rng = np.random.default_rng(seed)
    frequency = 1.0 / np.arange(1, n_columns + 1)
    words = rng.choice(
        n_columns, size=(n_rows, n_values), p=frequency / frequency.sum()
    )
    values = rng.uniform(0.5, 1.5, words.shape) / n_values**0.5
    starts = np.arange(0, words.size + 1, n_values)
    X = scipy.sparse.csr_matrix(
        (values.ravel().astype(np.float32), words.ravel(), starts),
        shape=(n_rows, n_columns),
    )
    X.sum_duplicates()
    logits = 3 * (X @ rng.standard_normal((n_columns, n_classes)))
    proba = np.exp(logits - logits.max(axis=1, keepdims=True))
    proba /= proba.sum(axis=1, keepdims=True)
    return X, (logits + rng.gumbel(size=logits.shape)).argmax(axis=1), proba


def our_epoch(shape):
    """Return a function that trains an epoch with the kernels."""
    n_rows, _, _, n_classes, hidden, batch_size = shape
    X, y, proba = make_data(shape)
    task = Classification(np.arange(n_classes))
    transfer_set = make_transfer_set(
        task, X, teacher_logits(proba), y, np.ones(n_rows), 0.3
    )
    student_input, _ = SparseInput.learn(X)
    network = student_input.start([*hidden, n_classes], np.random.RandomState(0))
    steps = -(-n_rows // batch_size)
    epochs = SparseEpochs(network, transfer_set, make_options(batch_size), 1000 * steps)
    order = np.arange(n_rows, dtype=np.int32)
    done = 0

    def run():
        nonlocal done
        rates = np.full(steps, 1e-3)
        epochs.train(order, batch_size, rates, done * steps, np.uint64(done + 1))
        done += 1

    return run


def main():
    options = parse_arguments(__doc__)
    shapes = [(300, *shape[1:]) for shape in SHAPES[:1]] if options.tiny else SHAPES
    lines, ratios = [], []
    for shape in shapes:
        X, y, _ = make_data(shape)
        calls = {
            "skdistill": our_epoch(shape),
            "scikit-learn": scikit_learn_epochs(X, y, *shape[4:]),
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            seconds = alternate(calls, 1 if options.tiny else 7)
        steps = -(-shape[0] // shape[5])
        ours = 1e6 * seconds["skdistill"] / steps
        theirs = 1e6 * seconds["scikit-learn"] / steps / EPOCHS_A_FIT
        ratios.append(theirs / ours)
        cells = [", ".join(map(str, shape)), f"{ours:,.0f}", f"{theirs:,.0f}"]
        lines.append([*cells, f"{ratios[-1]:.1f}"])
    lines.append(["geometric mean", "", "", f"{geometric_mean(ratios):.1f}"])
    heads = [
        "rows, columns, values a row, classes, hidden, batch",
        "skdistill, µs a step",
        "scikit-learn, µs a step",
        "times scikit-learn",
    ]
    text = (
        "Microseconds of a training step on rows of a compressed sparse table (CSR), "
        "as texts give it. A\nstep draws the batch, runs forward with the soft and the "
        "hard loss, runs backward, and updates\nthe weights by AdamW. Columns that are "
        "absent from a batch get their updates when they occur\nagain. scikit-learn "
        "has the hard loss alone, and makes ten epochs in a call of `fit`, its "
        "fastest\nform ([more](training.md)). Medians of alternating turns.\n\n"
        f"{markdown_table(heads, lines)}\n\n{describe('scipy')}"
    )
    publish("sparse", "Sparse rows", text, options)


if __name__ == "__main__":
    main()
