"""How an estimator of numbers learns part by part."""

from typing import Any, Self

from numpy.typing import ArrayLike

from skdistill.common.sklearn_compat import fit_context
from skdistill.estimators.fit_arguments import FitArguments
from skdistill.estimators.fit_of_numbers import FitOfNumbers
from skdistill.estimators.incremental import learn_part
from skdistill.estimators.incremental_checks import check_loss, check_parameters


class IncrementalNumbers(FitOfNumbers):
    """Base class of distilled estimators of numbers that learn part by part too."""

    loss_curve_: list[float]

    @fit_context(prefer_skip_nested_validation=False)
    def partial_fit(
        self,
        X: Any,
        y: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        teacher_prediction: ArrayLike | None = None,
    ) -> Self:
        """Distil the teacher on a part of the rows, and go on with others later.

        It works as `DistilledClassifier.partial_fit`, which says more. The first call
        decides all that `fit` decides, also mean and deviation of y, so give it some
        hundred rows or more, of all kinds. The range of answers grows as rows come.
        Quantiles get no offset from held-out rows, so that `student_offset_` is 0.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like, or sparse matrix or array, \
of shape (n_samples, n_features)
            Rows, with the columns of the first call. Sparse rows need hidden layers.
        y : array-like of shape (n_samples,) or (n_samples, n_targets), default=None
            Numbers. Some or all may be missing, as in `fit`, if the teacher is fitted
            or its numbers are given.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows. They weigh rows of one call against each other.
        teacher_prediction : array-like of shape (n_samples,) or \
(n_samples, n_targets), default=None
            Numbers of the teacher, with ``teacher="precomputed"``.

        Returns
        -------
        self : estimator
            The estimator, with the student of this moment.

        Raises
        ------
        ValueError
            If a parameter needs all rows at once, such as `early_stopping`. If columns
            or targets are not those of the first call, or `loss`, `quantile` and
            `clip` not those of the former one. If `fit` would raise it.

        See Also
        --------
        fit : Distil the teacher on all rows. It makes better students.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.datasets import make_friedman1
        >>> from sklearn.ensemble import RandomForestRegressor
        >>> from skdistill import DistilledRegressor
        >>> X, y = make_friedman1(1500, random_state=0)
        >>> forest = RandomForestRegressor(random_state=0).fit(X[:1000], y[:1000])
        >>> student = DistilledRegressor(forest, random_state=0)
        >>> for rows in np.array_split(np.arange(1000), 2):
        ...     student = student.partial_fit(X[rows], y[rows])
        >>> bool(student.score(X[1000:], y[1000:]) > 0.9)
        True
        """
        check_parameters(self)
        check_loss(self)
        arguments = FitArguments(
            X,
            y,
            sample_weight,
            teacher_prediction,
            params={},
            answers_name="teacher_prediction",
        )
        return learn_part(self, arguments)
