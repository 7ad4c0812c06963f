"""A search over sizes of students. All students learn from the same answers."""

import copy
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone

from skdistill.common.side_by_side import side_by_side
from skdistill.common.sklearn_compat import safe_indexing, validate_parameters
from skdistill.estimators.arguments import check_arguments
from skdistill.estimators.distillation import Distillation, gather_data, publish
from skdistill.estimators.find import rows_of_teacher
from skdistill.estimators.fit_arguments import FitArguments
from skdistill.estimators.fit_run import FitRun
from skdistill.estimators.metadata import route_metadata
from skdistill.export.quantize import quantize
from skdistill.inputs.encoder import TabularEncoder
from skdistill.metrics import row_seconds
from skdistill.model_selection.known_answers import known_model
from skdistill.model_selection.labelled_rows import LabelledRows, UnlabeledRows
from skdistill.model_selection.requirement import Requirement, TriedStudent
from skdistill.model_selection.size import (
    ENCODER_BINS,
    HALVING_LADDER,
    HIDDEN_UNITS,
    SPARSE_COLUMNS,
    Size,
)
from skdistill.model_selection.validation_score import ValidationScore, ValidationScorer
from skdistill.student.quantization import WEIGHT_DTYPES
from skdistill.student.student import Student
from skdistill.teachers.resolve import as_teacher, is_automatic, is_used_as_given
from skdistill.teachers.scikit_learn import fit_teacher
from skdistill.training.observer import student_attributes
from skdistill.training.plan import hidden_units
from skdistill.training.pruning import COLUMNS_TO_TRY
from skdistill.training.train_student import train_student
from skdistill.training.views import is_auto

# Duration of the timing of a prediction, and number of rows that take turns in it.
_TIMING_SECONDS = 0.02
_TIMED_ROWS = 256


class Trial(NamedTuple):
    """A trained student, with its cost and its score.

    Attributes
    ----------
    size : Size
        Size of the student.
    model : Distillation
        Trained estimator. Its weights are in float32 if several types are tried.
    student : Student
        Student with weights in the type that was tried.
    microseconds : float
        Time of the prediction of one row.
    measured : ValidationScore
        Score on the validation rows.
    """

    size: Size
    model: Distillation
    student: Student
    microseconds: float
    measured: ValidationScore


class Search:
    """Trains students of several sizes on the same answers of a teacher.

    Parameters
    ----------
    model : Distillation
        Estimator, not fitted, with an integer as `random_state`. It is changed.
    training, validation : LabelledRows
        Rows to train on, and rows to score students on.
    unlabeled : UnlabeledRows
        Rows without labels, if there are any.
    scoring : str, callable or None
        Score of the students.
    given : array-like or DataFrame, default=None
        y of the user, whose columns may name labels.

    Attributes
    ----------
    teacher_score : float
        Score of the teacher on the validation rows.
    points : float
        Number of points in a unit of the score.
    n_undefined_draws : int
        Number of draws of the validation rows on which the score is not defined.
    """

    def __init__(
        self,
        model: Distillation,
        training: LabelledRows,
        validation: LabelledRows,
        unlabeled: UnlabeledRows,
        scoring: Any,
        given: Any = None,
    ) -> None:
        self._model = model
        self._validation = validation
        data = _gather_data(model, training, unlabeled)
        model.task_ = model.named_task(data.task, given)
        self._data = data._replace(task=model.task_)
        model.targets.check_known(validation.y, model)
        if validation.weights is not None and not validation.weights.any():
            raise ValueError(
                "sample_weight is zero for all validation rows: at least one must be "
                "above zero"
            )
        proba, decided, task = validation.proba, None, self._data.task
        if proba is None:
            teacher = as_teacher(model.teacher_, kind=task.kind)
            asked = rows_of_teacher(model, validation.X, validation.teacher_X)
            proba = teacher.ask(asked, task)
            decided = teacher.decide(asked, proba, task)
        self._scorer = ValidationScorer(
            validation.X, validation.y, known_model(model), scoring, validation.weights
        )
        self._teacher = self._scorer.measure(proba, decided)
        self.teacher_score = self._teacher.score
        self.n_undefined_draws = self._teacher.n_undefined
        self.points = self._scorer.points_in_a_unit(self._teacher, task.n_columns)
        self._trials: dict[Size, list[Trial]] = {}
        self._recipe: Any = None

    def run(self, requirement: Requirement, n_jobs: int | None) -> None:
        """Try the sizes of the ladder, then sizes near the best of them."""
        size, n_bins = self._first_size(n_jobs)
        rungs = [size]
        for part in HALVING_LADDER if n_bins else [HIDDEN_UNITS] * len(HALVING_LADDER):
            rungs.append(rungs[-1].half(part))
        if not n_bins:
            # A linear student is small, and may be as good on texts.
            linear = size._replace(hidden=())
            rungs += [] if self._is_sparse and not size.hidden else [linear]
        self._try(rungs[1:], n_jobs)
        self._try(self._fewer_terms(), n_jobs)
        good = self._smallest_good(requirement)
        if good is None:
            if n_bins:
                finer = size._replace(n_bins=2 * size.n_bins)
                self._try([finer, size.half(ENCODER_BINS)], n_jobs)
            return
        parts = (HIDDEN_UNITS, ENCODER_BINS, SPARSE_COLUMNS)
        while self._try([good.half(part) for part in parts], n_jobs):
            good = self._smallest_good(requirement)
            if good is None or good != self._smallest():
                break  # A smaller student was tried and is not good enough.

    def _first_size(self, n_jobs):
        """Try the size of the estimator. Return what it is, and its number of bins."""
        given = self._given_size()
        self._try([given], n_jobs)
        _, trials = self._trials.popitem()
        student = trials[0].student
        size, n_bins = given, _count_bins(student)
        if size.hidden is None:
            size = size._replace(hidden=_hidden_of(student))
        if n_bins and size.n_bins is None:
            size = size._replace(n_bins=TabularEncoder().n_bins)
        size = self._with_terms(size, student)
        self._trials[size] = [trial._replace(size=size) for trial in trials]
        if size.n_bins and n_bins <= size.n_bins // 2:
            # The table has too few different values for so many knots, or no numbers.
            size = size._replace(n_bins=n_bins or None)
        return size, n_bins

    def _with_terms(self, size, student):
        """Return the size of a student with its number of columns, if it is linear."""
        if not self._is_sparse or size.hidden or size.n_terms is not None:
            return size
        used = int(np.count_nonzero(student.coefs_[0].any(axis=1)))
        return size._replace(n_terms=used)

    def _fewer_terms(self):
        """Return the sizes of linear students of sparse rows with fewer columns."""
        linear = [size for size in self._trials if size.n_terms is not None]
        return [
            size._replace(n_terms=count)
            for size in linear
            for count in reversed(COLUMNS_TO_TRY)
            if count < size.n_terms
        ]

    def table(
        self, requirement: Requirement
    ) -> tuple[tuple[TriedStudent, ...], list[Trial]]:
        """Return a row for each student, from the largest on, and the trials."""
        trials = self._all_trials()
        scores = np.nan_to_num([trial.measured.score for trial in trials], nan=-np.inf)
        best = trials[scores.argmax()].measured
        rows = []
        for trial in trials:
            row = self._row(trial, best)
            meets = requirement.is_affordable(row) and not requirement.points_short(row)
            rows.append(row._replace(meets=meets))
        return tuple(rows), trials

    def estimator(self, trial: Trial, teacher: Any) -> Distillation:
        """Return the fitted estimator of a trial, with a teacher as its parameter."""
        estimator = copy.copy(trial.model)
        estimator.teacher = teacher
        estimator.weight_dtype = trial.student.weight_dtype
        for name, value in student_attributes(trial.student).items():
            setattr(estimator, name, value)
        return estimator

    def _given_size(self):
        """Return the size that the parameters of the estimator ask for."""
        # With "auto" the first student tells whether columns have knots.
        n_bins = getattr(self._model.encoder, "n_bins", None)
        if is_auto(self._model.hidden_layer_sizes):
            return Size(None, n_bins)
        return Size(tuple(hidden_units(self._model)), n_bins)

    @property
    def _is_sparse(self):
        return issparse(self._data.rows.X)

    def _try(self, sizes, n_jobs):
        """Train students of the sizes not tried yet, and tell if there were any."""
        sizes = [size for size in dict.fromkeys(sizes) if size not in self._trials]
        calls = [partial(self._train, size) for size in sizes]
        trained = list(side_by_side(calls, n_jobs))
        for size, (model, recipe, texts) in zip(sizes, trained, strict=True):
            if self._recipe is None:
                # Students of all sizes read texts alike.
                self._recipe, self._data = recipe, self._data._replace(texts=texts)
            if size.hidden is not None:
                size = self._with_terms(size, model.student_)
            self._trials[size] = self._measure(size, model)
        return bool(sizes)

    def _train(self, size):
        """Return a fitted copy with another size, its recipe and scores of texts."""
        started = perf_counter()
        model = copy.copy(self._model)
        recipe = self._recipe
        if size.hidden is not None:
            model.hidden_layer_sizes = size.hidden
            if self._is_sparse and not size.hidden:
                # Its decay is another, and depends on the number of columns.
                model.max_terms, recipe = size.n_terms or model.max_terms, None
        model.weight_dtype = "float32" if self._all_dtypes else self._model.weight_dtype
        if size.n_bins is not None:
            encoder = (
                TabularEncoder() if model.encoder == "auto" else clone(model.encoder)
            )
            model.encoder = encoder.set_params(n_bins=size.n_bins)
        with FitRun.silent(model) as run:
            trained = train_student(
                self._data, model, run, recipe=recipe, keeps_interrupted=False
            )
            publish(model, trained)
        model.hidden_layer_sizes = _hidden_of(model.student_)
        if model.encoder_ is not None:
            # A clone that is fitted on other rows has the same size.
            model.encoder = clone(model.encoder_)
        model.fit_seconds_ += perf_counter() - started
        return model, trained.recipe, trained.texts

    @property
    def _all_dtypes(self):
        return self._model.weight_dtype == "auto"

    def _measure(self, size, model):
        """Return a trial of a student for each type of weights that is tried."""
        rows = _rows_to_time(model.student_, self._validation.X)
        task = self._data.task
        predict = getattr(model.student_, task.method)
        seconds = row_seconds(predict, rows, _TIMING_SECONDS)
        students = [model.student_]
        if self._all_dtypes:
            students = _in_each_type(model.student_)
        trials = []
        for student in students:
            answers = task.answers_of(student, self._validation.X)
            measured = self._scorer.measure(answers)
            trials.append(Trial(size, model, student, 1e6 * seconds, measured))
        return trials

    def _row(self, trial, best):
        """Return the row of a trial, before `meets` is set."""
        measured, student = trial.measured, trial.student
        return TriedStudent(
            hidden_layer_sizes=trial.size.hidden,
            n_bins=_count_bins(student),
            weight_dtype=student.weight_dtype,
            bytes=student.nbytes,
            microseconds=trial.microseconds,
            score=measured.score,
            points_lost=self.points * (self._teacher.score - measured.score),
            points_lost_error=self.points
            * self._scorer.standard_error(measured, self._teacher),
            points_behind=self.points * (best.score - measured.score),
            points_behind_error=self.points
            * self._scorer.standard_error(measured, best),
            n_terms=None
            if student.kept_columns is None
            else len(student.kept_columns.places),
        )

    def _all_trials(self):
        """Return all trials, from the largest student on."""
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


def _gather_data(model, rows, unlabeled):
    """Fit the teacher if it is not fitted yet, and ask it for all answers."""
    validate_parameters(model)
    arguments = FitArguments(
        rows.X,
        rows.y,
        rows.weights,
        rows.proba,
        teacher_X=rows.teacher_X,
        teacher_y=rows.teacher_y,
        answers_name=model.targets.answers_name,
        **unlabeled._asdict(),
    )
    check_arguments(model, arguments)
    model.warm_start = False
    with FitRun.silent(model) as run:
        own = model.cv is not None and not is_automatic(model.cv)
        if not own and not is_used_as_given(model.teacher):
            # A teacher that is given fitted is calibrated without a fit of a clone.
            fit_params = route_metadata(model, rows.weights).fit
            model.teacher = fit_teacher(
                model.one_teacher,
                rows.X if rows.teacher_X is None else rows.teacher_X,
                rows.y if rows.teacher_y is None else rows.teacher_y,
                fit_params,
                run.random.teacher,
                kind=model.kind_of_task(rows.y),
                is_default=model.teacher is None,
            )
            arguments = arguments._replace(teacher_y=None)
        data = gather_data(model, arguments, run)
        model.fit_seconds_ = run.seconds
    return data


def _in_each_type(student):
    """Return a student with its weights in each type that can hold them."""
    students = []
    for dtype in WEIGHT_DTYPES[:-1]:
        try:
            students.append(quantize(student, dtype).student)
        except ValueError:
            continue  # A weight is too large for the type.
    return [*students, student]


def _count_bins(student):
    """Return the number of bins between a student's knots."""
    if student.input_code is None:
        return 0
    return sum(len(knots) - 1 for knots in student.input_code.knots)


def _hidden_of(student):
    """Return the number of units of each hidden layer."""
    return tuple(student.layer_units[1:-1])


def _rows_to_time(student, X):
    """Return a few rows, in the form that a student converts fastest."""
    few = safe_indexing(X, slice(0, _TIMED_ROWS))
    if issparse(few):
        return few
    code = student.input_code
    if code is not None and code.reads_cells:
        return np.asarray(few, dtype=object)
    return student.numbers(few)
