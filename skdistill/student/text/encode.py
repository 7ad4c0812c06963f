"""Texts as sparse rows, by the vectorizers of a student."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.text.analysis import terms_of
from skdistill.student.text.hashing import hashes_of
from skdistill.student.text.text_rows import TextRows


def encode(text: Any, texts: list[list[str]]) -> TextRows:
    """Return the rows of texts.

    Parameters
    ----------
    text : StudentText
    texts : list of list of str
        Texts of each column.

    Returns
    -------
    rows : TextRows
    """
    blocks, first = [], 0
    for vectorizer in text.vectorizers:
        row, column, value = _block(vectorizer, texts[vectorizer.column])
        blocks.append((row, column + first, value))
        first += vectorizer.n_columns
    n_rows = len(texts[0]) if texts else 0
    row, column, value = map(np.concatenate, zip(*blocks, strict=True))
    order = np.lexsort((column, row))
    row, column, value = row[order], column[order], value[order]
    if text.tfidf is not None:
        value = _weighed(text.tfidf, row, column, value, n_rows)
    starts = np.searchsorted(row, np.arange(n_rows + 1))
    return TextRows(starts, column, value, text.n_columns)


def _block(vectorizer, texts):
    """Return row, column and value of each entry of a block."""
    counts = {}
    places = {term: i for i, term in enumerate(vectorizer.terms or ())}
    for row, text in enumerate(texts):
        terms = terms_of(vectorizer, text)
        if vectorizer.is_hashed:
            found = _hashed(vectorizer, list(terms))
        else:
            found = [(places[term], 1) for term in terms if term in places]
        for column, sign in found:
            counts[row, column] = counts.get((row, column), 0) + sign
    keys = sorted(counts)
    row, column = np.array(keys, dtype=np.int64).reshape(-1, 2).T
    value = np.array([counts[key] for key in keys], dtype=np.float64)
    if vectorizer.binary:
        value[:] = 1.0
    value = _normalized(vectorizer.hash_norm, row, value, len(texts))
    return (
        row,
        column,
        vectorizer.weight * _weighed(vectorizer, row, column, value, len(texts)),
    )


def _hashed(vectorizer, terms):
    """Return the column and the sign of each term whose bucket is kept."""
    hashes = hashes_of(terms)
    columns = np.abs(hashes) % vectorizer.n_buckets
    signs = np.where(hashes < 0, -1, 1) if vectorizer.signed else np.ones_like(hashes)
    if vectorizer.buckets is not None:
        kept = np.isin(columns, vectorizer.buckets)
        columns = np.searchsorted(vectorizer.buckets, columns[kept])
        signs = signs[kept]
    return zip(columns.tolist(), signs.tolist(), strict=True)


def _weighed(
    tfidf: Any,
    row: NDArray[np.int64],
    column: NDArray[np.int64],
    value: NDArray[np.float64],
    n_rows: int,
) -> NDArray[np.float64]:
    """Return values with the weights that `sublinear`, `idf` and `norm` name."""
    if tfidf.sublinear:
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
