"""Early stopping: the learning rate, when a training stops, and the weights to keep.

The learning rate of a training without early stopping falls along half a cosine. If
such a training is cut, its rate is still high, and the weights have not settled. With
early stopping the rate has three phases, so that a training can be cut at any time:

1. It falls to a tenth in the first half of the epochs that ``max_iter="auto"`` makes.
   Until then weights have not settled, and few held-out rows are easily lucky, so no
   score counts.
2. It stays there until the score reaches `target_score`, or no longer improves.
3. It falls to 0 in a cool-down, a tenth of the epochs so far. Of its epochs, the best
   one gives the weights (Hägele et al. 2024). If it loses the target, phase 2 goes on.

The last cool-down ends with the last epoch.
"""

import math

import numpy as np

from skdistill.common.warn import warn

# Factor of the learning rate in the second phase.
_SETTLED = 0.1

# Share of the first phase in which the rate rises.
_WARM_UP = 0.1

# Epochs of a cool-down, as a share of the epochs before it.
_COOL_DOWN = 0.1


class Stopper:
    """Records the scores of epochs, and keeps the weights of the best one.

    Parameters
    ----------
    plan : TrainingPlan
    parameters : ndarray of shape (n_parameters,)
        Weights of the network. They are trained in place.
    has_rate : bool, default=True
        Whether steps have a learning rate. If not, weights need not settle: those of
        the best of all epochs are kept.

    Attributes
    ----------
    scores : list of float
        Scores of the epochs.
    news : str
        Message about the last epoch, if a phase ended with it.
    """

    def __init__(self, plan, parameters, *, has_rate=True):
        self._plan = plan
        self._has_rate = has_rate
        self._parameters = parameters
        self._best = None
        self._starts_anew = has_rate
        self._greatest = -np.inf
        self._epochs_without_gain = 0
        self._cool_down = range(0)
        self._factor = 1.0
        self.scores = []
        self.news = ""

    @property
    def best_score(self):
        """Score of the weights that are kept. None before the first epoch."""
        return None if self._best is None else self._best[0]

    @property
    def best_iter(self):
        """Number of the epoch of these weights, from 1. None before the first one."""
        return None if self._best is None else self._best[2]

    @property
    def misses_target(self):
        """Whether the weights that are kept do not reach the target."""
        target, best = self._plan.target_score, self.best_score
        return target is not None and best is not None and best < target

    @property
    def has_lost_target(self):
        """Whether a score that counts reached the target that the weights miss."""
        counted = self.scores[self._first_phase - 1 :]
        return self.misses_target and max(counted, default=-np.inf) >= (
            self._plan.target_score
        )

    def factors(self, epoch, n_steps):
        """Return the factors of the learning rate in an epoch.

        Parameters
        ----------
        epoch : int
            Number of the epoch, from 0.
        n_steps : int
            Number of its steps.

        Returns
        -------
        factors : ndarray of shape (n_steps,)
        """
        if epoch in self._cool_down:
            done = (epoch - self._cool_down.start) * n_steps + np.arange(n_steps)
            return self._factor * (1.0 - done / (len(self._cool_down) * n_steps))
        done = (epoch * n_steps + np.arange(n_steps)) / (self._first_phase * n_steps)
        rise = np.minimum(1.0, (done + 1.0 / (self._first_phase * n_steps)) / _WARM_UP)
        fall = 0.5 * (1.0 + np.cos(np.pi * np.minimum(1.0, done)))
        factors = rise * (_SETTLED + (1.0 - _SETTLED) * fall)
        self._factor = float(factors[-1])
        return factors

    def should_stop(self, score):
        """Record the score of an epoch, and tell whether the training is over.

        Raises
        ------
        ValueError
            If the score is not a finite number.
        """
        score = self._checked(score)
        self.scores.append(score)
        self.news = ""
        is_cooling = len(self.scores) - 1 in self._cool_down
        self._keep(score, is_cooling)
        if is_cooling:
            return len(self.scores) == self._cool_down.stop and self._ends()
        self._count(score)
        self._begin_cool_down(score)
        return False

    def warn_of_target(self):
        """Warn if the student does not reach the target, and name its score."""
        if not self.misses_target:
            return
        fate = (
            "was lost in the cool-down" if self.has_lost_target else "was not reached"
        )
        warn(
            f"target_score={self._plan.target_score:g} {fate}: the student scores "
            f"{self.best_score:.6g} on the held-out rows. It learned for "
            f"n_iter_={len(self.scores)} epochs. Give a greater max_iter, a larger "
            "student or a lower target"
        )

    def restore(self):
        """Put the best weights back."""
        if self._best is not None:
            self._parameters[:] = self._best[1]

    def state(self):
        """Return what the next epochs depend on: numbers, and the best weights."""
        return {
            "best": self._best,
            "starts_anew": self._starts_anew,
            "greatest": self._greatest,
            "epochs_without_gain": self._epochs_without_gain,
            "cool_down": [self._cool_down.start, self._cool_down.stop],
            "factor": self._factor,
            "scores": self.scores,
        }

    def resume(self, state):
        """Go on from a state."""
        self._best = None if state["best"] is None else tuple(state["best"])
        self._starts_anew = state["starts_anew"]
        self._greatest = state["greatest"]
        self._epochs_without_gain = state["epochs_without_gain"]
        self._cool_down = range(*state["cool_down"])
        self._factor = state["factor"]
        self.scores = state["scores"]

    @property
    def _first_phase(self):
        return max(1, math.ceil(0.5 * min(self._plan.max_iter, self._plan.usual_iter)))

    def _keep(self, score, is_cooling):
        """Keep the weights if their score is the best, or as good as the best.

        In a cool-down all scores that reach the target count the same, because later
        weights have settled more. A greater score of few rows is often luck.
        """
        anew = self._best is None or (is_cooling and self._starts_anew)
        worth, best = score, -np.inf if anew else self._best[0]
        target = self._plan.target_score
        if is_cooling and target is not None:
            worth, best = min(worth, target), min(best, target)
        if worth >= best:
            # One assignment, so that an interrupt finds both or neither.
            self._best = score, self._parameters.copy(), len(self.scores)
        self._starts_anew = self._has_rate and not is_cooling

    def _count(self, score):
        """Count the epochs of the second phase without an improvement."""
        is_settled = len(self.scores) > self._first_phase
        if not is_settled or score > self._greatest + self._plan.tol:
            self._epochs_without_gain = 0
        else:
            self._epochs_without_gain += 1
        self._greatest = max(self._greatest, score)

    def _begin_cool_down(self, score):
        """Begin the cool-down, if it is time."""
        plan, done = self._plan, len(self.scores)
        n_epochs, left = math.ceil(_COOL_DOWN * done), plan.max_iter - done
        if left == 0:
            return
        if n_epochs >= left:
            reason, n_epochs = "Training nears its last epoch", left
        elif done < self._first_phase:
            return
        elif plan.target_score is not None:
            if score < plan.target_score:
                return
            reason = f"Validation score reached target_score={plan.target_score:g}"
        elif self._epochs_without_gain < plan.n_iter_no_change:
            return
        else:
            reason = (
                f"Validation score did not improve more than tol={plan.tol:f} for "
                f"{plan.n_iter_no_change} consecutive epochs"
            )
        self._cool_down = range(done, done + n_epochs)
        unit = "epoch" if n_epochs == 1 else "epochs"
        self.news = f"{reason}. Cooling down in {n_epochs} {unit}."

    def _ends(self):
        """Tell whether the training ends with a cool-down, or goes on after it."""
        if self.misses_target and len(self.scores) < self._plan.max_iter:
            self.news = "The target was lost in the cool-down. Training goes on."
            return False
        self.news = "Cooled down. Stopping."
        return True

    def _checked(self, score):
        """Return the score as a float."""
        try:
            number = float(score)
        except (TypeError, ValueError):
            number = np.nan
        if not np.isfinite(number):
            raise ValueError(
                f"scoring gave {score!r:.100} for the held-out rows in epoch "
                f"{len(self.scores) + 1}: a score must be a finite number"
            )
        return number
