"""Rows of Dask as batches, which the workers of a cluster read, ask about and code."""

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
from dask import delayed
from dask.base import tokenize
from dask.delayed import Delayed
from dask.optimization import cull
from distributed import get_client

from skdistill.common.text import counted
from skdistill.dask.rows import check_not_sparse, check_rows
from skdistill.dask.stop import StoppableProgress
from skdistill.dask.teacher import TeacherOfWorkers
from skdistill.stream.files import Columns, RawBatch
from skdistill.stream.progress import FitProgress
from skdistill.stream.source import RowSource
from skdistill.teachers.file import model_behind

# Parts that wait for each thread of the cluster. The more, the more memory they take.
_WAITING = 2


class Parts(RowSource):
    """Rows of Dask: a source of batches, of which each is a part.

    A task makes a part, and another one calls a function of it. Both may run on any
    worker, and again if a worker dies. So the rows of a frame are read once for each
    pass over them.

    Parameters
    ----------
    X : dask DataFrame or Array of shape (n_samples, n_features)
    y : dask Series, DataFrame or Array, or None
        Labels or numbers of shape (n_samples,), or several columns of label sets or
        numbers.
    sample_weight : dask Series or Array of shape (n_samples,), or None
    teacher_proba : dask DataFrame or Array of shape (n_samples, n_columns), or None
        Stored answers of the teacher.
    kind : str, default="classes"
        Kind of the task.
    answers_name : str, default="teacher_proba"
        Name of the stored answers in errors.

    Attributes
    ----------
    columns : Columns
        Columns of the batches, by their meaning.
    frame : callable
        Function of a table and of names of columns, which returns rows as X has them.
    stop : str or None
        Name of the event that ends the fit. None if nothing ends it.

    Raises
    ------
    TypeError
        If an argument is not of Dask.
    ValueError
        If the arguments differ in the number of their parts.
    """

    are_texts = False

    def __init__(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        teacher_proba: Any,
        kind: str = "classes",
        answers_name: str = "teacher_proba",
    ) -> None:
        X = check_rows(X)
        weights = _column(X, sample_weight, "sample_weight")
        given = {"y": _targets(X, y), "sample_weight": weights}
        if teacher_proba is not None:
            if kind == "numbers":
                teacher_proba = _as_table(teacher_proba)
            teacher_proba = check_rows(teacher_proba, answers_name)
        given["teacher_proba"] = _aligned(X, teacher_proba)
        is_frame = isinstance(X, dd.DataFrame)
        n_features = X.shape[1]
        self.stop: str | None = None
        self.frame = partial(_rows, names=list(X.columns) if is_frame else None)
        self.columns = _columns_of(n_features, given)._replace(
            kind=kind,
            names_of_targets=list(y.columns) if isinstance(y, dd.DataFrame) else None,
        )
        self._token = tokenize(X, *given.values())
        names = [name for name, part in given.items() if part is not None]
        parts = [_parts_of(X), *(_parts_of(given[name]) for name in names)]
        for name, found in zip(names, parts[1:], strict=True):
            if len(found) != len(parts[0]):
                raise ValueError(
                    f"{name} has {len(found)} parts, and X has {len(parts[0])}: give "
                    "both the same parts, such as columns of one table"
                )
        self._parts = [
            delayed(_as_batch)(number, names, *of_all)
            for number, of_all in enumerate(zip(*parts, strict=True))
        ]

    def identity(self) -> str:
        """Return a text that tells these rows from others."""
        return self._token

    def progress(self, words: str, total: int | None, is_shown: bool) -> FitProgress:
        """Return the progress of a pass, which ends the fit if the user does."""
        return StoppableProgress(words, total, is_shown, self.stop)

    def teacher(self, estimator: Any) -> TeacherOfWorkers:
        """Return the teacher that workers ask. Each opens its file, if it has one."""
        given = estimator.teacher
        is_file = model_behind(given) is not given
        source = given if is_file else estimator.teacher_
        return TeacherOfWorkers(source, estimator.task_.kind)

    def map(
        self,
        next_call: Callable[[], Callable[[RawBatch], Any]],
        columns: Columns,
        first: int = 0,
    ) -> Iterator[Any]:
        """Yield the result of a function for each part. Workers run the functions.

        It is called in a task.
        """
        client = get_client()
        results: deque[Any] = deque()
        call: Any = None
        handed_over = None
        try:
            for part in self._parts[first:]:
                former, call = call, next_call()
                if call is not former:
                    # The scheduler keeps it, and sends it again if a worker dies.
                    handed_over = client.compute(delayed(call, traverse=False))
                rows = client.compute(part)
                results.append(client.submit(_call, handed_over, rows, pure=False))
                del rows
                if len(results) > _WAITING * sum(client.nthreads().values()):
                    yield results[0].result()
                    results.popleft().release()
            while results:
                yield results[0].result()
                results.popleft().release()
        finally:
            # The trace of an error would keep rows on the cluster.
            for future in (*results, handed_over):
                if future is not None:
                    future.release()


def _call(function, batch):
    """Call a function of a batch. An error names the batch."""
    try:
        return function(batch)
    except Exception as error:
        error.add_note(f"It happened in {batch.file} of the rows.")
        raise


def n_targets_of(y: Any) -> int:
    """Return the number of columns of labels or numbers, and 0 without any.

    Parameters
    ----------
    y : dask Series, DataFrame or Array, or None

    Returns
    -------
    n_targets : int
    """
    if y is None:
        return 0
    shape: Any = np.shape(y)
    return int(shape[1]) if len(shape) == 2 else 1


def _targets(X, y):
    """Return labels or numbers with the parts of X, as a column or as several."""
    if n_targets_of(y) < 2 or not isinstance(y, dd.DataFrame | da.Array):
        return _column(X, y, "y")
    return _aligned(X, check_rows(y, "y"))


def _column(X, part, name):
    """Return labels or weights with the parts of X."""
    if isinstance(part, dd.DataFrame) and part.shape[1] == 1:
        part = part[part.columns[0]]
    if isinstance(part, da.Array) and part.ndim == 2 and part.shape[1] == 1:
        part = part[:, 0]
    if part is None or isinstance(part, dd.Series):
        return part
    if not isinstance(part, da.Array) or part.ndim != 1:
        several = ", or a table of Dask with several columns" if name == "y" else ""
        raise TypeError(
            f"{name} is a {type(part).__name__}: give a Series of Dask, or an array of "
            f"Dask of one dimension{several}"
        )
    return _aligned(X, part)


def _as_table(answers):
    """Return stored numbers as a table, if they are one column without a name."""
    if isinstance(answers, dd.Series):
        return answers.to_frame(name="0")
    if isinstance(answers, da.Array) and answers.ndim == 1:
        return answers[:, np.newaxis]
    return answers


def _aligned(X, part):
    """Return an array with the parts of X, if the sizes of both are known."""
    if not (isinstance(part, da.Array) and isinstance(X, da.Array)):
        return part
    sizes = [*X.chunks[0], *part.chunks[0]]
    if np.isnan(sizes).any() or sum(X.chunks[0]) != sum(part.chunks[0]):
        return part
    return part.rechunk({0: X.chunks[0]})


def _columns_of(n_features, given):
    """Return the columns of the batches."""
    features = [str(number) for number in range(n_features)]
    proba, classes, names = given["teacher_proba"], None, []
    n_targets = n_targets_of(given["y"])
    targets = ["y"] if n_targets == 1 else [f"y {n}" for n in range(n_targets)]
    if proba is not None:
        names = [f"teacher_proba {number}" for number in range(proba.shape[1])]
        if isinstance(proba, dd.DataFrame):
            classes = list(proba.columns)
    return Columns(
        features,
        targets,
        names,
        classes,
        None if given["sample_weight"] is None else "sample_weight",
    )


def _parts_of(collection):
    """Return the parts of a frame, a series or an array, not yet computed."""
    if isinstance(collection, da.Array):
        parts = list(collection.to_delayed().ravel())
    else:
        # The whole optimization may join parts of a frame of few columns, and not those
        # of another one.
        simple = collection.simplify()
        if simple.npartitions != collection.npartitions:
            simple = collection
        parts = list(simple.to_delayed(optimize_graph=False))
    graph = dict(parts[0].__dask_graph__())
    # Each part goes to the scheduler by itself, without the graph of the others.
    return [Delayed(part.key, cull(graph, [part.key])[0]) for part in parts]


def _as_batch(number, names, X, *others):
    """Return a part of all arguments as a batch."""
    columns = _as_columns(X, "", number)
    for name, part in zip(names, others, strict=True):
        if len(part) != len(X):
            raise ValueError(
                f"part {number} of {name} has {counted(len(part), 'row')}, and that of "
                f"X has {len(X)}: give both the same rows"
            )
        columns |= _as_columns(part, name, number)
    return RawBatch(f"part {number}", 0, pa.table(columns))


def _as_columns(part, argument, number):
    """Return the columns of a part, named by the argument and their places."""
    check_not_sparse(part, f"part {number} of X")
    if isinstance(part, pd.DataFrame):
        columns = [part.iloc[:, place] for place in range(part.shape[1])]
        labels = list(part.columns)
    else:
        if np.ma.isMaskedArray(part):
            part = np.ma.filled(part.astype(np.float64), np.nan)
        columns = [part] if part.ndim == 1 else list(np.asarray(part).T)
        labels = list(range(len(columns)))
    made = {}
    for place, (label, column) in enumerate(zip(labels, columns, strict=True)):
        name = argument if part.ndim == 1 else f"{argument} {place}".strip()
        try:
            made[name] = pa.array(column, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise ValueError(
                f"the column {label!r} of {argument or 'X'} holds values of different "
                f"types in part {number}: {error}"
            ) from error
    return made


def _rows(table, columns, names):
    """Return rows as X has them: a frame with its names, or an array."""
    found = table.select(columns).to_pandas()
    if names is None:
        return found.to_numpy()
    return found.set_axis(names, axis=1)
