"""A teacher's answers for rows of Dask, lazily."""

from functools import partial
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skdistill.common.labels import text_of_label
from skdistill.dask.rows import check_rows, map_rows
from skdistill.dask.teacher import TeacherOfWorkers
from skdistill.tasks.classes import Classification
from skdistill.teachers.kinds import check_kind
from skdistill.teachers.resolve import as_teacher, is_precomputed, is_used_as_given
from skdistill.teachers.teacher import name_of


def label(teacher: Any, X: Any, *, classes: ArrayLike | None = None) -> Any:
    """Return a teacher's probabilities for rows of Dask, lazily.

    Each part of the rows is one task. To label rows costs far more than to read them.
    So save the answers, and fit on them with ``teacher="precomputed"``.

    Parameters
    ----------
    teacher : estimator, callable or pathlib.Path
        Fitted teacher, as `DistilledClassifier` takes it. An object goes to the workers
        by way of the scheduler, so it is not lost if a worker dies. The path of a file
        that ends in ``.joblib`` or ``.onnx`` is opened by each worker. Give a large
        teacher so, and put the file where all workers see it.
    X : dask DataFrame or dask Array of shape (n_samples, n_features)
        Rows. The teacher gets each part as a frame of pandas, or as an array.
    classes : array-like of shape (n_classes,), default=None
        Labels. None takes those of the teacher. They are needed if it does not tell
        them, and if its file is not to be seen from here.

    Returns
    -------
    probabilities : dask DataFrame or Array of shape (n_samples, n_classes), float32
        The columns are in sorted order of the labels. Those of a frame have the texts
        of the labels as names, so that they can be saved as Parquet.

    Raises
    ------
    TypeError
        If X is no frame or array of Dask.
    ValueError
        If the teacher is not fitted, or if its classes are not known.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skdistill.dask import label
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> teacher = LogisticRegression(max_iter=1000).fit(X, y)
    >>> answers = label(teacher, dd.from_pandas(X, npartitions=3))
    >>> answers.columns.tolist()
    ['0', '1', '2']
    >>> answers.compute(scheduler="threads").shape
    (150, 3)
    """
    X = check_rows(X)
    if is_precomputed(teacher) or not is_used_as_given(teacher):
        raise ValueError(
            f"the teacher, {name_of(teacher)}, is not fitted: only a fitted teacher "
            "answers"
        )
    task = Classification.of(None, _classes_of(teacher, classes))
    columns = [text_of_label(one) for one in task.output.labels.tolist()]
    asked = partial(_answers, task=task)
    of_workers = TeacherOfWorkers(teacher)
    return map_rows(X, asked, of_workers, columns, np.zeros(1, dtype=np.float32))


def _answers(rows, teacher, task):
    """Return the answers of a teacher in single precision."""
    return teacher.ask(rows, task).astype(np.float32)


def _classes_of(teacher, classes):
    """Return the labels that are given, or those of the teacher."""
    if classes is not None:
        return np.unique(np.asarray(classes))
    try:
        check_kind(teacher)
        known = as_teacher(teacher).classes
    except FileNotFoundError:
        known = None
    if known is None:
        of = teacher if isinstance(teacher, PurePath) else name_of(teacher)
        raise ValueError(
            f"the classes of the teacher, {of}, are not known here: give classes=[...]"
        )
    return np.unique(known)
