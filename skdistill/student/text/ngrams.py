"""Terms of a vocabulary, found among the symbols of many texts at once.

A symbol is a token or a character. The terms make a tree of symbols. One step goes from
all runs of n symbols that begin some term to those of n + 1, for all texts together.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Cells of a table in place of a search among keys.
_MOST_CELLS = 2**20


class Symbols(NamedTuple):
    """Symbols of texts, one after the other.

    Attributes
    ----------
    symbols : ndarray of shape (n_symbols,), int
        Number of each symbol, -1 if no term holds it.
    ends : ndarray of shape (n_symbols,), int
        Place after the last symbol of the part that each symbol is in. No term goes
        beyond the end of a part, which is a text or a word.
    rows : ndarray of shape (n_symbols,), int
        Text of each symbol.
    starts : ndarray of shape (n_parts,), int, or None
        First symbol of each part, if a part shorter than all terms is one term.
    """

    symbols: NDArray[np.int64]
    ends: NDArray[np.int64]
    rows: NDArray[np.int64]
    starts: NDArray[np.int64] | None


class _Level:
    """Runs of n symbols that begin a term.

    Parameters
    ----------
    keys : ndarray of shape (n_runs,), int
        Number of the run without its last symbol, times the number of symbols, and its
        last symbol. In increasing order.
    n_keys : int
        Number of keys that there could be.
    columns : ndarray of shape (n_runs,), int
        Column of each run, -1 if it is no term.
    """

    def __init__(self, keys, n_keys, columns):
        self.columns = columns
        self._keys, self._table = keys, None
        if n_keys <= _MOST_CELLS:
            self._table = np.full(n_keys, -1, dtype=np.int32)
            self._table[keys] = np.arange(len(keys))

    def find(self, keys):
        """Return the number of each run, -1 if it begins no term."""
        if self._table is not None:
            return self._table[keys]
        places = np.searchsorted(self._keys, keys)
        places[places == len(self._keys)] = 0
        return np.where(self._keys[places] == keys, places, -1)


class Ngrams:
    """The terms of a vocabulary as runs of symbols.

    Parameters
    ----------
    symbols : ndarray of shape (n_symbols,), int
        Symbols of all terms, one term after the other.
    lengths : ndarray of shape (n_terms,), int
        Number of symbols of each term, from 1 on.
    columns : ndarray of shape (n_terms,), int
        Column of each term.
    n_distinct : int
        Number of different symbols.
    ngram_range : tuple of two int
        Least and greatest length of a term.
    """

    def __init__(
        self,
        symbols: NDArray[np.int64],
        lengths: NDArray[np.int64],
        columns: NDArray[np.int64],
        n_distinct: int,
        ngram_range: Sequence[int],
    ) -> None:
        self._low, self._high = ngram_range
        self._n_distinct = n_distinct
        self._levels: list[Any] = []
        starts = np.cumsum(lengths) - lengths
        run, n_runs = np.zeros(len(lengths), dtype=np.int64), 1
        for length in range(1, int(lengths.max(initial=0)) + 1):
            kept = lengths >= length
            starts, lengths, columns = starts[kept], lengths[kept], columns[kept]
            keys = run[kept] * n_distinct + symbols[starts + length - 1]
            keys, run = np.unique(keys, return_inverse=True)
            found = np.full(len(keys), -1, dtype=np.int64)
            ends = lengths == length
            found[run[ends]] = columns[ends]
            self._levels.append(_Level(keys, n_runs * n_distinct, found))
            n_runs = len(keys)

    def find(self, texts: Symbols) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row and column of each term in texts, in any order.

        Parameters
        ----------
        texts : Symbols

        Returns
        -------
        rows : ndarray of shape (n_found,), int
        columns : ndarray of shape (n_found,), int
        """
        rows, columns = [], []
        places = np.flatnonzero(texts.symbols >= 0)
        runs = np.zeros(len(places), dtype=np.int64)
        for length, level in enumerate(self._levels, 1):
            runs = level.find(
                runs * self._n_distinct + texts.symbols[places + length - 1]
            )
            known = runs >= 0
            if not known.all():
                places, runs = places[known], runs[known]
            if length >= self._low or texts.starts is not None:
                column = level.columns[runs]
                is_term = column >= 0
                if length < self._low and texts.starts is not None:
                    # A part that is shorter than all terms is one.
                    is_term &= texts.ends[places] == places + length
                    is_term &= np.isin(places, texts.starts)
                rows.append(texts.rows[places[is_term]])
                columns.append(column[is_term])
            if length == self._high or not len(places):
                break
            goes_on = texts.ends[places] > places + length
            goes_on &= texts.symbols.take(places + length, mode="clip") >= 0
            places, runs = places[goes_on], runs[goes_on].astype(np.int64)
        none = np.empty(0, dtype=np.int64)
        return np.concatenate([none, *rows]), np.concatenate([none, *columns])
