"""A fit that is running: its random numbers, its stages and its time."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from time import perf_counter
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.utils import check_random_state

from skdistill.common.checks import all_or_nothing
from skdistill.common.progress import Stage
from skdistill.common.sklearn_compat import make_callback_context

# Seed of the questions that do not depend on `random_state`.
_FIXED_SEED = 0


class Randomness(NamedTuple):
    """Sources of random numbers for each part of a fit, independent of one another.

    The questions about teacher and data do not depend on the seed of the fit. So
    another seed gives a student of the same kind.
    """

    teacher: np.random.RandomState
    synthetic: np.random.RandomState
    start: np.random.RandomState
    training: np.random.RandomState

    @property
    def unseen(self) -> np.random.RandomState:
        """Source for the rows that the teacher has not seen."""
        return np.random.RandomState(_FIXED_SEED)

    @property
    def sensitivity(self) -> np.random.RandomState:
        """Source for the columns that are redrawn."""
        return np.random.RandomState(_FIXED_SEED)

    @classmethod
    def draw(cls, random_state: Any) -> Self:
        """Draw a seed for each part.

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
    """A fit of an estimator that is running.

    Parameters
    ----------
    draft : DistilledClassifier
        Estimator whose attributes the fit sets.
    stage : Stage
        Stage of the whole fit, which reports to callbacks.
    random_state : RandomState or None, default=None
        Source of the seeds. None for the parameter of the estimator.

    Attributes
    ----------
    draft : DistilledClassifier
        Estimator whose attributes the fit sets: see `FitRun.of`.
    stage : Stage
        Stage of the whole fit.
    """

    def __init__(self, draft: Any, stage: Stage, random_state: Any = None) -> None:
        self.draft = draft
        self.stage = stage
        self._random_state = random_state
        self._started = perf_counter()

    @classmethod
    @contextmanager
    def of(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        sample_weight: Any,
        random_state: Any = None,
    ) -> Iterator["FitRun"]:
        """Return a context for the fit that a user calls.

        The fit begins and ends with the block, which sets the attributes of a draft. At
        the end the estimator gets them all at once. If the block raises, it gets none.

        Parameters
        ----------
        estimator : DistilledClassifier
        X : table of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or None
        sample_weight : array-like of shape (n_samples,) or None
        random_state : RandomState or None, default=None
            Source of the seeds. None for the parameter of the estimator.

        Yields
        ------
        run : FitRun
        """
        # scikit-learn looks for the context at the estimator itself after the fit.
        n_parts = 5 if getattr(estimator, "max_terms", None) is None else 6
        context = make_callback_context(estimator, n_parts=n_parts)
        with all_or_nothing(estimator) as draft, _zero_underflow():
            stage = Stage.of_fit(estimator, draft, context, X, y, sample_weight)
            run = cls(draft, stage, random_state)
            yield run
            run.stage.end({})

    @classmethod
    @contextmanager
    def silent(cls, estimator: Any) -> Iterator["FitRun"]:
        """Return a context for a fit that reports to nobody, such as one of a search.

        Parameters
        ----------
        estimator : DistilledClassifier

        Yields
        ------
        run : FitRun
        """
        with _zero_underflow():
            yield cls(estimator, Stage(estimator, estimator, None, {}))

    @cached_property
    def random(self) -> Randomness:
        """Random numbers of each part of the fit, drawn at the first use."""
        given = self._random_state
        return Randomness.draw(self.draft.random_state if given is None else given)

    @property
    def seconds(self) -> float:
        """Seconds since the fit began."""
        return perf_counter() - self._started


def _zero_underflow():
    """Return a context in which NumPy rounds tiny probabilities to zero.

    The user may have set NumPy to raise for them.
    """
    return np.errstate(under="ignore")
