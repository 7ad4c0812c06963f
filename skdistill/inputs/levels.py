"""Summarise columns of levels: which levels are told apart, and whether any are."""

from typing import NamedTuple

import numpy as np

from skdistill.inputs.distinct import DistinctRows
from skdistill.tables.read import CodedColumn

# A column is nearly unique, as ids and free text are, if it has more levels than this,
# more than this share of them occur once, and these rows are more than this share of
# the rows with a value. The shares were chosen on 674 columns of public tables. The
# second share keeps a column of remarks in which most rows say the same.
_FEW_LEVELS = 20
_SHARE_OF_LEVELS = 0.8
_SHARE_OF_ROWS = 0.5

# Ids of several rows, as of orders, are nearly unique too. A column has more levels
# than these, with at most this many rows on average. Besides, so many of its most
# frequent levels cover less than half of the rows, or levels of so few rows cover
# more than two thirds. The numbers keep states of two years, and codes of which
# some are frequent.
_MANY_LEVELS = 255
_FEW_ROWS = 3
_SMALL_COVER = 1 / 2
_LARGE_COVER = 2 / 3

# A column whose levels have more rows on average has no ids, even without copies.
_MANY_ROWS = 20


class LevelSummary(NamedTuple):
    """Properties of a feature of levels on which its code depends.

    Attributes
    ----------
    feature : int
        Number of the feature.
    levels : list of str, int, float or bool
        Levels in order of their first appearance.
    indices : ndarray of shape (n_samples,), int
        Index of the level of each row; -1 if the value is missing.
    counts : ndarray of shape (n_levels,), int
        Number of rows with each level.
    """

    feature: int
    levels: list
    indices: np.ndarray
    counts: np.ndarray

    @classmethod
    def learn(cls, feature: int, column: CodedColumn) -> "LevelSummary":
        """Summarise a column of levels.

        Parameters
        ----------
        feature : int
            Number of the feature.
        column : CodedColumn
            Column of the feature.

        Returns
        -------
        summary : LevelSummary
        """
        labels = column.labels
        assert labels is not None
        used, first = np.unique(column.values, return_index=True)
        used = used[np.argsort(first)]
        index_of: dict = {}
        # The last entry is for a missing value, whose index is -1.
        indices = np.full(len(labels) + 1, -1, dtype=np.intp)
        for index in used[used >= 0].tolist():
            # Equal levels of several types, for example 1 and True, are one level.
            indices[index] = index_of.setdefault(labels[index], len(index_of))
        indices = indices[column.values]
        counts = np.bincount(indices[indices >= 0], minlength=len(index_of))
        return cls(feature, list(index_of), indices, counts)

    @property
    def varies(self) -> bool:
        """Whether the rows differ in this feature, or some lack it."""
        return bool(self.levels) and (len(self.levels) > 1 or -1 in self.indices)

    @property
    def n_single(self) -> int:
        """Number of levels that occur once."""
        return int((self.counts == 1).sum())

    @property
    def is_nearly_unique(self) -> bool:
        """Whether few rows share a level, as in ids and free text.

        A column is nearly unique if it has more than 20 levels, more than four fifths
        of them occur once, and more than half of the rows with a value have such a
        level. It also is if it has more than 255 levels of at most three rows on
        average, and their counts are even: the 255 most frequent levels cover less than
        half of the rows, or levels of at most three rows more than two thirds.
        """
        single, n_levels, n_rows = self.n_single, len(self.levels), self.counts.sum()
        if (
            n_levels > _FEW_LEVELS
            and single > _SHARE_OF_LEVELS * n_levels
            and single > _SHARE_OF_ROWS * n_rows
        ):
            return True
        if n_levels <= _MANY_LEVELS or n_rows > _FEW_ROWS * n_levels:
            return False
        most = np.sort(self.counts)[-_MANY_LEVELS:].sum()
        few = self.counts[self.counts <= _FEW_ROWS].sum()
        return bool(most < _SMALL_COVER * n_rows or few > _LARGE_COVER * n_rows)

    def without_copies(self, rows: DistinctRows) -> "LevelSummary":
        """Return the summary by which the column is judged.

        Copies of rows, as bagging and oversampling make them, would hide that a column
        is nearly unique.

        Parameters
        ----------
        rows : DistinctRows
            Rows of the table of the column.

        Returns
        -------
        summary : LevelSummary
            Summary of the different rows.
        """
        n_levels = len(self.levels)
        if n_levels <= _FEW_LEVELS or self.counts.sum() > _MANY_ROWS * n_levels:
            return self
        first = rows.without_copies(self.feature)
        if first is None:
            return self
        indices = self.indices[first]
        counts = np.bincount(indices[indices >= 0], minlength=n_levels)
        return self._replace(indices=indices, counts=counts)

    def most_frequent(self, count: int) -> list:
        """Return the most frequent levels, the most frequent first.

        If levels are of both kinds, text and other values, at least one of each kind
        is kept. So the student knows of both kinds.

        Parameters
        ----------
        count : int
            Greatest number of levels. At least two levels of two kinds are kept.

        Returns
        -------
        levels : list of str, int, float or bool
        """
        order = np.argsort(-self.counts, kind="stable")
        levels = [self.levels[index] for index in order]
        kinds = {isinstance(level, str) for level in levels}
        kept = levels[: max(count, len(kinds))]
        for kind in kinds - {isinstance(level, str) for level in kept}:
            kept[-1] = next(v for v in levels if isinstance(v, str) is kind)
        return kept
