"""The header in C of a student, around the functions that compute."""

import hashlib
import textwrap
from collections import Counter
from importlib.metadata import version
from typing import NamedTuple

import numpy as np

from skdistill.export.c.answers.base import enumerated
from skdistill.export.c.text import comment, comment_text, name_part, unique_names

_WIDTH = 80


class Body(NamedTuple):
    """The parts of a header that depend on the arithmetic.

    Attributes
    ----------
    number : str
        Type in C of a value of a row.
    usage : list of str
        Lines of C that call the functions, and use the results.
    row, answers : str
        Text about the values of a row, and about the answers of the functions.
    column_notes : list of str
        Note for each column, which follows its kind in the list of columns.
    answer_notes : list of str
        Note for each answer, which ends its line in the list of answers. Empty if there
        are none.
    source : str
        Constants and functions, with ``@`` for the prefix.
    """

    number: str
    usage: list[str]
    row: str
    answers: str
    column_notes: list[str]
    answer_notes: list[str]
    source: str


_HEAD = """\
{prefix}: {title}.
Written by skdistill {version} from {student!r}.

    {number} row[{prefix}_n_columns] = {{...}};
{usage}

{row}

{answers}

Columns:
{columns}

{listing}

The code is C99 and C++11, and needs no library. It allocates no memory and keeps
no state between calls. Everything is static: each file that includes this header
gets its own copy of the constants.
"""

_SIZES = """\
enum {{
    @_n_columns = {n_columns},
{sizes}
}};
"""


def header(student, prefix, feature_names, body, found):
    """Return the text of a header.

    Parameters
    ----------
    student : Student
    prefix : str
        Beginning of all names.
    feature_names : sequence of str, or None
    body : Body
    found : HeaderAnswers

    Returns
    -------
    text : str

    Raises
    ------
    ValueError, TypeError
        If a label cannot be written in C.
    """
    head = _HEAD.format(
        prefix=prefix,
        title=found.title.format(inputs=f"{student.n_features_in_} columns"),
        n_columns=student.n_features_in_,
        version=version("skdistill"),
        student=student,
        number=body.number,
        usage="\n".join(f"    {line}" for line in body.usage).replace("@", prefix),
        row=textwrap.fill(body.row, _WIDTH),
        answers=textwrap.fill(body.answers.replace("@", prefix), _WIDTH),
        columns="\n".join(_column_lines(student, feature_names, body.column_notes)),
        listing=found.listing(body.answer_notes),
    )
    sizes = _SIZES.format(
        n_columns=student.n_features_in_, sizes=enumerated(found.sizes)
    )
    guard = f"SKDISTILL_{prefix}_H"
    return "\n".join(
        [
            comment(head),
            f"#ifndef {guard}\n#define {guard}\n",
            "#include <stdint.h>\n",
            sizes.replace("@", prefix),
            *_category_names(student.input_code, prefix, feature_names),
            *found.labels(prefix),
            body.source.replace("@", prefix),
            "#endif\n",
        ]
    )


def knot_starts(code):
    """Return the index of the first knot of each column, then the number of knots."""
    return np.cumsum([0, *(knots.size for knots in code.knots)], dtype=np.int32)


def category_starts(code):
    """Return the first table row of each column of categories, then the end."""
    first = code.knotted.size
    return np.array([*code.starts[first:], code.n_rows], dtype=np.int32)


def _column_lines(student, feature_names, notes):
    """Yield a line about each column."""
    code = student.input_code
    kinds = ["number"] * student.n_features_in_
    if code is not None:
        kinds = ["not used"] * student.n_features_in_
        for feature in (*code.linear, *code.knotted):
            kinds[feature] = "number"
        for feature in code.categorical:
            kinds[feature] = "code of a category, listed below"
    for feature, (kind, note) in enumerate(zip(kinds, notes, strict=True)):
        name = ""
        if feature_names is not None:
            name = f"{comment_text(feature_names[feature])}, "
        yield f"    {feature}  {name}{kind}{note}"


def _category_names(code, prefix, feature_names):
    """Return an enumeration for each column of categories."""
    if code is None:
        return []
    heads, values, candidates = [], [], []
    for feature, levels in zip(code.categorical, code.levels, strict=True):
        column = f"column_{feature}"
        title = f"Column {feature}"
        if feature_names is not None:
            column = name_part(str(feature_names[feature])) or column
            title += f", {comment_text(feature_names[feature])}"
        texts = ["rare or never seen", "missing", *map(comment_text, levels)]
        parts = ["unseen", "missing", *level_parts(levels)]
        heads.append(title)
        codes = [len(levels), len(levels) + 1, *range(len(levels))]
        values.append(list(zip(codes, texts, strict=True)))
        candidates += [f"{prefix}_code_{column}_{part}" for part in parts]
    names = iter(unique_names(candidates))
    enumerations = []
    for title, column_values in zip(heads, values, strict=True):
        lines = sorted(
            (code, f"    {next(names)} = {code}, /* {text} */")
            for code, text in column_values
        )
        # The comma after the last name needs C++11, which the header needs anyway.
        body = "\n".join(line for _, line in lines)
        enumerations.append(f"/* {title}. */\nenum {{\n{body}\n}};\n")
    return enumerations


def level_parts(levels):
    """Return parts of names for the levels of a column.

    A part depends on the level alone, because the order of levels changes from one
    training to the next. If two parts would be equal, each contains a digest of its
    level.
    """
    parts = [name_part(str(level)) for level in levels]
    counts = Counter(["", "unseen", "missing", *parts])
    return [
        part if counts[part] == 1 else f"{part or 'level'}_{_digest(level)}"
        for part, level in zip(parts, levels, strict=True)
    ]


def _digest(level):
    return hashlib.sha256(repr(level).encode("utf-8", "surrogatepass")).hexdigest()[:6]
