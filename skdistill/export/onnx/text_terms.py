"""The symbols of a text, tokens or characters as integers, and terms as runs of them.

A term that no text can hold is a run of one symbol that no text has. So each term keeps
its column.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from onnx import TensorProto

from skdistill.export.onnx.graph import Graph
from skdistill.student.text.vectorizer import TextVectorizer

# The padding of rows of tokens, and of rows of characters. It is neither.
_PAD = "  "

_SPACES = [c for c in map(chr, range(0x3001)) if c.isspace()]

# Classes of the regular expressions of RE2 that hold the characters of those of Python.
_CLASSES = {
    r"\w": r"[\p{L}\p{N}_]",
    r"\S": "[^" + "".join(rf"\x{{{ord(space):X}}}" for space in _SPACES) + "]",
}

# Symbol of what is dropped, that of all that no term holds, and first of the others.
_DROPPED, _OTHER, _FIRST = range(3)


class TermSymbols(NamedTuple):
    """Symbols of texts, and those of terms.

    Attributes
    ----------
    symbols : str
        Name of the symbols, int64 of shape (n_texts, n_symbols).
    terms : list of list of int
        Symbols of each term.
    words : tuple of str and int, or None
        Name of the number of words of each text, float of shape (n_texts, 1), and
        column of the term that two spaces of each word are. None if there is none.
    """

    symbols: str
    terms: list[list[int]]
    words: tuple[str, int] | None = None


def add_symbols(graph: Graph, texts: str, vectorizer: TextVectorizer) -> TermSymbols:
    """Add the symbols of texts.

    Parameters
    ----------
    graph : Graph
    texts : str
        Name of prepared texts, of shape (n_texts,). There must be a text.
    vectorizer : TextVectorizer
        Vectorizer with terms.

    Returns
    -------
    found : TermSymbols
    """
    if vectorizer.analyzer == "word":
        return _add_words(graph, texts, vectorizer)
    if vectorizer.analyzer == "char":
        return _add_characters(graph, texts, vectorizer)
    return _add_parts_of_words(graph, texts, vectorizer)


def _add_words(graph, texts, vectorizer):
    """Add tokens. Stop words are cut out before runs are looked for."""
    low, high = vectorizer.ngram_range
    stop_words = set(filter(_is_utf8, vectorizer.stop_words))

    def split(term):
        tokens = term.split(" ")
        possible = low <= len(tokens) <= high and stop_words.isdisjoint(tokens)
        return tokens if possible else []

    numbers, terms = _numbered([], vectorizer.terms, split)
    one, least = vectorizer.token
    tokens = _tokenizer(graph, texts, least, tokenexp=_CLASSES.get(one, one) + "+")
    # Without runs of tokens, a stop word is a token that no term holds.
    if high == 1 or not stop_words:
        return TermSymbols(_looked_up(graph, tokens, numbers), terms)
    numbers |= dict.fromkeys(stop_words, _DROPPED)
    symbols = _looked_up(graph, tokens, numbers)
    dropped = graph.constant(_DROPPED, np.int64)
    return TermSymbols(
        _kept(graph, symbols, graph.node("Greater", symbols, dropped)), terms
    )


def _add_characters(graph, texts, vectorizer):
    """Add characters. Two white spaces or more become one space."""
    low, high = vectorizer.ngram_range
    numbers, terms = _numbered(
        _SPACES,
        vectorizer.terms,
        lambda term: list(term) if low <= len(term) <= high else [],
    )
    characters = _tokenizer(graph, texts, 1, separators=[""])
    symbols = _looked_up(graph, characters, numbers)
    padded = _padded(graph, symbols, _OTHER, 1)
    limits = [graph.constant(n, np.int64) for n in (_OTHER, _FIRST + len(_SPACES))]
    is_space = graph.node(
        "And",
        graph.node("Greater", padded, limits[0]),
        graph.node("Less", padded, limits[1]),
    )
    before, here, after = (_part(graph, is_space, n, n - 2) for n in range(3))
    run = graph.node("And", here, after)
    space = graph.constant(numbers[" "], np.int64)
    symbols = graph.node("Where", run, space, symbols)
    follows = graph.node("And", here, before)
    return TermSymbols(_kept(graph, symbols, graph.node("Not", follows)), terms)


def _add_parts_of_words(graph, texts, vectorizer):
    """Add characters, with spaces around words.

    In scikit-learn each word has its own two spaces. Here words share them, and there
    may be many between two words. No term holds a space but at its ends, so these texts
    hold the same terms, except the term that is one space: each word has two.
    """
    low, high = vectorizer.ngram_range

    def split(term):
        inner = term.removeprefix(" ").removesuffix(" ")
        is_word = len(inner) == len(term) - 2
        fits = low <= len(term) <= high or (len(term) < low and is_word)
        return list(term) if fits and inner and not _has_space(inner) else []

    numbers, terms = _numbered([" "], vectorizer.terms, split)
    space = numbers[" "]
    numbers |= dict.fromkeys((*_SPACES, _PAD), space)
    characters = _tokenizer(graph, texts, 1, separators=[""])
    symbols = _looked_up(graph, characters, numbers)
    padded = _padded(graph, symbols, space, 1)
    if low > 1 or " " not in vectorizer.terms:
        return TermSymbols(padded, terms)
    is_space = graph.node("Equal", padded, graph.constant(space, np.int64))
    before, here = _part(graph, is_space, 0, -1), _part(graph, is_space, 1, 0)
    begins = graph.node("And", before, graph.node("Not", here))
    begins = graph.node("Cast", begins, to=TensorProto.FLOAT)
    words = graph.node("ReduceSum", begins, graph.constant([1], np.int64))
    return TermSymbols(padded, terms, (words, vectorizer.terms.index(" ")))


def _numbered(
    first: Iterable[str], terms: Iterable[str], split: Callable[[str], list[str]]
) -> tuple[dict[str, int], list[list[int]]]:
    """Return the number of each symbol, and the numbers of each term.

    Parameters
    ----------
    first : iterable of str
        Symbols that have the first numbers.
    terms : iterable of str
    split : callable
        Function that returns the symbols of a term, none if no text holds it.

    Returns
    -------
    numbers : dict
        Numbers from `_FIRST` on, by symbol.
    found : list of list of int
    """
    numbers = {symbol: n for n, symbol in enumerate(first, _FIRST)}
    found: list[list[int]] = []
    for term in terms:
        symbols = split(term) if _is_utf8(term) else []
        found.append([numbers.setdefault(s, _FIRST + len(numbers)) for s in symbols])
    free = _FIRST + len(numbers)
    for term_numbers in found:
        if not term_numbers:
            term_numbers.append(free)
            free += 1
    return numbers, found


def _tokenizer(graph, texts, least, **how):
    """Return tokens of at least some characters, padded to the longest row."""
    tokens = graph.node(
        "Tokenizer",
        texts,
        domain="com.microsoft",
        mark=0,
        mincharnum=least,
        pad_value=_PAD,
        **how,
    )
    graph.declare(tokens, TensorProto.STRING, 2)
    return tokens


def _looked_up(graph, tokens, numbers):
    """Return the numbers of tokens."""
    return graph.node(
        "LabelEncoder",
        tokens,
        domain="ai.onnx.ml",
        keys_strings=list(numbers),
        values_int64s=list(numbers.values()),
        default_int64=_OTHER,
    )


def _kept(graph, symbols, mask):
    """Return the symbols where a mask is true, moved together.

    Each kept symbol goes to its place among those that are kept. Column 0 takes the
    others.
    """
    kept = graph.node("Cast", mask, to=TensorProto.INT64)
    places = graph.node("CumSum", kept, graph.constant(1, np.int64))
    places = graph.node("Mul", places, kept)
    symbols = graph.node("Mul", symbols, kept)
    zero = graph.constant(0, np.int64)
    empty = graph.node("Mul", _padded(graph, symbols, 0, 0), zero)
    return graph.node("ScatterElements", empty, places, symbols, axis=1)


def _padded(graph, symbols, value, n_after):
    """Return symbols with a column of a value before them, and columns after."""
    widths = graph.constant([0, 1, 0, n_after], np.int64)
    return graph.node("Pad", symbols, widths, graph.constant(value, np.int64))


def _part(graph, matrix, start, end):
    """Return columns from a place to one that is counted from the end; 0 is the end."""
    last = end or np.iinfo(np.int32).max
    places = (graph.constant([n], np.int64) for n in (start, last, 1))
    return graph.node("Slice", matrix, *places)


def _has_space(text):
    return any(map(str.isspace, text))


def _is_utf8(text):
    """Tell whether a text holds no surrogate."""
    return text == text.encode("utf-8", "ignore").decode()
