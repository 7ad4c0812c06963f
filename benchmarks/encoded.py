"""Time of a training step with a knot table, with a dense code, and without knots."""

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

from statistics import geometric_mean

import numpy as np

from benchmarks.training import make_options
from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.tabular import TabularInput
from skdistill.student.network import Network
from skdistill.tasks.classes import Classification
from skdistill.tasks.soft_targets import teacher_logits
from skdistill.training.epochs import DenseEpochs
from skdistill.transfer.transfer_set import make_transfer_set

N_ROWS, N_BINS, N_LEVELS, N_CLASSES, BATCH_SIZE = 20_000, 16, 12, 7, 256

# Number of columns with numbers, of columns with categories, and of hidden units.
SHAPES = [
    (8, 0, 64),
    (16, 0, 64),
    (54, 0, 64),
    (16, 8, 64),
    (8, 0, 128),
    (16, 0, 128),
    (54, 0, 128),
    (16, 8, 128),
]


def make_epoch(network, rows, targets):
    """Return a function that trains an epoch."""
    task = Classification(np.arange(N_CLASSES))
    transfer_set = make_transfer_set(task, rows, *targets)
    network.initialize(np.random.RandomState(0))
    steps = -(-len(rows) // BATCH_SIZE)
    epochs = DenseEpochs(network, transfer_set, make_options(BATCH_SIZE), steps)
    order = np.arange(len(rows), dtype=np.int32)
    rates = np.full(steps, 1e-3)
    return lambda: epochs.train(order, BATCH_SIZE, rates, 0, np.uint64(1))


def make_epochs(n_rows, n_numbers, n_categories, hidden):
    """Return the epochs by name, and the bytes of an encoded row."""
    rng = np.random.default_rng(0)
    numbers = rng.standard_normal((n_rows, n_numbers)).astype(np.float32)
    labels = rng.integers(N_LEVELS, size=(n_rows, n_categories))
    table = np.empty((n_rows, n_numbers + n_categories), dtype=object)
    table[:, :n_numbers] = numbers
    table[:, n_numbers:] = labels.astype(str)
    n_bins = N_BINS * max(n_numbers, 1)
    encoder = TabularEncoder(n_bins=n_bins, max_bins=N_BINS).fit(
        numbers if n_categories == 0 else table
    )
    encoded = encoder.transform(numbers if n_categories == 0 else table)
    one_hot = np.eye(N_LEVELS, dtype=np.float32)[labels].reshape(n_rows, -1)
    places = encoded[:, :n_numbers]
    bins = np.clip(places[:, :, np.newaxis] - np.arange(N_BINS), 0, 1)
    dense = np.hstack([numbers, bins.reshape(n_rows, -1), one_hot]).astype(np.float32)
    targets = (
        teacher_logits(rng.dirichlet(np.ones(N_CLASSES), size=n_rows)),
        rng.integers(N_CLASSES, size=n_rows),
        np.ones(n_rows),
        0.3,
    )
    units = [hidden, N_CLASSES]
    student_input = TabularInput.describe(encoder, encoded)
    structured = student_input.start(units, np.random.RandomState(0))
    plain = np.hstack([numbers, labels.astype(np.float32)])
    return {
        "structured": make_epoch(structured, encoded, targets),
        "dense code": make_epoch(Network([dense.shape[1], *units]), dense, targets),
        "plain": make_epoch(Network([plain.shape[1], *units]), plain, targets),
    }, encoded.itemsize * encoded.shape[1]


def main():
    options = parse_arguments(__doc__)
    n_rows, rounds = (500, 1) if options.tiny else (N_ROWS, 15)
    lines, faster, slower = [], [], []
    for shape in SHAPES:
        calls, n_bytes = make_epochs(n_rows, *shape)
        seconds = alternate(calls, rounds)
        steps = -(-n_rows // BATCH_SIZE)
        times = [1e6 * seconds[name] / steps for name in calls]
        faster.append(times[1] / times[0])
        slower.append(times[0] / times[2])
        cells = [f"{time:.0f}" for time in times]
        ratios = [f"{faster[-1]:.2f}", f"{slower[-1]:.2f}"]
        lines.append([*map(str, shape), *cells, *ratios, n_bytes])
    means = [f"{geometric_mean(ratios):.2f}" for ratios in (faster, slower)]
    lines.append(["geometric mean", *[""] * 5, *means, ""])
    heads = ["numbers", "categories", "hidden", "structured, µs a step"]
    heads += ["dense code, µs", "plain, µs", "faster than dense", "times plain"]
    heads += ["bytes of a row"]
    text = (
        f"Microseconds of a training step with batches of {BATCH_SIZE} rows and "
        f"{N_CLASSES} classes. A number has {N_BINS} bins,\nand a category {N_LEVELS} "
        "levels. 'Structured' looks them up in the knot table, 'dense code' is one "
        "wide\ndense matrix, and 'plain' has the raw columns alone. All three use the "
        "same kernels. Medians of\nalternating turns.\n\n"
        f"{markdown_table(heads, lines)}\n\n{describe()}"
    )
    publish("encoded", "Training with knots", text, options)


if __name__ == "__main__":
    main()
