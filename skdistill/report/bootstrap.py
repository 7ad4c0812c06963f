"""Intervals of figures, by the bootstrap: rows are drawn with replacement."""

from typing import NamedTuple

import numpy as np

LEVEL = 0.95

# Number of weights that are held in memory at once.
_BLOCK = 2**18


class Interval(NamedTuple):
    """A figure and its interval.

    Attributes
    ----------
    estimate : float
        Figure on the given rows. NaN if it cannot be measured.
    low, high : float
        Ends of the interval. NaN if no draw could be measured.
    """

    estimate: float
    low: float
    high: float

    @property
    def sign(self):
        """1 if the whole interval is above zero, -1 if below, otherwise 0."""
        return int(self.low > 0) - int(self.high < 0)


class BootstrappedFigure(NamedTuple):
    """A figure on the given rows and on each draw of them.

    Attributes
    ----------
    estimate : float
        Figure on the given rows.
    draws : ndarray of shape (n_bootstraps,)
        Figure on each draw.
    """

    estimate: float
    draws: np.ndarray

    def __sub__(self, other):
        """Return the difference of two figures, paired draw by draw."""
        return BootstrappedFigure(
            self.estimate - other.estimate, self.draws - other.draws
        )

    def interval(self, level=LEVEL):
        """Return the percentile interval over the draws that could be measured.

        Parameters
        ----------
        level : float, default=0.95
            Share of the draws that the interval holds.

        Returns
        -------
        interval : Interval
            Figure and its interval.
        """
        known = self.draws[np.isfinite(self.draws)]
        if not known.size:
            return Interval(self.estimate, np.nan, np.nan)
        outside = 50.0 * (1.0 - level)
        low, high = np.percentile(known, [outside, 100.0 - outside])
        return Interval(self.estimate, float(low), float(high))


def bootstrap(measures, weights, n_bootstraps, random_state):
    """Return figures on some rows and on draws of them.

    In a draw, the weight of a row is multiplied by the number of times that it was
    drawn. Rows with a weight of zero are not drawn, because a draw of nothing else
    could not be measured.

    Parameters
    ----------
    measures : callable
        Function that takes weights of shape (n_draws, n_samples) and returns a dict
        of arrays of shape (n_draws,).
    weights : ndarray of shape (n_samples,)
        Weights of the rows.
    n_bootstraps : int
        Number of draws.
    random_state : RandomState
        Generator of the draws.

    Returns
    -------
    figures : dict of BootstrappedFigure
        Figures by the keys of `measures`.
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
        key: BootstrappedFigure(float(value[0]), draws[key])
        for key, value in estimates.items()
    }


def _counts(n_draws, n_rows, random_state):
    """Return the number of times that each row is drawn: multinomial counts."""
    drawn = random_state.randint(n_rows, size=(n_draws, n_rows))
    drawn += n_rows * np.arange(n_draws)[:, np.newaxis]
    counts = np.bincount(drawn.ravel(), minlength=n_draws * n_rows)
    return counts.reshape(n_draws, n_rows)
