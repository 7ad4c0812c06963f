"""Columns of a student's answers in a file of scores, for each kind of its output."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from skdistill.student.student import Student

PREDICTION = "predict"
PROBABILITY = "predict_proba_{}"

# Two probabilities of a row that are nearer, relative to the greater, may have changed
# their order when they were rounded.
_NEAR = 2e-6


class ScoredRows(NamedTuple):
    """Answers to some rows.

    Attributes
    ----------
    codes : ndarray of shape (n_rows,) or None
        Index of the label of each row. None without labels.
    columns : sequence of ndarray of shape (n_rows,)
        Numbers of each row, a column each.
    """

    codes: NDArray[np.intp] | None
    columns: Sequence[NDArray[Any]]


class AnswerColumns(Protocol):
    """Columns of the answers of a student.

    Attributes
    ----------
    names : list of str
        Names of the columns.
    labels : ndarray or None
        Labels, of which the first column holds one a row. None if all columns hold
        numbers.
    """

    names: list[str]
    labels: NDArray[Any] | None

    def of(self, rows: Any) -> ScoredRows:
        """Return the answers to rows, as the student takes them."""


class ClassColumns:
    """The class of each row, and a probability for each class."""

    def __init__(self, student: Student) -> None:
        self._student, self.labels = student, student.classes_
        self._output: Any = student.output
        names = map(PROBABILITY.format, self.labels.tolist())
        self.names = [PREDICTION, *names]

    def of(self, rows: Any) -> ScoredRows:
        """Return classes and probabilities."""
        student = self._student
        proba = student.predict_proba(rows)
        codes = proba.argmax(axis=1)
        near = proba >= (1 - _NEAR) * proba.max(axis=1, keepdims=True)
        if np.count_nonzero(near) > len(near):
            # The logits decide, as in `Student.predict`.
            codes = self._output.decided(student.decision_function(rows))
        return ScoredRows(codes, [*np.ascontiguousarray(proba.T)])


class NumberColumns:
    """The number of each row. Several targets and quantiles have a column each."""

    labels = None

    def __init__(self, student: Student) -> None:
        self._student = student
        output: Any = student.output
        self.names = [PREDICTION]
        if output.quantiles is not None or not output.is_flat:
            names = output.quantiles or range(output.n_columns)
            self.names = [f"{PREDICTION}_{name}" for name in names]

    def of(self, rows: Any) -> ScoredRows:
        """Return numbers."""
        numbers = self._student.predict(rows).reshape(-1, len(self.names))
        return ScoredRows(None, [*np.ascontiguousarray(numbers.T)])


class LabelSetColumns:
    """For each label whether a row has it, 1 or 0, and its probability."""

    labels = None

    def __init__(self, student: Student) -> None:
        self._student = student
        labels = student.classes_.tolist()
        self.names = [f"{PREDICTION}_{label}" for label in labels]
        self.names += map(PROBABILITY.format, labels)

    def of(self, rows: Any) -> ScoredRows:
        """Return indicators and probabilities."""
        units = self._student.units(rows)
        output = self._student.output
        parts = output.decide(units), output.answers(units)
        return ScoredRows(None, [c for p in parts for c in np.ascontiguousarray(p.T)])


_OF_KIND: dict[str, type[Any]] = {
    "classes": ClassColumns,
    "numbers": NumberColumns,
    "label_sets": LabelSetColumns,
}


def answer_columns(student: Student) -> AnswerColumns:
    """Return the columns of the answers of a student.

    Parameters
    ----------
    student : Student

    Returns
    -------
    columns : AnswerColumns
    """
    columns: AnswerColumns = _OF_KIND[student.output.kind](student)
    return columns
