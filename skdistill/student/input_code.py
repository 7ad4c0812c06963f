"""The code of a raw row: what a student takes in, without what learned it.

A number enters as one standardised number, or by its place among knots (Gorishniy,
Rubachev and Babenko 2022, "On embeddings for numerical features in tabular deep
learning"), which a layer turns into weights by interpolating between two rows of a
table; a category by its place among the levels seen.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skdistill.tables.read import (
    GREATEST,
    CodedColumn,
    as_array,
    check_range,
    is_pandas,
    is_polars,
    read_coded_columns,
    to_numbers,
)

# Rows coded at once: the columns of a block stay in the cache.
_BLOCK_ROWS = 4096

# Knots may be beyond the greatest value, by little; no difference overflows.
_BOUND = 2 * GREATEST

# Below it the inverse of a difference, or of a scale, is beyond single precision.
LEAST_GAP = np.float32(1e-37)

_INDICES = ("linear", "knotted", "categorical")
_PARAMETERS = ("low", "high", "mean", "scale")
_ARRAYS = (*_INDICES, *_PARAMETERS, "knots", "knot_counts")
_LEVEL_TYPES = (str, int, float, bool)


class InputCode:
    """How rows of a table become numbers that a student takes.

    A feature is linear, knotted, categorical or, where it told nothing in fit,
    none of the three.

    Parameters
    ----------
    n_features : int
        Number of columns of the table.
    linear : array-like of shape (n_linear,), int
        Features that enter as one number, clipped and standardised.
    low, high : array-like of shape (n_linear,)
        The range to which they are clipped.
    mean, scale : array-like of shape (n_linear,)
        What is subtracted from them, and what they are divided by then.
    knotted : array-like of shape (n_knotted,), int
        Features coded by their place among knots.
    knots : list of array-like
        Their knots, 3 or more each, increasing.
    categorical : array-like of shape (n_categorical,), int
        Features that hold labels.
    levels : list of list of str, int, float or bool
        The labels of each, the most frequent first.

    Raises
    ------
    ValueError
        Where the parts do not fit together.

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
    ) -> None:
        self.n_features = n_features
        self.linear = np.array(linear, dtype=np.intp)
        self.low = np.array(low, dtype=np.float32)
        self.high = np.array(high, dtype=np.float32)
        self.mean = np.array(mean, dtype=np.float32)
        self.scale = np.array(scale, dtype=np.float32)
        self.knotted = np.array(knotted, dtype=np.intp)
        self.knots = [np.array(places, dtype=np.float32) for places in knots]
        self.categorical = np.array(categorical, dtype=np.intp)
        self.levels = [list(labels) for labels in levels]
        self._check()

    @property
    def n_linear(self) -> int:
        """Number of features that enter as one number."""
        return self.linear.size

    @property
    def n_codes(self) -> int:
        """Number of features that are knotted or categorical."""
        return self.knotted.size + self.categorical.size

    @property
    def has_categories(self) -> bool:
        """Whether a column holds labels that are told apart."""
        return self.categorical.size > 0

    @cached_property
    def row_counts(self) -> NDArray[np.intp]:
        """Rows of each code in a table of weights: knots or levels, and the rest.

        Behind the knots one for a missing value; behind the levels one for rare
        and unseen ones and one for missing. Shape (n_codes,).
        """
        counts = [knots.size + 1 for knots in self.knots]
        counts += [len(labels) + 2 for labels in self.levels]
        return np.array(counts, dtype=np.intp)

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """First row of each code in a common table; shape (n_codes,)."""
        return np.cumsum(self.row_counts) - self.row_counts

    @cached_property
    def missing_rows(self) -> NDArray[np.intp]:
        """Row of each code for a missing value, its last; shape (n_codes,)."""
        return self.starts + self.row_counts - 1

    @property
    def n_rows(self) -> int:
        """Number of rows of the common table."""
        return int(self.row_counts.sum())

    def numbers(self, X: Any) -> NDArray[np.float32]:
        """Return a raw table as numbers.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like of shape (n_rows, n_features)
            Columns in the order of fit; names are not looked at.

        Returns
        -------
        numbers : ndarray of shape (n_rows, n_features), float32
            In C order. Numbers as they are, NaN where missing; of labels the place
            among the L levels, L where rare or unseen, L + 1 where missing. A
            feature that is not used and holds labels is NaN.

        Raises
        ------
        ValueError
            Where X has another number of columns, a column holds text that held
            numbers in fit or numbers that held text, or a number is infinite or
            too large.
        """
        if not (is_pandas(X) or is_polars(X) or self.categorical.size):
            array = as_array(X)
            if array.dtype.kind in "biuf":
                return self._cast(array)
            X = array
        columns = read_coded_columns(X)
        self._check_n_features(len(columns))
        n_rows = columns[0].values.size if columns else 0
        numbers = np.empty((n_rows, self.n_features), dtype=np.float32)
        category = {feature: place for place, feature in enumerate(self.categorical)}
        used = set(self.knotted) | set(self.linear)
        for feature, column in enumerate(columns):
            if feature in category:
                numbers[:, feature] = self._places(category[feature], column)
            elif feature in used or column.labels is None:
                numbers[:, feature] = _plain_numbers(column)
            else:
                numbers[:, feature] = np.nan
        return numbers

    def codes(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the codes of rows.

        Parameters
        ----------
        numbers : ndarray of shape (n_rows, n_features), float32
            From `numbers`.

        Returns
        -------
        codes : ndarray of shape (n_rows, n_linear + n_codes), float32
            Linear features clipped to their range and standardised, 0 where
            missing. Of knotted ones the bin, counted from 0, plus the fraction of
            it: 0 at the first knot and below, K at the last and above, K + 1 where
            missing, K being the number of bins. Of labels the place.
        """
        n_columns = self.n_linear + self.n_codes
        codes = np.empty((len(numbers), n_columns), dtype=np.float32)
        first_label = self.n_linear + self.knotted.size
        for start in range(0, len(numbers), _BLOCK_ROWS):
            block = codes[start : start + _BLOCK_ROWS]
            columns = np.ascontiguousarray(numbers[start : start + _BLOCK_ROWS].T)
            block[:, : self.n_linear] = self._standardised(columns[self.linear]).T
            for place, feature in enumerate(self.knotted):
                block[:, self.n_linear + place] = _place_among(
                    columns[feature], self.knots[place]
                )
            block[:, first_label:] = columns[self.categorical].T
        return codes

    def to_dict(self) -> tuple[dict, dict[str, NDArray]]:
        """Return what can be written to a file.

        Returns
        -------
        description : dict
            Of what JSON holds.
        arrays : dict of ndarray
            Of one dimension, int64 or float32.
        """
        arrays: dict[str, NDArray] = {
            name: getattr(self, name).astype(np.int64) for name in _INDICES
        }
        arrays |= {name: getattr(self, name).copy() for name in _PARAMETERS}
        arrays["knots"] = np.concatenate([np.empty(0, np.float32), *self.knots])
        arrays["knot_counts"] = np.array([k.size for k in self.knots], dtype=np.int64)
        levels = [list(labels) for labels in self.levels]
        return {"n_features": self.n_features, "levels": levels}, arrays

    @classmethod
    def from_dict(cls, description: dict, arrays: dict[str, NDArray]) -> Self:
        """Return the code that `to_dict` wrote.

        Parameters
        ----------
        description : dict
        arrays : dict of ndarray

        Returns
        -------
        code : InputCode

        Raises
        ------
        ValueError
            Where a part is missing, of another type, or at odds with the others.
        """
        _check_keys("description", description, ("n_features", "levels"))
        _check_keys("arrays", arrays, _ARRAYS)
        for name in _ARRAYS:
            _check_array(name, arrays[name])
        levels = description["levels"]
        if not isinstance(levels, list) or not all(isinstance(v, list) for v in levels):
            raise ValueError(
                f"levels is {levels!r:.100}: it needs to be a list of lists"
            )
        counts = arrays["knot_counts"]
        if (counts < 0).any() or sum(counts.tolist()) != arrays["knots"].size:
            raise ValueError(
                f"knot_counts is {counts.tolist()!r:.100} for {arrays['knots'].size} "
                "knots: it needs to add up to their number"
            )
        ends = np.cumsum(counts)
        return cls(
            description["n_features"],
            **{name: arrays[name] for name in (*_INDICES, *_PARAMETERS)},
            knots=np.split(arrays["knots"], ends[:-1]) if counts.size else [],
            levels=levels,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InputCode):
            return NotImplemented
        mine, theirs = self.to_dict(), other.to_dict()
        # True and 1 are equal, and other levels.
        return repr(mine[0]) == repr(theirs[0]) and all(
            np.array_equal(mine[1][name], theirs[1][name]) for name in _ARRAYS
        )

    def __repr__(self) -> str:
        return (
            f"InputCode(n_features={self.n_features}, n_linear={self.n_linear}, "
            f"n_knotted={self.knotted.size}, n_categorical={self.categorical.size})"
        )

    def _check(self):
        """Raise where the parts do not fit together."""
        if type(self.n_features) is not int or self.n_features < 0:
            raise ValueError(
                f"n_features is {self.n_features!r:.100}: it needs to be an integer "
                "from 0 on"
            )
        for name in _INDICES + _PARAMETERS:
            if getattr(self, name).ndim != 1:
                raise ValueError(f"{name} needs to have one dimension")
        features = np.concatenate([self.linear, self.knotted, self.categorical])
        if (
            features.size
            and not 0 <= features.min() <= features.max() < self.n_features
        ):
            raise ValueError(
                "linear, knotted and categorical need to hold numbers from 0 to "
                f"n_features - 1 = {self.n_features - 1}: they hold {features.min()} "
                f"to {features.max()}"
            )
        if np.unique(features).size != features.size:
            raise ValueError(
                "linear, knotted and categorical need to hold each feature once at most"
            )
        self._check_linear()
        self._check_knots()
        self._check_levels()

    def _check_linear(self):
        for name in _PARAMETERS:
            values = getattr(self, name)
            if values.size != self.linear.size:
                raise ValueError(
                    f"{name} has {values.size} values for {self.linear.size} linear "
                    "features"
                )
            if not (np.abs(values) <= _BOUND).all():
                raise ValueError(f"{name} needs to be finite, at most {_BOUND:.4g}")
        if not (self.scale >= LEAST_GAP).all():
            raise ValueError(f"scale needs to be {LEAST_GAP:.4g} or more")
        if not (self.low <= self.high).all():
            raise ValueError("low needs to be at most high")

    def _check_knots(self):
        if len(self.knots) != self.knotted.size:
            raise ValueError(
                f"knots has {len(self.knots)} parts for {self.knotted.size} knotted "
                "features"
            )
        for feature, knots in zip(self.knotted, self.knots, strict=True):
            if knots.ndim != 1 or knots.size < 3:
                raise ValueError(f"the knots of feature {feature} need to be 3 or more")
            if not (np.abs(knots) <= _BOUND).all():
                raise ValueError(
                    f"the knots of feature {feature} need to be finite, at most "
                    f"{_BOUND:.4g}"
                )
            if not (np.diff(knots) >= LEAST_GAP).all():
                raise ValueError(
                    f"the knots of feature {feature} need to increase, by "
                    f"{LEAST_GAP:.4g} or more"
                )

    def _check_levels(self):
        if len(self.levels) != self.categorical.size:
            raise ValueError(
                f"levels has {len(self.levels)} parts for {self.categorical.size} "
                "categorical features"
            )
        for feature, labels in zip(self.categorical, self.levels, strict=True):
            for label in labels:
                if type(label) not in _LEVEL_TYPES or label in (np.inf, -np.inf):
                    raise ValueError(
                        f"the levels of feature {feature} hold {label!r:.100}: they "
                        "need to be text, truth values or finite numbers"
                    )
            if len(set(labels)) != len(labels) or any(v != v for v in labels):
                raise ValueError(
                    f"the levels of feature {feature} need to differ from each other"
                )

    def _check_n_features(self, n_features):
        if n_features != self.n_features:
            raise ValueError(
                f"X has {n_features} features, and had {self.n_features} in fit"
            )

    def _cast(self, array):
        """Return an array of numbers in single precision."""
        self._check_n_features(array.shape[1])
        with np.errstate(over="ignore"):
            numbers = np.ascontiguousarray(array, dtype=np.float32)
        # One pass where all is well; NaN compares as not beyond.
        if (np.abs(numbers) > GREATEST).any():
            for feature in range(self.n_features):
                check_range(feature, array[:, feature].astype(np.float64))
        return numbers

    @cached_property
    def _places_of_levels(self):
        """Return for each categorical feature the place of a label."""
        return [
            {label: place for place, label in enumerate(labels)}
            for labels in self.levels
        ]

    def _places(self, category, column):
        """Return the place of each label of a column among the levels."""
        levels, place_of = self.levels[category], self._places_of_levels[category]
        labels, inverse = column.labels, column.values
        if labels is None:
            labels, inverse = _distinct(column.values)
            if labels and all(isinstance(level, str) for level in levels):
                raise ValueError(
                    f"column {column.name} of X holds numbers, and held text in fit: "
                    "turn them into text of the same form"
                )
        rare, missing = len(levels), len(levels) + 1
        # The place -1 is the last one: missing.
        places = [place_of.get(label, rare) for label in labels] + [missing]
        return np.array(places, dtype=np.float32)[inverse]

    def _standardised(self, columns):
        """Return linear features, given as rows of an array, clipped and scaled."""
        low, high, mean, scale = (
            getattr(self, name)[:, np.newaxis] for name in _PARAMETERS
        )
        standardised = (np.clip(columns, low, high) - mean) / scale
        standardised[np.isnan(standardised)] = 0.0
        return standardised


def _distinct(values):
    """Return the distinct numbers of a column and the place of each row's, or -1."""
    labels, inverse = np.unique(values, return_inverse=True)
    labels = labels[labels == labels]
    return labels.tolist(), np.where(inverse < labels.size, inverse, -1)


def _plain_numbers(column: CodedColumn):
    """Return a column as numbers, also where it holds them as labels."""
    if column.labels is None:
        return column.values
    used = np.zeros(len(column.labels), dtype=bool)
    used[column.values[column.values >= 0]] = True
    labels = [
        v if is_used else None for v, is_used in zip(column.labels, used, strict=True)
    ]
    for label in labels:
        if isinstance(label, str):
            raise ValueError(
                f"column {column.name} of X holds text ({label!r:.50}), and held "
                "numbers in fit"
            )
    numbers = to_numbers(column.name, [*labels, None])
    check_range(column.name, numbers)
    return numbers[column.values]


def _place_among(values, knots):
    """Return bin plus fraction of numbers among knots, that of NaN behind them."""
    n_bins = knots.size - 1
    bins = np.searchsorted(knots[1:-1], values, side="right")
    lower = knots[bins]
    # Clipped before it is divided: no quotient overflows.
    fraction = np.clip(values, knots[0], knots[-1]) - lower
    fraction /= knots[bins + 1] - lower
    places = bins.astype(np.float32) + fraction
    places[np.isnan(values)] = n_bins + 1
    return places


def _check_keys(name, parts, keys):
    """Raise where a dict lacks a key or has others."""
    if not isinstance(parts, dict) or set(parts) != set(keys):
        raise ValueError(f"{name} needs to be a dict of {', '.join(keys)}")


def _check_array(name, array):
    """Raise where a part is no array of one dimension and the right type."""
    is_float = name in _PARAMETERS or name == "knots"
    wanted = np.float32 if is_float else np.integer
    if (
        not isinstance(array, np.ndarray)
        or array.ndim != 1
        or not np.issubdtype(array.dtype, wanted)
    ):
        raise ValueError(
            f"{name} needs to be an array of one dimension of {wanted.__name__}"
        )
