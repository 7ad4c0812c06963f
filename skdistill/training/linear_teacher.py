"""A linear student of sparse rows whose teacher is linear too.

The teacher's weights, divided by its temperature, are a student that needs no training.
"""

from typing import Any

from skdistill.tasks.exact_loss import MeanLoss
from skdistill.training.history import History


def may_copy_teacher(view: Any, data: Any, parameters: Any) -> bool:
    """Tell whether the weights of a linear teacher may be a student as they are.

    Parameters
    ----------
    view : View
    data : DistillationData
    parameters : estimator
        Parameters of the fit. They are only read.

    Returns
    -------
    bool
        False if the user asks for a loss that these weights do not minimise: by a
        decay, class weights, early stopping, or no soft term.
    """
    return (
        view.is_convex
        and data.linear_teacher is not None
        and parameters.distillation_weight != 0
        and parameters.weight_decay == "auto"
        and getattr(parameters, "class_weight", None) is None
        and not parameters.early_stopping
    )


def copies_teacher(
    view: Any, data: Any, parameters: Any, recipe: Any, former: Any
) -> bool:
    """Tell whether the student takes the weights of a linear teacher as they are.

    Parameters
    ----------
    view : View
    data : DistillationData
    parameters : estimator
        Parameters of the fit. They are only read.
    recipe : Recipe
    former : FormerFit or None

    Returns
    -------
    bool
        False if `may_copy_teacher` is, if a former student is trained on, or if the
        teacher is left out.
    """
    may_copy = may_copy_teacher(view, data, parameters)
    return may_copy and former is None and recipe.follows_teacher


def copy_teacher(
    network: Any, model: Any, calibration: Any, transfer_set: Any, plan: Any
) -> History:
    """Put the weights of a linear teacher into a network.

    Parameters
    ----------
    network : Network
    model : LinearModel
    calibration : Temperature or SlopeAndOffset
        Calibration of the teacher's answers.
    transfer_set : TransferSet
        Rows whose loss the history tells.
    plan : TrainingPlan

    Returns
    -------
    history : History
        History without a step.
    """
    weights, biases = calibration.of_linear(model.weights, model.biases)
    network.sparse_weights[...] = weights
    network.biases[0][...] = biases
    loss_of = MeanLoss(transfer_set, slice(None), plan.loss, plan.temperature)
    logits = transfer_set.X @ network.sparse_weights + network.biases[0]
    loss, _ = loss_of(logits.astype(float))
    return History([loss], None, None, None, None, 0)
