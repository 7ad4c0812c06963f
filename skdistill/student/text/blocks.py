"""The columns of the terms in many texts, one block of columns for each vectorizer."""

from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.text.analysis import spaced, terms_of, tokens_of, words_of
from skdistill.student.text.hashing import hashes_of
from skdistill.student.text.ngrams import Ngrams, Symbols
from skdistill.student.text.vectorizer import TextVectorizer

# Number of a stop word, which is dropped before n-grams are made.
_STOP = -2


def finder_of(vectorizer: TextVectorizer) -> Any:
    """Return what finds the terms of a vectorizer in texts.

    Parameters
    ----------
    vectorizer : TextVectorizer

    Returns
    -------
    finder : object
        Its method `find` takes a list of texts, and returns row, column and count of
        what it found, with the same cell several times.
    """
    if vectorizer.is_hashed:
        return _HashedTerms(vectorizer)
    return (_WordTerms if vectorizer.analyzer == "word" else _CharTerms)(vectorizer)


class _WordTerms:
    """Terms that are n-grams of tokens."""

    def __init__(self, vectorizer):
        self._vectorizer = vectorizer
        low, high = vectorizer.ngram_range
        terms, columns = [], []
        for column, term in enumerate(vectorizer.terms):
            tokens = term.split(" ")
            if low <= len(tokens) <= high:  # No other term is ever found.
                terms.append(tokens)
                columns.append(column)
        self._numbers = {}
        numbers = self._numbers
        symbols = [
            numbers.setdefault(token, len(numbers))
            for token in chain.from_iterable(terms)
        ]
        self._ngrams = Ngrams(
            np.array(symbols, dtype=np.int64),
            np.array(list(map(len, terms)), dtype=np.int64),
            np.array(columns, dtype=np.int64),
            len(numbers),
            vectorizer.ngram_range,
        )
        numbers.update(dict.fromkeys(vectorizer.stop_words, _STOP))

    def find(self, texts):
        tokens = tokens_of(self._vectorizer, texts)
        lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
        symbols = np.fromiter(
            map(self._numbers.get, chain.from_iterable(tokens), repeat(-1)),
            np.int64,
            int(lengths.sum()),
        )
        rows = np.repeat(np.arange(len(texts)), lengths)
        if self._vectorizer.stop_words:
            kept = symbols != _STOP
            symbols, rows = symbols[kept], rows[kept]
        ends = np.searchsorted(rows, np.arange(len(texts)), side="right")[rows]
        return *self._ngrams.find(Symbols(symbols, ends, rows, None)), None


class _CharTerms:
    """Terms that are n-grams of characters."""

    def __init__(self, vectorizer):
        self._vectorizer = vectorizer
        terms = [(term, i) for i, term in enumerate(vectorizer.terms) if term]
        codes = _codes("".join(term for term, _ in terms))
        distinct, symbols = np.unique(codes, return_inverse=True)
        # The last cell is for all characters beyond.
        self._numbers = np.full(int(distinct.max(initial=0)) + 2, -1, dtype=np.int64)
        self._numbers[distinct] = np.arange(len(distinct))
        self._ngrams = Ngrams(
            symbols,
            np.array([len(term) for term, _ in terms], dtype=np.int64),
            np.array([column for _, column in terms], dtype=np.int64),
            len(distinct),
            vectorizer.ngram_range,
        )

    def find(self, texts):
        part_rows = np.arange(len(texts))
        if self._vectorizer.analyzer == "char":
            parts = spaced(self._vectorizer, texts)
            lengths = np.fromiter(map(len, parts), np.int64, len(parts))
            text = "".join(parts)
        else:
            words = words_of(self._vectorizer, texts)
            part_rows = np.repeat(part_rows, list(map(len, words)))
            parts = list(chain.from_iterable(words))
            lengths = np.fromiter(map(len, parts), np.int64, len(parts)) + 2
            text = f" {'  '.join(parts)} " if parts else ""
        symbols = self._numbers.take(_codes(text), mode="clip")
        ends = np.cumsum(lengths)
        starts = ends - lengths if self._vectorizer.analyzer == "char_wb" else None
        found = Symbols(
            symbols, np.repeat(ends, lengths), np.repeat(part_rows, lengths), starts
        )
        return *self._ngrams.find(found), None


class _HashedTerms:
    """Terms whose column is their hash."""

    def __init__(self, vectorizer):
        self._vectorizer = vectorizer

    def find(self, texts):
        vectorizer = self._vectorizer
        terms = list(terms_of(vectorizer, texts))
        lengths = np.fromiter(map(len, terms), np.int64, len(terms))
        numbers: dict[str, int] = {}
        # The number of a term is that of its first place.
        places = np.fromiter(
            (numbers.setdefault(t, len(numbers)) for t in chain.from_iterable(terms)),
            np.int64,
            int(lengths.sum()),
        )
        hashes = hashes_of(list(numbers))[places]
        rows = np.repeat(np.arange(len(texts)), lengths)
        columns = np.abs(hashes) % vectorizer.n_buckets
        signs = np.where(hashes < 0, -1, 1) if vectorizer.signed else None
        if vectorizer.buckets is not None:
            found = np.searchsorted(vectorizer.buckets, columns)
            found[found == len(vectorizer.buckets)] = 0
            kept = vectorizer.buckets[found] == columns
            rows, columns = rows[kept], found[kept]
            signs = None if signs is None else signs[kept]
        return rows, columns, signs


def _codes(text: str) -> NDArray[np.uint32]:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
