"""The labels of a raw table: the column to predict."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from skdistill.tables.file import FileTable
from skdistill.tables.texts import (
    TRUTH_WORDS,
    are_numbers,
    first_with_leading_zero,
    is_missing_word,
)

# Types of the labels of a Parquet file. Databases write prices as decimals.
_KINDS = (str, bool, np.bool_, int, np.integer, float, Decimal)


class Target(NamedTuple):
    """Labels of the rows of a table.

    Attributes
    ----------
    labels : ndarray of shape (n_rows,)
        Label of each row. The entry of a row without a label has no meaning.
    is_labelled : ndarray of shape (n_rows,), bool
        Whether the row has a label.
    missing_words : list of str
        Words in the column that are taken for a missing label.
    """

    labels: np.ndarray
    is_labelled: np.ndarray
    missing_words: list


def read_target(
    table: FileTable,
    name: str,
    renamed: Mapping[str, str] | None = None,
    tested: FileTable | None = None,
) -> Target:
    """Read the labels of a table.

    Parameters
    ----------
    table : FileTable
    name : str
        Name of the column. In a CSV file the text None is a label. The other words for
        a missing value, such as NA, are labels if they are renamed.
    renamed : mapping of str to str or None, default=None
        Labels that replace others, by the text of the others. They are numbers or truth
        values if all labels are.
    tested : FileTable or None, default=None
        File to test, which may hold some of the labels to rename.

    Returns
    -------
    target : Target

    Raises
    ------
    ValueError
        If a label to rename is not in the column, or if a student cannot hold the
        labels.
    """
    if not table.cells_are_texts:
        _check_cells(table.frame[name], name)
        if not renamed:
            return _as_they_are(table.frame[name])
    labels, codes, words = _texts(table, name, renamed or {})
    known = {*table.frame[name].map(str)}
    if tested is not None:
        known |= {*tested.frame[name].map(str)}
    unknown = [text for text in renamed or {} if text not in known]
    if unknown:
        found = list(dict.fromkeys(table.frame[name].dropna().map(str)))
        raise ValueError(
            f"{name!r} holds no label {unknown[0]!r} to rename: it holds {found!r:.200}"
        )
    return _by_code(_typed(labels), codes, words)


def read_tested_target(
    table: FileTable,
    name: str,
    renamed: Mapping[str, str] | None,
    dtype: Any,
    paths: tuple,
) -> Target:
    """Read the labels of a file to test as those of the table were read.

    Parameters
    ----------
    table : FileTable
        File to test.
    name : str
        Name of the column.
    renamed : mapping of str to str or None
        Labels that replace others, by the text of the others.
    dtype : dtype
        Type of the labels of the table.
    paths : tuple of Path and Path
        Path of the file to test and path of the table, for an error.

    Returns
    -------
    target : Target

    Raises
    ------
    ValueError
        If a label is neither a number nor a truth value, and those of the table are.
    """
    if not table.cells_are_texts and not renamed:
        return _as_they_are(table.frame[name])
    labels, codes, words = _texts(table, name, renamed or {})
    if dtype.kind == "b":
        stray = [label for label in labels if label not in TRUTH_WORDS]
    elif dtype.kind in "iuf":
        stray = [label for label in labels if not are_numbers([label])]
    else:
        return _by_code(_objects(labels), codes, words)
    if stray:
        kind = "truth values" if dtype.kind == "b" else "numbers"
        raise ValueError(
            f"column {name!r} of {paths[0]} holds the label {stray[0]!r:.60}, and the "
            f"labels of {paths[1]} are {kind}: empty such cells, or rename the label "
            "with --label"
        )
    if dtype.kind == "b":
        values = np.array([TRUTH_WORDS[label] for label in labels], dtype=bool)
    else:
        values = np.array([float(label) for label in labels])
        if (values == np.round(values)).all() and (np.abs(values) < 2**53).all():
            values = values.astype(dtype)
    return _by_code(values, codes, words)


def _as_they_are(series):
    """Return the labels of a Parquet file."""
    is_labelled = series.notna().to_numpy()
    values = series[is_labelled].to_numpy()
    if values.dtype == object and not any(isinstance(v, str) for v in values):
        values = np.array(values.tolist())
        if any(isinstance(value, Decimal) for value in values):
            values = values.astype(np.float64)
    labels = np.empty(len(is_labelled), dtype=values.dtype)
    labels[is_labelled] = values
    return Target(labels, is_labelled, [])


def _check_cells(series, name):
    """Raise unless a student can hold the labels of a Parquet file."""
    present = series[series.notna()]
    kinds = set(map(type, present))
    for kind in kinds:
        if not issubclass(kind, _KINDS):
            raise ValueError(
                f"the column to predict, {name!r}, holds labels of type "
                f"{kind.__name__}: make text, whole numbers or truth values of them "
                "first"
            )
    if any(issubclass(kind, str) for kind in kinds) and len(kinds) > 1:
        raise ValueError(
            f"the column to predict, {name!r}, holds both text and other labels: make "
            "text of all of them first"
        )


def _texts(table, name, renamed):
    """Return the labels as texts, the index of each row's label, and missing words."""
    codes, found = table.frame[name].map(str, na_action="ignore").factorize()
    words = [
        text
        for text in found.tolist()
        if table.cells_are_texts
        and is_missing_word(text)
        and text not in renamed
        and text != "None"
    ]
    kept = [text not in words for text in found.tolist()]
    labels = [renamed.get(text, text) for text in found.tolist() if text not in words]
    index = np.where(kept, np.cumsum(kept) - 1, -1)
    return labels, np.append(index, -1).astype(np.intp)[codes], words


def _by_code(values, codes, words):
    """Return the label of each row; the entry of a row without one has no meaning."""
    labels = np.empty(len(codes), dtype=values.dtype)
    labels[codes >= 0] = values[codes[codes >= 0]]
    return Target(labels, codes >= 0, words)


def _typed(labels):
    """Return labels as integers, floats or truth values if all are, else as texts."""
    if labels and set(labels) <= set(TRUTH_WORDS):
        return np.array([TRUTH_WORDS[label] for label in labels])
    if are_numbers(labels) and first_with_leading_zero(labels) is None:
        if all(label.strip().lstrip("+-").isdigit() for label in labels):
            numbers = [int(label) for label in labels]
            if all(abs(number) < 2**63 for number in numbers):
                return np.array(numbers, dtype=np.int64)
        return np.array([float(label) for label in labels])
    return _objects(labels)


def _objects(labels):
    """Return texts as an array of objects."""
    array = np.empty(len(labels), dtype=object)
    array[:] = labels
    return array
