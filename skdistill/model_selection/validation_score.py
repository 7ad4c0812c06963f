"""Score of a model on validation rows, and the points that a difference counts."""

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import UndefinedMetricWarning

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.model_selection.known_answers import KnownNumbers, scorer_of
from skdistill.training.scores import takes_weights

# Number of bootstrap draws for the standard error of other scores than accuracy.
_DRAWS = 100

# Least share of the draws that need a score, or the standard error is unknown.
_LEAST_SHARE = 0.5

# Points in a unit of accuracy or R².
POINTS = 100.0

# Share of the teacher's error that rounding leaves to exact answers.
_ROUNDING = 1e-9


class ValidationScore(NamedTuple):
    """Score of a model on the validation rows, with values for its standard error.

    Attributes
    ----------
    score : float
        Score on all validation rows.
    samples : ndarray of shape (n_rows,) or (n_draws,)
        If the score is accuracy, 1 for each row that is right and 0 for the others.
        Otherwise the score on each draw of the rows. It is not finite if the score is
        not defined on the draw, as an area under the curve without positive rows.
    """

    score: float
    samples: NDArray[np.float64]

    @property
    def n_undefined(self) -> int:
        """Number of draws on which the score is not defined."""
        return int(np.count_nonzero(~np.isfinite(self.samples)))


class ValidationScorer:
    """Scores models by their answers for the validation rows.

    Parameters
    ----------
    X : table of shape (n_rows, n_features)
        Validation rows.
    y : ndarray of shape (n_rows,) or (n_rows, n_targets)
        Labels or numbers of the rows.
    known : KnownAnswers, KnownLabelSets or KnownNumbers
        Model without answers, in whose form the models are scored.
    scoring : str, callable or None
        Score, as in `cross_val_score`. None for accuracy, for R², or for D² of
        quantiles.
    weights : ndarray of shape (n_rows,) or None
        Weights of the rows. None for equal weights. A callable that takes no weights
        is called without them.
    """

    def __init__(
        self,
        X: Any,
        y: NDArray[Any],
        known: Any,
        scoring: Any,
        weights: NDArray[np.float64] | None,
    ) -> None:
        self._X = X
        self._y = y
        self._known = known
        self._strata = known.strata(y)
        self._weights = weights
        self._scoring = scoring
        self._has_scored = False
        self._scorer = None
        if scoring not in known.scores_of_rows:
            self._scorer = scorer_of(known, scoring)
            if not takes_weights(self._scorer):
                self._weights = None
            self._draws = self._stratified_draws()

    def measure(
        self, answers: NDArray[Any], decided: NDArray[Any] | None = None
    ) -> ValidationScore:
        """Return the score of a model.

        Of warnings that a score is not defined, only those of the first model and all
        rows are shown: there would be thousands.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_columns)
            Probabilities or numbers of the model for the validation rows.
        decided : ndarray of n_rows rows or None, default=None
            Decisions of the model. None for those that follow from its answers.

        Returns
        -------
        score : ValidationScore
            Score with its samples.
        """
        if self._scorer is None:
            known = self._known.with_answers(answers, decided)
            right = known.row_scores(self._y)
            accuracy = float(np.average(right, weights=self._weights))
            return ValidationScore(accuracy, right)
        with warnings.catch_warnings():
            if self._has_scored:
                _ignore_undefined_scores()
            score = self._score(answers, decided, np.arange(len(self._y)))
            _ignore_undefined_scores()
            samples = [self._score(answers, decided, rows) for rows in self._draws]
        self._has_scored = True
        return ValidationScore(score, np.array(samples))

    def points_in_a_unit(self, teacher: ValidationScore, n_columns: int) -> float:
        """Return the number of points in a unit of the score.

        Parameters
        ----------
        teacher : ValidationScore
        n_columns : int
            Number of columns of the teacher's answers.

        Returns
        -------
        points : float
            100, so that a point of accuracy or R² is 0.01. If numbers are scored by an
            error, whose best value is 0, a point is 1 % of the teacher's error.

        Raises
        ------
        ValueError
            If the teacher's score is not finite.
        """
        if not np.isfinite(teacher.score):
            raise ValueError(
                f"scoring={self._scoring!r:.100} gives the teacher a score of "
                f"{teacher.score} on the {len(self._y):,} validation rows: no student "
                "can be compared with it. Give more validation rows, by "
                "validation_fraction or validation_data, or another scoring"
            )
        if not isinstance(self._known, KnownNumbers) or not teacher.score < 0.0:
            return POINTS
        y = np.array(self._y, dtype=np.float64).reshape(len(self._y), -1)
        # Scores of counts, such as Poisson's deviance, take no answer of 0.
        y[y == 0.0] = np.finfo(np.float64).tiny
        exact = np.repeat(y, n_columns // y.shape[1], axis=1)
        best = self._score(exact, None, np.arange(len(y)))
        is_error = abs(best) <= _ROUNDING * abs(teacher.score)
        return POINTS / abs(teacher.score) if is_error else POINTS

    def standard_error(self, one: ValidationScore, other: ValidationScore) -> float:
        """Return the standard error of the difference of two scores.

        For accuracy, it is the standard error of the mean difference of the rows. For
        other scores, it is the standard deviation of the difference over 100 draws of
        the rows, with replacement and stratified by class. Draws on which a score is
        not defined are left out. With more than half of them left out, the error is
        unknown, NaN. Of a score and itself it is 0.
        """
        if one is other:
            return 0.0
        defined = np.isfinite(one.samples) & np.isfinite(other.samples)
        differences = one.samples[defined] - other.samples[defined]
        if self._scorer is not None:
            is_known = defined.mean() >= _LEAST_SHARE
            return float(differences.std()) if is_known else np.nan
        n_rows = len(differences)
        weights = np.ones(n_rows) if self._weights is None else self._weights
        residuals = differences - np.average(differences, weights=weights)
        return float(np.sqrt(np.sum((weights * residuals) ** 2)) / weights.sum())

    def _score(self, answers, decided, rows):
        """Return the score of answers and decisions on some of the rows."""
        weights = self._weights
        given = {} if weights is None else {"sample_weight": weights[rows]}
        decided = None if decided is None else decided[rows]
        known = self._known.with_answers(answers[rows], decided)
        X = safe_indexing(self._X, rows)
        return float(self._scorer(known, X, self._y[rows], **given))

    def _stratified_draws(self):
        """Return draws of the rows. All draws have as many rows of each class."""
        random = np.random.RandomState(0)
        groups = [np.flatnonzero(self._strata == c) for c in np.unique(self._strata)]
        return [
            np.concatenate([random.choice(group, group.size) for group in groups])
            for _ in range(_DRAWS)
        ]


def _ignore_undefined_scores():
    """Ignore warnings that a score is not defined, until a context ends."""
    warnings.simplefilter("ignore", UndefinedMetricWarning)
