"""The given rows, with a teacher's answers."""

from typing import Any, NamedTuple

import numpy as np

from skdistill.common.sklearn_compat import safe_indexing

# Limits on the number of synthetic rows that the teacher is asked about.
_QUERIES_A_ROW = 5
_FEWEST_QUERIES = 2000
_MOST_QUERIES = 30_000
_QUERY_SECONDS = 10.0


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
    """

    X: Any
    answers: np.ndarray
    labels: np.ndarray
    weights: np.ndarray

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
        )


def affordable_queries(n_rows, seconds_a_row):
    """Return the number of synthetic rows that a teacher can be asked about.

    It is five for each given row, at least 2,000 and at most 30,000. It is fewer if the
    teacher would take more than about 10 seconds to answer.

    Parameters
    ----------
    n_rows : int
        Number of given rows.
    seconds_a_row : float
        Time in which the teacher answers for a row.

    Returns
    -------
    n_queries : int
    """
    count = min(max(_QUERIES_A_ROW * n_rows, _FEWEST_QUERIES), _MOST_QUERIES)
    return int(min(count, _QUERY_SECONDS / max(seconds_a_row, 1e-9)))
