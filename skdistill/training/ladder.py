"""A walk along a ladder of decays, to the lowest score."""

from operator import le, lt
from typing import NamedTuple

import numpy as np


class Candidate(NamedTuple):
    """A capacity that short trainings tried.

    Attributes
    ----------
    has_knots : bool
        Whether columns were coded among knots.
    weight_decay : float
        Decay of the weights.
    score : float
        Mean of the log-loss as it is and at the best temperature, in nats. For sparse
        rows, it is the latter alone. Lower is better.
    standard_error : float
        Standard error of the log-loss at the best temperature.
    hidden_layer_sizes : tuple of int
        Units of the hidden layers.
    """

    has_knots: bool
    weight_decay: float
    score: float
    standard_error: float
    hidden_layer_sizes: tuple[int, ...] = ()


class LadderWalk:
    """A walk along the ladder of decays, with rows that enter in one way.

    Parameters
    ----------
    train : callable
        Function that takes a view and a decay, and returns a short training. A third
        argument, `also`, has decays that are trained at the same time for later calls.
    view : View
        Way in which rows enter the network.
    ladder : list of float
        Increasing decays.

    Attributes
    ----------
    view : View
        Way in which rows enter the network.
    best : int
        Rung with the lowest score that was found.
    """

    def __init__(self, train, view, ladder):
        self.view = view
        self._train = train
        self._ladder = ladder
        self._tried = set()
        self.best = 0

    def training(self, rung, *also):
        """Return the predictions of students with the decay of a rung.

        Other rungs that are needed, too, are tried at the same time.
        """
        self._tried |= {rung, *also}
        decay, *others = (self._ladder[one] for one in (rung, *also))
        return self._train(self.view, decay, others)

    def score(self, rung):
        """Return the score of a rung."""
        return self.training(rung).score

    def descend_from(self, start):
        """Walk down while scores fall, or else up, until both neighbours are worse."""
        self.descend(start)
        if self.best == start:
            self.best = self._last(start, 1)

    def descend(self, start):
        """Walk down while scores fall."""
        self.best = self._last(start, -1)

    @property
    def decay(self):
        """Decay at the lowest point of the parabola through the best rung."""
        around = [self.best - 1, self.best, self.best + 1]
        if not self._tried.issuperset(around):
            return self._ladder[self.best]  # at an end of the ladder
        logs = np.log([self._ladder[rung] for rung in around])
        scores = [self.score(rung) for rung in around]
        return float(np.exp(vertex(logs, scores)))

    @property
    def candidates(self):
        """Capacities that were tried, by decay."""
        found = []
        for rung in sorted(self._tried):
            tried = self.training(rung)
            found.append(
                Candidate(
                    self.view.has_knots,
                    self._ladder[rung],
                    tried.score,
                    tried.standard_error,
                    self.view.hidden,
                )
            )
        return found

    def _last(self, rung, step):
        """Return the rung where scores cease to fall. Equal ones stop only a walk down.

        A convex training with very little decay ends before the decay has an effect. So
        the lowest rungs may have one score, and the walk up goes on over them.
        """
        falls = lt if step < 0 else le
        while 0 <= rung + step < len(self._ladder) and falls(
            self.training(rung + step, rung).score, self.score(rung)
        ):
            rung += step
        return rung


def vertex(x, y):
    """Return the lowest point of the parabola through three points.

    Parameters
    ----------
    x, y : array-like of shape (3,)
        The x increase, and the y in the middle is not above the others.

    Returns
    -------
    lowest : float
        The x of the lowest point, at most half a step from the middle. It is that of
        the middle if all y are equal.
    """
    left, right = x[1] - x[0], x[2] - x[1]
    slopes = (y[1] - y[0]) / left, (y[2] - y[1]) / right
    if slopes[1] == slopes[0]:
        return x[1]
    curvature = (slopes[1] - slopes[0]) / (left + right)
    lowest = 0.5 * (x[0] + x[1]) - slopes[0] / (2.0 * curvature)
    return float(np.clip(lowest, x[1] - left / 2.0, x[1] + right / 2.0))


def nearest_rung(ladder, decay):
    """Return the rung with the decay nearest to another one.

    Parameters
    ----------
    ladder : list of float
        Increasing decays.
    decay : float

    Returns
    -------
    rung : int
    """
    rungs = np.log(np.maximum(ladder, 1e-9))
    return int(np.abs(rungs - np.log(max(decay, 1e-9))).argmin())
