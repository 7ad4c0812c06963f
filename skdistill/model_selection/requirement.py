"""What a student is required to reach, and how near students come to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import check_scoring

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.estimators.rows import column_numbers
from skdistill.model_selection.scorers import KnownAnswers
from skdistill.training.stopping import takes_weights

# Draws of the rows by which the error of other scores than accuracy is told.
_DRAWS = 100

# How much more points a student may be behind the best than behind the teacher.
_MOST_BEHIND = 0.5

# What rounding alone adds is no shortfall.
_ROUNDING = 1e-9


class TriedStudent(NamedTuple):
    """A student that was tried, a row of the table of all.

    Its parameters are its attributes.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int
        Units of the hidden layers.
    n_bins : int
        Bins between the knots of all columns.
    weight_dtype : {"int8", "float16", "float32"}
        What the weights are stored in.
    bytes : int
        `Student.nbytes`.
    microseconds : float
        Of a prediction for one row, the median.
    score : float
        On the validation rows.
    points_lost : float
        100 times the teacher's score less the student's.
    points_lost_error : float
        The standard error of this difference, over the validation rows.
    points_behind : float
        100 times the best student's score less the student's.
    points_behind_error : float
        The standard error of this difference.
    meets : bool
        Whether it meets the requirement.
    """

    hidden_layer_sizes: tuple[int, ...]
    n_bins: int
    weight_dtype: str
    bytes: int
    microseconds: float
    score: float
    points_lost: float
    points_lost_error: float
    points_behind: float = 0.0
    points_behind_error: float = 0.0
    meets: bool = False

    def __str__(self) -> str:
        units = "-".join(map(str, self.hidden_layer_sizes)) or "no"
        return f"{units} hidden units, {self.n_bins} bins, {self.weight_dtype}"

    @property
    def cost(self) -> str:
        """What it takes, in words."""
        return f"{self.bytes:,} bytes and {self.microseconds:.1f} microseconds a row"


class RequirementNotMetError(ValueError):
    """No student that was tried meets the requirement.

    Parameters
    ----------
    message : str
    path : sequence of TriedStudent, default=()
        All that were tried, the largest first.

    Attributes
    ----------
    path : tuple of TriedStudent
    """

    def __init__(self, message: str, path: Sequence[TriedStudent] = ()) -> None:
        super().__init__(message)
        self.path = tuple(path)


@dataclass(frozen=True)
class Requirement:
    """What a student has to reach, and what it may take; None for anything.

    Attributes
    ----------
    max_points_lost : float or None
        Against the teacher; against the best student, one standard error of the
        difference added, half a point more.
    min_score : float or None
    max_bytes, max_microseconds : float or None
    """

    max_points_lost: float | None = None
    min_score: float | None = None
    max_bytes: float | None = None
    max_microseconds: float | None = None

    def __str__(self) -> str:
        texts = {
            "at most {:g} points lost": self.max_points_lost,
            "a score of at least {:g}": self.min_score,
            "at most {:,g} bytes": self.max_bytes,
            "at most {:g} microseconds": self.max_microseconds,
        }
        given = {t: value for t, value in texts.items() if value is not None}
        return ", ".join(text.format(value) for text, value in given.items())

    @property
    def max_points_behind(self) -> float | None:
        """How far a student may be behind the best, a standard error added."""
        if self.max_points_lost is None:
            return None
        return self.max_points_lost + _MOST_BEHIND

    def points_short(self, tried: TriedStudent) -> float:
        """Return the points that a student is short of the score; 0 where of none."""
        short = [0.0]
        if self.max_points_lost is not None:
            short.append(tried.points_lost - self.max_points_lost)
        if self.max_points_behind is not None:
            behind = tried.points_behind + tried.points_behind_error
            short.append(behind - self.max_points_behind)
        if self.min_score is not None:
            short.append(100.0 * (self.min_score - tried.score))
        return max(short) if max(short) > _ROUNDING else 0.0

    def is_affordable(self, tried: TriedStudent) -> bool:
        """Tell whether a student takes no more bytes and time than it may."""
        allowed = (
            (tried.bytes, self.max_bytes),
            (tried.microseconds, self.max_microseconds),
        )
        return all(most is None or taken <= most for taken, most in allowed)

    @property
    def _allowed_behind(self) -> str:
        """What a student may be behind the best, in words."""
        if self.max_points_behind is None:
            return ""
        return f" (at most {self.max_points_behind:g}, the standard error added)"

    def check(self, path: Sequence[TriedStudent], note: str = "") -> None:
        """Raise unless a student meets the requirement, and say how near they came.

        Parameters
        ----------
        path : sequence of TriedStudent
        note : str, default=""
            What else an error says.

        Raises
        ------
        RequirementNotMetError
        """
        if any(tried.meets for tried in path):
            return
        texts = [f"no student of {len(path)} meets the requirement, {self}."]
        good = [tried for tried in path if not self.points_short(tried)]
        affordable = [tried for tried in path if self.is_affordable(tried)]
        if good:
            least = min(good, key=lambda tried: tried.bytes)
            texts.append(
                f"The smallest that scores well enough, {least}, takes {least.cost}."
            )
        if affordable:
            nearest = min(affordable, key=self.points_short)
            within = " of those within the budget" if good else ""
            texts.append(
                f"The nearest{within}, {nearest}, has a score of {nearest.score:.4f}, "
                f"{nearest.points_lost:.2f} ± {nearest.points_lost_error:.2f} points "
                f"below the teacher's and {nearest.points_behind:.2f} ± "
                f"{nearest.points_behind_error:.2f} below the best student's"
                f"{self._allowed_behind}: {self.points_short(nearest):.2f} points "
                "short."
            )
        else:
            least = min(path, key=lambda tried: tried.bytes)
            fastest = min(path, key=lambda tried: tried.microseconds)
            texts.append(
                f"None is within the budget: the smallest takes {least.cost}, the "
                f"fastest {fastest.cost}."
            )
        raise RequirementNotMetError(" ".join([*texts, note]).strip(), path)


class Measured(NamedTuple):
    """How a model did on the validation rows.

    Attributes
    ----------
    score : float
    parts : ndarray of shape (n_rows,) or (n_draws,)
        Whether each row is right; of other scores than accuracy, the score of
        each draw of rows.
    """

    score: float
    parts: NDArray[np.float64]


class Judge:
    """Scores models by their probabilities for the validation rows.

    Parameters
    ----------
    X : table of shape (n_rows, n_features)
    y : ndarray of shape (n_rows,)
    classes : ndarray of shape (n_classes,)
    scoring : str, callable or None
        None is accuracy.
    weights : ndarray of shape (n_rows,) or None
        Of the rows; None for equal ones. A callable that does not take them goes
        without.
    """

    def __init__(
        self,
        X: Any,
        y: NDArray[Any],
        classes: NDArray[Any],
        scoring: Any,
        weights: NDArray[np.float64] | None,
    ) -> None:
        self._X = X
        self._y = y
        self._classes = classes
        self._columns = column_numbers(y, classes)
        self._weights = weights
        self._scorer = None
        if scoring not in (None, "accuracy"):
            few = KnownAnswers(classes, np.zeros((1, len(classes))))
            self._scorer = check_scoring(few, scoring)
            if not takes_weights(self._scorer):
                self._weights = None
            self._draws = self._stratified_draws()

    def measure(self, proba: NDArray[Any]) -> Measured:
        """Measure a model.

        Parameters
        ----------
        proba : ndarray of shape (n_rows, n_classes)

        Returns
        -------
        measured : Measured
        """
        if self._scorer is None:
            right = (proba.argmax(axis=1) == self._columns).astype(np.float64)
            return Measured(float(np.average(right, weights=self._weights)), right)
        everything = np.arange(len(self._y))
        parts = [self._score(proba, rows) for rows in self._draws]
        return Measured(self._score(proba, everything), np.array(parts))

    def standard_error(self, one: Measured, other: Measured) -> float:
        """Return the standard error of the difference of two scores.

        Of accuracies that of the mean of the rows' differences, of other scores the
        deviation over 100 draws of rows, with replacement and by class.
        """
        differences = one.parts - other.parts
        if self._scorer is not None:
            return float(differences.std())
        n_rows = len(differences)
        weights = np.ones(n_rows) if self._weights is None else self._weights
        residuals = differences - np.average(differences, weights=weights)
        return float(np.sqrt(np.sum((weights * residuals) ** 2)) / weights.sum())

    def _score(self, proba, rows):
        """Score answers for some of the rows."""
        weights = self._weights
        given = {} if weights is None else {"sample_weight": weights[rows]}
        answers = KnownAnswers(self._classes, proba[rows])
        X = safe_indexing(self._X, rows)
        return float(self._scorer(answers, X, self._y[rows], **given))

    def _stratified_draws(self):
        """Return draws of the rows, each with as many of a class as there are."""
        random = np.random.RandomState(0)
        groups = [np.flatnonzero(self._columns == c) for c in np.unique(self._columns)]
        return [
            np.concatenate([random.choice(group, group.size) for group in groups])
            for _ in range(_DRAWS)
        ]
