"""A training problem in the form of the kernels and in that of the oracle."""

import numpy as np
from numba import config

from skdistill.encoding import Standardization
from skdistill.kernels.dense import Optimizer, make_workspace
from skdistill.kernels.layout import aligned_zeros
from skdistill.network import Network
from skdistill.training import TrainingOptions, make_objective, make_records
from skdistill.transfer import make_transfer_set, soften, teacher_logits
from tests import oracle

# Without compilation the kernels run in double precision, where a numerical
# derivative can be told from a wrong one.
DTYPE = np.float64 if config.DISABLE_JIT else np.float32

OPTIONS = TrainingOptions(
    loss="kl",
    activation="relu",
    temperature=1.0,
    learning_rate_init=0.01,
    batch_size=16,
    max_iter=1,
    weight_decay=0.0,
    early_stopping=False,
    validation_fraction=0.1,
    n_iter_no_change=10,
    tol=1e-4,
    verbose=False,
)


class Problem:
    """Random rows, targets and weights for a network of given units."""

    def __init__(self, units, n_rows=23, seed=0, labelled=True, **options):
        rng = oracle.RNG(seed)
        self.options = OPTIONS._replace(**options)
        n_classes = max(2, units[-1])
        self.X = rng.normal(size=(n_rows, units[0]))
        self.labels = rng.integers(n_classes, size=n_rows)
        self.probabilities = rng.dirichlet(np.ones(n_classes), size=n_rows)
        self.transfer_set = make_transfer_set(
            self.X,
            self.probabilities,
            self.labels if labelled else None,
            rng.uniform(0.5, 2.0, size=n_rows),
            0.6,
            rng.uniform(0.5, 2.0, size=n_classes),
        )
        self.coefs, self.intercepts = oracle.random_network(units, seed)
        self.network = Network.from_arrays(self.coefs, self.intercepts)
        identity = Standardization(
            np.zeros(units[0]), np.ones(units[0]), np.ones(units[0], dtype=bool)
        )
        records, self.constants = make_records(
            self.network, self.transfer_set, identity, self.options
        )
        workspace = make_workspace(self.network.layout, n_classes, records.shape[1])
        self.objective = make_objective(self.options)
        self.order = np.arange(n_rows, dtype=np.int32)
        self.optimizer = Optimizer(
            self.network.parameters,
            *(aligned_zeros(self.network.parameters.size) for _ in range(3)),
        )
        self.records, self.workspace = records, workspace
        if np.float64 == DTYPE:
            self._use_double_precision()

    def _use_double_precision(self):
        self.records = self.records.astype(DTYPE)
        self.workspace = type(self.workspace)(
            *(buffer.astype(DTYPE) for buffer in self.workspace)
        )
        self.optimizer = Optimizer(*(part.astype(DTYPE) for part in self.optimizer))
        self.objective = self.objective._replace(
            temperature=DTYPE(self.options.temperature)
        )

    @property
    def targets(self):
        """Teacher probabilities at the temperature, or teacher logits."""
        if self.options.loss == "kl":
            return soften(self.probabilities, self.options.temperature)
        return teacher_logits(self.probabilities)

    def loss_arguments(self):
        """What the oracle's losses take after the logits."""
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
        """Return weights and biases of a flat array in the kernels' layout."""
        network = Network(
            [self.coefs[0].shape[0], *(bias.size for bias in self.intercepts)]
        )
        network.parameters[:] = flat
        return network.weights, network.biases
