"""Comparison of a teacher with students of the labels alone, and its share."""

from scipy.optimize import minimize_scalar

from skdistill.teachers.held_out import on_same_rows

_LEAST_LOSS = 1e-6


def is_worse(teacher, labels_alone):
    """Tell whether a teacher is clearly worse than training on labels alone.

    Parameters
    ----------
    teacher, labels_alone : HeldOutPredictions

    Returns
    -------
    bool
    """
    teacher, labels_alone = on_same_rows(teacher, labels_alone)
    return teacher.is_clearly_worse_than(labels_alone)


def share_of_teacher(teacher, labels_alone):
    """Return the teacher's share in the targets of rows without labels.

    A student of the labels alone has the rest. The model with the smaller loss on
    unseen labels gets the larger share: each share is proportional to the loss of the
    other model.

    Parameters
    ----------
    teacher, labels_alone : HeldOutPredictions
        Predictions of the two models.

    Returns
    -------
    share : float
    """
    # Both losses may be zero.
    loss = teacher.calibrated_loss + _LEAST_LOSS
    other = labels_alone.calibrated_loss + _LEAST_LOSS
    return other / (loss + other)


def best_share(teacher, labels_alone):
    """Return the share of the teacher with the least loss on the same rows.

    The loss of a mix is convex in the share.

    Parameters
    ----------
    teacher, labels_alone : HeldOutPredictions
        Predictions of the two models for the same rows, in the same order.

    Returns
    -------
    share : float
    """

    def loss(share):
        return teacher.loss_of_mix(labels_alone, share)

    return float(minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded").x)
