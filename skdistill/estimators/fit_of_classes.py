"""The method `fit` of estimators that learn classes or label sets, and their task."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skdistill.common.sklearn_compat import fit_context
from skdistill.estimators.distillation import Distillation
from skdistill.estimators.fit_arguments import FitArguments
from skdistill.estimators.label_set_parameters import check_parameters_of_sets
from skdistill.estimators.label_set_targets import ClassifierTargets
from skdistill.tasks.classes import Classification
from skdistill.tasks.label_sets import LabelSetting
from skdistill.tasks.task import Task
from skdistill.teachers.file import model_behind
from skdistill.teachers.label_sets import n_labels_of
from skdistill.teachers.teacher import Teacher


class FitOfClasses(Distillation):
    """Base class of estimators that learn classes or label sets."""

    targets = ClassifierTargets()
    task_kind = "classes"

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
        y : array-like of shape (n_samples,), or array-like or sparse matrix of \
shape (n_samples, n_labels), default=None
            Labels, or label sets: 0 and 1 for each of several labels. They may be left
            out if the teacher is fitted, if its probabilities are given, or if it has
            labels of its own, `teacher_y`. Then the student learns from the soft term
            alone. In these cases, y may also be missing for
            some rows: None or NaN. Then these rows count as rows of `X_unlabeled`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows. The student uses them. A teacher that is fitted here
            gets them too, if it accepts weights.
        teacher_proba : array-like of shape (n_samples, n_classes), default=None
            Probabilities of the teacher, with ``teacher="precomputed"``. The columns
            are in sorted order of the labels in y, or have the labels as names. If y
            lacks a class, the names tell it. With two classes it may be the probability
            of the second class alone. For label sets the columns are those of y, or it
            is a list of arrays, as `RandomForestClassifier.predict_proba` answers.
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
        return self.distil(arguments)

    def publish_task(self, task: Any) -> None:
        """Set `classes_`. Label sets have the numbers of their columns.

        Parameters
        ----------
        task : Classification or LabelSetting
        """
        is_sets = task.kind == LabelSetting.kind
        self.classes_ = np.arange(task.n_columns) if is_sets else task.output.labels

    def kind_of_task(self, y: Any) -> str:
        """Return the kind of the task that y sets, or without y the teacher.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_labels), or None

        Returns
        -------
        kind : {"classes", "label_sets"}
        """
        if y is not None:
            return self.targets.of(y).kind
        is_sets = n_labels_of(model_behind(self.teacher)) is not None
        return LabelSetting.kind if is_sets else self.task_kind

    def make_task(self, teacher: Teacher | None, y: Any, weights: Any = None) -> Task:
        """Return the task that a teacher and labels set: see `Classification.of`.

        Parameters
        ----------
        teacher : Teacher or None
            Teacher that answers. None before it is fitted.
        y : ndarray of shape (n_samples,) or (n_samples, n_labels), or None
            Labels.
        weights : ndarray of shape (n_samples,) or None, default=None
            Not used: a label counts in rows without a weight too.

        Returns
        -------
        task : Classification or LabelSetting
        """
        if self.kind_of_task(y) == self.task_kind:
            return Classification.of(teacher, y)
        check_parameters_of_sets(self)
        if y is None:
            return LabelSetting(n_labels_of(model_behind(self.teacher)) or 0)
        return LabelSetting(y.shape[1])
