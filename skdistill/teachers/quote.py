"""Words and errors of others in the messages of this package."""

import re
from typing import Any

import numpy as np

from skdistill.tables.cells import TEXTS_TO_NUMBERS, is_missing
from skdistill.tables.texts import are_of_several_words

_ESCAPE_CODES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def with_article(noun: str) -> str:
    """Return a noun after its article: "a list", "an ndarray", "an int".

    Parameters
    ----------
    noun : str
        Name of a class, or other words.

    Returns
    -------
    words : str
    """
    # The first letter of ndarray is spoken as "en".
    vowel = noun[:1].lower() in "aeio" or noun.startswith("ndarray")
    return f"{'an' if vowel else 'a'} {noun}"


def quoted(error: BaseException, n_most: int = 300) -> str:
    """Return the message of an error as a part of a sentence.

    Parameters
    ----------
    error : Exception
        Error of another library.
    n_most : int, default=300
        Greatest number of characters.

    Returns
    -------
    words : str
        One line without colours of a terminal, without the stack of a library in C++,
        and without a full stop at its end.
    """
    said = _ESCAPE_CODES.sub("", str(error)).partition("Stack trace:")[0]
    return " ".join(said.split())[:n_most].rstrip(" .")


def other_rows(error: AttributeError, X: Any) -> str:
    """Return what to do if rows lack a method that a teacher calls, as texts have it.

    Parameters
    ----------
    error : AttributeError
        Error of the teacher.
    X : table
        Rows that it got.

    Returns
    -------
    words : str
    """
    return (
        f"AttributeError: {quoted(error)}. It got its rows as "
        f"{with_article(type(X).__name__)}. Does it read other rows, such as texts? "
        "Pass them to fit as teacher_X. Is a text missing? Fill it in"
    )


def advice_on_texts(X: Any) -> str:
    """Return what to do if a teacher does not take a table of free texts.

    Parameters
    ----------
    X : table
        Rows that the teacher got.

    Returns
    -------
    words : str
        Sentences after a space. Empty unless X is a table, and all its cells are texts
        of several words or missing.
    """
    shape = getattr(X, "shape", ())
    if len(shape) != 2 or not all(shape) or not hasattr(X, "__array__"):
        return ""
    first = X.columns[0] if hasattr(X, "columns") else None
    cells = np.asarray(X).ravel()
    if cells.dtype.kind not in "OUT":
        return ""
    texts = [cell for cell in cells if isinstance(cell, str)]
    others = (cell for cell in cells if not isinstance(cell, str))
    if not all(not hasattr(cell, "__len__") and is_missing(cell) for cell in others):
        return ""
    if not are_of_several_words(texts):
        return ""
    place = "[:, 0]" if first is None else f"[{first!r:.40}]"
    return (
        f" It got a table whose cells are all free texts: {TEXTS_TO_NUMBERS}. A "
        "vectorizer takes one column of texts, and no table. So give the column, "
        f"X{place}, or teacher_X{place} if the teacher reads rows of its own. "
        "make_column_transformer takes several such columns."
    )
