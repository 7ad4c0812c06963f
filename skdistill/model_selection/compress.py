"""The smallest student that meets a requirement."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from skdistill.common.text import paragraph, text_table
from skdistill.estimators.distillation import Distillation
from skdistill.model_selection.checks import (
    check_estimator,
    check_mse_ratio,
    check_requirement,
    split_rows,
    stored_answers,
)
from skdistill.model_selection.labelled_rows import LabelledRows, UnlabeledRows
from skdistill.model_selection.requirement import Requirement, TriedStudent
from skdistill.model_selection.search import Search
from skdistill.student.student import Student
from skdistill.teachers.scikit_learn import is_fitted

_HEADS = (
    *("hidden", "bins", "columns", "weights", "bytes", "µs", "score"),
    *("points lost", "behind best", "meets"),
)
_COLUMNS = _HEADS.index("columns")


@dataclass(frozen=True, repr=False)
class Compression:
    """The smallest student that meets a requirement, and all that were tried.

    `compress_to` returns this object. All parameters are stored as attributes.

    Parameters
    ----------
    estimator_ : DistilledClassifier or DistilledRegressor
        Fitted estimator of the chosen student. Its parameters give the student its
        size. Its teacher is the one that was given, so that a clone can be fitted on
        all rows.
    chosen_ : TriedStudent
        Row of the chosen student in the table.
    path_ : tuple of TriedStudent
        Rows of all students that were tried, the largest first.
    students_ : tuple of Student
        Students of these rows.
    requirement_ : Requirement
        Requirement that the chosen student meets.
    teacher_score_ : float
        Score of the teacher on the validation rows.
    n_validation_rows_ : int
        Number of validation rows.
    n_undefined_draws_ : int, default=0
        Number of 100 draws of these rows on which the teacher's score is not defined,
        such as an area under the curve of a label that no row of the draw has. The
        standard errors leave these draws out. They are unknown, NaN, if more than half
        of the draws are left out. Then a student other than the best meets no limit of
        points lost.
    """

    estimator_: Distillation
    chosen_: TriedStudent
    path_: tuple[TriedStudent, ...]
    students_: tuple[Student, ...]
    requirement_: Requirement
    teacher_score_: float
    n_validation_rows_: int
    n_undefined_draws_: int = 0

    def table(self) -> dict[str, list[Any]]:
        """Return the path as columns, for a DataFrame or a display.

        Returns
        -------
        table : dict of str to list
            Fields of `TriedStudent` by name, with a value for each student.
        """
        columns = zip(*self.path_, strict=True)
        return {
            name: list(values)
            for name, values in zip(TriedStudent._fields, columns, strict=True)
        }

    def __repr__(self) -> str:
        return (
            f"<Compression to {self.chosen_}, {self.chosen_.cost}, one of "
            f"{len(self.path_)} students tried>"
        )

    def __str__(self) -> str:
        rows = [_row_of(tried, tried is self.chosen_) for tried in self._different()]
        intro = [
            f"{self.requirement_}, on {self.n_validation_rows_:,} rows. The teacher "
            f"has a score of {self.teacher_score_:.4f}"
        ]
        behind = self.requirement_.max_points_behind
        if behind is not None:
            intro.append(
                f"and at most {behind:g} points behind the best student, with the "
                "standard error added"
            )
        if self.n_undefined_draws_:
            intro.append(
                f"The score is not defined on {self.n_undefined_draws_} of 100 draws "
                "of the rows, which the standard errors leave out. An error is "
                'unknown, "?", if more than half of the draws are left out'
            )
        heads = _HEADS
        if all(tried.n_terms is None for tried in self.path_):
            heads, *rows = (
                (*row[:_COLUMNS], *row[_COLUMNS + 1 :]) for row in (heads, *rows)
            )
        lines = [*map(paragraph, intro), "", text_table("", heads, rows)]
        n_left_out = len(self.path_) - len(rows)
        if n_left_out:
            lines += ["", f"{n_left_out} more students are equal to one of these."]
        return "\n".join(lines)

    def _different(self) -> list[TriedStudent]:
        """Return the rows of the path without those that differ in time alone."""
        rows: dict[Any, TriedStudent] = {}
        for tried in self.path_:
            key = tried._replace(microseconds=0.0)
            if key not in rows or tried is self.chosen_:
                rows[key] = tried
        return list(rows.values())


def _row_of(tried, is_chosen):
    """Return the cells of a student in the text of a compression."""
    return (
        "-".join(map(str, tried.hidden_layer_sizes)) or "none",
        str(tried.n_bins),
        "all" if tried.n_terms is None else f"{tried.n_terms:,}",
        tried.weight_dtype,
        f"{tried.bytes:,}",
        f"{tried.microseconds:.1f}",
        f"{tried.score:.4f}",
        _with_error(tried.points_lost, tried.points_lost_error),
        _with_error(tried.points_behind, tried.points_behind_error),
        "chosen" if is_chosen else "yes" if tried.meets else "no",
    )


def _with_error(points, error):
    """Return points and their standard error as a text."""
    return f"{points:.2f} ±" + ("?" if np.isnan(error) else f"{error:.2f}")


def compress_to(
    estimator: Distillation,
    X: Any,
    y: ArrayLike,
    *,
    max_points_lost: float | None = None,
    min_score: float | None = None,
    max_bytes: float | None = None,
    max_microseconds: float | None = None,
    min_share: float | None = None,
    max_mse_ratio: float | None = None,
    scoring: str | Callable[..., float] | None = None,
    validation_fraction: float = 0.25,
    validation_data: tuple[Any, ...] | None = None,
    sample_weight: ArrayLike | None = None,
    teacher_proba: ArrayLike | None = None,
    teacher_prediction: ArrayLike | None = None,
    X_unlabeled: Any = None,
    teacher_X: Any = None,
    teacher_y: Any = None,
    teacher_X_unlabeled: Any = None,
    teacher_proba_unlabeled: ArrayLike | None = None,
    teacher_prediction_unlabeled: ArrayLike | None = None,
    random_state: int | np.random.RandomState | None = None,
    n_jobs: int | None = None,
) -> Compression:
    """Find the smallest student that meets a requirement.

    The teacher is fitted once, unless it is fitted already, and asked once: all
    students learn from the same answers. They are tried on rows that neither teacher
    nor student was trained on. The search begins with the student of the estimator's
    own parameters and continues with fewer and fewer hidden units and bins. Then it
    halves the units and the bins of the smallest student that is good enough. If no
    student is good enough, it tries larger ones. With fewer bins, the columns that are
    least important to the teacher get no knots. If no column has knots, as with sparse
    rows, or because `fit` chooses none, a student without hidden units is tried too. A
    linear student of sparse rows has the size of its columns: it is tried with fewer
    and fewer of them, as `max_terms` keeps them.
    Each student is measured with its weights in 8 bits, in float16 and in float32.

    A student may lose `max_points_lost` against the teacher. If there are few
    validation rows, the teacher may have a bad score by chance, and some of many
    students a good one. Therefore a student is also compared with the best student:
    the difference of their scores plus one standard error must not be greater than
    `max_points_lost` plus half a point. `min_score`, `min_share` and `max_mse_ratio`
    are compared with the measured scores alone.

    Parameters
    ----------
    estimator : DistilledClassifier or DistilledRegressor
        Estimator of the first student. The search begins with its
        `hidden_layer_sizes` and the bins of its `encoder`. All students have its
        `weight_dtype`, unless it is "auto".
    X : table of shape (n_samples, n_features)
        Rows, as `DistilledClassifier.fit` takes them.
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
        Labels, label sets as 0 and 1, or numbers.
    max_points_lost : float, default=None
        Greatest difference of the teacher's score minus the student's, times 100: a
        difference of 0.005 in accuracy or R² is half a point. If numbers are scored by
        an error, such as "neg_mean_absolute_error", a point is 1 % of the teacher's
        error, whatever the unit of y: 5 allows an error 5 % greater. A score of numbers
        counts as an error if it is negative, and 0 for exact answers. None for 0.5, or
        5 of an error, or for no such limit if `min_score`, `min_share` or
        `max_mse_ratio` is given.
    min_score : float, default=None
        Least score.
    max_bytes : float, default=None
        Greatest size by `Student.nbytes`, which is a little less than the file. The
        file of a student of texts deflates its weights, and may have fewer bytes.
    max_microseconds : float, default=None
        Greatest time of `Student.predict_proba` for one row, in microseconds. Numbers
        are given to it as an array of float32, a table with categories as an array of
        objects. The time is measured and varies with the machine.
    min_share : float, default=None
        Least share of the teacher's score: 0.98 of an R² of 0.9 is 0.882. Refused if
        the score is an error.
    max_mse_ratio : float, default=None
        Greatest ratio of the student's mean squared error to the teacher's, for a
        regressor that is scored by R². 1.05 lets the error grow by 5 %.
    scoring : str or callable, default=None
        Score, as in `cross_val_score`. None for accuracy of classes, R² of numbers, D²
        of quantiles. Accuracy of label sets is the share of the rows of which all
        labels are right; with many labels "f1_macro" or "roc_auc" tell students apart
        better. A callable is given an object with `predict` and, for classes and
        label sets, `classes_` and `predict_proba`.
    validation_fraction : float, default=0.25
        Share of the rows that is held out, stratified by class. Not used with
        `validation_data`.
    validation_data : tuple, default=None
        Rows and labels to validate on, ``(X, y)``, in place of held-out ones. With
        `teacher_X` it is ``(X, y, teacher_X)``.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows, in training and in validation.
    teacher_proba : array-like of shape (n_samples, n_classes), default=None
        Probabilities of a teacher that is "precomputed", as in `fit`.
    teacher_prediction : array-like of n_samples rows, default=None
        Numbers of a teacher that is "precomputed", as in `fit` of a regressor.
    X_unlabeled : table of shape (n_unlabeled, n_features), default=None
        Rows without labels, as in `fit`.
    teacher_X : array-like of n_samples rows, default=None
        Rows of the teacher, if it reads others than the student, as in `fit`.
    teacher_y : array-like of n_samples rows, default=None
        Labels that an unfitted teacher is fitted on, in place of y, as in `fit`.
    teacher_X_unlabeled : array-like of n_unlabeled rows, default=None
        Rows of the teacher that belong to `X_unlabeled`, as in `fit`.
    teacher_proba_unlabeled : array-like of shape (n_unlabeled, n_classes), default=None
        Probabilities of the teacher for `X_unlabeled`, as in `fit`.
    teacher_prediction_unlabeled : array-like of n_unlabeled rows, default=None
        Numbers of the teacher for `X_unlabeled`, as in `fit` of a regressor.
    random_state : int, RandomState instance or None, default=None
        Seed of the split. It is also the seed of the students if the `random_state`
        of the estimator is not an integer.
    n_jobs : int or None, default=None
        Number of threads that train students. The result is the same for any number.

    Returns
    -------
    compression : Compression
        Chosen student, and the table of all that were tried.

    Raises
    ------
    RequirementNotMetError
        If no student meets the requirement. The error says how near they came, and
        its `path` is the table.
    TypeError
        If the estimator is no distilled one.
    ValueError
        If an argument is out of range or does not fit the others, or if the score of
        the teacher is not finite.

    Notes
    -----
    A teacher that was fitted before knows the rows that it was fitted on. On these rows
    it has a better score than on new rows, and no student can keep up with it. Give an
    unfitted teacher, or rows that are new to the teacher.

    The student was trained without the validation rows. ``clone(estimator_).fit(X, y)``
    trains a student of the same size on all rows.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skdistill import DistilledClassifier, compress_to
    >>> X, y = load_digits(return_X_y=True)
    >>> model = DistilledClassifier(RandomForestClassifier(50), random_state=0)
    >>> found = compress_to(model, X, y, max_points_lost=1, random_state=0)
    >>> found.chosen_.bytes < 10_000 < found.path_[0].bytes
    True
    >>> len(found.estimator_.predict(X[:3]))
    3
    """
    requirement = check_requirement(
        max_points_lost,
        min_score,
        max_bytes,
        max_microseconds,
        min_share,
        max_mse_ratio,
    )
    random = check_random_state(random_state)
    highest = np.iinfo(np.int32).max
    split_seed, seed = (int(random.randint(highest)) for _ in range(2))
    model = check_estimator(estimator, seed)
    targets = model.targets
    stored, stored_unlabeled = stored_answers(
        targets,
        {"teacher_proba": teacher_proba, "teacher_prediction": teacher_prediction},
        {
            "teacher_proba_unlabeled": teacher_proba_unlabeled,
            "teacher_prediction_unlabeled": teacher_prediction_unlabeled,
        },
    )
    check_mse_ratio(max_mse_ratio, model, scoring)
    rows = LabelledRows.check(
        targets, X, y, sample_weight, stored, teacher_X, teacher_y
    )
    training, validation = split_rows(
        rows, targets, validation_fraction, validation_data, split_seed, y
    )
    unlabeled = UnlabeledRows(X_unlabeled, teacher_X_unlabeled, stored_unlabeled)
    search = Search(model, training, validation, unlabeled, scoring, y)
    requirement = requirement.of_points(search.points)
    search.run(requirement, n_jobs)
    return _smallest(search, requirement, estimator, validation, validation_data)


def _smallest(search, requirement, estimator, validation, validation_data):
    """Return the smallest student that meets the requirement, and all others."""
    path, students = search.table(requirement)
    requirement.check(path, _explain(estimator, requirement, validation_data))
    chosen = min(
        (index for index, tried in enumerate(path) if tried.meets),
        key=lambda index: (path[index].bytes, -path[index].score),
    )
    return Compression(
        search.estimator(students[chosen], estimator.teacher),
        path[chosen],
        path,
        tuple(trial.student for trial in students),
        requirement,
        search.teacher_score,
        len(validation.y),
        search.n_undefined_draws,
    )


def _explain(estimator, requirement, validation_data):
    """Return a possible reason why no student comes near the teacher, as a text."""
    if (
        requirement.max_points_lost is None
        or validation_data is not None
        or not is_fitted(estimator.teacher)
    ):
        return ""
    return (
        "The teacher was given fitted: if it was fitted on these rows, it knows their "
        "labels. Give an unfitted teacher, or rows that are new to it."
    )
