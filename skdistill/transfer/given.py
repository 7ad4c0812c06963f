"""The given rows, with a teacher's answers."""

from typing import Any, NamedTuple

import numpy as np

from skdistill.common.sklearn_compat import safe_indexing


class GivenRows(NamedTuple):
    """Given rows, labelled ones first, with the teacher's answers.

    Attributes
    ----------
    X : table of shape (n_rows, n_features)
        Rows as the teacher takes them.
    answers : ndarray of shape (n_rows, n_columns)
        Answers of the teacher.
    labels : ndarray of shape (n_rows,), int
        Labels as the task encodes them, -1 for a row without a label.
    weights : ndarray of shape (n_rows,)
        Weights of the rows.
    groups : ndarray of shape (n_rows,), int, or None, default=None
        Number of the group of each row, if rows of a group belong together.
    """

    X: Any
    answers: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    groups: np.ndarray | None = None

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

    def with_weight(self):
        """Return the rows with a weight above 0."""
        kept = np.flatnonzero(self.weights)
        if kept.size == self.weights.size:
            return self
        return self._replace(
            X=safe_indexing(self.X, kept),
            answers=self.answers[kept],
            labels=self.labels[kept],
            weights=self.weights[kept],
            groups=None if self.groups is None else self.groups[kept],
        )
