"""Cells of CSV, which are texts, as numbers and as levels.

Only NumPy is imported, so that rows are scored where NumPy alone is installed.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from skdistill.tables.batches.batch import Role
from skdistill.tables.read import CodedColumn, check_range
from skdistill.tables.texts import are_numbers, is_missing_word


def coded_texts(
    name: str, role: Role, texts: Sequence[str | None], codes: NDArray[np.intp]
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

    Returns
    -------
    column : CodedColumn

    Raises
    ------
    ValueError
        If the role is numbers, and a text is none.
    """
    missing = np.array(
        [
            not text or (role is not Role.TEXTS and is_missing_word(text))
            for text in texts
        ]
        + [True]
    )
    if role is Role.NUMBERS:
        values = [
            np.nan if is_missing else _number(name, text)
            for text, is_missing in zip(texts, missing.tolist(), strict=False)
        ]
        numbers = np.array([*values, np.nan])[codes]
        check_range(repr(name), numbers)
        return CodedColumn(repr(name), None, numbers)
    places = np.where(missing, -1, np.cumsum(~missing) - 1)
    labels = [
        text
        for text, is_missing in zip(texts, missing.tolist(), strict=False)
        if not is_missing
    ]
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
    if "_" in "".join(cells):  # Python takes 1_000 as a number.
        return None
    try:
        return np.array([float(cell or "nan") for cell in cells], dtype=np.float64)
    except ValueError:
        return None


def _number(name, text):
    """Return the number that a text writes."""
    if not are_numbers([text]):
        raise ValueError(
            f"column {name!r} holds {text!r:.50}, and the student takes numbers there: "
            "write them as 3, -0.5 or 1e3, without thousands and currencies"
        )
    return float(text)
