"""The given rows, with a teacher's answers."""

from typing import Any, NamedTuple

import numpy as np

from skdistill.common.sklearn_compat import safe_indexing

# Number of synthetic rows that the teacher is asked for.
_QUERIES_A_ROW = 5
_FEWEST_QUERIES = 2000
_MOST_QUERIES = 30_000
_QUERY_SECONDS = 10.0


class GivenRows(NamedTuple):
    """The rows that were given, labelled ones first, with the teacher's answers.

    Attributes
    ----------
    X : table of shape (n_rows, n_features)
        Rows as the teacher takes them.
    answers : ndarray of shape (n_rows, n_columns)
        Answers of the teacher.
    labels : ndarray of shape (n_rows,), int
        Labels as the task encodes them, -1 for a row without one.
    weights : ndarray of shape (n_rows,)
        Weights of the rows.
    """

    X: Any
    answers: np.ndarray
    labels: np.ndarray
    weights: np.ndarray

    def with_answers(self, unseen):
        """Return the rows with answers of models that did not see them.

        Parameters
        ----------
        unseen : UnseenRows
        """
        answers = self.answers.copy()
        answers[unseen.rows] = unseen.answers
        return self._replace(answers=answers)

    def with_weight(self):
        """Return the rows that have a weight."""
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
    """Return the number of synthetic rows that a teacher may be asked for.

    Five for each row, at least 2,000, at most 30,000, and no more than the teacher
    answers in about 10 seconds.

    Parameters
    ----------
    n_rows : int
        Number of given rows.
    seconds_a_row : float
        Time of the teacher's answer to a row.

    Returns
    -------
    n_queries : int
    """
    count = min(max(_QUERIES_A_ROW * n_rows, _FEWEST_QUERIES), _MOST_QUERIES)
    return int(min(count, _QUERY_SECONDS / max(seconds_a_row, 1e-9)))
