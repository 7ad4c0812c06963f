"""The texts of a caller, checked: one list for each text column."""

from typing import Any

import numpy as np


def checked_texts(X: Any, name: str = "X") -> list[str]:
    """Return texts as a list of str.

    Parameters
    ----------
    X : iterable of str
        List, array or Series.
    name : str, default="X"
        Name for messages.

    Returns
    -------
    texts : list of str

    Raises
    ------
    TypeError
        If an item is not a text.
    ValueError
        If X is one text or a table.
    """
    if isinstance(X, str):
        raise ValueError(
            f"{name} is one string, {X!r:.50}: give a list of texts, [{X!r:.20}]"
        )
    if hasattr(X, "columns") or (np.ndim(X) != 1 and hasattr(X, "shape")):
        raise ValueError(
            f"{name} is a table, and a row of this student is one text: give the "
            'column of the texts, such as X["review"]'
        )
    try:
        texts = X.tolist() if hasattr(X, "tolist") else list(X)
    except TypeError:
        raise TypeError(
            f"{name} is of type {type(X).__name__}: give a list of texts"
        ) from None
    if set(map(type, texts)) - {str}:
        for place, text in enumerate(texts):
            if not isinstance(text, str):
                _raise_no_text(name, place, text)
        texts = list(map(str, texts))
    return texts


def _raise_no_text(name, place, value):
    """Raise the error for an item that is not a text."""
    if isinstance(value, bytes | bytearray):
        advice = 'decode the bytes first, for example with .decode("utf-8")'
    elif value is None or value != value or type(value).__name__ == "NAType":
        advice = 'replace a missing text, for example by ""'
    else:
        advice = "each row of this student is one text, a str"
    raise TypeError(
        f"{name}[{place}] is {value!r:.50}, of type {type(value).__name__}: {advice}"
    )
