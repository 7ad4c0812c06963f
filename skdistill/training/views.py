"""The ways in which given rows may enter a network, and its hidden layers."""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.frozen import FrozenEstimator

from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.learn import learn_input
from skdistill.inputs.monotonic import signs_of
from skdistill.inputs.tabular import TabularInput
from skdistill.inputs.without_knots import without_knots
from skdistill.training.plan import decay_suits_steps, hidden_units


class View(NamedTuple):
    """One of the ways in which given rows may enter a network.

    Attributes
    ----------
    student_input : StudentInput
    X : ndarray or CSR of shape (n_rows, n_columns)
        Given rows, encoded.
    hidden : tuple of int
        Units of the hidden layers.
    """

    student_input: Any
    X: Any
    hidden: tuple[int, ...]

    @property
    def has_knots(self) -> bool:
        """Whether a column is coded among knots."""
        return self.student_input.has_knots

    @property
    def is_convex(self) -> bool:
        """Whether the student is linear on sparse rows: its loss is convex."""
        return not self.hidden and issparse(self.X)

    @property
    def key(self) -> tuple[Any, ...]:
        """Key of a view among those that are compared; folds may choose columns."""
        return self.has_knots, self.hidden, self.X.shape[1]

    def units(self, output: Any) -> list[int]:
        """Return the number of units of each hidden layer, then of output units."""
        return [*self.hidden, output.n_units]

    def network(self, output: Any, random_state: Any, former: Any = None) -> Any:
        """Return a network with its first weights, or with those of a former student.

        Parameters
        ----------
        output : Output
        random_state : RandomState
        former : Student or None, default=None

        Returns
        -------
        network : Network
        """
        if former is None:
            return self.student_input.start(self.units(output), random_state)
        return self.student_input.resume(self.units(output), former)

    def planned(self, plan: Any) -> Any:
        """Return the plan of a training: a convex one has other epochs."""
        return plan.convex() if self.is_convex else plan


def make_views(
    data: Any, parameters: Any, former: Any, recipe: Any, names: Any
) -> list[View]:
    """Return the views to choose from, the usual one first.

    Parameters
    ----------
    data : DistillationData
    parameters : estimator
        Parameters of the fit. They are only read.
    former : FormerFit or None
        Student and encoder of a former fit.
    recipe : Recipe or None
        Recipe of the training, if it is chosen already.
    names : ndarray of str or None
        Names of the columns in messages.

    Returns
    -------
    views : list of View
    """
    X, encoder = data.rows.X, parameters.encoder
    former_encoder = former and former.encoder
    signs = signs_of(parameters)
    student_input, encoded = learn_input(
        X,
        encoder,
        former_encoder=former_encoder,
        sensitivity=data.sensitivity,
        feature_names=names,
        signs=signs,
        texts=data.texts,
        most_bins=data.task.most_bins,
        most_rows=data.task.most_rows_of_weights,
    )
    hidden = tuple(hidden_units(parameters))
    usual = View(student_input, encoded, hidden)
    if issparse(X):
        return _sparse_views(usual, data, parameters, former, recipe)
    is_open = _is_open(encoder) and former_encoder is None
    if not is_open or not usual.has_knots or (recipe and recipe.has_knots):
        return [usual]
    encoder = without_knots(student_input.encoder)
    other = View(*TabularInput.learn(X, encoder, signs), hidden)
    return [usual, other] if recipe is None else [other]


def _is_open(encoder):
    """Tell whether the encoder leaves open whether columns get knots."""
    if isinstance(encoder, str) or encoder is None:
        return encoder is not None
    if isinstance(encoder, FrozenEstimator):
        return False
    usual = TabularEncoder(text=encoder.text, max_terms=encoder.max_terms)
    return encoder.text is not None and encoder.get_params() == usual.get_params()


def _sparse_views(usual, data, parameters, former, recipe):
    """Return a linear view of sparse rows, and the usual one if it may be better."""
    if not is_auto(parameters.hidden_layer_sizes) or parameters.hint_weight > 0:
        return [usual]
    if recipe is not None and recipe.capacity is not None:
        return [usual._replace(hidden=recipe.capacity.hidden_layer_sizes)]
    if former is not None:
        units = tuple(bias.size for bias in former.student.intercepts_[:-1])
        return [usual._replace(hidden=units)]
    linear = usual._replace(hidden=())
    # A network has to learn how columns act together. With more columns than labelled
    # rows, as of texts, rows do not show that.
    n_labelled = np.count_nonzero(data.rows.is_labelled)
    n_seen = np.count_nonzero(usual.student_input.seen)
    linear_alone = n_labelled < n_seen or data.linear_teacher is not None
    if linear_alone or not decay_suits_steps(parameters):
        return [linear]
    return [linear, usual]


def is_auto(hidden_layer_sizes: Any) -> bool:
    """Tell whether the hidden layers are to be chosen."""
    return isinstance(hidden_layer_sizes, str) and hidden_layer_sizes == "auto"
