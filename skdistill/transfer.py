"""The transfer set: the rows that the student trains on, with their targets."""

from typing import NamedTuple

import numpy as np

# The share of a uniform distribution that is mixed into a teacher's: forests
# give exact zeros, whose logarithm no student could reach.
SMOOTHING = 1e-3


class TransferSet(NamedTuple):
    """Rows with soft targets, and hard labels where there are any.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features)
        The student's input, not standardised.
    teacher_proba : ndarray of shape (n_rows, n_classes)
        Class probabilities of the teacher.
    labels : ndarray of shape (n_rows,), int, or None
        Numbers of columns; None where no row has a label.
    soft_weight : ndarray of shape (n_rows,)
        Weight of the soft term of a row's loss.
    hard_weight : ndarray of shape (n_rows,)
        Weight of the hard term.
    """

    X: np.ndarray
    teacher_proba: np.ndarray
    labels: np.ndarray | None
    soft_weight: np.ndarray
    hard_weight: np.ndarray

    @property
    def n_rows(self):
        """Number of rows."""
        return self.X.shape[0]

    @property
    def n_classes(self):
        """Number of classes."""
        return self.teacher_proba.shape[1]


def make_transfer_set(
    X, teacher_proba, labels, sample_weight, distillation_weight, class_weight
):
    """Weigh the terms of each row's loss.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
    teacher_proba : ndarray of shape (n_rows, n_classes)
    labels : ndarray of shape (n_rows,), int, or None
        Without labels the soft term stands alone, at full weight.
    sample_weight : ndarray of shape (n_rows,)
        Scaled to a mean of 1. Rows of weight 0 are left out.
    distillation_weight : float
        The share of the soft term.
    class_weight : ndarray of shape (n_classes,)
        Factors of the weight of a row with a label, by its class. They apply to
        both terms, so that the share of the soft one is the same in each row.

    Returns
    -------
    transfer_set : TransferSet
    """
    kept = sample_weight > 0
    if not kept.all():
        X, teacher_proba, sample_weight = (
            X[kept],
            teacher_proba[kept],
            sample_weight[kept],
        )
        labels = None if labels is None else labels[kept]
    weight = sample_weight / sample_weight.max()
    if labels is not None:
        weight = weight * class_weight[labels]
    weight = weight / weight.mean()
    if labels is None:
        return TransferSet(X, teacher_proba, None, weight, np.zeros_like(weight))
    return TransferSet(
        X,
        teacher_proba,
        labels,
        distillation_weight * weight,
        (1.0 - distillation_weight) * weight,
    )


def smoothed_log(probabilities):
    """Return ``log((1 - e) p + e / k)``, e being `SMOOTHING`."""
    n_classes = probabilities.shape[1]
    return np.log((1.0 - SMOOTHING) * probabilities + SMOOTHING / n_classes)


def soften(probabilities, temperature):
    """Return teacher probabilities at a temperature.

    The logits of the teacher are ``v = log((1 - e) p + e / k)``, e being
    `SMOOTHING`; the result is ``softmax(v / temperature)`` (Hinton, Vinyals and
    Dean 2015).

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_classes)
    temperature : float
        Above 1 softens, below 1 sharpens.

    Returns
    -------
    softened : ndarray of shape (n_rows, n_classes)
    """
    scaled = smoothed_log(probabilities) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    exponentials = np.exp(scaled)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def teacher_logits(probabilities):
    """Return logits that a student can regress on.

    Probabilities leave a constant open in each row. It is chosen so that the
    logits add up to zero, and for two classes so that the first is zero, as
    the student's is.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_classes)

    Returns
    -------
    logits : ndarray of shape (n_rows, n_classes)
    """
    logits = smoothed_log(probabilities)
    if logits.shape[1] == 2:
        return logits - logits[:, :1]
    return logits - logits.mean(axis=1, keepdims=True)
