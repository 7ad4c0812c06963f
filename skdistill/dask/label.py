"""A teacher's answers for rows of Dask, lazily."""

from functools import partial
from numbers import Integral
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skdistill.common.labels import text_of_label
from skdistill.common.text import counted
from skdistill.dask.rows import check_rows, map_rows
from skdistill.dask.teacher import TeacherOfWorkers
from skdistill.tasks.classes import Classification
from skdistill.tasks.label_sets import LabelSetting
from skdistill.tasks.number_loss import NumberLoss
from skdistill.tasks.numbers import Regression
from skdistill.teachers.kinds import check_kind
from skdistill.teachers.label_sets import last_model, n_labels_of
from skdistill.teachers.quantiles import are_quantiles
from skdistill.teachers.resolve import as_teacher, is_precomputed, is_used_as_given
from skdistill.teachers.teacher import name_of

_TASKS = ("classes", "label_sets", "numbers")


def label(
    teacher: Any,
    X: Any,
    *,
    classes: ArrayLike | None = None,
    task: str | None = None,
    n_outputs: int | None = None,
) -> Any:
    """Return a teacher's answers for rows of Dask, lazily.

    The answers are probabilities of classes, probabilities of the labels of sets, or
    numbers. Each part of the rows is one task of Dask. To label rows costs far more
    than to read them. So save the answers, and fit on them with
    ``teacher="precomputed"``.

    Parameters
    ----------
    teacher : estimator, callable, dict or pathlib.Path
        Fitted teacher, as `DistilledClassifier` or `DistilledRegressor` takes it. An
        object goes to the workers by way of the scheduler, so it is not lost if a
        worker dies. The path of a file that ends in ``.joblib`` or ``.onnx`` is opened
        by each worker. Give a large teacher so, and put the file where all workers see
        it.
    X : dask DataFrame or dask Array of shape (n_samples, n_features)
        Rows. The teacher gets each part as a frame of pandas, or as an array.
    classes : array-like of shape (n_classes,), default=None
        Labels of classes. None takes those of the teacher. They are needed if it does
        not tell them, and if its file is not to be seen from here.
    task : {"classes", "label_sets", "numbers"}, default=None
        Form of the answers. None takes that of the teacher: a regressor and a dict of
        quantiles answer with numbers, a model of several labels with label sets, and
        any other teacher with classes. So a function needs it for the first two.
    n_outputs : int, default=None
        Number of labels of sets, or of numbers a row. None takes that of the teacher,
        or one number if it does not tell.

    Returns
    -------
    answers : dask DataFrame or Array of shape (n_samples, n_columns)
        Probabilities in single precision, or numbers in double precision. The columns
        of classes are in sorted order of the labels. Those of a frame have the texts of
        the labels as names, so that they can be saved as Parquet. Outputs have the
        names "0", "1" and so on, and quantiles those of their levels.

    Raises
    ------
    TypeError
        If X is no frame or array of Dask.
    ValueError
        If the teacher is not fitted, if its classes or the number of its labels are not
        known, or if an argument does not suit the task. When the answers are computed:
        if they have another form.

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
    kind = _kind_of(teacher, task)
    _check_arguments(kind, classes, n_outputs)
    known = _known_from_here(teacher, kind)
    if kind == "classes":
        asked: Any = Classification.of(None, _classes_of(teacher, known, classes))
        columns = [text_of_label(one) for one in asked.output.labels.tolist()]
    elif kind == "label_sets":
        n_labels = _n_labels_of(teacher, known, n_outputs)
        asked = LabelSetting(n_labels)
        columns = [str(number) for number in range(n_labels)]
    else:
        asked = Regression(None, NumberLoss(), clip=False)
        columns = _names_of_numbers(teacher, known, n_outputs)
    dtype = np.float64 if kind == "numbers" else np.float32
    answers = partial(_answers, task=asked, n_columns=len(columns), dtype=dtype)
    of_workers = TeacherOfWorkers(teacher, kind)
    return map_rows(X, answers, of_workers, columns, np.zeros(1, dtype=dtype))


def _answers(rows, teacher, task, n_columns, dtype):
    """Return the answers of a teacher."""
    answers = teacher.ask(rows, task).astype(dtype)
    if answers.shape[1] != n_columns:
        raise ValueError(
            f"the teacher answers with {counted(answers.shape[1], 'number')} for a "
            f"row, and {n_columns} were expected: give n_outputs={answers.shape[1]} to "
            "label"
        )
    return answers


def _check_arguments(kind, classes, n_outputs):
    """Raise if an argument does not suit the kind of the answers."""
    if kind != "classes" and classes is not None:
        raise ValueError(
            f"classes={classes!r:.100} was passed, and the teacher answers with "
            f"{kind.replace('_', ' ')}: leave it out"
        )
    if n_outputs is None:
        return
    if kind == "classes":
        raise ValueError(
            f"n_outputs={n_outputs!r:.100} was passed, and the teacher answers with "
            "classes: leave it out, or give task"
        )
    if not isinstance(n_outputs, Integral) or n_outputs < 1:
        raise ValueError(f"n_outputs={n_outputs!r:.100} is no whole number above 0")


def _kind_of(teacher, task):
    """Return the form of the answers, as the user names it or the teacher tells it."""
    if task is not None:
        if task not in _TASKS:
            raise ValueError(
                f"task={task!r:.100} is not known: give one of {', '.join(_TASKS)}"
            )
        return task
    if are_quantiles(teacher):
        return "numbers"
    try:
        return as_teacher(teacher).kind
    except FileNotFoundError:
        return "classes"


def _known_from_here(teacher, kind):
    """Return the teacher if it can be seen from here. Otherwise return None."""
    try:
        check_kind(teacher, kind)
        return as_teacher(teacher, kind=kind)
    except FileNotFoundError:
        return None


def _classes_of(teacher, known, classes):
    """Return the labels that are given, or those of the teacher."""
    if classes is not None:
        return np.unique(np.asarray(classes))
    found = None if known is None else known.classes
    if found is None:
        raise ValueError(
            f"the classes of the teacher, {_name(teacher)}, are not known here: give "
            "classes=[...]. If it answers with label sets or numbers, give "
            'task="label_sets" or task="numbers"'
        )
    return np.unique(found)


def _n_labels_of(teacher, known, n_outputs):
    """Return the number of labels that is given, or that of the teacher."""
    found = None if known is None else n_labels_of(known.source)
    if n_outputs is None and found is None:
        raise ValueError(
            f"the number of labels of the teacher, {_name(teacher)}, is not known "
            "here: give n_outputs"
        )
    return found if n_outputs is None else n_outputs


def _names_of_numbers(teacher, known, n_outputs):
    """Return the names of the numbers that a teacher answers with."""
    if are_quantiles(teacher) and n_outputs in (None, len(teacher)):
        return [str(level) for level in sorted(map(float, teacher))]
    if n_outputs is None:
        n_outputs = getattr(last_model(getattr(known, "source", None)), "n_outputs_", 1)
    return [str(number) for number in range(n_outputs)]


def _name(teacher):
    return teacher if isinstance(teacher, PurePath) else name_of(teacher)
