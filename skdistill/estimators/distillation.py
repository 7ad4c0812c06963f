"""How an estimator distils: the `fit` that a classifier and a regressor share.

`fit` checks the rows of the user, resolves the teacher, and makes the task. Then it
asks the teacher for all answers at once, and trains a student. Each step hands a value
to the next. An estimator adds its parameters, its documentation and its task.
"""

from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import MetaEstimatorMixin
from sklearn.utils.validation import check_is_fitted

from skdistill.common.sklearn_compat import CallbackSupportMixin
from skdistill.estimators.diagram import visual_block
from skdistill.estimators.fit_arguments import FitArguments
from skdistill.estimators.fit_run import FitRun
from skdistill.estimators.label_checks import (
    check_among_classes,
    labels_explained,
)
from skdistill.estimators.label_names import names_of_y
from skdistill.estimators.monotonic import check_one_unit
from skdistill.estimators.rows import check_rows
from skdistill.estimators.teacher_parameter import TeacherParameter
from skdistill.student.holder import StudentHolder
from skdistill.tasks.task import Task
from skdistill.teachers.memory import AnswerMemory
from skdistill.teachers.quantile_levels import warn_of_other_levels
from skdistill.teachers.resolve import learns_from_labels, resolve_teacher
from skdistill.teachers.teacher import Teacher
from skdistill.training.lesson import FormerFit
from skdistill.training.observer import student_attributes
from skdistill.training.scores import check_stopping
from skdistill.training.train_student import train_student
from skdistill.transfer.data import ask_teacher


class Distillation(
    CallbackSupportMixin, MetaEstimatorMixin, StudentHolder, TeacherParameter
):
    """Base class of all distilled estimators."""

    @abstractmethod
    def make_task(self, teacher: Teacher | None, y: Any, weights: Any = None) -> Task:
        """Return the task: what the student learns.

        Parameters
        ----------
        teacher : Teacher or None
            Teacher that answers. None before it is fitted.
        y : ndarray of shape (n_samples,) or None
            Labels.
        weights : ndarray of shape (n_samples,) or None, default=None
            Weights of the rows. None for equal weights.

        Returns
        -------
        task : Task
        """

    #: Checks of y: see `skdistill.estimators.targets`.
    targets: ClassVar[Any]

    #: Kind of the task: see `Task.kind`.
    task_kind: ClassVar[str]

    def kind_of_task(self, y: Any) -> str:
        """Return the kind of the task that y sets: see `Task.kind`.

        Parameters
        ----------
        y : ndarray of n_samples rows, or None

        Returns
        -------
        kind : str
        """
        return self.task_kind

    def named_task(self, task: Task, y: Any) -> Task:
        """Return the task with the names that the columns of y give its answers.

        Parameters
        ----------
        task : Task
        y : array-like or DataFrame of n_samples rows, or None
            Labels as the user gave them.

        Returns
        -------
        task : Task
            The same task, if it takes no names.

        Raises
        ------
        ValueError
            If two columns of y have the same name.
        """
        return task.named(names_of_y(y)) if task.takes_names else task

    @abstractmethod
    def publish_task(self, task: Task) -> None:
        """Set the fitted attributes that tell what is learned, such as `classes_`.

        Parameters
        ----------
        task : Task
        """

    def distil(self, arguments: FitArguments) -> Self:
        """Distil the teacher: the `fit` of all estimators.

        Parameters
        ----------
        arguments : FitArguments

        Returns
        -------
        self : estimator
        """
        given = arguments.X, arguments.y, arguments.sample_weight
        with FitRun.of(self, *given) as run:
            draft = run.draft
            data = gather_data(draft, arguments, run)
            publish(draft, train_student(data, draft, run, former=former_fit(draft)))
            draft.fit_seconds_ = run.seconds
        return self

    @property
    def feature_importances_(self) -> NDArray[np.float64]:
        """Sensitivity of the teacher to each feature, as shares that add up to 1.

        It is `sensitivity_` by its sum. Features that the student leaves out, such as
        ids, count as 0. All are 0 if no feature changes an answer.
        """
        check_is_fitted(self)
        measured = vars(self).get("sensitivity_")
        if measured is None:
            raise AttributeError(
                f"{type(self).__name__} has no feature_importances_: fit measures the "
                "teacher's sensitivity to each feature only if the teacher can be "
                "asked and there is an encoder, so not for stored answers, teacher_X, "
                "sparse rows and encoder=None, nor if max_query_seconds leaves no time"
            )
        measured = measured.copy()
        measured[self.encoder_.left_out_] = 0.0
        total = measured.sum()
        return measured / total if total > 0 else measured

    def _sk_visual_block_(self):
        return visual_block(self)


def gather_data(
    estimator: Any,
    arguments: FitArguments,
    run: FitRun,
    classes: Any = None,
    part: str = "",
) -> Any:
    """Check the rows of a user, and ask the teacher for all answers.

    Parameters
    ----------
    estimator : Distillation
        Estimator that is fitted. It gets the attributes that are known before a student
        is trained.
    arguments : FitArguments
        Arguments of `fit`.
    run : FitRun
    classes : ndarray of shape (n_classes,) or None, default=None
        Labels of all rows that will come. If None, they are those of these rows.
    part : str, default=""
        Words for these rows in warnings if others come later, such as "this call".

    Returns
    -------
    data : DistillationData
        Rows and answers, from which a student of any size learns.
    """
    rows = check_rows(estimator, arguments)
    if rows.y is not None:
        estimator.targets.warn_if_y_tells_little(rows.y, part)
    learns = learns_from_labels(estimator.teacher, arguments.teacher_y)
    if classes is not None:
        check_among_classes(rows.y, classes, learns)
    if learns and rows.y is not None:
        # Raises if the rows with a weight hold too few classes.
        counted = rows.weights > 0
        task = estimator.make_task(None, rows.y[counted], rows.weights[counted])
        check_one_unit(estimator, task)
    teacher = resolve_teacher(
        estimator.teacher,
        rows,
        random_state=run.random.teacher,
        within=lambda clone: run.stage.fit_of("fit teacher", clone),
        memory=AnswerMemory.of(estimator),
        n_jobs=estimator.n_jobs,
        kind=estimator.kind_of_task(rows.y),
        levels=estimator.levels_of_teacher,
    )
    if rows.y is None:
        rows = _with_own_labels(rows, teacher, estimator, arguments)
    if teacher.was_fitted:
        rows.check_columns(teacher, estimator)
    task = _named_task(estimator, teacher, rows, arguments, classes)
    check_one_unit(estimator, task)
    if estimator.distillation_weight != 0.0:
        warn_of_other_levels(teacher.source, task.quantiles)
    data = ask_teacher(
        teacher,
        rows,
        task,
        estimator,
        run,
        measures_sensitivity=estimator.encoder is not None,
    )
    estimator.teacher_reads_ = rows.teacher_reads
    # Only now the output is known in any case.
    check_one_unit(estimator, data.task)
    n_given, n_rows = len(rows.weights), rows.all_rows.shape[0]
    estimator.targets.warn_few_rows(n_given, n_rows - n_given, data.task.output, learns)
    estimator.sensitivity_ = data.sensitivity
    estimator.teacher_ = teacher.source
    estimator.publish_task(data.task)
    estimator.task_ = data.task
    estimator.query_seconds_ = teacher.seconds
    synthetic = data.synthetic
    estimator.n_synthetic_ = 0 if synthetic is None else len(synthetic.answers)
    return data


def _with_own_labels(rows, teacher, estimator, arguments):
    """Return rows without labels with those that the teacher has of its own, if any."""
    labels = teacher.own_labels(rows.given)
    if labels is not None:
        # Rows for which the teacher has no label are set apart.
        rows = check_rows(estimator, arguments._replace(y=labels.y))
        weights = rows.weights * labels.weights[rows.given.numbers]
        rows = rows._replace(weights=weights, labels_are_own=True)
    if rows.y is None:
        check_stopping(estimator, None)
    return rows


def _named_task(estimator, teacher, rows, arguments, classes):
    """Return the task that labels, or else the teacher, set."""
    with labels_explained(teacher, rows.y, arguments.teacher_y):
        if classes is None:
            task = estimator.make_task(teacher, rows.y, rows.weights)
        else:
            task = estimator.make_task(teacher, classes)
    return estimator.named_task(task, arguments.y)


def former_fit(estimator: Any) -> FormerFit | None:
    """Return the student from which a warm start continues.

    Parameters
    ----------
    estimator : Distillation

    Returns
    -------
    former : FormerFit or None
        Student and encoder of the former `fit`. None without a warm start, and before
        the first `fit`.
    """
    if not estimator.warm_start or not hasattr(estimator, "student_"):
        return None
    return FormerFit(estimator.student_, estimator.encoder_)


def publish(estimator: Any, trained: Any, parts: Any = None) -> None:
    """Set the fitted attributes of a trained student.

    Parameters
    ----------
    estimator : Distillation
    trained : TrainedStudent
    parts : PartsSoFar or None, default=None
        State from which `partial_fit` goes on. None after `fit`.
    """
    recipe, history = trained.recipe, trained.history
    vars(estimator).update(student_attributes(trained.student))
    vars(estimator).update(recipe.attributes())
    estimator.encoder_ = trained.encoder
    # After `fit`, `partial_fit` goes on from the student and its input.
    state = {"_student_input": trained.student_input, "_parts_so_far": parts}
    vars(estimator).update(state)
    estimator.follows_teacher_ = recipe.follows_teacher
    estimator.seen_rows_ = trained.seen_rows
    estimator.loss_curve_ = history.loss_curve
    estimator.loss_ = history.loss_curve[-1]
    estimator.n_iter_ = len(history.loss_curve)
    estimator.n_steps_ = history.n_steps
    estimator.validation_scores_ = history.validation_scores
    estimator.best_validation_score_ = history.best_validation_score
    estimator.best_iter_ = history.best_iter
    estimator.validation_hard_losses_ = history.validation_hard_losses
    estimator.n_transfer_ = trained.n_transfer
