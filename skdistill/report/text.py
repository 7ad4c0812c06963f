"""A report as text, for a terminal of 80 columns."""

from skdistill.common.text import counted, paragraph, text_table
from skdistill.report.kinds import kind_of
from skdistill.report.tables import report_tables


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
    blocks = [report.verdict, *report.notes, sample_text(report)]
    blocks = [paragraph(text) for text in blocks]
    for table in report_tables(report):
        rows = [[str(cell) for cell in row] for row in table.rows]
        blocks.append(text_table(table.title, table.head, rows))
        if table.note:
            blocks.append(paragraph(table.note))
    return "\n\n".join(blocks)


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
        f"{counted(report.n_samples, 'row')}, {kind_of(report).about(report)}; "
        f"intervals of 95 % from {report.n_bootstraps:,} paired draws"
    )
