"""A forest that takes raw tables: text, categories and missing values."""

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.validation import check_is_fitted, validate_data

from skdistill.tables.read import as_table, read_coded_columns
from skdistill.tables.sparse import as_csr

_N_TREES = 100
_LEAST_ROWS_OF_A_LEAF = 2


class LevelNumbers(TransformerMixin, BaseEstimator):
    """Turn a raw table into numbers: each level of a category becomes its rank.

    Numbers stay as they are. A missing value, and a level that `fit` has not seen, is
    NaN. Sparse rows stay as they are, too.

    Attributes
    ----------
    ranks_ : list of dict or None
        Rank of each level, for each column of levels; None for a column of numbers.
        None in place of the list for sparse rows.
    """

    # Several threads may ask a pipeline with it.
    thread_safe = True

    def fit(self, X: Any, y: Any = None) -> "LevelNumbers":
        """Learn the levels of each column."""
        if issparse(X):
            validate_data(self, X, accept_sparse=True)
            self.ranks_ = None
            return self
        table = as_table(X)
        validate_data(self, table, skip_check_array=True)
        self.ranks_ = [_ranks(column.labels) for column in read_coded_columns(table)]
        return self

    def transform(self, X: Any) -> Any:
        """Return rows as an array of numbers, of shape (n_samples, n_features)."""
        check_is_fitted(self)
        if issparse(X):
            return as_csr(X)
        table = as_table(X)
        validate_data(self, table, reset=False, skip_check_array=True)
        columns = read_coded_columns(table)
        if self.ranks_ is None:
            return np.column_stack([column.values for column in columns])
        pairs = zip(columns, self.ranks_, strict=True)
        return np.column_stack([_numbers(column, ranks) for column, ranks in pairs])


def table_forest(kind: str = "classes") -> Pipeline:
    """Return an unfitted forest that takes raw tables and sparse rows.

    Parameters
    ----------
    kind : str, default="classes"
        Kind of the task. With "numbers" the trees are of regression.
    """
    trees = RandomForestRegressor if kind == "numbers" else RandomForestClassifier
    forest = trees(_N_TREES, min_samples_leaf=_LEAST_ROWS_OF_A_LEAF)
    return make_pipeline(LevelNumbers(), forest)


def _ranks(labels):
    """Return the rank of each level. The order of the rows does not matter."""
    if labels is None:
        return None
    return {level: rank for rank, level in enumerate(sorted(labels, key=str))}


def _numbers(column, ranks):
    """Return a column as numbers."""
    if ranks is None:
        is_number = column.labels is None
        return column.values if is_number else np.full(len(column.values), np.nan)
    if column.labels is None:
        # Levels that are numbers may come without the text beside which they stood.
        return np.array([ranks.get(number, np.nan) for number in column.values])
    by_index = [ranks.get(level, np.nan) for level in column.labels]
    return np.array([*by_index, np.nan])[column.values]
