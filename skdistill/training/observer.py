"""Access to a student while it is trained, for callbacks and early stopping."""

import copy
from contextlib import contextmanager

from skdistill.common.progress import epochs_a_report
from skdistill.common.side_by_side import end_if_stopped
from skdistill.training.scores import held_out_score


@contextmanager
def observed_training(
    estimator, stage, n_epochs, data, make_student, attributes, keeps_interrupted=True
):
    """Return a context for the training of a student.

    The stage of the training begins and ends with the block.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator that is fitted.
    stage : Stage
        Stage of the fit.
    n_epochs : int
        Greatest number of epochs.
    data : DistillationData
    make_student : callable
        Function that takes a type of weights, and returns the student of that moment.
    attributes : dict
        Other fitted attributes, which are known before the training.
    keeps_interrupted : bool, default=True
        Whether an interrupt ends the training with the student of that moment.

    Yields
    ------
    observer : EpochObserver
    """
    epochs_a_stage = epochs_a_report(n_epochs)
    n_stages = -(-n_epochs // epochs_a_stage)
    with stage.part("train student", n_stages) as training:
        yield EpochObserver(
            estimator,
            training,
            epochs_a_stage,
            data,
            make_student,
            attributes,
            keeps_interrupted,
        )


class EpochObserver:
    """Hands the student to callbacks and early stopping after each epoch.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator that is fitted.
    training : Stage
        Stage of the training.
    epochs_a_stage : int
        Number of epochs that are reported as one stage.
    data : DistillationData
    make_student : callable
        Function that takes a type of weights, and returns the student of that moment.
    attributes : dict
        Other fitted attributes, which are known before the training.
    keeps_interrupted : bool
        Whether an interrupt ends the training with the student of that moment.
    """

    def __init__(
        self,
        estimator,
        training,
        epochs_a_stage,
        data,
        make_student,
        attributes,
        keeps_interrupted,
    ):
        self.keeps_interrupted = keeps_interrupted
        self._estimator = estimator
        self._training = training
        self._epochs_a_stage = epochs_a_stage
        self._data = data
        self._make_student = make_student
        self._known_attributes = attributes
        self._stage = None

    def begin_epoch(self, epoch):
        """Begin a stage before the first of its epochs.

        Parameters
        ----------
        epoch : int
            Number of the epoch, from 0.
        """
        if epoch % self._epochs_a_stage == 0:
            name = "epoch" if self._epochs_a_stage == 1 else "epochs"
            self._stage = self._training.begin(name)

    def end_epoch(self, epoch, up_to_date):
        """End a stage after the last of its epochs.

        Parameters
        ----------
        epoch : int
            Number of the epoch, from 0.
        up_to_date : callable
            Function that returns a context in which all weights are up to date.

        Returns
        -------
        stops : bool
            Whether a callback ends the training.
        """
        if (epoch + 1) % self._epochs_a_stage:
            return False
        return self.finish(up_to_date)

    def finish(self, up_to_date):
        """End the stage that has begun, if there is one: see `end_epoch`."""
        if self._stage is None:
            return False

        def attributes():
            with up_to_date():
                return self._attributes()

        stage, self._stage = self._stage, None
        return stage.end(attributes)

    def held_out_score(self, held_out):
        """Return the function that scores the student on held-out rows.

        Parameters
        ----------
        held_out : ndarray of shape (n_held_out,), int
            Row numbers.

        Returns
        -------
        score : callable or None
            Function without arguments that returns the score: see
            `skdistill.training.scores.held_out_score`.
        """
        return held_out_score(self._estimator, self._data, held_out, self._fitted)

    def _fitted(self):
        """Return a copy of the estimator with the student of this moment."""
        estimator = copy.copy(self._estimator)
        vars(estimator).update(self._attributes())
        return estimator

    def _attributes(self):
        """Return the fitted attributes that are known at this moment."""
        return self._known_attributes | student_attributes(
            self._make_student("float32")
        )


class EndsWithFit:
    """Observer that ends a training in a thread if the fit failed or was interrupted.

    An interrupt reaches the thread of the fit alone.
    """

    keeps_interrupted = False

    def begin_epoch(self, epoch):
        """Raise if nobody waits for the student."""
        end_if_stopped()

    def end_epoch(self, epoch, up_to_date):
        """Return False: the training goes on."""
        return False

    def finish(self, up_to_date):
        """Do nothing."""


def student_attributes(student):
    """Return the fitted attributes that an estimator takes from its student.

    Parameters
    ----------
    student : Student

    Returns
    -------
    attributes : dict
        Names and values.
    """
    return {
        "student_": student,
        "coefs_": student.coefs_,
        "intercepts_": student.intercepts_,
        "n_layers_": student.n_layers_,
        "n_outputs_": student.intercepts_[-1].size,
        "out_activation_": student.out_activation_,
    }
