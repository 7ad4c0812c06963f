"""The numbers that a text column of a table becomes: scores of a linear model."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skdistill.student.quantization import quantize, restore
from skdistill.student.text.section import (
    check_fields,
    text_from_file,
    text_nbytes,
    text_to_file,
)
from skdistill.student.text.student_text import StudentText
from skdistill.tables.read import CodedColumn

_MOST_UNITS = 2**17
_FIELDS: dict[str, tuple[type, ...]] = {
    "feature": (int,),
    "n_units": (int,),
    "texts": (dict,),
}


def texts_in(column: CodedColumn) -> tuple[NDArray[Any], list[str]]:
    """Return the indices that rows of a column have, in order, and their texts.

    Parameters
    ----------
    column : CodedColumn

    Returns
    -------
    indices : ndarray of int
        Values of the column, increasing. Empty if all texts are missing.
    texts : list of str
        Text of each index. An empty text stands for a missing one.

    Raises
    ------
    ValueError
        If a cell is neither text nor missing.
    """
    labels, values = column.labels, column.values
    if labels is None:
        if not np.isnan(values).all():
            raise ValueError(
                f"column {column.name} of X holds numbers, and the student reads texts "
                "in it: convert them to texts by str()"
            )
        return np.empty(0), [""]
    used = np.unique(values)
    texts = ["" if index < 0 else labels[index] for index in used.tolist()]
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(
                f"column {column.name} of X holds {text!r:.50}, and the student reads "
                "texts in it: convert its cells to texts by str()"
            )
    return used, texts


@dataclass(frozen=True, eq=False, repr=False)
class TextScores:
    """How a text column of a table becomes numbers: the logits of a linear model.

    A missing text counts as an empty one.

    Parameters
    ----------
    feature : int
        Place of the column in the table.
    text : StudentText
        Part that turns texts into the columns of the model. A row is one text.
    weights : ndarray of shape (n_columns, n_units)
        Weights of the terms. They are rounded to integers of 8 bits, with one scale for
        each unit.
    biases : ndarray of shape (n_units,)
    known : mapping of str to ndarray of shape (n_units,), or None, default=None
        Scores of texts that the model was fitted on, by models that were not. They take
        the place of its own, which would be too good.

    Raises
    ------
    ValueError
        If the parts do not fit together, or hold numbers that are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.student.text.student_text import StudentText
    >>> from skdistill.student.text.text_scores import TextScores
    >>> from skdistill.student.text.vectorizer import TextVectorizer
    >>> from skdistill.tables.read import read_coded_columns
    >>> text = StudentText([TextVectorizer(terms=("good", "bad"))])
    >>> scores = TextScores(1, text, np.array([[1.0], [-1.0]]), np.zeros(1))
    >>> table = [[3, "good, very good"], [4, None]]
    >>> scores.of_column(read_coded_columns(table)[1]).round(3).tolist()
    [[2.0], [0.0]]
    """

    feature: int
    text: StudentText
    weights: NDArray[np.float32]
    biases: NDArray[np.float32]
    known: Mapping[str, NDArray[np.float32]] | None = None

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, dtype=np.float32)
        biases = np.asarray(self.biases, dtype=np.float32)
        wanted = (self.text.n_columns, biases.size)
        if biases.ndim != 1 or not biases.size or weights.shape != wanted:
            raise ValueError(
                f"the weights of a text column have shape {weights.shape}, and the "
                f"biases {biases.shape}: the texts make {self.text.n_columns} columns"
            )
        if self.text.columns is not None:
            raise ValueError("the texts of a text column are read from one column")
        if not (np.isfinite(weights).all() and np.isfinite(biases).all()):
            raise ValueError("the weights of a text column need to be finite")
        object.__setattr__(self, "weights", restore(*quantize(weights, "int8")))
        object.__setattr__(self, "biases", biases)

    @property
    def n_units(self) -> int:
        """Number of scores of a text."""
        return self.biases.size

    def of_column(self, column: CodedColumn) -> NDArray[np.float32]:
        """Return the scores of the texts in a column.

        Parameters
        ----------
        column : CodedColumn

        Returns
        -------
        scores : ndarray of shape (n_rows, n_units), float32

        Raises
        ------
        ValueError
            If a cell is neither text nor missing.
        """
        used, texts = texts_in(column)
        scores = np.empty((len(texts), self.n_units), dtype=np.float32)
        known = self.known or {}
        new = [place for place, text in enumerate(texts) if text not in known]
        if new:
            read = self.text.read([texts[place] for place in new])
            scores[new] = read.sums(self.weights, self.biases)
        for place, text in enumerate(texts):
            if text in known:
                scores[place] = known[text]
        if len(texts) == 1:
            return np.repeat(scores, len(column.values), axis=0)
        return scores[np.searchsorted(used, column.values)]

    def forgetting(self) -> Self:
        """Return the same scores, which know no text before."""
        return type(self)(self.feature, self.text, self.weights, self.biases)

    @cached_property
    def nbytes(self) -> int:
        """Number of bytes of the terms, the weights, their scales and the biases."""
        numbers = self.weights.size + 4 * self.n_units + self.biases.nbytes
        return text_nbytes(self.text) + numbers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TextScores):
            return NotImplemented
        return (
            self.feature == other.feature
            and self.text.to_dict() == other.text.to_dict()
            and np.array_equal(self.weights, other.weights)
            and np.array_equal(self.biases, other.biases)
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.feature, self.text, self.weights, self.biases, self.known)
        return type(self), parts

    def __repr__(self) -> str:
        return f"<TextScores {self.n_units} of column {self.feature}: {self.text}>"


def scores_to_file(
    texts: tuple[TextScores, ...],
) -> tuple[list[dict[str, Any]], dict[str, bytes], dict[str, NDArray[Any]]]:
    """Return text columns as parts of a student's file.

    Parameters
    ----------
    texts : tuple of TextScores

    Returns
    -------
    descriptions : list of dict
        Entries that JSON can hold.
    streams : dict of str to bytes
        Deflated terms, by the names of their members.
    arrays : dict of str to ndarray
        Arrays by their names.

    Raises
    ------
    ValueError
        If a term is not valid text.
    """
    descriptions, streams, arrays = [], {}, {}
    for place, one in enumerate(texts):
        description, stream = text_to_file(one.text)
        descriptions.append(
            {"feature": one.feature, "n_units": one.n_units, "texts": description}
        )
        streams[f"text_{place}.zlib"] = stream.deflated()
        stored, scales = quantize(one.weights, "int8")
        arrays[f"text_weights_{place}"] = stored
        arrays[f"text_scales_{place}"] = np.stack([scales.ravel(), one.biases])
    return descriptions, streams, arrays


def scores_from_file(
    descriptions: Any, members: Any, longest: int
) -> tuple[TextScores, ...]:
    """Return the text columns of a student's file.

    Parameters
    ----------
    descriptions : list of dict
        Parsed section.
    members : Members
        Members of the file.
    longest : int
        Greatest number of bytes of a member.

    Returns
    -------
    texts : tuple of TextScores

    Raises
    ------
    ValueError
        If a part is damaged.
    """
    texts = []
    for place, description in enumerate(descriptions):
        check_fields(description, _FIELDS)
        n_units = description["n_units"]
        if not 1 <= n_units <= _MOST_UNITS:
            raise ValueError(f"n_units of a text column is {n_units}")
        stream = members.stream(f"text_{place}.zlib", longest)
        text = text_from_file(description["texts"], stream)
        shape = (text.n_columns, n_units)
        stored = members.array(f"text_weights_{place}", shape, "int8")
        scales, biases = members.array(f"text_scales_{place}", (2, n_units))
        if not (scales >= np.finfo(np.float32).tiny).all():
            raise ValueError("a text column has a scale that is not positive")
        weights = restore(stored, scales[np.newaxis])
        texts.append(TextScores(description["feature"], text, weights, biases))
    return tuple(texts)
