"""Intervals of figures, from rows drawn anew with replacement."""

from typing import NamedTuple

import numpy as np

LEVEL = 0.95

# Weights that are laid out at once.
_BLOCK = 2**18


class Interval(NamedTuple):
    """A figure and where it may lie.

    Attributes
    ----------
    estimate : float
        On the rows given; NaN where it cannot be told.
    low, high : float
        The ends of its interval; NaN without a bootstrap.
    """

    estimate: float
    low: float
    high: float

    @property
    def sign(self):
        """1 or -1 where the whole interval is above or below zero, else 0."""
        return int(self.low > 0) - int(self.high < 0)


class Sampled(NamedTuple):
    """A figure on the rows given and on each draw of them.

    Attributes
    ----------
    estimate : float
    draws : ndarray of shape (n_bootstraps,)
    """

    estimate: float
    draws: np.ndarray

    def __sub__(self, other):
        """Return the difference, draw by draw: that of paired rows."""
        return Sampled(self.estimate - other.estimate, self.draws - other.draws)

    def interval(self, level=LEVEL):
        """Return the percentile interval of the draws that could be measured.

        Parameters
        ----------
        level : float, default=0.95

        Returns
        -------
        interval : Interval
        """
        known = self.draws[np.isfinite(self.draws)]
        if not known.size:
            return Interval(self.estimate, np.nan, np.nan)
        outside = 50.0 * (1.0 - level)
        low, high = np.percentile(known, [outside, 100.0 - outside])
        return Interval(self.estimate, float(low), float(high))


def bootstrap(measures, weights, n_bootstraps, random_state):
    """Return figures on some rows and on draws of them.

    Parameters
    ----------
    measures : callable
        Takes weights of shape (n_draws, n_samples) and returns a dict of arrays
        of shape (n_draws,).
    weights : ndarray of shape (n_samples,)
    n_bootstraps : int
        In each draw a row weighs as often as it was drawn, times its weight. Rows
        without a weight are not drawn: there may be draws of nothing else.
    random_state : RandomState

    Returns
    -------
    figures : dict of Sampled
    """
    n_rows, counted = len(weights), np.flatnonzero(weights)
    estimates = measures(weights[np.newaxis])
    draws = {key: np.empty(n_bootstraps) for key in estimates}
    size = max(1, _BLOCK // n_rows)
    for start in range(0, n_bootstraps, size):
        n_draws = min(size, n_bootstraps - start)
        drawn = np.zeros((n_draws, n_rows))
        drawn[:, counted] = weights[counted] * _counts(
            n_draws, len(counted), random_state
        )
        for key, values in measures(drawn).items():
            draws[key][start : start + n_draws] = values
    return {
        key: Sampled(float(value[0]), draws[key]) for key, value in estimates.items()
    }


def _counts(n_draws, n_rows, random_state):
    """Return how often each row is drawn: multinomial counts."""
    drawn = random_state.randint(n_rows, size=(n_draws, n_rows))
    drawn += n_rows * np.arange(n_draws)[:, np.newaxis]
    counts = np.bincount(drawn.ravel(), minlength=n_draws * n_rows)
    return counts.reshape(n_draws, n_rows)
