"""Words and errors of others in the messages of this package."""

import re
from typing import Any

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
