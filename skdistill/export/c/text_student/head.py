"""The comment at the head of a header that takes texts."""

import textwrap
import unicodedata
from importlib.metadata import version

from skdistill.export.c.text import comment_text
from skdistill.export.c.text_student.factors import factors_of
from skdistill.export.c.text_student.letters import CLAIMED, sigma_context

_WIDTH = 80

_HEAD = """\
{prefix}: {title}.
Written by skdistill {version} from {student!r}.

    static {prefix}_work work;
{usage}

{paragraphs}

Terms:
{terms}

{listing}

The code is C99 and C++11, and needs no library. It allocates no memory and keeps
no state between calls. Everything is static: each file that includes this header
gets its own copy of the constants.
"""

_ONE_TEXT = """\
A text is UTF-8 of any length, given by its first byte and its number of bytes, such
as strlen(text). It may hold zeros."""

_TEXTS = """\
A row has {n} texts, in this order: {names}. Each is UTF-8 of any length, given by its
first byte and its number of bytes: {prefix}_text texts[{prefix}_n_texts] =
{{{{bytes, size}}, ...}}. It may hold zeros."""

_LATIN = """\
Characters of {ranges} count as they do in Python. These are ASCII, the letters of
Latin-1, and punctuation and pictures. A text with another character has no answer: a
header written with letters="all" answers it."""

_ALL = """\
All characters count as they do in Python with Unicode {version}."""

_ANSWERS = """\
{functions} A number below zero says
why there is no answer: {prefix}_not_utf8, the bytes are not UTF-8; {unknown}
{prefix}_no_answer, a term occurs more than 16 million times, or the {units} are not
finite."""

_WORK = """\
The work space has {work} bytes. Its content before a call does not matter. Calls at
the same time need one each. Arrays on the stack have {stack} bytes more. Constants have
{constants} bytes: {parts}."""


def head(plan, found, prefix, letters):
    """Return the text of the comment.

    Parameters
    ----------
    plan : Plan
    found : HeaderAnswers
    prefix : str
    letters : {"latin-1", "all"}

    Returns
    -------
    text : str
    """
    student = plan.student
    columns = plan.text.columns or ("text",)
    sizes = constant_sizes(plan)
    named = [f"{name} {size}" for name, size in sizes.items() if size]
    is_latin = letters == "latin-1"
    if len(columns) == 1:
        text = _ONE_TEXT
    else:
        names = ", ".join(map(comment_text, columns))
        text = _TEXTS.format(n=len(columns), names=names, prefix=prefix)
    ranges = ", ".join(
        f"U+{low:04X}" + (f" to U+{high:04X}" if high > low else "")
        for low, high in CLAIMED
    )
    paragraphs = [
        text,
        _LATIN.format(ranges=ranges)
        if is_latin
        else _ALL.format(version=unicodedata.unidata_version),
        _ANSWERS.format(
            functions=found.about_functions.replace("@", prefix),
            units=found.units_in_words,
            prefix=prefix,
            unknown=f"{prefix}_unknown_character, the text holds a character that the "
            "header does not know;"
            if is_latin
            else "",
        ),
        _WORK.format(
            work=4 * student.n_features_in_ + 4,
            stack=stack_bytes(plan),
            constants=sum(sizes.values()),
            parts=", ".join(named),
        ),
    ]
    arguments = "text, size" if len(columns) == 1 else "texts"
    usage = found.usage(f"&work, {arguments}")
    return _HEAD.format(
        prefix=prefix,
        title=found.title.format(inputs=f"{student.n_features_in_} terms"),
        version=version("skdistill"),
        student=student,
        usage="\n".join(f"    {line}" for line in usage).replace("@", prefix),
        paragraphs="\n\n".join(textwrap.fill(part, _WIDTH) for part in paragraphs),
        terms="\n".join(_term_lines(plan, columns)),
        listing=found.listing([]),
    )


def constant_sizes(plan):
    """Return the number of bytes of the constants, by what they are.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    sizes : dict of str to int
    """
    buckets = [block.vectorizer.buckets for block in plan.blocks]
    stored = plan.student.stored_weights
    # Biases are written in single precision, also beside float16.
    biases = 4 * sum(bias.size for bias in stored.biases)
    return {
        "weights": sum(matrix.nbytes for matrix in stored.layers) + biases,
        "terms": plan.forest.nbytes
        + sum(4 * len(one) for one in buckets if one is not None),
        "idf": sum(array.nbytes for array in factors_of(plan).constants.values()),
        "letters": sum(table.nbytes for table in plan.letters)
        + (sigma_context().nbytes if plan.needs_sigma else 0),
    }


def stack_bytes(plan):
    """Return the number of bytes of the arrays that the functions hold.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    n_bytes : int
    """
    is_hashed = any(block.vectorizer.is_hashed for block in plan.blocks)
    longest = max(block.longest for block in plan.blocks)
    units = sum(bias.size for bias in plan.student.intercepts_)
    return 2 * (longest + 1) * (16 if is_hashed else 4) + 4 * (units + 1)


def _term_lines(plan, columns):
    """Yield a line about each vectorizer."""
    for block in plan.blocks:
        v = block.vectorizer
        kind = {"word": "words", "char": "characters"}.get(
            v.analyzer, "characters within words"
        )
        low, high = v.ngram_range
        sizes = f"{low}" if low == high else f"{low} to {high}"
        where = "" if len(columns) == 1 else f" of {comment_text(columns[v.column])}"
        how = "buckets of a hash" if v.is_hashed else "terms"
        yield f"    {v.n_columns} {how}: {sizes} {kind}{where}"
