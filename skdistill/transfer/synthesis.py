"""New unlabelled rows near real ones, for a teacher to label."""

from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

from skdistill.common.checks import check_not_empty
from skdistill.common.sklearn_compat import (
    Interval,
    fit_context,
    num_samples,
    safe_indexing,
    validate_parameter_constraints,
)
from skdistill.tables.read import (
    as_array,
    is_pandas,
    is_polars,
    read_coded_columns,
)
from skdistill.tables.write import table_like

# Distances held at once, of a block of rows to all candidates: what stays in a
# processor's cache.
_BLOCK_DISTANCES = 2**18

# Up to so many nearest are found faster by as many passes than by a partition.
_MOST_PASSES = 8

_SAMPLE_CONSTRAINTS = {
    "n_samples": [Interval(Integral, 1, None, closed="left")],
    "random_state": ["random_state"],
}


class _RealRows(NamedTuple):
    """The rows of a fit as numbers and codes of categories.

    Attributes
    ----------
    numbers : ndarray of shape (n_rows, n_numeric), float64 or float32
        NaN where missing.
    codes : ndarray of shape (n_rows, n_categorical), unsigned int
        Places among the labels.
    labels : list of ndarray of object
        The labels of each categorical column, the first None for a missing one.
    is_category : list of bool
        For each column of the table.
    low, high, mean, scale : ndarray of shape (n_numeric,), float64
        Of the numbers that are not missing: range, mean and standard deviation
        (1 where it is zero).
    is_whole : ndarray of shape (n_numeric,), bool
        Where all numbers are integers.
    has_missing : ndarray of shape (n_numeric,), bool
    """

    numbers: np.ndarray
    codes: np.ndarray
    labels: list
    is_category: list
    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    is_whole: np.ndarray
    has_missing: np.ndarray

    @classmethod
    def learn(cls, columns):
        """Copy what sampling needs from columns.

        Parameters
        ----------
        columns : list of CodedColumn
        """
        n_rows = len(columns[0].values)
        numeric = [column.values for column in columns if column.labels is None]
        coded = [column for column in columns if column.labels is not None]
        numbers = np.empty((n_rows, len(numeric)), np.result_type(np.float32, *numeric))
        for place, values in enumerate(numeric):
            numbers[:, place] = values
        most_labels = max((len(column.labels) for column in coded), default=0)
        codes = np.empty((n_rows, len(coded)), np.min_scalar_type(most_labels))
        for place, column in enumerate(coded):
            codes[:, place] = column.values + 1
        statistics = np.array([_describe(values) for values in numeric])
        low, high, mean, scale, is_whole, has_missing = statistics.reshape(-1, 6).T
        return cls(
            numbers,
            codes,
            [np.array([None, *column.labels], dtype=object) for column in coded],
            [column.labels is not None for column in columns],
            low,
            high,
            mean,
            scale,
            is_whole.astype(bool),
            has_missing.astype(bool),
        )

    @property
    def n_rows(self):
        return len(self.numbers)

    def features(self, rows):
        """Return the numbers of rows as distances take them.

        Parameters
        ----------
        rows : ndarray of int

        Returns
        -------
        features : ndarray of shape (len(rows), n_features), float32
            Standardised numbers, 0 where missing, then for each column with
            missing values whether it is missing.
        """
        numbers = self.numbers[rows]
        features = ((numbers - self.mean) / self.scale).astype(np.float32)
        if not self.has_missing.any():
            return features
        is_missing = np.isnan(features)
        features[is_missing] = 0
        return np.hstack([features, is_missing[:, self.has_missing]])

    def columns(self, numbers, codes):
        """Return numbers and codes as columns of the table.

        Parameters
        ----------
        numbers : ndarray of shape (n_samples, n_numeric), float64
            Rounded here where the real ones are integers, and clipped to the
            range of the real ones.
        codes : ndarray of shape (n_samples, n_categorical), unsigned int

        Returns
        -------
        columns : list of ndarray of shape (n_samples,)
        """
        np.rint(numbers, out=numbers, where=self.is_whole)
        np.clip(numbers, self.low, self.high, out=numbers)
        labels = (
            labels[column_codes]
            for labels, column_codes in zip(self.labels, codes.T, strict=True)
        )
        numeric = iter(numbers.T)
        return [
            next(labels) if is_category else next(numeric)
            for is_category in self.is_category
        ]


def _describe(values):
    """Return low, high, mean, scale, whether all are integers, any is missing."""
    values = values.astype(np.float64)
    known = values[~np.isnan(values)]
    has_missing = len(known) < len(values)
    if not len(known):
        return np.nan, np.nan, 0.0, 1.0, True, has_missing
    is_whole = (known == np.rint(known)).all()
    scale = known.std() or 1.0
    return known.min(), known.max(), known.mean(), scale, is_whole, has_missing


def _make_template(X, columns):
    """Return a few rows of a table for `table_like`, which no later change alters.

    Parameters
    ----------
    X : table of shape (n_rows, n_features)
    columns : list of CodedColumn

    Returns
    -------
    template : table
        Its first row and, as an example of how missing values are marked, the
        first row of each column that has one. Of a list an array.
    """
    rows = {0}
    for column in columns:
        values = column.values
        is_missing = np.isnan(values) if column.labels is None else values < 0
        rows.add(int(is_missing.argmax()))
    if not (is_pandas(X) or is_polars(X) or hasattr(X, "dtype")):
        X = as_array(X)
        X = X if X.dtype == object else X.astype(np.float64)
    return safe_indexing(X, sorted(rows))


class _Candidates:
    """Random rows among which neighbours are sought.

    The squared distance of two rows is that of their standardised numbers, a
    missing one at the mean, plus 1 for each number that only one of them lacks,
    plus 1 for each category in which they differ.

    Parameters
    ----------
    real : _RealRows
    rows : ndarray of shape (n_candidates,), int
        Which rows they are.
    """

    def __init__(self, real, rows):
        self._real = real
        self.rows = rows
        features = real.features(rows)
        norms = np.einsum("ij,ij->i", features, features)
        self._factors = np.vstack([-2.0 * features.T, norms])
        self._codes = np.ascontiguousarray(real.codes[rows].T)
        self._place = np.full(real.n_rows, -1)
        self._place[rows] = np.arange(len(rows))

    def nearest(self, rows, n_neighbors):
        """Return the nearest candidates of rows, in any order.

        Parameters
        ----------
        rows : ndarray of int
        n_neighbors : int

        Returns
        -------
        neighbors : ndarray of shape (len(rows), n_neighbors), int
            Numbers of rows; never the row itself where there is another.
        """
        neighbors = np.empty((len(rows), n_neighbors), dtype=np.intp)
        block_rows = max(1, _BLOCK_DISTANCES // len(self.rows))
        for block in gen_batches(len(rows), block_rows):
            distances = self._distances(rows[block])
            neighbors[block] = self.rows[_smallest(distances, n_neighbors)]
        return neighbors

    def _distances(self, rows):
        """Return squared distances up to a constant a row; infinite to itself."""
        features = self._real.features(rows)
        ones = np.ones((len(rows), 1), dtype=np.float32)
        distances = np.hstack([features, ones]) @ self._factors
        if len(self._codes):
            distances += self._differences(self._real.codes[rows])
        own = self._place[rows]
        is_candidate = np.flatnonzero(own >= 0)
        distances[is_candidate, own[is_candidate]] = np.inf
        return distances

    def _differences(self, codes):
        """Return in how many categories rows and candidates differ."""
        # One byte a pair is much less to add to than a float.
        dtype = np.min_scalar_type(len(self._codes))
        shape = (len(codes), len(self.rows))
        total = np.zeros(shape, dtype)
        differs = np.empty(shape, dtype=bool)
        for own, others in zip(codes.T, self._codes, strict=True):
            np.not_equal(own[:, np.newaxis], others, out=differs)
            np.add(total, differs.view(np.uint8), out=total)
        return total


def _smallest(values, n_smallest):
    """Return the columns of the smallest values of each row; may alter values."""
    if n_smallest > _MOST_PASSES:
        return np.argpartition(values, n_smallest - 1, axis=1)[:, :n_smallest]
    rows = np.arange(len(values))
    places = np.empty((len(values), n_smallest), dtype=np.intp)
    for rank in range(n_smallest):
        places[:, rank] = values.argmin(axis=1)
        values[rows, places[:, rank]] = np.inf
    return places


def _draw_rows(n_rows, n_samples, random_state):
    """Return random rows, all once before any is repeated.

    Parameters
    ----------
    n_rows, n_samples : int
    random_state : RandomState

    Returns
    -------
    rows : ndarray of shape (n_samples,), int
    """
    keys = random_state.uniform(size=(-(-n_samples // n_rows), n_rows))
    return keys.argsort(axis=1).ravel()[:n_samples]


def _draw_neighbors(real, rows, n_neighbors, n_candidates, random_state):
    """Return for each row one of its nearest among random candidates.

    Parameters
    ----------
    real : _RealRows
    rows : ndarray of shape (n_samples,), int
        From `_draw_rows`.
    n_neighbors, n_candidates : int
    random_state : RandomState

    Returns
    -------
    neighbors : ndarray of shape (n_samples,), int
    """
    n_candidates = min(n_candidates, real.n_rows)
    pool = random_state.choice(real.n_rows, n_candidates, replace=False)
    n_neighbors = min(n_neighbors, max(1, n_candidates - 1))
    rank = random_state.randint(n_neighbors, size=len(rows))
    distinct = rows[: real.n_rows]
    neighbors = np.empty((real.n_rows, n_neighbors), dtype=np.intp)
    neighbors[distinct] = _Candidates(real, pool).nearest(distinct, n_neighbors)
    return neighbors[rows, rank]


class _Synthesizer(BaseEstimator):
    """What all synthesizers share: reading a table and writing one like it."""

    _parameter_constraints: ClassVar[dict] = {}

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn the rows to draw from; they are copied.

        Parameters
        ----------
        X : table of shape (n_rows, n_features)
            A pandas or polars DataFrame, an array or a list of lists, of numbers
            and categories, which may be missing.
        y : None
            Not used, there by convention.

        Returns
        -------
        self : estimator
            The fitted synthesizer.

        Raises
        ------
        ValueError
            Where X is no table of numbers and categories.
        """
        columns = read_coded_columns(X)
        check_not_empty(self, (num_samples(X), len(columns)))
        real, template = _RealRows.learn(columns), _make_template(X, columns)
        validate_data(self, X, skip_check_array=True)
        self._real, self._template = real, template
        return self

    def sample(
        self,
        n_samples: int = 1,
        random_state: int | np.random.RandomState | None = None,
    ) -> Any:
        """Draw new rows.

        Parameters
        ----------
        n_samples : int, default=1
            How many rows, at least 1.
        random_state : int, RandomState instance or None, default=None
            Seeds the draws. The same int gives the same rows.

        Returns
        -------
        rows : table of shape (n_samples, n_features)
            A table like that of `fit`: the same container, names and types of
            columns. Numbers are within the range of their column, categories
            are among its own, and values miss only in columns where real ones
            do. Columns of which all real values are integers have integers.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            Where n_samples is no integer from 1.
        """
        check_is_fitted(self)
        validate_parameter_constraints(
            _SAMPLE_CONSTRAINTS,
            {"n_samples": n_samples, "random_state": random_state},
            caller_name=f"{type(self).__name__}.sample",
        )
        random_state = check_random_state(random_state)
        rows = _draw_rows(self._real.n_rows, n_samples, random_state)
        numbers, codes = self._vary(self._real, rows, random_state)
        return table_like(self._real.columns(numbers, codes), self._template)

    def _vary(self, real, rows, random_state):
        """Return numbers and codes of new rows, one near each of the real rows.

        Parameters
        ----------
        real : _RealRows
        rows : ndarray of shape (n_samples,), int
        random_state : RandomState

        Returns
        -------
        numbers : ndarray of shape (n_samples, n_numeric), float64
        codes : ndarray of shape (n_samples, n_categorical), unsigned int
        """
        raise NotImplementedError

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


class NeighborInterpolation(_Synthesizer):
    """Draw rows between real rows and their neighbours.

    A new row starts from a real row A, each of which serves once before any
    serves again, and one of its nearest neighbours B. With one l a row, uniform
    between 0 and 1, its numbers are ``A + l * (B - A)``, as in SMOTE [1]_ but
    whatever the class, and each of its categories is B's with probability l,
    else A's. A number that A or B lacks is B's with probability l, missing or
    not, else A's.

    Neighbours are sought among `n_candidates` random rows, so that time grows
    with the number of rows and not with its square. Numbers are standardised;
    categories count as one-hot vectors times ``sqrt(0.5)``; a missing category
    is one of its own; a missing number counts as the mean, and that it is
    missing as a category.

    Parameters
    ----------
    n_neighbors : int, default=5
        B is one of so many nearest rows, or of all other candidates if they are
        fewer.
    n_candidates : int, default=2048
        Rows among which neighbours are sought, drawn anew by each call of
        `sample`; at least 2. All rows if they are fewer.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in `fit`, where X has names that are all strings.

    See Also
    --------
    Munge : Draws around a row at a distance that its nearest neighbour gives.
    SwapNoise : Takes values from anywhere in the table.

    References
    ----------
    .. [1] N. Chawla, K. Bowyer, L. Hall and W. Kegelmeyer, "SMOTE: synthetic
       minority over-sampling technique", JAIR 16, 2002.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.transfer.synthesis import NeighborInterpolation
    >>> X = np.array([[0.0, 0.5], [1.0, 1.5], [2.0, 2.5]])
    >>> rows = NeighborInterpolation().fit(X).sample(1000, random_state=0)
    >>> rows.shape
    (1000, 2)
    >>> np.unique(rows[:, 0])
    array([0., 1., 2.])
    >>> bool((rows[:, 1] >= 0.5).all() and (rows[:, 1] <= 2.5).all())
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "n_candidates": [Interval(Integral, 2, None, closed="left")],
    }

    def __init__(self, *, n_neighbors: int = 5, n_candidates: int = 2048) -> None:
        self.n_neighbors = n_neighbors
        self.n_candidates = n_candidates

    def _vary(self, real, rows, random_state):
        others = _draw_neighbors(
            real, rows, self.n_neighbors, self.n_candidates, random_state
        )
        share = random_state.uniform(size=(len(rows), 1))
        start = real.numbers[rows].astype(np.float64)
        end = real.numbers[others].astype(np.float64)
        numbers = start + share * (end - start)
        if real.has_missing.any():
            takes_end = random_state.uniform(size=numbers.shape) < share
            numbers = np.where(
                np.isnan(numbers), np.where(takes_end, end, start), numbers
            )
        takes_end = random_state.uniform(size=(len(rows), real.codes.shape[1])) < share
        return numbers, np.where(takes_end, real.codes[others], real.codes[rows])


class Munge(_Synthesizer):
    """Draw rows around real rows, as far as their nearest neighbours are.

    MUNGE [1]_: a new row starts from a real row, each of which serves once
    before any serves again, and its nearest neighbour among `n_candidates`
    random rows (`NeighborInterpolation` says how distances are measured). With
    `swap_probability`, each on its own, a number a becomes a draw from the
    normal distribution with mean b, the neighbour's, and standard deviation
    ``abs(a - b) / local_variance``, and a category becomes the neighbour's. A
    number that either of the two lacks becomes the neighbour's, missing or not.
    Draws beyond the range of the column are clipped to it.

    The paper alters both rows at once, and visits each row once for each pass
    over the table; here the neighbour stays as it is.

    Parameters
    ----------
    swap_probability : float, default=0.5
        Probability that a value is altered, between 0 and 1.
    local_variance : float, default=1.0
        Divides the standard deviation of the draws: greater is nearer to the
        neighbour's value. Above 0.
    n_candidates : int, default=2048
        Rows among which neighbours are sought, drawn anew by each call of
        `sample`; at least 2. All rows if they are fewer.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in `fit`, where X has names that are all strings.

    See Also
    --------
    NeighborInterpolation : Draws between a row and one of its neighbours.
    SwapNoise : Takes values from anywhere in the table.

    References
    ----------
    .. [1] C. Bucila, R. Caruana and A. Niculescu-Mizil, "Model compression", KDD
       2006.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.transfer.synthesis import Munge
    >>> X = np.array([[0.0, 0.5], [1.0, 1.5], [2.0, 2.5]])
    >>> Munge(swap_probability=0.0).fit(X).sample(3, random_state=0)[:, 0].sum()
    np.float64(3.0)
    >>> rows = Munge().fit(X).sample(1000, random_state=0)
    >>> bool((rows[:, 1] >= 0.5).all() and (rows[:, 1] <= 2.5).all())
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "swap_probability": [Interval(Real, 0, 1, closed="both")],
        "local_variance": [Interval(Real, 0, None, closed="neither")],
        "n_candidates": [Interval(Integral, 2, None, closed="left")],
    }

    def __init__(
        self,
        *,
        swap_probability: float = 0.5,
        local_variance: float = 1.0,
        n_candidates: int = 2048,
    ) -> None:
        self.swap_probability = swap_probability
        self.local_variance = local_variance
        self.n_candidates = n_candidates

    def _vary(self, real, rows, random_state):
        others = _draw_neighbors(real, rows, 1, self.n_candidates, random_state)
        numbers = real.numbers[rows].astype(np.float64)
        center = real.numbers[others].astype(np.float64)
        deviation = np.nan_to_num(np.abs(numbers - center)) / self.local_variance
        draws = center + deviation * random_state.normal(size=numbers.shape)
        swaps = random_state.uniform(size=numbers.shape) < self.swap_probability
        np.copyto(numbers, draws, where=swaps)
        codes = real.codes[rows]
        swaps = random_state.uniform(size=codes.shape) < self.swap_probability
        np.copyto(codes, real.codes[others], where=swaps)
        return numbers, codes


class SwapNoise(_Synthesizer):
    """Draw rows that are real rows with some values from other rows.

    A new row starts from a real row, each of which serves once before any serves
    again. Each of its values is replaced, with `swap_probability` and on its own,
    by that of the same column in another random row, missing or not [1]_.

    Parameters
    ----------
    swap_probability : float, default=0.15
        Probability that a value is replaced, between 0 and 1.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in `fit`, where X has names that are all strings.

    See Also
    --------
    NeighborInterpolation : Draws between a row and one of its neighbours.
    Munge : Draws around a row at a distance that its nearest neighbour gives.

    References
    ----------
    .. [1] M. Jahrer, "Porto Seguro's safe driver prediction: 1st place with
       representation learning", Kaggle, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill.transfer.synthesis import SwapNoise
    >>> X = np.array([[0.0, 0.5], [1.0, 1.5], [2.0, 2.5]])
    >>> rows = SwapNoise().fit(X).sample(1000, random_state=0)
    >>> np.unique(rows[:, 1])
    array([0.5, 1.5, 2.5])
    >>> bool(0.05 < (rows[:, 1] - rows[:, 0] != 0.5).mean() < 0.4)
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "swap_probability": [Interval(Real, 0, 1, closed="both")],
    }

    def __init__(self, *, swap_probability: float = 0.15) -> None:
        self.swap_probability = swap_probability

    def _vary(self, real, rows, random_state):
        numbers = self._swap(real.numbers, rows, random_state).astype(np.float64)
        return numbers, self._swap(real.codes, rows, random_state)

    def _swap(self, table, rows, random_state):
        """Return rows of a table, some values replaced by those of other rows."""
        values = table[rows]
        sample, column = np.nonzero(
            random_state.uniform(size=values.shape) < self.swap_probability
        )
        shift = random_state.randint(1, max(2, len(table)), size=len(sample))
        source = (rows[sample] + shift) % len(table)
        values[sample, column] = table[source, column]
        return values
