"""A classifier that is distilled on the workers of a cluster of Dask."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score
from sklearn.utils.validation import check_is_fitted

from skdistill.dask.on_cluster import OnCluster
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.estimators.label_names import check_order_of_columns

# Some value of the type of probabilities and logits.
_FLOATS = np.zeros(1, dtype=np.float32)


class DaskDistilledClassifier(OnCluster, DistilledClassifier):
    """Distil a fitted teacher on frames or arrays of Dask.

    Parameters are those of `DistilledClassifier`. The workers ask the teacher, and make
    records of their rows. One of them trains the student, as
    `skdistill.stream.fit_files` does. Parameters that need all rows in memory are
    refused.

    The teacher has to be fitted, or it is "precomputed". If it is large, store it with
    `joblib.dump` in a folder that all workers see, and give its path as `pathlib.Path`:
    each worker opens the file. A teacher that is given as an object goes to the workers
    by way of the scheduler. So it is not lost if a worker dies.

    Random numbers depend on `random_state`, on the number of a part and on the place of
    a row in it. So the student is the same, bit for bit, for any number of workers, and
    if a worker dies on the way. Other parts give another student.

    With `checkpoint`, a folder that all workers see, a fit goes on from there if its
    worker dies, or if the same call comes again after a failure.

    Attributes
    ----------
    client : distributed.Client or None
        Client of the cluster. None, the default, takes the current one. It is no
        parameter: `clone` and `pickle` leave it out.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> from distributed import Client
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdistill.dask import DaskDistilledClassifier
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> teacher = LogisticRegression(max_iter=1000).fit(X, y)
    >>> rows, labels = (dd.from_pandas(part, npartitions=3) for part in (X, y))
    >>> model = DaskDistilledClassifier(teacher, hidden_layer_sizes=8, random_state=0)
    >>> with Client(processes=False, dashboard_address=None):
    ...     predicted = model.fit(rows, labels).predict(rows).compute()
    >>> bool((predicted == y).mean() > 0.9)
    True
    >>> model.to_local()
    DistilledClassifier(hidden_layer_sizes=8, random_state=0,
                        teacher=LogisticRegression(max_iter=1000))
    """

    distilled = DistilledClassifier

    def fit(  # type: ignore[override]
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        teacher_proba: Any = None,
        max_rows: int | str = "auto",
        scratch: Any = None,
    ) -> Self:
        """Distil the teacher on the workers of a cluster.

        Each part is made twice, by itself. So persist frames that were shuffled, merged
        or sorted, or save them as Parquet before: without that, Dask shuffles again for
        each part. An interrupt ends the fit, also on its worker.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)
            Rows, as `DistilledClassifier` takes them. The teacher gets each part as a
            frame of pandas, or as an array.
        y : dask Series or Array of shape (n_samples,), or dask DataFrame or Array \
of shape (n_samples, n_labels), default=None
            Labels, or label sets as 0 and 1. A row whose labels are missing learns from
            the teacher alone. None if no row has any.
        sample_weight : dask Series or Array of shape (n_samples,), default=None
            Weights of the rows.
        teacher_proba : dask DataFrame or Array of shape (n_samples, n_classes), \
default=None
            Probabilities of the teacher, with ``teacher="precomputed"``, as `label`
            returns them. The columns of an array are in sorted order of the labels, and
            those of a frame have the labels, or their texts, as names. For label sets
            they are in the order of y.
        max_rows : int or "auto", default="auto"
            Greatest number of rows to train on: see `skdistill.stream.fit_files`.
        scratch : str or path-like, default=None
            Folder for the rows between the passes, on the worker that trains. None
            takes `checkpoint`, or the folder that Dask gives to the worker, which is
            removed if the worker dies. Rows in another folder stay if it dies.

        Returns
        -------
        self : DaskDistilledClassifier
            The fitted estimator.

        Raises
        ------
        OSError
            If scratch has not enough room.
        TypeError
            If an argument is not of Dask.
        ValueError
            If there is no client, if the teacher is not fitted, if a parameter needs
            all rows in memory, or if the arguments differ in their parts.
        """
        return self.fit_on_cluster(
            X, y, sample_weight, teacher_proba, max_rows, scratch
        )

    def predict(self, X: Any) -> Any:
        """Predict labels, lazily.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)

        Returns
        -------
        labels : dask Series or Array of shape (n_samples,), or dask DataFrame or \
Array of shape (n_samples, n_labels)
            Most probable classes. For label sets 1 for each label that a row has.
        """
        check_is_fitted(self)
        if self.student_.output.kind == "label_sets":
            examples = np.zeros(1, dtype=np.intp)
            return self.lazily("predict", X, examples, self._columns())
        return self.lazily("predict", X, self.classes_)

    def predict_proba(self, X: Any) -> Any:
        """Predict class probabilities, lazily.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)

        Returns
        -------
        probabilities : dask DataFrame or Array of shape (n_samples, n_classes), float32
            Columns as in `classes_`. Those of a frame have the texts of the labels as
            names, so that they can be saved as Parquet.
        """
        return self.lazily("predict_proba", X, _FLOATS, self._columns())

    def decision_function(self, X: Any) -> Any:
        """Return the student's logits, lazily.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)

        Returns
        -------
        logits : dask Series, DataFrame or Array, float32
            Logits of the classes; with two classes, the logit of the second.
        """
        check_is_fitted(self)
        is_one = self.student_.output.is_one_unit
        columns = None if is_one else self._columns()
        return self.lazily("decision_function", X, _FLOATS, columns)

    def predict_log_proba(self, X: Any) -> Any:
        """Predict the logarithms of class probabilities, lazily.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)

        Returns
        -------
        log_probabilities : dask DataFrame or Array of shape (n_samples, n_classes)
            Columns as those of `predict_proba`.
        """
        return self.lazily("predict_log_proba", X, _FLOATS, self._columns())

    def score(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy of the predicted labels.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)
        y : dask Series, DataFrame or Array
            Labels of the form that `fit` takes. None may be missing.
        sample_weight : dask Series or Array of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        accuracy : float
            Share of the rows, by weight, whose predicted label is that of y. In a row
            of a label set all labels have to be.

        Raises
        ------
        ValueError
            If a label is missing, or if y is a data frame with the labels in another
            order than in `fit`.
        """
        predicted, labels, weights = self.computed(self.predict(X), y, sample_weight)
        targets = self.targets.of(labels)
        targets.check_whole(labels, "Leave out the rows without a label")
        check_order_of_columns(labels, self.task_)
        labels = targets.of_one_type(labels)
        return accuracy_score(labels, np.asarray(predicted), sample_weight=weights)

    def _columns(self):
        """Return the names of the columns of probabilities."""
        check_is_fitted(self)
        return [str(label) for label in self.student_.classes_.tolist()]

    def to_local(self) -> DistilledClassifier:
        """Return the classifier for rows in memory, with the same student.

        Returns
        -------
        classifier : DistilledClassifier
            It has the parameters and all fitted attributes of this one.
        """
        return self.local(self.__getstate__())
