"""Tables of a report, for its text and for its page."""

import math
from typing import NamedTuple

from skdistill.report.bootstrap import Interval
from skdistill.report.verdict import LOWER_IS_BETTER

NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log-loss",
    "brier": "Brier score",
    "calibration_error": "calibration error",
    "roc_auc": "ROC AUC",
    "agreement": "agreement",
    "kl_divergence": "KL(teacher || model)",
    "total_variation": "total variation",
}
_COSTS = {
    "n_bytes": ("bytes on disk", "{:,.0f}"),
    "n_parameters": ("parameters", "{:,.0f}"),
    "row_microseconds": ("µs, one row", "{:,.1f}"),
    "given_row_microseconds": ("µs, one row as given", "{:,.1f}"),
    "batch_microseconds": ("µs a row, all at once", "{:,.2f}"),
    "fit_seconds": ("fit, s", "{:,.2f}"),
    "query_seconds": ("asking the teacher in fit, s", "{:,.2f}"),
}
_UNKNOWN = "-"


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
    """

    interval: Interval
    sign: int
    reach: float

    def __str__(self):
        if math.isnan(self.interval.estimate):
            return _UNKNOWN
        return "{} [{}, {}]".format(*(number(x, "{:+z.4f}") for x in self.interval))


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


def report_tables(report):
    """Return the tables of a report.

    Parameters
    ----------
    report : DistillationReport
        Report.

    Returns
    -------
    tables : list of Table
        Tables in their order.
    """
    models = list(report.figures)
    tables = [_performance(report, models), _fidelity(report, models)]
    if report.costs:
        tables.append(_costs(report, models))
    tables.append(_classes(report, models))
    if report.per_group is not None:
        tables.append(_groups(report, models))
    return tables


def _performance(report, models):
    pairs = [pair for pair in report.differences if pair.startswith("student")]
    rows = [
        [
            NAMES[name],
            *(number(report.figures[model][name].estimate) for model in models),
            *_differences(name, [report.differences[pair][name] for pair in pairs]),
        ]
        for name in report.figures["teacher"]
    ]
    return Table("Performance", ["", *models, *pairs], rows)


def _fidelity(report, models):
    rows = [
        [NAMES[name], *(number(report.fidelity[m][name].estimate) for m in models[1:])]
        for name in report.fidelity["student"]
    ]
    return Table("Fidelity to the teacher", ["", *models[1:]], rows)


def _costs(report, models):
    rows = [
        [name, *(number(getattr(report.costs[m], field), pattern) for m in models)]
        for field, (name, pattern) in _COSTS.items()
    ]
    return Table("Costs", ["", *models], rows, _forms_of_a_row(report.costs))


def _forms_of_a_row(costs):
    """Return sentences on the form in which one row was given to each model."""
    forms = {}
    for model, cost in costs.items():
        forms.setdefault(cost.row_form, []).append(model)
    given = "; ".join(f"{' and '.join(of)} as {form}" for form, of in forms.items())
    of_rows = costs["student"].given_row_form
    return (
        f"One row was given to {given}. X of this report holds each row as {of_rows}."
    )


def _classes(report, models):
    lost = _differences("recall", [r["recall_difference"] for r in report.per_class])
    rows = [
        [
            str(row["class"]),
            f"{row['n_samples']:,}",
            *(number(row["recall"][model]) for model in models),
            difference,
            *(number(row["roc_auc"][model]) for model in models),
        ]
        for row, difference in zip(report.per_class, lost, strict=True)
    ]
    head = ["class", "rows", *(f"recall, {model}" for model in models)]
    head += ["recall, student - teacher", *(f"AUC, {model}" for model in models)]
    return Table("Each class", head, rows)


def _groups(report, models):
    columns = [
        _differences(measure, [row[name] for row in report.per_group])
        for measure, name in (
            ("accuracy", "accuracy_difference"),
            ("log_loss", "log_loss_difference"),
            ("accuracy", "beyond_others"),
        )
    ]
    rows = [
        [
            row["group"],
            f"{row['n_samples']:,}",
            *(number(row["accuracy"][model]) for model in models),
            *differences,
        ]
        for row, *differences in zip(report.per_group, *columns, strict=True)
    ]
    head = ["group", "rows", *(f"accuracy, {model}" for model in models)]
    head += ["student - teacher", "log-loss, student - teacher", "beyond other rows"]
    return Table("Each group", head, rows)


def _differences(measure, intervals):
    """Return cells of differences that are compared with each other."""
    ends = [abs(end) for interval in intervals for end in interval if end == end]
    reach = max(ends, default=0.0)
    better = -1 if measure in LOWER_IS_BETTER else 1
    return [
        DifferenceCell(interval, better * interval.sign, reach)
        for interval in intervals
    ]
