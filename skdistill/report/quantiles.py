"""The report of quantiles of a number."""

import numpy as np

from skdistill.common.text import counted
from skdistill.report.number_notes import coverage_note, wanted_rows
from skdistill.report.numbers import ReportOfNumbers, column_figures
from skdistill.report.parts import flat
from skdistill.report.quantile_measures import QuantileMeasures
from skdistill.report.table import (
    Table,
    difference_cells,
    group_rows,
    number,
    pattern_of,
)


class ReportOfQuantiles(ReportOfNumbers):
    """Report of models that answer with quantiles of one number.

    Parameters
    ----------
    quantiles : sequence of float
        Levels of the columns of an answer.

    Raises
    ------
    ValueError
        If the levels do not rise from above 0 to below 1.
    """

    name = "quantiles"
    own_parts = ("kind", "quantiles", "per_quantile")
    measures = ("d2_pinball", "pinball_loss", "log_pinball_loss", "coverage")
    of_groups = ("pinball_loss", "log_pinball_loss")

    def __init__(self, quantiles):
        super().__init__(1)
        self.quantiles = tuple(float(level) for level in np.atleast_1d(quantiles))
        if not (np.diff([0.0, *self.quantiles, 1.0]) > 0.0).all():
            raise ValueError(
                f"quantiles={quantiles!r:.200}: give levels between 0 and 1, each "
                "above the one before, one for each column of the predictions"
            )

    def measures_of(self, rows, groups):
        """Return the measures of quantiles."""
        return QuantileMeasures(
            rows.truth, rows.answers, groups, rows.weights, self.quantiles
        )

    def parts(self, rows, sampled, models):
        """Return the figures of each quantile."""
        measures = dict.fromkeys(("share_below", "pinball_loss"), models)
        per_quantile = [
            {
                "quantile": level,
                **column_figures(sampled, measures, models, column, "pinball_loss"),
            }
            for column, level in enumerate(self.quantiles)
        ]
        return {"quantiles": list(self.quantiles), "per_quantile": per_quantile}

    def group_parts(self, rows, is_member, figures, models, level):
        """Return loss and coverage of a group."""
        parts = super().group_parts(rows, is_member, figures, models, level)
        coverage = {m: figures("coverage", m).estimate for m in models}
        return {"coverage": coverage, **parts}

    def notes(self, y, rows, computed):
        """Return notes on y, on the teacher, on groups and on the coverage."""
        found = super().notes(y, rows, computed)
        return found + coverage_note(rows, computed, self.quantiles)

    @staticmethod
    def tables(report, models):
        """Return the table of the quantiles."""
        lost = [row["pinball_loss_difference"] for row in report.per_quantile]
        rows = [
            [
                f"{row['quantile']:g}",
                *(number(row["share_below"][model]) for model in models),
                *(
                    number(row["pinball_loss"][model], pattern_of("pinball_loss"))
                    for model in models
                ),
                difference,
            ]
            for row, difference in zip(
                report.per_quantile,
                difference_cells("pinball_loss", lost),
                strict=True,
            )
        ]
        head = ["quantile", *(f"y at most, {model}" for model in models)]
        head += [f"pinball loss, {model}" for model in models]
        return [Table("Each quantile", [*head, "loss, student - teacher"], rows)]

    @staticmethod
    def group_table(report, models):
        """Return the table of the groups."""
        columns = {
            "pinball_loss_difference": "pinball_loss",
            "log_pinball_loss_difference": "log_pinball_loss",
            "beyond_others": "log_pinball_loss",
        }
        rows = [
            [*row[:2], *(number(of["coverage"][m]) for m in models), *row[2:]]
            for row, of in zip(
                group_rows(report, models, "pinball_loss", columns),
                report.per_group,
                strict=True,
            )
        ]
        head = ["group", "rows", *(f"coverage, {model}" for model in models)]
        head += [f"pinball loss, {model}" for model in models]
        head += ["student - teacher", "log, student - teacher", "beyond other rows"]
        return Table("Each group", head, rows)

    @staticmethod
    def note_on_figures(report):
        """Return sentences on the measures."""
        return (
            f"Coverage is the share of y {wanted_rows(report.quantiles)}. D² is the "
            "share of the pinball loss of the best constant that a model explains."
        )

    @staticmethod
    def about(report):
        """Return the number of quantiles."""
        return counted(len(report.quantiles), "quantile")

    @staticmethod
    def frames(report):
        """Return the rows of the quantiles."""
        return {"quantiles": ("quantile", [flat(row) for row in report.per_quantile])}
