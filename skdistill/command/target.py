"""The labels of a raw table: the column to predict."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from skdistill.tables.file import FileTable
from skdistill.tables.texts import (
    TRUTH_WORDS,
    are_numbers,
    first_with_leading_zero,
    is_missing_word,
)


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
    table: FileTable, name: str, renamed: Mapping[str, str] | None = None
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

    Returns
    -------
    target : Target

    Raises
    ------
    ValueError
        If a label to rename is not in the column.
    """
    series, renamed = table.frame[name], renamed or {}
    if not table.cells_are_texts and not renamed:
        is_labelled = series.notna().to_numpy()
        return Target(
            _spread(series[is_labelled].to_numpy(), is_labelled), is_labelled, []
        )
    texts = series.map(str, na_action="ignore")
    codes, found = texts.factorize()
    found = found.tolist()
    unknown = [text for text in renamed if text not in found]
    if unknown:
        raise ValueError(
            f"{name!r} holds no label {unknown[0]!r} to rename: it holds {found!r:.200}"
        )
    words = [
        text
        for text in found
        if table.cells_are_texts
        and is_missing_word(text)
        and text not in renamed
        and text != "None"
    ]
    labels = [renamed.get(text, text) for text in found]
    is_label = np.array([text not in words for text in found] + [False])
    values = _typed(
        [label for label, keep in zip(labels, is_label, strict=False) if keep]
    )
    of_text = np.empty(len(found) + 1, dtype=values.dtype)
    of_text[is_label] = values
    return Target(of_text[codes], is_label[codes], words)


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
    array = np.empty(len(labels), dtype=object)
    array[:] = labels
    return array


def _spread(values, is_labelled):
    """Return values with entries of no meaning for the rows without a label."""
    labels = np.empty(len(is_labelled), dtype=values.dtype)
    labels[is_labelled] = values
    return labels
