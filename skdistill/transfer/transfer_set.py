"""The transfer set: the rows that the student trains on, with their targets."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from skdistill.common.sklearn_compat import safe_indexing

# The share of a uniform distribution that is mixed into a teacher's: forests
# give exact zeros, whose logarithm no student could reach.
SMOOTHING = 1e-3

_LEAST_FACTOR = 1e-12

# The weight of all rows without labels, as a multiple of that of all with one.
_MOST_UNLABELED = 3.0

# How many synthetic rows the teacher is asked for.
_QUERIES_A_ROW = 5
_FEWEST_QUERIES = 2000
_MOST_QUERIES = 30_000
_QUERY_SECONDS = 10.0


class GivenRows(NamedTuple):
    """The rows that were given, labelled ones first, and what the teacher says.

    Attributes
    ----------
    X : table of shape (n_rows, n_features)
        As the teacher takes it.
    proba : ndarray of shape (n_rows, n_classes)
        Class probabilities of the teacher.
    labels : ndarray of shape (n_rows,), int
        Numbers of columns, -1 where a row has no label.
    weights : ndarray of shape (n_rows,)
    ask : callable or None
        Returns the teacher's probabilities of a table like X; None where it
        cannot be asked.
    seconds : float
        That the teacher took for a row; 0 where it was too fast to tell.
    """

    X: Any
    proba: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    ask: Callable | None
    seconds: float

    def with_answers(self, unseen):
        """Return the rows with a teacher's answers that it gave unseen.

        Parameters
        ----------
        unseen : UnseenRows
        """
        proba = self.proba.copy()
        proba[unseen.rows] = unseen.proba
        return self._replace(proba=proba)

    def with_weight(self):
        """Return the rows that have a weight."""
        kept = np.flatnonzero(self.weights)
        if kept.size == self.weights.size:
            return self
        return self._replace(
            X=safe_indexing(self.X, kept),
            proba=self.proba[kept],
            labels=self.labels[kept],
            weights=self.weights[kept],
        )

    def affordable_queries(self):
        """Return how many synthetic rows the teacher may be asked for.

        Five for each row, at least 2,000, at most 30,000, and no more than it
        answers in about 10 seconds.
        """
        count = min(
            max(_QUERIES_A_ROW * self.labels.size, _FEWEST_QUERIES), _MOST_QUERIES
        )
        return int(min(count, _QUERY_SECONDS / max(self.seconds, 1e-9)))


class Lessons(NamedTuple):
    """All that a fit asks of a teacher: students of any size learn from it.

    Attributes
    ----------
    rows : GivenRows
        Those that have a weight.
    unseen : Answers or None
        Of the teacher, for labelled rows that it was not trained on.
    synthetic : tuple of table and ndarray of shape (n_synthetic, n_classes), or None
        Synthetic rows, and the teacher's probabilities.
    sensitivity : ndarray of shape (n_features,) or None
        How much each column matters to the teacher.
    """

    rows: GivenRows
    unseen: Any
    synthetic: Any
    sensitivity: np.ndarray | None


class TransferSet(NamedTuple):
    """Rows with soft targets, and hard labels where there are any.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_columns), float32
        The student's input, encoded.
    teacher_logits : ndarray of shape (n_rows, n_classes)
        Logits of the teacher.
    labels : ndarray of shape (n_rows,), int
        Numbers of columns, -1 where a row has no label.
    soft_weight : ndarray of shape (n_rows,)
        Weight of the soft term of a row's loss.
    hard_weight : ndarray of shape (n_rows,)
        Weight of the hard term; 0 where a row has no label.
    n_real : int
        Rows that were given; synthetic ones follow them.
    """

    X: np.ndarray
    teacher_logits: np.ndarray
    labels: np.ndarray
    soft_weight: np.ndarray
    hard_weight: np.ndarray
    n_real: int

    @property
    def n_rows(self):
        """Number of rows."""
        return self.X.shape[0]

    @property
    def n_classes(self):
        """Number of classes."""
        return self.teacher_logits.shape[1]

    def hard_term(self, rows):
        """Return some of the rows with the hard term of their loss alone."""
        return TransferSet(
            self.X[rows],
            self.teacher_logits[rows],
            self.labels[rows],
            np.zeros(len(rows)),
            self.hard_weight[rows],
            len(rows),
        )

    def calibrated(self, temperature):
        """Return the same rows with the teacher's logits at a temperature.

        Below 1 where the teacher is less sure than it may be, above 1 where it
        is too sure (Guo et al. 2017).
        """
        logits = self.teacher_logits / np.float32(temperature)
        return self._replace(teacher_logits=logits)

    def blended(self, rows, logits, share):
        """Return the same rows with other logits mixed into those of some.

        Their probabilities become a weighted geometric mean of both.

        Parameters
        ----------
        rows : ndarray of shape (n,), int
        logits : ndarray of shape (n, n_classes)
        share : float
            That the teacher keeps.
        """
        mixed = self.teacher_logits.copy()
        mixed[rows] = share * mixed[rows] + (1.0 - share) * logits
        return self._replace(teacher_logits=mixed)

    def without_teacher(self):
        """Return the rows with labels, the teacher's answers out of account."""
        rows = np.flatnonzero(self.labels >= 0)
        weight = (self.soft_weight + self.hard_weight)[rows]
        return TransferSet(
            self.X[rows],
            self.teacher_logits[rows],
            self.labels[rows],
            np.zeros_like(weight),
            weight,
            rows.size,
        )


def make_transfer_set(
    X, logits, labels, sample_weight, distillation_weight, class_weight
):
    """Weigh the terms of each given row's loss.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns)
    logits : ndarray of shape (n_rows, n_classes)
    labels : ndarray of shape (n_rows,), int
        -1 where a row has no label: there the soft term stands alone, at full
        weight.
    sample_weight : ndarray of shape (n_rows,)
        Above 0; scaled to a mean of 1, those of rows without labels to three
        times the sum of the others at most.
    distillation_weight : float
        The share of the soft term where there is a label.
    class_weight : ndarray of shape (n_classes,)
        Factors of the weight of a row by its class. Where there is a label they
        apply to both terms, so that the share of the soft one is the same in
        each row; for other rows see `weigh_classes`.

    Returns
    -------
    transfer_set : TransferSet
    """
    labelled = labels >= 0
    weight = sample_weight / sample_weight.max()
    weighed, factors = weigh_classes(logits, class_weight)
    weight = weight * np.where(labelled, class_weight[labels], factors)
    logits = np.where(labelled[:, np.newaxis], logits, weighed)
    if labelled.any():
        # Many rows without labels would drown those with one.
        most = _MOST_UNLABELED * weight[labelled].sum()
        weight[~labelled] *= min(1.0, most / max(weight[~labelled].sum(), 1e-300))
    weight = weight / weight.mean()
    share = np.where(labelled, distillation_weight, 1.0)
    return TransferSet(
        X, logits, labels, share * weight, (1.0 - share) * weight, labels.size
    )


def with_synthetic(transfer_set, X, logits, class_weight):
    """Append synthetic rows, which have no label, at a mean weight of 1.

    Parameters
    ----------
    transfer_set : TransferSet
    X : ndarray of shape (n_synthetic, n_columns)
    logits : ndarray of shape (n_synthetic, n_classes)
    class_weight : ndarray of shape (n_classes,)
        See `weigh_classes`.

    Returns
    -------
    transfer_set : TransferSet
    """
    logits, weight = weigh_classes(logits, class_weight)
    weight = weight / weight.mean()
    return TransferSet(
        np.concatenate([transfer_set.X, X]),
        np.concatenate([transfer_set.teacher_logits, logits]),
        np.concatenate([transfer_set.labels, np.full(weight.size, -1)]),
        np.concatenate([transfer_set.soft_weight, weight]),
        np.concatenate([transfer_set.hard_weight, np.zeros(weight.size)]),
        transfer_set.n_real,
    )


def weigh_classes(logits, class_weight):
    """Apply class weights to rows whose class only the teacher knows.

    A row that is of class c with probability q_c counts as q_c rows of each
    class: its weight is the mean factor ``sum(q * f)``, and its target is
    proportional to ``q * f``.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    class_weight : ndarray of shape (n_classes,)

    Returns
    -------
    logits : ndarray of shape (n_rows, n_classes)
    weight : ndarray of shape (n_rows,)
    """
    if (class_weight == 1.0).all():
        return logits, np.ones(len(logits))
    weight = soften(logits, 1.0) @ class_weight
    # A factor of zero has no logarithm.
    shift = np.log(np.maximum(class_weight, _LEAST_FACTOR)).astype(logits.dtype)
    return logits + shift, weight


def teacher_logits(probabilities):
    """Return a teacher's logits, ``log((1 - e) p + e / k)``, e being `SMOOTHING`.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_classes)

    Returns
    -------
    logits : ndarray of shape (n_rows, n_classes), float32
    """
    n_classes = probabilities.shape[1]
    smoothed = (1.0 - SMOOTHING) * probabilities + SMOOTHING / n_classes
    return np.log(smoothed).astype(np.float32)


def soften(logits, temperature):
    """Return ``softmax(logits / temperature)`` (Hinton, Vinyals and Dean 2015).

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    temperature : float
        Above 1 softens, below 1 sharpens.

    Returns
    -------
    softened : ndarray of shape (n_rows, n_classes), float64
    """
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    exponentials = np.exp(scaled)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def centred_logits(logits):
    """Return logits that a student can regress on.

    Probabilities leave a constant open in each row. It is chosen so that the
    logits add up to zero, and for two classes so that the first is zero, as
    the student's is.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)

    Returns
    -------
    logits : ndarray of shape (n_rows, n_classes)
    """
    if logits.shape[1] == 2:
        return logits - logits[:, :1]
    return logits - logits.mean(axis=1, keepdims=True)
