"""Answers of a teacher that were made before, in place of the teacher."""

from contextlib import nullcontext
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
    """

    can_be_asked = False

    def answer(self, X: Any) -> np.ndarray:
        """Raise, because the stored answers are for other rows."""
        raise ValueError(
            f"the teacher is {self.source!r} and cannot be asked: it has answers for "
            "the rows given to fit, and for no others"
        )

    def given_answers(self, rows: Any, task: Any, within: Any = nullcontext) -> Any:
        """Return the stored answers for rows that come with `fit`."""
        given = in_memory(rows.proba)
        check_order(given, rows.X, rows.name)
        answers = read_answers(given, rows.name)
        if self._named is None:
            self._named = answers.names_of_classes
        n_samples = num_samples(rows.X)
        if self.n_columns is None:
            self.n_columns = answers.values.size // max(n_samples, 1)
        return task.check_answers(answers, n_samples, rows.name)
