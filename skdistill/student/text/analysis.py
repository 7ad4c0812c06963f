"""Texts prepared and cut into tokens or words, as scikit-learn does."""

import re
import unicodedata
from collections.abc import Iterator

from skdistill.student.text.vectorizer import TextVectorizer

# As scikit-learn's: two white spaces or more become one space.
_WHITE_SPACES = re.compile(r"\s\s+")


class _WithoutCombining(dict):
    """Table for `str.translate` that drops characters with a combining class."""

    def __missing__(self, code):
        kept = None if unicodedata.combining(chr(code)) else code
        self[code] = kept
        return kept


_WITHOUT_COMBINING = _WithoutCombining()


def prepared(vectorizer: TextVectorizer, texts: list[str]) -> list[str]:
    """Return texts in lower case and without accents, as far as asked.

    Parameters
    ----------
    vectorizer : TextVectorizer
    texts : list of str

    Returns
    -------
    texts : list of str
    """
    if vectorizer.lowercase:
        texts = [text.lower() for text in texts]
    if vectorizer.strip_accents is None:
        return texts
    strip = _ascii if vectorizer.strip_accents == "ascii" else _without_accents
    return [text if text.isascii() else strip(text) for text in texts]


def _ascii(text):
    decomposed = unicodedata.normalize("NFKD", text)
    return decomposed.encode("ascii", "ignore").decode("ascii")


def _without_accents(text):
    return unicodedata.normalize("NFKD", text).translate(_WITHOUT_COMBINING)


def tokens_of(vectorizer: TextVectorizer, texts: list[str]) -> list[list[str]]:
    """Return the tokens of each text, stop words included.

    Parameters
    ----------
    vectorizer : TextVectorizer
        Vectorizer of words.
    texts : list of str

    Returns
    -------
    tokens : list of list of str
    """
    one, least = vectorizer.token or (r"\w", 1)
    find = re.compile(one + ("+" if least == 1 else f"{{{least},}}")).findall
    return [find(text) for text in prepared(vectorizer, texts)]


def words_of(vectorizer: TextVectorizer, texts: list[str]) -> list[list[str]]:
    """Return the words of each text between white space, for n-grams of characters.

    Parameters
    ----------
    vectorizer : TextVectorizer
    texts : list of str

    Returns
    -------
    words : list of list of str
    """
    return [text.split() for text in prepared(vectorizer, texts)]


def spaced(vectorizer: TextVectorizer, texts: list[str]) -> list[str]:
    """Return texts in which several white spaces are one, for n-grams of characters.

    Parameters
    ----------
    vectorizer : TextVectorizer
    texts : list of str

    Returns
    -------
    texts : list of str
    """
    return [_WHITE_SPACES.sub(" ", text) for text in prepared(vectorizer, texts)]


def terms_of(vectorizer: TextVectorizer, texts: list[str]) -> Iterator[list[str]]:
    """Yield the terms of each text as texts, which a hash needs.

    Parameters
    ----------
    vectorizer : TextVectorizer
    texts : list of str

    Yields
    ------
    terms : list of str
    """
    low, high = vectorizer.ngram_range
    if vectorizer.analyzer == "word":
        stop_words = frozenset(vectorizer.stop_words)
        for tokens in tokens_of(vectorizer, texts):
            if stop_words:
                tokens = [token for token in tokens if token not in stop_words]
            yield _word_ngrams(tokens, low, high)
    elif vectorizer.analyzer == "char":
        for text in spaced(vectorizer, texts):
            yield _char_ngrams(text, low, min(high, len(text)))
    else:
        for words in words_of(vectorizer, texts):
            terms: list[str] = []
            for word in words:
                padded = f" {word} "
                # A short word counts once.
                terms += _char_ngrams(padded, low, min(high, len(padded))) or (
                    [padded] if len(padded) < low else []
                )
            yield terms


def _word_ngrams(tokens, low, high):
    terms = list(tokens) if low == 1 else []
    for n in range(max(low, 2), min(high, len(tokens)) + 1):
        terms += map(" ".join, zip(*(tokens[i:] for i in range(n)), strict=False))
    return terms


def _char_ngrams(text, low, high):
    return [
        text[i : i + n] for n in range(low, high + 1) for i in range(len(text) - n + 1)
    ]
