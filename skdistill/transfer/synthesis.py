"""Draw new unlabelled rows near real rows, for a teacher to label."""

from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from skdistill.common.checks import check_not_empty
from skdistill.common.sklearn_compat import (
    Interval,
    fit_context,
    num_samples,
    validate_parameter_constraints,
)
from skdistill.tables.read import read_coded_columns
from skdistill.tables.write import table_like
from skdistill.transfer.neighbors import (
    RealRows,
    draw_neighbors,
    draw_rows,
    make_template,
)

_SAMPLE_CONSTRAINTS = {
    "n_samples": [Interval(Integral, 1, None, closed="left")],
    "random_state": ["random_state"],
}


class _Synthesizer(BaseEstimator):
    """Base of all synthesizers: it reads a table and writes tables like it."""

    _parameter_constraints: ClassVar[dict] = {}

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Copy the rows to draw from.

        Parameters
        ----------
        X : table of shape (n_rows, n_features)
            DataFrame of pandas or polars, array or list of lists. It holds numbers
            and categories, and values may be missing.
        y : None
            Ignored.

        Returns
        -------
        self : estimator
            Fitted synthesizer.

        Raises
        ------
        ValueError
            If X is not a table of numbers and categories.
        """
        columns = read_coded_columns(X)
        check_not_empty(self, (num_samples(X), len(columns)))
        real, template = RealRows.learn(columns), make_template(X, columns)
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
            Number of rows, 1 or more.
        random_state : int, RandomState instance or None, default=None
            Seed of the draws. The same int gives the same rows.

        Returns
        -------
        rows : table of shape (n_samples, n_features)
            Table with the container, names and types of the table of `fit`. The
            numbers of a column stay within the range of its real numbers, and are
            integers if all of those are. Its categories are among its real ones.
            Its values are missing only if some real ones are.

        Raises
        ------
        NotFittedError
            If the synthesizer is not fitted.
        ValueError
            If n_samples is not an integer, 1 or more.
        """
        check_is_fitted(self)
        validate_parameter_constraints(
            _SAMPLE_CONSTRAINTS,
            {"n_samples": n_samples, "random_state": random_state},
            caller_name=f"{type(self).__name__}.sample",
        )
        random_state = check_random_state(random_state)
        rows = draw_rows(self._real.n_rows, n_samples, random_state)
        numbers, codes = self._vary(self._real, rows, random_state)
        return table_like(self._real.columns(numbers, codes), self._template)

    def _vary(self, real, rows, random_state):
        """Return numbers and codes of new rows, one near each of some real rows.

        Parameters
        ----------
        real : RealRows
            Rows of the table of `fit`.
        rows : ndarray of shape (n_samples,), int
            Numbers of the real rows from which the new rows start.
        random_state : RandomState
            Source of the random draws.

        Returns
        -------
        numbers : ndarray of shape (n_samples, n_numeric), float64
            New numbers; NaN marks a missing one.
        codes : ndarray of shape (n_samples, n_categorical), unsigned int
            New codes, as in `RealRows.codes`.
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

    A new row starts from a real row A. Each real row serves once before any serves
    again. B is one of the nearest neighbours of A. A share l is drawn for each new
    row, uniform between 0 and 1. The numbers of the new row are
    ``A + l * (B - A)``. This is SMOTE [1]_, except that classes are ignored. Each
    category is taken from B with probability l, otherwise from A. The same holds
    for a number that A or B lacks, and the result may be missing.

    Neighbours are searched among `n_candidates` random rows. So time grows with the
    number of rows, not with its square. For the distance, numbers are standardised,
    and categories are one-hot vectors times ``sqrt(0.5)``. A missing category is a
    category of its own. A missing number counts as the mean, and the fact that it
    is missing counts as a category.

    Parameters
    ----------
    n_neighbors : int, default=5
        Number of nearest rows from which B is drawn. If there are fewer other
        candidates, B is drawn from all of them.
    n_candidates : int, default=2048
        Number of random rows among which neighbours are searched, 2 or more. They
        are drawn again by each call of `sample`. All rows are candidates if there
        are fewer.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in `fit`, if X has names that are all strings.

    See Also
    --------
    Munge : Draws around a row, as far away as its nearest neighbour.
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
        others = draw_neighbors(
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
    """Draw rows around real rows, as far away as their nearest neighbours.

    This is MUNGE [1]_. A new row starts from a real row. Each real row serves once
    before any serves again. Its nearest neighbour is searched among `n_candidates`
    random rows; `NeighborInterpolation` describes the distance. Each value is
    altered with `swap_probability`, independently of the others:

    - A number a becomes a draw from a normal distribution. Its mean is b, the
      number of the neighbour, and its standard deviation is
      ``abs(a - b) / local_variance``. A draw beyond the range of the column is
      clipped to the range.
    - A number that one of the two rows lacks becomes the neighbour's value, which
      may be missing.
    - A category becomes the neighbour's category.

    The paper alters both rows at once, and visits each row once in each pass over
    the table. Here the neighbour stays as it is.

    Parameters
    ----------
    swap_probability : float, default=0.5
        Probability that a value is altered, between 0 and 1.
    local_variance : float, default=1.0
        Divisor of the standard deviation of the draws, above 0. A greater one
        gives draws nearer to the neighbour's value.
    n_candidates : int, default=2048
        Number of random rows among which neighbours are searched, 2 or more. They
        are drawn again by each call of `sample`. All rows are candidates if there
        are fewer.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in `fit`, if X has names that are all strings.

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
        others = draw_neighbors(real, rows, 1, self.n_candidates, random_state)
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
    """Draw real rows in which some values come from other rows.

    A new row starts from a real row. Each real row serves once before any serves
    again. Each value is replaced with `swap_probability`, independently of the
    others. It becomes the value of the same column in another random row, which
    may be missing [1]_.

    Parameters
    ----------
    swap_probability : float, default=0.15
        Probability that a value is replaced, between 0 and 1.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of features seen in `fit`, if X has names that are all strings.

    See Also
    --------
    NeighborInterpolation : Draws between a row and one of its neighbours.
    Munge : Draws around a row, as far away as its nearest neighbour.

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
        """Return rows of a table in which some values come from other rows."""
        values = table[rows]
        sample, column = np.nonzero(
            random_state.uniform(size=values.shape) < self.swap_probability
        )
        shift = random_state.randint(1, max(2, len(table)), size=len(sample))
        source = (rows[sample] + shift) % len(table)
        values[sample, column] = table[source, column]
        return values
