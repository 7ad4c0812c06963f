"""A search over the sizes of students, all of which learn from the same answers."""

import copy
from time import perf_counter
from typing import Any, NamedTuple, Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.utils import check_consistent_length, column_or_1d

from skdistill.common.sklearn_compat import safe_indexing, validate_parameters
from skdistill.estimators.arguments import check_arguments
from skdistill.estimators.classifier import DistilledClassifier
from skdistill.estimators.distillation import gather_data, publish
from skdistill.estimators.fit_run import FitRun
from skdistill.estimators.rows import check_weights
from skdistill.estimators.teacher_parameter import teacher_fit_params
from skdistill.export.quantize import quantize
from skdistill.inputs.encoder import TabularEncoder
from skdistill.metrics import row_seconds
from skdistill.model_selection.requirement import (
    Requirement,
    TriedStudent,
    ValidationScore,
    ValidationScorer,
)
from skdistill.student.quantization import WEIGHT_DTYPES
from skdistill.student.student import Student
from skdistill.tasks.classes import Classification
from skdistill.teachers.resolve import as_teacher, is_used_as_given
from skdistill.teachers.scikit_learn import fit_teacher
from skdistill.training.observer import student_attributes
from skdistill.training.plan import hidden_units
from skdistill.training.train_student import train_student

# The parts of a size, which are halved.
_HIDDEN, _BINS = "hidden", "bins"

# What is halved for the next size of the ladder, which is tried as a whole.
_LADDER = (_HIDDEN, _BINS, _HIDDEN, _HIDDEN, _BINS, _HIDDEN, _BINS)

# A further layer with fewer units is left out.
_NARROWEST = 8

_FEWEST_BINS = 2

# How long the prediction of a row is timed, and the rows that take turns.
_TIMING_SECONDS = 0.02
_TIMED_ROWS = 256


class LabelledRows(NamedTuple):
    """Rows with labels, as they were given.

    Attributes
    ----------
    X : table of shape (n_rows, n_features)
    y : ndarray of shape (n_rows,)
    weights : ndarray of shape (n_rows,) or None
    proba : ndarray of shape (n_rows, n_classes) or None
        Of a teacher that cannot be asked.
    """

    X: Any
    y: NDArray[Any]
    weights: NDArray[np.float64] | None = None
    proba: NDArray[Any] | None = None

    @classmethod
    def check(
        cls, X: Any, y: Any, sample_weight: Any = None, proba: Any = None
    ) -> Self:
        """Check that there is a label for each row, and what else was given."""
        if y is None:
            raise ValueError("y is None: students are scored on labels")
        X = X.tocsr() if issparse(X) else X
        y = column_or_1d(y)
        check_consistent_length(X, y)
        weights = None if sample_weight is None else check_weights(sample_weight, X)
        if proba is not None:
            task = Classification(np.unique(y))
            proba = task.check_answers(proba, len(y), "teacher_proba")
        return cls(X, y, weights, proba)

    def take(self, rows: NDArray[np.intp]) -> Self:
        """Return some of the rows."""
        parts: list[Any] = [
            None if part is None else safe_indexing(part, rows) for part in self
        ]
        return type(self)(*parts)


class Size(NamedTuple):
    """What sets the size of a student, but for the type of its weights.

    Attributes
    ----------
    hidden : tuple of int
        Units of the hidden layers.
    n_bins : int or None
        Of the encoder; None where there are no knots, or as the estimator has it.
    """

    hidden: tuple[int, ...]
    n_bins: int | None

    def half(self, part: str) -> "Size":
        """Return half the size, of the hidden units or of the bins."""
        if part == _BINS:
            if self.n_bins is None:
                return self
            return self._replace(n_bins=max(self.n_bins // 2, _FEWEST_BINS))
        halves = [max(units // 2, 1) for units in self.hidden]
        kept = [units for units in halves[1:] if units >= _NARROWEST]
        return self._replace(hidden=(*halves[:1], *kept))


class Trial(NamedTuple):
    """A student that was trained, and what it takes and reaches.

    Attributes
    ----------
    size : Size
    model : DistilledClassifier
        That was trained, with weights in float32.
    student : Student
        With weights in the type that was tried.
    microseconds : float
    measured : ValidationScore
    """

    size: Size
    model: DistilledClassifier
    student: Student
    microseconds: float
    measured: ValidationScore


class Search:
    """Trains students of several sizes on what the teacher was asked once.

    Parameters
    ----------
    model : DistilledClassifier
        Not fitted, with an integer as `random_state`; changed.
    training, validation : LabelledRows
    X_unlabeled : table of shape (n_unlabeled, n_features) or None
    scoring : str, callable or None

    Attributes
    ----------
    teacher_score : float
        On the validation rows.
    """

    def __init__(
        self,
        model: DistilledClassifier,
        training: LabelledRows,
        validation: LabelledRows,
        X_unlabeled: Any,
        scoring: Any,
    ) -> None:
        self._model = model
        self._validation = validation
        self._data = _gather_data(model, training, X_unlabeled)
        classes = model.classes_
        unknown = np.setdiff1d(validation.y, classes)
        if unknown.size:
            raise ValueError(
                f"the validation rows hold the label {unknown.tolist()[0]!r}, which no "
                f"other row has. The others have {classes.tolist()!r:.200}"
            )
        if validation.weights is not None and not validation.weights.any():
            raise ValueError(
                "sample_weight is zero for all validation rows: one needs a weight"
            )
        proba = validation.proba
        if proba is None:
            teacher = as_teacher(model.teacher_)
            proba = teacher.ask(validation.X, self._data.task)
        self._scorer = ValidationScorer(
            validation.X, validation.y, classes, scoring, validation.weights
        )
        self._teacher = self._scorer.measure(proba)
        self.teacher_score = self._teacher.score
        self._trials: dict[Size, list[Trial]] = {}
        self._recipe: Any = None

    def run(self, requirement: Requirement, n_jobs: int | None) -> None:
        """Try the ladder, then sizes near the best that it shows."""
        size = self._given_size()
        self._try([size], n_jobs)
        n_bins = _count_bins(self._trials[size][0].student)
        if size.n_bins and n_bins <= size.n_bins // 2:
            # The table has too few values for as many knots, or none.
            size = size._replace(n_bins=n_bins or None)
        rungs = [size]
        for part in _LADDER if n_bins else [_HIDDEN] * len(_LADDER):
            rungs.append(rungs[-1].half(part))
        self._try(rungs[1:], n_jobs)
        good = self._smallest_good(requirement)
        if good is None:
            if n_bins:
                finer = size._replace(n_bins=2 * size.n_bins)
                self._try([finer, size.half(_BINS)], n_jobs)
            return
        while self._try([good.half(_HIDDEN), good.half(_BINS)], n_jobs):
            good = self._smallest_good(requirement)
            if good is None or good != self._smallest():
                break  # No more needs to be known of still smaller ones.

    def table(
        self, requirement: Requirement
    ) -> tuple[tuple[TriedStudent, ...], list[Trial]]:
        """Return a row for each student, the largest first, and the trials."""
        trials = self._all_trials()
        best = max(trials, key=lambda trial: trial.measured.score).measured
        rows = []
        for trial in trials:
            row = self._row(trial, best)
            meets = requirement.is_affordable(row) and not requirement.points_short(row)
            rows.append(row._replace(meets=meets))
        return tuple(rows), trials

    def estimator(self, trial: Trial, teacher: Any) -> DistilledClassifier:
        """Return the fitted estimator of a trial, with a teacher as its parameter."""
        estimator = copy.copy(trial.model)
        estimator.teacher = teacher
        estimator.weight_dtype = trial.student.weight_dtype
        for name, value in student_attributes(trial.student).items():
            setattr(estimator, name, value)
        return estimator

    def _given_size(self):
        """Return the size that the parameters of the estimator ask for."""
        encoder = self._model.encoder
        n_bins = getattr(encoder, "n_bins", TabularEncoder().n_bins)
        if encoder is None or issparse(self._validation.X):
            n_bins = None  # Only a table is coded among knots.
        return Size(tuple(hidden_units(self._model)), n_bins)

    def _try(self, sizes, n_jobs):
        """Train students of sizes that were not tried yet; tell if there were any."""
        sizes = [size for size in dict.fromkeys(sizes) if size not in self._trials]
        calls = [delayed(self._train)(size) for size in sizes]
        trained = Parallel(n_jobs, require="sharedmem")(calls)
        for size, (model, recipe) in zip(sizes, trained, strict=True):
            self._recipe = recipe
            self._trials[size] = self._measure(size, model)
        return bool(sizes)

    def _train(self, size):
        """Return a fitted copy of the estimator of another size."""
        started = perf_counter()
        model = copy.copy(self._model)
        model.hidden_layer_sizes = size.hidden
        model.weight_dtype = "float32" if self._all_dtypes else self._model.weight_dtype
        if size.n_bins is not None:
            encoder = (
                TabularEncoder() if model.encoder == "auto" else clone(model.encoder)
            )
            model.encoder = encoder.set_params(n_bins=size.n_bins)
        with FitRun.silent(model) as run:
            trained = train_student(
                self._data, model, run, recipe=self._recipe, keeps_interrupted=False
            )
            publish(model, trained)
        model.fit_seconds_ += perf_counter() - started
        return model, trained.recipe

    @property
    def _all_dtypes(self):
        return self._model.weight_dtype == "auto"

    def _measure(self, size, model):
        """Measure a student, with its weights in each type that is tried."""
        rows = _rows_to_time(model.student_, self._validation.X)
        seconds = row_seconds(model.student_.predict_proba, rows, _TIMING_SECONDS)
        students = [model.student_]
        if self._all_dtypes:
            students = _in_each_type(model.student_)
        trials = []
        for student in students:
            measured = self._scorer.measure(student.predict_proba(self._validation.X))
            trials.append(Trial(size, model, student, 1e6 * seconds, measured))
        return trials

    def _row(self, trial, best):
        """Return the row of a trial, but for whether it meets a requirement."""
        measured, student = trial.measured, trial.student
        return TriedStudent(
            hidden_layer_sizes=trial.size.hidden,
            n_bins=_count_bins(student),
            weight_dtype=student.weight_dtype,
            bytes=student.nbytes,
            microseconds=trial.microseconds,
            score=measured.score,
            points_lost=100 * (self._teacher.score - measured.score),
            points_lost_error=100
            * self._scorer.standard_error(measured, self._teacher),
            points_behind=100 * (best.score - measured.score),
            points_behind_error=100 * self._scorer.standard_error(measured, best),
        )

    def _all_trials(self):
        """Return all trials, the largest student first."""
        trials = [trial for trials in self._trials.values() for trial in trials]
        return sorted(trials, key=lambda trial: -trial.student.nbytes)

    def _smallest(self):
        """Return the size of the smallest student of all."""
        return self._all_trials()[-1].size

    def _smallest_good(self, requirement):
        """Return the size of the smallest student that scores well enough, if any."""
        rows, trials = self.table(requirement)
        good = [
            trial.size
            for row, trial in zip(rows, trials, strict=True)
            if not requirement.points_short(row)
        ]
        return good[-1] if good else None


def _gather_data(model, rows, X_unlabeled):
    """Fit the teacher if it is not fitted yet, and ask it all that students learn."""
    validate_parameters(model)
    check_arguments(model, rows.y, rows.proba, X_unlabeled)
    model.warm_start = False
    with FitRun.silent(model) as run:
        if model.cv is None and not is_used_as_given(model.teacher):
            # A teacher given fitted is calibrated without another fit of a clone.
            fit_params = teacher_fit_params(model, rows.weights)
            model.teacher = fit_teacher(
                model.teacher, rows.X, rows.y, fit_params, run.random.teacher
            )
        data = gather_data(
            model, rows.X, rows.y, rows.weights, rows.proba, X_unlabeled, run
        )
        model.fit_seconds_ = run.seconds
    return data


def _in_each_type(student):
    """Return a student with its weights in each type that can hold them."""
    students = []
    for dtype in WEIGHT_DTYPES[:-1]:
        try:
            students.append(quantize(student, dtype).student)
        except ValueError:
            continue  # A weight that is beyond the type.
    return [*students, student]


def _count_bins(student):
    """Return the bins between a student's knots."""
    if student.input_code is None:
        return 0
    return sum(len(knots) - 1 for knots in student.input_code.knots)


def _rows_to_time(student, X):
    """Return rows that a student takes with the least conversion."""
    few = safe_indexing(X, slice(0, _TIMED_ROWS))
    if issparse(few):
        return few
    code = student.input_code
    if code is not None and code.has_categories:
        return np.asarray(few, dtype=object)
    return student.numbers(few)
