"""Early stopping: when a training stops, and which weights are kept."""

import numpy as np


class Stopper:
    """Records the scores of epochs, and keeps the weights of the best one.

    Parameters
    ----------
    plan : TrainingPlan
    parameters : ndarray of shape (n_parameters,)
        Weights of the network. They are trained in place.
    """

    def __init__(self, plan, parameters):
        self._plan = plan
        self._parameters = parameters
        self._best = None
        self._epochs_without_gain = 0
        self.scores = []

    @property
    def best_score(self):
        """Best score. None before the first epoch."""
        return None if self._best is None else self._best[0]

    def should_stop(self, score):
        """Record the score of an epoch, and tell whether the training is over.

        Raises
        ------
        ValueError
            If the score is not a finite number.
        """
        score, plan = self._checked(score), self._plan
        best = -np.inf if self._best is None else self._best[0]
        if score > best + plan.tol:
            self._epochs_without_gain = 0
        else:
            self._epochs_without_gain += 1
        if score > best:
            # One assignment, so that an interrupt finds both or neither.
            self._best = score, self._parameters.copy()
        self.scores.append(score)
        return self._epochs_without_gain >= plan.n_iter_no_change

    def restore(self):
        """Put the best weights back."""
        if self._best is not None:
            self._parameters[:] = self._best[1]

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
