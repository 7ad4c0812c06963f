"""Turn a raw row into the numbers that a student takes.

A number enters as one standardised number, or as its position among knots
(Gorishniy, Rubachev and Babenko 2022, "On embeddings for numerical features in
tabular deep learning"). A layer turns a position into weights: it interpolates
between two rows of a table. A level enters as its index among the levels of fit.

Only NumPy is imported, so that a student runs on NumPy alone.
"""

from collections.abc import Sequence
from copy import copy
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skdistill.student.coded_rows import numbers_of_columns
from skdistill.student.input_code_checks import (
    INDEX_ARRAYS,
    LINEAR_ARRAYS,
    STORED_ARRAYS,
    check_input_code,
    check_stored,
)
from skdistill.student.positions import position_among
from skdistill.student.raw_columns import Levels, number_array
from skdistill.student.text.text_scores import TextScores
from skdistill.tables.read import GREATEST, read_coded_columns

# Rows coded at once. The columns of such a block stay in the cache of a processor.
_BLOCK_ROWS = 4096


class InputCode:
    """Code that turns rows of a raw table into numbers that a student takes.

    A feature is linear, knotted or categorical. A feature that told nothing in fit
    is none of the three.

    Parameters
    ----------
    n_features : int
        Number of columns of the table.
    linear : array-like of shape (n_linear,), int
        Features that enter as one number, which is clipped and standardised.
    low, high : array-like of shape (n_linear,)
        Range to which the linear features are clipped.
    mean, scale : array-like of shape (n_linear,)
        Mean that is subtracted from the linear features, and scale that divides
        the difference.
    knotted : array-like of shape (n_knotted,), int
        Features that enter as a position among knots.
    knots : list of array-like
        Knots of each knotted feature, 3 or more, increasing.
    categorical : array-like of shape (n_categorical,), int
        Features that hold levels.
    levels : list of list of str, int, float or bool
        Levels of each categorical feature, the most frequent first.
    texts : sequence of TextScores, default=()
        Columns of free text. Their scores follow the columns of the table, and count as
        features of numbers.

    Raises
    ------
    ValueError
        If the arguments do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.student.input_code import InputCode
    >>> code = InputCode(
    ...     2,
    ...     linear=[], low=[], high=[], mean=[], scale=[],
    ...     knotted=[0], knots=[[0.0, 1.0, 3.0]],
    ...     categorical=[1], levels=[["red", "green"]],
    ... )
    >>> table = [[2.0, "green"], [9.0, "blue"], [None, None]]
    >>> numbers = code.numbers(np.array(table, dtype=object))
    >>> numbers
    array([[ 2.,  1.],
           [ 9.,  2.],
           [nan,  3.]], dtype=float32)
    >>> code.codes(numbers)
    array([[1.5, 1. ],
           [2. , 2. ],
           [3. , 3. ]], dtype=float32)
    """

    #: Codes of releases without texts are unpickled without them.
    texts: tuple[TextScores, ...] = ()

    def __init__(
        self,
        n_features: int,
        *,
        linear: Any,
        low: Any,
        high: Any,
        mean: Any,
        scale: Any,
        knotted: Any,
        knots: Sequence,
        categorical: Any,
        levels: Sequence,
        texts: Sequence[TextScores] = (),
    ) -> None:
        self.n_features = n_features
        self.linear = np.array(linear, dtype=np.intp)
        self.low = np.array(low, dtype=np.float32)
        self.high = np.array(high, dtype=np.float32)
        self.mean = np.array(mean, dtype=np.float32)
        self.scale = np.array(scale, dtype=np.float32)
        self.knotted = np.array(knotted, dtype=np.intp)
        self.knots = [np.array(values, dtype=np.float32) for values in knots]
        self.categorical = np.array(categorical, dtype=np.intp)
        self.levels = [list(values) for values in levels]
        self.texts = tuple(texts)
        check_input_code(self)

    @property
    def n_linear(self) -> int:
        """Number of features that enter as one number."""
        return self.linear.size

    @property
    def n_codes(self) -> int:
        """Number of features that are knotted or categorical."""
        return self.knotted.size + self.categorical.size

    @property
    def n_numbers(self) -> int:
        """Number of numbers of a row: the columns of the table, then all scores."""
        return self.n_features + sum(text.n_units for text in self.texts)

    @property
    def has_categories(self) -> bool:
        """Whether a feature is categorical."""
        return self.categorical.size > 0

    @property
    def reads_cells(self) -> bool:
        """Whether a raw row has a cell that is no number: a level or a text."""
        return self.has_categories or bool(self.texts)

    @cached_property
    def row_counts(self) -> NDArray[np.intp]:
        """Number of rows of each code in the table of weights; shape (n_codes,).

        A knotted feature has a row for each knot, and a last one for a missing
        value. A categorical feature has a row for each level, one for rare and
        unseen levels, and a last one for a missing value.
        """
        counts = [knots.size + 1 for knots in self.knots]
        counts += [len(levels) + 2 for levels in self.levels]
        return np.array(counts, dtype=np.intp)

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """First row of each code in the table of weights; shape (n_codes,)."""
        return np.cumsum(self.row_counts) - self.row_counts

    @cached_property
    def missing_rows(self) -> NDArray[np.intp]:
        """Row of each code for a missing value, its last row; shape (n_codes,)."""
        return self.starts + self.row_counts - 1

    @property
    def n_rows(self) -> int:
        """Number of rows of the table of weights."""
        return int(self.row_counts.sum())

    @cached_property
    def levels_of_features(self) -> list[Levels | None]:
        """Levels of each feature; None for a feature that holds no levels."""
        levels = dict(zip(self.categorical.tolist(), self.levels, strict=True))
        return [
            Levels.of(levels[feature]) if feature in levels else None
            for feature in range(self.n_features)
        ]

    @cached_property
    def features_of_numbers(self) -> set[int]:
        """Features that enter as numbers."""
        return {*self.knotted.tolist(), *self.linear.tolist()}

    def check_n_features(self, n_features: int) -> None:
        """Raise an error if a table has another number of columns than in fit."""
        if n_features != self.n_features:
            raise ValueError(
                f"X has {n_features} features, but had {self.n_features} in fit"
            )

    def numbers(
        self,
        X: Any,
        offsets: NDArray[np.float64] | None = None,
        names: list[str] | None = None,
    ) -> NDArray[np.float32]:
        """Return a raw table as numbers.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like of shape (n_rows, n_features)
            Table with its columns in the order of fit. Names of columns are
            ignored.
        offsets : ndarray of shape (n_features,), float64, default=None
            Numbers that are subtracted from the columns before these become float32.
            None subtracts nothing.
        names : list of str, default=None
            Names of the columns in errors, if X is no frame. None gives their numbers.

        Returns
        -------
        numbers : ndarray of shape (n_rows, n_numbers), float32
            Numbers in C order. A number stays as it is, but for its offset, and is NaN
            if missing. A level becomes its index among the L levels: L if it is rare or
            unseen, L + 1 if the value is missing. A feature that holds levels and is
            not used becomes NaN. So does a text, and its scores are the last columns.

        Raises
        ------
        ValueError
            If X has another number of columns. Or if a column holds text and held
            numbers in fit, or the reverse. Or if a number is infinite or too large.
        """
        if not self.reads_cells:
            array = number_array(X)
            if array is not None:
                numbers = self._cast(array, offsets)
                if numbers is not None:
                    return numbers
        return numbers_of_columns(self, read_coded_columns(X, names), offsets)

    def with_texts(self, texts: Sequence[TextScores]) -> Self:
        """Return the code with other scores of the same text columns.

        Parameters
        ----------
        texts : sequence of TextScores

        Returns
        -------
        code : InputCode
        """
        code = copy(self)
        code.texts = tuple(texts)
        check_input_code(code)
        return code

    def codes(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the codes of rows.

        Parameters
        ----------
        numbers : ndarray of shape (n_rows, n_numbers), float32
            Rows as `numbers` returns them.

        Returns
        -------
        codes : ndarray of shape (n_rows, n_linear + n_codes), float32
            Codes of linear, then knotted, then categorical features. A linear
            feature is clipped to its range and standardised; 0 if missing. A
            knotted feature with K bins becomes its bin, counted from 0, plus the
            fraction of the bin: 0 at the first knot and below, K at the last knot
            and above, K + 1 if missing. A categorical feature keeps its index.
        """
        n_columns = self.n_linear + self.n_codes
        codes = np.empty((len(numbers), n_columns), dtype=np.float32)
        first_categorical = self.n_linear + self.knotted.size
        for start in range(0, len(numbers), _BLOCK_ROWS):
            block = codes[start : start + _BLOCK_ROWS]
            columns = np.ascontiguousarray(numbers[start : start + _BLOCK_ROWS].T)
            block[:, : self.n_linear] = self._standardised(columns[self.linear]).T
            for column, (feature, knots) in enumerate(
                zip(self.knotted, self.knots, strict=True), start=self.n_linear
            ):
                block[:, column] = position_among(columns[feature], knots)
            block[:, first_categorical:] = columns[self.categorical].T
        return codes

    def to_dict(self) -> tuple[dict, dict[str, NDArray]]:
        """Return the content of a file, without the texts.

        Returns
        -------
        description : dict
            Entries that JSON can hold.
        arrays : dict of ndarray
            Arrays of one dimension, int64 or float32.
        """
        arrays: dict[str, NDArray] = {
            name: getattr(self, name).astype(np.int64) for name in INDEX_ARRAYS
        }
        arrays |= {name: getattr(self, name).copy() for name in LINEAR_ARRAYS}
        arrays["knots"] = np.concatenate([np.empty(0, np.float32), *self.knots])
        arrays["knot_counts"] = np.array([k.size for k in self.knots], dtype=np.int64)
        levels = [list(values) for values in self.levels]
        return {"n_features": self.n_features, "levels": levels}, arrays

    @classmethod
    def from_dict(
        cls,
        description: dict,
        arrays: dict[str, NDArray],
        texts: Sequence[TextScores] = (),
    ) -> Self:
        """Return the code that `to_dict` described.

        Parameters
        ----------
        description : dict
            Description from `to_dict`.
        arrays : dict of ndarray
            Arrays from `to_dict`.
        texts : sequence of TextScores, default=()
            Columns of free text, which `to_dict` leaves out.

        Returns
        -------
        code : InputCode
            Code that equals the one described.

        Raises
        ------
        ValueError
            If an entry is missing, has another type or contradicts the others.
        """
        check_stored(description, arrays)
        counts = arrays["knot_counts"]
        ends = np.cumsum(counts)
        return cls(
            description["n_features"],
            **{name: arrays[name] for name in (*INDEX_ARRAYS, *LINEAR_ARRAYS)},
            knots=np.split(arrays["knots"], ends[:-1]) if counts.size else [],
            levels=description["levels"],
            texts=texts,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InputCode):
            return NotImplemented
        mine, theirs = self.to_dict(), other.to_dict()
        # The levels True and 1 compare as equal. Their representations differ.
        return (
            repr(mine[0]) == repr(theirs[0])
            and self.texts == other.texts
            and all(np.array_equal(mine[1][n], theirs[1][n]) for n in STORED_ARRAYS)
        )

    def __repr__(self) -> str:
        return (
            f"InputCode(n_features={self.n_features}, n_linear={self.n_linear}, "
            f"n_knotted={self.knotted.size}, n_categorical={self.categorical.size}"
            + (f", n_texts={len(self.texts)})" if self.texts else ")")
        )

    def _cast(self, array, offsets):
        """Return an array of numbers in single precision, or None if one is too large.

        The columns are then read one by one, and the error names the column.
        """
        self.check_n_features(array.shape[1])
        with np.errstate(over="ignore"):
            if offsets is not None and offsets.any():
                array = np.subtract(array, offsets, dtype=np.float64)
            numbers = np.ascontiguousarray(array, dtype=np.float32)
        # One pass over an array without an error. The comparison is false for NaN.
        return None if (np.abs(numbers) > GREATEST).any() else numbers

    def _standardised(self, columns):
        """Return linear features, given as rows of an array, clipped and scaled."""
        low, high, mean, scale = (
            getattr(self, name)[:, np.newaxis] for name in LINEAR_ARRAYS
        )
        standardised = (np.clip(columns, low, high) - mean) / scale
        standardised[np.isnan(standardised)] = 0.0
        return standardised
