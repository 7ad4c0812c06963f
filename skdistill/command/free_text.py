"""Columns of free text, which the student reads word by word."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from skdistill.command.columns import Kind, Remedy, TakenColumn
from skdistill.command.text_column import TextColumn, are_texts
from skdistill.inputs.text_columns import holds_word

_ALONE = "it is taken, since no other column is left"


def take_texts(
    columns: Sequence[TakenColumn], frame: Any, names: Collection[str]
) -> list[TakenColumn]:
    """Return columns, those with given names as free text.

    Parameters
    ----------
    columns : sequence of TakenColumn
    frame : DataFrame
        Table of the columns.
    names : collection of str
        Names of the columns of free text.

    Returns
    -------
    columns : list of TakenColumn

    Raises
    ------
    ValueError
        If such a column holds other values than texts.
    """
    return [
        _taken(column.name, text_values(frame[column.name]))
        if column.name in names
        else column
        for column in columns
    ]


def take_text_alone(columns: Sequence[TakenColumn]) -> list[TakenColumn]:
    """Return columns of free text as taken, if all columns are left out without them.

    Parameters
    ----------
    columns : sequence of TakenColumn

    Returns
    -------
    columns : list of TakenColumn
    """
    if not all(column.left_out for column in columns):
        return list(columns)
    return [
        _taken(column.name, _filled(column.values), _ALONE)
        if column.remedy is Remedy.TEXT
        else column
        for column in columns
    ]


def text_values(series: Any) -> np.ndarray:
    """Return the texts of a column. A missing one is an empty text.

    Parameters
    ----------
    series : Series

    Returns
    -------
    texts : ndarray of shape (n_rows,), object

    Raises
    ------
    ValueError
        If a cell is no text, or if no text holds a word.
    """
    if not are_texts(series, False) and series.notna().any():
        cell = next(
            cell for cell in series[series.notna()] if not isinstance(cell, str)
        )
        raise ValueError(
            f"column {series.name!r} cannot be taken as text: it holds {cell!r:.60}"
        )
    found = TextColumn.of(str(series.name), series, words=False)
    if not holds_word(found.texts):
        raise ValueError(
            f"column {series.name!r} cannot be taken as text: it holds no word of two "
            "letters. Take it out of --text"
        )
    return np.array([*found.texts, ""], dtype=object)[found.codes]


def _taken(name, values, remark=""):
    return TakenColumn(name, Kind.TEXT, values, remark=remark)


def _filled(categorical):
    """Return the texts of a Categorical, empty ones for those that are missing."""
    texts = np.array([*categorical.categories.tolist(), ""], dtype=object)
    return texts[np.asarray(categorical.codes, dtype=np.intp)]
