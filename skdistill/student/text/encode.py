"""Texts as sparse rows, by the vectorizers of a student."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.text.text_rows import TextRows
from skdistill.student.text.vectorizer import TextVectorizer


def encode(
    vectorizers: Sequence[TextVectorizer],
    finders: Sequence[Any],
    tfidf: Any,
    texts: list[list[str]],
) -> TextRows:
    """Return the rows of texts.

    Parameters
    ----------
    vectorizers : sequence of TextVectorizer
    finders : sequence of object
        Result of `finder_of` for each vectorizer.
    tfidf : Tfidf or None
        Weights over all blocks together.
    texts : list of list of str
        Texts of each text column.

    Returns
    -------
    rows : TextRows
    """
    n_rows, first, blocks = len(texts[0]), 0, []
    for vectorizer, finder in zip(vectorizers, finders, strict=True):
        row, column, count = finder.find(texts[vectorizer.column])
        row, column, value = _summed(row, column, count, vectorizer.n_columns)
        value = _weighed_block(vectorizer, row, column, value, n_rows)
        blocks.append((row, column + first, value))
        first += vectorizer.n_columns
    row, column, value = blocks[0]
    if len(blocks) > 1:
        row, column, value = map(np.concatenate, zip(*blocks, strict=True))
        # A stable sort keeps the order of the blocks.
        order = np.argsort(row, kind="stable")
        row, column, value = row[order], column[order], value[order]
    if tfidf is not None:
        value = _weighed(tfidf, row, column, value, n_rows)
    starts = np.searchsorted(row, np.arange(n_rows + 1))
    return TextRows(starts, row, column, value, first)


def _summed(row, column, count, n_columns):
    """Return each cell once, in the order of rows, with the sum of its counts."""
    cells = row * n_columns + column
    if count is None:
        cells, sums = np.unique(cells, return_counts=True)
    else:
        cells, place = np.unique(cells, return_inverse=True)
        sums = np.bincount(place, weights=count, minlength=len(cells))
    row, column = np.divmod(cells, n_columns)
    return row, column, sums.astype(np.float64)


def _weighed_block(
    vectorizer: TextVectorizer,
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    value: NDArray[np.float64],
    n_rows: int,
) -> NDArray[np.float64]:
    """Return counts with the weights of their vectorizer."""
    if vectorizer.binary:
        value = np.ones_like(value)
    value = _normalized(vectorizer.hash_norm, row, value, n_rows)
    value = _weighed(vectorizer, row, column, value, n_rows)
    return value if vectorizer.weight == 1.0 else value * vectorizer.weight


def _weighed(tfidf, row, column, value, n_rows):
    """Return values with the weights that `sublinear`, `idf` and `norm` name."""
    if tfidf.sublinear:
        # Hashed counts may be 0 or less, and then become no number, as scikit-learn's.
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log(value) + 1.0
    if tfidf.idf is not None:
        value = value * tfidf.idf[column]
    return _normalized(tfidf.norm, row, value, n_rows)


def _normalized(norm, row, value, n_rows):
    """Return values that are divided by the norm of their row."""
    if norm is None:
        return value
    sizes = np.abs(value) if norm == "l1" else value * value
    norms = np.bincount(row, weights=sizes, minlength=n_rows)
    if norm == "l2":
        norms = np.sqrt(norms)
    norms[norms == 0.0] = 1.0
    return value / norms[row]
