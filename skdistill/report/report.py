"""The report: teacher, student and the same network trained on labels alone."""

from dataclasses import dataclass
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import column_or_1d

from skdistill.common.files import write_file
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.estimators.find import rows_of_teacher
from skdistill.estimators.rows import check_weights
from skdistill.report.bootstrap import Interval
from skdistill.report.checks import (
    check_baseline,
    check_draws,
    check_labels,
    check_no_label_missing,
    check_student,
)
from skdistill.report.compute import CONTROL, STUDENT, TEACHER, compute
from skdistill.report.control import fit_labels_alone
from skdistill.report.costs import Costs, ask_and_measure
from skdistill.report.frame import frame_rows, plain
from skdistill.report.groups import number_groups
from skdistill.report.notes import (
    notes,
    notes_on_student,
    share_of_others,
    unknown_labels_note,
)
from skdistill.report.page import fragment, page
from skdistill.report.text import report_text
from skdistill.report.verdict import qualify_verdict
from skdistill.tables.sparse import dense_or_csr
from skdistill.tasks.probabilities import check_probabilities
from skdistill.training.seen_rows import student_rows

# If the student was trained on a greater share of the rows, the verdict says so.
_MANY_SEEN = 0.5

_NAMES = ("teacher_proba", "student_proba", "control_proba")


@dataclass(frozen=True, eq=False, repr=False)
class DistillationReport:
    """Report on what a student kept and lost, measured on labelled rows.

    The report compares three models: the teacher, the student, and the student's
    network trained on labels alone. Each difference of two models has a 95 %
    interval: percentiles over bootstrap draws of the rows, with the same rows for all
    models. The intervals show how much the differences may vary on other rows like
    these. They do not show how much another training may change the student.

    Make a report by `from_estimator` or `from_predictions`. Print it, show it in a
    notebook, or write it to a file by `save`.

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
        and by measure: "accuracy", "balanced_accuracy", "log_loss", "brier",
        "calibration_error" (15 bins of equal weight), "roc_auc" (each class
        against the rest, the mean). An interval has an `estimate`, a `low` and a
        `high` end.
    differences : dict of str to dict of str to Interval
        Differences of the same measures, by "student - teacher", "student - labels
        alone" and "teacher - labels alone".
    fidelity : dict of str to dict of str to Interval
        Fidelity of the student, and of the network trained on labels alone, to the
        teacher: "agreement", "kl_divergence", "total_variation".
    per_class : list of dict
        Figures of each class: its label, its number of rows, the recall and the ROC
        AUC of each model, and the difference of recall between student and teacher.
    per_group : list of dict or None
        Figures of each group: its name, its number of rows, the number of them that
        count in `n_different`, the accuracy and log-loss of each model, and their
        differences between student and teacher. `beyond_others` is the difference of
        accuracy in the group minus that on all other rows. Its intervals are so wide
        that they hold for all groups together.
    costs : dict of str to Costs
        Costs of each model: bytes on disk, parameters, microseconds for a single row
        and for a row among many, seconds of `fit` and of asking the teacher. Empty
        without estimators.
    classes : ndarray of shape (n_classes,)
        Labels of the classes.
    n_samples : int
        Number of rows.
    n_different : int
        Number of rows on which either teacher or student is right, and not both.
    n_bootstraps : int
        Number of bootstrap draws of the rows.

    See Also
    --------
    DistilledClassifier : Trains the student of a report.

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
    """

    verdict: str
    notes: list[str]
    figures: dict[str, dict[str, Interval]]
    differences: dict[str, dict[str, Interval]]
    fidelity: dict[str, dict[str, Interval]]
    per_class: list[dict[str, Any]]
    per_group: list[dict[str, Any]] | None
    costs: dict[str, Costs]
    classes: NDArray[Any]
    n_samples: int
    n_different: int
    n_bootstraps: int

    @classmethod
    def from_estimator(
        cls,
        student: DistilledClassifier,
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
        student : DistilledClassifier
            Fitted estimator. Its teacher is asked about X.
        X : table of shape (n_samples, n_features)
            Rows that neither teacher nor student was fitted on.
        y : array-like of shape (n_samples,)
            Labels of the rows.
        teacher_X : array-like of n_samples rows, default=None
            Rows of the teacher, if it reads others than the student: see
            `DistilledClassifier.fit`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows in every figure.
        groups : str or array-like of shape (n_samples,), default=None
            Name of a column of X, or a value for each row. Rows with the same value
            are a group, and the report shows if the student treats all groups alike.
        baseline : tuple or fitted classifier, default=None
            Rows of the student's `fit`, ``(X_train, y_train)`` or ``(X_train,
            y_train, sample_weight)``. The student's network is trained on their
            labels alone, and the student is compared with it. A classifier that was
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
            cannot be asked: give its probabilities to `from_predictions`.
        """
        check_student(student)
        X = dense_or_csr(X)
        asked = rows_of_teacher(student, X, teacher_X)
        classes = student.classes_
        labels = check_labels(y, X, classes)
        check_baseline(baseline, classes)
        check_draws(n_bootstraps)
        weights = check_weights(sample_weight, labels)
        numbered = None if groups is None else number_groups(groups, len(labels), X)
        models = {TEACHER: student.teacher_, STUDENT: student}
        if isinstance(baseline, tuple):
            models[CONTROL] = fit_labels_alone(student, *baseline)
        elif baseline is not None:
            models[CONTROL] = baseline
        measured = {
            name: ask_and_measure(model, asked if name == TEACHER else X, student.task_)
            for name, model in models.items()
        }
        computed = compute(
            labels,
            {name: of.probabilities for name, of in measured.items()},
            {name: of.decided for name, of in measured.items()},
            weights,
            classes,
            numbered,
            n_bootstraps,
            random_state,
        )
        seen_share = student.seen_rows_.share_of(student_rows(student.student_, X))
        qualify_verdict(
            computed,
            np.count_nonzero(weights),
            distilled=student.follows_teacher_,
            teacher_saw_rows=teacher_saw_rows,
            student_saw_rows=seen_share > _MANY_SEEN,
        )
        return cls(
            **computed,
            notes=[
                *unknown_labels_note(y, labels, weights),
                *notes_on_student(student, computed, measured, weights, seen_share),
            ],
            costs={name: of.costs for name, of in measured.items()},
        )

    @classmethod
    def from_predictions(
        cls,
        y: ArrayLike,
        teacher_proba: ArrayLike,
        student_proba: ArrayLike,
        control_proba: ArrayLike | None = None,
        *,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        n_bootstraps: int = 1000,
        random_state: int | np.random.RandomState | None = 0,
    ) -> Self:
        """Report on given probabilities of any models.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels of the rows.
        teacher_proba, student_proba : array-like of shape (n_samples, n_classes)
            Probabilities of teacher and student for these rows.
        control_proba : array-like of shape (n_samples, n_classes), default=None
            Probabilities of the student's network trained on labels alone.
        classes : array-like of shape (n_classes,), default=None
            Labels of the columns. None for the sorted labels of y.
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
        check_no_label_missing(y)
        classes = np.unique(y) if classes is None else column_or_1d(classes)
        labels = check_labels(y, y, classes)
        if len(np.unique(classes)) < len(classes):
            raise ValueError(f"classes={classes.tolist()!r:.200} holds a label twice")
        if len(classes) < 2:
            raise ValueError(
                f"classes holds {classes.tolist()!r}: at least two labels are needed"
            )
        check_draws(n_bootstraps)
        weights = check_weights(sample_weight, labels)
        given = {TEACHER: teacher_proba, STUDENT: student_proba}
        if control_proba is not None:
            given[CONTROL] = control_proba
        probabilities = {
            model: check_probabilities(proba, len(labels), classes, name).astype(float)
            for (model, proba), name in zip(given.items(), _NAMES, strict=False)
        }
        computed = compute(
            labels,
            probabilities,
            None,
            weights,
            classes,
            None if groups is None else number_groups(groups, len(labels)),
            n_bootstraps,
            random_state,
        )
        spread = share_of_others(probabilities[TEACHER], weights)
        found = unknown_labels_note(y, labels, weights) + notes(computed, spread)
        return cls(**computed, notes=found, costs={})

    def to_dict(self) -> dict[str, Any]:
        """Return all figures as plain Python values that JSON can hold.

        Returns
        -------
        report : dict
            Attributes by their names. An interval is a dict of "estimate", "low" and
            "high". A figure that is not known is None.
        """
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain(fields)

    def to_frame(self, part: str = "figures") -> Any:
        """Return a part of the report as a data frame of pandas.

        Parameters
        ----------
        part : {"figures", "fidelity", "classes", "groups", "costs"}, default="figures"
            Name of the part.

        Returns
        -------
        frame : DataFrame
            Table with a row for each measure, class, group or model. A difference has
            three columns: its name, its name with " low", and its name with " high".

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
        return f"<DistillationReport on {self.n_samples:,} rows. {self.verdict}>"

    def _repr_html_(self) -> str:
        return fragment(self)
