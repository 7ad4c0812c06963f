"""Notice a teacher that repeats the labels of the rows that it was fitted on.

Such a teacher's soft targets for these rows say no more than their labels. Its answers
for the rows are compared with those of a clone that has not seen them:

1. Both are calibrated as the clone's answers fit the labels best.
2. The teacher leaks if its loss is below a third of the clone's, and if the
   difference is above three standard errors, row by row. A third is low enough for
   linear models of many columns, which fit their rows too well but keep none.
"""

from typing import NamedTuple

import numpy as np

from skdistill.teachers.clones import N_FOLDS, n_held_out_folds

_SHARE_OF_LOSS = 1 / 3
_STANDARD_ERRORS = 3.0

_CLONE = "a clone that has not seen them"

# Sources of the soft targets of labelled rows.
FROM_TEACHER, OUT_OF_FOLD, OUT_OF_BAG = "teacher", "out-of-fold", "out-of-bag"


class CvChoice(NamedTuple):
    """Source of the soft targets of labelled rows, and the scores that chose it.

    Losses of classes are log-losses, in nats. Losses of numbers are squared errors, or
    the loss that the estimator learns, in deviations of y. They are None if they were
    not measured.

    Attributes
    ----------
    source : {"teacher", "out-of-fold", "out-of-bag"}
        Models that answered: the teacher itself, clones that were fitted on other
        folds, or members of the teacher that left the row out.
    repeats_labels : bool or None, default=None
        Whether the teacher repeats the labels of rows that it knows. None if `fit` did
        not look for it.
    known_loss : float or None, default=None
        Loss of the teacher on rows that it was fitted on.
    unseen_loss : float or None, default=None
        Loss of a model that has not seen these rows: of a clone of the teacher, or,
        for a teacher that was given fitted, of students of the labels alone.
    student_loss : float or None, default=None
        Score on held-out labels of students of the labels and the teacher's answers:
        the mean of the loss as it is and of the loss of calibrated answers.
    student_loss_out_of_fold : float or None, default=None
        The same for students of the labels and of answers out of fold.
    unseen_by : str
        Models whose loss is `unseen_loss`, in words.
    loss_name : str, default="log-loss"
        Name of the losses.
    """

    source: str
    repeats_labels: bool | None = None
    known_loss: float | None = None
    unseen_loss: float | None = None
    student_loss: float | None = None
    student_loss_out_of_fold: float | None = None
    unseen_by: str = _CLONE
    loss_name: str = "log-loss"

    def __repr__(self):
        """Return the choice and its scores in words."""
        words = [f"Soft targets of labelled rows: {self.source}"]
        if self.known_loss is not None:
            verb = "repeats" if self.repeats_labels else "does not repeat"
            words.append(
                f"the teacher {verb} labels: its {self.loss_name} is "
                f"{self.known_loss:.3g} on rows that it knows, and that of "
                f"{self.unseen_by} is {self.unseen_loss:.3g}"
            )
        if self.student_loss is not None:
            words.append(
                f"students of its own answers have a {self.loss_name} of "
                f"{self.student_loss:.4g} on held-out labels, and those of answers out "
                f"of fold {self.student_loss_out_of_fold:.4g}"
            )
        return "\n".join(words)


class ClonedAnswers(NamedTuple):
    """Answers of clones for labelled rows, out of fold and beside it.

    Attributes
    ----------
    out_of_fold : ndarray of shape (n_samples, n_columns)
        Answers for all rows, each from a clone that was not fitted on the row. A row
        that is in no fold has the teacher's own answer.
    without_fold : list of tuple of ndarray of shape (n_samples, n_columns)
        Two kinds of answers for each fold that a short training holds out. Both are of
        clones that know nothing of this fold: of one clone that knows all other rows,
        and of clones that do not know the row that they answer for either.
    """

    out_of_fold: np.ndarray
    without_fold: list

    def taken(self, rows):
        """Return the answers for some of the rows."""
        return ClonedAnswers(
            self.out_of_fold[rows],
            [(known[rows], apart[rows]) for known, apart in self.without_fold],
        )


def compared(known, unseen):
    """Compare a teacher's answers for rows that it knows with a clone's answers.

    Parameters
    ----------
    known : HeldOutPredictions
        Answers of the teacher.
    unseen : HeldOutPredictions
        Answers of a clone for the same rows, which it has not seen.

    Returns
    -------
    choice : CvChoice
        Verdict and losses, with the teacher as the source.
    """
    losses = [answers.losses(unseen.calibration) for answers in (known, unseen)]
    shares = unseen.shares
    known_loss, unseen_loss = (float(shares @ loss) for loss in losses)
    gaps = losses[1] - losses[0] - (unseen_loss - known_loss)
    error = (shares**2 @ gaps**2) ** 0.5
    repeats = known_loss < _SHARE_OF_LOSS * unseen_loss and (
        unseen_loss - known_loss > _STANDARD_ERRORS * error
    )
    choice = CvChoice(FROM_TEACHER, bool(repeats), known_loss, unseen_loss)
    return choice._replace(loss_name=unseen.loss_name)


def cloned_answers(clones, own):
    """Ask clones for labelled rows, to compare students of two kinds of answers.

    The number of clones is 5 to hold each fold out, one of which may be fitted before,
    and for each of the K folds that short trainings hold out one for each other fold: 4
    if K is 1, and 10 if K is 5.

    Parameters
    ----------
    clones : FoldClones
    own : ndarray of shape (n_samples, n_columns)
        Answers of the teacher.

    Returns
    -------
    answers : ClonedAnswers or None
        None if a clone does not know a class.
    """
    out_of_fold, without_fold = own.copy(), []
    in_folds = np.flatnonzero(clones.folds >= 0)
    n_held_out = n_held_out_folds(in_folds.size)
    for fold in range(N_FOLDS):
        rows = clones.rows_of(fold)
        known = own.copy()
        wanted = np.arange(len(own)) if fold < n_held_out else rows
        answers = clones.answers({fold}, wanted)
        if answers is None:
            return None
        known[wanted] = answers
        out_of_fold[rows] = known[rows]
        if fold >= n_held_out:
            continue
        apart = known.copy()
        for other in set(range(N_FOLDS)) - {fold}:
            rows = clones.rows_of(other)
            answers = clones.answers({fold, other}, rows)
            if answers is None:
                return None
            apart[rows] = answers
        without_fold.append((known, apart))
    return ClonedAnswers(out_of_fold, without_fold)
