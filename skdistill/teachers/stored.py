"""Answers that were made before, in place of a teacher."""

from typing import Any

import numpy as np

from skdistill.teachers.teacher import Teacher


class StoredAnswers(Teacher):
    """Answers for the given rows, which come with `fit`.

    Parameters
    ----------
    source : str
        The name by which the user asks for it.
    answers : array-like of shape (n_samples, n_classes) or None, default=None
        The answers. None if they are gone, as after `fit`.
    """

    can_be_asked = False

    def __init__(self, source, answers=None):
        super().__init__(source)
        self.answers = answers

    @property
    def classes(self):
        """None: stored answers have the order of the sorted labels."""
        return None

    def answer(self, X: Any) -> np.ndarray:
        """Raise: the answers are for other rows."""
        raise ValueError(
            f"the teacher is {self.source!r}, and cannot be asked: its answers are "
            "those that were given for the rows of fit"
        )

    def given_answers(self, n_samples: int, task: Any) -> np.ndarray:
        """Return the answers for the given rows.

        Parameters
        ----------
        n_samples : int
            Number of these rows.
        task : Task
            The task that checks the answers.

        Returns
        -------
        answers : ndarray of shape (n_samples, n_columns)
        """
        return task.check_answers(self.answers, n_samples, "teacher_proba")
