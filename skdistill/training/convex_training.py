"""The training of a student without hidden layers on sparse rows, to its minimum.

Its loss is convex, so it needs no learning rate and no batches: see
`skdistill.training.convex`. A step of the solver takes all rows, and counts as an
epoch. The decay of the weights is the factor of the penalty in the loss.
"""

from contextlib import contextmanager

import numpy as np

from skdistill.common.warn import warn
from skdistill.tasks.exact_loss import MeanLoss
from skdistill.training.convex import ConvexSolver
from skdistill.training.history import History
from skdistill.training.splits import split_rows
from skdistill.training.stopping import Stopper


class ConvexTraining:
    """The state of a training between two steps.

    Parameters are those of `skdistill.training.loop.train`.

    Attributes
    ----------
    loss_curve : list of float
        Mean loss after each step.
    """

    def __init__(self, network, transfer_set, plan, random_state, observer):
        self._network, self._plan, self._observer = network, plan, observer
        rows, self._held_out = split_rows(transfer_set, plan, random_state)
        self._solver = ConvexSolver(
            _rows_of(transfer_set.X, rows),
            MeanLoss(transfer_set, rows, plan.loss, plan.temperature),
            plan.weight_decay,
            network.sparse_weights.astype(np.float64),
            network.biases[0].astype(np.float64),
            plan.convex_tol,
        )
        self._score = None
        if self._held_out is not None:
            self._stopper = Stopper(plan, network.parameters, has_rate=False)
            self._held_out_rows = transfer_set.X[self._held_out]
            self._held_out_loss = MeanLoss(
                transfer_set, self._held_out, plan.loss, plan.temperature
            )
            if observer is not None:
                self._score = observer.held_out_score(self._held_out)
            self._hard_loss = MeanLoss(
                transfer_set.hard_term(self._held_out),
                slice(None),
                plan.loss,
                plan.temperature,
            )
        self._hard_losses = []
        self.loss_curve = []

    def run_epoch(self):
        """Make a step, and tell whether it is the last one."""
        step, observer = len(self.loss_curve), self._observer
        if observer is not None:
            observer.begin_epoch(step)
        if not self._solver.has_converged:
            self._solver.step()
        self.loss_curve.append(self._solver.loss)
        if self._plan.verbose:
            print(f"Iteration {step + 1}, loss = {self._solver.loss:.8f}")
        stops = self._solver.has_converged
        if self._held_out is not None:
            self._assign()
            stops |= self._stopper.should_stop(self._held_out_score())
        if observer is not None and observer.end_epoch(step, self._up_to_date):
            return True
        return stops

    def finish(self):
        """Put the best weights into the network, and return the losses and scores."""
        scores = best_score = best_iter = None
        if self._held_out is None:
            self._assign()
        else:
            self._stopper.restore()
            self._stopper.warn_of_target()
            scores = self._stopper.scores
            best_score = self._stopper.best_score
            best_iter = self._stopper.best_iter
        if best_iter in (None, len(self.loss_curve)):
            # Otherwise an earlier step was better on held-out rows.
            self._warn_unless_converged()
        if self._observer is not None:
            self._observer.finish(self._up_to_date)
        n_steps = len(self.loss_curve)
        hard = self._hard_losses or None
        return History(self.loss_curve, scores, best_score, best_iter, hard, n_steps)

    def _warn_unless_converged(self):
        """Warn if the last step is the last one of the plan, and not of the solver."""
        n_steps = len(self.loss_curve)
        if self._observer is None or self._solver.has_converged:
            return
        if n_steps == self._plan.max_iter:
            warn(
                f"the training has not converged after {n_steps} steps: give a greater "
                "max_iter, or a greater weight_decay"
            )

    def _assign(self):
        """Put the present weights into the network. Raise if one is not finite."""
        weights, biases = self._solver.parts
        with np.errstate(over="ignore"):  # One may be beyond single precision.
            self._network.sparse_weights[...] = weights
            self._network.biases[0][...] = biases
        if not np.isfinite(self._network.parameters).all():
            raise ValueError(
                f"the training came in step {len(self.loss_curve)} to weights that are "
                f"not finite: the loss is {self._solver.loss:.3g}. Values of X are too "
                "large or too small: scale the columns"
            )

    @contextmanager
    def _up_to_date(self):
        self._assign()
        yield

    def _held_out_score(self):
        if self._score is not None:
            return self._score()
        network = self._network
        logits = self._held_out_rows @ network.sparse_weights + network.biases[0]
        loss, _ = self._held_out_loss(logits.astype(np.float64))
        hard, _ = self._hard_loss(logits.astype(np.float64))
        self._hard_losses.append(hard)
        return -loss


def _rows_of(X, rows):
    """Return some rows in double precision, with one copy at most."""
    some = X if len(rows) == X.shape[0] else X[rows]
    return some.astype(np.float64)
