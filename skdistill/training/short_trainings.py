"""Short trainings on most of the labelled rows, to predict the other ones."""

import numpy as np

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.common.split import hold_out
from skdistill.training.loop import train
from skdistill.training.plan import auto_epochs

# Share of the labelled rows that a short training holds out, the fewest rows that it
# needs, and the most rows that it takes. Its steps see so many rows about ten times.
_HELD_OUT = 0.12
_FEWEST_ROWS = 100
_MOST_ROWS = 40_000

# Number of steps of a short training.
_STEPS = 1500

# Decays that are tried, and the decay that is used if there are too few labels to try.
# Of the decays that are about as good as the best, the least is taken: short trainings
# have no synthetic rows, and synthetic rows regularise the student as well.
_DECAYS = (0.1, 0.3, 1.0, 3.0, 10.0)
_USUAL_DECAY = 0.3
_ALIKE = 1.03


class ShortTrainings:
    """Short trainings of small networks, to choose parameters.

    Parameters
    ----------
    X : table of shape (n_rows, n_features)
        Given rows.
    transfer_set : TransferSet
        Given rows, encoded, and synthetic rows after them.
    start_network : callable
        Function that takes a random state, and returns a network with its first
        weights.
    make_student : callable
        Function that takes a trained network, and returns its student.
    plan : TrainingPlan
    random_state : RandomState

    Attributes
    ----------
    are_possible : bool
        Whether there are enough labels.
    has_groups : bool
        Whether rows of a group are held out together. Such rows are alike, so there is
        less evidence than the number of rows says.
    """

    def __init__(
        self, X, transfer_set, start_network, make_student, plan, random_state
    ):
        self._X = X
        self._transfer_set = transfer_set
        self._start_network = start_network
        self._make_student = make_student
        self._plan = plan
        self._random_state = random_state
        self._predictions = {}
        labels, groups = transfer_set.labels[: transfer_set.n_real], transfer_set.groups
        labelled = np.flatnonzero(labels >= 0)
        self.are_possible = labelled.size >= _FEWEST_ROWS
        self.has_groups = groups is not None
        self._has_few_labels = labelled.size < labels.size / 2
        if labelled.size > _MOST_ROWS:
            labelled = random_state.choice(labelled, _MOST_ROWS, replace=False)
        if self.are_possible:
            self._kept, self._held_out = hold_out(
                labelled,
                labels[labelled],
                _HELD_OUT,
                random_state,
                None if groups is None else groups[labelled],
            )

    def weight_decay(self):
        """Return the decay with which training on labels alone generalises best.

        Returns
        -------
        weight_decay : float
            Least decay that is about as good as the best.
        """
        # With a greater decay, a step would turn the signs of the weights.
        largest = 1.0 / self._plan.learning_rate_init
        if not self.are_possible:
            return min(_USUAL_DECAY, largest)
        losses = {}
        for decay in [decay for decay in _DECAYS if decay <= largest] or [largest]:
            losses[decay] = self.labels_alone(decay).calibrated_loss
            if losses[decay] > _ALIKE * min(losses.values()):
                break  # This decay is too strong, and a stronger one would be worse.
        alike = _ALIKE * min(losses.values())
        decay = next(decay for decay, loss in losses.items() if loss <= alike)
        # A decay that suits a few labels is too strong for many rows without labels.
        return min(decay, _USUAL_DECAY) if self._has_few_labels else decay

    def labels_alone(self, decay):
        """Return the predictions of a student that learns the labels alone.

        Parameters
        ----------
        decay : float
            Decay of the weights.

        Returns
        -------
        predictions : HeldOutPredictions
        """
        return self._train(0.0, decay)

    def teacher_alone(self, decay):
        """Return the predictions of a student that learns the teacher's answers alone.

        Parameters
        ----------
        decay : float
            Decay of the weights.

        Returns
        -------
        predictions : HeldOutPredictions
        """
        return self._train(1.0, decay)

    def _train(self, soft_share, decay):
        """Train on the kept rows, and return the predictions for the held-out rows."""
        if (soft_share, decay) in self._predictions:
            return self._predictions[soft_share, decay]
        whole, rows, held_out = self._transfer_set, self._kept, self._held_out
        batch_size = min(self._plan.batch_size, rows.size)
        plan = self._plan._replace(
            weight_decay=decay,
            batch_size=batch_size,
            max_iter=auto_epochs(rows.size, batch_size, _STEPS),
            synthetic_share=0.0,
            # The predictions are compared and calibrated as probabilities.
            temperature=1.0,
            early_stopping=False,
            verbose=False,
        )
        network = self._start_network(self._random_state)
        train(network, whole.selected(rows, soft_share), plan, self._random_state)
        student = self._make_student(network)
        predictions = whole.task.predictions(
            student_targets(student, safe_indexing(self._X, held_out)),
            whole.labels[held_out],
            (whole.hard_weight + whole.soft_weight)[held_out],
            student,
            held_out,
        )
        self._predictions[soft_share, decay] = predictions
        return predictions


def student_targets(student, X):
    """Return a student's predictions in the form of soft targets.

    Parameters
    ----------
    student : Student
    X : table of shape (n_rows, n_features)

    Returns
    -------
    targets : ndarray of shape (n_rows, n_targets)
    """
    return student.output.all_logits(student.decision_function(X))
