"""The interface of a task. A task says what is learned, and how each step handles it.

The estimator makes the task. Each step gets it as a value, and nothing alters it. A new
task needs one file here, one loss in `skdistill.kernels.layers.loss` and one output in
`skdistill.student.outputs`. The other files use this interface.

A task serves six parts of the package:

- It turns the user's labels into numbers (`encode_labels`).
- It checks the teacher's answers (`check_answers`), and turns them into soft targets
  (`soft_targets`).
- It multiplies the weights of rows by the factors of their classes (`row_factors`,
  `weigh_labels`, `weigh_answers`).
- It folds soft and hard targets into one record for the kernels (`fold`).
- It says what the output units of the network mean (`output`).
- It tells what a clone of the teacher, fitted on some of the rows, can answer
  (`answered_by`, `covers`, `spread`).
"""

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.student.outputs import Output
from skdistill.tasks.weighing_task import WeighingTask
from skdistill.teachers.held_out import HeldOutPredictions


class Task(WeighingTask):
    """Base class of tasks: a task is what a student learns."""

    #: Kind of the task in messages and files.
    kind: ClassVar[str]

    #: Method by which a student answers.
    method: ClassVar[str] = "predict_proba"

    #: Whether a teacher may decide otherwise than by its answers.
    decides: ClassVar[bool] = False

    #: Whether an answer alone tells how sure it is, as probabilities do.
    tells_doubt: ClassVar[bool] = False

    #: Whether students of the labels alone have a part in the soft targets of labelled
    #: rows too. They always have one in those of other rows.
    mixes_labelled: ClassVar[bool] = False

    @property
    @abstractmethod
    def output(self) -> Output:
        """Meaning of the student's output units."""

    @property
    @abstractmethod
    def known_output(self) -> Output | None:
        """Output, or None if a teacher has to answer before it is known."""

    def widened(self, answers: NDArray[Any]) -> "Task":
        """Return the task, with range and units that suit more answers of the teacher.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_columns)
            Checked answers.

        Returns
        -------
        task : Task
            The same task, unless its answers have a range. Labels are encoded anew.
        """
        return self

    def informed_by(self, unseen: Any) -> "Task":
        """Return the task, informed by predictions for unseen rows.

        Parameters
        ----------
        unseen : HeldOutPredictions or None

        Returns
        -------
        task : Task
            The same task, unless its loss depends on the errors.
        """
        return self

    @abstractmethod
    def answers_of(self, student: Any, X: Any) -> NDArray[Any]:
        """Return a student's answers in the form of a teacher's.

        Parameters
        ----------
        student : Student
        X : table of shape (n_rows, n_features)

        Returns
        -------
        answers : ndarray of shape (n_rows, n_columns)
        """

    @property
    @abstractmethod
    def uncalibrated(self) -> Any:
        """Calibration that changes nothing."""

    @property
    def n_columns(self) -> int:
        """Number of columns of a checked answer, and of its soft targets."""
        return self.output.n_columns

    @property
    @abstractmethod
    def identity(self) -> Any:
        """Part of the task that decides its answers, such as labels of the columns."""

    def can_be_dealt(self, labels: NDArray[Any]) -> bool:
        """Tell whether a teacher can be fitted without a fold of rows."""
        return len(labels) > 1

    @abstractmethod
    def changes(
        self, before: NDArray[Any], after: NDArray[Any]
    ) -> NDArray[np.floating]:
        """Return the distance of two answers of a teacher to each row.

        Parameters
        ----------
        before, after : ndarray of shape (..., n_columns)
            Checked answers.

        Returns
        -------
        distances : ndarray of shape (...,)
        """

    @abstractmethod
    def completed(self, answers: NDArray[Any], labels: Any = None) -> "Task":
        """Return the task, completed by the facts that a teacher's first answers show.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_columns)
            Checked answers.
        labels : array-like of shape (n_columns,) or None, default=None
            Labels of the columns in any order, if the answers showed them.

        Returns
        -------
        task : Task
        """

    @abstractmethod
    def encode_labels(self, y: NDArray[Any] | None, n_rows: int) -> NDArray[Any]:
        """Return labels in the form that the transfer set holds.

        Parameters
        ----------
        y : ndarray of shape (n_rows,) or None
            Labels of the user. None stands for rows without labels.
        n_rows : int
            Number of rows.

        Returns
        -------
        labels : ndarray of shape (n_rows,) or (n_rows, n_targets)
            Encoded labels: see `skdistill.common.labels.is_labelled`.
        """

    @abstractmethod
    def decode_labels(self, labels: NDArray[np.intp]) -> NDArray[Any]:
        """Return labels of the transfer set in the form that the user gave.

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
        """Check a teacher's answers and return them.

        Parameters
        ----------
        answers : array-like of shape (n_rows, n_columns) or Answers
            Answers of a teacher. Their columns may be in another order, if they have
            names.
        n_rows : int
            Number of rows that the teacher was asked about.
        name : str
            Name of the answers in errors.

        Returns
        -------
        answers : ndarray of shape (n_rows, n_columns)
            Answers with their columns in the task's order.

        Raises
        ------
        ValueError
            If the answers do not suit this task.
        """

    @abstractmethod
    def decisions(self, answers: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return what a model decides for that has no decisions of its own.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_columns)
            Checked answers of the model.

        Returns
        -------
        decided : ndarray of shape (n_rows,), int
            Encoded labels.
        """

    @abstractmethod
    def own_decisions(
        self, labels: NDArray[Any], known: NDArray[Any] | None
    ) -> NDArray[np.intp] | None:
        """Return the labels that a model itself gives to rows, encoded.

        Parameters
        ----------
        labels : ndarray of shape (n_rows,)
            Labels in the form of the model.
        known : ndarray of shape (n_columns,) or None
            Labels of the columns of the model, in its order, if it tells them.

        Returns
        -------
        decided : ndarray of shape (n_rows,), int, or None
            Encoded labels. None if the labels do not belong to this task.
        """

    @abstractmethod
    def soft_targets(self, answers: NDArray[np.floating]) -> NDArray[np.float32]:
        """Turn a teacher's answers into soft targets.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_columns)
            Checked answers.

        Returns
        -------
        targets : ndarray of shape (n_rows, n_columns), float32
        """

    @abstractmethod
    def confidence(self, answers: NDArray[Any], is_sparse: bool) -> NDArray[Any]:
        """Return how sure each answer, for dense or sparse rows, is: from 0.01 to 1."""

    @abstractmethod
    def answered_by(self, teacher: Any, y: Any) -> "Task":
        """Return the task that a teacher answers which was fitted on some of the rows.

        Parameters
        ----------
        teacher : Teacher
        y : array-like of shape (n_samples,)
            Labels of these rows.

        Returns
        -------
        task : Task
        """

    @abstractmethod
    def covers(self, other: Any) -> bool:
        """Tell whether answers to this task say all that another one needs.

        Parameters
        ----------
        other : Task

        Returns
        -------
        bool
        """

    @abstractmethod
    def spread(self, answers: Any, other: Any) -> Any:
        """Return answers to another task as answers to this one.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_other_columns)
        other : Task
            Task of a part of the classes.

        Returns
        -------
        answers : ndarray of shape (n_rows, n_columns)
        """

    @abstractmethod
    def predictions(
        self,
        targets: Any,
        labels: Any,
        weights: Any,
        model: Any = None,
        rows: Any = None,
    ) -> HeldOutPredictions:
        """Return a model's predictions for labelled rows that it was not trained on.

        They show how well the model is calibrated, and how often it is right.

        Parameters
        ----------
        targets : ndarray of shape (n_rows, n_columns)
            Predictions of the model, in the form that `soft_targets` returns.
        labels : ndarray of shape (n_rows,), int
        weights : ndarray of shape (n_rows,)
        model : MeanOfStudents or None, default=None
            The model, if it can be asked about other rows.
        rows : ndarray of shape (n_rows,), int, or None, default=None
            Numbers of the rows among the given ones.

        Returns
        -------
        predictions : HeldOutPredictions
        """

    @abstractmethod
    def losses_of_answers(self, predicted: Any, answers: Any) -> NDArray[np.float64]:
        """Return the loss of each row's prediction, with a teacher's answer as truth.

        Parameters
        ----------
        predicted, answers : ndarray of shape (n_rows, n_columns)
            Prediction and answer, in the form that `soft_targets` returns.

        Returns
        -------
        losses : ndarray of shape (n_rows,)
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
    def warn_if_labels(self, teacher_name: str, answers: Any) -> None:
        """Warn if a teacher that answers with one number a row seems to answer labels.

        Parameters
        ----------
        teacher_name : str
        answers : ndarray of shape (n_rows, n_columns)
            Checked answers.
        """

    @abstractmethod
    def warn_if_no_more_than_labels(self, teacher_name: str, answers: Any) -> None:
        """Warn if uncalibrated answers tell the student no more than labels do.

        Parameters
        ----------
        teacher_name : str
        answers : ndarray of shape (n_rows, n_columns)
        """

    @abstractmethod
    def agreement(
        self, one: NDArray[Any], other: NDArray[Any], weights: NDArray[np.float64]
    ) -> float:
        """Return the degree to which two models agree. Greater is better.

        Parameters
        ----------
        one, other : ndarray of shape (n_rows, n_columns)
            Answers of the two models.
        weights : ndarray of shape (n_rows,)
            Weights of the rows.

        Returns
        -------
        agreement : float
            Agreement between 0 and 1.
        """
