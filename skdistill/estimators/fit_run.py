"""A fit under way: its random numbers, its stages, its seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from time import perf_counter
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.utils import check_random_state

from skdistill.common.checks import restored_on_failure
from skdistill.common.progress import Stage


class Randomness(NamedTuple):
    """Random numbers of each part of a fit, which do not depend on the others."""

    teacher: np.random.RandomState
    unseen: np.random.RandomState
    synthetic: np.random.RandomState
    sensitivity: np.random.RandomState
    recipe: np.random.RandomState
    start: np.random.RandomState
    training: np.random.RandomState

    @classmethod
    def draw(cls, random_state: Any) -> Self:
        """Seed all parts.

        Parameters
        ----------
        random_state : int, RandomState instance or None

        Returns
        -------
        random : Randomness
        """
        random_state = check_random_state(random_state)
        highest = np.iinfo(np.int32).max
        seeds = random_state.randint(highest, size=len(cls._fields))
        return cls(*map(np.random.RandomState, seeds))


class FitRun:
    """A fit of an estimator, under way.

    Parameters
    ----------
    estimator : DistilledClassifier
    stage : Stage
        The fit, as callbacks are told of it.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self, estimator: Any, stage: Stage) -> None:
        self.stage = stage
        self._estimator = estimator
        self._started = perf_counter()

    @classmethod
    @contextmanager
    def of(
        cls, estimator: Any, X: Any, y: Any, sample_weight: Any
    ) -> Iterator["FitRun"]:
        """Begin the fit of a user with the block, and end it with it.

        The estimator gets back the attributes it had if the block raises.

        Parameters
        ----------
        estimator : DistilledClassifier
        X : table of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or None
        sample_weight : array-like of shape (n_samples,) or None

        Yields
        ------
        run : FitRun
        """
        run = cls(estimator, Stage.of_fit(estimator, X, y, sample_weight, n_parts=5))
        with restored_on_failure(estimator), _zero_underflow():
            yield run
            run.stage.end({})

    @classmethod
    @contextmanager
    def silent(cls, estimator: Any) -> Iterator["FitRun"]:
        """Begin a fit of which nobody is told, as those of a search.

        Parameters
        ----------
        estimator : DistilledClassifier

        Yields
        ------
        run : FitRun
        """
        with _zero_underflow():
            yield cls(estimator, Stage(estimator, None, {}))

    @cached_property
    def random(self) -> Randomness:
        """Random numbers of each part of the fit, drawn at the first use."""
        return Randomness.draw(self._estimator.random_state)

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return perf_counter() - self._started


def _zero_underflow():
    """Return a context in which vanishing probabilities are zero.

    A user's NumPy may raise for them.
    """
    return np.errstate(under="ignore")
