"""The teacher that the command trains, if it is given none."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import numpy as np
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import (
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

_N_FOLDS = 3
_MOST_STEPS = 1000

# Strength of the linear model of words: it suits rows of unit length.
_C = 10.0


# Strength of the penalty of the same model for numbers. It is relative to those rows,
# not to the numbers.
_ALPHA = 1.0


class TeacherParts(NamedTuple):
    """Models of a teacher of one kind of task.

    Attributes
    ----------
    forest : callable
        Function that takes `n_estimators` and `random_state`, and returns a forest.
    linear : callable
        Function that returns a linear model of words.
    stack : callable
        Function that takes a list of named models, and returns both together.
    """

    forest: Callable[..., Any]
    linear: Callable[[], Any]
    stack: Callable[[list[tuple[str, Any]]], Any]


CLASS_PARTS = TeacherParts(
    RandomForestClassifier,
    lambda: LogisticRegression(C=_C, max_iter=_MOST_STEPS),
    lambda models: StackingClassifier(
        models, LogisticRegression(max_iter=_MOST_STEPS), cv=_N_FOLDS
    ),
)

NUMBER_PARTS = TeacherParts(
    RandomForestRegressor,
    lambda: Ridge(_ALPHA),
    lambda models: StackingRegressor(models, LinearRegression(), cv=_N_FOLDS),
)


def make_teacher(
    parts: TeacherParts, X: Any, texts: Collection[str], trees: int, seed: int
) -> Any:
    """Return an unfitted teacher that takes a table as it is.

    Parameters
    ----------
    parts : TeacherParts
    X : DataFrame or ndarray of shape (n_rows, n_features)
    texts : collection of str
        Names of the columns of free text.
    trees : int
        Number of trees.
    seed : int

    Returns
    -------
    teacher : estimator
        A forest. With free text a linear model of its words, or both together.
    """
    if not texts:
        return _make_forest(parts, X, trees, seed)
    words = make_column_transformer(
        *((TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), t) for t in texts)
    )
    linear = make_pipeline(words, parts.linear())
    others = [name for name in X.columns if name not in texts]
    if not others:
        return linear
    columns = make_column_transformer(
        ("passthrough", others), verbose_feature_names_out=False
    ).set_output(transform="pandas")
    forest = make_pipeline(columns, _make_forest(parts, X[others], trees, seed))
    return parts.stack([("words", linear), ("columns", forest)])


def teacher_in_words(X: Any, texts: Collection[str], trees: int) -> str:
    """Return words on the teacher that `make_teacher` makes.

    Parameters
    ----------
    X : DataFrame or ndarray of shape (n_rows, n_features)
    texts : collection of str
    trees : int

    Returns
    -------
    words : str
    """
    forest = f"a forest of {trees} trees"
    if not texts:
        return forest
    if X.shape[1] == len(texts):
        return "a linear model of the words"
    return f"a linear model of the words and {forest}"


def _make_forest(parts, X, trees, seed):
    """Return an unfitted forest that takes the table as it is."""
    forest = parts.forest(trees, random_state=seed)
    if isinstance(X, np.ndarray) or X.select_dtypes("category").empty:
        return forest
    numbers = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    categories = make_column_selector(dtype_include="category")
    encoder = make_column_transformer((numbers, categories), remainder="passthrough")
    return make_pipeline(encoder, forest)
