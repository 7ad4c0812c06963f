"""The text part of a student: it turns texts into the columns of the network."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from skdistill.student.text.blocks import finder_of
from skdistill.student.text.encode import encode
from skdistill.student.text.text_rows import TextRows
from skdistill.student.text.texts import checked_texts, text_columns
from skdistill.student.text.vectorizer import (
    NORMS,
    TextVectorizer,
    check_choice,
    idf_array,
)

# Characters of a part of the texts, and those that a text counts beside its own.
_PART = 2**18
_ROW = 16


@dataclass(frozen=True, eq=False)
class Tfidf:
    """Weights over all blocks together, as a TfidfTransformer after a union makes them.

    Parameters
    ----------
    sublinear : bool, default=False
        Whether 1 + log(c) replaces a value c.
    idf : ndarray of shape (n_columns,), float64, or None, default=None
        Factor of each column.
    norm : {None, "l1", "l2"}, default=None
        Norm that a row is divided by.
    """

    sublinear: bool = False
    idf: NDArray[np.float64] | None = None
    norm: str | None = None

    def __post_init__(self) -> None:
        check_choice("norm", self.norm, NORMS)
        if self.idf is not None:
            checked = idf_array(self.idf, np.size(self.idf))
            object.__setattr__(self, "idf", checked)


@dataclass(frozen=True, eq=False, repr=False)
class StudentText:
    """How the rows of a student of texts become sparse columns.

    Parameters
    ----------
    vectorizers : sequence of TextVectorizer
        One for each block of columns, in the order of the inputs of the network.
    columns : sequence of str or int, or None, default=None
        Text columns of a table, by name or by place. None if a row is one text.
    tfidf : Tfidf or None, default=None
        Weights over all blocks together.

    Attributes
    ----------
    n_columns : int
        Number of columns of all blocks.

    Examples
    --------
    >>> from skdistill.student.text.student_text import StudentText
    >>> from skdistill.student.text.vectorizer import TextVectorizer
    >>> text = StudentText([TextVectorizer(terms=("good", "bad"))])
    >>> text.n_columns
    2
    """

    vectorizers: tuple[TextVectorizer, ...]
    columns: tuple[str | int, ...] | None = None
    tfidf: Tfidf | None = None

    def __init__(
        self,
        vectorizers: Sequence[TextVectorizer],
        columns: Sequence[str | int] | None = None,
        tfidf: Tfidf | None = None,
    ) -> None:
        for name, value in (
            ("vectorizers", tuple(vectorizers)),
            ("columns", None if columns is None else tuple(columns)),
            ("tfidf", tfidf),
        ):
            object.__setattr__(self, name, value)
        n_texts = 1 if self.columns is None else len(self.columns)
        for vectorizer in self.vectorizers:
            if not 0 <= vectorizer.column < n_texts:
                raise ValueError(
                    f"a vectorizer reads column {vectorizer.column}, and there are "
                    f"{n_texts} text columns"
                )
        if tfidf is not None:
            idf_array(tfidf.idf, self.n_columns)

    @property
    def n_columns(self) -> int:
        """Number of columns of all blocks."""
        return sum(vectorizer.n_columns for vectorizer in self.vectorizers)

    @cached_property
    def _finders(self) -> list[Any]:
        """Finder of the terms of each vectorizer, made when it is first needed."""
        return [finder_of(vectorizer) for vectorizer in self.vectorizers]

    def encode(self, columns: list[list[str]]) -> TextRows:
        """Return the rows of checked texts.

        Parameters
        ----------
        columns : list of list of str
            Texts of each text column.

        Returns
        -------
        rows : TextRows
        """
        return encode(self.vectorizers, self._finders, self.tfidf, columns)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.vectorizers, self.columns, self.tfidf)

    def read(self, X: Any) -> "Texts":
        """Return the texts of a caller, checked.

        Parameters
        ----------
        X : array-like of shape (n_samples,) of str
            Texts. If the student reads columns of a table, the table.

        Returns
        -------
        texts : Texts

        Raises
        ------
        TypeError
            If a text is no `str`.
        ValueError
            If X is one string, or does not have the text columns.
        """
        if self.columns is not None:
            return Texts(self, text_columns(X, self.columns))
        return Texts(self, [checked_texts(X)])

    def rows(self, X: Any) -> TextRows:
        """Return the columns of texts.

        Parameters
        ----------
        X : array-like of shape (n_samples,) of str

        Returns
        -------
        rows : TextRows
            Rows of `n_columns` columns.
        """
        return self.read(X).rows()

    def __repr__(self) -> str:
        kinds = ", ".join(vectorizer.kind for vectorizer in self.vectorizers)
        return f"<StudentText {self.n_columns} columns: {kinds}>"

    def to_dict(self) -> dict[str, Any]:
        """Return a description that JSON can hold.

        Returns
        -------
        description : dict
            ``columns``: a list or None; ``vectorizers``: a list of
            `TextVectorizer.to_dict`; ``tfidf``: None, or an object of the fields of
            `Tfidf`.
        """
        tfidf = self.tfidf
        return {
            "columns": None if self.columns is None else list(self.columns),
            "vectorizers": [vectorizer.to_dict() for vectorizer in self.vectorizers],
            "tfidf": None
            if tfidf is None
            else {
                "sublinear": tfidf.sublinear,
                "idf": None if tfidf.idf is None else tfidf.idf.tolist(),
                "norm": tfidf.norm,
            },
        }

    @classmethod
    def from_dict(cls, description: Mapping[str, Any]) -> Self:
        """Return the text part that `to_dict` described.

        Parameters
        ----------
        description : mapping

        Returns
        -------
        text : StudentText
        """
        tfidf = description["tfidf"]
        return cls(
            [TextVectorizer.from_dict(one) for one in description["vectorizers"]],
            description["columns"],
            None if tfidf is None else Tfidf(**tfidf),
        )


class Texts(NamedTuple):
    """Checked texts, which become columns a part at a time.

    Attributes
    ----------
    text : StudentText
    columns : list of list of str
        Texts of each text column.
    """

    text: StudentText
    columns: list[list[str]]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of texts, and of the columns that they become."""
        return len(self.columns[0]), self.text.n_columns

    def rows(self) -> TextRows:
        """Return all rows."""
        return self.text.encode(self.columns)

    def parts(self) -> Iterator["Texts"]:
        """Yield texts a part at a time, which limits the memory."""
        sizes = np.zeros(self.shape[0], dtype=np.int64)
        for texts in self.columns:
            sizes += np.fromiter(map(len, texts), np.int64, len(texts))
        # A row counts as some characters, however short it is.
        part = np.cumsum(sizes + _ROW) // _PART
        ends = [*np.flatnonzero(np.diff(part)) + 1, self.shape[0]]
        for start, end in pairwise([0, *ends]):
            yield Texts(self.text, [texts[start:end] for texts in self.columns])

    def sums(
        self, weights: NDArray[np.float32], biases: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the sums of the units of the first layer.

        Parameters
        ----------
        weights : ndarray of shape (n_columns, n_units)
        biases : ndarray of shape (n_units,)

        Returns
        -------
        sums : ndarray of shape (n_texts, n_units), float32
        """
        none = np.empty((0, len(biases)))
        with np.errstate(over="ignore", invalid="ignore"):
            sums = [part.rows().times(weights) + biases for part in self.parts()]
            return np.concatenate([none, *sums]).astype(np.float32)


def check_text(student: Any, text: StudentText | None) -> StudentText | None:
    """Return the text part of a student, or raise if it does not fit the network.

    Parameters
    ----------
    student : Student
    text : StudentText or None

    Returns
    -------
    text : StudentText or None

    Raises
    ------
    TypeError
        If text is something else.
    ValueError
        If the network takes other columns.
    """
    if text is None:
        return None
    if not isinstance(text, StudentText):
        raise TypeError(f"text is a {type(text).__name__}: give a StudentText or None")
    n_inputs = student.coefs_[0].shape[0]
    if text.n_columns != n_inputs:
        raise ValueError(
            f"text makes {text.n_columns} columns, and the first layer takes {n_inputs}"
        )
    for name, other in (
        ("input_code", student.input_code),
        ("feature_names", student.names),
        ("offsets", student.offsets_),
        ("kept_columns", student.kept_columns),
    ):
        if other is not None:
            raise ValueError(f"give text or {name}, and not both")
    return text
