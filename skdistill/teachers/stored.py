"""Answers of a teacher that were made before, in place of the teacher."""

from contextlib import nullcontext
from typing import Any

import numpy as np

from skdistill.common.labels import classes_by_name
from skdistill.common.sklearn_compat import num_samples
from skdistill.tables.in_memory import in_memory
from skdistill.teachers.answers import check_order, column_names, read_answers
from skdistill.teachers.teacher import Teacher


class StoredAnswers(Teacher):
    """Answers for the given rows, which come with `fit`.

    Their columns are in sorted order of the labels, or have the labels as names.

    Parameters
    ----------
    source : str
        Name of this kind of teacher, as the user gave it.
    rows : CheckedRows or None, default=None
        Rows of the user. The names of their stored answers are classes, too, if y holds
        some of them alone.
    """

    can_be_asked = False

    def __init__(self, source, rows=None):
        super().__init__(source)
        self._classes = None
        if rows is not None and np.ndim(rows.y) == 1:
            names = column_names(in_memory(rows.given.proba))
            if names is not None and len(names) > 1:
                self._classes = classes_by_name(rows.y, names)

    def _find_classes(self):
        """Return the names of the columns, if y lacks some of these classes."""
        return self._classes

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
        answers = read_answers(given, rows.name, task.kind)
        if self._named is None:
            self._named = answers.names_of_classes
        n_samples = num_samples(rows.X)
        if self.n_columns is None:
            self.n_columns = answers.values.size // max(n_samples, 1)
        answers = answers._replace(numbers=rows.numbers, n_passed=rows.n_passed)
        return task.check_answers(answers, n_samples, rows.name)
