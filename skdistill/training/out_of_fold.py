"""Whether soft targets of labelled rows are better taken out of fold.

Only for a teacher that repeats labels, see `skdistill.teachers.leak`. Two students are
compared on the labels of each fold that the short trainings hold out:

1. One learns the labels of the other folds, and the answers of a clone that was fitted
   on these rows. It stands for a student of the teacher's own answers.
2. The other learns the same labels, and answers out of fold. They are of clones that
   know neither the row nor the fold held out. Answers of clones that know the fold held
   out would carry its labels to rows nearby.

The answers with the lower score win: see `skdistill.training.capacity`.
"""

import numpy as np

from skdistill.common.warn import warn
from skdistill.teachers.held_out import on_same_rows
from skdistill.teachers.leak import OUT_OF_FOLD, compared

_STUDENTS = "students of the labels alone on unseen rows"

# A teacher that repeats labels is less sure of other rows than of those that it knows,
# by this factor of the mean entropy at least. If its answers for other rows have nearly
# no entropy either, as those of one nearest neighbour, that tells nothing.
_FACTOR_OF_DOUBT = 1.5
_NO_DOUBT = 0.01


class OtherAnswers:
    """The objective of labels and of other answers of the teacher.

    Parameters
    ----------
    task : Task
    answers : list of ndarray of shape (n_rows, n_columns)
        Answers for the given rows, for each fold that is held out.
    calibration : Temperature or SlopeAndOffset
        Calibration of their soft targets.
    soft_share : float
        Share of the soft term for a labelled row.

    Attributes
    ----------
    synthetic_share : float
        Share of synthetic rows in an epoch.
    """

    synthetic_share = 0.0

    def __init__(self, task, answers, calibration, soft_share):
        self._task = task
        self._answers = answers
        self._calibration = calibration
        self._soft_share = soft_share

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
        """
        targets = self._task.soft_targets(self._answers[fold][kept])
        selected = transfer_set.selected(kept, self._soft_share)
        return selected._replace(targets=self._calibration.apply(targets))


def choose_answers(short_trainings, choice, data, soft_share):
    """Choose between the teacher's own answers for labelled rows and those of clones.

    Parameters
    ----------
    short_trainings : ShortTrainings
    choice : Choice
        Knots and decay.
    data : DistillationData
    soft_share : float
        Share of the soft term for a labelled row.

    Returns
    -------
    cv : CvChoice
    """
    labelled, alone = data.labelled, choice.labels_alone
    if alone is None:
        return labelled.choice
    if labelled.clones is None:
        cv, judges = labelled.choice, "its members that left them out"
        if labelled.keeps_rows and data.task.tells_doubt:
            cv, judges = _judged_by_labels_alone(data, alone.predictions), _STUDENTS
        if cv.repeats_labels and labelled.has_no_clones:
            _warn_repeated_labels(data.teacher_name, cv, judges)
        if cv.known_loss is not None and labelled.has_no_clones:
            return cv._replace(unseen_by=judges)
        return cv
    kinds = zip(*labelled.clones.without_fold, strict=True)
    unseen = labelled.unseen, data.out_of_fold().unseen
    losses = []
    for answers, held_out in zip(kinds, unseen, strict=True):
        calibration = held_out.calibration
        objective = OtherAnswers(data.task, answers, calibration, soft_share)
        decay = choice.capacity.weight_decay
        losses.append(short_trainings.train(objective, choice.view, decay).score)
    cv = labelled.choice._replace(
        student_loss=losses[0], student_loss_out_of_fold=losses[1]
    )
    return cv._replace(source=OUT_OF_FOLD) if losses[1] < losses[0] else cv


def _judged_by_labels_alone(data, alone):
    """Return the choice for a teacher that was given fitted and keeps its rows.

    There is no clone, so students of the labels alone are in its place. The teacher's
    own temperature is the best one for rows that it knows.

    A good teacher of labels without noise has a lower loss than such students, too.
    But it is as sure of other rows as of those that it knows.
    """
    rows = np.flatnonzero(data.rows.is_labelled)
    known = data.task.predictions(
        data.task.soft_targets(data.rows.answers[rows]),
        data.rows.labels[rows],
        data.rows.weights[rows],
        rows=rows,
    )
    own = known.temperature
    doubt = _mean_entropy(data.task, known.logits / own)
    known, unseen = on_same_rows(known, alone)
    scaled = known.logits * (unseen.temperature / own)
    cv = compared(known.with_targets(scaled), unseen)
    if cv.repeats_labels and data.synthetic is not None:
        others = data.task.soft_targets(data.synthetic.answers)
        doubt_of_others = _mean_entropy(data.task, others / own)
        if _NO_DOUBT < doubt_of_others < _FACTOR_OF_DOUBT * doubt:
            return cv._replace(repeats_labels=False)
    return cv


def _mean_entropy(task, logits):
    """Return the mean entropy of answers, their loss with themselves as the truth."""
    return float(task.losses_of_answers(logits, logits).mean())


def _warn_repeated_labels(name, cv, judges):
    """Warn of a teacher that was given fitted and repeats labels."""
    warn(
        f"the teacher, {name}, was fitted on these rows, and nearly repeats their "
        f"labels. Its {cv.loss_name} on them is {cv.known_loss:.2g}. The "
        f"{cv.loss_name} of {judges} is {cv.unseen_loss:.2g}, both calibrated. Its "
        "answers for these rows may say little more than their labels. Compare with "
        "cv=5: then clones of the teacher that have not seen a row answer for it. "
        "cv=None gives no such warning"
    )
