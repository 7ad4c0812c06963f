"""Cells of CSV, which are texts, as numbers and as levels.

Only NumPy is imported, so that rows are scored where NumPy alone is installed.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from skdistill.tables.batches.batch import Role
from skdistill.tables.read import CodedColumn, check_range
from skdistill.tables.texts import are_numbers, is_missing_word

# Words of a column that have no meaning of their own.
NO_WORDS: Mapping[str, str | float] = {}

# Characters of numbers, of which Python and Arrow take the same ones. Other characters
# need a closer look: Python takes digits of other scripts, and both take NAN.
_OF_NUMBERS = frozenset("0123456789+-.eE ")


def coded_texts(
    name: str,
    role: Role,
    texts: Sequence[str | None],
    codes: NDArray[np.intp],
    words: Mapping[str, str | float] = NO_WORDS,
) -> CodedColumn:
    """Return a column of texts as numbers or levels.

    Parameters
    ----------
    name : str
    role : Role
        Meaning of the texts.
    texts : sequence of str or None
        Different texts. None and the empty text are missing. So are words such as NA,
        unless the role is texts.
    codes : ndarray of shape (n_rows,), int
        Index of the text of each row; -1 if it is missing.
    words : mapping of str to str or float
        Values of texts that have a meaning of their own in this column: the level of a
        word such as NA, or the number of a truth value.

    Returns
    -------
    column : CodedColumn

    Raises
    ------
    ValueError
        If the role is numbers, and a text is none.
    """
    values = [_value(name, role, text, words) if text else None for text in texts]
    if role is Role.NUMBERS:
        numbers = np.array([*values, None], dtype=np.float64)[codes]
        check_range(repr(name), numbers)
        return CodedColumn(repr(name), None, numbers)
    present = np.array([*(value is not None for value in values), False])
    places = np.where(present, np.cumsum(present) - 1, -1)
    labels = [value for value in values if value is not None]
    return CodedColumn(repr(name), labels, places[codes])


def cast_plain(cells: Sequence[str]) -> NDArray[np.float64] | None:
    """Return texts as numbers, or None if some of them need a closer look.

    Parameters
    ----------
    cells : sequence of str
        The empty text is missing.

    Returns
    -------
    numbers : ndarray of shape (n_cells,), or None
    """
    if not _OF_NUMBERS.issuperset("".join(cells)):
        return None
    try:
        return np.array([float(cell or "nan") for cell in cells], dtype=np.float64)
    except ValueError:
        return None


def _value(name, role, text, words):
    """Return the number or the text that a cell stands for, or None if it is missing.

    Nothing but the cell and its column decides, so that all batches are read alike.
    """
    if text in words:
        return words[text]
    if role is Role.TEXTS:
        return text
    if is_missing_word(text):
        return None
    return _number(name, text) if role is Role.NUMBERS else text


def _number(name, text):
    """Return the number that a text writes."""
    if not are_numbers([text]):
        raise ValueError(
            f"column {name!r} holds {text!r:.50}, and the student takes numbers there: "
            "write them as 3, -0.5 or 1e3, without thousands and currencies"
        )
    return float(text)
