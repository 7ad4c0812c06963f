"""The inputs of the ONNX model of a student that takes texts: prepared texts.

ONNX has no operator that lowers a text as Python does, nor one that decomposes it. So
the caller prepares the texts, and the name of an input says how.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdistill.export.onnx.inputs import output_names
from skdistill.student.student import Student
from skdistill.student.text.analysis import prepared
from skdistill.student.text.student_text import StudentText
from skdistill.student.text.vectorizer import TextVectorizer

# Characters of a block of texts with its padding, or values of their columns.
_MOST_CELLS = 2**21

_ACCENTS = {
    "unicode": "decompose it by NFKD and drop characters with a combining class",
    "ascii": "decompose it by NFKD and drop characters beyond ASCII",
}
_ACCENT_NAMES = {"unicode": "unaccented_", "ascii": "ascii_"}


class TextInput(NamedTuple):
    """An input of texts.

    Attributes
    ----------
    name : str
    place : int
        Place of the text column among those of the student.
    column : str, int or None
        Text column of a table. None if a row is one text.
    lowercase : bool
        Whether the caller lowers the texts.
    strip_accents : {None, "ascii", "unicode"}
        How the caller then strips their accents.
    """

    name: str
    place: int
    column: str | int | None
    lowercase: bool
    strip_accents: str | None

    def takes(self, vectorizer: TextVectorizer) -> bool:
        """Tell whether a vectorizer reads this input."""
        return self[1:] == _preparation(vectorizer, self.column)

    @property
    def shape(self) -> list[int | None]:
        """Shape: a column of a table has two dimensions."""
        return [None] if self.column is None else [None, 1]

    @property
    def advice(self) -> str:
        """Preparation of a text in words, empty if there is none."""
        steps = ["lower the whole text as Python's str.lower()"] * self.lowercase
        if self.strip_accents is not None:
            steps.append(_ACCENTS[self.strip_accents])
        return ", then ".join(steps)

    @property
    def description(self) -> dict[str, Any]:
        """Entries of the model's metadata."""
        return {
            "column": self.column,
            "lowercase": self.lowercase,
            "strip_accents": self.strip_accents,
        }


def text_inputs(student: Student) -> list[TextInput]:
    """Return one input for each text column and each preparation of its texts.

    Parameters
    ----------
    student : Student

    Returns
    -------
    inputs : list of TextInput
        In the order of the vectorizers that first read them. None if the student takes
        no texts.
    """
    text, names = student.text, set(output_names(student.output))
    inputs: list[TextInput] = []
    if text is None:
        return inputs
    for vectorizer in text.vectorizers:
        column = None if text.columns is None else text.columns[vectorizer.column]
        parts = _preparation(vectorizer, column)
        if any(one[1:] == parts for one in inputs):
            continue
        name = _name(vectorizer, column)
        while name in names:
            name += "_"
        names.add(name)
        inputs.append(TextInput(name, *parts))
    return inputs


def text_feeds(
    text: StudentText, inputs: list[TextInput], X: Any
) -> list[NDArray[Any]]:
    """Return texts as the inputs take them.

    Parameters
    ----------
    text : StudentText
    inputs : list of TextInput
    X : list of str, or table
        Texts as `Student.predict_proba` takes them.

    Returns
    -------
    feeds : list of ndarray of shape (n_rows,) or (n_rows, 1), str

    Raises
    ------
    ValueError
        If a text holds a surrogate without its partner, which UTF-8 cannot write.
    """
    columns = text.read(X).columns
    feeds = []
    for one in inputs:
        vectorizer = next(v for v in text.vectorizers if one.takes(v))
        texts = prepared(vectorizer, columns[one.place])
        for row, prepared_text in enumerate(texts):
            try:
                prepared_text.encode()
            except UnicodeEncodeError as error:
                raise ValueError(
                    f"text {row} holds a surrogate without its partner, and a model "
                    f"takes UTF-8, which has none: {error}"
                ) from error
        feed = np.array(texts, dtype=object)
        feeds.append(feed if one.column is None else feed[:, np.newaxis])
    return feeds


def feed_ends(feeds: list[NDArray[Any]], n_columns: int) -> list[int]:
    """Return the ends of blocks of texts, which limit the memory of a run.

    The rows of a block are padded to its longest text.

    Parameters
    ----------
    feeds : list of ndarray of shape (n_rows,) or (n_rows, 1), str
    n_columns : int
        Number of columns that the texts become.

    Returns
    -------
    ends : list of int
    """
    lengths = np.array([list(map(len, feed.reshape(-1))) for feed in feeds]).max(axis=0)
    ends, start, longest = [], 0, n_columns
    for row, length in enumerate(lengths.tolist()):
        longest = max(longest, length)
        if row > start and longest * (row + 1 - start) > _MOST_CELLS:
            ends.append(row)
            start, longest = row, max(n_columns, length)
    return [*ends, len(lengths)]


def _preparation(vectorizer, column):
    """Return the fields of an input except its name."""
    return (vectorizer.column, column, vectorizer.lowercase, vectorizer.strip_accents)


def _name(vectorizer, column):
    """Return a name that says how the texts are prepared."""
    name = "text" if column is None else str(column)
    if isinstance(column, int):
        name = f"x{column}"
    accents = _ACCENT_NAMES.get(vectorizer.strip_accents or "", "")
    return ("lowered_" if vectorizer.lowercase else "") + accents + name
