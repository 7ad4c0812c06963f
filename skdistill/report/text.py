"""A report as text."""

import textwrap

from skdistill.report.tables import report_tables

_WIDTH = 88


def report_text(report):
    """Return a report as text that starts with the verdict.

    Parameters
    ----------
    report : DistillationReport
        Report.

    Returns
    -------
    text : str
        Verdict, notes and tables.
    """
    blocks = [textwrap.fill(text, _WIDTH) for text in (report.verdict, *report.notes)]
    blocks.append(sample_text(report))
    for table in report_tables(report):
        blocks.append(f"{table.title}\n{_format(table)}")
    return _printable("\n\n".join(blocks))


def sample_text(report):
    """Return a text of the rows, classes and draws that the figures come from.

    Parameters
    ----------
    report : DistillationReport
        Report.

    Returns
    -------
    text : str
        Part of a sentence.
    """
    return (
        f"{report.n_samples:,} rows, {len(report.classes)} classes; intervals of 95 % "
        f"from {report.n_bootstraps:,} paired draws"
    )


def _format(table):
    """Return the lines of a table. Columns after the first are aligned right."""
    lines = [table.head, *([str(cell) for cell in row] for row in table.rows)]
    lines = [[_one_line(cell) for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _one_line(cell):
    """Return a text with its line breaks and tabs replaced by spaces."""
    return " ".join(cell.split())


def _printable(text):
    """Replace control characters, which names in the data may hold, by their codes."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode()
        for c in text
    )
