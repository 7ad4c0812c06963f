"""Answers of a teacher that were made before, in place of the teacher."""

from typing import Any

import numpy as np

from skdistill.common.sklearn_compat import num_samples
from skdistill.tables.in_memory import in_memory
from skdistill.teachers.answers import check_order, read_answers
from skdistill.teachers.teacher import Teacher


class StoredAnswers(Teacher):
    """Answers for the given rows, which come with `fit`.

    Their columns are in sorted order of the labels, or have the labels as names.

    Parameters
    ----------
    source : str
        Name of this kind of teacher, as the user gave it.
    answers : array-like of shape (n_samples, n_classes) or None, default=None
        The answers. None after `fit`, which does not keep them.
    """

    can_be_asked = False

    def __init__(self, source, answers=None):
        super().__init__(source)
        self.answers = answers

    def answer(self, X: Any) -> np.ndarray:
        """Raise, because the stored answers are for other rows."""
        raise ValueError(
            f"the teacher is {self.source!r} and cannot be asked: it has answers for "
            "the rows given to fit, and for no others"
        )

    def given_answers(self, X: Any, task: Any) -> np.ndarray:
        """Return the answers for the given rows.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows that `fit` was given.
        task : Task
            Task that checks the answers.

        Returns
        -------
        answers : ndarray of shape (n_samples, n_columns)
        """
        given = in_memory(self.answers)
        check_order(given, X, "teacher_proba")
        answers = read_answers(given, "teacher_proba")
        self._named = answers.names_of_classes
        n_samples = num_samples(X)
        self.n_columns = answers.values.size // max(n_samples, 1)
        return task.check_answers(answers, n_samples, "teacher_proba")
