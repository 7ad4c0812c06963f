"""The report: teacher, student and the same network on labels alone."""

from dataclasses import dataclass
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import column_or_1d

from skdistill.common.files import write_file
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.estimators.rows import check_weights, column_numbers
from skdistill.estimators.seen_rows import student_rows
from skdistill.report.bootstrap import Interval
from skdistill.report.checks import (
    check_baseline,
    check_draws,
    check_labels,
    check_student,
)
from skdistill.report.compute import CONTROL, STUDENT, TEACHER, compute
from skdistill.report.control import fit_labels_alone
from skdistill.report.costs import Costs, ask_and_measure
from skdistill.report.frame import frame_rows
from skdistill.report.groups import number_groups
from skdistill.report.page import fragment, page
from skdistill.report.text import report_text
from skdistill.report.verdict import notes, of_seen_rows
from skdistill.teachers.scikit_learn import check_probabilities
from skdistill.transfer.transfer_set import soften, teacher_logits

# From this share of rows on that the student was trained on, the verdict is on these.
_MOSTLY = 0.5


@dataclass(frozen=True, eq=False, repr=False)
class DistillationReport:
    """What distilling kept and lost, measured on labelled rows.

    Teacher, student and the student's network trained on labels alone stand side
    by side. Differences have intervals of 95 %: percentiles over bootstrap draws
    of the rows, the same rows for all models. They tell how far other rows like
    these would agree, not how another training would end.

    Make one by `from_estimator` or `from_predictions`. Print it, show it in a
    notebook, or write it to a file by `save`.

    Parameters
    ----------
    verdict : str
        One sentence: what was kept, whether distilling beat labels alone, and
        whether the teacher is better than these at all.
    notes : list of str
        What else has to be known: rows that the student was trained on, targets
        that are nearly one-hot, groups of which it loses more.
    figures : dict of str to dict of str to Interval
        By model ("teacher", "student" and, with a baseline, "labels alone") and
        measure: "accuracy", "balanced_accuracy", "log_loss", "brier",
        "calibration_error" (15 bins of equal weight), "roc_auc" (each class
        against the rest, the mean). An interval has an `estimate`, a `low` and a
        `high` end.
    differences : dict of str to dict of str to Interval
        The same by "student - teacher", "student - labels alone" and
        "teacher - labels alone".
    fidelity : dict of str to dict of str to Interval
        Of the student, and of labels alone, to the teacher: "agreement",
        "kl_divergence", "total_variation".
    per_class : list of dict
        Of each class its label, its rows, and of each model recall and ROC AUC,
        with the difference of recall between student and teacher.
    per_group : list of dict or None
        Of each group its name, its rows and how many of these make `n_different`,
        and of each model accuracy and log-loss, with their differences between
        student and teacher, and `beyond_others`: how the difference of accuracy
        differs from that on all other rows, at a level that holds for all groups
        together.
    costs : dict of str to Costs
        By model: bytes on disk, parameters, microseconds a row, alone and where
        all are predicted at once, seconds of `fit` and of asking the teacher.
        Empty without estimators.
    classes : ndarray of shape (n_classes,)
        The labels.
    n_samples : int
        Number of rows.
    n_different : int
        Rows on which one of teacher and student is right and the other is not.
    n_bootstraps : int
        Draws of the rows.

    See Also
    --------
    DistilledClassifier : What is reported on.

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
    >>> print(report.verdict[:56])
    The student keeps the teacher's accuracy within what 100
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
        sample_weight: ArrayLike | None = None,
        groups: Any = None,
        baseline: Any = None,
        n_bootstraps: int = 1000,
        random_state: int | np.random.RandomState | None = 0,
    ) -> Self:
        """Report on a fitted student.

        Parameters
        ----------
        student : DistilledClassifier
            Fitted. Its teacher is asked about X.
        X : table of shape (n_samples, n_features)
            Rows that neither teacher nor student was fitted on.
        y : array-like of shape (n_samples,)
            Their labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows in every figure.
        groups : str or array-like of shape (n_samples,), default=None
            Whether the student treats groups of rows alike is told by this column
            of X, or by what the rows of a group share.
        baseline : tuple or fitted classifier, default=None
            What distilling is compared with: ``(X_train, y_train)`` or ``(X_train,
            y_train, sample_weight)``, the rows of the student's `fit`, on which
            its network is trained on labels alone; or such a one that is fitted.
            The rows of X cannot serve: a control trained on fewer rows than the
            student would flatter it. None for no comparison.
        n_bootstraps : int, default=1000
            Draws of the rows, from which intervals are taken.
        random_state : int, RandomState instance or None, default=0
            Seeds the draws.

        Returns
        -------
        report : DistillationReport

        Raises
        ------
        ValueError
            Where an argument does not fit the others, or the teacher cannot be
            asked, as ``teacher="precomputed"``: then give its probabilities to
            `from_predictions`.
        """
        check_student(student)
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
        answers = {
            name: ask_and_measure(model, X, classes) for name, model in models.items()
        }
        probabilities = {name: answer[0] for name, answer in answers.items()}
        parts = compute(
            column_numbers(labels, classes),
            probabilities,
            weights,
            classes,
            numbered,
            n_bootstraps,
            random_state,
        )
        temperature = student.teacher_temperature_
        logits = teacher_logits(probabilities[TEACHER])
        targets = soften(logits, temperature * student.temperature)
        left = 1.0 - np.average(targets.max(axis=1), weights=weights)
        seen = student._seen_rows.share_of(student_rows(student.student_, X))
        if seen > _MOSTLY:
            parts["verdict"] = of_seen_rows(parts["verdict"])
        return cls(
            **parts,
            notes=notes(parts, left, temperature, seen, student._follows_labels_alone),
            costs={name: answer[1] for name, answer in answers.items()},
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
        """Report on probabilities, whatever made them.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            Labels.
        teacher_proba, student_proba : array-like of shape (n_samples, n_classes)
            Their probabilities of these rows.
        control_proba : array-like of shape (n_samples, n_classes), default=None
            Those of the student's network trained on labels alone.
        classes : array-like of shape (n_classes,), default=None
            The labels of the columns. None: the sorted labels of y.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        groups : array-like of shape (n_samples,), default=None
            What the rows of a group share.
        n_bootstraps : int, default=1000
            Draws of the rows.
        random_state : int, RandomState instance or None, default=0
            Seeds the draws.

        Returns
        -------
        report : DistillationReport

        Raises
        ------
        ValueError
            Where an argument does not fit the others.
        """
        classes = np.unique(y) if classes is None else column_or_1d(classes)
        labels = check_labels(y, y, classes)
        if len(np.unique(classes)) < len(classes):
            raise ValueError(f"classes={classes.tolist()!r:.200} holds a label twice")
        if len(classes) < 2:
            raise ValueError(
                f"classes holds {classes.tolist()!r}: two labels are needed at least"
            )
        check_draws(n_bootstraps)
        weights = check_weights(sample_weight, labels)
        given = {TEACHER: teacher_proba, STUDENT: student_proba}
        if control_proba is not None:
            given[CONTROL] = control_proba
        names = ("teacher_proba", "student_proba", "control_proba")
        probabilities = {
            model: check_probabilities(proba, len(labels), classes, name).astype(
                np.float64
            )
            for (model, proba), name in zip(given.items(), names, strict=False)
        }
        parts = compute(
            column_numbers(labels, classes),
            probabilities,
            weights,
            classes,
            None if groups is None else number_groups(groups, len(labels)),
            n_bootstraps,
            random_state,
        )
        left = 1.0 - np.average(probabilities[TEACHER].max(axis=1), weights=weights)
        return cls(**parts, notes=notes(parts, left), costs={})

    def to_dict(self) -> dict[str, Any]:
        """Return all figures as plain Python values, as JSON has them.

        Returns
        -------
        report : dict
            The attributes by their names. An interval is a dict of "estimate",
            "low" and "high"; what is not known is None.
        """
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return _plain(fields)

    def to_frame(self, part: str = "figures") -> Any:
        """Return a part of the report as a frame of pandas.

        Parameters
        ----------
        part : {"figures", "fidelity", "classes", "groups", "costs"}, default="figures"
            Which.

        Returns
        -------
        frame : DataFrame
            Measures, classes, groups or models are the rows. Of a difference
            there are three columns: its name, and that with " low" and " high".

        Raises
        ------
        ImportError
            Where pandas is not installed.
        ValueError
            Where the report has no such part.
        """
        try:
            import pandas as pd
        except ModuleNotFoundError as error:
            raise ImportError(
                "to_frame needs pandas: install it, or skdistill[table]. to_dict does "
                "without"
            ) from error
        index, rows = frame_rows(self, part)
        return pd.DataFrame(rows).set_index(index)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the report to one HTML file, which needs no other.

        Parameters
        ----------
        path : str or path-like
            The file, by custom with the ending ``.html``; replaced if it exists.

        Raises
        ------
        OSError
            Where the file cannot be written.
        """
        write_file(path, page(self).encode())

    def __str__(self) -> str:
        return report_text(self)

    def __repr__(self) -> str:
        return f"<DistillationReport on {self.n_samples:,} rows. {self.verdict}>"

    def _repr_html_(self) -> str:
        return fragment(self)


def _plain(value):
    """Return a value as JSON has it."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [_plain(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
