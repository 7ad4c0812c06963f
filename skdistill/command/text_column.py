"""A column whose cells are texts, by its different texts, and truth values."""

from typing import Any, NamedTuple

import numpy as np

from skdistill.tables.cells import is_missing
from skdistill.tables.texts import is_missing_word


class TextColumn(NamedTuple):
    """Column whose cells are texts.

    Attributes
    ----------
    name : str
        Name of the column.
    texts : list of str
        Different texts, without those that stand for a missing value.
    codes : ndarray of shape (n_rows,), int
        Index of the text of each row; -1 if it is missing.
    words : list of str
        Words that stand for a missing value.
    """

    name: str
    texts: list
    codes: np.ndarray
    words: list

    @classmethod
    def of(cls, name: str, series: Any, *, words: bool) -> "TextColumn":
        """Summarise a Series of texts; `words` tells whether some mean missing."""
        codes, found = series.factorize()
        texts = found.tolist()
        missing = list(filter(is_missing_word, texts)) if words else []
        if missing:
            kept = np.array([text not in missing for text in texts], dtype=bool)
            texts = [text for text, keep in zip(texts, kept, strict=True) if keep]
            index = np.where(kept, np.cumsum(kept) - 1, -1)
            codes = np.append(index, -1)[codes]
        return cls(name, texts, codes.astype(np.intp, copy=False), missing)

    def rows_of(self, chosen: np.ndarray) -> int:
        """Return the number of rows whose text is chosen."""
        return int(np.append(chosen, False)[self.codes].sum())

    def first(self, chosen: np.ndarray) -> str:
        """Return the first chosen text, for a message."""
        return f"{self.texts[int(np.flatnonzero(chosen)[0])]!r:.30}"

    def numbers(self, values: np.ndarray) -> np.ndarray:
        """Return the value of each row, as integers if all are whole."""
        numbers = np.append(values, np.nan)[self.codes]
        whole = all(text.strip().lstrip("+-").isdigit() for text in self.texts)
        if whole and numbers.size and np.abs(numbers).max() < 2**53:
            return numbers.astype(np.int64)
        return numbers

    def categorical(self, levels: dict | None = None) -> Any:
        """Return the texts, or the levels that stand for them, as a Categorical."""
        import pandas as pd

        of_text = [text if levels is None else levels[text] for text in self.texts]
        found = sorted(set(of_text))
        index = {level: code for code, level in enumerate(found)}
        codes = np.array([index[level] for level in of_text] + [-1], dtype=np.intp)
        return pd.Categorical.from_codes(codes[self.codes], categories=found)


def are_texts(series: Any, cells_are_texts: bool) -> bool:
    """Tell whether the cells of a column are texts.

    Parameters
    ----------
    series : Series
    cells_are_texts : bool
        Whether the column is of a CSV file, and so may be empty.

    Returns
    -------
    bool
    """
    present = series[series.notna()]
    return cells_are_texts or (
        len(present) > 0 and all(isinstance(cell, str) for cell in present)
    )


def truth_values(cells: Any) -> Any:
    """Return truth values as a Categorical, in which some may be missing.

    Parameters
    ----------
    cells : iterable of bool or a missing value

    Returns
    -------
    values : Categorical
    """
    import pandas as pd

    codes = [-1 if is_missing(cell) else int(cell) for cell in cells]
    return pd.Categorical.from_codes(codes, categories=[False, True])
