"""The report: teacher, student and the same network trained on labels alone."""

from dataclasses import dataclass
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.common.files import write_file
from skdistill.common.text import counted
from skdistill.estimators.distillation import Distillation
from skdistill.report.bootstrap import Interval
from skdistill.report.checks import check_draws
from skdistill.report.costs import Costs
from skdistill.report.frame import frame_rows
from skdistill.report.given import given_answers
from skdistill.report.kinds import fields_of
from skdistill.report.make import parts_of_answers, parts_of_student
from skdistill.report.page import fragment, page
from skdistill.report.parts import plain
from skdistill.report.text import report_text


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class DistillationReport:
    """Report on what a student kept and lost, measured on labelled rows.

    The report compares three models: the teacher, the student, and the student's
    network trained on labels alone. Each difference of two models has a 95 %
    interval: percentiles over bootstrap draws of the rows, with the same rows for all
    models. The intervals show how much the differences may vary on other rows like
    these. They do not show how much another training may change the student.

    Make a report by `from_estimator` or `from_predictions`. Print it, show it in a
    notebook, or write it to a file by `save`. Models of classes, of label sets, of
    numbers and of quantiles have measures and tables of their own.

    Parameters
    ----------
    verdict : str
        One sentence that says how much the student kept, whether distilling beat
        labels alone, and whether the teacher is better than labels alone.
    notes : list of str
        Warnings for the reader, such as rows that the student was trained on, targets
        that are nearly one-hot, or groups in which the student loses more. The last
        one says that a student without hidden layers can be read.
    figures : dict of str to dict of str to Interval
        Figures by model ("teacher", "student" and, with a baseline, "labels alone")
        and by measure. An interval has an `estimate`, a `low` and a `high` end.

        - Classes: "accuracy", "balanced_accuracy", "log_loss", "brier",
          "calibration_error" (15 bins of equal weight), "roc_auc" (each class against
          the rest, the mean).
        - Label sets: "accuracy" (share of rows of which all labels are right),
          "hamming_loss" (share of labels that are wrong), "f1_micro", "f1_macro", and
          "log_loss", "brier", "roc_auc" as means over the labels.
        - Numbers: "r2", "log_mse" (logarithm of the mean squared error in deviations
          of y), "rmse", "mae", as means over the targets. A deviation is the standard
          deviation of y on these rows.
        - Quantiles: "d2_pinball" (share of the pinball loss of the best constant that
          is explained), "pinball_loss", its logarithm "log_pinball_loss", as means
          over the levels, and "coverage" (share of y between the lowest and the highest
          quantile, or at or below the only one).
    differences : dict of str to dict of str to Interval
        Differences of the same measures, by "student - teacher", "student - labels
        alone" and "teacher - labels alone". The difference of "log_mse" is log(MSE
        student / MSE teacher).
    fidelity : dict of str to dict of str to Interval
        Fidelity of the student, and of the network trained on labels alone, to the
        teacher: "agreement" (share of rows, or of labels of label sets, that are
        decided alike), "kl_divergence", "total_variation" of classes and, as means, of
        labels; "r2_to_teacher", "mean_difference" (in deviations of y) of numbers.
    per_class : list of dict or None
        Figures of each class: its label, its number of rows, the recall and the ROC
        AUC of each model, and the difference of recall between student and teacher.
        None unless the models answer with classes.
    per_label : list of dict or None
        Figures of each label: its name, the number of rows that have it, F1 and ROC AUC
        of each model, and the difference of F1. None unless there are label sets.
    per_target : list of dict or None
        Figures of each target: its name, R², RMSE and MAE of each model, R² to the
        teacher, and the difference of R² between student and teacher. None if there is
        one target.
    per_quantile : list of dict or None
        Figures of each quantile: its level, the share of y at or below it and the
        pinball loss of each model, and the difference of this loss between student and
        teacher. None unless the models answer with quantiles.
    per_group : list of dict or None
        Figures of each group: its name, its number of rows, and differences between
        student and teacher. Classes have the accuracy and log-loss of each model, and
        the number of rows that count in `n_different`; numbers the MAE; quantiles the
        pinball loss and the coverage. `beyond_others` is the difference of accuracy,
        or of the logarithm of the squared error or pinball loss, in the group minus
        that on all other rows. Its intervals are so wide that they hold for all groups
        together.
    costs : dict of str to Costs
        Costs of each model: bytes on disk, parameters, microseconds for a single row
        and for a row among many, seconds of `fit` and of asking the teacher. Empty
        without estimators.
    classes : ndarray of shape (n_classes,) or None
        Labels of the classes. None unless the models answer with classes.
    quantiles : list of float or None
        Levels of the quantiles. None unless the models answer with quantiles.
    n_samples : int
        Number of rows.
    n_different : int or None
        Number of rows on which either teacher or student is right, and not both. None
        for numbers. A row of a label set is right if all of its labels are.
    n_bootstraps : int
        Number of bootstrap draws of the rows.
    kind : {"classes", "label_sets", "numbers", "quantiles"}
        Kind of the models' answers.

    See Also
    --------
    DistilledClassifier, DistilledRegressor : Train the student of a report.

    References
    ----------
    .. [1] B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993.
    .. [2] K. Nguyen and B. O'Connor, "Posterior calibration and exploratory
       analysis for natural language processing models", EMNLP 2015.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill import DistillationReport
    >>> y = ["no", "yes"] * 50
    >>> teacher = np.array([[0.9, 0.1], [0.2, 0.8]] * 50)
    >>> student = np.array([[0.8, 0.2], [0.2, 0.8]] * 49 + [[0.8, 0.2]] * 2)
    >>> report = DistillationReport.from_predictions(y, teacher, student)
    >>> report.figures["student"]["accuracy"].estimate
    0.99
    >>> print(report.verdict[:51])
    The student may lose some of the teacher's accuracy

    Numbers come by their own names:

    >>> y = np.arange(100.0)
    >>> report = DistillationReport.from_predictions(
    ...     y, teacher_prediction=y + np.sin(y), student_prediction=y + 2 * np.sin(y)
    ... )
    >>> round(report.differences["student - teacher"]["log_mse"].estimate, 4)
    1.3863
    """

    verdict: str
    notes: list[str]
    figures: dict[str, dict[str, Interval]]
    differences: dict[str, dict[str, Interval]]
    fidelity: dict[str, dict[str, Interval]]
    per_class: list[dict[str, Any]] | None = None
    per_label: list[dict[str, Any]] | None = None
    per_target: list[dict[str, Any]] | None = None
    per_quantile: list[dict[str, Any]] | None = None
    per_group: list[dict[str, Any]] | None
    costs: dict[str, Costs]
    classes: NDArray[Any] | None = None
    quantiles: list[float] | None = None
    n_samples: int
    n_different: int | None = None
    n_bootstraps: int
    kind: str

    @classmethod
    def from_estimator(
        cls,
        student: Distillation,
        X: Any,
        y: ArrayLike,
        *,
        teacher_X: Any = None,
        sample_weight: ArrayLike | None = None,
        groups: Any = None,
        baseline: Any = None,
        teacher_saw_rows: bool = False,
        n_bootstraps: int = 1000,
        random_state: int | np.random.RandomState | None = 0,
    ) -> Self:
        """Report on a fitted student.

        Parameters
        ----------
        student : DistilledClassifier or DistilledRegressor
            Fitted estimator. Its teacher is asked about X. It may be inside a fitted
            `TransformedTargetRegressor`: then y, figures and `baseline` are in the
            units of y, and the costs are those of its `regressor_`.
        X : table of shape (n_samples, n_features)
            Rows that neither teacher nor student was fitted on.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Labels of the rows, label sets as 0 and 1, or numbers. A data frame names
            the labels or targets.
        teacher_X : array-like of n_samples rows, default=None
            Rows of the teacher, if it reads others than the student: see
            `DistilledClassifier.fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows in every figure.
        groups : str or array-like of shape (n_samples,), default=None
            Name of a column of X, or a value for each row. Rows with the same value
            are a group, and the report shows if the student treats all groups alike.
        baseline : tuple or fitted estimator, default=None
            Rows of the student's `fit`, ``(X_train, y_train)`` or ``(X_train,
            y_train, sample_weight)``. The student's network is trained on their
            labels alone, and the student is compared with it. An estimator that was
            already trained like this can be given instead. The rows of X are not a
            replacement: a control that was trained on fewer rows than the student
            would make the student look better than it is. None for no comparison.
        teacher_saw_rows : bool, default=False
            Whether the teacher may have been fitted on rows of X. If so, its figures
            may be too good. The verdict says so, and does not compare the teacher with
            labels alone.
        n_bootstraps : int, default=1000
            Number of draws of the rows that intervals are computed from.
        random_state : int, RandomState instance or None, default=0
            Seed of the draws.

        Returns
        -------
        report : DistillationReport
            Report on teacher, student and, with a baseline, labels alone.

        Raises
        ------
        ValueError
            If an argument does not fit the others, if the teacher cannot be asked, or
            if `teacher_X` does not suit the teacher. A teacher that is "precomputed"
            cannot be asked: give its answers to `from_predictions`.
        """
        return cls(
            **parts_of_student(
                student,
                X,
                y,
                teacher_X=teacher_X,
                sample_weight=sample_weight,
                groups=groups,
                baseline=baseline,
                teacher_saw_rows=teacher_saw_rows,
                n_bootstraps=n_bootstraps,
                random_state=random_state,
            )
        )

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike,
        teacher_proba: ArrayLike | None = None,
        student_proba: ArrayLike | None = None,
        control_proba: ArrayLike | None = None,
        *,
        teacher_prediction: ArrayLike | None = None,
        student_prediction: ArrayLike | None = None,
        control_prediction: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        quantiles: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        n_bootstraps: int = 1000,
        random_state: int | np.random.RandomState | None = 0,
    ) -> Self:
        """Report on given probabilities or numbers of any models.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Labels of the rows, label sets as 0 and 1, or numbers. A data frame names
            the labels or targets.
        teacher_proba, student_proba : array-like of shape (n_samples, n_classes)
            Probabilities of teacher and student for these rows. For label sets there
            is a column, or an array as forests answer, for each label.
        control_proba : array-like of shape (n_samples, n_classes), default=None
            Probabilities of the student's network trained on labels alone.
        teacher_prediction, student_prediction : array-like of shape (n_samples,), \
(n_samples, n_targets) or (n_samples, n_quantiles)
            Numbers of teacher and student for these rows, in place of probabilities.
        control_prediction : array-like of the same shape, default=None
            Numbers of the student's network trained on labels alone.
        classes : array-like of shape (n_classes,), default=None
            Labels of the columns of probabilities. None for the sorted labels of y.
        quantiles : array-like of shape (n_quantiles,), default=None
            Levels of the columns of the numbers, in rising order, if they are quantiles
            of one target. None if they are no quantiles.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows in every figure.
        groups : array-like of shape (n_samples,), default=None
            Value for each row. Rows with the same value are a group.
        n_bootstraps : int, default=1000
            Number of draws of the rows that intervals are computed from.
        random_state : int, RandomState instance or None, default=0
            Seed of the draws.

        Returns
        -------
        report : DistillationReport
            Report without costs.

        Raises
        ------
        ValueError
            If an argument does not fit the others.
        """
        probabilities = {
            "teacher_proba": teacher_proba,
            "student_proba": student_proba,
            "control_proba": control_proba,
        }
        numbers = {
            "teacher_prediction": teacher_prediction,
            "student_prediction": student_prediction,
            "control_prediction": control_prediction,
        }
        kind, truth, answers = given_answers(
            y, probabilities, numbers, classes, quantiles
        )
        check_draws(n_bootstraps)
        return cls(
            **parts_of_answers(
                kind,
                y,
                truth,
                answers,
                sample_weight=sample_weight,
                groups=groups,
                n_bootstraps=n_bootstraps,
                random_state=random_state,
            )
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all figures as plain Python values that JSON can hold.

        Returns
        -------
        report : dict
            Attributes by their names. An interval is a dict of "estimate", "low" and
            "high". A figure that is not known is None.
        """
        return plain({name: getattr(self, name) for name in fields_of(self)})

    def to_frame(self, part: str = "figures") -> Any:
        """Return a part of the report as a data frame of pandas.

        Parameters
        ----------
        part : {"figures", "fidelity", "classes", "labels", "targets", "quantiles", \
"groups", "costs"}, default="figures"
            Name of the part.

        Returns
        -------
        frame : DataFrame
            Table with a row for each measure, class, label, target, quantile, group or
            model. A difference has three columns: its name, its name with " low", and
            its name with " high".

        Raises
        ------
        ImportError
            If pandas is not installed.
        ValueError
            If the report has no such part.
        """
        try:
            import pandas as pd
        except ModuleNotFoundError as error:
            raise ImportError(
                "to_frame needs pandas: install it, or skdistill[table]. to_dict works "
                "without it"
            ) from error
        index, rows = frame_rows(self, part)
        return pd.DataFrame(rows).set_index(index)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the report to an HTML file that needs no other file.

        Parameters
        ----------
        path : str or path-like
            Path of the file, which usually ends in ``.html``. A file that exists is
            replaced.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        write_file(path, page(self).encode())

    def __str__(self) -> str:
        return report_text(self)

    def __repr__(self) -> str:
        rows = counted(self.n_samples, "row")
        return f"<DistillationReport on {rows}. {self.verdict}>"

    def _repr_html_(self) -> str:
        return fragment(self)
