"""Costs of models: bytes, parameters, time."""

from time import perf_counter
from typing import NamedTuple, Self

import numpy as np
from scipy.sparse import issparse

from skdistill.estimators.distillation import Distillation
from skdistill.estimators.transformed_target import UnitsOfY
from skdistill.metrics import pickled_bytes, row_seconds
from skdistill.report.control import saved_bytes
from skdistill.tables.cells import without_mask
from skdistill.tables.read import is_pandas, is_polars
from skdistill.teachers.resolve import as_teacher

# Seconds for which the prediction of single rows is timed.
_SECONDS = 0.2

# Number of times that a student predicts all rows. The median time counts.
_BATCHES = 3


class Costs(NamedTuple):
    """Costs of a model. A cost that is not known is None.

    Attributes
    ----------
    n_bytes : int or None
        Size on disk: the file of a student, the `joblib.dump` of another model.
    n_parameters : int or None
        Number of weights and biases of a student.
    row_microseconds : float or None
        Median time of a prediction for a single row, in the form `row_form`.
    batch_microseconds : float or None
        Time for each row when all rows are predicted at once.
    fit_seconds : float or None
        Time of `fit`.
    query_seconds : float or None
        Time in `fit` for asking the teacher.
    row_form : str or None
        Form of the single row, such as "a float32 array". A student gets an array of
        float32 if it has no categories. All other models get rows as they are given.
    given_row_microseconds : float or None
        Median time of a prediction for a single row in the form of X, or, for a teacher
        that reads rows of its own, in the form of `teacher_X`.
    given_row_form : str or None
        Form of a single row as it was given, such as "a data frame".
    """

    n_bytes: int | None = None
    n_parameters: int | None = None
    row_microseconds: float | None = None
    batch_microseconds: float | None = None
    fit_seconds: float | None = None
    query_seconds: float | None = None
    row_form: str | None = None
    given_row_microseconds: float | None = None
    given_row_form: str | None = None


class Measured(NamedTuple):
    """Answers of a model, and its costs.

    Attributes
    ----------
    answers : ndarray of shape (n_samples, n_columns), float64
        Answers for the rows.
    decided : ndarray of shape (n_samples,)
        Decisions of the model, by its own `predict`, if they are not its answers.
    costs : Costs
        Costs of the model.
    doubt : str
        Reason why its own decisions are not known. Empty if they are known.
    """

    answers: np.ndarray
    decided: np.ndarray
    costs: Costs
    doubt: str = ""

    def in_units_of_y(self, units: UnitsOfY) -> Self:
        """Return the same with answers in the units of y."""
        if units.transformer is None:
            return self
        answers = units.of_answers(self.answers)
        return self._replace(answers=answers, decided=answers)


def ask_and_measure(model, X, task, kind):
    """Return a model's answers and its costs.

    Parameters
    ----------
    model : Distillation, estimator or callable
        Fitted model. Of a distilled one the `student_` is timed. If the student has
        no categories, it gets the rows as an array of numbers.
    X : table of shape (n_samples, n_features)
        Rows, as the model takes them.
    task : Task
        Task that the model answers.
    kind : ReportKind

    Returns
    -------
    measured : Measured
    """
    if isinstance(model, Distillation):
        return _student_answers(model, X, task, kind)
    teacher = as_teacher(model, kind=task.kind)
    start = perf_counter()
    answers = teacher.ask(X, task)
    seconds = perf_counter() - start
    decided = teacher.decide(X, answers, task)
    try:
        n_bytes = pickled_bytes(model)
    except Exception:  # A function within another, or a model of another library.
        n_bytes = None
    of_row = 1e6 * row_seconds(teacher.answer, without_mask(X), _SECONDS)
    costs = Costs(
        n_bytes=n_bytes,
        row_microseconds=of_row,
        batch_microseconds=1e6 * seconds / len(answers),
        row_form=_form_of(X),
        given_row_microseconds=of_row,
        given_row_form=_form_of(X),
    )
    return Measured(answers.astype(np.float64), decided, costs, teacher.doubt)


def _student_answers(model, X, task, kind):
    """Return a student's answers and its costs."""
    answers, decided = kind.finished(getattr(model, task.method)(X))
    student = model.student_
    predict = getattr(student, task.method)
    code = student.input_code
    reads_cells = code is not None and code.reads_cells
    if issparse(X):
        rows = X.astype(np.float32)
    else:
        # The student's numbers are not its raw values if it subtracts offsets.
        as_given = reads_cells or student.offsets_ is not None
        rows = X if as_given else student.numbers(X)
    of_row = row_seconds(predict, rows, _SECONDS)
    same_form = _form_of(rows) == _form_of(X)
    of_given = of_row if same_form else row_seconds(predict, X, _SECONDS)
    durations = []
    for _ in range(_BATCHES):
        start = perf_counter()
        predict(rows)
        durations.append(perf_counter() - start)
    arrays = [*student.coefs_, *student.intercepts_]
    if student.knot_table_ is not None:
        arrays.append(student.knot_table_)
    costs = Costs(
        n_bytes=saved_bytes(student),
        n_parameters=sum(array.size for array in arrays),
        row_microseconds=1e6 * of_row,
        batch_microseconds=1e6 * float(np.median(durations)) / len(answers),
        fit_seconds=model.fit_seconds_,
        query_seconds=model.query_seconds_,
        row_form=_form_of(rows),
        given_row_microseconds=1e6 * of_given,
        given_row_form=_form_of(X),
    )
    return Measured(answers, decided, costs)


def _form_of(X):
    """Return the form of a row of a table, in words."""
    if issparse(X):
        return "a sparse row"
    if is_pandas(X) or is_polars(X):
        return "a data frame"
    if not isinstance(X, np.ndarray):
        return f"a {type(X).__name__}"
    article = "an" if X.dtype.kind in "iO" else "a"
    return f"{article} {X.dtype} array"
