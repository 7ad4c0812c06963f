"""Text for people: counts, sizes, and lines that a terminal of 80 columns holds."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

# Greatest width of a line. A terminal of 80 columns may wrap a line that fills it.
WIDTH = 79

# Greatest width of the first column of a table, which holds names. Longer names
# continue in the next line.
_NAME_WIDTH = 28

_GAP = "  "


def printable(text: str) -> str:
    """Return a text in one line, in which codes stand for control characters.

    Parameters
    ----------
    text : str
        Text. Names in data may hold line breaks, and steer a terminal.

    Returns
    -------
    line : str
    """
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode()
        for c in " ".join(text.split())
    )


def counted(count: int, noun: str) -> str:
    """Return a count and its noun as text, such as "1 row" or "2,000 rows".

    Parameters
    ----------
    count : int
    noun : str
        Noun whose plural ends in "s".

    Returns
    -------
    text : str
    """
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


def in_binary_units(n_bytes: int) -> str:
    """Return a number of bytes as text, such as "0.21 KiB", "52.4 KiB" or "1.5 MiB".

    Parameters
    ----------
    n_bytes : int

    Returns
    -------
    size : str
        It has two decimals below 1 KiB, and one from there on.
    """
    kibibytes = n_bytes / 1024
    if kibibytes >= 1024:
        return f"{kibibytes / 1024:.1f} MiB"
    return f"{kibibytes:.{1 if kibibytes >= 1 else 2}f} KiB"


def display_width(text: str) -> int:
    """Return the number of columns that a text takes in a terminal.

    Parameters
    ----------
    text : str
        Text of one line.

    Returns
    -------
    width : int
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def paragraph(text: str) -> str:
    """Return a text as lines of at most 79 columns.

    Parameters
    ----------
    text : str

    Returns
    -------
    lines : str
    """
    return "\n".join(_wrap(printable(text), WIDTH))


def text_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as text. Columns that do not fit continue below.

    Parameters
    ----------
    title : str
        Title of the table. None is written if it is empty.
    head : sequence of str
        Names of the columns.
    rows : iterable of sequence of str
        Cells of the rows. The first column is aligned left, and all others right.

    Returns
    -------
    text : str
        Lines of at most 79 columns, if no cell is wider. An empty line is
        between two parts.
    """
    head = [printable(cell) for cell in head]
    cells = [[printable(cell) for cell in row] for row in rows]
    of_cells = [
        max(map(display_width, column), default=0)
        for column in zip(*cells, strict=True)
    ]
    whole = [max(pair) for pair in zip(of_cells, map(display_width, head), strict=True)]
    words = [max(map(display_width, name.split()), default=0) for name in head]
    narrow = [max(pair) for pair in zip(of_cells, words, strict=True)]
    # A head of several lines is harder to read, unless it saves a part.
    widths = min(_limited(whole), _limited(narrow), key=lambda w: len(_parts(head, w)))
    parts = []
    for number, columns in enumerate(_parts(head, widths)):
        chosen = [0, *columns]
        lines = _lines(
            [head[c] for c in chosen],
            [[row[c] for c in chosen] for row in cells],
            [widths[c] for c in chosen],
        )
        heading = f"Continued: {title}" if number else title
        parts.append("\n".join([heading, *lines] if title else lines))
    return "\n\n".join(parts)


def _limited(widths):
    """Return widths of columns with a limit on the first."""
    return [min(widths[0], _NAME_WIDTH), *widths[1:]]


def _parts(head, widths):
    """Return the columns after the first, in parts that fit beside the first.

    Neighbours whose names start alike, as "AUC, teacher" and "AUC, student", stay
    together if there is a part that they fit in.
    """
    parts, used = [[]], widths[0]
    for _, group in groupby(range(1, len(head)), lambda c: head[c].split(",")[0]):
        columns = list(group)
        size = sum(len(_GAP) + widths[column] for column in columns)
        if used + size > WIDTH >= widths[0] + size:
            parts.append([])
            used = widths[0]
        for column in columns:
            if used + len(_GAP) + widths[column] > WIDTH:
                parts.append([])
                used = widths[0]
            used += len(_GAP) + widths[column]
            parts[-1].append(column)
    return [part for part in parts if part] or [[]]


def _lines(head, rows, widths):
    """Return the lines of one part of a table."""
    heads = [_wrap(name, width) for name, width in zip(head, widths, strict=True)]
    height = max(map(len, heads))
    heads = [[""] * (height - len(lines)) + lines for lines in heads]
    grid = [list(line) for line in zip(*heads, strict=True)]
    for row in rows:
        first, *more = _wrap(row[0], widths[0])
        grid.append([first, *row[1:]])
        grid += [[line] for line in more]
    return [
        _GAP.join(
            " " * (width - display_width(cell)) + cell
            if column
            else cell + " " * (width - display_width(cell))
            for column, (cell, width) in enumerate(zip(line, widths, strict=False))
        ).rstrip()
        for line in grid
    ]


def _wrap(text, width):
    """Return a text in lines, cut at spaces, or within words that are too long."""
    lines, line = [], ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if display_width(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        while display_width(word) > width:
            n_fitting = 1
            while display_width(word[: n_fitting + 1]) <= width:
                n_fitting += 1
            lines.append(word[:n_fitting])
            word = word[n_fitting:]
        line = word
    return [*lines, line]
