"""Text on a console of 80 columns."""

import textwrap
import time
import warnings
from contextlib import contextmanager

from skdistill.common.text import WIDTH, printable

# Space at which a line is not broken. It is printed as a usual space.
NO_BREAK = "\u00a0"

_MOST_LISTED = 20


def fill(text, indent="", hanging=None):
    """Return a text in lines that fit. A word is never cut, so that paths stay whole.

    Parameters
    ----------
    text : str
        Text of one paragraph.
    indent : str, default=""
        Start of the first line.
    hanging : str or None, default=None
        Start of the other lines. None for the same.

    Returns
    -------
    lines : str
    """
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    ).replace(NO_BREAK, " ")


def listed(names):
    """Return names as a list in a sentence. Of many, only the first are named."""
    shown = [one_line(str(name), 60) for name in names[:_MOST_LISTED]]
    more = len(names) - len(shown)
    if more:
        return f"{', '.join(shown)} and {more:,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if shown[1:] else shown[0]


def one_line(text, width):
    """Return a text with codes for control characters, cut to a number of columns."""
    text = printable(text)
    return text if len(text) <= width else text[: width - 1] + "…"


def rows_of_text(rows):
    """Return rows of a name, a word on it and a remark, whose lines fit.

    Parameters
    ----------
    rows : list of tuple of str, str and str

    Returns
    -------
    lines : str
    """
    rows = [(one_line(name, 24), taken, remark) for name, taken, remark in rows]
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:2]]
    lines = []
    for name, taken, remark in rows:
        start = f"  {name:{widths[0]}}  {taken:{widths[1]}}  "
        hanging = " " * len(start)
        lines.append(fill(remark, start, hanging) if remark else start.rstrip())
    return "\n".join(lines)


@contextmanager
def stage(text):
    """Print the name of a stage, and the time that it took."""
    print(f"{text} ... ", end="", flush=True)
    start = time.perf_counter()
    yield
    print(f"{time.perf_counter() - start:.1f} s", flush=True)


@contextmanager
def plain_warnings():
    """Print warnings as text that fits, without the line of code that warned."""
    former = warnings.formatwarning
    warnings.formatwarning = lambda message, *_, **__: (
        f"\n{fill(f'warning: {message}')}\n"
    )
    try:
        yield
    finally:
        warnings.formatwarning = former
