"""A student of texts in the order of C: columns as its trees of terms have them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdistill.export.c.text_student.letters import Letters, letters_of
from skdistill.export.c.text_student.trees import Forest, Tree, forest_of
from skdistill.student.student import Student
from skdistill.student.text.student_text import StudentText

_SIGMAS = {0x3C2, 0x3C3}

# Greatest and least factor whose squares single precision holds beside any count.
_RANGE = (1e-10, 1e10)

_MOST_HASHED = 64


class Block(NamedTuple):
    """A vectorizer in C.

    Attributes
    ----------
    vectorizer : TextVectorizer
    letters : int
        Place of its letters among those of the plan.
    longest : int
        Greatest length of a term, in tokens or characters.
    terms, stop_words : Tree
        Trees of its terms and stop words.
    first_column : int
    """

    vectorizer: Any
    letters: int
    longest: int
    terms: Tree
    stop_words: Tree
    first_column: int


class Plan(NamedTuple):
    """Contents of a header for texts.

    Attributes
    ----------
    student : Student
        Network, whose first layer has its inputs in the order of the trees.
    text : StudentText
        Vectorizers in their own order.
    blocks : list of Block
    forest : Forest
    letters : list of Letters
    needs_sigma : bool
        Whether the two lower cases of the capital sigma differ for a term.
    order : ndarray of shape (n_columns,), int
        Column of the student for each column in C.
    """

    student: Student
    text: StudentText
    blocks: list[Block]
    forest: Forest
    letters: list[Letters]
    needs_sigma: bool
    order: NDArray[np.intp]


def plan_of(student: Student, letters: str) -> Plan:
    """Return what the header of a student of texts holds.

    Parameters
    ----------
    student : Student
        Student with `text`.
    letters : {"latin-1", "all"}

    Returns
    -------
    plan : Plan

    Raises
    ------
    ValueError
        If a vectorizer does what C cannot do.
    """
    text: Any = student.text
    vectorizers = text.vectorizers
    for vectorizer in vectorizers:
        _check_hash(vectorizer, text.tfidf)
        _check_weights(vectorizer)
    if text.tfidf is not None:
        _check_weights(text.tfidf)
    lists = [v.terms or () for v in vectorizers] + [v.stop_words for v in vectorizers]
    forest = forest_of(lists)
    alphabet = {*forest.alphabet}
    readings = dict.fromkeys(map(_reading, vectorizers))
    tables = []
    for reading in readings:
        alike = [v for v in vectorizers if _reading(v) == reading]
        is_exact = any(v.is_hashed for v in alike)
        tables.append(letters_of(alike, None if is_exact else alphabet, letters))
    blocks, orders, first = [], [], 0
    for place, vectorizer in enumerate(vectorizers):
        tree, stop_words = forest.trees[place], forest.trees[len(vectorizers) + place]
        letter = [*readings].index(_reading(vectorizer))
        longest = _longest(vectorizer)
        blocks.append(Block(vectorizer, letter, longest, tree, stop_words, first))
        places = range(vectorizer.n_columns) if vectorizer.is_hashed else tree.order
        orders.append(first + np.array(places, np.intp))
        first += vectorizer.n_columns
    lowered = [v for v in vectorizers if v.lowercase and v.strip_accents != "ascii"]
    is_greek = any(v.is_hashed or _SIGMAS & alphabet for v in lowered)
    order = np.concatenate(orders)
    return Plan(
        _reordered(student, order),
        text,
        blocks,
        forest,
        tables,
        is_greek and letters == "all",
        order,
    )


def _reading(vectorizer):
    """Return what decides which characters a character becomes."""
    return vectorizer.lowercase, vectorizer.strip_accents


def _longest(vectorizer):
    """Return the greatest length of a term that a text may hold."""
    high = vectorizer.ngram_range[1]
    if vectorizer.is_hashed:
        return high
    is_word = vectorizer.analyzer == "word"
    lengths = [t.count(" ") + 1 if is_word else len(t) for t in vectorizer.terms]
    return min(high, max(1, *lengths, 1))


def _reordered(student, order):
    """Return a student whose inputs are in another order."""
    first, *others = student.coefs_
    return Student(
        [first[order], *others],
        student.intercepts_,
        student.activation,
        output=student.output,
        weight_dtype=student.weight_dtype,
        text=student.text,
    )


def _check_hash(vectorizer, tfidf):
    """Raise if hashed terms cannot be counted."""
    if not vectorizer.is_hashed:
        return
    if vectorizer.ngram_range[1] > _MOST_HASHED:
        raise ValueError(
            f"ngram_range={vectorizer.ngram_range} of hashed terms cannot be exported "
            f"to C: it follows terms of at most {_MOST_HASHED} tokens or characters"
        )
    if vectorizer.signed and (
        vectorizer.sublinear or (tfidf is not None and tfidf.sublinear)
    ):
        raise ValueError(
            "sublinear_tf=True after a HashingVectorizer with alternate_sign=True "
            "cannot be exported to C: it takes the logarithm of counts below zero. "
            "Fit with alternate_sign=False"
        )


def _check_weights(weights):
    """Raise if single precision does not hold the weights of columns."""
    idf = () if weights.idf is None else np.abs(weights.idf)
    factor = abs(getattr(weights, "weight", 1.0))
    for name, values in (("idf", idf), ("transformer_weights", (factor,))):
        for value in values:
            if value and not _RANGE[0] <= value <= _RANGE[1]:
                raise ValueError(
                    f"{name} holds {value:.3g}, and the single precision of C needs "
                    f"{_RANGE[0]:g} to {_RANGE[1]:g}: fit with weights near 1"
                )
