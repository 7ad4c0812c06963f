"""The given rows, with a teacher's answers."""

from typing import Any, NamedTuple

import numpy as np

from skdistill.common.labels import is_labelled
from skdistill.common.sklearn_compat import safe_indexing


class GivenRows(NamedTuple):
    """Given rows, labelled ones first, with the teacher's answers.

    Attributes
    ----------
    X : table of shape (n_rows, n_features)
        Rows as the teacher takes them.
    answers : ndarray of shape (n_rows, n_columns)
        Answers of the teacher.
    labels : ndarray of shape (n_rows,) or (n_rows, n_targets)
        Labels as the task encodes them: see `is_labelled`.
    weights : ndarray of shape (n_rows,)
        Weights of the rows.
    groups : ndarray of shape (n_rows,), int, or None, default=None
        Number of the group of each row, if rows of a group belong together.
    confidence : ndarray of shape (n_rows,)
        Factor of the soft term of each row, from 0, where the teacher has no answer, to
        1. None stands for 1.
    hidden : ndarray of shape (n_rows, n_units), float32, or None, default=None
        Hidden layer of the teacher, if the student learns it too.
    """

    X: Any
    answers: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    groups: np.ndarray | None = None
    confidence: Any = None
    hidden: np.ndarray | None = None

    @property
    def is_labelled(self):
        """Whether each row has a label."""
        return is_labelled(self.labels)

    def with_answers(self, unseen):
        """Return the rows with other answers for some of them.

        Parameters
        ----------
        unseen : UnseenRows
            Answers of models that have not seen these rows.
        """
        answers = self.answers.copy()
        answers[unseen.rows] = unseen.answers
        return self._replace(answers=answers)

    def with_confidence(self, confidence):
        """Return the rows with another factor of confidence for those without labels.

        Parameters
        ----------
        confidence : ndarray of shape (n_rows,)
            Factor by which the confidence of a row without a label is multiplied.
        """
        factors = np.where(self.is_labelled, 1.0, confidence)
        return self._replace(confidence=self.confidence * factors)

    def with_weight(self):
        """Return the rows with a weight above 0.

        The weight of a row without a label is that of its soft term alone.
        """
        if self.confidence is not None:
            factors = np.where(self.is_labelled, 1.0, self.confidence)
            if (factors != 1.0).any():
                self = self._replace(weights=self.weights * factors)
        kept = np.flatnonzero(self.weights)
        if kept.size == self.weights.size:
            return self
        return self._replace(
            X=safe_indexing(self.X, kept),
            answers=self.answers[kept],
            labels=self.labels[kept],
            weights=self.weights[kept],
            groups=None if self.groups is None else self.groups[kept],
            confidence=None if self.confidence is None else self.confidence[kept],
            hidden=None if self.hidden is None else self.hidden[kept],
        )
