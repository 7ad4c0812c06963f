"""The student's code of a raw table: numbers among knots, labels as places."""

import hashlib
from numbers import Integral
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skdistill.common.checks import check_not_empty, restored_on_failure
from skdistill.common.sklearn_compat import (
    Interval,
    check_feature_names_in,
    fit_context,
    num_samples,
)
from skdistill.common.warn import warn
from skdistill.inputs.standardization import (
    FARTHEST_MEAN,
    LEAST_SCALE,
    far_message,
    too_small_error,
)
from skdistill.student.input_code import LEAST_GAP, InputCode
from skdistill.tables.read import as_table, read_coded_columns


class TabularEncoder(TransformerMixin, BaseEstimator):
    """Code a raw table for a student: numbers among knots, labels as places.

    Each numeric feature is coded by its bin and the fraction of it, a form of the
    piecewise-linear encoding of [1]_ that a layer reads from a table of weights;
    a feature of two values is standardised instead. A feature is dropped where it
    is constant, missing throughout, or equal to an earlier one.

    Parameters
    ----------
    n_bins : int, default=256
        Bins of all numeric features together. Each starts with 2, the most
        sensitive first where that is too many; what is left is dealt in proportion
        to the square root of the sensitivity. Features without bins are
        standardised.
    max_bins : int, default=64
        Most bins of one feature.
    max_categories : int, default=255
        Most labels that a feature tells apart; those beyond the most frequent
        ones share one place.

    Attributes
    ----------
    code_ : InputCode
        What was learned: all that is needed to code a row.
    mean_ : ndarray of shape (n_features,)
        Mean of each numeric feature where it is not missing; NaN for labels and
        where all are missing.
    scale_ : ndarray of shape (n_features,)
        Standard deviation likewise, 1 where a feature is constant.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X has names that are all text.

    See Also
    --------
    sklearn.preprocessing.KBinsDiscretizer : Bins without the fraction.

    References
    ----------
    .. [1] Gorishniy, Rubachev and Babenko, "On embeddings for numerical features in
       tabular deep learning", NeurIPS 2022.

    Examples
    --------
    >>> from skdistill.inputs.encoder import TabularEncoder
    >>> table = [[1.0, "red"], [2.0, "green"], [4.0, "green"], [None, None]]
    >>> TabularEncoder().fit_transform(table)
    array([[0., 1.],
           [1., 0.],
           [2., 0.],
           [3., 3.]], dtype=float32)
    """

    code_: InputCode
    mean_: NDArray[np.float64]
    scale_: NDArray[np.float64]
    n_features_in_: int
    feature_names_in_: NDArray

    _parameter_constraints: ClassVar[dict] = {
        "n_bins": [Interval(Integral, 0, None, closed="left")],
        "max_bins": [Interval(Integral, 2, None, closed="left")],
        "max_categories": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self, *, n_bins: int = 256, max_bins: int = 64, max_categories: int = 255
    ) -> None:
        self.n_bins = n_bins
        self.max_bins = max_bins
        self.max_categories = max_categories

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self, X: Any, y: Any = None, *, sensitivity: ArrayLike | None = None
    ) -> Self:
        """Learn knots and levels.

        A `fit` that fails leaves the estimator as it was.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like of shape (n_samples, n_features)
            Numbers, text, truth values and categorical columns, with missing ones.
        y : None
            Ignored.
        sensitivity : array-like of shape (n_features,), default=None
            How much a change of each feature changes what the teacher predicts, in
            any unit, none negative. Those of labels are not used. None stands for
            equal ones.

        Returns
        -------
        self : TabularEncoder

        Raises
        ------
        ValueError
            Where X is no table of numbers and labels, a number is infinite or too
            large for single precision, a column varies too little for it, or
            sensitivity does not fit X.
        """
        with restored_on_failure(self):
            X = as_table(X)
            columns = read_coded_columns(X)
            check_not_empty(self, (num_samples(X), len(columns)))
            validate_data(self, X, skip_check_array=True)
            sensitivity = _check_sensitivity(sensitivity, len(columns))
            self.mean_, self.scale_ = _moments(columns)
            self.code_ = self._learn(columns, sensitivity)
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Code rows.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like of shape (n_samples, n_features)

        Returns
        -------
        codes : ndarray of shape (n_samples, n_features_out), float32
            See `InputCode.codes`: standardised features, then those among knots,
            then labels.
        """
        check_is_fitted(self)
        X = as_table(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        return self.code_.codes(self.code_.numbers(X))

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray:
        """Return the names of the features in the order of `transform`.

        Parameters
        ----------
        input_features : array-like of shape (n_features,) of str, default=None
            Names of the features, where X had none; else equal to those.

        Returns
        -------
        names : ndarray of shape (n_features_out,) of str
        """
        check_is_fitted(self)
        code = self.code_
        names = check_feature_names_in(self, input_features)
        return names[np.concatenate([code.linear, code.knotted, code.categorical])]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _learn(self, columns, sensitivity):
        """Return the code of columns."""
        numeric, categorical, levels = [], [], []
        seen = set()
        for feature, column in enumerate(columns):
            if column.labels is None:
                summary = _summarise(feature, column)
                if _is_new(summary.values.tobytes(), seen) and summary.tells_something:
                    numeric.append(summary)
                continue
            labels, places = _distinct_labels(column)
            differs = labels and len(labels) + (places < 0).any() > 1
            if _is_new(repr(labels).encode() + places.tobytes(), seen) and differs:
                categorical.append(feature)
                levels.append(self._most_frequent(labels, places))
        linear, knotted, knots = self._deal(numeric, sensitivity)
        return InputCode(
            len(columns),
            linear=[summary.feature for summary in linear],
            low=[summary.distinct[0] for summary in linear],
            high=[summary.distinct[-1] for summary in linear],
            mean=[self.mean_[summary.feature] for summary in linear],
            scale=[self.scale_[summary.feature] for summary in linear],
            knotted=[summary.feature for summary in knotted],
            knots=knots,
            categorical=categorical,
            levels=levels,
        )

    def _most_frequent(self, labels, places):
        """Return the labels that are told apart, the most frequent first."""
        counts = np.bincount(places[places >= 0], minlength=len(labels))
        order = np.argsort(-counts, kind="stable")[: self.max_categories]
        return [labels[place] for place in order]

    def _deal(self, numeric, sensitivity):
        """Return the linear features, the knotted ones, and the knots of these."""
        capacities = np.array([s.capacity(self.max_bins) for s in numeric], np.intp)
        features = np.array([s.feature for s in numeric], np.intp)
        bins = deal_bins(self.n_bins, capacities, sensitivity[features])
        linear = [
            summary
            for summary, dealt in zip(numeric, bins, strict=True)
            if dealt == 0 and summary.distinct.size > 1
        ]
        knotted = [s for s, dealt in zip(numeric, bins, strict=True) if dealt]
        return linear, knotted, list(map(_place_knots, knotted, bins[bins > 0]))


class _NumericSummary(NamedTuple):
    """What the code of a numeric feature depends on.

    Attributes
    ----------
    feature : int
    values : ndarray of shape (n_samples,), float32
        One kind of zero and of NaN.
    distinct : ndarray of float32
        Its values in order, each once.
    has_missing : bool
    """

    feature: int
    values: np.ndarray
    distinct: np.ndarray
    has_missing: bool

    @property
    def tells_something(self):
        """Whether rows differ in it."""
        return self.distinct.size > 0 and self.distinct.size + self.has_missing > 1

    def capacity(self, max_bins):
        """Return the most bins it can have, 0 where it can have no 2."""
        n_distinct = self.distinct.size
        if n_distinct > 2:
            return min(max_bins, n_distinct - 1)
        if not self.has_missing:
            return 0
        return 2 if _few_knots(self.distinct).size == 3 else 0


def deal_bins(n_bins, capacities, sensitivity):
    """Deal bins to features in proportion to the square root of sensitivity.

    Parameters
    ----------
    n_bins : int
        How many there are.
    capacities : ndarray of shape (n_features,), int
        Most bins of each feature, 0 for none, else 2 or more.
    sensitivity : ndarray of shape (n_features,)
        None negative. Where it is 0, a feature gets no more than 2.

    Returns
    -------
    bins : ndarray of shape (n_features,), int
        0 or 2 or more for each, and no more than n_bins together.
    """
    order = np.argsort(-sensitivity, kind="stable")
    dealt = order[capacities[order] > 0][: n_bins // 2]
    bins = np.zeros_like(capacities)
    bins[dealt] = 2
    left = n_bins - bins.sum()
    weights = np.sqrt(sensitivity)
    open_ = dealt[weights[dealt] > 0]
    while open_.size:
        shares = left * (weights[open_] / weights[open_].sum())
        room = capacities[open_] - bins[open_]
        full = shares >= room
        if not full.any():
            bins[open_] += _rounded(shares, left)
            break
        bins[open_[full]] += room[full]
        left -= room[full].sum()
        open_ = open_[~full]
    return bins


def _rounded(shares, total):
    """Return whole shares that add up to a total: by the largest remainders."""
    whole = np.floor(shares).astype(np.intp)
    largest = np.argsort(whole - shares, kind="stable")
    whole[largest[: total - whole.sum()]] += 1
    return whole


def _summarise(feature, column):
    """Return the summary of a numeric column."""
    # Adding zero makes -0.0 to 0.0.
    values = column.values.astype(np.float32) + np.float32(0.0)
    missing = np.isnan(values)
    values[missing] = np.nan
    distinct = _well_apart(np.unique(values[~missing]))
    return _NumericSummary(feature, values, distinct, bool(missing.any()))


def _well_apart(increasing):
    """Return values without those that hardly differ from the one before."""
    near = np.flatnonzero(np.diff(increasing) < LEAST_GAP)
    while near.size:
        increasing = np.delete(increasing, near[0] + 1)
        near = np.flatnonzero(np.diff(increasing) < LEAST_GAP)
    return increasing


def _few_knots(distinct):
    """Return three knots for one or two values, fewer where they do not fit between."""
    if distinct.size == 1:
        step = np.maximum(np.float32(1.0), np.abs(distinct[0]) / np.float32(1024.0))
        return distinct[0] + step * np.array([-1.0, 0.0, 1.0], dtype=np.float32)
    middle = distinct[0] + (distinct[1] - distinct[0]) / np.float32(2.0)
    return np.unique([distinct[0], middle, distinct[1]])


def _place_knots(summary, n_bins):
    """Return the knots of a feature: quantiles, or all values where they are few."""
    distinct = summary.distinct
    if distinct.size < 3:
        return _few_knots(distinct)
    if distinct.size <= n_bins + 1:
        return distinct
    present = summary.values[~np.isnan(summary.values)].astype(np.float64)
    ranks = np.linspace(0.0, 1.0, n_bins + 1)
    knots = _well_apart(np.unique(np.quantile(present, ranks).astype(np.float32)))
    if knots.size < 3:
        # Nearly all rows share a value: the others are told apart all the same.
        knots = distinct[np.arange(n_bins + 1) * (distinct.size - 1) // n_bins]
    return knots


def _distinct_labels(column):
    """Return the labels of a column in order of first appearance, and the places."""
    used, first = np.unique(column.values, return_index=True)
    used = used[np.argsort(first)]
    place_of = {}
    new_places = np.full(len(column.labels) + 1, -1, dtype=np.intp)
    for place in used[used >= 0].tolist():
        # Equal labels of several types, as 1 and True, are one.
        new_places[place] = place_of.setdefault(column.labels[place], len(place_of))
    return list(place_of), new_places[column.values]


def _is_new(content, seen):
    """Tell whether no earlier column had this content, and note it."""
    digest = hashlib.blake2b(content, digest_size=16).digest()
    if digest in seen:
        return False
    seen.add(digest)
    return True


def _check_sensitivity(sensitivity, n_features):
    """Return a sensitivity for each feature."""
    if sensitivity is None:
        return np.ones(n_features)
    checked = np.asarray(sensitivity, dtype=np.float64)
    if checked.shape != (n_features,):
        raise ValueError(
            f"sensitivity has shape {checked.shape}: it needs one number for each of "
            f"the {n_features} features, shape ({n_features},)"
        )
    wrong = np.flatnonzero(~(np.isfinite(checked) & (checked >= 0)))
    if wrong.size:
        raise ValueError(
            f"sensitivity is {checked[wrong[0]]} for feature {wrong[0]}: it needs to "
            "be finite and not negative"
        )
    return checked


def _moments(columns):
    """Return means and deviations; warn of what single precision cannot tell."""
    mean, scale = np.full((2, len(columns)), np.nan)
    far, too_small = [], []
    for feature, column in enumerate(columns):
        if column.labels is not None:
            continue
        present = column.values[~np.isnan(column.values)].astype(np.float64)
        if not present.size:
            continue
        if present.min() == present.max():
            mean[feature], scale[feature] = present[0], 1.0
            continue
        mean[feature], scale[feature] = present.mean(), present.std()
        if scale[feature] < LEAST_SCALE:
            too_small.append(feature)
        elif abs(mean[feature]) > FARTHEST_MEAN * scale[feature]:
            far.append(feature)
    for feature in too_small[:1]:
        name = columns[feature].name
        raise too_small_error(name, scale[feature], len(too_small))
    for feature in far[:1]:
        name = columns[feature].name
        message = far_message(name, mean[feature], scale[feature], len(far))
        warn(message)
    return mean, scale
