"""The losses and scores of a training."""

from typing import NamedTuple


class History(NamedTuple):
    """The losses and scores of a training.

    Attributes
    ----------
    loss_curve : list of float
        Mean loss of each epoch.
    validation_scores : list of float or None
        Scores of the held-out rows after each epoch. None if no rows are held out.
    best_validation_score : float or None
        Score of the weights that were kept.
    best_iter : int or None
        Number of the epoch of these weights, from 1.
    validation_hard_losses : list of float or None
        Hard term of the loss of the held-out rows after each epoch. None unless early
        stopping watches this loss.
    n_steps : int
        Number of steps that were made.
    was_interrupted : bool, default=False
        Whether an interrupt of the user ended the training.
    """

    loss_curve: list
    validation_scores: list | None
    best_validation_score: float | None
    best_iter: int | None
    validation_hard_losses: list | None
    n_steps: int
    was_interrupted: bool = False
