"""Training a network on a transfer set: epochs, schedule, stopping."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.model_selection import train_test_split

from skdistill.epochs import DenseEpochs, SparseEpochs

# Steps that max_iter="auto" makes up to whole epochs, and the fewest epochs.
AUTO_STEPS = 3000
AUTO_EPOCHS = 10

# The share of all steps in which the learning rate rises to its full value.
_WARM_UP = 0.05


class TrainingOptions(NamedTuple):
    """How to train; the fields are parameters of `DistilledClassifier`."""

    loss: str
    activation: str
    temperature: float
    learning_rate_init: float
    batch_size: int
    max_iter: int
    weight_decay: float
    synthetic_share: float
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: int
    tol: float
    verbose: bool


class History(NamedTuple):
    """What happened in a training.

    Attributes
    ----------
    loss_curve : list of float
        Mean loss of each epoch.
    validation_scores : list of float or None
        Negative mean loss of the held-out rows after each epoch.
    """

    loss_curve: list
    validation_scores: list | None


def train(network, transfer_set, options, random_state):
    """Train a network in place.

    An epoch takes every real row once, and as many synthetic rows as their
    share wants, other ones in the next epoch.

    Parameters
    ----------
    network : Network
        With its initial weights.
    transfer_set : TransferSet
    options : TrainingOptions
    random_state : RandomState

    Returns
    -------
    history : History

    Raises
    ------
    ValueError
        Where the loss or the weights become infinite or NaN.
    """
    real_rows, validation_rows = _split(transfer_set, options, random_state)
    synthetic_rows = _SyntheticRows(
        transfer_set, real_rows.size, options.synthetic_share, random_state
    )
    n_rows = real_rows.size + synthetic_rows.count
    batch_size = min(options.batch_size, n_rows)
    steps = -(-n_rows // batch_size)
    n_steps = options.max_iter * steps
    make = SparseEpochs if issparse(transfer_set.X) else DenseEpochs
    epochs = make(network, transfer_set, options, n_steps)
    stopper = _Stopper(options, network)

    loss_curve = []
    for epoch in range(options.max_iter):
        rows = np.concatenate([real_rows, synthetic_rows.next()])
        rates = schedule(epoch * steps, steps, n_steps) * options.learning_rate_init
        total = epochs.train(
            rows, batch_size, rates, epoch * steps, _seed(random_state)
        )
        loss_curve.append(total / n_rows)
        _check_finite(network, loss_curve, options)
        if options.verbose:
            print(f"Iteration {epoch + 1}, loss = {loss_curve[-1]:.8f}")
        if validation_rows is not None:
            score = -epochs.loss(validation_rows) / validation_rows.size
            if stopper.should_stop(score):
                break
    epochs.finish()
    return History(loss_curve, stopper.finish())


def schedule(first, count, n_steps):
    """Return factors of the learning rate: a linear rise, then half a cosine.

    Parameters
    ----------
    first : int
        Number of the first step, from 0.
    count : int
        Number of steps.
    n_steps : int
        Steps of the whole training.

    Returns
    -------
    factors : ndarray of shape (count,)
        Rise to 1 in the first twentieth of all steps, fall to 0 by the last.
    """
    step = np.arange(first, first + count)
    rise = np.minimum(1.0, (step + 1) / n_steps / _WARM_UP)
    return rise * 0.5 * (1.0 + np.cos(np.pi * step / n_steps))


def auto_epochs(n_rows, batch_size, n_steps=AUTO_STEPS):
    """Return the epochs that make a number of steps, at least 10 of them."""
    steps = -(-n_rows // min(batch_size, n_rows))
    return max(AUTO_EPOCHS, -(-n_steps // steps))


class _SyntheticRows:
    """Deals synthetic rows to the epochs, all once before any twice."""

    def __init__(self, transfer_set, n_real, share, random_state):
        self._rows = np.arange(transfer_set.n_real, transfer_set.n_rows, dtype=np.int32)
        self._random_state = random_state
        wanted = round(n_real * share / (1.0 - share)) if self._rows.size else 0
        self.count = wanted
        self._dealt = self._rows.size

    def next(self):
        """Return the rows of the next epoch."""
        dealt = []
        missing = self.count
        while missing > 0:
            if self._dealt == self._rows.size:
                self._random_state.shuffle(self._rows)
                self._dealt = 0
            # A copy, since the rows may be shuffled before the epoch is full.
            part = self._rows[self._dealt : self._dealt + missing].copy()
            self._dealt += part.size
            missing -= part.size
            dealt.append(part)
        return np.concatenate(dealt) if dealt else self._rows[:0]


class _Stopper:
    """Watches held-out rows and keeps the best weights."""

    def __init__(self, options, network):
        self._options = options
        self._network = network
        self._scores = [] if options.early_stopping else None
        self._best_score = -np.inf
        self._best_parameters = None
        self._epochs_without_gain = 0

    def should_stop(self, score):
        """Note the score of an epoch; tell whether the training is over."""
        self._scores.append(score)
        if self._options.verbose:
            print(f"Validation score: {score:.6f}")
        if score > self._best_score + self._options.tol:
            self._epochs_without_gain = 0
        else:
            self._epochs_without_gain += 1
        if score > self._best_score:
            self._best_score = score
            self._best_parameters = self._network.parameters.copy()
        return self._epochs_without_gain >= self._options.n_iter_no_change

    def finish(self):
        """Put the best weights back; return the scores."""
        if self._best_parameters is not None:
            self._network.parameters[:] = self._best_parameters
        return self._scores


def _split(transfer_set, options, random_state):
    """Return rows to train on and, for early stopping, rows to hold out."""
    rows = np.arange(transfer_set.n_real, dtype=np.int32)
    if not options.early_stopping:
        return rows, None
    held_out = int(np.ceil(options.validation_fraction * rows.size))
    labels = transfer_set.labels[: rows.size]
    counts = np.unique(labels, return_counts=True)[1]
    if counts.min() < 2 or min(held_out, rows.size - held_out) < counts.size:
        labels = None  # Too few rows to have each class on both sides.
    try:
        return train_test_split(
            rows,
            test_size=options.validation_fraction,
            random_state=random_state,
            stratify=labels,
        )
    except ValueError as error:
        raise ValueError(
            f"early_stopping cannot hold out validation_fraction="
            f"{options.validation_fraction} of {rows.size} rows: {error}"
        ) from error


def _seed(random_state):
    """Draw a seed of 64 bits, not zero."""
    high, low = random_state.randint(1, 2**31 - 1, size=2)
    return np.uint64(int(high) << 32 | int(low))


def _check_finite(network, loss_curve, options):
    """Raise where training diverged."""
    if np.isfinite(loss_curve[-1]) and np.isfinite(network.parameters).all():
        return
    raise ValueError(
        f"training diverged in epoch {len(loss_curve)}: the loss is "
        f"{loss_curve[-1]}. learning_rate_init={options.learning_rate_init} is "
        "likely too large; try a tenth of it"
    )
