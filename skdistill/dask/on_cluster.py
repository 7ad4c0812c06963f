"""The fit of an estimator on the workers of a cluster, and its lazy answers."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from numbers import Integral
from pathlib import PurePath
from typing import Any, ClassVar, Self
from uuid import uuid4

import dask
import numpy as np
from distributed import Event, default_client, get_worker, rejoin, secede
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from skdistill.common.checks import all_or_nothing
from skdistill.common.warn import warn
from skdistill.dask.parts import Parts, n_targets_of
from skdistill.dask.rows import check_rows, map_rows
from skdistill.dask.teacher import seen_from_anywhere
from skdistill.dask.train import distil
from skdistill.estimators.distillation import Distillation
from skdistill.stream.checks import check_max_rows, checked_clone, kind_of_rows
from skdistill.teachers.answers import check_column_order
from skdistill.teachers.kinds import check_kind


class OnCluster(Distillation):
    """Base class of estimators that are fitted on collections of Dask.

    Attributes
    ----------
    client : distributed.Client or None
        Client of the cluster. None takes the current one.
    """

    client: Any = None

    #: Estimator for rows in memory.
    distilled: ClassVar[Any]

    def fit_on_cluster(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        answers: Any,
        max_rows: int | str,
        scratch: Any,
    ) -> Self:
        """Distil the teacher: the `fit` of all estimators on a cluster.

        Parameters
        ----------
        X, y, sample_weight, max_rows, scratch
            Arguments of `DaskDistilledClassifier.fit`.
        answers : dask DataFrame, Series or Array, or None
            Stored answers of the teacher.

        Returns
        -------
        self : estimator
        """
        check_max_rows(max_rows)
        kind = kind_of_rows(self, self.teacher, n_targets_of(y))
        if not isinstance(self.teacher, PurePath):
            # A file is opened by the workers alone.
            check_kind(self.teacher, kind)
        name = self.targets.answers_name
        draft = checked_clone(self.to_local(), answers, argument=name, kind=kind)
        draft.set_params(
            teacher=seen_from_anywhere(draft.teacher), random_state=self._seed()
        )
        if kind != "classes":
            # Empty frames have the names of the columns. Nothing is computed.
            empty, stored = (getattr(part, "_meta", None) for part in (y, answers))
            check_column_order(empty, stored, name)
        parts = Parts(X, y, sample_weight, answers, kind, name)
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

    def computed(self, *collections: Any) -> Any:
        """Return collections as values in memory.

        Parameters
        ----------
        *collections : dask collections

        Returns
        -------
        values : tuple
        """
        where = nullcontext() if self.client is None else self.client.as_current()
        with where:
            return dask.compute(*collections)

    @property
    def partial_fit(self) -> Any:
        """Absent: `to_local` returns an estimator that has it."""
        kind = self.distilled.__name__.removeprefix("Distilled").lower()
        raise AttributeError(
            f"{type(self).__name__} has no partial_fit: the {kind} that to_local "
            "returns has one"
        )

    def local(self, attributes: dict[str, Any]) -> Any:
        """Return an estimator for rows in memory with some attributes.

        Parameters
        ----------
        attributes : dict

        Returns
        -------
        estimator : DistilledClassifier or DistilledRegressor
        """
        local = self.distilled()
        vars(local).update(attributes)
        return local

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

    def lazily(self, method: str, X: Any, examples: Any, columns: Any = None) -> Any:
        """Return the answers of a method for each part of some rows.

        Parameters
        ----------
        method : str
            Name of the method.
        X : dask DataFrame or dask Array of shape (n_samples, n_features)
        examples : ndarray of shape (n_examples,)
            Some values. They tell the type.
        columns : list of str or None, default=None
            Names of the columns of an answer. None if a row has one value.

        Returns
        -------
        answers : dask Series, DataFrame or Array
        """
        check_is_fitted(self)
        # The answers need neither the teacher nor the rows that were seen.
        needed = ("student_", "classes_", "n_features_in_", "feature_names_in_")
        answering = self.local({n: v for n, v in vars(self).items() if n in needed})
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


def _answer(rows, model, method):
    return getattr(model, method)(rows)
