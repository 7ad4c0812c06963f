"""Columns of free text that an encoder takes: where they are, and their scores."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from skdistill.student.text.text_scores import TextScores, texts_in
from skdistill.tables.read import CodedColumn, is_pandas, is_polars


def text_places(text: Any, X: Any) -> list[int]:
    """Return the places of the text columns in a table.

    Parameters
    ----------
    text : sequence of str or int, or None
        Parameter of an encoder: names of the columns, or places in a table without
        names.
    X : table of shape (n_rows, n_features)

    Returns
    -------
    places : list of int

    Raises
    ------
    ValueError
        If X has no such column, or if one is there twice.
    """
    if text is None:
        return []
    if isinstance(text, str):
        raise ValueError(f"text={text!r:.50} is one name: give a list, text=[{text!r}]")
    is_frame = is_pandas(X) or is_polars(X)
    names = list(X.columns) if is_frame else list(range(np.shape(X)[1]))
    places = []
    for name in text:
        if names.count(name) != 1 or isinstance(name, bool):
            held = "twice" if name in names else "not"
            kind = "names" if is_frame else "places, since X has no names"
            raise ValueError(
                f"text holds {name!r:.50}, which is {held} a column of X: give {kind} "
                f"from {names!r:.200}"
            )
        places.append(names.index(name))
    if len({*places}) < len(places):
        raise ValueError(f"text={list(text)!r:.100} holds a column twice")
    return places


def check_texts(encoder: Any, X: Any, columns: Sequence[CodedColumn]) -> None:
    """Raise unless the columns that an encoder takes as text hold texts.

    Parameters
    ----------
    encoder : TabularEncoder, "auto" or None
    X : table of shape (n_rows, n_features)
    columns : sequence of CodedColumn
        Columns of the table.

    Raises
    ------
    ValueError
        If X has no such column, if a cell of one is neither text nor missing, or if
        one holds no word.
    """
    for place in text_places(getattr(encoder, "text", None), X):
        _, texts = texts_in(columns[place])
        if not holds_word(texts):
            raise ValueError(
                f"column {columns[place].name} of X holds no word of two letters, so "
                "it is no free text: take it out of text of the encoder"
            )


def holds_word(texts: Iterable[str]) -> bool:
    """Tell whether a text holds a word, which has two letters or digits.

    Parameters
    ----------
    texts : iterable of str

    Returns
    -------
    bool
    """
    return any(re.search(r"\w\w", text) for text in texts)


def check_scores(text: Any, places: Sequence[int], texts: Sequence[TextScores]) -> None:
    """Raise unless there are scores for just the text columns of an encoder.

    Parameters
    ----------
    text : sequence of str or int, or None
        Parameter of an encoder.
    places : sequence of int
        Places of these columns.
    texts : sequence of TextScores

    Raises
    ------
    ValueError
    """
    if sorted(places) == sorted(one.feature for one in texts):
        return
    raise ValueError(
        f"text={text!r:.100} needs a teacher's answers, from which the scores of texts "
        "are learned: give the encoder to a distilled estimator, which fits it"
    )


def columns_of_scores(
    texts: Sequence[TextScores], columns: Sequence[CodedColumn]
) -> list[CodedColumn]:
    """Return the scores of text columns as columns of numbers.

    Parameters
    ----------
    texts : sequence of TextScores
    columns : sequence of CodedColumn
        Columns of the table.

    Returns
    -------
    scores : list of CodedColumn
    """
    found = []
    for text in texts:
        column = columns[text.feature]
        found += [
            CodedColumn(f"{column.name} (score {unit})", None, values)
            for unit, values in enumerate(text.of_column(column).T)
        ]
    return found


def features_of_scores(texts: Sequence[TextScores]) -> list[int]:
    """Return the place of the text column of each score.

    Parameters
    ----------
    texts : sequence of TextScores

    Returns
    -------
    features : list of int
    """
    return [text.feature for text in texts for _ in range(text.n_units)]
