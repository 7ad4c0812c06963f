"""Requirement that a student has to meet, and the students that were tried."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np

from skdistill.model_selection.validation_score import POINTS

# Points that a student may lose against the teacher if the user gives no limit.
_MOST_LOST = 0.5
_MOST_LOST_OF_ERRORS = 5.0

# Points that a student may lose against the best student in addition to those that it
# may lose against the teacher.
_MOST_BEHIND = 0.5

# A shortfall that is not greater than this comes from rounding.
_ROUNDING = 1e-9


class TriedStudent(NamedTuple):
    """A student that was tried, as a row of the table of all students.

    All parameters are stored as attributes.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int
        Numbers of units in the hidden layers.
    n_bins : int
        Number of bins between the knots of all columns.
    weight_dtype : {"int8", "float16", "float32"}
        Type of the stored weights.
    bytes : int
        Size of the student, `Student.nbytes`.
    microseconds : float
        Median time of a prediction for one row.
    score : float
        Score on the validation rows.
    points_lost : float
        Difference of the teacher's score minus the student's, times 100. If numbers are
        scored by an error, it is the growth of the error, in percent of the teacher's.
    points_lost_error : float
        Standard error of this difference, over the validation rows. NaN if it is
        unknown, because the score is not defined on most draws of these rows.
    points_behind : float
        Difference of the best student's score minus this student's, in the same points.
    points_behind_error : float
        Standard error of this difference, likewise. If it is NaN, the student does not
        meet a limit of points lost.
    meets : bool
        Whether the student meets the requirement.
    n_terms : int or None
        Number of columns of sparse rows that a pruned student reads. None if the
        student reads all columns.
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
    n_terms: int | None = None

    def __str__(self) -> str:
        units = "-".join(map(str, self.hidden_layer_sizes)) or "no"
        terms = "" if self.n_terms is None else f"{self.n_terms:,} columns, "
        return f"{units} hidden units, {self.n_bins} bins, {terms}{self.weight_dtype}"

    @property
    def cost(self) -> str:
        """Size and time of the student, in words."""
        return f"{self.bytes:,} bytes and {self.microseconds:.1f} microseconds a row"


class RequirementNotMetError(ValueError):
    """Error: no student that was tried meets the requirement.

    Parameters
    ----------
    message : str
        Text of the error.
    path : sequence of TriedStudent, default=()
        All students that were tried, the largest first.

    Attributes
    ----------
    path : tuple of TriedStudent
        All students that were tried, the largest first.
    """

    def __init__(self, message: str, path: Sequence[TriedStudent] = ()) -> None:
        super().__init__(message)
        self.path = tuple(path)


@dataclass(frozen=True)
class Requirement:
    """Limits that a student has to keep. A limit of None allows anything.

    Attributes
    ----------
    max_points_lost : float or None
        Greatest number of points that a student may lose against the teacher. Against
        the best student it may lose half a point more, and there one standard error
        of the difference is added to its loss.
    min_score : float or None
        Least score.
    max_bytes : float or None
        Greatest size in bytes.
    max_microseconds : float or None
        Greatest time of a prediction for one row.
    min_share : float or None
        Least share of the teacher's score.
    max_mse_ratio : float or None
        Greatest ratio of the student's mean squared error to the teacher's. The score
        is R².
    points_in_a_unit : float
        Number of points in a unit of the score.
    """

    max_points_lost: float | None = None
    min_score: float | None = None
    max_bytes: float | None = None
    max_microseconds: float | None = None
    min_share: float | None = None
    max_mse_ratio: float | None = None
    points_in_a_unit: float = POINTS

    def of_points(self, points_in_a_unit: float) -> Self:
        """Return the requirement of a score, with a limit of points if none was given.

        Parameters
        ----------
        points_in_a_unit : float
            Number of points in a unit of the score.

        Returns
        -------
        requirement : Requirement

        Raises
        ------
        ValueError
            If a share of the score is required, and the score is an error.
        """
        is_error = points_in_a_unit != POINTS
        if is_error and self.min_share is not None:
            raise ValueError(
                f"min_share={self.min_share!r} is a share of the teacher's score, and "
                "scoring counts errors, of which less is better. Give max_points_lost: "
                "5 allows an error 5 % greater than the teacher's"
            )
        lost = self.max_points_lost
        others = (self.min_score, self.min_share, self.max_mse_ratio)
        if lost is None and all(limit is None for limit in others):
            lost = _MOST_LOST_OF_ERRORS if is_error else _MOST_LOST
        return replace(self, max_points_lost=lost, points_in_a_unit=points_in_a_unit)

    def __str__(self) -> str:
        texts = {
            self._points_in_words: self.max_points_lost,
            "a score of at least {:g}": self.min_score,
            "at least {:g} of the teacher's score": self.min_share,
            "at most {:g} times the teacher's squared error": self.max_mse_ratio,
            "at most {:,g} bytes": self.max_bytes,
            "at most {:g} microseconds": self.max_microseconds,
        }
        given = {t: value for t, value in texts.items() if value is not None}
        return ", ".join(text.format(value) for text, value in given.items())

    @property
    def _points_in_words(self):
        """Words on the points that may be lost, and on their size for an error."""
        if self.points_in_a_unit == POINTS:
            return "at most {:g} points lost"
        return "at most {:g} points lost, each 1 % of the teacher's error"

    @property
    def max_points_behind(self) -> float | None:
        """Greatest loss against the best student, including a standard error."""
        if self.max_points_lost is None:
            return None
        return self.max_points_lost + _MOST_BEHIND

    def points_short(self, tried: TriedStudent) -> float:
        """Return the points that a student lacks; 0 if its score is good enough.

        They are infinite if the score or the needed standard error is unknown.
        """
        short = [0.0]
        if self.max_points_lost is not None:
            short.append(tried.points_lost - self.max_points_lost)
        if self.max_points_behind is not None:
            behind = tried.points_behind + tried.points_behind_error
            short.append(behind - self.max_points_behind)
        least = self.least_score(tried)
        if least is not None:
            short.append(self.points_in_a_unit * (least - tried.score))
        most = np.max(short)  # It is NaN if one of them is.
        if np.isnan(most):
            return np.inf
        return float(most) if most > _ROUNDING else 0.0

    def least_score(self, tried: TriedStudent) -> float | None:
        """Return the score that a student needs by all limits but points lost."""
        teacher = tried.score + tried.points_lost / self.points_in_a_unit
        needed = [] if self.min_score is None else [self.min_score]
        if self.min_share is not None:
            needed.append(self.min_share * teacher)
        if self.max_mse_ratio is not None:
            # R² is 1 less the mean squared error by the variance of y.
            needed.append(1.0 - self.max_mse_ratio * (1.0 - teacher))
        return max(needed) if needed else None

    def is_affordable(self, tried: TriedStudent) -> bool:
        """Tell whether a student keeps the limits of bytes and time."""
        allowed = (
            (tried.bytes, self.max_bytes),
            (tried.microseconds, self.max_microseconds),
        )
        return all(most is None or taken <= most for taken, most in allowed)

    def check(self, path: Sequence[TriedStudent], explanation: str = "") -> None:
        """Raise unless a student meets the requirement.

        Parameters
        ----------
        path : sequence of TriedStudent
            All students that were tried.
        explanation : str, default=""
            Possible reason, which the error adds.

        Raises
        ------
        RequirementNotMetError
            If no student meets the requirement. The error says how near they came.
        """
        if any(tried.meets for tried in path):
            return
        texts = [f"no student of {len(path)} meets the requirement, {self}."]
        good = [tried for tried in path if not self.points_short(tried)]
        affordable = [tried for tried in path if self.is_affordable(tried)]
        if good:
            least = min(good, key=lambda tried: tried.bytes)
            texts.append(
                f"The smallest student with a good score, {least}, takes {least.cost}."
            )
        if affordable:
            nearest = min(affordable, key=self.points_short)
            within = " student within the budget" if good else " student"
            texts.append(
                f"The nearest{within}, {nearest}, has a score of {nearest.score:.4f}: "
                f"{self.points_short(nearest):.2f} points short."
            )
            texts += self._reasons(nearest)
        else:
            least = min(path, key=lambda tried: tried.bytes)
            fastest = min(path, key=lambda tried: tried.microseconds)
            texts.append(
                f"None is within the budget: the smallest takes {least.cost}, and the "
                f"fastest takes {fastest.cost}."
            )
        raise RequirementNotMetError(" ".join([*texts, explanation]).strip(), path)

    def _reasons(self, tried):
        """Return a sentence for each limit that a score breaks, and what would do."""
        reasons = []
        needed = [0.0 if self.max_points_lost is None else self.max_points_lost]
        if self.max_points_lost is not None:
            if tried.points_lost > self.max_points_lost + _ROUNDING:
                needed.append(tried.points_lost)
                reasons.append(
                    f"It loses {tried.points_lost:.2f} points to the teacher (standard "
                    f"error {tried.points_lost_error:.2f})."
                )
            behind = tried.points_behind + tried.points_behind_error
            if np.isnan(behind):
                reasons.append(
                    f"It is {tried.points_behind:.2f} points behind the best student, "
                    "with an unknown standard error: the score is not defined on most "
                    "draws of the validation rows. Give more validation rows, or "
                    "another scoring."
                )
            if behind > self.max_points_behind + _ROUNDING:
                needed.append(behind - _MOST_BEHIND)
                reasons.append(
                    f"It is {tried.points_behind:.2f} points behind the best student, "
                    f"with the standard error {behind:.2f}; allowed are "
                    f"{self.max_points_behind:g}."
                )
        if len(needed) > 1:
            enough = np.ceil(100.0 * max(needed) - _ROUNDING) / 100.0
            reasons.append(f"max_points_lost={enough:g} would allow it.")
        return reasons + self._reasons_of_score(tried)

    def _reasons_of_score(self, tried):
        """Return a sentence for each limit of the score, or of its share."""
        reasons = []
        score = tried.score
        teacher = score + tried.points_lost / self.points_in_a_unit
        if self.min_score is not None and score < self.min_score:
            enough = np.floor(1e4 * score) / 1e4
            reasons.append(f"min_score={enough:g} would allow it.")
        if self.min_share is not None and score < self.min_share * teacher:
            enough = np.floor(1e4 * score / teacher) / 1e4
            reasons.append(
                f"The teacher has {teacher:.4f}: min_share={enough:g} would allow it."
            )
        if self.max_mse_ratio is not None and teacher < 1.0:
            ratio = (1.0 - score) / (1.0 - teacher)
            if ratio > self.max_mse_ratio:
                enough = np.ceil(1e4 * ratio) / 1e4
                reasons.append(
                    f"Its squared error is {ratio:.4f} times the teacher's: "
                    f"max_mse_ratio={enough:g} would allow it."
                )
        return reasons
