"""What looks at a student while it is trained."""

import copy

from skdistill.stopping import held_out_score


class Watch:
    """Looks at the student after each epoch: for callbacks and early stopping.

    Parameters
    ----------
    estimator : DistilledClassifier
    task : Task
        Whose parts the epochs are.
    rows : GivenRows
    make_student : callable
        Takes a type of weights, and returns the student as it is.
    keeps_interrupted : bool, default=True
        Whether an interrupt ends the training with the student as it is.
    """

    def __init__(self, estimator, task, rows, make_student, keeps_interrupted=True):
        self.keeps_interrupted = keeps_interrupted
        self._estimator = estimator
        self._task = task
        self._rows = rows
        self._make_student = make_student

    def begin_epoch(self):
        """Return the task of an epoch."""
        return self._task.begin("epoch")

    def end_epoch(self, task, up_to_date):
        """Tell whether a callback ends the training with this epoch.

        Parameters
        ----------
        task : Task
        up_to_date : callable
            Returns a context in which all weights are.
        """

        def attributes():
            with up_to_date():
                return student_attributes(self._make_student("float32"))

        return task.end(attributes)

    def held_out_score(self, held_out):
        """Return how the student is scored on rows held out.

        Parameters
        ----------
        held_out : ndarray of shape (n_held_out,), int

        Returns
        -------
        score : callable or None
            See `skdistill.stopping.held_out_score`.
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
