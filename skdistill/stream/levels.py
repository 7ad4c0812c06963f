"""The levels of a column of categories, whose files have levels of their own."""

from typing import Any

import numpy as np
import pandas as pd

from skdistill.tables.batches.arrow_columns import dictionary_codes


class LevelsOfFiles:
    """LevelsOfFiles of a column in all files.

    A teacher may read the number of a level. So it gets the same levels in each batch:
    those of the first file, if no other file has more, and all levels in sorted order
    otherwise.

    Parameters
    ----------
    name : str
        Name of the column.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._first: list[Any] = []
        self._all: dict[Any, None] = {}
        self._last: Any = None
        self._are_ordered = True

    def add(self, array: Any) -> None:
        """Add the levels of a batch.

        Parameters
        ----------
        array : DictionaryArray
        """
        self._are_ordered &= array.type.ordered
        if self._last is not None and self._last.equals(array.dictionary):
            return
        self._last = array.dictionary
        found = [level for level in self._last.to_pylist() if level is not None]
        self._first = self._first or found
        self._all.update(dict.fromkeys(found))

    def column(self, array: Any) -> pd.Categorical:
        """Return a column of a batch with all levels.

        Parameters
        ----------
        array : DictionaryArray or NullArray

        Returns
        -------
        column : Categorical

        Raises
        ------
        ValueError
            If a level was not added.
        """
        levels = (
            self._first if len(self._first) == len(self._all) else sorted(self._all)
        )
        places = {level: place for place, level in enumerate(levels)} | {None: -1}
        codes = np.full(len(array), -1)
        if hasattr(array, "dictionary"):
            found = array.dictionary.to_pylist()
            unknown = [level for level in found if level not in places]
            if unknown:
                raise ValueError(
                    f"the column {self._name!r} has the level {unknown[0]!r}, which it "
                    "had not when the files were read first: the files were changed"
                )
            codes = np.array([*(places[level] for level in found), -1])[
                dictionary_codes(array)
            ]
        return pd.Categorical.from_codes(
            codes, categories=levels, ordered=self._are_ordered
        )
