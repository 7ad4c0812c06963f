"""A training problem in the form of the kernels and in that of the oracle."""

import numpy as np
from numba import config

from skdistill.kernels.layers.layout import aligned_zeros
from skdistill.kernels.layers.workspace import Optimizer, make_workspace
from skdistill.student.code_rows import NO_CODES, CodeRows
from skdistill.student.network import Network
from skdistill.tasks.classes import Classification
from skdistill.tasks.soft_targets import centred_logits, soften, teacher_logits
from skdistill.training.plan import TrainingPlan
from skdistill.training.records import make_objective, make_records
from skdistill.transfer.transfer_set import make_transfer_set, weighted_by_class
from tests import oracle

# Without compilation the kernels run in double precision, where a numerical
# derivative can be told from a wrong one.
DTYPE = np.float64 if config.DISABLE_JIT else np.float32

OPTIONS = TrainingPlan(
    loss="kl",
    activation="relu",
    temperature=1.0,
    learning_rate_init=0.01,
    batch_size=16,
    max_iter=1,
    weight_decay=0.0,
    synthetic_share=0.0,
    early_stopping=False,
    validation_fraction=0.1,
    n_iter_no_change=10,
    tol=1e-4,
    verbose=False,
)


class Problem:
    """Random rows, targets and weights for a network of given units.

    The first of the units are inputs that are numbers. Beside them the rows have
    a feature with knots for each of `bins` and a category for each of `levels`;
    `X` and the first of `coefs` are those of the dense code.
    """

    def __init__(
        self, units, n_rows=23, seed=0, labelled=True, bins=(), levels=(), **options
    ):
        rng = oracle.RNG(seed)
        self.options = OPTIONS._replace(**options)
        n_classes = max(2, units[-1])
        self.units = units
        numbers = rng.normal(size=(n_rows, units[0]))
        codes, dense, self.code_rows = make_codes(n_rows, bins, levels, rng)
        self.X = np.hstack([numbers, dense])
        self.labels = rng.integers(n_classes, size=n_rows)
        self.probabilities = rng.dirichlet(np.ones(n_classes), size=n_rows)
        self.transfer_set = make_transfer_set(
            Classification(np.arange(n_classes)),
            np.hstack([numbers, codes]),
            teacher_logits(self.probabilities),
            self.labels if labelled else np.full(n_rows, -1),
            rng.uniform(0.5, 2.0, size=n_rows),
            0.6,
        )
        if labelled:
            factors = rng.uniform(0.5, 2.0, size=n_classes)
            self.transfer_set = weighted_by_class(self.transfer_set, factors)
        dense_units = (self.X.shape[1], *units[1:])
        self.coefs, self.intercepts = oracle.random_network(dense_units, seed)
        self.coefs[0][units[0] :][~self.code_rows.seen] = 0.0
        self.network = Network(units, self.code_rows)
        self.network.assign(
            [self.coefs[0][: units[0]], *self.coefs[1:]], self.intercepts
        )
        self.network.code_weights[...] = self.coefs[0][units[0] :]
        records = make_records(self.network, self.transfer_set, self.options)
        workspace = make_workspace(
            self.network.layout, n_classes, n_classes, records.shape[1]
        )
        self.objective = make_objective(self.transfer_set, self.options)
        self.order = np.arange(n_rows, dtype=np.int32)
        self.optimizer = Optimizer(
            self.network.parameters,
            *(aligned_zeros(self.network.parameters.size) for _ in range(3)),
        )
        self.records, self.workspace = records, workspace
        self.knot_table = self.network.knot_table
        if np.float64 == DTYPE:
            self._use_double_precision()

    def _use_double_precision(self):
        self.records = self.records.astype(DTYPE)
        self.workspace = _doubled(self.workspace)
        self.knot_table = _doubled(self.knot_table)
        self.optimizer = Optimizer(*(part.astype(DTYPE) for part in self.optimizer))
        self.objective = self.objective._replace(
            temperature=DTYPE(self.options.temperature)
        )

    @property
    def targets(self):
        """Teacher probabilities at the temperature, or teacher logits."""
        logits = teacher_logits(self.probabilities)
        if self.options.loss == "kl":
            return soften(logits, self.options.temperature)
        return centred_logits(logits, first_is_zero=logits.shape[1] == 2)

    def loss_arguments(self):
        """The arguments of the oracle's losses after the logits."""
        return (
            self.targets,
            self.labels,
            self.transfer_set.soft_weight,
            self.transfer_set.hard_weight,
            self.options.temperature,
            self.options.loss,
        )

    def oracle_losses(self, coefs=None, intercepts=None):
        """Return the losses of all rows by the oracle."""
        sums = oracle.forward(
            self.X,
            self.coefs if coefs is None else coefs,
            self.intercepts if intercepts is None else intercepts,
            self.options.activation,
        )
        return oracle.row_losses(oracle.all_logits(sums), *self.loss_arguments())

    def unpack(self, flat):
        """Return weights and biases of a flat array, as those of the dense code."""
        network = Network(self.units, self.code_rows)
        network.parameters[:] = flat
        first = np.vstack([network.weights[0], network.code_weights])
        return [first, *network.weights[1:]], network.biases


def make_codes(n_rows, bins, levels, rng):
    """Return codes of random rows, their dense code, centred, and its rows.

    Every second feature with knots misses in some rows; the others, and the last
    level of each category, in none.
    """
    if not bins and not levels:
        return np.zeros((n_rows, 0)), np.zeros((n_rows, 0)), NO_CODES
    codes, dense, table, positions = [], [], [], []
    for feature, n_bins in enumerate(bins):
        place = rng.uniform(0, n_bins, n_rows).astype(np.float32).astype(np.float64)
        place[: n_bins + 1] = np.arange(n_bins + 1)[:n_rows]
        missing = (rng.random(n_rows) < 0.2) & (feature % 2 == 1)
        knots = np.sort(rng.normal(size=n_bins + 1)).astype(np.float32)
        columns = [np.interp(place, np.arange(n_bins + 1), knots)]
        columns += [np.clip(place - t, 0, 1) for t in range(n_bins)]
        dense.append(np.column_stack([*columns, missing]) * 1.0)
        dense[-1][missing, :-1] = 0.0
        codes.append(np.where(missing, n_bins + 1, place))
        positions += [*knots, 0.0]
        table.append((n_bins, n_bins + 2))
    for n_levels in levels:
        place = rng.integers(n_levels, size=n_rows)
        dense.append(np.eye(n_levels + 1)[place])
        codes.append(place)
        positions += [0.0] * (n_levels + 1)
        table.append((0, n_levels + 1))
    table, dense = np.array(table), np.hstack(dense)
    starts = np.cumsum(table[:, 1]) - table[:, 1]
    shares = dense.mean(axis=0)
    rows = CodeRows(
        np.column_stack([starts, table]).astype(np.int64),
        np.array(positions, dtype=np.float32),
        shares.astype(np.float32),
    )
    return np.column_stack(codes), (dense - rows.shares) * rows.seen, rows


def _doubled(arrays):
    """Return a tuple of arrays in double precision, indices as they are."""
    return type(arrays)(
        *(a if a.dtype.kind == "i" else a.astype(DTYPE) for a in arrays)
    )
