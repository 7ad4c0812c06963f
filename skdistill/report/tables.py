"""The tables of a report, for its text and for its page."""

from skdistill.report.kinds import kind_of
from skdistill.report.table import NAMES, Table, difference_cells, number, pattern_of

_COSTS = {
    "n_bytes": ("bytes on disk", "{:,.0f}"),
    "n_parameters": ("parameters", "{:,.0f}"),
    "row_microseconds": ("µs, one row", "{:,.1f}"),
    "given_row_microseconds": ("µs, one row as given", "{:,.1f}"),
    "batch_microseconds": ("µs a row, all at once", "{:,.2f}"),
    "fit_seconds": ("fit, s", "{:,.2f}"),
    "query_seconds": ("asking the teacher in fit, s", "{:,.2f}"),
}


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
    kind, models = kind_of(report), list(report.figures)
    tables = [_performance(report, models), _fidelity(report, models)]
    if report.costs:
        tables.append(_costs(report, models))
    tables += kind.tables(report, models)
    if report.per_group is not None:
        tables.append(kind.group_table(report, models))
    return tables


def _performance(report, models):
    pairs = [pair for pair in report.differences if pair.startswith("student")]
    figures = [report.figures[model] for model in models]
    rows = [
        [
            NAMES[name],
            *(number(of[name].estimate, pattern_of(name)) for of in figures),
            *difference_cells(name, [report.differences[pair][name] for pair in pairs]),
        ]
        for name in report.figures["teacher"]
    ]
    note = kind_of(report).note_on_figures(report)
    return Table("Performance", ["", *models, *pairs], rows, note)


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
