"""The header in C of a student, around the functions that compute."""

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
    """The parts of a header that depend on the arithmetic.

    Attributes
    ----------
    number, probability : str
        Types in C of a value of a row and of a probability.
    row, answers : str
        Text about the values of a row, and about the answers of the functions.
    column_notes : list of str
        Note for each column, which follows its kind in the list of columns.
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
    int class_index = {prefix}_predict(row);
    class_index = {prefix}_predict_proba(row, probabilities);
    if (class_index >= 0) ... {prefix}_label(class_index) ...

{row}

{answers}

Columns:
{columns}

Classes:
{classes}

The code is C99 and C++11, and needs no library. It allocates no memory and keeps
no state between calls. Everything is static: each file that includes this header
gets its own copy of the constants.
"""

_SIZES = """\
enum {{
    @_n_columns = {n_columns},
    @_n_classes = {n_classes},
    @_n_outputs = {n_outputs} /* two classes have one logit */
}};
"""

_LABEL = """\
/* Returns the label of a class, 0 to {last}. Any other index counts as 0. */
static inline {result}{prefix}_label(int class_index)
{{
    static const {element}labels[{count}] = {{
{labels}
    }};
    return labels[class_index >= 0 && class_index < {count} ? class_index : 0];
}}
"""


def header(student, prefix, feature_names, body):
    """Return the text of a header.

    Parameters
    ----------
    student : Student
    prefix : str
        Beginning of all names.
    feature_names : sequence of str, or None
    body : Body

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
        n_columns=student.n_features_in_,
        n_classes=len(student.classes_),
        version=version("skdistill"),
        student=student,
        number=body.number,
        probability=body.probability,
        row=textwrap.fill(body.row, _WIDTH),
        answers=textwrap.fill(body.answers, _WIDTH),
        columns="\n".join(_column_lines(student, feature_names, body.column_notes)),
        classes="\n".join(class_lines(student.classes_)),
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
            label_function(student.classes_, prefix),
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


def class_lines(classes):
    """Yield a line about each class."""
    for index, label in enumerate(classes.tolist()):
        yield f"    {index}  {comment_text(label)}"


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


def label_function(classes, prefix):
    """Return the function in C that returns labels."""
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
            f"labels of type {classes.dtype} cannot be written in C: {labels!r:.100}. "
            "Use strings, finite numbers or booleans"
        )
    return _LABEL.format(
        prefix=prefix,
        last=len(labels) - 1,
        result=result,
        element=element,
        count=len(labels),
        labels=",\n".join(f"        {literal}" for literal in literals),
    )
