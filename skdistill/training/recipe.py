"""Parameters that are chosen from the data, by short trainings on a part of it."""

from typing import NamedTuple

import numpy as np
from sklearn.model_selection import train_test_split

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.student.student import Student
from skdistill.teachers.out_of_bag import temperature_of
from skdistill.training.loop import auto_epochs, train
from skdistill.transfer.transfer_set import TransferSet

# Part of the labelled rows that a probe holds out, the fewest it needs, and the
# most it looks at: what a probe sees ten times in its steps.
_HELD_OUT = 0.12
_FEWEST_ROWS = 100
_MOST_ROWS = 40_000

# Steps that a probe makes.
_STEPS = 1500

# Values of the weight decay that are tried, and the one where there are too few
# labels to try. Of values that do alike, the least: synthetic rows, which the
# probes do without, hold the student back as well.
_DECAYS = (0.1, 0.3, 1.0, 3.0, 10.0)
_USUAL_DECAY = 0.3
_ALIKE = 1.03

# Of each batch, where there are synthetic rows.
_SYNTHETIC_SHARE = 0.25

# How strongly the temperature of a probe is drawn to 1.
_PRIOR = 10.0

_LEAST_LOSS = 1e-6

# A teacher is worse than labels alone where it gets fewer held-out labels right
# by this much, and by this many standard errors.
_WORSE = 0.1
_STANDARD_ERRORS = 3.0


class Answers(NamedTuple):
    """What a model says of labelled rows that it was not trained on.

    Attributes
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    labels : ndarray of shape (n_rows,), int
    student : Student or None
        That gave the answers.
    weights : ndarray of shape (n_rows,) or None
        Of the rows; None for equal ones.
    """

    logits: np.ndarray
    labels: np.ndarray
    student: Student | None = None
    weights: np.ndarray | None = None

    @property
    def accuracy(self):
        """Share of rows whose most probable class is their label."""
        right = self.logits.argmax(axis=1) == self.labels
        return float(np.average(right, weights=self.weights))

    @property
    def temperature(self):
        """Temperature at which the logits fit the labels best."""
        return temperature_of(self.logits, self.labels, self.weights, prior=_PRIOR)

    @property
    def calibrated_loss(self):
        """Log-loss at the best temperature."""
        return log_loss(self.logits / self.temperature, self.labels, self.weights)


class Recipe(NamedTuple):
    """Parameters of a training, and what they were chosen by.

    Attributes
    ----------
    weight_decay : float
    synthetic_share : float
    teacher_share : float
    temperature : float
        Of the teacher.
    teacher : Answers or None
        Of the teacher, or of a student of its answers alone.
    labels_alone : Answers or None
        Of a student of labels alone.
    teacher_is_worse : bool
        Whether the first are clearly worse than the second.
    follows_teacher : bool
        False where it is left out for that.
    """

    weight_decay: float
    synthetic_share: float
    teacher_share: float = 1.0
    temperature: float = 1.0
    teacher: Answers | None = None
    labels_alone: Answers | None = None
    teacher_is_worse: bool = False
    follows_teacher: bool = True

    def prepare(self, transfer_set, X, synthetic):
        """Return the rows to train on.

        Parameters
        ----------
        transfer_set : TransferSet
        X : table
            The rows that were given.
        synthetic : table or None
            The synthetic rows.

        Returns
        -------
        transfer_set : TransferSet
        """
        if not self.follows_teacher:
            return transfer_set.without_teacher()
        transfer_set = transfer_set.calibrated(self.temperature)
        unlabeled = np.flatnonzero(transfer_set.labels < 0)
        if unlabeled.size == 0 or self.teacher_share == 1.0:
            return transfer_set
        other = self.labels_alone
        given = unlabeled[unlabeled < transfer_set.n_real]
        tables = [safe_indexing(X, given)] if given.size else []
        tables += [] if synthetic is None else [synthetic]
        logits = np.concatenate([all_logits(other.student, t) for t in tables])
        return transfer_set.blended(
            unlabeled, logits / other.temperature, self.teacher_share
        )


class Probes:
    """Short trainings on most of the labelled rows, asked for the others.

    Parameters
    ----------
    X : table of shape (n_rows, n_features)
        The rows that were given.
    transfer_set : TransferSet
        These, and synthetic ones.
    make_network : callable
        Takes a random state, and returns a network with its first weights.
    make_student : callable
        Returns the student of a trained one.
    options : TrainingOptions
    random_state : RandomState
    """

    def __init__(
        self, X, transfer_set, make_network, make_student, options, random_state
    ):
        self._X = X
        self._transfer_set = transfer_set
        self._make_network = make_network
        self._make_student = make_student
        self._options = options
        self._random_state = random_state
        self._answers = {}
        labels = transfer_set.labels[: transfer_set.n_real]
        labelled = np.flatnonzero(labels >= 0)
        self.possible = labelled.size >= _FEWEST_ROWS
        self._few_labels = labelled.size < labels.size / 2
        if labelled.size > _MOST_ROWS:
            labelled = random_state.choice(labelled, _MOST_ROWS, replace=False)
        if self.possible:
            rows = _split(labelled, labels[labelled], random_state)
            self._kept, self._held_out = rows

    def weight_decay(self):
        """Return the decay whose training on labels alone generalises best."""
        if not self.possible:
            return min(_USUAL_DECAY, 1.0 / self._options.learning_rate_init)
        # Beyond it a step would turn the weights' signs.
        largest = 1.0 / self._options.learning_rate_init
        losses = {}
        for decay in [decay for decay in _DECAYS if decay <= largest] or [largest]:
            losses[decay] = self.labels_alone(decay).calibrated_loss
            if losses[decay] > _ALIKE * min(losses.values()):
                break  # Too much: more would be worse.
        alike = _ALIKE * min(losses.values())
        decay = next(decay for decay, loss in losses.items() if loss <= alike)
        # What so few labels need is too much for the rows without labels.
        return min(decay, _USUAL_DECAY) if self._few_labels else decay

    def labels_alone(self, decay):
        """Return the answers of a student of the labels alone."""
        return self._train(0.0, decay)

    def teacher_alone(self, decay):
        """Return the answers of a student of the teacher's answers alone."""
        return self._train(1.0, decay)

    def _train(self, soft_share, decay):
        """Train on the kept rows; return the answers for those held out."""
        if (soft_share, decay) in self._answers:
            return self._answers[soft_share, decay]
        rows, held_out = self._kept, self._held_out
        whole = self._transfer_set
        weight = (whole.hard_weight + whole.soft_weight)[rows]
        part = TransferSet(
            whole.X[rows],
            whole.teacher_logits[rows],
            whole.labels[rows],
            soft_share * weight,
            (1.0 - soft_share) * weight,
            rows.size,
        )
        batch_size = min(self._options.batch_size, rows.size)
        options = self._options._replace(
            weight_decay=decay,
            batch_size=batch_size,
            max_iter=auto_epochs(rows.size, batch_size, _STEPS),
            synthetic_share=0.0,
            # The answers are compared, and calibrated, as probabilities.
            temperature=1.0,
            early_stopping=False,
            verbose=False,
        )
        network = self._make_network(self._random_state)
        train(network, part, options, self._random_state)
        student = self._make_student(network)
        logits = all_logits(student, safe_indexing(self._X, held_out))
        weights = (whole.hard_weight + whole.soft_weight)[held_out]
        answers = Answers(logits, whole.labels[held_out], student, weights)
        self._answers[soft_share, decay] = answers
        return answers


def choose_recipe(
    probes,
    unseen,
    *,
    weight_decay,
    synthetic_share,
    teacher_share,
    calibrate,
    uses_teacher,
):
    """Choose the parameters that are "auto".

    Parameters
    ----------
    probes : Probes
    unseen : Answers or None
        Of the teacher, for rows that it was not trained on. Where there are
        none, a student of its answers alone stands for it.
    weight_decay, synthetic_share, teacher_share : float or "auto"
    calibrate : bool
        Whether to choose a temperature.
    uses_teacher : bool
        Whether the objective has a part of the teacher's.

    Returns
    -------
    recipe : Recipe
    """
    if weight_decay == "auto":
        weight_decay = probes.weight_decay()
    if synthetic_share == "auto":
        synthetic_share = _SYNTHETIC_SHARE
    recipe = Recipe(float(weight_decay), float(synthetic_share))
    if not uses_teacher:
        return recipe
    if not probes.possible:
        if unseen is not None and calibrate:
            recipe = recipe._replace(temperature=unseen.temperature)
        return recipe
    teacher = unseen or probes.teacher_alone(recipe.weight_decay)
    labels_alone = probes.labels_alone(recipe.weight_decay)
    recipe = recipe._replace(teacher=teacher, labels_alone=labels_alone)
    if is_worse(teacher, labels_alone):
        recipe = recipe._replace(teacher_is_worse=True)
        if teacher_share == "auto":
            return recipe._replace(
                synthetic_share=0.0, teacher_share=0.0, follows_teacher=False
            )
    if teacher_share == "auto":
        teacher_share = trust(teacher, labels_alone)
        if unseen is None:
            # A student that stands for the teacher makes it look worse.
            teacher_share = max(teacher_share, 0.5)
    return recipe._replace(
        teacher_share=float(teacher_share),
        temperature=teacher.temperature if calibrate else 1.0,
    )


def is_worse(teacher, labels_alone):
    """Tell whether a teacher is clearly worse than training on labels alone.

    Parameters
    ----------
    teacher, labels_alone : Answers

    Returns
    -------
    bool
    """
    lost = labels_alone.accuracy - teacher.accuracy
    variances = [
        max(answers.accuracy * (1.0 - answers.accuracy), 0.01) / answers.labels.size
        for answers in (teacher, labels_alone)
    ]
    return lost > max(_WORSE, _STANDARD_ERRORS * sum(variances) ** 0.5)


def trust(teacher, labels_alone):
    """Return the teacher's share in what is said of rows without labels.

    The other share is that of the student of labels alone. Each is the larger
    the smaller its log-loss on labels that it has not seen.

    Parameters
    ----------
    teacher, labels_alone : Answers

    Returns
    -------
    share : float
    """
    # Losses may be zero.
    loss = teacher.calibrated_loss + _LEAST_LOSS
    other = labels_alone.calibrated_loss + _LEAST_LOSS
    return other / (loss + other)


def all_logits(student, X):
    """Return a student's logits, one for each class."""
    logits = student.decision_function(X)
    if logits.ndim == 1:
        return np.column_stack([np.zeros_like(logits), logits])
    return logits


def log_loss(logits, labels, weights=None):
    """Return the weighted mean cross-entropy of logits and labels."""
    logits = logits - logits.max(axis=1, keepdims=True)
    right = np.take_along_axis(logits, labels[:, np.newaxis], axis=1)[:, 0]
    losses = np.log(np.exp(logits).sum(axis=1)) - right
    return float(np.average(losses, weights=weights))


def _split(rows, labels, random_state):
    """Return rows to train on and rows to hold out, every class in both."""
    counts = np.unique(labels, return_counts=True)[1]
    few = counts.min() < 2 or _HELD_OUT * rows.size < counts.size
    return train_test_split(
        rows,
        test_size=_HELD_OUT,
        random_state=random_state,
        stratify=None if few else labels,
    )
