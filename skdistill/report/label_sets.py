"""The report of label sets."""

from typing import ClassVar

import numpy as np
from scipy.special import expit

from skdistill.estimators.label_names import names_of_y
from skdistill.report.checks import check_label_sets, check_labels_of_control
from skdistill.report.classes import (
    ReportOfClasses,
    notes_on_rows,
    table_of_each,
)
from skdistill.report.figures import TEACHER
from skdistill.report.label_set_measures import LabelSetMeasures
from skdistill.report.label_set_notes import (
    constant_labels_note,
    nearly_labels_note,
    temperatures_note,
)
from skdistill.report.notes import labels_alone_note, notes_on_fit, seen_rows_note
from skdistill.report.numbers import column_figures
from skdistill.report.parts import flat
from skdistill.tasks.label_sets import LabelSetting


class ReportOfLabelSets(ReportOfClasses):
    """Report of models that answer with a probability for each of several labels.

    Parameters
    ----------
    names : list
        Names of the labels, in the order of the columns of an answer.
    """

    name = "label_sets"
    own_parts: ClassVar[tuple[str, ...]] = ("per_label", "n_different")
    measures: ClassVar[tuple[str, ...]] = (
        "accuracy",
        "hamming_loss",
        "f1_micro",
        "f1_macro",
        "log_loss",
        "brier",
        "roc_auc",
    )

    def __init__(self, names):
        self.names = list(names)
        self._task = LabelSetting(len(self.names))

    @classmethod
    def named_by(cls, y, labels):
        """Return the report of labels, named by the columns of y if these have names.

        Parameters
        ----------
        y : array-like of shape (n_samples, n_labels)
        labels : sequence of n_labels names

        Returns
        -------
        kind : ReportOfLabelSets
        """
        names = names_of_y(y)
        return cls(labels if names is None or len(names) != len(labels) else names)

    def truth_of(self, y, X):
        """Return labels as 0 and 1: see `check_label_sets`."""
        return check_label_sets(y, X, len(self.names))

    def check_control(self, model):
        """Raise unless a model answers for as many labels."""
        check_labels_of_control(model, len(self.names))

    def finished(self, answers):
        """Return probabilities, and the labels that are more probable than not."""
        return answers.astype(np.float64), self._task.decisions(answers)

    def measures_of(self, rows, groups):
        """Return the measures of label sets."""
        return LabelSetMeasures(rows.truth, rows.answers, groups, self._decided(rows))

    def parts(self, rows, sampled, models):
        """Return the figures of each label, and the rows that decide."""
        counts = np.count_nonzero(rows.truth, axis=0).tolist()
        measures = dict.fromkeys(("f1", "roc_auc"), models)
        per_label = [
            {
                "label": name,
                "n_positive": counts[column],
                **column_figures(sampled, measures, models, column, "f1"),
            }
            for column, name in enumerate(self.names)
        ]
        return {"per_label": per_label, "n_different": int(self.differs(rows).sum())}

    def right(self, rows):
        """Tell for which rows each model is right about all labels."""
        decided = self._decided(rows).items()
        return {name: (labels == rows.truth).all(axis=1) for name, labels in decided}

    def _decided(self, rows):
        """Return the labels that each model decides for."""
        return {name: self._task.decisions(p) for name, p in rows.answers.items()}

    def notes(self, y, rows, computed):
        """Return notes on labels, on targets that are nearly labels and on groups."""
        return self._notes(rows, computed, rows.answers[TEACHER])

    def notes_on_student(self, y, rows, computed, student, measured, seen_share):
        """Return notes on labels, on targets, on groups and on the fit."""
        temperatures = student.teacher_temperature_
        logits = self._task.soft_targets(rows.answers[TEACHER]) / temperatures
        alone = labels_alone_note(student)
        return [
            *seen_rows_note(seen_share, computed["n_samples"]),
            *(alone or temperatures_note(temperatures)),
            *self._notes(rows, computed, None if alone else expit(logits)),
            *notes_on_fit(student),
        ]

    def _notes(self, rows, computed, targets):
        """Return notes on labels, on groups and, if there are any, on soft targets."""
        wrong = computed["figures"][TEACHER]["hamming_loss"].estimate
        on_targets = []
        if targets is not None:
            on_targets = nearly_labels_note(targets, rows.weights, wrong)
        return [
            *constant_labels_note(rows, self.names),
            *on_targets,
            *notes_on_rows(computed),
        ]

    @staticmethod
    def tables(report, models):
        """Return the table of the labels."""
        rows = [(row["label"], row["n_positive"], row) for row in report.per_label]
        return [table_of_each(rows, ("label", "rows with it"), ("f1", "F1"), models)]

    @staticmethod
    def note_on_figures(report):
        """Return sentences on the measures."""
        return (
            "Accuracy is the share of the rows of which all labels are right, and "
            "Hamming loss the share of labels that are wrong. All other figures but "
            "F1, micro, are means over the labels."
        )

    @staticmethod
    def about(report):
        """Return the number of labels."""
        return f"{len(report.per_label)} labels"

    @staticmethod
    def frames(report):
        """Return the rows of the labels."""
        return {"labels": ("label", [flat(row) for row in report.per_label])}
