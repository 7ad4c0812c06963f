"""The report of numbers."""

from typing import ClassVar

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from skdistill.estimators.transformed_target import UnitsOfY
from skdistill.report.checks import check_numbers_of_rows
from skdistill.report.figures import STUDENT, TEACHER, FigureKey
from skdistill.report.kind import ReportKind
from skdistill.report.notes import labels_alone_note, notes_on_fit, seen_rows_note
from skdistill.report.number_measures import NumberMeasures
from skdistill.report.number_notes import (
    calibration_note,
    constant_note,
    few_rows_note,
    offset_note,
    outside_note,
    transformed_note,
    unexplained_note,
    worse_group_notes,
)
from skdistill.report.parts import flat
from skdistill.report.table import (
    Table,
    difference_cells,
    group_rows,
    number,
    pattern_of,
)


class ReportOfNumbers(ReportKind):
    """Report of models that answer with one number a row, or with several.

    Parameters
    ----------
    n_targets : int
        Number of targets.
    names : list of str or None, default=None
        Names of the targets. None for their numbers.
    """

    name = "numbers"
    own_parts: ClassVar[tuple[str, ...]] = ("kind", "per_target")
    measures = ("r2", "log_mse", "rmse", "mae")
    fidelity = ("r2_to_teacher", "mean_difference")

    #: Figure of a group, and its logarithm, which is compared with other rows.
    of_groups = ("mae", "log_mse")

    def __init__(self, n_targets, names=None):
        self.n_targets = n_targets
        if names is None or len(names) != n_targets:
            names = [str(target) for target in range(n_targets)]
        self.names = names
        self.units = UnitsOfY()

    @classmethod
    def named_by(cls, y, n_targets=None):
        """Return the report of the targets of y, with the names of its columns.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
        n_targets : int or None, default=None
            Number of targets. None for that of y.

        Returns
        -------
        kind : ReportOfNumbers
        """
        if n_targets is None:
            shape = np.shape(y)
            n_targets = shape[1] if len(shape) > 1 else 1
        names = getattr(y, "columns", None)
        return cls(n_targets, None if names is None else [str(name) for name in names])

    def truth_of(self, y, X):
        """Return numbers with a column for each target."""
        return check_numbers_of_rows(y, X, self.n_targets)

    def check_control(self, model):
        """Raise unless a model is a fitted regressor."""
        if not hasattr(model, "predict") or is_classifier(model):
            raise ValueError(
                f"baseline is a {type(model).__name__}: give (X_train, y_train), the "
                "rows that the student was fitted on, or a fitted regressor, or None"
            )
        check_is_fitted(model)

    def finished(self, answers):
        """Return numbers with a column for each target, twice."""
        numbers = answers.reshape(len(answers), -1).astype(np.float64)
        return numbers, numbers

    def measures_of(self, rows, groups):
        """Return the measures of regressors."""
        return NumberMeasures(rows.truth, rows.answers, groups, rows.weights)

    def parts(self, rows, sampled, models):
        """Return the figures of each target, if there are several."""
        if self.n_targets == 1:
            return {"per_target": None}
        measures = {"r2": models, "rmse": models, "mae": models}
        measures["r2_to_teacher"] = models[1:]
        per_target = [
            {"target": name, **column_figures(sampled, measures, models, column, "r2")}
            for column, name in enumerate(self.names)
        ]
        return {"per_target": per_target}

    def group_parts(self, rows, is_member, figures, models, level):
        """Return the error of a group, and its logarithm against other rows."""
        measure, logarithm = self.of_groups
        error, log_error, of_others = (
            figures(name, STUDENT) - figures(name, TEACHER)
            for name in (measure, logarithm, f"{logarithm}_of_others")
        )
        return {
            measure: {model: figures(measure, model).estimate for model in models},
            f"{measure}_difference": error.interval(),
            f"{logarithm}_difference": log_error.interval(),
            "beyond_others": (log_error - of_others).interval(level),
        }

    def notes(self, y, rows, computed):
        """Return notes on y, on the teacher and on groups."""
        return [
            *few_rows_note(rows),
            *constant_note(rows, self.names),
            *unexplained_note(computed, self.measures[0]),
            *worse_group_notes(computed["per_group"], self.of_groups[1]),
        ]

    def notes_on_student(self, y, rows, computed, student, measured, seen_share):
        """Return notes on y, on the teacher, on groups and on the fit."""
        return [
            *transformed_note(self.units),
            *seen_rows_note(seen_share, computed["n_samples"]),
            *(labels_alone_note(student) or calibration_note(student)),
            *offset_note(student),
            *self.notes(y, rows, computed),
            *outside_note(student, rows, self.units),
            *notes_on_fit(student),
        ]

    @staticmethod
    def tables(report, models):
        """Return the table of the targets, if there are several."""
        if report.per_target is None:
            return []
        lost = [row["r2_difference"] for row in report.per_target]
        rows = [
            [
                row["target"],
                *(number(row["r2"][model]) for model in models),
                difference,
                *(number(row["rmse"][model], pattern_of("rmse")) for model in models),
                number(row["r2_to_teacher"][STUDENT]),
            ]
            for row, difference in zip(
                report.per_target, difference_cells("r2", lost), strict=True
            )
        ]
        head = ["target", *(f"R², {model}" for model in models)]
        head += ["R², student - teacher", *(f"RMSE, {model}" for model in models)]
        return [Table("Each target", [*head, "R² of the student to the teacher"], rows)]

    @staticmethod
    def group_table(report, models):
        """Return the table of the groups."""
        head = ["group", "rows", *(f"MAE, {model}" for model in models)]
        head += ["student - teacher", "log MSE, student - teacher"]
        columns = {
            "mae_difference": "mae",
            "log_mse_difference": "log_mse",
            "beyond_others": "log_mse",
        }
        rows = group_rows(report, models, "mae", columns)
        return Table("Each group", [*head, "beyond other rows"], rows)

    @staticmethod
    def note_on_figures(report):
        """Return sentences on the logarithm, and on several targets."""
        note = (
            "log MSE is the logarithm of the mean squared error in deviations of y, "
            "so its difference is log(MSE student / MSE teacher)."
        )
        if report.per_target is None:
            return note
        return f"{note} R², RMSE and MAE are means over the targets."

    @staticmethod
    def about(report):
        """Return the number of targets."""
        if report.per_target is None:
            return "1 target"
        return f"{len(report.per_target)} targets"

    @staticmethod
    def frames(report):
        """Return the rows of the targets."""
        if report.per_target is None:
            return {}
        return {"targets": ("target", [flat(row) for row in report.per_target])}


def column_figures(sampled, measures, models, column, compared):
    """Return the figures of a column of the answers.

    Parameters
    ----------
    sampled : dict of FigureKey to BootstrappedFigure
    measures : dict of str to list of str
        Models that have a measure.
    models : list of str
        Names of the models.
    column : int
        Number of the column.
    compared : str
        Measure of which the difference between student and teacher is a part.

    Returns
    -------
    figures : dict of str to (dict of str to float, or Interval)
    """
    figures = {
        name: {
            model: sampled[FigureKey(name, model, column=column)].estimate
            for model in of_models
        }
        for name, of_models in measures.items()
    }
    student, teacher = (
        sampled[FigureKey(compared, model, column=column)]
        for model in (STUDENT, TEACHER)
    )
    return {**figures, f"{compared}_difference": (student - teacher).interval()}
