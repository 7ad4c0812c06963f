"""The module of a student that takes texts, and its types."""

import re
from collections.abc import Iterable, Sequence
from string import Template

import numpy as np

from skdistill.export.javascript.code_points import gaps, ranges
from skdistill.export.javascript.literals import (
    array_literal,
    lines,
    list_literal,
    literal,
    object_literal,
)
from skdistill.export.javascript.module import module_of, put_together
from skdistill.export.javascript.types import label_type
from skdistill.student.student import Student
from skdistill.student.text.idf import counts_of_idf
from skdistill.student.text.student_text import StudentText

# Names of the class of letters and digits, and of all but white space, in a token.
_LETTERS, _VISIBLE = "\\w", "\\S"

_SIGMAS = re.compile("[\u03c2\u03c3]")

# Characters that are shorter in a literal than others come first.
_SEPARATORS = [*",;|/ ~^`'!#$%&*+-.:=?@_", *map(chr, range(0xE000, 0xF8FF))]


def text_module(student: Student, text: StudentText) -> tuple[str, str]:
    """Return the module of a student, and its types.

    Parameters
    ----------
    student : Student
    text : StudentText
        Its vectorizers.

    Returns
    -------
    module : str
    types : str
    """
    uses = _uses(text)
    names = column_names(text)
    members = {"columns": list_literal(names)}
    members["blocks"] = lines("[]", map(_block_literal, text.vectorizers))
    if "together" in uses:
        members["together"] = _weighting(text.tfidf)
    members |= {name: literal(gaps(name)) for name in _classes(uses)}
    return module_of(student, "text", members, uses), _types(student, names, uses)


def column_names(text: StudentText) -> list[str]:
    """Return the names of the columns of texts.

    Parameters
    ----------
    text : StudentText

    Returns
    -------
    names : list of str
        Names, or ``x0`` and so on by the place of a column without one. A row that is
        one text has the name ``text``.
    """
    if text.columns is None:
        return ["text"]
    return [name if isinstance(name, str) else f"x{name}" for name in text.columns]


def _uses(text):
    """Return the features that decide which code a module needs."""
    found = {"one" if text.columns is None else "several"}
    for one in text.vectorizers:
        found.add("characters" if one.token is None else "words")
        if one.strip_accents is not None:
            found.add(f"{one.strip_accents} accents")
        if one.is_hashed:
            found.add("hashing")
        if one.lowercase and (one.is_hashed or _SIGMAS.search("".join(one.terms))):
            found.add("sigma")
    if text.tfidf is not None:
        found.add("together")
    return found


def _classes(uses):
    """Yield the classes of characters that a module needs."""
    yield "unknown"
    if "unicode accents" in uses:
        yield "combining"
    if "characters" in uses:
        yield "spaces"
    if "sigma" in uses:
        yield from ("cased", "ignorable")


def _block_literal(one):
    """Return what a vectorizer does as an object."""
    least, most = one.ngram_range
    members = {
        "column": literal(one.column),
        "least": literal(least),
        "most": literal(most),
        "isLowered": literal(one.lowercase),
        "accents": _text_or_none(one.strip_accents),
        "isWithinWords": literal(one.analyzer == "char_wb"),
        "isBinary": literal(one.binary),
    }
    if one.token is not None:
        members["isOfLetters"] = literal(one.token[0] == _LETTERS)
        members["token"] = literal(_token(*one.token))
    if one.stop_words:
        members["stopWords"] = literal(joined(one.stop_words))
    if one.is_hashed:
        members["nBuckets"] = literal(one.n_buckets)
        members["isSigned"] = literal(one.signed)
    else:
        members["terms"] = literal(joined(one.terms))
    if one.buckets is not None:
        members["buckets"] = list_literal(one.buckets.tolist())
    weightings = [_weighting(one)]
    if one.hash_norm is not None:
        weightings.insert(0, _members({"norm": literal(one.hash_norm)}))
    members["weightings"] = f"[{', '.join(weightings)}]"
    return _members(members)


def _text_or_none(value):
    """Return a literal of a text or of None."""
    return "null" if value is None else literal(value)


def joined(terms: Sequence[str]) -> str:
    """Return terms as one text, whose first character separates them.

    Parameters
    ----------
    terms : sequence of str

    Returns
    -------
    text : str
        Text that is shorter than a list of the terms. It is empty without terms.
    """
    used = set().union(*terms)
    separator = next(one for one in _SEPARATORS if one not in used)
    return "".join(f"{separator}{term}" for term in terms)


def _token(one, least):
    """Return the regular expression of a token, with Python's white space."""
    if one == _LETTERS:
        one = "[\\p{L}\\p{N}_]"
    elif one == _VISIBLE:
        one = f"[^{_spelt(ranges('spaces'))}]"
    return f"{one}{{{least},}}"


def _spelt(found: Iterable[tuple[int, int]]) -> str:
    """Return ranges of code points as a regular expression spells them."""
    return "".join(f"\\u{{{start:x}}}-\\u{{{end - 1:x}}}" for start, end in found)


def _weighting(step):
    """Return the weights of a vectorizer, or of all vectorizers together."""
    members = {"isSublinear": literal(step.sublinear), "norm": _text_or_none(step.norm)}
    if step.idf is not None:
        members["idf"] = _idf_literal(step.idf)
    if getattr(step, "weight", 1.0) != 1.0:
        members["weight"] = literal(float(step.weight))
    return _members(members)


def _members(members):
    """Return an object without the members that have no effect."""
    kept = {k: v for k, v in members.items() if v not in ("false", "null")}
    return object_literal(kept)


def _idf_literal(idf):
    """Return factors of terms."""
    counted = counts_of_idf(idf)
    if counted is None:
        return object_literal({"factors": array_literal(np.float32(idf))})
    total, counts = counted
    return object_literal({"total": literal(total), "counts": f"{counts.tolist()}"})


def _types(student, names, uses):
    """Return the declarations of the module."""
    members = [f"readonly {literal(name)}: string;" for name in names]
    return Template(put_together("d.mts", "text", student.output, uses)).substitute(
        label=label_type(student),
        columns="\n  ".join(members),
        list=", ".join("string" for _ in names),
    )
