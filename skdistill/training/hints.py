"""Hints: the lower layers of a student also learn the hidden layer of its teacher.

A network of its own learns the hint. It is made of the student's layers up to the
middle one, and of a linear layer that predicts the standardised values of the teacher's
last hidden layer (Romero et al. 2015). Each epoch of the student's training begins with
epochs of this network. Its lower layers are the student's: it takes their weights, and
then gives them back. So both objectives are learned together. Romero et al. learn the
hint first. With the usual recipe, that start was lost in the training that followed.

The linear layer is left out of the student.
"""

from typing import Any, NamedTuple

import numpy as np

from skdistill.student.network import Network
from skdistill.tasks.hints import HINT_LOSS, HintTask
from skdistill.training.plan import TrainingPlan, middle_layer
from skdistill.transfer.transfer_set import TransferSet


class HintTraining(NamedTuple):
    """The training of a student's lower layers by hints.

    Attributes
    ----------
    network : Network
        The student's layers up to the one that gets the hint, and a linear layer.
    n_shared : int
        Number of layers that belong to the student.
    transfer_set : TransferSet
        Rows of the student, with hints as targets.
    plan : TrainingPlan
    random_state : RandomState
    """

    network: Network
    n_shared: int
    transfer_set: TransferSet
    plan: TrainingPlan
    random_state: np.random.RandomState

    def take(self, student: Network) -> None:
        """Take the weights of the lower layers from the student.

        Parameters
        ----------
        student : Network
        """
        _copy_layers(student, self.network, self.n_shared)

    def give(self, student: Network) -> None:
        """Give the weights of the lower layers to the student.

        Parameters
        ----------
        student : Network
        """
        _copy_layers(self.network, student, self.n_shared)


def make_hint_training(
    hints: Any,
    student_input: Any,
    units: list[int],
    transfer_set: TransferSet,
    plan: TrainingPlan,
    random_state: np.random.RandomState,
) -> HintTraining | None:
    """Make the training by hints that goes along with that of a student.

    Parameters
    ----------
    hints : Hints or None
        Values of the teacher's hidden layer. None if there are none.
    student_input : StudentInput
    units : list of int
        Number of units of the student's hidden layers, and of its output units.
    transfer_set : TransferSet
        Rows of the student.
    plan : TrainingPlan
        Plan of the student's training.
    random_state : RandomState
        Source of the first weights of the linear layer, and of the order of the rows.

    Returns
    -------
    training : HintTraining or None
        None if there are no hints, if no unit of the hidden layer varies, or if the
        student has no hidden layer.
    """
    n_shared = middle_layer(len(units) - 1)
    if hints is None or n_shared == 0:
        return None
    targets = hints.targets()
    if targets.shape[1] == 0:
        return None
    n_rows = transfer_set.n_rows
    rows = transfer_set._replace(
        task=HintTask(),
        targets=targets,
        labels=np.full(n_rows, -1),
        soft_weight=transfer_set.weights,
        hard_weight=np.zeros(n_rows),
    )
    return HintTraining(
        student_input.start([*units[:n_shared], targets.shape[1]], random_state),
        n_shared,
        rows,
        _plan_of_hints(plan, hints.share),
        random_state,
    )


def _plan_of_hints(plan, share):
    """Return the plan of a training that makes a share of all steps."""
    n_epochs = plan.max_iter * share / (1.0 - share)
    return plan._replace(
        loss=HINT_LOSS,
        max_iter=max(1, round(n_epochs)),
        early_stopping=False,
        verbose=False,
    )


def _copy_layers(source, target, n_layers):
    """Copy the weights of the lowest layers of a network into another one."""
    target.code_weights[...] = source.code_weights
    target.sparse_weights[...] = source.sparse_weights
    for layer in range(n_layers):
        target.weights[layer][...] = source.weights[layer]
        target.biases[layer][...] = source.biases[layer]
