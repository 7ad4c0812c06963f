"""Less decay, if the whole objective wants less than the labels alone do.

Soft targets and synthetic rows restrain the weights, as decay does. So the last
training may want less decay than a short training on labels alone.

1. In each fold, the student of the labels alone takes the teacher's place. The teacher
   may know the rows held out, but this student does not.
2. A short training of the whole objective learns the labels and this student's answers
   for the rows of the other folds, and its answers for synthetic rows.
3. The walk goes down the ladder from the decay of the labels alone, while the score
   falls.
4. The greatest decay within one standard error of the lowest score is the safe one.
5. The last training makes more steps, and so wants more decay than a short one. It gets
   at most twice the safe decay.

This needs synthetic rows and 2,000 labelled rows. Numbers that are means do without it:
in 18 of 19 trials, the limit was above the decay. If the teacher's loss on unseen
labels is known, it has to be below that of the labels alone. Otherwise, in trials, the
limit changed nothing.
"""

from functools import partial

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.teachers.held_out import on_same_rows
from skdistill.training.ladder import LadderWalk, nearest_rung
from skdistill.transfer.transfer_set import with_synthetic

_FEWEST_ROWS = 2000

# Decay of the last training, in multiples of that of a short training of its objective.
_MORE_STEPS = 2.0


class WholeObjective:
    """Labels, soft targets and synthetic rows, with students in the teacher's place.

    Parameters
    ----------
    labels_alone : HeldOutPredictions
        Predictions of the students that learned the labels alone.
    X : table of shape (n_rows, n_features)
        Given rows.
    X_synthetic : table of shape (n_synthetic, n_features)
        Synthetic rows.
    encoded : ndarray of shape (n_synthetic, n_columns)
        Synthetic rows, as the network takes them.
    soft_share : float
        Share of the soft term for a labelled row.
    synthetic_share : float
        Share of synthetic rows in an epoch.

    Attributes
    ----------
    synthetic_share : float
        Share of synthetic rows in an epoch.
    """

    def __init__(
        self, labels_alone, X, X_synthetic, encoded, soft_share, synthetic_share
    ):
        self._labels_alone = labels_alone
        self._X = X
        self._X_synthetic = X_synthetic
        self._encoded = encoded
        self._soft_share = soft_share
        self._made = {}
        self.synthetic_share = synthetic_share

    def rows(self, transfer_set, kept, fold):
        """Return the rows of a short training.

        Parameters
        ----------
        transfer_set : TransferSet
            Given rows.
        kept : ndarray of shape (n_kept,), int
            Numbers of the rows that are not held out.
        fold : int
            Number of the fold that is held out.

        Returns
        -------
        transfer_set : TransferSet
            The kept rows, then the synthetic rows.
        """
        if fold not in self._made:
            answers = self._answers(fold, safe_indexing(self._X, kept))
            selected = transfer_set.selected(kept, self._soft_share)
            self._made[fold] = with_synthetic(
                selected._replace(targets=answers),
                self._encoded,
                self._answers(fold, self._X_synthetic),
            )
        return self._made[fold]

    def _answers(self, fold, X):
        """Return the soft targets of the student that did not see a fold."""
        alone = self._labels_alone
        return alone.calibration.apply(alone.model.logits_without(fold, X))


def is_worth_a_try(short_trainings, recipe, unseen):
    """Tell whether short trainings of the whole objective may find less decay.

    Parameters
    ----------
    short_trainings : ShortTrainings
    recipe : Recipe
    unseen : HeldOutPredictions or None
        Predictions of the teacher for rows that it was not trained on, if there are
        any.

    Returns
    -------
    bool
        Whether there are 2,000 labelled rows, the student learns from the teacher and
        from synthetic rows, and the teacher is not known to be no better than the
        labels alone.
    """
    alone = recipe.labels_alone
    if (
        short_trainings.n_labelled < _FEWEST_ROWS
        or alone is None
        or not recipe.follows_teacher
        or recipe.synthetic_share == 0.0
    ):
        return False
    if unseen is None:
        return True
    teacher, alone = on_same_rows(unseen, alone)
    return teacher.calibrated_loss < alone.calibrated_loss


def with_limit(capacity, short_trainings, objective, view, ladder):
    """Return a capacity with a limit of the decay: the most that suits the objective.

    Parameters
    ----------
    capacity : Capacity
        Choice by the labels alone.
    short_trainings : ShortTrainings
    objective : WholeObjective
    view : View
        Chosen way in which rows enter the network.
    ladder : list of float
        Decays to try, increasing.

    Returns
    -------
    capacity : Capacity
    """
    walk = LadderWalk(partial(short_trainings.train, objective), view, ladder)
    start = nearest_rung(ladder, capacity.weight_decay)
    walk.descend(start)
    lowest, safe = walk.training(walk.best).weighted, walk.best
    while safe < start and _is_near(walk.training(safe + 1).weighted, lowest):
        safe += 1
    # An epoch of the whole objective has more rows than one of the labels alone.
    more_rows = 1.0 / (1.0 - objective.synthetic_share)
    return capacity._replace(
        limit=_MORE_STEPS * more_rows * ladder[safe],
        whole_objective=tuple(walk.candidates),
    )


def _is_near(predictions, lowest):
    """Tell whether a score is within a standard error of the lowest one, row by row."""
    difference = predictions.scored_losses - lowest.scored_losses
    shares = lowest.shares
    mean = shares @ difference
    return mean <= (shares**2 @ (difference - mean) ** 2) ** 0.5
