"""The description of one vectorizer: how texts become a block of columns."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

ANALYZERS = ("word", "char", "char_wb")
ACCENTS = (None, "ascii", "unicode")
NORMS = (None, "l1", "l2")

# Set of characters of ASCII, in a regular expression.
PLAIN_SET = r"\[(?:[A-Za-z]-[A-Za-z]|[0-9]-[0-9]|[A-Za-z0-9_@#'])+-?\]"

# Greatest length of a term, and least length of a token, that can be asked for.
_LONGEST = 9999
_MOST_BUCKETS = 2**31 - 1


def idf_array(idf: Any, n_columns: int) -> NDArray[np.float64] | None:
    """Return factors of columns as a read-only array, or None.

    Parameters
    ----------
    idf : array-like of shape (n_columns,) or None
    n_columns : int

    Returns
    -------
    idf : ndarray of shape (n_columns,), float64, or None

    Raises
    ------
    ValueError
        If the number of factors is wrong, or if one is not finite.
    """
    if idf is None:
        return None
    array = np.array(idf, dtype=np.float64)
    if array.shape != (n_columns,) or not np.isfinite(array).all():
        raise ValueError(
            f"idf is {array!r:.100}: it needs {n_columns} finite numbers, one for each "
            "column"
        )
    array.flags.writeable = False
    return array


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    """Raise unless a value is one of some choices.

    Parameters
    ----------
    name : str
    value : object
    choices : tuple

    Raises
    ------
    ValueError
    """
    if (value is not None and not isinstance(value, str)) or value not in choices:
        raise ValueError(f"{name}={value!r:.100} is not one of {list(choices)}")


def checked_terms(name: str, terms: Any) -> tuple[str, ...]:
    """Return texts as a tuple, or raise unless all are different texts.

    Parameters
    ----------
    name : str
        Name of the argument in messages.
    terms : sequence of str

    Returns
    -------
    terms : tuple of str

    Raises
    ------
    ValueError
        If a term is no text, or is there twice.
    """
    checked = tuple(terms)
    for term in checked:
        if not isinstance(term, str):
            raise ValueError(f"{name} holds {term!r:.100}: each must be a str")
    if len(set(checked)) < len(checked):
        raise ValueError(f"{name} holds a text twice")
    return checked


def _checked_token(token):
    """Return a class of characters and a length, or raise if they make no pattern."""
    one, least = token
    known = one in (r"\w", r"\S") or re.fullmatch(PLAIN_SET, one)
    with suppress(re.error):
        if known and 1 <= least <= _LONGEST and re.compile(one):
            return one, int(least)
    raise ValueError(
        f"token={token!r:.100} is not a class of characters, \\w, \\S or a set such as "
        f"[a-z0-9], and a least length from 1 to {_LONGEST}"
    )


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class TextVectorizer:
    r"""How texts become a block of sparse columns.

    A text is lowered, loses its accents, and is cut into tokens or characters. Each
    term, a run of tokens or of characters, belongs to one column of the block at most.
    A column counts its terms. The counts then become weights.

    The steps, in their order:

    1. `lowercase` calls `str.lower` on the whole text.
    2. `strip_accents` decomposes the text by NFKD. "unicode" then drops all characters
       with a canonical combining class, "ascii" all characters beyond ASCII.
    3. `analyzer` and `ngram_range` cut the text into terms, as scikit-learn does. Words
       are maximal runs of `token`, and those in `stop_words` are dropped. An n-gram of
       words joins them by one space. Characters are code points.
    4. The term's place in `terms` is its column. Without terms, h is the MurmurHash3 of
       the term's UTF-8, with seed 0, as a signed integer. The column is abs(h) modulo
       `n_buckets`. A term with h < 0 counts -1 if the hash is `signed`.
    5. `binary` sets all counts to 1. `hash_norm` divides a row by its norm.
    6. `sublinear` replaces a count c by 1 + log(c). `idf` multiplies. `norm` divides a
       row of the block by its norm. `weight` multiplies.

    Parameters
    ----------
    column : int, default=0
        Place of the text column in `StudentText.columns`.
    analyzer : {"word", "char", "char_wb"}, default="word"
    ngram_range : tuple of two int, default=(1, 1)
        Least and greatest length of a term, in tokens or characters.
    lowercase : bool, default=True
    strip_accents : {None, "ascii", "unicode"}, default=None
    token : tuple of str and int, or None, default=(r"\w", 2)
        Characters of a token, as a class of a regular expression: ``\w``, ``\S`` or a
        set of characters of ASCII such as ``[a-z0-9]``. After it, the least length of
        a token. None for characters.
    stop_words : tuple of str, default=()
        Tokens that are dropped.
    binary : bool, default=False
    terms : tuple of str or None, default=None
        Term of each column, all different. None if terms are hashed.
    n_buckets : int or None, default=None
        Number of columns of the hash. None if there are terms.
    signed : bool, default=False
        Whether a hash below zero counts -1.
    hash_norm : {None, "l1", "l2"}, default=None
        Norm of a row of hashed counts.
    buckets : ndarray of int or None, default=None
        Columns of the hash that are kept, in increasing order. None keeps all.
    sublinear : bool, default=False
    idf : ndarray of shape (n_columns,), float64, or None, default=None
    norm : {None, "l1", "l2"}, default=None
    weight : float, default=1.0

    Examples
    --------
    >>> from skdistill.student.text.vectorizer import TextVectorizer
    >>> TextVectorizer(terms=("good", "not good"), ngram_range=(1, 2)).n_columns
    2
    """

    column: int = 0
    analyzer: str = "word"
    ngram_range: tuple[int, int] = (1, 1)
    lowercase: bool = True
    strip_accents: str | None = None
    token: tuple[str, int] | None = ("\\w", 2)
    stop_words: tuple[str, ...] = ()
    binary: bool = False
    terms: tuple[str, ...] | None = None
    n_buckets: int | None = None
    signed: bool = False
    hash_norm: str | None = None
    buckets: NDArray[np.int64] | None = None
    sublinear: bool = False
    idf: NDArray[np.float64] | None = None
    norm: str | None = None
    weight: float = 1.0

    def __post_init__(self) -> None:
        check_choice("analyzer", self.analyzer, ANALYZERS)
        check_choice("strip_accents", self.strip_accents, ACCENTS)
        check_choice("norm", self.norm, NORMS)
        check_choice("hash_norm", self.hash_norm, NORMS)
        if (self.terms is None) == (self.n_buckets is None):
            raise ValueError("give terms or n_buckets, and not both")
        self._check_lengths()
        self._set("stop_words", checked_terms("stop_words", self.stop_words))
        if self.terms is not None:
            self._set("terms", checked_terms("terms", self.terms))
        if self.analyzer != "word":
            self._set("token", None)
            self._set("stop_words", ())
        else:
            self._set("token", _checked_token(self.token))
        self._check_buckets()
        self._set("idf", idf_array(self.idf, self.n_columns))
        if not np.isfinite(self.weight):
            raise ValueError(f"weight={self.weight!r} is not finite")

    def _check_lengths(self) -> None:
        lengths = tuple(map(int, self.ngram_range))
        if len(lengths) != 2 or not 1 <= lengths[0] <= lengths[1] <= _LONGEST:
            raise ValueError(
                f"ngram_range={self.ngram_range!r:.100} needs two lengths, in order, "
                f"from 1 to {_LONGEST}"
            )
        self._set("ngram_range", lengths)

    def _check_buckets(self) -> None:
        if self.n_buckets is not None and not 1 <= self.n_buckets <= _MOST_BUCKETS:
            raise ValueError(
                f"n_buckets={self.n_buckets!r:.100} is not from 1 to {_MOST_BUCKETS}"
            )
        if self.buckets is None:
            return
        buckets = np.array(self.buckets, dtype=np.int64).reshape(-1)
        inside = (buckets >= 0) & (buckets < (self.n_buckets or 0))
        if not inside.all() or (np.diff(buckets) <= 0).any():
            raise ValueError(
                f"buckets is {buckets!r:.100}: it needs columns of the hash, in "
                "increasing order"
            )
        buckets.flags.writeable = False
        self._set("buckets", buckets)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @property
    def kind(self) -> str:
        """Short description, such as ``word 1-2``."""
        low, high = self.ngram_range
        lengths = f"{low}" if low == high else f"{low}-{high}"
        return f"{self.analyzer} {lengths}{' hashed' if self.is_hashed else ''}"

    def __repr__(self) -> str:
        return f"<TextVectorizer {self.kind}, {self.n_columns} columns>"

    @property
    def is_hashed(self) -> bool:
        """Whether the column of a term is its hash."""
        return self.terms is None

    @property
    def n_columns(self) -> int:
        """Number of columns of the block."""
        if self.terms is not None:
            return len(self.terms)
        if self.buckets is not None:
            return len(self.buckets)
        return int(self.n_buckets or 0)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, with lists in place of arrays and tuples.

        Returns
        -------
        description : dict
            Entries that JSON can hold, by the names of the fields.
        """
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _plain(value) for name, value in found.items()}

    @classmethod
    def from_dict(cls, description: Mapping[str, Any]) -> Self:
        """Return the vectorizer that `to_dict` described.

        Parameters
        ----------
        description : mapping

        Returns
        -------
        vectorizer : TextVectorizer

        Raises
        ------
        ValueError
            If a field is not known, or has a value that it cannot have.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(description) - known):
            raise ValueError(f"a vectorizer has the field {unknown[0]!r:.100}")
        values = dict(description)
        for name in ("ngram_range", "token", "stop_words", "terms"):
            if isinstance(values.get(name), list):
                values[name] = tuple(values[name])
        return cls(**values)


def _plain(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
