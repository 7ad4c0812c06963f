"""Learn from a raw table how a student codes its rows."""

import hashlib
from collections.abc import Sequence
from copy import copy
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skdistill.common.checks import all_or_nothing, check_not_empty
from skdistill.common.sklearn_compat import (
    Interval,
    check_feature_names_in,
    fit_context,
    num_samples,
)
from skdistill.common.warn import warn
from skdistill.inputs.distinct import DistinctRows
from skdistill.inputs.knots import NumericSummary, deal_bins
from skdistill.inputs.levels import LevelSummary
from skdistill.inputs.moments import moments_of
from skdistill.inputs.text_columns import (
    check_scores,
    columns_of_scores,
    features_of_scores,
    text_places,
)
from skdistill.student.input_code import InputCode
from skdistill.student.text.text_scores import TextScores
from skdistill.tables.read import as_table, read_coded_columns


class TabularEncoder(TransformerMixin, BaseEstimator):
    """Code a raw table for a student: positions among knots, indices of levels.

    The code of a numeric feature is its position among knots: the bin plus the
    fraction of the bin. This is a form of the piecewise-linear encoding of [1]_. A
    layer of a network reads it from a table of weights. A feature of only two
    values is standardised instead. A feature is dropped if it is constant, if all
    its values are missing, or if it equals an earlier one.

    Parameters
    ----------
    n_bins : int, default=256
        Number of bins of all numeric features together. Each feature gets 2 first,
        and if they are too few for all, the most sensitive features get them. The
        rest is dealt in proportion to the square root of the sensitivity. A
        feature without bins is standardised.
    max_bins : int, default=64
        Greatest number of bins of one feature.
    max_categories : int, default=255
        Greatest number of levels that a feature tells apart. The most frequent
        levels are kept, and all others share one index.
    text : list of str or int, default=None
        Columns that hold free text, by name, or by place if X has no names. A student
        that is fitted with the encoder learns the labels and the teacher's answers from
        each of them by a linear model of words and parts of words. A teacher that is
        clearly worse than the labels is left out. The logits of this model, one
        for each output unit of the student, are numbers that the network reads beside
        the other columns. A missing text counts as an empty one. None takes no column
        as free text. Then free text is left out, with a warning.
    max_terms : int, default=3000
        Greatest number of words and parts of words of one column of free text. The
        model keeps those that it uses most.

    Attributes
    ----------
    code_ : InputCode
        Learned code, which turns raw rows into codes.
    mean_ : ndarray of shape (n_numbers,)
        Mean of each numeric feature without its missing values. NaN for a category
        and if all values are missing. The scores of free text follow the features.
    scale_ : ndarray of shape (n_numbers,)
        Standard deviation of each numeric feature without its missing values, 1 if
        the feature is constant. NaN as in `mean_`.
    left_out_ : ndarray of shape (n_left_out,), int
        Numbers of the features that are left out since they are nearly unique.
    offsets_ : ndarray of shape (n_numbers,), float64
        Number that is subtracted from each feature, in double precision, before it
        becomes float32. It is 0 unless the mean is more than 1e4 standard deviations
        from 0, as for timestamps, or single precision leaves less than half of the
        different values. The knots of `code_` belong to the differences.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, if X has names that are all text.

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
    left_out_: NDArray[np.intp]
    n_features_in_: int
    feature_names_in_: NDArray

    _parameter_constraints: ClassVar[dict] = {
        "n_bins": [Interval(Integral, 0, None, closed="left")],
        "max_bins": [Interval(Integral, 2, None, closed="left")],
        "max_categories": [Interval(Integral, 1, None, closed="left")],
        "text": ["array-like", str, None],
        "max_terms": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        n_bins: int = 256,
        max_bins: int = 64,
        max_categories: int = 255,
        text: Sequence[str | int] | None = None,
        max_terms: int = 3000,
    ) -> None:
        self.n_bins = n_bins
        self.max_bins = max_bins
        self.max_categories = max_categories
        self.text = text
        self.max_terms = max_terms

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        sensitivity: ArrayLike | None = None,
        texts: Sequence[TextScores] = (),
    ) -> Self:
        """Learn knots and levels.

        If `fit` raises an error, the estimator stays as it was.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like of shape (n_samples, n_features)
            Table of numbers, text, truth values and categorical columns. Values
            may be missing.
        y : None
            Ignored.
        sensitivity : array-like of shape (n_features,), default=None
            Size of the change of the teacher's answer when a feature changes, in
            any unit, not negative. The entries of categories are not used. None
            makes all features equally sensitive.
        texts : sequence of TextScores, default=()
            Learned scores of the columns that `text` names. A DistilledClassifier
            learns them.

        Returns
        -------
        self : TabularEncoder
            Fitted encoder.

        Raises
        ------
        ValueError
            If X is not a table of numbers and categories. Or if a number is
            infinite or too large for single precision, or a column varies too
            little for it. Or if sensitivity does not fit X. If `text` names a column
            that X does not have, or one without `texts`.
        """
        with all_or_nothing(self) as draft:
            X = as_table(X)
            columns = read_coded_columns(X)
            check_not_empty(self, (num_samples(X), len(columns)))
            validate_data(draft, X, skip_check_array=True)
            checked = _check_sensitivity(sensitivity, len(columns))
            check_scores(self.text, text_places(self.text, X), texts)
            of_scores = checked[features_of_scores(texts)]
            columns += columns_of_scores(texts, columns)
            draft.mean_, draft.scale_, draft.offsets_, columns = moments_of(columns)
            draft.code_ = draft._learn(
                columns, np.append(checked, of_scores), tuple(texts)
            )
        return self

    def with_texts(self, texts: Sequence[TextScores]) -> Self:
        """Return the fitted encoder with other scores of the same text columns.

        Parameters
        ----------
        texts : sequence of TextScores

        Returns
        -------
        encoder : TabularEncoder

        Raises
        ------
        ValueError
            If the scores are of other columns.
        """
        before, now = (
            sorted((one.feature, one.n_units) for one in each)
            for each in (self.code_.texts, texts)
        )
        if before != now:
            raise ValueError(
                "warm_start needs the same text columns and classes as before. The "
                f"places of the text columns were {[place for place, _ in before]}, "
                f"and are now {[place for place, _ in now]}"
            )
        encoder = copy(self)
        encoder.code_ = self.code_.with_texts(texts)
        return encoder

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Code rows.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like of shape (n_samples, n_features)
            Table with the columns of `fit`.

        Returns
        -------
        codes : ndarray of shape (n_samples, n_features_out), float32
            Standardised numbers, then positions among knots, then indices of
            levels, as `InputCode.codes` describes them. A frame, if `set_output` or
            `sklearn.set_config` asks for one.
        """
        return self.encode(X)

    def encode(self, X: Any) -> NDArray[np.float32]:
        """Return the codes of `transform` as an array, whatever `set_output` asks for.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like of shape (n_samples, n_features)
            Table with the columns of `fit`.

        Returns
        -------
        codes : ndarray of shape (n_samples, n_features_out), float32
        """
        check_is_fitted(self)
        X = as_table(X)
        validate_data(self, X, reset=False, skip_check_array=True)
        return self.code_.codes(self.code_.numbers(X, self.offsets_))

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray:
        """Return the names of the features in the order of `transform`.

        Parameters
        ----------
        input_features : array-like of shape (n_features,) of str, default=None
            Names of the features, if X had none in `fit`. Otherwise they need to
            equal the names of X.

        Returns
        -------
        names : ndarray of shape (n_features_out,) of str
            Name of the feature of each column.
        """
        check_is_fitted(self)
        code = self.code_
        names = check_feature_names_in(self, input_features)
        of_scores = [
            f"{names[text.feature]}_{unit}"
            for text in code.texts
            for unit in range(text.n_units)
        ]
        names = np.array([*names, *of_scores], dtype=object)
        return names[np.concatenate([code.linear, code.knotted, code.categorical])]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _learn(self, columns, sensitivity, texts):
        """Return the code of columns, of which the last are scores of texts."""
        are_texts = {text.feature for text in texts}
        numeric, categorical, levels, left_out = [], [], [], []
        seen, rows = set(), DistinctRows(columns)
        for feature, column in enumerate(columns):
            if feature in are_texts:
                continue
            if column.labels is None:
                summary = NumericSummary.learn(feature, column)
                content = summary.values.tobytes()
                if self.offsets_[feature]:
                    # A shifted copy of a column is no copy.
                    content += self.offsets_[feature].tobytes()
                if _is_new(content, seen) and summary.varies:
                    numeric.append(summary)
                continue
            found = LevelSummary.learn(feature, column)
            judged = found.without_copies(rows)
            if judged.is_nearly_unique:
                left_out.append(judged)
                continue
            content = repr(found.levels).encode() + found.indices.tobytes()
            if _is_new(content, seen) and found.varies:
                categorical.append(feature)
                levels.append(found.most_frequent(self.max_categories))
        self.left_out_ = np.array([each.feature for each in left_out], dtype=np.intp)
        _warn_left_out(columns, left_out)
        linear, knotted, knots = self._deal(numeric, sensitivity)
        return InputCode(
            len(columns) - len(features_of_scores(texts)),
            linear=[summary.feature for summary in linear],
            low=[summary.distinct[0] for summary in linear],
            high=[summary.distinct[-1] for summary in linear],
            mean=[(self.mean_ - self.offsets_)[summary.feature] for summary in linear],
            scale=[self.scale_[summary.feature] for summary in linear],
            knotted=[summary.feature for summary in knotted],
            knots=knots,
            categorical=categorical,
            levels=levels,
            texts=texts,
        )

    def _deal(self, numeric, sensitivity):
        """Return the linear features, the knotted features, and their knots."""
        capacities = np.array([s.capacity(self.max_bins) for s in numeric], np.intp)
        features = np.array([s.feature for s in numeric], np.intp)
        bins = deal_bins(self.n_bins, capacities, sensitivity[features])
        linear, knotted, knots = [], [], []
        for summary, n_bins in zip(numeric, bins, strict=True):
            if n_bins:
                knotted.append(summary)
                knots.append(summary.place_knots(n_bins))
            elif summary.distinct.size > 1:
                linear.append(summary)
        return linear, knotted, knots


def _is_new(content, seen):
    """Tell whether no earlier column had this content, and remember the content."""
    digest = hashlib.blake2b(content, digest_size=16).digest()
    if digest in seen:
        return False
    seen.add(digest)
    return True


def _warn_left_out(columns, left_out):
    """Warn that columns are left out, since nearly every row has its own level."""
    if not left_out:
        return
    columns_left_out = ", ".join(
        f"{columns[each.feature].name} ({np.count_nonzero(each.counts)} levels of "
        f"{each.counts.sum()} values)"
        for each in left_out
    )
    warn(
        "columns of X are left out of the student, since hardly any rows share a value "
        f"of them, as in ids and free text: {columns_left_out}. No value of them "
        "enters the student. If a column holds numbers or dates as text, convert it to "
        "numbers. If it holds levels, merge the rare ones. If it holds free text, take "
        f"it: encoder=TabularEncoder(text=[{columns[left_out[0].feature].name}]), or "
        "--text of the command"
    )


def _check_sensitivity(sensitivity, n_features):
    """Return the sensitivity of each feature, checked."""
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
