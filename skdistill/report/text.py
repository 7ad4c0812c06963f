"""A report as text."""

import textwrap

from skdistill.report.tables import report_tables

_WIDTH = 88


def report_text(report):
    """Return a report as text, its verdict first.

    Parameters
    ----------
    report : DistillationReport

    Returns
    -------
    text : str
    """
    parts = [textwrap.fill(text, _WIDTH) for text in (report.verdict, *report.notes)]
    parts.append(about(report))
    for table in report_tables(report):
        parts.append(f"{table.title}\n{_format(table)}")
    return _printable("\n\n".join(parts))


def about(report):
    """Say what the figures are measured on.

    Parameters
    ----------
    report : DistillationReport

    Returns
    -------
    text : str
    """
    return (
        f"{report.n_samples:,} rows, {len(report.classes)} classes; intervals of 95 % "
        f"from {report.n_bootstraps:,} paired draws"
    )


def _format(table):
    """Return the lines of a table, numbers to the right."""
    lines = [table.head, *([str(cell) for cell in row] for row in table.rows)]
    lines = [[_one_line(cell) for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _one_line(cell):
    return " ".join(cell.split())


def _printable(text):
    """Spell out what would steer a terminal: names come from the data."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode()
        for c in text
    )
