"""Parts of a report as rows of a data frame."""

from skdistill.report.kinds import kind_of
from skdistill.report.parts import flat


def frame_rows(report, part):
    """Return the rows of a part.

    Parameters
    ----------
    report : DistillationReport
        Report.
    part : str
        Name of the part.

    Returns
    -------
    index : str
        Name of the column that holds the names of the rows.
    rows : list of dict
        Rows, as values by the names of the columns.

    Raises
    ------
    ValueError
        If the report has no such part.
    """
    parts = {
        "figures": ("measure", _by_measure(report.figures, report.differences)),
        "fidelity": ("measure", _by_measure({}, report.fidelity)),
        **kind_of(report).frames(report),
    }
    if report.per_group is not None:
        parts["groups"] = ("group", [flat(row) for row in report.per_group])
    if report.costs:
        costs = [{"model": m, **c._asdict()} for m, c in report.costs.items()]
        parts["costs"] = ("model", costs)
    if part not in parts:
        raise ValueError(f"part={part!r} is not among {', '.join(map(repr, parts))}")
    return parts[part]


def _by_measure(figures, differences):
    """Return a row for each measure: first estimates, then intervals."""
    measures = next(iter(differences.values()))
    return [
        {"measure": measure}
        | {model: figures[model][measure].estimate for model in figures}
        | flat({name: values[measure] for name, values in differences.items()})
        for measure in measures
    ]
