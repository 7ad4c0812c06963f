"""The report of classes."""

from typing import ClassVar

import numpy as np

from skdistill.report.checks import check_classes_of_control, check_labels
from skdistill.report.class_measures import ClassMeasures
from skdistill.report.class_notes import (
    decisions_note,
    doubt_notes,
    few_different_note,
    one_hot_note,
    share_of_others,
    temperature_note,
    unknown_labels_note,
    worse_group_notes,
)
from skdistill.report.figures import STUDENT, TEACHER, FigureKey
from skdistill.report.kind import ReportKind
from skdistill.report.notes import labels_alone_note, notes_on_fit, seen_rows_note
from skdistill.report.parts import flat
from skdistill.report.table import Table, difference_cells, group_rows, number
from skdistill.tasks.soft_targets import soften, teacher_logits
from skdistill.teachers.resolve import as_teacher


class ReportOfClasses(ReportKind):
    """Report of models that answer with probabilities of classes.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Labels of the columns of an answer.
    """

    name = "classes"
    own_parts: ClassVar[tuple[str, ...]] = ("per_class", "classes", "n_different")
    measures: ClassVar[tuple[str, ...]] = (
        "accuracy",
        "balanced_accuracy",
        "log_loss",
        "brier",
        "calibration_error",
        "roc_auc",
    )
    fidelity = ("agreement", "kl_divergence", "total_variation")

    def __init__(self, classes):
        self.classes = classes

    def truth_of(self, y, X):
        """Return the columns of labels: see `check_labels`."""
        return check_labels(y, X, self.classes)

    def check_control(self, model):
        """Raise unless a model knows the same classes."""
        check_classes_of_control(model, self.classes)

    def finished(self, answers):
        """Return probabilities that add up to 1, and the most probable classes."""
        proba = answers.astype(np.float64)
        # The student answers in float32, so that a row may add up to a little more or
        # less than 1.
        return proba / proba.sum(axis=1, keepdims=True), proba.argmax(axis=1)

    def measures_of(self, rows, groups):
        """Return the measures of classifiers."""
        return ClassMeasures(rows.truth, rows.answers, groups, rows.decided)

    def parts(self, rows, sampled, models):
        """Return the figures of each class, and the rows that decide."""
        return {
            "per_class": self._per_class(rows, sampled, models),
            "classes": self.classes,
            "n_different": int(self.differs(rows).sum()),
        }

    def group_parts(self, rows, is_member, figures, models, level):
        """Return accuracy and log-loss of a group."""
        accuracy, log_loss, accuracy_of_others = (
            figures(measure, STUDENT) - figures(measure, TEACHER)
            for measure in ("accuracy", "log_loss", "accuracy_of_others")
        )
        return {
            "n_different": int(self.differs(rows)[is_member].sum()),
            "accuracy": {m: figures("accuracy", m).estimate for m in models},
            "log_loss": {m: figures("log_loss", m).estimate for m in models},
            "accuracy_difference": accuracy.interval(),
            "log_loss_difference": log_loss.interval(),
            "beyond_others": (accuracy - accuracy_of_others).interval(level),
        }

    def notes(self, y, rows, computed):
        """Return notes on labels, on targets that are nearly one-hot and on groups."""
        spread = share_of_others(rows.answers[TEACHER], rows.weights)
        return [
            *unknown_labels_note(y, rows.truth, rows.weights),
            *one_hot_note(spread, _share_wrong(computed)),
            *notes_on_rows(computed),
        ]

    def notes_on_student(self, y, rows, computed, student, measured, seen_share):
        """Return notes on labels, on targets, on decisions and on the fit."""
        proba, decided = measured[TEACHER][:2]
        temperature = student.teacher_temperature_
        targets = soften(teacher_logits(proba), temperature * student.temperature)
        spread = share_of_others(targets, rows.weights)
        on_targets = labels_alone_note(student) or [
            *one_hot_note(spread, _share_wrong(computed)),
            *temperature_note(temperature),
        ]
        return [
            *unknown_labels_note(y, rows.truth, rows.weights),
            *seen_rows_note(seen_share, computed["n_samples"]),
            *on_targets,
            *notes_on_rows(computed),
            *doubt_notes(measured),
            *decisions_note(as_teacher(student.teacher_), proba, decided),
            *notes_on_fit(student),
        ]

    @staticmethod
    def tables(report, models):
        """Return the table of the classes."""
        rows = [(row["class"], row["n_samples"], row) for row in report.per_class]
        return [table_of_each(rows, ("class", "rows"), ("recall", "recall"), models)]

    @staticmethod
    def group_table(report, models):
        """Return the table of the groups."""
        head = ["group", "rows", *(f"accuracy, {model}" for model in models)]
        head += ["student - teacher", "log-loss, student - teacher"]
        columns = {
            "accuracy_difference": "accuracy",
            "log_loss_difference": "log_loss",
            "beyond_others": "accuracy",
        }
        rows = group_rows(report, models, "accuracy", columns)
        return Table("Each group", [*head, "beyond other rows"], rows)

    @staticmethod
    def about(report):
        """Return the number of classes."""
        return f"{len(report.classes)} classes"

    @staticmethod
    def frames(report):
        """Return the rows of the classes."""
        return {"classes": ("class", [flat(row) for row in report.per_class])}

    def differs(self, rows):
        """Tell on which rows that count one of teacher and student is right alone.

        Parameters
        ----------
        rows : AnsweredRows

        Returns
        -------
        differs : ndarray of shape (n_samples,), bool
        """
        right = self.right(rows)
        return (right[TEACHER] != right[STUDENT]) & (rows.weights > 0)

    def right(self, rows):
        """Tell for which rows each model is right.

        Parameters
        ----------
        rows : AnsweredRows

        Returns
        -------
        right : dict of str to ndarray of shape (n_samples,), bool
        """
        decided = rows.decided
        if decided is None:
            decided = {name: p.argmax(axis=1) for name, p in rows.answers.items()}
        return {name: labels == rows.truth for name, labels in decided.items()}

    def _per_class(self, rows, sampled, models):
        """Return a row of the table of classes for each class."""
        labels, n_classes = rows.truth, len(self.classes)
        counts = np.bincount(labels[labels >= 0], minlength=n_classes)

        def figure(measure, model, column):
            return sampled[FigureKey(measure, model, column=column)]

        return [
            {
                "class": label,
                "n_samples": int(counts[column]),
                "recall": {m: figure("recall", m, column).estimate for m in models},
                "roc_auc": {m: figure("roc_auc", m, column).estimate for m in models},
                "recall_difference": (
                    figure("recall", STUDENT, column)
                    - figure("recall", TEACHER, column)
                ).interval(),
            }
            for column, label in enumerate(self.classes.tolist())
        ]


def notes_on_rows(computed):
    """Return the notes on groups, and on the rows that decide.

    Parameters
    ----------
    computed : dict
        Attributes of the report, as `compute` returned them.

    Returns
    -------
    notes : list of str
    """
    return [
        *worse_group_notes(computed["per_group"]),
        *few_different_note(computed["n_different"], computed["n_samples"]),
    ]


def _share_wrong(computed):
    """Return the share of the rows on which the teacher is wrong."""
    return 1.0 - computed["figures"][TEACHER]["accuracy"].estimate


def table_of_each(rows, heads, measure, models):
    """Return the table of a measure and the AUC of each class, or of each label.

    Parameters
    ----------
    rows : sequence of tuple
        Class, number of its rows, and its scores by measure.
    heads : tuple of str
        Heads of class and number.
    measure : tuple of str
        Measure, and its name in heads.
    models : sequence of str

    Returns
    -------
    table : Table
    """
    key, name = measure
    lost = [scores[f"{key}_difference"] for *_, scores in rows]
    lines = [
        [
            str(label),
            f"{n_rows:,}",
            *(number(scores[key][model]) for model in models),
            difference,
            *(number(scores["roc_auc"][model]) for model in models),
        ]
        for (label, n_rows, scores), difference in zip(
            rows, difference_cells(key, lost), strict=True
        )
    ]
    head = [*heads, *(f"{name}, {model}" for model in models)]
    head += [f"{name}, student - teacher", *(f"AUC, {model}" for model in models)]
    return Table(f"Each {heads[0]}", head, lines)
