"""A classifier that is distilled on the workers of a cluster of Dask."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from numbers import Integral
from pathlib import PurePath
from typing import Any, Self
from uuid import uuid4

import dask
import numpy as np
from distributed import Event, default_client, get_worker, rejoin, secede
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from skdistill.common.checks import all_or_nothing
from skdistill.common.warn import warn
from skdistill.dask.parts import Parts
from skdistill.dask.rows import check_rows, map_rows
from skdistill.dask.teacher import seen_from_anywhere
from skdistill.dask.train import distil
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.estimators.label_checks import (
    check_all_labelled,
    of_one_type,
)
from skdistill.stream.checks import check_max_rows, checked_clone
from skdistill.teachers.kinds import check_kind


class DaskDistilledClassifier(DistilledClassifier):
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

    client: Any = None

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
        y : dask Series or Array of shape (n_samples,), default=None
            Labels. A row whose label is missing learns from the teacher alone. None if
            no row has one.
        sample_weight : dask Series or Array of shape (n_samples,), default=None
            Weights of the rows.
        teacher_proba : dask DataFrame or Array of shape (n_samples, n_classes), \
default=None
            Probabilities of the teacher, with ``teacher="precomputed"``, as `label`
            returns them. The columns of an array are in sorted order of the labels, and
            those of a frame have the labels, or their texts, as names.
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
        check_max_rows(max_rows)
        if not isinstance(self.teacher, PurePath):
            check_kind(self.teacher)  # A file is opened by the workers alone.
        draft = checked_clone(self.to_local(), teacher_proba, argument="teacher_proba")
        draft.set_params(
            teacher=seen_from_anywhere(draft.teacher), random_state=self._seed()
        )
        parts = Parts(X, y, sample_weight, teacher_proba)
        client = self._client()
        parts.stop = f"stop-skdistill-{uuid4().hex}"
        with all_or_nothing(self) as fitted:
            with warnings.catch_warnings():
                # Dask advises against large tasks. The documentation says when a path
                # is better, and a task is what is not lost with a worker.
                warnings.filterwarnings("ignore", "Sending large graph")
                future = client.submit(
                    distil, draft, parts, max_rows, scratch, pure=False
                )
            try:
                with _giving_thread_back():
                    distilled = future.result()
            except BaseException:
                if not future.done():
                    with suppress(Exception):  # The cluster may be gone.
                        Event(parts.stop, client=client).set()
                        future.cancel()
                raise
            finally:
                future.release()  # The trace of an error would keep it.
            for message in distilled.warnings:
                warn(message)
            vars(fitted).update({"teacher_": self.teacher} | distilled.attributes)
        return self

    def predict(self, X: Any) -> Any:
        """Predict labels, lazily.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)

        Returns
        -------
        labels : dask Series or Array of shape (n_samples,)
            Most probable classes.
        """
        check_is_fitted(self)
        return self._lazily("predict", X, self.classes_)

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
        return self._lazily("predict_proba", X, np.zeros(1, dtype=np.float32))

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
        return self._lazily("decision_function", X, np.zeros(1, dtype=np.float32))

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
        return self._lazily("predict_log_proba", X, np.zeros(1, dtype=np.float32))

    def score(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy of the predicted labels.

        Parameters
        ----------
        X : dask DataFrame or dask Array of shape (n_samples, n_features)
        y : dask Series or Array of shape (n_samples,)
            Labels. None may be missing.
        sample_weight : dask Series or Array of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        accuracy : float
            Share of the rows, by weight, whose predicted label is that of y.
        """
        where = nullcontext() if self.client is None else self.client.as_current()
        with where:
            predicted, labels, weights = dask.compute(self.predict(X), y, sample_weight)
        check_all_labelled(labels, "Leave out the rows without a label")
        labels = of_one_type(labels)
        return accuracy_score(labels, predicted, sample_weight=weights)

    @property
    def partial_fit(self) -> Any:
        """Absent: `to_local` returns a classifier that has it."""
        raise AttributeError(
            "DaskDistilledClassifier has no partial_fit: the classifier that to_local "
            "returns has one"
        )

    def to_local(self) -> DistilledClassifier:
        """Return the classifier for rows in memory, with the same student.

        Returns
        -------
        classifier : DistilledClassifier
            It has the parameters and all fitted attributes of this one.
        """
        return _local(self.__getstate__())

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state.pop("client", None)
        return state

    def _client(self):
        """Return the client of the cluster."""
        try:
            client = default_client() if self.client is None else self.client
        except ValueError as error:
            raise ValueError(
                "there is no client of a cluster: make one before, "
                "distributed.Client(), or set the attribute client"
            ) from error
        if client.asynchronous:
            raise ValueError(
                "the client is asynchronous, and fit waits for its result: give one "
                "with asynchronous=False"
            )
        return client

    def _seed(self):
        """Return the seed of a fit, with which it can begin anew on another worker."""
        if isinstance(self.random_state, Integral):
            return self.random_state
        highest = np.iinfo(np.int32).max
        return int(check_random_state(self.random_state).randint(highest))

    def _lazily(self, method, X, examples):
        """Return the answers of a method for each part of some rows."""
        check_is_fitted(self)
        # The answers need neither the teacher nor the rows that were seen.
        needed = ("student_", "classes_", "n_features_in_", "feature_names_in_")
        answering = _local({n: v for n, v in vars(self).items() if n in needed})
        columns: Any = [str(one) for one in self.classes_.tolist()]
        one_value = method == "decision_function" and len(columns) == 2
        if method == "predict" or one_value:
            columns = None
        X = check_rows(X)
        known = X._meta if hasattr(X, "columns") else np.empty((0, X.shape[1]))
        validate_data(answering, known, reset=False, skip_check_array=True)
        return map_rows(
            X,
            partial(_answer, method=method),
            answering,
            columns,
            examples,
        )


@contextmanager
def _giving_thread_back() -> Iterator[None]:
    """Return a context in which a task waits without a thread of its worker."""
    try:
        is_task = get_worker().get_current_task() is not None
    except (KeyError, ValueError):
        is_task = False
    if is_task:
        secede()
    try:
        yield
    finally:
        if is_task:
            rejoin()


def _local(attributes):
    """Return a classifier for rows in memory with some attributes."""
    local = DistilledClassifier()
    vars(local).update(attributes)
    return local


def _answer(rows, model, method):
    return getattr(model, method)(rows)
