"""Models whose answers are known, so that scorers need not ask the models."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.metrics import check_scoring

from skdistill.common.labels import label_columns
from skdistill.estimators.regression import score_of_numbers
from skdistill.tasks.label_sets import LabelSetting
from skdistill.training.scores import check_score_suits


class KnownAnswers(ClassifierMixin, BaseEstimator):
    """A classifier whose answers are known.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Labels of the columns.
    proba : ndarray of shape (n_samples, n_classes) or None, default=None
        Probabilities of the rows that a scorer asks about. None before they are known.
    decided : ndarray of shape (n_samples,), int, or None, default=None
        Columns that the classifier decides for. None for the most probable ones.
    """

    #: Kind of the task: see `Task.kind`.
    kind: ClassVar[str] = "classes"

    #: Scores that are the mean of a number for each row, `row_scores`.
    scores_of_rows: ClassVar[tuple[Any, ...]] = (None, "accuracy")

    def __init__(
        self,
        classes: NDArray[Any],
        proba: NDArray[Any] | None = None,
        decided: NDArray[np.intp] | None = None,
    ) -> None:
        self.classes = classes
        self.proba = proba
        self.decided = decided

    def with_answers(
        self, answers: NDArray[Any], decided: NDArray[Any] | None = None
    ) -> "KnownAnswers":
        """Return the same with other answers."""
        return KnownAnswers(self.classes, answers, decided)

    def strata(self, y: NDArray[Any]) -> NDArray[np.intp] | None:
        """Return the stratum of each row: the column of its label."""
        return label_columns(y, self.classes)

    def row_scores(self, y: NDArray[Any]) -> NDArray[np.float64]:
        """Return 1 for each row with the right label, and 0 for the others."""
        return (self._columns() == self.strata(y)).astype(np.float64)

    @property
    def classes_(self) -> NDArray[Any]:
        """Labels of the columns."""
        return self.classes

    def fit(self, X: Any, y: Any = None) -> "KnownAnswers":
        """Do nothing; scikit-learn requires the method of every estimator."""
        return self

    def predict_proba(self, X: Any) -> NDArray[Any] | None:
        """Return the known probabilities."""
        return self.proba

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the labels that the classifier decides for."""
        return self.classes[self._columns()]

    def _columns(self):
        """Return the columns that the classifier decides for."""
        return self.proba.argmax(axis=1) if self.decided is None else self.decided


class KnownLabelSets(ClassifierMixin, BaseEstimator):
    """A classifier of label sets whose answers are known.

    Parameters
    ----------
    n_labels : int
        Number of labels.
    proba : ndarray of shape (n_samples, n_labels) or None, default=None
        Probabilities of the labels of the rows that a scorer asks about. None before
        they are known.
    """

    kind: ClassVar[str] = "label_sets"

    scores_of_rows: ClassVar[tuple[Any, ...]] = (None, "accuracy")

    def __init__(self, n_labels: int, proba: NDArray[Any] | None = None) -> None:
        self.n_labels = n_labels
        self.proba = proba

    def with_answers(self, answers: NDArray[Any], decided: Any = None) -> Any:
        """Return the same with other answers."""
        return KnownLabelSets(self.n_labels, answers)

    def strata(self, y: NDArray[Any]) -> NDArray[np.intp]:
        """Return one stratum for all rows."""
        return np.zeros(len(y), dtype=np.intp)

    def row_scores(self, y: NDArray[Any]) -> NDArray[np.float64]:
        """Return 1 for each row of which all labels are right, 0 for the others."""
        return (self.predict(None) == y).all(axis=1).astype(np.float64)

    @property
    def classes_(self) -> list[NDArray[Any]]:
        """Classes of each label, by which scorers tell label sets from classes."""
        return [np.arange(2)] * self.n_labels

    def fit(self, X: Any, y: Any = None) -> "KnownLabelSets":
        """Do nothing; scikit-learn requires the method of every estimator."""
        return self

    def predict_proba(self, X: Any) -> NDArray[Any] | None:
        """Return the known probabilities."""
        return self.proba

    def predict(self, X: Any) -> NDArray[np.intp]:
        """Return 1 for each label that is more probable than not."""
        return LabelSetting(self.n_labels).decisions(np.asarray(self.proba))


class KnownNumbers(RegressorMixin, BaseEstimator):
    """A regressor whose numbers are known.

    Parameters
    ----------
    score_of : callable
        Function of numbers, y and sample_weight that returns the score of a regressor
        that is given no other one.
    is_flat : bool
        Whether predictions have the shape (n_samples,).
    numbers : ndarray of shape (n_samples, n_columns) or None, default=None
        Numbers for the rows that a scorer asks about. None before they are known.
    """

    kind: ClassVar[str] = "numbers"

    scores_of_rows: ClassVar[tuple[Any, ...]] = ()

    def __init__(
        self,
        score_of: Callable[..., float],
        is_flat: bool,
        numbers: NDArray[Any] | None = None,
    ) -> None:
        self.score_of = score_of
        self.is_flat = is_flat
        self.numbers = numbers

    def with_answers(self, answers: NDArray[Any], decided: Any = None) -> Any:
        """Return the same with other numbers."""
        return KnownNumbers(self.score_of, self.is_flat, answers)

    def strata(self, y: NDArray[Any]) -> NDArray[np.intp]:
        """Return one stratum for all rows."""
        return np.zeros(len(y), dtype=np.intp)

    def fit(self, X: Any, y: Any = None) -> "KnownNumbers":
        """Do nothing; scikit-learn requires the method of every estimator."""
        return self

    def predict(self, X: Any) -> NDArray[Any] | None:
        """Return the known numbers."""
        numbers = self.numbers
        return numbers[:, 0] if self.is_flat and numbers is not None else numbers

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return R², or D² of quantiles."""
        return self.score_of(self.predict(X), y, sample_weight)


def known_model(model: Any) -> KnownAnswers | KnownLabelSets | KnownNumbers:
    """Return a model that answers in the form of a distilled estimator.

    Parameters
    ----------
    model : Distillation
        Fitted estimator, or one whose teacher has answered.

    Returns
    -------
    known : KnownAnswers, KnownLabelSets or KnownNumbers
        Model without answers, which come by `with_answers`.
    """
    kind = model.task_.kind
    if kind == LabelSetting.kind:
        return KnownLabelSets(model.task_.n_columns)
    if kind == "classes":
        return KnownAnswers(model.classes_)
    output = model.task_.output
    score = partial(score_of_numbers, output.quantiles)
    return KnownNumbers(score, output.is_flat)


def scorer_of(known: Any, scoring: Any) -> Any:
    """Return the scorer of models whose answers are known.

    Parameters
    ----------
    known : KnownAnswers, KnownLabelSets or KnownNumbers
    scoring : str, callable or None
        Score, as in `cross_val_score`.

    Returns
    -------
    scorer : callable

    Raises
    ------
    ValueError
        If the score means nothing for such answers.
    """
    check_score_suits(scoring, known.kind)
    return check_scoring(known, scoring)
