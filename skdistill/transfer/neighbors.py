"""Real rows as numbers and codes, and random draws of rows and their neighbours."""

from typing import NamedTuple

import numpy as np
from sklearn.utils import gen_batches

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.tables.read import as_array, is_pandas, is_polars

# Number of distances held at once, from a block of rows to all candidates. So many
# stay in the cache of a processor.
_BLOCK_DISTANCES = 2**18

# Up to this number of neighbours, one pass for each is faster than a partition.
_MOST_PASSES = 8


class RealRows(NamedTuple):
    """Rows of a table as numbers and codes of levels.

    Attributes
    ----------
    numbers : ndarray of shape (n_rows, n_numeric), float64 or float32
        Numbers; NaN marks a missing one.
    codes : ndarray of shape (n_rows, n_categorical), unsigned int
        Index of each level in `levels`.
    levels : list of ndarray of object
        Levels of each categorical column. The first entry is None, for a missing
        value.
    is_category : list of bool
        Whether each column of the table is categorical.
    low, high, mean, scale : ndarray of shape (n_numeric,), float64
        Range, mean and standard deviation of the numbers that are not missing. A
        standard deviation of 0 becomes 1.
    is_whole : ndarray of shape (n_numeric,), bool
        Whether all numbers of a column are integers.
    has_missing : ndarray of shape (n_numeric,), bool
        Whether a column has missing numbers.
    """

    numbers: np.ndarray
    codes: np.ndarray
    levels: list
    is_category: list
    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    is_whole: np.ndarray
    has_missing: np.ndarray

    @classmethod
    def learn(cls, columns):
        """Copy from columns all that draws need.

        Parameters
        ----------
        columns : list of CodedColumn
            Columns of the table.

        Returns
        -------
        real : RealRows
        """
        n_rows = len(columns[0].values)
        numeric = [column.values for column in columns if column.labels is None]
        categorical = [column for column in columns if column.labels is not None]
        numbers = np.empty((n_rows, len(numeric)), np.result_type(np.float32, *numeric))
        for index, values in enumerate(numeric):
            numbers[:, index] = values
        most_levels = max((len(column.labels) for column in categorical), default=0)
        codes = np.empty((n_rows, len(categorical)), np.min_scalar_type(most_levels))
        for index, column in enumerate(categorical):
            codes[:, index] = column.values + 1
        statistics = np.array([_statistics(values) for values in numeric])
        low, high, mean, scale, is_whole, has_missing = statistics.reshape(-1, 6).T
        return cls(
            numbers,
            codes,
            [np.array([None, *column.labels], dtype=object) for column in categorical],
            [column.labels is not None for column in columns],
            low,
            high,
            mean,
            scale,
            is_whole.astype(bool),
            has_missing.astype(bool),
        )

    @property
    def n_rows(self):
        """Number of rows."""
        return len(self.numbers)

    def features(self, rows):
        """Return the numbers of rows in the form in which distances use them.

        Parameters
        ----------
        rows : ndarray of int
            Numbers of the rows.

        Returns
        -------
        features : ndarray of shape (len(rows), n_features), float32
            Standardised numbers, 0 if missing. They are followed by a column for
            each numeric column with missing numbers: 1 if missing, otherwise 0.
        """
        numbers = self.numbers[rows]
        features = ((numbers - self.mean) / self.scale).astype(np.float32)
        if not self.has_missing.any():
            return features
        is_missing = np.isnan(features)
        features[is_missing] = 0
        return np.hstack([features, is_missing[:, self.has_missing]])

    def columns(self, numbers, codes):
        """Return new numbers and codes as columns of the table.

        Parameters
        ----------
        numbers : ndarray of shape (n_samples, n_numeric), float64
            New numbers. This method changes them in place: they are rounded if the
            real numbers of the column are integers, and clipped to the range of
            the real numbers.
        codes : ndarray of shape (n_samples, n_categorical), unsigned int
            New codes.

        Returns
        -------
        columns : list of ndarray of shape (n_samples,)
            Values of each column, in the form that `table_like` takes.
        """
        np.rint(numbers, out=numbers, where=self.is_whole)
        np.clip(numbers, self.low, self.high, out=numbers)
        categorical = (
            levels[column_codes]
            for levels, column_codes in zip(self.levels, codes.T, strict=True)
        )
        numeric = iter(numbers.T)
        return [
            next(categorical) if is_category else next(numeric)
            for is_category in self.is_category
        ]


class Candidates:
    """Random rows among which neighbours are searched.

    The squared distance of two rows is the sum of three terms:

    - the squared distance of their standardised numbers, in which a missing number
      counts as the mean,
    - the number of columns in which only one of the rows lacks a number,
    - the number of categories in which they differ.

    Parameters
    ----------
    real : RealRows
        Rows of the table.
    rows : ndarray of shape (n_candidates,), int
        Numbers of the rows that are candidates.
    """

    def __init__(self, real, rows):
        self._real = real
        self.rows = rows
        features = real.features(rows)
        norms = np.einsum("ij,ij->i", features, features)
        self._factors = np.vstack([-2.0 * features.T, norms])
        self._codes = np.ascontiguousarray(real.codes[rows].T)
        self._index_of_row = np.full(real.n_rows, -1)
        self._index_of_row[rows] = np.arange(len(rows))

    def nearest(self, rows, n_neighbors):
        """Return the nearest candidates of rows, in any order.

        Parameters
        ----------
        rows : ndarray of int
            Numbers of the rows whose neighbours are searched.
        n_neighbors : int
            Number of neighbours of each row.

        Returns
        -------
        neighbors : ndarray of shape (len(rows), n_neighbors), int
            Numbers of the neighbours. A row is its own neighbour only if there is
            no other candidate.
        """
        neighbors = np.empty((len(rows), n_neighbors), dtype=np.intp)
        block_rows = max(1, _BLOCK_DISTANCES // len(self.rows))
        for block in gen_batches(len(rows), block_rows):
            distances = self._distances(rows[block])
            neighbors[block] = self.rows[_smallest(distances, n_neighbors)]
        return neighbors

    def _distances(self, rows):
        """Return squared distances, each row minus a constant; infinite to itself."""
        features = self._real.features(rows)
        ones = np.ones((len(rows), 1), dtype=np.float32)
        distances = np.hstack([features, ones]) @ self._factors
        if len(self._codes):
            distances += self._differences(self._real.codes[rows])
        own = self._index_of_row[rows]
        is_candidate = np.flatnonzero(own >= 0)
        distances[is_candidate, own[is_candidate]] = np.inf
        return distances

    def _differences(self, codes):
        """Return the number of categories in which rows and candidates differ."""
        # Sums of one byte for each pair are much faster than sums of floats.
        dtype = np.min_scalar_type(len(self._codes))
        shape = (len(codes), len(self.rows))
        total = np.zeros(shape, dtype)
        differs = np.empty(shape, dtype=bool)
        for own, others in zip(codes.T, self._codes, strict=True):
            np.not_equal(own[:, np.newaxis], others, out=differs)
            np.add(total, differs.view(np.uint8), out=total)
        return total


def make_template(X, columns):
    """Return a few rows of a table for `table_like`, as a copy.

    Parameters
    ----------
    X : table of shape (n_rows, n_features)
        Table of `fit`.
    columns : list of CodedColumn
        Columns of the table.

    Returns
    -------
    template : table
        First row of the table, and the first row of each column with a missing
        value. They show how the table marks missing values. The template of a list
        is an array.
    """
    rows = {0}
    for column in columns:
        values = column.values
        is_missing = np.isnan(values) if column.labels is None else values < 0
        rows.add(int(is_missing.argmax()))
    if not (is_pandas(X) or is_polars(X) or hasattr(X, "dtype")):
        X = as_array(X)
        X = X if X.dtype == object else X.astype(np.float64)
    return safe_indexing(X, sorted(rows))


def draw_rows(n_rows, n_samples, random_state):
    """Draw random rows. Each row is drawn once before any row is drawn again.

    Parameters
    ----------
    n_rows : int
        Number of rows of the table.
    n_samples : int
        Number of draws.
    random_state : RandomState
        Source of the random draws.

    Returns
    -------
    rows : ndarray of shape (n_samples,), int
        Numbers of the drawn rows.
    """
    keys = random_state.uniform(size=(-(-n_samples // n_rows), n_rows))
    return keys.argsort(axis=1).ravel()[:n_samples]


def draw_neighbors(real, rows, n_neighbors, n_candidates, random_state):
    """Draw for each row one of its nearest neighbours among random candidates.

    Parameters
    ----------
    real : RealRows
        Rows of the table.
    rows : ndarray of shape (n_samples,), int
        Rows from `draw_rows`.
    n_neighbors : int
        Number of nearest neighbours from which one is drawn.
    n_candidates : int
        Number of random candidates.
    random_state : RandomState
        Source of the random draws.

    Returns
    -------
    neighbors : ndarray of shape (n_samples,), int
        Number of the neighbour of each row.
    """
    n_candidates = min(n_candidates, real.n_rows)
    pool = random_state.choice(real.n_rows, n_candidates, replace=False)
    n_neighbors = min(n_neighbors, max(1, n_candidates - 1))
    rank = random_state.randint(n_neighbors, size=len(rows))
    distinct = rows[: real.n_rows]
    neighbors = np.empty((real.n_rows, n_neighbors), dtype=np.intp)
    neighbors[distinct] = Candidates(real, pool).nearest(distinct, n_neighbors)
    return neighbors[rows, rank]


def _statistics(values):
    """Return low, high, mean, scale, whether all are integers, whether any misses."""
    values = values.astype(np.float64)
    known = values[~np.isnan(values)]
    has_missing = len(known) < len(values)
    if not len(known):
        return np.nan, np.nan, 0.0, 1.0, True, has_missing
    is_whole = (known == np.rint(known)).all()
    scale = known.std() or 1.0
    return known.min(), known.max(), known.mean(), scale, is_whole, has_missing


def _smallest(values, n_smallest):
    """Return the columns of the smallest values of each row; may change values."""
    if n_smallest > _MOST_PASSES:
        return np.argpartition(values, n_smallest - 1, axis=1)[:, :n_smallest]
    rows = np.arange(len(values))
    columns = np.empty((len(values), n_smallest), dtype=np.intp)
    for rank in range(n_smallest):
        columns[:, rank] = values.argmin(axis=1)
        values[rows, columns[:, rank]] = np.inf
    return columns
