"""A report as HTML."""

import math
from html import escape
from importlib.resources import files
from string import Template

from skdistill.report.table import DifferenceCell, number
from skdistill.report.tables import report_tables
from skdistill.report.text import sample_text
from skdistill.report.verdict import worse_than_labels

# Half the width of the picture of an interval, and half its height, in its own units.
_HALF_WIDTH, _HALF_HEIGHT = 60, 7
_CLASSES = {1: "better", 0: "even", -1: "worse"}


def page(report):
    """Return a report as a page of its own.

    Parameters
    ----------
    report : DistillationReport
        Report.

    Returns
    -------
    html : str
        Whole page.
    """
    return _template("page.html").substitute(report=fragment(report))


def fragment(report):
    """Return a report as a part of a page, with its styles.

    Parameters
    ----------
    report : DistillationReport
        Report.

    Returns
    -------
    html : str
        Part of a page. It loads no other file and runs no code.
    """
    items = "\n".join(f"<li>{escape(note)}</li>" for note in report.notes)
    worse = worse_than_labels(report.differences)
    return _template("fragment.html").substitute(
        verdict=escape(report.verdict),
        verdict_class="verdict worse" if worse else "verdict",
        notes=f"<ul>\n{items}\n</ul>" if items else "",
        about=escape(sample_text(report)),
        tables="\n".join(map(_table, report_tables(report))),
    )


def _template(name):
    """Return a template of this folder."""
    return Template(files("skdistill.report").joinpath(name).read_text("utf-8"))


def _table(table):
    """Return a table as HTML."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(map(_cell, row[1:]))}</tr>'
        for row in table.rows
    )
    return (
        f'<h2>{escape(table.title)}</h2>\n<div class="scrolled"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
        + (f'\n<p class="about">{escape(table.note)}</p>' if table.note else "")
    )


def _cell(cell):
    """Return a cell as HTML, with a picture of its interval if it has one."""
    if not isinstance(cell, DifferenceCell) or math.isnan(cell.interval.estimate):
        return f"<td>{escape(str(cell))}</td>"
    estimate, low, high = (number(end, cell.pattern) for end in cell.interval)
    return (
        f'<td><span class="{_CLASSES[cell.sign]}">{estimate}</span> '
        f'<span class="ends">[{low}, {high}]</span>{_picture(cell)}</td>'
    )


def _picture(cell):
    """Return a picture of an interval. Zero is in the middle."""
    if not cell.reach or any(end != end for end in cell.interval):
        return ""
    # A border of 6 units leaves room for the mark.
    scale = (_HALF_WIDTH - 6) / cell.reach
    at, low, high = (_HALF_WIDTH + scale * end for end in cell.interval)
    if cell.sign < 0:
        mark = f'<path class="mark" d="M{at:.1f} 3l4 4-4 4-4-4z"/>'
    else:
        mark = f'<circle class="mark" cx="{at:.1f}" cy="{_HALF_HEIGHT}" r="3"/>'
    return (
        f'<svg class="{_CLASSES[cell.sign]}" viewBox="0 0 {2 * _HALF_WIDTH} '
        f'{2 * _HALF_HEIGHT}" aria-hidden="true">'
        f'<path class="zero" d="M{_HALF_WIDTH} 0v14"/>'
        f'<path stroke-width="2" d="M{low:.1f} {_HALF_HEIGHT}H{high:.1f}"/>{mark}</svg>'
    )
