"""Scorers of a student's size and of its teacher, for a search of scikit-learn's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike
from sklearn.utils.metadata_routing import MetadataRequest

from skdistill.estimators.find import (
    check_teacher_answers,
    find_in_units_of_y,
    rows_of_teacher,
    teacher_of,
)
from skdistill.estimators.label_names import check_order_of_columns
from skdistill.model_selection.known_answers import known_model, scorer_of
from skdistill.teachers.decisions import warn_of_doubt

_ADVICE_ON_SEARCH = (
    "A search hands it on if metadata routing is enabled: "
    "sklearn.set_config(enable_metadata_routing=True)"
)


def student_bytes(estimator: Any, X: Any = None, y: ArrayLike | None = None) -> int:
    """Return the bytes of a student: a scorer that measures size.

    Parameters
    ----------
    estimator : DistilledClassifier, DistilledRegressor, Pipeline or search
        Fitted. A pipeline ends in a distilled estimator. A search is represented by its
        `best_estimator_`.
    X, y : object, default=None
        Ignored. scikit-learn gives them to every scorer.

    Returns
    -------
    n_bytes : int
        Size of weights, scales, biases and knots, as `Student.nbytes` has it.

    Raises
    ------
    TypeError
        If there is no distilled estimator.
    """
    return find_in_units_of_y(estimator)[0].student_.nbytes


def teacher_score(
    estimator: Any,
    X: Any,
    y: ArrayLike,
    *,
    teacher_X: Any = None,
    scoring: Any = None,
) -> float:
    """Return the score of a student's teacher: a scorer to use beside the student's.

    Parameters
    ----------
    estimator : DistilledClassifier, DistilledRegressor, Pipeline or search
        Fitted. A pipeline ends in a distilled estimator. A search is represented by its
        `best_estimator_`.
    X : table of shape (n_samples, n_features)
        Rows that the teacher is asked about.
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
        Labels, or numbers.
    teacher_X : array-like of n_samples rows, default=None
        Rows of the teacher, if it reads others than the student: see
        `DistilledClassifier.fit`. A search or a cross-validation cuts them and hands
        them on if metadata routing is enabled.
    scoring : str or callable, default=None
        Score, as in `cross_val_score`. None for that of the estimator's `score`:
        accuracy of classes and of label sets, R² of numbers, D² of quantiles. For
        another score give ``make_teacher_scorer(scoring)`` to the search.

    Returns
    -------
    score : float
        Score of the teacher. A score of labels, such as accuracy, takes the labels of
        the teacher's own `predict`.

    Raises
    ------
    TypeError
        If there is no distilled estimator.
    ValueError
        If a label or number is missing, if the teacher is "precomputed" and cannot be
        asked, or if `teacher_X` does not suit the teacher.
    """
    model, transform, units = find_in_units_of_y(estimator)
    model.targets.check_whole(y)
    check_order_of_columns(y, model.task_)
    check_teacher_answers(model, "compare with the best student, by of='best'")
    X = transform(X)
    rows = rows_of_teacher(model, X, teacher_X, _ADVICE_ON_SEARCH)
    teacher = teacher_of(model)
    answers = teacher.ask(rows, model.task_)
    decided = teacher.decide(rows, answers, model.task_)
    warn_of_doubt(teacher)
    known = known_model(model).with_answers(units.of_answers(answers), decided)
    return float(scorer_of(known, scoring)(known, X, y))


def _requests_of_teacher_score():
    """Return the metadata that `teacher_score` requests from a search."""
    request = MetadataRequest(owner=teacher_score.__name__)
    request.score.add_request(param="teacher_X", alias=True)
    return request


# scikit-learn looks here. So a user need not set the request of the scorer.
vars(teacher_score)["get_metadata_routing"] = _requests_of_teacher_score


def make_teacher_scorer(scoring: Any) -> Callable[..., float]:
    """Make a scorer of a student's teacher, for another score than its own.

    Parameters
    ----------
    scoring : str or callable
        Score, as in `cross_val_score`.

    Returns
    -------
    scorer : callable
        Function ``scorer(estimator, X, y, teacher_X=None)``. It returns what
        `teacher_score` returns with this `scoring`. A search hands `teacher_X` to it if
        metadata routing is enabled.

    Raises
    ------
    ValueError
        If a call of the scorer finds that `teacher_score` cannot be computed.

    See Also
    --------
    teacher_score : Scorer of accuracy, of R² or of D².

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_validate
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skdistill import DistilledClassifier
    >>> from skdistill.model_selection import make_teacher_scorer
    >>> X, y = load_iris(return_X_y=True)
    >>> scores = cross_validate(
    ...     DistilledClassifier(GaussianNB(), max_iter=20, random_state=0),
    ...     X,
    ...     y,
    ...     scoring={"teacher": make_teacher_scorer("neg_log_loss")},
    ... )
    >>> bool(scores["test_teacher"].mean() > -0.2)
    True
    """
    return _TeacherScorer(scoring)


@dataclass(frozen=True)
class _TeacherScorer:
    """Callable that `make_teacher_scorer` returns."""

    scoring: Any

    def __call__(
        self, estimator: Any, X: Any, y: ArrayLike, teacher_X: Any = None
    ) -> float:
        return teacher_score(estimator, X, y, teacher_X=teacher_X, scoring=self.scoring)

    def get_metadata_routing(self) -> MetadataRequest:
        return _requests_of_teacher_score()
