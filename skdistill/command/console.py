"""Text on a console of 80 columns."""

import re
import time
import warnings
from contextlib import contextmanager

from skdistill.common.text import WIDTH, display_width, printable

# Space at which a line is not broken. It is printed as a usual space.
NO_BREAK = "\u00a0"

_MOST_LISTED = 20

# A space at which a line may be broken.
_SPACE = re.compile(r"[ \t\n\r\f\v]")

# Warning of scikit-learn, in place of which the command says once what happens.
_WARNING_OF_NAMES = "X has feature names, but .* was fitted without feature names"


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
    hanging = indent if hanging is None else hanging
    lines, line = [], indent
    is_empty = True
    for word in _SPACE.split(text.strip()):
        joined = f"{line}{word}" if is_empty else f"{line} {word}"
        if is_empty or display_width(joined) <= WIDTH:
            line = joined
        else:
            lines.append(line.rstrip())
            line = f"{hanging}{word}"
        is_empty = not line.strip()
    return "\n".join([*lines, line.rstrip()]).replace(NO_BREAK, " ")


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
    if display_width(text) <= width:
        return text
    while display_width(text) >= width:
        text = text[:-1]
    return f"{text}…"


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
    widths = [max(display_width(row[part]) for row in rows) for part in (0, 1)]
    lines = []
    for name, taken, remark in rows:
        start = "  "
        for cell, width in zip((name, taken), widths, strict=True):
            start += cell + " " * (width - display_width(cell)) + "  "
        hanging = " " * display_width(start)
        lines.append(fill(remark, start, hanging) if remark else start.rstrip())
    return "\n".join(lines)


@contextmanager
def stage(text):
    """Print the name of a stage, and the time that it took.

    An error ends the line.
    """
    print(f"{text} ... ", end="", flush=True)
    start = time.perf_counter()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.perf_counter() - start:.1f} s", flush=True)


@contextmanager
def plain_warnings():
    """Print warnings as text that fits, without the line of code that warned."""
    former = warnings.formatwarning
    warnings.formatwarning = lambda message, *_, **__: (
        f"\n{fill(f'warning: {message}')}\n"
    )
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", _WARNING_OF_NAMES, UserWarning)
            yield
    finally:
        warnings.formatwarning = former
