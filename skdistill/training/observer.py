"""What looks at a student while it is trained."""

import copy
from contextlib import contextmanager

from skdistill.common.progress import epochs_told_at_once
from skdistill.training.stopping import held_out_score


@contextmanager
def watched_training(
    estimator, fit, n_epochs, rows, make_student, keeps_interrupted=True
):
    """Begin the training of a student with the block, and end it with it.

    Parameters
    ----------
    estimator : DistilledClassifier
    fit : Task
        Of which the training is a part.
    n_epochs : int
        The most that there may be.
    rows : GivenRows
    make_student : callable
        Takes a type of weights, and returns the student as it is.
    keeps_interrupted : bool, default=True
        Whether an interrupt ends the training with the student as it is.

    Yields
    ------
    watch : Watch
    """
    epochs_a_task = epochs_told_at_once(n_epochs)
    n_tasks = -(-n_epochs // epochs_a_task)
    with fit.part("train student", n_tasks) as training:
        yield Watch(
            estimator, training, epochs_a_task, rows, make_student, keeps_interrupted
        )


class Watch:
    """Looks at the student after each epoch: for callbacks and early stopping.

    Parameters
    ----------
    estimator : DistilledClassifier
    training : Task
    epochs_a_task : int
        How many epochs make a part of it.
    rows : GivenRows
    make_student : callable
        Takes a type of weights, and returns the student as it is.
    keeps_interrupted : bool
        Whether an interrupt ends the training with the student as it is.
    """

    def __init__(
        self, estimator, training, epochs_a_task, rows, make_student, keeps_interrupted
    ):
        self.keeps_interrupted = keeps_interrupted
        self._estimator = estimator
        self._training = training
        self._epochs_a_task = epochs_a_task
        self._rows = rows
        self._make_student = make_student
        self._task = None

    def begin_epoch(self, epoch):
        """Take note of an epoch before it, by its number, from 0."""
        if epoch % self._epochs_a_task == 0:
            name = "epoch" if self._epochs_a_task == 1 else "epochs"
            self._task = self._training.begin(name)

    def end_epoch(self, epoch, up_to_date):
        """Take note of an epoch; tell whether a callback ends the training with it.

        Parameters
        ----------
        epoch : int
        up_to_date : callable
            Returns a context in which all weights are.
        """
        if (epoch + 1) % self._epochs_a_task:
            return False
        return self.finish(up_to_date)

    def finish(self, up_to_date):
        """End the task of the epochs made, if it is not; see `end_epoch`."""
        if self._task is None:
            return False

        def attributes():
            with up_to_date():
                return student_attributes(self._make_student("float32"))

        task, self._task = self._task, None
        return task.end(attributes)

    def held_out_score(self, held_out):
        """Return how the student is scored on rows held out.

        Parameters
        ----------
        held_out : ndarray of shape (n_held_out,), int

        Returns
        -------
        score : callable or None
            See `skdistill.training.stopping.held_out_score`.
        """
        return held_out_score(self._estimator, self._rows, held_out, self._fitted)

    def _fitted(self):
        """Return a copy of the estimator with the student as it is."""
        estimator = copy.copy(self._estimator)
        vars(estimator).update(student_attributes(self._make_student("float32")))
        return estimator


def student_attributes(student):
    """Return the fitted attributes of an estimator that are its student's.

    Parameters
    ----------
    student : Student

    Returns
    -------
    attributes : dict
    """
    return {
        "student_": student,
        "coefs_": student.coefs_,
        "intercepts_": student.intercepts_,
        "n_layers_": student.n_layers_,
        "n_outputs_": student.intercepts_[-1].size,
        "out_activation_": student.out_activation_,
    }
