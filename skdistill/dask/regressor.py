"""A regressor that is distilled on the workers of a cluster of Dask."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from skdistill.dask.on_cluster import OnCluster
from skdistill.estimators.regressor import DistilledRegressor


class DaskDistilledRegressor(OnCluster, DistilledRegressor):
    """Distil a fitted regressor on frames or arrays of Dask.

    Parameters are those of `DistilledRegressor`. Workers, checkpoints and random
    numbers are those of `DaskDistilledClassifier`.

    Attributes
    ----------
    client : distributed.Client or None
        Client of the cluster. None, the default, takes the current one. It is no
        parameter: `clone` and `pickle` leave it out.

    Examples
    --------
    >>> import dask.array as da
    >>> from distributed import Client
    >>> from sklearn.datasets import make_friedman1
    >>> from sklearn.ensemble import RandomForestRegressor
    >>> from skdistill.dask import DaskDistilledRegressor
    >>> X, y = make_friedman1(600, random_state=0)
    >>> teacher = RandomForestRegressor(50, random_state=0).fit(X, y)
    >>> rows, prices = (da.from_array(part, chunks=200) for part in (X, y))
    >>> model = DaskDistilledRegressor(teacher, random_state=0)
    >>> with Client(processes=False, dashboard_address=None):
    ...     predicted = model.fit(rows, prices).predict(rows).compute()
    >>> predicted.shape
    (600,)
    """

    distilled = DistilledRegressor

    def fit(  # type: ignore[override]
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        teacher_prediction: Any = None,
        max_rows: int | str = "auto",
        scratch: Any = None,
    ) -> Self:
        """Distil the teacher on the workers of a cluster.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)
            Rows: see `DaskDistilledClassifier.fit`.
        y : dask Series or Array of shape (n_samples,), or dask DataFrame or Array \
of shape (n_samples, n_targets), default=None
            Numbers. A row without one learns from the teacher alone. None if no row has
            one.
        sample_weight : dask Series or Array of shape (n_samples,), default=None
            Weights of the rows.
        teacher_prediction : dask DataFrame or Array of shape (n_samples, n_columns), \
default=None
            Numbers of the teacher, with ``teacher="precomputed"``: one column, or one
            for each target or quantile.
        max_rows : int or "auto", default="auto"
            Greatest number of rows to train on: see `skdistill.stream.fit_files`.
        scratch : str or path-like, default=None
            Folder for the rows between the passes: see `DaskDistilledClassifier.fit`.

        Returns
        -------
        self : DaskDistilledRegressor
            The fitted estimator.

        Raises
        ------
        OSError, TypeError, ValueError
            As `DaskDistilledClassifier.fit`.
        """
        return self.fit_on_cluster(
            X, y, sample_weight, teacher_prediction, max_rows, scratch
        )

    def predict(self, X: Any) -> Any:
        """Predict numbers, lazily.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)

        Returns
        -------
        numbers : dask Series, DataFrame or Array, float64
            One number a row, or a column for each of several targets or quantiles. The
            names of a frame are the numbers of the targets, or the levels.
        """
        check_is_fitted(self)
        output: Any = self.student_.output
        columns = None
        if not output.is_flat:
            columns = [
                str(level) for level in output.quantiles or range(output.n_units)
            ]
        return self.lazily("predict", X, np.zeros(1), columns)

    def score(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """Return R² of the predicted numbers, or D² of quantiles.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)
        y : dask Series, DataFrame or Array
            Numbers of the form that `fit` takes. None may be missing.
        sample_weight : dask Series or Array of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
            See `DistilledRegressor.score`.
        """
        predicted, numbers, weights = self.computed(self.predict(X), y, sample_weight)
        return self.score_of(np.asarray(predicted), numbers, weights)

    def to_local(self) -> DistilledRegressor:
        """Return the regressor for rows in memory, with the same student.

        Returns
        -------
        regressor : DistilledRegressor
            It has the parameters and all fitted attributes of this one.
        """
        return self.local(self.__getstate__())
