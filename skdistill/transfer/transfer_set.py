"""The transfer set: the rows that the student is trained on, with their targets."""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse

from skdistill.common.labels import is_labelled

# Greatest weight of all rows without labels, in multiples of that of all labelled rows.
# It is for dense rows alone: each text has words that no other has, so that labels of a
# few rows hardly tell about the others.
_MOST_UNLABELED = 3.0


class Scales(NamedTuple):
    """Scales of the weights of given rows, which bring their mean to 1.

    They are learned from some rows. Other rows that come from the same source are
    weighed by them too.

    Attributes
    ----------
    unit : float
        Weight that divides all weights at first.
    unlabeled : float
        Factor of rows without labels.
    mean : float
        Mean weight after both.
    """

    unit: float
    unlabeled: float
    mean: float

    @classmethod
    def of(cls, weight, labelled, is_sparse, unit=1.0):
        """Return the scales of weights.

        Parameters
        ----------
        weight : ndarray of shape (n_rows,)
        labelled : ndarray of shape (n_rows,), bool
            Whether a row has a label.
        is_sparse : bool
            Whether the rows are sparse.
        unit : float, default=1.0
            Weight that divides all weights at first.
        """
        weight, factor = weight / unit, 1.0
        if labelled.any() and not is_sparse:
            # Otherwise many rows without labels would outweigh the labelled ones.
            most = _MOST_UNLABELED * weight[labelled].sum()
            factor = min(1.0, most / max(weight[~labelled].sum(), 1e-300))
        return cls(unit, factor, np.where(labelled, weight, weight * factor).mean())

    def scaled(self, weight, labelled):
        """Return weights that are scaled."""
        weight = weight / self.unit
        return np.where(labelled, weight, weight * self.unlabeled) / self.mean


class TransferSet(NamedTuple):
    """Rows with soft targets, and labels if they have any.

    Attributes
    ----------
    task : Task
        Task that gives the targets their meaning.
    X : ndarray or CSR of shape (n_rows, n_columns), float32
        Encoded rows, as the network takes them.
    targets : ndarray of shape (n_rows, n_targets)
        Soft targets. For classes they are logits of the teacher.
    labels : ndarray of shape (n_rows,) or (n_rows, n_targets)
        Labels as the task encodes them: see `is_labelled`.
    soft_weight : ndarray of shape (n_rows,)
        Weight of the soft term of a row's loss.
    hard_weight : ndarray of shape (n_rows,)
        Weight of the hard term of a row's loss, 0 for a row without a label.
    n_real : int
        Number of given rows. The synthetic rows follow them.
    groups : ndarray of shape (n_real,), int, or None, default=None
        Number of the group of each given row, if rows of a group belong together.
    """

    task: Any
    X: Any
    targets: np.ndarray
    labels: np.ndarray
    soft_weight: np.ndarray
    hard_weight: np.ndarray
    n_real: int
    groups: np.ndarray | None = None

    @property
    def n_rows(self):
        """Number of rows."""
        return self.X.shape[0]

    @property
    def is_labelled(self):
        """Whether each row has a label."""
        return is_labelled(self.labels)

    @property
    def weights(self):
        """Weights of the rows, with both terms of their loss."""
        return self.hard_weight + self.soft_weight

    @property
    def n_targets(self):
        """Number of targets of a row."""
        return self.targets.shape[1]

    def hard_term(self, rows):
        """Return some of the rows, with the hard term of their loss alone."""
        return TransferSet(
            self.task,
            self.X[rows],
            self.targets[rows],
            self.labels[rows],
            np.zeros(len(rows)),
            self.hard_weight[rows],
            len(rows),
        )

    def calibrated(self, calibration):
        """Return the same rows with the teacher's answers calibrated.

        Parameters
        ----------
        calibration : Temperature or SlopeAndOffset
        """
        return self._replace(targets=calibration.apply(self.targets))

    def blended(self, rows, targets, share):
        """Return the same rows, with other soft targets mixed into those of some rows.

        Probabilities of these rows become a weighted geometric mean of both, and
        numbers a weighted mean.

        Parameters
        ----------
        rows : ndarray of shape (n,), int
            Row numbers of the rows that are changed.
        targets : ndarray of shape (n, n_targets)
            Other soft targets of these rows.
        share : float
            Share of the teacher's.
        """
        mixed = self.targets.copy()
        mixed[rows] = share * mixed[rows] + (1.0 - share) * targets
        return self._replace(targets=mixed)

    def with_soft_share(self, share):
        """Return the same rows, with another share of the soft term in labelled ones.

        A labelled row without a soft term has none after it either: its teacher
        abstains.
        """
        changed = self.is_labelled & (self.soft_weight > 0.0)
        weights = self.weights
        return self._replace(
            soft_weight=np.where(changed, share * weights, self.soft_weight),
            hard_weight=np.where(changed, (1.0 - share) * weights, self.hard_weight),
        )

    def without_teacher(self):
        """Return the labelled rows, with the hard term of their loss alone."""
        return self.selected(np.flatnonzero(self.is_labelled), soft_share=0.0)

    def selected(self, rows, soft_share):
        """Return some of the rows, with another share of the soft term.

        Parameters
        ----------
        rows : ndarray of shape (n,), int
            Row numbers.
        soft_share : float
            Share of the soft term in the weight of each row. The hard term gets the
            rest.
        """
        weight = self.weights[rows]
        return TransferSet(
            self.task,
            self.X[rows],
            self.targets[rows],
            self.labels[rows],
            soft_share * weight,
            (1.0 - soft_share) * weight,
            rows.size,
            None if self.groups is None else self.groups[rows],
        )


def make_transfer_set(
    task,
    X,
    logits,
    labels,
    sample_weight,
    distillation_weight,
    confidence=None,
    scales=None,
):
    """Make the transfer set of the given rows: weigh both terms of their loss.

    Parameters
    ----------
    task : Task
    X : ndarray of shape (n_rows, n_columns)
        Encoded rows.
    logits : ndarray of shape (n_rows, n_classes)
        Logits of the teacher.
    labels : ndarray of shape (n_rows,), int
        Labels as column numbers. A row without a label has -1, and the soft term alone,
        at full weight.
    sample_weight : ndarray of shape (n_rows,)
        Weights above 0. They are scaled to a mean of 1. If the rows are dense, the
        weights of those without labels are first reduced, if their sum is more than
        three times that of the labelled rows.
    distillation_weight : float
        Share of the soft term for a labelled row.
    confidence : ndarray of shape (n_rows,) or None, default=None
        Factor of this share, from 0 to 1. None stands for 1.
    scales : Scales or None, default=None
        Scales of the weights. None for those of these rows: see `scales_of_weights`.

    Returns
    -------
    transfer_set : TransferSet
    """
    labelled = is_labelled(labels)
    if scales is None:
        scales = scales_of_weights(sample_weight, labels, X)
    weight = scales.scaled(sample_weight, labelled)
    if confidence is not None:
        distillation_weight = distillation_weight * confidence
    share = np.where(labelled, distillation_weight, 1.0)
    return TransferSet(
        task, X, logits, labels, share * weight, (1.0 - share) * weight, len(labels)
    )


def scales_of_weights(sample_weight, labels, X):
    """Return the scales by which given rows are weighed: see `make_transfer_set`."""
    unit = sample_weight.max()
    return Scales.of(sample_weight, is_labelled(labels), issparse(X), unit)


def with_synthetic(transfer_set, X, logits):
    """Append synthetic rows, which have no label. Their mean weight is 1.

    Parameters
    ----------
    transfer_set : TransferSet
        Given rows.
    X : ndarray of shape (n_synthetic, n_columns)
        Encoded rows.
    logits : ndarray of shape (n_synthetic, n_classes)
        Logits of the teacher.

    Returns
    -------
    transfer_set : TransferSet
    """
    weight = np.ones(len(logits))
    no_labels = transfer_set.task.encode_labels(None, weight.size)
    return TransferSet(
        transfer_set.task,
        np.concatenate([transfer_set.X, X]),
        np.concatenate([transfer_set.targets, logits]),
        np.concatenate([transfer_set.labels, no_labels]),
        np.concatenate([transfer_set.soft_weight, weight]),
        np.concatenate([transfer_set.hard_weight, np.zeros(weight.size)]),
        transfer_set.n_real,
        transfer_set.groups,
    )


def weighted_by_class(transfer_set, factors, scales=None):
    """Multiply the weights of rows by factors of their classes.

    The factor of a label applies to both terms, so the share of the soft term is the
    same in each row. A row without a label gets the mean factor of the teacher's
    answer, and the answer is weighted too: see `Task.weigh_answers`. Then the weights
    are scaled as before.

    Parameters
    ----------
    transfer_set : TransferSet
    factors : object
        Factors of the weights of rows by their class: see `Task.row_factors`.
    scales : Scales or None, default=None
        Scales of the weights of given rows. None for those of these rows: see
        `scales_of_classes`.

    Returns
    -------
    transfer_set : TransferSet
    """
    targets, n_real = transfer_set.targets, transfer_set.n_real
    labelled = transfer_set.is_labelled
    weighed, weight = _weighed_by_class(transfer_set, factors)
    if weighed is targets and scales is None and (weight == 1.0).all():
        return transfer_set
    before = transfer_set.weights
    given, synthetic = np.split(weight * before, [n_real])
    if scales is None:
        scales = Scales.of(given, labelled[:n_real], issparse(transfer_set.X))
    given = scales.scaled(given, labelled[:n_real])
    if synthetic.size:
        synthetic = synthetic / synthetic.mean()
    change = np.concatenate([given, synthetic]) / before
    return transfer_set._replace(
        targets=np.where(labelled[:, np.newaxis], targets, weighed),
        soft_weight=transfer_set.soft_weight * change,
        hard_weight=transfer_set.hard_weight * change,
    )


def scales_of_classes(transfer_set, factors):
    """Return the scales by which `weighted_by_class` weighs given rows.

    Parameters
    ----------
    transfer_set : TransferSet
        Rows without synthetic ones.
    factors : object
        Factors of the weights of rows by their class.

    Returns
    -------
    scales : Scales or None
        None if all factors are 1, so that the weights stay as they are.
    """
    weighed, weight = _weighed_by_class(transfer_set, factors)
    if weighed is transfer_set.targets and (weight == 1.0).all():
        return None
    before = transfer_set.weights
    labelled = transfer_set.is_labelled
    return Scales.of(weight * before, labelled, issparse(transfer_set.X))


def _weighed_by_class(transfer_set, factors):
    """Return targets that are weighed by class, and the factor of each row."""
    task, labels = transfer_set.task, transfer_set.labels
    weighed, weight = task.weigh_answers(transfer_set.targets, factors)
    labelled = transfer_set.is_labelled
    weight[labelled] = task.weigh_labels(labels[labelled], factors)
    return weighed, weight
