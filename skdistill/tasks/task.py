"""The interface of a task: what is learned, and what follows from it for every step.

The estimator makes the task. Each step gets it as a value, and nothing alters it. A new
task is one file here, one loss in `skdistill.kernels.layers.loss` and one output in
`skdistill.student.outputs`; no other file asks what is learned.

A task stands between five parts of the package:

- the user's labels, which it turns into numbers (`encode_labels`);
- the teacher's answers, which it checks (`check_answers`) and turns into soft targets
  (`soft_targets`);
- the weights of rows, of which it knows what classes add to them (`row_factors`,
  `weigh_labels`, `weigh_answers`);
- the kernels, for which it folds soft and hard targets into one record (`fold`);
- the network, whose output units it names (`output`).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.student.outputs import Classes
from skdistill.teachers.held_out import HeldOutPredictions

# The label of a row without one.
NO_LABEL = -1


class Task(ABC):
    """What a student learns."""

    #: Names of the soft terms of the loss, and the numbers of their kernels.
    losses: ClassVar[Mapping[str, int]]

    @property
    @abstractmethod
    def output(self) -> Classes:
        """Meaning of the student's output units."""

    @abstractmethod
    def completed(self, answers: NDArray[Any]) -> "Task":
        """Return the task with what the first answers of a teacher tell of it.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_columns)
            Checked answers.

        Returns
        -------
        task : Task
        """

    @abstractmethod
    def encode_labels(self, y: NDArray[Any] | None, n_rows: int) -> NDArray[np.intp]:
        """Return labels as the transfer set holds them.

        Parameters
        ----------
        y : ndarray of shape (n_rows,) or None
            Labels of the user. None stands for rows without labels.
        n_rows : int
            Number of rows.

        Returns
        -------
        labels : ndarray of shape (n_rows,), int
            `NO_LABEL` if a row has none.
        """

    @abstractmethod
    def decode_labels(self, labels: NDArray[np.intp]) -> NDArray[Any]:
        """Return labels of the transfer set as the user gave them.

        Parameters
        ----------
        labels : ndarray of shape (n_rows,), int

        Returns
        -------
        y : ndarray of shape (n_rows,)
        """

    @abstractmethod
    def check_answers(
        self, answers: ArrayLike, n_rows: int, name: str
    ) -> NDArray[np.floating]:
        """Return a teacher's answers, checked.

        Parameters
        ----------
        answers : array-like of shape (n_rows, n_columns)
            Answers of a teacher.
        n_rows : int
            Number of rows that it was asked about.
        name : str
            Name of the answers in errors.

        Returns
        -------
        answers : ndarray of shape (n_rows, n_columns)

        Raises
        ------
        ValueError
            If the answers are none to this task.
        """

    @abstractmethod
    def soft_targets(self, answers: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the targets that a teacher's answers stand for.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_columns)
            Checked answers.

        Returns
        -------
        targets : ndarray of shape (n_rows, n_columns), float32
        """

    @abstractmethod
    def predictions(
        self, targets: Any, labels: Any, weights: Any, student: Any = None
    ) -> HeldOutPredictions:
        """Return what a model predicts for labelled rows that it was not trained on.

        They say how the model is calibrated, and how good it is.

        Parameters
        ----------
        targets : ndarray of shape (n_rows, n_columns)
            Predictions of the model, as `soft_targets` gives them.
        labels : ndarray of shape (n_rows,), int
        weights : ndarray of shape (n_rows,)
        student : Student or None, default=None
            The model, if it is a student.

        Returns
        -------
        predictions : HeldOutPredictions
        """

    @abstractmethod
    def warn_if_worse_than_constant(
        self, answers: Any, labels: Any, weights: Any
    ) -> None:
        """Warn if a teacher's answers are clearly worse than one constant answer.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_columns)
        labels : ndarray of shape (n_rows,), int
        weights : ndarray of shape (n_rows,)
        """

    @abstractmethod
    def warn_if_no_more_than_labels(self, teacher_name: str, answers: Any) -> None:
        """Warn if answers that are taken as they are say no more than labels.

        Parameters
        ----------
        teacher_name : str
        answers : ndarray of shape (n_rows, n_columns)
        """

    @abstractmethod
    def row_factors(self, class_weight: Any, labels: Any, weights: Any) -> Any:
        """Return what a user's `class_weight` adds to the weights of rows.

        Parameters
        ----------
        class_weight : object
            Parameter of the estimator.
        labels : ndarray of shape (n_labelled,), int
            Labels of the labelled rows.
        weights : ndarray of shape (n_labelled,)
            Weights of these rows.

        Returns
        -------
        factors : object
            Argument of `weigh_labels` and `weigh_answers`.
        """

    @abstractmethod
    def weigh_labels(self, labels: Any, factors: Any) -> NDArray[np.float64]:
        """Return the factor of each labelled row.

        Parameters
        ----------
        labels : ndarray of shape (n_rows,), int
        factors : object
            Result of `row_factors`.

        Returns
        -------
        weights : ndarray of shape (n_rows,)
        """

    @abstractmethod
    def weigh_answers(self, targets: Any, factors: Any) -> tuple[Any, Any]:
        """Return the targets of rows without labels, and the factor of each row.

        Parameters
        ----------
        targets : ndarray of shape (n_rows, n_columns)
        factors : object
            Result of `row_factors`.

        Returns
        -------
        targets : ndarray of shape (n_rows, n_columns)
        weights : ndarray of shape (n_rows,)
        """

    @abstractmethod
    def fold(
        self,
        targets: NDArray[np.float32],
        labels: NDArray[np.intp],
        soft_weight: NDArray[np.float64],
        hard_weight: NDArray[np.float64],
        loss: str,
        temperature: float,
        out: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Fold the soft and the hard targets of rows into one array.

        Parameters
        ----------
        targets : ndarray of shape (n_rows, n_columns)
            Soft targets.
        labels : ndarray of shape (n_rows,), int
            `NO_LABEL` if a row has none.
        soft_weight, hard_weight : ndarray of shape (n_rows,)
            Weights of both terms of a row's loss.
        loss : str
            Name of the soft term, a key of `losses`.
        temperature : float
        out : ndarray of shape (n_rows, n_columns), float32
            Receives the targets as the kernel of the loss takes them.

        Returns
        -------
        constant : ndarray of shape (n_rows,)
            Part of each row's loss that the student cannot change.
        """

    @abstractmethod
    def agreement(
        self, one: NDArray[Any], other: NDArray[Any], weights: NDArray[np.float64]
    ) -> float:
        """Return how far two models agree; greater is better.

        Parameters
        ----------
        one, other : ndarray of shape (n_rows, n_columns)
            Answers of both.
        weights : ndarray of shape (n_rows,)
            Weights of the rows.

        Returns
        -------
        agreement : float
            Between 0 and 1.
        """
