"""Tables of a report, their cells, and the names of the measures in them."""

import math
from typing import NamedTuple

from skdistill.report.bootstrap import Interval
from skdistill.report.verdict import LOWER_IS_BETTER, NEUTRAL

NAMES = {
    "accuracy": "accuracy",
    "hamming_loss": "Hamming loss",
    "f1_micro": "F1, micro",
    "f1_macro": "F1, macro",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log-loss",
    "brier": "Brier score",
    "calibration_error": "calibration error",
    "roc_auc": "ROC AUC",
    "agreement": "agreement",
    "kl_divergence": "KL(teacher || model)",
    "total_variation": "total variation",
    "r2": "R²",
    "log_mse": "log MSE",
    "rmse": "RMSE",
    "mae": "MAE",
    "d2_pinball": "D² of pinball loss",
    "log_pinball_loss": "log pinball loss",
    "pinball_loss": "pinball loss",
    "coverage": "coverage",
    "r2_to_teacher": "R² to the teacher",
    "mean_difference": "mean difference",
}
_UNKNOWN = "-"

# Measures in the units of y, which may be huge or tiny.
_IN_UNITS = frozenset({"rmse", "mae", "pinball_loss"})


class DifferenceCell(NamedTuple):
    """Cell of a table that shows a difference of two models.

    Attributes
    ----------
    interval : Interval
        Difference and its interval.
    sign : int
        1 for better, -1 for worse, 0 if the interval holds zero.
    reach : float
        Greatest distance from zero that a picture of the interval shows. Cells that
        are compared with each other have the same.
    pattern : str, default="{:+z.4f}"
        Format of the numbers.
    """

    interval: Interval
    sign: int
    reach: float
    pattern: str = "{:+z.4f}"

    def __str__(self):
        if math.isnan(self.interval.estimate):
            return _UNKNOWN
        return "{} [{}, {}]".format(*(number(x, self.pattern) for x in self.interval))


class Table(NamedTuple):
    """Table of a report.

    Attributes
    ----------
    title : str
        Title of the table.
    head : list of str
        Names of the columns.
    rows : list of list of (str or DifferenceCell)
        Rows of the table. The first cell of a row is its name.
    note : str
        Sentences below the table; "" for none.
    """

    title: str
    head: list
    rows: list
    note: str = ""


def number(value, pattern="{:.4f}"):
    """Return the text of a figure.

    Parameters
    ----------
    value : float or None
        Figure. None or NaN if it is not known.
    pattern : str, default="{:.4f}"
        Format of the text.

    Returns
    -------
    text : str
        Text of the figure. A dash if it is not known.
    """
    return _UNKNOWN if value is None or value != value else pattern.format(value)


def pattern_of(measure):
    """Return the format of a measure.

    Parameters
    ----------
    measure : str

    Returns
    -------
    pattern : str
    """
    return "{:.4g}" if measure in _IN_UNITS else "{:.4f}"


def difference_cells(measure, intervals):
    """Return cells of differences that are compared with each other.

    Parameters
    ----------
    measure : str
        Name of the measure.
    intervals : list of Interval
        Differences.

    Returns
    -------
    cells : list of DifferenceCell
    """
    ends = [abs(end) for interval in intervals for end in interval if end == end]
    reach = max(ends, default=0.0)
    better = -1 if measure in LOWER_IS_BETTER else 1
    if measure in NEUTRAL:
        better = 0
    pattern = pattern_of(measure).replace(":", ":+z")
    return [
        DifferenceCell(interval, better * interval.sign, reach, pattern)
        for interval in intervals
    ]


def group_rows(report, models, figure, differences):
    """Return the rows of a table of groups.

    Parameters
    ----------
    report : DistillationReport
    models : list of str
        Names of the models.
    figure : str
        Figure of each model, as a key of `per_group`.
    differences : dict of str to str
        Measure of each difference, by its key of `per_group`.

    Returns
    -------
    rows : list of list of (str or DifferenceCell)
    """
    columns = [
        difference_cells(measure, [row[name] for row in report.per_group])
        for name, measure in differences.items()
    ]
    return [
        [
            row["group"],
            f"{row['n_samples']:,}",
            *(number(row[figure][model], pattern_of(figure)) for model in models),
            *cells,
        ]
        for row, *cells in zip(report.per_group, *columns, strict=True)
    ]
