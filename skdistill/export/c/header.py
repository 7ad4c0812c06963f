"""What a header in C says of a student, around the functions that compute."""

import hashlib
import textwrap
from collections import Counter
from importlib.metadata import version
from typing import NamedTuple

import numpy as np

from skdistill.export.c.text import (
    comment,
    comment_text,
    name_part,
    string_literal,
    unique_names,
)

_WIDTH = 80


class Body(NamedTuple):
    """What depends on the arithmetic.

    Attributes
    ----------
    number, probability : str
        Types of C, of the values of a row and of a probability.
    row, answers : str
        What a row holds, and what the functions return.
    column_notes : list of str
        Of each column, behind what it is.
    source : str
        Constants and functions, with ``@`` for the prefix.
    """

    number: str
    probability: str
    row: str
    answers: str
    column_notes: list[str]
    source: str


_HEAD = """\
{prefix}: a classifier of {n_columns} columns and {n_classes} classes.
Written by skdistill {version} from {student!r}.

    {number} row[{prefix}_n_columns] = {{...}};
    {probability} probabilities[{prefix}_n_classes];
    int place = {prefix}_predict(row);
    place = {prefix}_predict_proba(row, probabilities);
    if (place >= 0) ... {prefix}_label(place) ...

{row}

{answers}

Columns:
{columns}

Classes:
{classes}

C99 or C++11 without any library. Nothing is allocated, and nothing kept between
calls. Everything is static: each file that includes this one has the constants.
"""

_SIZES = """\
enum {{
    @_n_columns = {n_columns},
    @_n_classes = {n_classes},
    @_n_outputs = {n_outputs} /* two classes have one logit */
}};
"""

_LABEL = """\
/* The label of the class at a place, from 0 to {last}; at others that of 0. */
static inline {result}{prefix}_label(int place)
{{
    static const {element}labels[{count}] = {{
{labels}
    }};
    return labels[place >= 0 && place < {count} ? place : 0];
}}
"""


def header(student, prefix, feature_names, body):
    """Return the text of a header.

    Parameters
    ----------
    student : Student
    prefix : str
        What all names begin with.
    feature_names : sequence of str, or None
    body : Body

    Returns
    -------
    text : str

    Raises
    ------
    ValueError, TypeError
        Where C has no form of a label.
    """
    head = _HEAD.format(
        prefix=prefix,
        n_columns=student.n_features_in_,
        n_classes=len(student.classes_),
        version=version("skdistill"),
        student=student,
        number=body.number,
        probability=body.probability,
        row=textwrap.fill(body.row, _WIDTH),
        answers=textwrap.fill(body.answers, _WIDTH),
        columns="\n".join(_column_lines(student, feature_names, body.column_notes)),
        classes="\n".join(_class_lines(student.classes_)),
    )
    sizes = _SIZES.format(
        n_columns=student.n_features_in_,
        n_classes=len(student.classes_),
        n_outputs=student.intercepts_[-1].size,
    )
    guard = f"SKDISTILL_{prefix}_H"
    return "\n".join(
        [
            comment(head),
            f"#ifndef {guard}\n#define {guard}\n",
            "#include <stdint.h>\n",
            sizes.replace("@", prefix),
            *_category_names(student.input_code, prefix, feature_names),
            _label_function(student.classes_, prefix),
            body.source.replace("@", prefix),
            "#endif\n",
        ]
    )


def knot_starts(code):
    """Return the first knot of each column with knots, and the number of all."""
    return np.cumsum([0, *(knots.size for knots in code.knots)], dtype=np.int32)


def category_starts(code):
    """Return the first table row of each column of categories, and the end."""
    first = code.knotted.size
    return np.array([*code.starts[first:], code.n_rows], dtype=np.int32)


def _column_lines(student, feature_names, notes):
    """Yield what each column is."""
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


def _class_lines(classes):
    for place, label in enumerate(classes.tolist()):
        yield f"    {place}  {comment_text(label)}"


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
        places = [len(levels), len(levels) + 1, *range(len(levels))]
        values.append(list(zip(places, texts, strict=True)))
        candidates += [f"{prefix}_code_{column}_{part}" for part in parts]
    names = iter(unique_names(candidates))
    enumerations = []
    for title, column_values in zip(heads, values, strict=True):
        lines = sorted(
            (place, f"    {next(names)} = {place}, /* {text} */")
            for place, text in column_values
        )
        # C++ has no comma behind the last one until C++11, which is asked for.
        body = "\n".join(line for _, line in lines)
        enumerations.append(f"/* {title}. */\nenum {{\n{body}\n}};\n")
    return enumerations


def level_parts(levels):
    """Return parts of names for the levels of a column.

    They follow from the levels, not from their order, which changes from one
    training to the next: those that would be alike have a digest of theirs.
    """
    parts = [name_part(str(level)) for level in levels]
    counts = Counter(["", "unseen", "missing", *parts])
    return [
        part if counts[part] == 1 else f"{part or 'level'}_{_digest(level)}"
        for part, level in zip(parts, levels, strict=True)
    ]


def _digest(level):
    return hashlib.sha256(repr(level).encode("utf-8", "surrogatepass")).hexdigest()[:6]


def _label_function(classes, prefix):
    """Return the function that gives labels."""
    kind, labels = classes.dtype.kind, classes.tolist()
    if all(isinstance(label, str) for label in labels):
        result, element = "const char *", "char *const "
        literals = list(map(string_literal, labels))
    elif kind == "b" or (kind in "iu" and all(abs(v) < 2**31 for v in labels)):
        result = element = "int32_t "
        literals = [str(int(label)) for label in labels]
    elif kind in "iu":
        result = element = "uint64_t " if max(labels) >= 2**63 else "int64_t "
        ending = "UINT64_C" if max(labels) >= 2**63 else "INT64_C"
        literals = [
            "INT64_MIN" if label == -(2**63) else f"{ending}({label})"
            for label in labels
        ]
    elif kind == "f" and np.isfinite(classes).all():
        result = element = "double "
        literals = [repr(float(label)) for label in labels]
    else:
        raise TypeError(
            f"labels of type {classes.dtype} have no form in C: {labels!r:.100}. Use "
            "strings, finite numbers or booleans"
        )
    return _LABEL.format(
        prefix=prefix,
        last=len(labels) - 1,
        result=result,
        element=element,
        count=len(labels),
        labels=",\n".join(f"        {literal}" for literal in literals),
    )
