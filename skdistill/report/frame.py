"""Parts of a report as rows of a data frame, and as plain values."""

import numpy as np


def frame_rows(report, part):
    """Return the rows of a part.

    Parameters
    ----------
    report : DistillationReport
        Report.
    part : {"figures", "fidelity", "classes", "groups", "costs"}
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
        "classes": ("class", [_flat(row) for row in report.per_class]),
    }
    if report.per_group is not None:
        parts["groups"] = ("group", [_flat(row) for row in report.per_group])
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
        | _flat({name: values[measure] for name, values in differences.items()})
        for measure in measures
    ]


def _flat(row):
    """Return a row with a column for each value of an interval or a dict."""
    flat = {}
    for name, value in row.items():
        if hasattr(value, "_asdict"):
            flat |= {name: value.estimate, f"{name} low": value.low}
            flat[f"{name} high"] = value.high
        elif isinstance(value, dict):
            flat |= {f"{name}, {model}": figure for model, figure in value.items()}
        else:
            flat[name] = value
    return flat


def plain(value):
    """Return a value as a plain Python value that JSON can hold.

    Parameters
    ----------
    value : object
        Number, text, array, list, dict or named tuple.

    Returns
    -------
    plain : object
        Value without arrays and named tuples. A float that is not finite is None.
    """
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
