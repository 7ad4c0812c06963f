"""A report as HTML."""

import math
from html import escape
from importlib.resources import files
from string import Template

from skdistill.report.tables import Difference, number, report_tables
from skdistill.report.text import about
from skdistill.report.verdict import worse_than_labels

# Of a picture of an interval, in its own units.
_HALF_WIDTH, _MIDDLE = 60, 7
_CLASSES = {1: "better", 0: "even", -1: "worse"}


def page(report):
    """Return a report as a page of its own.

    Parameters
    ----------
    report : DistillationReport

    Returns
    -------
    html : str
    """
    return _template("page.html").substitute(report=fragment(report))


def fragment(report):
    """Return a report as a part of a page, with its styles.

    Parameters
    ----------
    report : DistillationReport

    Returns
    -------
    html : str
        Nothing in it is loaded from elsewhere, and nothing is run.
    """
    items = "\n".join(f"<li>{escape(note)}</li>" for note in report.notes)
    worse = worse_than_labels(report.differences)
    return _template("fragment.html").substitute(
        verdict=escape(report.verdict),
        verdict_class="verdict worse" if worse else "verdict",
        notes=f"<ul>\n{items}\n</ul>" if items else "",
        about=escape(about(report)),
        tables="\n".join(map(_table, report_tables(report))),
    )


def _template(name):
    return Template(files("skdistill.report").joinpath(name).read_text("utf-8"))


def _table(table):
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(map(_cell, row[1:]))}</tr>'
        for row in table.rows
    )
    return (
        f'<h2>{escape(table.title)}</h2>\n<div class="scrolled"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _cell(cell):
    if not isinstance(cell, Difference) or math.isnan(cell.interval.estimate):
        return f"<td>{escape(str(cell))}</td>"
    estimate, low, high = (number(end, "{:+z.4f}") for end in cell.interval)
    return (
        f'<td><span class="{_CLASSES[cell.sign]}">{estimate}</span> '
        f'<span class="ends">[{low}, {high}]</span>{_picture(cell)}</td>'
    )


def _picture(cell):
    """Draw an interval about zero, which is in the middle."""
    if not cell.reach or any(end != end for end in cell.interval):
        return ""
    # Within the borders the mark has room.
    scale = (_HALF_WIDTH - 6) / cell.reach
    at, low, high = (_HALF_WIDTH + scale * end for end in cell.interval)
    if cell.sign < 0:
        mark = f'<path class="mark" d="M{at:.1f} 3l4 4-4 4-4-4z"/>'
    else:
        mark = f'<circle class="mark" cx="{at:.1f}" cy="{_MIDDLE}" r="3"/>'
    return (
        f'<svg class="{_CLASSES[cell.sign]}" viewBox="0 0 {2 * _HALF_WIDTH} '
        f'{2 * _MIDDLE}" aria-hidden="true">'
        f'<path class="zero" d="M{_HALF_WIDTH} 0v14"/>'
        f'<path stroke-width="2" d="M{low:.1f} {_MIDDLE}H{high:.1f}"/>{mark}</svg>'
    )
