"""The terms of a text, one by one, as scikit-learn cuts them."""

import re
import unicodedata
from collections.abc import Iterator

from skdistill.student.text.vectorizer import TextVectorizer

# As scikit-learn's: two white spaces or more become one.
_WHITE_SPACES = re.compile(r"\s\s+")


def token_pattern(token: tuple[str, int]) -> "re.Pattern[str]":
    """Return the pattern that finds all tokens of a text.

    Parameters
    ----------
    token : tuple of str and int
        Class of the characters, and least length of a token.

    Returns
    -------
    pattern : re.Pattern
    """
    one, least = token
    return re.compile(f"{one}{{{least},}}")


def prepared(vectorizer: TextVectorizer, text: str) -> str:
    """Return a text in lower case and without accents, as far as asked.

    Parameters
    ----------
    vectorizer : TextVectorizer
    text : str

    Returns
    -------
    text : str
    """
    if vectorizer.lowercase:
        text = text.lower()
    if vectorizer.strip_accents is None or text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text)
    if vectorizer.strip_accents == "ascii":
        return text.encode("ascii", "ignore").decode("ascii")
    return "".join([c for c in text if not unicodedata.combining(c)])


def terms_of(vectorizer: TextVectorizer, text: str) -> Iterator[str]:
    """Yield the terms of a text.

    Parameters
    ----------
    vectorizer : TextVectorizer
    text : str

    Yields
    ------
    term : str
    """
    low, high = vectorizer.ngram_range
    text = prepared(vectorizer, text)
    if vectorizer.token is not None:
        found = token_pattern(vectorizer.token).findall(text)
        tokens = [token for token in found if token not in vectorizer.stop_words]
        for n in range(low, high + 1):
            for i in range(len(tokens) - n + 1):
                yield " ".join(tokens[i : i + n])
        return
    is_wb = vectorizer.analyzer == "char_wb"
    parts = [f" {word} " for word in text.split()] if is_wb else []
    for part in parts if is_wb else [_WHITE_SPACES.sub(" ", text)]:
        for n in range(low, high + 1):
            if n >= len(part) and is_wb:
                yield part  # A short word counts once.
                break
            for i in range(len(part) - n + 1):
                yield part[i : i + n]
