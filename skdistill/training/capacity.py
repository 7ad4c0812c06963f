"""Knots or none, and the decay of the weights: chosen on labelled rows held out.

1. The rows are dealt to five folds. With n labelled rows, 4,000 / n folds are held out
   in turn: all five of few rows, one of many.
2. A short training trains the student's own network on the labels of the other folds.
3. Its score is over all held-out rows together: the mean of the log-loss as it is and
   the log-loss at the best temperature. For sparse rows, it is the latter alone.
4. The decays are tried along a ladder, from the one nearest 10,000 / n, down while the
   score falls, or else up, until the neighbours of the best are worse.
5. The same without knots, from one rung below. The lower score wins. From 2,000
   labelled rows on, no knots win only if their score is below 0.95 of the other.
6. The decay is the lowest point of the parabola through the best and its neighbours.
7. More rows need less decay: it is multiplied by the rows of a short training, and
   divided by those of an epoch.

For a linear student of sparse rows the decay is the factor of the penalty in its loss.
It has a ladder of half powers of ten, from 3 / n down. A network is tried beside it if
there are as many labelled rows as columns. It wins only if its score is below 0.95 of
the other.

From 2,000 labelled rows on, the whole objective may ask for less decay: see
`whole_objective`. If rows without labels are many and labels few, or none, the same
walk is done on the teacher's answers: see `short_trainings_of_answers`.
"""

from typing import Any, NamedTuple

import numpy as np

from skdistill.training.ladder import Candidate, LadderWalk, nearest_rung

# Decays that are tried, and the product of decay and labelled rows to start from.
_LADDER = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_DECAY_TIMES_ROWS = 10_000

# Knots may follow steps that only the teacher knows. Labels alone do not show that. So
# from so many rows on, no knots need a score below this share of the best with knots.
_MANY_ROWS = 2000
_CLEARLY_BETTER = 0.95

# The same for a linear student of sparse rows. A product of 0.3 is usual.
_CONVEX_LADDER = tuple(10.0 ** (power / 2) for power in range(-16, 1))
_CONVEX_DECAY_TIMES_ROWS = 3.0
USUAL_CONVEX_DECAY_TIMES_ROWS = 0.3

# Without labels to try with: the decay, and the most rows of an epoch that it suits.
_USUAL_DECAY = 0.3
_USUAL_ROWS = 40_000


class Capacity(NamedTuple):
    """Knots and decay that short trainings chose.

    Attributes
    ----------
    has_knots : bool
        Whether columns are coded among knots.
    weight_decay : float
        Decay that suits a short training on labels alone.
    n_rows : float
        Number of rows of a short training.
    n_folds : int
        Number of folds that were held out in turn. It is 0 if there were too few
        labels to try.
    candidates : tuple of Candidate
        Capacities that were tried.
    limit : float
        Greatest decay that suits the whole objective, if it was tried.
    whole_objective : tuple of Candidate
        Decays that were tried with the whole objective.
    by_answers : bool
        Whether short trainings on the teacher's answers for rows without labels chose,
        and not those on labels.
    hidden_layer_sizes : tuple of int
        Units of the hidden layers.
    """

    has_knots: bool
    weight_decay: float
    n_rows: float
    n_folds: int = 0
    candidates: tuple[Candidate, ...] = ()
    limit: float = np.inf
    whole_objective: tuple[Candidate, ...] = ()
    by_answers: bool = False
    hidden_layer_sizes: tuple[int, ...] = ()

    def __repr__(self):
        """Return the choice in words, and a table of all that was tried."""
        layers = "-".join(map(str, self.hidden_layer_sizes)) or "none"
        words = [
            f"Capacity: {'with' if self.has_knots else 'without'} knots",
            f"hidden layers: {layers}",
            f"weight_decay={self.weight_decay:.3g} for {self.n_rows:,.0f} rows",
        ]
        if np.isfinite(self.limit):
            words.append(f"limit={self.limit:.3g}")
        if not self.n_folds:
            words.append("too few labels to try others")
        objective = "answers alone" if self.by_answers else "labels alone"
        table = _table(self.candidates, objective)
        return "\n".join(
            [", ".join(words), *table, *_table(self.whole_objective, "whole objective")]
        )

    def decay_for(self, n_rows):
        """Return the decay for a training with other rows.

        Parameters
        ----------
        n_rows : int
            Number of rows of an epoch.

        Returns
        -------
        decay : float
        """
        if not self.n_folds and n_rows < self.n_rows:
            return self.weight_decay
        return min(self.weight_decay, self.limit) * self.n_rows / n_rows


class Choice(NamedTuple):
    """A chosen capacity, and the reason for it.

    Attributes
    ----------
    capacity : Capacity
        Knots and decay.
    view : View
        Chosen way in which rows enter the network.
    labels_alone : ShortTraining or None
        Predictions of the best short training. None if there are too few labels.
    """

    capacity: Capacity
    view: Any
    labels_alone: Any = None


def choose_capacity(short_trainings, views, ladder_of, answers=None):
    """Choose one of the ways in which rows enter the network, and the decay.

    Parameters
    ----------
    short_trainings : ShortTrainings
        Short trainings on labels.
    views : list of View
        Ways to choose from, the one with knots first.
    ladder_of : callable
        Function of a view that returns the decays to try, increasing: see
        `decays_to_try`.
    answers : ShortTrainingsOfAnswers or None, default=None
        Short trainings on the teacher's answers for rows without labels. They choose if
        they are preferred.

    Returns
    -------
    choice : Choice
    """
    by_labels = by_answers = None
    if short_trainings.are_possible:
        n_rows = short_trainings.n_labelled
        share = _CLEARLY_BETTER if n_rows >= _MANY_ROWS else 1.0
        train = short_trainings.labels_alone
        by_labels = _walk_each(train, views, ladder_of, n_rows, share)
    ladder = ladder_of(views[0])
    is_open = len(views) > 1 or len(ladder) > 1 or by_labels is not None
    if answers is not None and answers.are_preferred and is_open:
        if len(ladder) == 1:  # The given decay, for the rows of these trainings.
            more_rows = short_trainings.n_kept / answers.n_kept
            ladder_of = _one_rung(ladder[0] * more_rows)
        by_answers = _walk_each(answers.train, views, ladder_of, answers.n_answered)
    if by_labels is None and by_answers is None:
        return Choice(_usual_capacity(short_trainings, views[0], ladder), views[0])
    source = short_trainings if by_answers is None else answers
    chosen, candidates = by_labels if by_answers is None else by_answers
    capacity = Capacity(
        chosen.view.has_knots,
        chosen.decay,
        source.n_kept,
        source.n_folds,
        candidates,
        by_answers=by_answers is not None,
        hidden_layer_sizes=chosen.view.hidden,
    )
    alone = None
    if by_labels is not None:
        best, _ = by_labels
        alone = best.training(best.best)
    return Choice(capacity, chosen.view, alone)


def _one_rung(decay):
    """Return the function of a view that returns one decay to try."""
    return lambda view: [decay]


def _usual_capacity(short_trainings, view, ladder):
    """Return the capacity if there are too few labels to try others."""
    decay, n_rows = _USUAL_DECAY, _USUAL_ROWS
    if view.is_convex:
        n_rows = short_trainings.n_kept
        decay = USUAL_CONVEX_DECAY_TIMES_ROWS / n_rows
    return Capacity(
        view.has_knots,
        min(decay, ladder[-1]),
        n_rows,
        hidden_layer_sizes=view.hidden,
    )


def _walk_each(train, views, ladder_of, n_rows, share=1.0):
    """Return the best walk, and all candidates.

    No knots win only if their score is below a share of the best with knots. So does a
    network beside a linear student.
    """
    walks: list[LadderWalk] = []
    start = 0
    for view in views:
        ladder = ladder_of(view)
        if not walks or view.hidden != walks[-1].view.hidden:
            times_rows = _DECAY_TIMES_ROWS
            if view.is_convex:
                times_rows = _CONVEX_DECAY_TIMES_ROWS
            start = nearest_rung(ladder, times_rows / n_rows)
        walk = LadderWalk(train, view, ladder)
        walk.descend_from(start if view.has_knots else max(start - 1, 0))
        walks.append(walk)
        start = walk.best
    chosen = walks[0]
    if chosen.view.is_convex:
        share = _CLEARLY_BETTER
    for walk in walks[1:]:
        if share * chosen.score(chosen.best) > walk.score(walk.best):
            chosen = walk
    # A single rung was not trained before.
    chosen.training(chosen.best)
    return chosen, tuple(candidate for walk in walks for candidate in walk.candidates)


def decays_to_try(view, weight_decay, largest_decay, more_rows):
    """Return the ladder of decays.

    Parameters
    ----------
    view : View
        Way in which rows enter the network.
    weight_decay : float or "auto"
        Decay of the last training, if it is not to be chosen.
    largest_decay : float
        Greatest decay that a step can take.
    more_rows : float
        Rows of an epoch of the last training, in multiples of those of a short one.

    Returns
    -------
    ladder : list of float
        Increasing decays.
    """
    if view.is_convex:
        if weight_decay == "auto":
            return list(_CONVEX_LADDER)
        return [weight_decay * more_rows]
    if weight_decay != "auto":
        return [min(weight_decay * more_rows, largest_decay)]
    return [decay for decay in _LADDER if decay <= largest_decay] or [largest_decay]


def _table(candidates, objective):
    """Return the lines of a table of candidates."""
    if not candidates:
        return []
    layers = [
        "-".join(map(str, tried.hidden_layer_sizes)) or "none" for tried in candidates
    ]
    width = max(map(len, [*layers, "hidden"]))
    head = f"{objective:15}  {'hidden':{width}}  knots  weight_decay   score"
    lines = [f"{head}  standard_error"]
    lines += [
        f"{'':15}  {units:{width}}  {'yes' if tried.has_knots else 'no':5}"
        f"  {tried.weight_decay:12.3g}  {tried.score:6.4f}"
        f"  {tried.standard_error:14.4f}"
        for tried, units in zip(candidates, layers, strict=True)
    ]
    return lines
