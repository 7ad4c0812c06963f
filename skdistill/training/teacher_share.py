"""Comparison of a teacher with students of the labels alone, and its share."""

import numpy as np
from scipy.optimize import minimize_scalar

from skdistill.common.log_loss import log_loss
from skdistill.teachers.held_out import on_same_rows

_LEAST_LOSS = 1e-6

# A teacher is worse than labels alone if its calibrated log-loss on held-out labels is
# greater and its accuracy is lower by this difference. If a class has nearly all
# rows, accuracy cannot tell: then the log-loss has to be greater by this share of the
# loss of a constant answer. Either difference has to be more than this many standard
# errors.
_WORSE_LOSS = 0.25
_WORSE_ACCURACY = 0.15
_COMMON_CLASS = 0.9
_STANDARD_ERRORS = 3.0


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
    lost = teacher.calibrated_loss - labels_alone.calibrated_loss
    if lost <= 0.0:
        return False
    if labels_alone.greatest_share > _COMMON_CLASS:
        error = np.hypot(_uncertainty(teacher), _uncertainty(labels_alone))
        least = _WORSE_LOSS * labels_alone.loss_of_shares
        return bool(lost > max(least, _STANDARD_ERRORS * error))
    missed = labels_alone.accuracy - teacher.accuracy
    variances = [
        max(answers.accuracy * (1.0 - answers.accuracy), 0.01) / answers.labels.size
        for answers in (teacher, labels_alone)
    ]
    return missed > max(_WORSE_ACCURACY, _STANDARD_ERRORS * sum(variances) ** 0.5)


def _uncertainty(answers):
    """Return how far the log-loss of a model may be off.

    To the standard error comes the change that one more row would make if the model got
    it wrong as surely as it gets others right. Otherwise a model that is right on a few
    rows would count as known exactly.
    """
    probability = np.exp(-max(answers.calibrated_loss, _LEAST_LOSS))
    wrong_row = -np.log1p(-probability) / (answers.labels.size + 1)
    return np.hypot(answers.standard_error, wrong_row)


def share_of_teacher(teacher, labels_alone):
    """Return the teacher's share in the targets of rows without labels.

    A student of the labels alone has the rest. The model with the smaller log-loss on
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
    """Return the share of the teacher with the least log-loss on the same rows.

    The log-loss of a geometric mean is convex in the share.

    Parameters
    ----------
    teacher, labels_alone : HeldOutPredictions
        Predictions of the two models for the same rows, in the same order.

    Returns
    -------
    share : float
    """
    one, other = (
        predictions.logits / predictions.temperature
        for predictions in (teacher, labels_alone)
    )

    def loss(share):
        mixed = share * one + (1.0 - share) * other
        return log_loss(mixed, teacher.labels, teacher.weights)

    return float(minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded").x)
