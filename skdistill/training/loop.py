"""The training of a network on a transfer set: epochs, schedule and stopping."""

import numpy as np

from skdistill.common.progress import epochs_a_report
from skdistill.common.warn import warn
from skdistill.training.checkpoint import state_of
from skdistill.training.convex_training import ConvexTraining
from skdistill.training.divergence import check_finite, divergence, greatest_loss
from skdistill.training.history import History
from skdistill.training.source import RowsInMemory, make_epochs
from skdistill.training.splits import split_rows
from skdistill.training.stopping import Stopper

# About so many steps get their learning rates at once.
_STEPS_OF_RATES = 1024

# Share of all steps in which the learning rate rises to its full value.
_WARM_UP = 0.05

# After so many steps, it changes no bit of a step that the moments began at zero. So
# steps of former trainings count up to this number.
_FORGOTTEN = 1024

# Number of rows that are looked at to tell whether a training has diverged.
_ROWS_TO_LOOK_AT = 1000


def train(
    network,
    transfer_set,
    plan,
    random_state,
    observer=None,
    hint=None,
    checkpoint=None,
    source=None,
):
    """Train a network in place.

    An epoch takes every real row once. It takes as many synthetic rows as their share
    asks for, and the next epoch takes other ones. A convex training is another one: see
    `skdistill.training.convex_training`.

    Parameters
    ----------
    network : Network
        Network with its initial weights.
    transfer_set : TransferSet
        Rows to train on.
    plan : TrainingPlan
    random_state : RandomState
    observer : EpochObserver or None, default=None
        Observer of the student after each epoch. If it keeps interrupted students, and
        at least one epoch is done, an interrupt by the user ends the training.
        Otherwise the interrupt is raised.
    hint : HintTraining or None, default=None
        Training of the lower layers by hints. Parts of it go before each epoch. It does
        not see rows that are held out.
    checkpoint : Checkpoint or None, default=None
        File to go on from, and to keep the state of the training in. It is removed when
        the training is done. A convex training has none.
    source : RecordSource or None, default=None
        Source of the rows to train on, in place of the transfer set. It has no rows to
        hold out.

    Returns
    -------
    history : History

    Raises
    ------
    ValueError
        If the loss, a weight or a score becomes infinite or NaN. Or if the loss ends
        far above that of equal probabilities and that of the first weights.
    """
    if plan.is_convex:
        training = ConvexTraining(network, transfer_set, plan, random_state, observer)
    else:
        training = Training(
            network, transfer_set, plan, random_state, observer, source=source
        )
        training.go_along_with(hint)
        training.keep_in(checkpoint)
    loss_curve = training.loss_curve
    try:
        while len(loss_curve) < plan.max_iter:
            if training.run_epoch():
                break
    except KeyboardInterrupt:
        if observer is None or not observer.keeps_interrupted or not loss_curve:
            raise
        kept = "the best so far" if plan.early_stopping else "that of the last step"
        warn(
            f"Training interrupted by user, after {len(loss_curve)} of "
            f"{plan.max_iter} epochs: the student is {kept}",
        )
        return training.finish()._replace(was_interrupted=True)
    history = training.finish()
    if checkpoint is not None:
        checkpoint.remove()
    return history


class Training:
    """The state of a training between two epochs.

    Parameters
    ----------
    network : Network
        Network that is trained in place.
    transfer_set : TransferSet
        Rows to train on.
    plan : TrainingPlan
    random_state : RandomState
    observer : EpochObserver or None, default=None
        Observer of the student after each epoch.
    rows : ndarray of shape (n,), int32, or None, default=None
        Numbers of the rows to train on. If None, the plan decides.
    source : RecordSource or None, default=None
        Source of the rows to train on, in place of the transfer set.
    former : OptimizerState or None, default=None
        State of a training without an end, which goes on at a constant learning rate.

    Attributes
    ----------
    loss_curve : list of float
        Mean loss of each epoch.
    n_steps : int
        Number of steps of these epochs and of the former training.
    """

    def __init__(
        self,
        network,
        transfer_set,
        plan,
        random_state,
        observer=None,
        rows=None,
        source=None,
        former=None,
    ):
        self._network = network
        self._plan = plan
        self._former = former
        self._steps_before = 0 if former is None else min(former.n_steps, _FORGOTTEN)
        self._random_state = random_state
        self._observer = observer
        self._rows, self._held_out = rows, None
        if rows is None and source is None:
            self._rows, self._held_out = split_rows(transfer_set, plan, random_state)
        self._source = source
        if source is None:
            self._source = RowsInMemory(transfer_set, self._rows, plan, random_state)
        self._batch_size = min(plan.batch_size, self._source.n_rows)
        self._steps = -(-self._source.n_rows // self._batch_size)
        self._epochs = self._source.epochs(
            network, plan, self._steps_before + self._all_steps
        )
        if former is not None:
            self._epochs.go_on_from(former.arrays, self._steps_before)
        self._first_weights = network.parameters.copy()
        self._stopper = Stopper(plan, network.parameters)
        self._score = self._hard_term = None
        self._hard_losses = []
        if observer is not None and self._held_out is not None:
            self._score = observer.held_out_score(self._held_out)
            if self._score is None:
                # The kernels fold both terms into one, so this one needs its own rows.
                alone = transfer_set.hard_term(self._held_out)
                self._hard_term = make_epochs(network, alone, plan, self._all_steps)
        self._epochs_of_rates = max(1, _STEPS_OF_RATES // self._steps)
        self._next_rates = None
        self._hint = self._hint_training = None
        self._checkpoint = None
        # Of the epoch that is running: the sum of the losses, chunks and steps so far.
        self._total, self._chunks_done, self._steps_done = 0.0, 0, 0
        self.loss_curve = []

    @property
    def _all_steps(self):
        return self._plan.max_iter * self._steps

    def go_along_with(self, hint):
        """Train the lower layers by hints too: see `train`."""
        if hint is None:
            return
        rows = np.unique(self._rows)
        self._hint, state = hint, hint.random_state
        self._hint_training = Training(
            hint.network, hint.transfer_set, hint.plan, state, rows=rows
        )

    def keep_in(self, checkpoint):
        """Go on from a checkpoint, and keep the state there: see `train`."""
        self._checkpoint = checkpoint
        state = None if checkpoint is None else checkpoint.read()
        if state is not None:
            self.resume(state)

    def state(self):
        """Return all that the rest of the training depends on."""
        hint = self._hint_training
        return {
            "epochs": self._epochs.state(),
            "source": self._source.state(),
            "stopper": self._stopper.state(),
            "random": state_of(self._random_state),
            "hint": None if hint is None else hint.state(),
            "hard_losses": self._hard_losses,
            "loss_curve": self.loss_curve,
            "running": [self._total, self._chunks_done, self._steps_done],
        }

    def resume(self, state):
        """Go on from a state."""
        self._epochs.resume(state["epochs"])
        self._source.resume(state["source"])
        self._stopper.resume(state["stopper"])
        self._random_state.set_state(state["random"])
        if self._hint_training is not None:
            self._hint_training.resume(state["hint"])
        self._hard_losses[:] = state["hard_losses"]
        self.loss_curve[:] = state["loss_curve"]
        self._total, self._chunks_done, self._steps_done = state["running"]

    def run_epoch(self):
        """Train for an epoch, and tell whether it is the last one."""
        epoch, observer = len(self.loss_curve), self._observer
        if observer is not None:
            observer.begin_epoch(epoch)
        if self._hint is not None:
            self._learn_hint(epoch)
        self._train(epoch)
        stops = self._held_out is not None and self._stopper.should_stop(
            self._held_out_score()
        )
        if self._plan.verbose:
            self._print(epoch)
        if observer is not None and observer.end_epoch(epoch, self._epochs.up_to_date):
            return True
        if self._checkpoint is not None and not stops:
            self._checkpoint.offer(self)
        return stops

    @property
    def n_steps(self):
        """Number of steps of these epochs and of the former training."""
        former = 0 if self._former is None else self._former.n_steps
        return former + len(self.loss_curve) * self._steps

    def up_to_date(self):
        """Return a context in which all weights of the network are up to date."""
        return self._epochs.up_to_date()

    def optimizer_arrays(self):
        """Return copies of weights and moments, for a training that goes on."""
        return self._epochs.optimizer_arrays()

    def finish(self):
        """Put the best weights into the network, and return the losses and scores."""
        self._epochs.finish()
        self._stopper.restore()
        self._stopper.warn_of_target()
        check_finite(self._network, self.loss_curve, self._plan)
        self._check_loss()
        if self._observer is not None:
            self._observer.finish(self._epochs.up_to_date)
        scores = None if self._held_out is None else self._stopper.scores
        hard = None if self._hard_term is None else self._hard_losses[: len(scores)]
        return History(
            self.loss_curve,
            scores,
            self._stopper.best_score,
            self._stopper.best_iter,
            hard,
            len(self.loss_curve) * self._steps,
        )

    def _check_loss(self):
        """Raise if the weights are far worse than zeros and than those at the start.

        All may be finite all the same. A few steps may end far above the loss of zeros
        because they began there.
        """
        rows = self._source.some(_ROWS_TO_LOOK_AT)
        # A training that did not diverge passes this bound, which costs nothing.
        if self.loss_curve[-1] <= greatest_loss(
            self._epochs.constant(rows) / rows.size
        ):
            return
        zeros = self._epochs.loss_with(0.0, rows) / rows.size
        first = self._epochs.loss_with(self._first_weights, rows) / rows.size
        loss = self._epochs.loss(rows) / rows.size
        if not loss <= greatest_loss(max(zeros, first)):
            also = f", and that of equal probabilities is {zeros:.3g}"
            raise divergence(f"{loss:.3g}{also}", self.loss_curve, self._plan)

    def _learn_hint(self, epoch):
        """Train the lower layers by the part of the hint that an epoch begins with."""
        hint, training = self._hint, self._hint_training
        n_epochs = hint.plan.max_iter
        n_done = round((epoch + 1) / self._plan.max_iter * n_epochs)
        if len(training.loss_curve) == n_done:
            return
        self._epochs.finish()
        hint.take(self._network)
        while len(training.loss_curve) < n_done:
            training.run_epoch()
        training._epochs.finish()
        hint.give(self._network)

    def _train(self, epoch):
        """Train on the rows of an epoch, chunk by chunk."""
        rates = self._rates(epoch)
        for rows in self._source.chunks(epoch, self._batch_size, self._chunks_done):
            first = self._steps_done
            n_steps = -(-rows.size // self._batch_size)
            self._total += self._epochs.train(
                rows,
                self._batch_size,
                rates[first : first + n_steps],
                self._steps_before + epoch * self._steps + first,
                _seed(self._random_state),
            )
            self._chunks_done += 1
            self._steps_done += n_steps
            if self._checkpoint is not None and self._steps_done < self._steps:
                self._checkpoint.offer(self)
        self.loss_curve.append(self._total / self._source.n_rows)
        self._total, self._chunks_done, self._steps_done = 0.0, 0, 0
        check_finite(self._network, self.loss_curve, self._plan)

    def _rates(self, epoch):
        """Return the learning rates of an epoch, computed for several at once."""
        if self._former is not None:
            return np.full(self._steps, self._plan.learning_rate_init)
        if self._held_out is not None:
            factors = self._stopper.factors(epoch, self._steps)
            return factors * self._plan.learning_rate_init
        number = epoch % self._epochs_of_rates
        if number == 0 or self._next_rates is None:
            count = self._epochs_of_rates * self._steps
            first = (epoch - number) * self._steps
            rates = schedule(first, count, self._all_steps)
            self._next_rates = rates * self._plan.learning_rate_init
        return self._next_rates[number * self._steps : (number + 1) * self._steps]

    def _print(self, epoch):
        """Print loss and score of an epoch, in the words of scikit-learn's networks."""
        news = self._stopper.news
        if not news and (epoch + 1) % epochs_a_report(self._plan.max_iter):
            return
        print(f"Iteration {epoch + 1}, loss = {self.loss_curve[-1]:.8f}")
        if self._held_out is not None:
            print(f"Validation score: {self._stopper.scores[-1]:.6f}")
        if news:
            print(news)

    def _held_out_score(self):
        """Return the score of the rows held out."""
        if self._score is None:
            n_rows = self._held_out.size
            loss = self._epochs.loss(self._held_out)
            if self._hard_term is not None:
                hard = self._hard_term.loss(np.arange(n_rows, dtype=np.int32))
                self._hard_losses.append(hard / n_rows)
            return -loss / n_rows
        self._epochs.finish()
        return self._score()


def schedule(first, count, n_steps):
    """Return factors of the learning rate: a linear rise, then half a cosine.

    Parameters
    ----------
    first : int
        Number of the first step, from 0.
    count : int
        Number of factors.
    n_steps : int
        Number of steps of the whole training.

    Returns
    -------
    factors : ndarray of shape (count,)
        Factors of the steps. They rise to 1 in the first twentieth of all steps, and
        fall to 0 by the last step.
    """
    step = np.arange(first, first + count)
    rise = np.minimum(1.0, (step + 1) / n_steps / _WARM_UP)
    return rise * 0.5 * (1.0 + np.cos(np.pi * step / n_steps))


def _seed(random_state):
    """Draw a seed of 64 bits, not zero."""
    high, low = random_state.randint(1, 2**31 - 1, size=2)
    return np.uint64(int(high) << 32 | int(low))
