"""How an estimator distils: the `fit` that a classifier and a regressor share.

`fit` checks the rows of the user, resolves the teacher, and makes the task. Then it
asks the teacher for all answers at once, and trains a student. Each step hands a value
to the next. An estimator adds its parameters, its documentation and its task.
"""

from abc import abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import MetaEstimatorMixin
from sklearn.utils.validation import check_is_fitted

from skdistill.common.sklearn_compat import CallbackSupportMixin, fit_context
from skdistill.estimators.diagram import visual_block
from skdistill.estimators.fit_arguments import FitArguments
from skdistill.estimators.fit_run import FitRun
from skdistill.estimators.label_checks import (
    check_among_classes,
    labels_explained,
    warn_few_rows,
)
from skdistill.estimators.monotonic import check_two_classes
from skdistill.estimators.rows import check_rows
from skdistill.estimators.teacher_parameter import TeacherParameter
from skdistill.student.holder import StudentHolder
from skdistill.tasks.task import Task
from skdistill.teachers.memory import AnswerMemory
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
    def make_task(self, teacher: Teacher | None, y: Any) -> Task:
        """Return the task: what the student learns.

        Parameters
        ----------
        teacher : Teacher or None
            Teacher that answers. None before it is fitted.
        y : ndarray of shape (n_samples,) or None
            Labels.

        Returns
        -------
        task : Task
        """

    @fit_context(prefer_skip_nested_validation=False)
    def fit(
        self,
        X: Any,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        teacher_proba: ArrayLike | None = None,
        X_unlabeled: Any = None,
        teacher_X: Any = None,
        teacher_y: Any = None,
        teacher_X_unlabeled: Any = None,
        teacher_proba_unlabeled: ArrayLike | None = None,
        **params: Any,
    ) -> Self:
        """Distil the teacher.

        If `fit` fails or is interrupted, the estimator stays as it was before. There is
        one exception: an interrupt during the student's training, after at least one
        epoch. It ends `fit` with a warning, and the estimator keeps the student of that
        moment. With early stopping it keeps the best student so far. With `max_terms`,
        this holds for the training of the columns that are kept, and not for the one
        before it that chooses them.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like, or sparse matrix or array, \
of shape (n_samples, n_features)
            Rows of numbers, text, categories and truth values. Values may be missing.
            With ``encoder=None``, and if X is sparse, all must be finite numbers. The
            teacher gets X as it is given, with the names and types of its columns. It
            gets sparse rows as CSR.
        y : array-like of shape (n_samples,), default=None
            Labels. They may be left out if the teacher is fitted, if its probabilities
            are given, or if it has labels of its own, `teacher_y`. Then the student
            learns from the soft term alone. In these cases, y may also be missing for
            some rows: None or NaN. Then these rows count as rows of `X_unlabeled`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows. The student uses them. A teacher that is fitted here
            gets them too, if it accepts weights.
        teacher_proba : array-like of shape (n_samples, n_classes), default=None
            Probabilities of the teacher, with ``teacher="precomputed"``. The columns
            are in sorted order of the labels in y, or have the labels as names. If y
            lacks a class, the names tell it. With two classes it may be the probability
            of the second class alone.
        X_unlabeled : table of shape (n_unlabeled, n_features), default=None
            Rows without labels, with the same columns as X. The teacher labels them.
            Scikit-learn's cross-validation cuts all that has as many rows as X. A tuple
            of one table, ``(X_unlabeled,)``, always goes into each fold whole.
        teacher_X : array-like of n_samples rows, default=None
            Rows of the teacher, if it reads others than the student: embeddings,
            images, texts, or more columns. Then the teacher is asked about no synthetic
            rows.
        teacher_y : array-like of n_samples rows, default=None
            Labels or votes that an unfitted teacher is fitted on, in place of y.
        teacher_X_unlabeled : array-like of n_unlabeled rows, default=None
            Rows of the teacher that belong to `X_unlabeled`, beside `teacher_X`. They
            may be in a tuple too.
        teacher_proba_unlabeled : array-like of shape (n_unlabeled, n_classes), \
default=None
            Probabilities of the teacher for `X_unlabeled`, beside `teacher_proba`. They
            may be in a tuple too.
        **params : dict
            Other arguments for the `fit` of a teacher that is fitted here, and of its
            clones. They get their rows of an argument that has as many rows as X.
            `groups` goes to the splitter `cv`, and to the teacher if that takes it.
            If metadata routing is enabled, teacher and splitter get what they request.

        Returns
        -------
        self : estimator
            The fitted estimator.

        Raises
        ------
        ValueError
            If an argument does not fit the others or the teacher, if the teacher's
            answers are no probabilities, or if training diverges.
        """
        arguments = FitArguments(
            X,
            y,
            sample_weight,
            teacher_proba,
            X_unlabeled,
            teacher_X,
            teacher_y,
            teacher_X_unlabeled,
            teacher_proba_unlabeled,
            params,
        )
        with FitRun.of(self, X, y, sample_weight) as run:
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
    estimator: Any, arguments: FitArguments, run: FitRun, classes: Any = None
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

    Returns
    -------
    data : DistillationData
        Rows and answers, from which a student of any size learns.
    """
    rows = check_rows(estimator, arguments)
    learns = learns_from_labels(estimator.teacher, arguments.teacher_y)
    if classes is not None:
        check_among_classes(rows.y, classes, learns)
    if learns and rows.y is not None:
        # Raises if the rows with a weight hold too few classes.
        task = estimator.make_task(None, rows.y[rows.weights > 0])
        check_two_classes(estimator, task)
    teacher = resolve_teacher(
        estimator.teacher,
        rows,
        random_state=run.random.teacher,
        within=lambda clone: run.stage.fit_of("fit teacher", clone),
        memory=AnswerMemory.of(estimator),
        n_jobs=estimator.n_jobs,
    )
    if rows.y is None:
        labels = teacher.own_labels(rows.given)
        if labels is not None:
            # Rows for which the teacher has no label are set apart.
            rows = check_rows(estimator, arguments._replace(y=labels.y))
            weights = rows.weights * labels.weights[rows.given.numbers]
            rows = rows._replace(weights=weights, labels_are_own=True)
    if rows.y is None:
        check_stopping(estimator, None)  # The teacher had no labels of its own either.
    if teacher.was_fitted:
        rows.check_columns(teacher, estimator)
    with labels_explained(teacher, rows.y, arguments.teacher_y):
        task = estimator.make_task(teacher, rows.y if classes is None else classes)
    check_two_classes(estimator, task)
    data = ask_teacher(
        teacher,
        rows,
        task,
        estimator,
        run,
        measures_sensitivity=estimator.encoder is not None,
    )
    estimator.teacher_reads_ = rows.teacher_reads
    # Only now the classes are known in any case.
    check_two_classes(estimator, data.task)
    n_given = len(rows.weights)
    n_unlabeled = rows.all_rows.shape[0] - n_given
    n_classes = len(data.task.output.labels)
    warn_few_rows(n_given, n_unlabeled, n_classes, learns)
    estimator.sensitivity_ = data.sensitivity
    estimator.teacher_ = teacher.source
    estimator.classes_ = data.task.output.labels
    estimator.task_ = data.task
    estimator.query_seconds_ = teacher.seconds
    synthetic = data.synthetic
    estimator.n_synthetic_ = 0 if synthetic is None else len(synthetic.answers)
    return data


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
