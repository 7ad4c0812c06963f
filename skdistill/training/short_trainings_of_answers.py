"""Short trainings on a teacher's answers for rows without labels.

With many such rows and few labels, or none, the student learns nearly all from the
answers. So these show which decay suits it: one that suits 200 labels lets the network
memorise the noise of 10,000 answers.

The rows without labels are dealt to five folds, and the folds held out in turn are as
many as for labels. The score is the cross-entropy of the student's answers for the rows
held out with those of the teacher, as it is.

A linear student of sparse rows is less sure than the teacher, the more so the greater
its decay is. This alone would speak for too little decay. So its score is at the
temperature that makes it smallest. Its trainings are cheap, and more folds are held out
in turn.
"""

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from skdistill.common.side_by_side import side_by_side
from skdistill.common.sklearn_compat import safe_indexing
from skdistill.teachers.temperature import least_on_log_scale
from skdistill.training.mean_of_students import (
    MeanOfStudents,
    rows_of,
    student_targets,
)
from skdistill.training.short_plan import short_plan
from skdistill.training.short_trainings import FEWEST_ROWS, OneTerm
from skdistill.training.splits import splits_in_turn

# The answers decide on knots and decay if the rows without labels are so many times the
# labelled ones.
_MANY_TIMES = 5

# A convex training takes little time. So many times as many folds are held out.
_CONVEX_FOLDS = 5

# Logarithms of the inverse temperatures to try.
_POWERS = (-3.0, 4.0)
_PRECISION = 1e-3

# A teacher that gets at least this share of the labels right may know them by heart.
_BY_HEART = 0.99


class TrainingOnAnswers(NamedTuple):
    """Losses of students with the same parameters, on the rows held out.

    Attributes
    ----------
    losses : ndarray of shape (n_held_out,)
        Cross-entropy with the teacher's answers.
    weights : ndarray of shape (n_held_out,)
        Weights of the rows.
    """

    losses: np.ndarray
    weights: np.ndarray

    @property
    def score(self) -> float:
        """Loss by which decays are compared."""
        return float(np.average(self.losses, weights=self.weights))

    @property
    def standard_error(self) -> float:
        """Standard error of the score."""
        shares = self.weights / self.weights.sum()
        return float((shares**2 @ (self.losses - self.score) ** 2) ** 0.5)


class ShortTrainingsOfAnswers:
    """Short trainings on the answers for rows without labels, each without a fold.

    Parameters
    ----------
    X : table of shape (n_rows, n_features)
        Given rows.
    transfer_set : TransferSet
        Given rows, encoded, without factors of classes.
    factors : object
        Factors of the weights of rows by their class: see `Task.row_factors`.
    train_with : callable
        Function that trains a student: see `ShortTrainings.train_with`.
    plan : TrainingPlan
        Plan for all given rows.
    is_convex : bool, default=False
        Whether the students are linear, and the rows sparse.
    n_jobs : int or None, default=None
        Number of threads that train students. They are the same for any number.

    Attributes
    ----------
    are_preferred : bool
        Whether these decide on knots and decay: there are 50 rows without labels, and
        no labels, fewer than 50, or far fewer than rows without labels.
    n_answered : int
        Number of rows without labels.
    n_kept : float
        Mean number of rows of a short training.
    n_folds : int
        Number of folds that are held out in turn.
    """

    def __init__(
        self,
        X,
        transfer_set,
        factors,
        train_with,
        plan,
        is_convex=False,
        n_jobs=None,
    ):
        self._X, self._n_jobs = X, n_jobs
        self._transfer_set = transfer_set
        self._factors = factors
        self._train_with = train_with
        self._plan = plan
        self._done = {}
        answered = np.flatnonzero(
            ~transfer_set.is_labelled & (transfer_set.soft_weight > 0.0)
        )
        n_labelled = np.count_nonzero(transfer_set.is_labelled)
        self.are_preferred = answered.size >= FEWEST_ROWS and (
            n_labelled < FEWEST_ROWS or answered.size >= _MANY_TIMES * n_labelled
        )
        self.n_kept, self.n_folds = max(answered.size, 1), 0
        self.n_answered = answered.size
        if not self.are_preferred:
            return
        nothing = np.zeros(transfer_set.n_rows, dtype=int)
        self._splits = splits_in_turn(
            answered,
            nothing,
            transfer_set.groups,
            _CONVEX_FOLDS if is_convex else 1,
        )
        self.n_folds = len(self._splits)
        self.are_preferred = self.n_folds > 0
        if self.n_folds:
            self.n_kept = float(np.mean([kept.size for kept, _ in self._splits]))

    def train(
        self, view: Any, decay: float, also: Sequence[float] = ()
    ) -> TrainingOnAnswers:
        """Train once for each fold that is held out, if that is not done yet.

        Parameters
        ----------
        view : View
            Way in which rows enter the network.
        decay : float
            Decay of the weights.
        also : sequence of float, default=()
            Decays that are needed later, and trained at the same time.

        Returns
        -------
        training : TrainingOnAnswers
        """
        decays = [one for one in (decay, *also) if (view.key, one) not in self._done]
        calls = [
            partial(self._without_fold, fold, split, view, one)
            for one in decays
            for fold, split in enumerate(self._splits)
        ]
        with closing(side_by_side(calls, self._n_jobs)) as results:
            for one in decays:
                parts = list(islice(results, self.n_folds))
                self._done[view.key, one] = self._compared(view, parts)
        return self._done[view.key, decay]

    def _compared(self, view, parts):
        """Return the losses of the predictions for all folds."""
        predicted, answers, weights = map(np.concatenate, zip(*parts, strict=True))
        task = self._transfer_set.task
        if view.is_convex:
            predicted = as_sure(task, predicted, answers, weights)
        return TrainingOnAnswers(task.losses_of_answers(predicted, answers), weights)

    def teacher_alone(self, view: Any, decay: float, labelled: Any) -> Any:
        """Return the predictions of a student of the answers for rows without labels.

        It saw no labelled row. But the answers of a teacher that was fitted on these
        labels tell them for rows nearby, too. Such a teacher gets nearly all of them
        right, and then they show nothing.

        A linear student of sparse rows is made as sure as the teacher. Its temperature
        is then that of answers from which chance is taken away.

        Parameters
        ----------
        view : View
            Way in which rows enter the network.
        decay : float
            Decay of the weights.
        labelled : ndarray of shape (n_rows,), int
            Numbers of labelled rows to predict.

        Returns
        -------
        predictions : HeldOutPredictions or None
            None if the teacher may know these labels by heart.
        """
        rows, task = self._transfer_set._replace(X=view.X), self._transfer_set.task
        answered = np.sort(np.concatenate(self._splits[0]))
        student = self._student(rows, answered, view, decay, 0)
        mean = MeanOfStudents([student], task, self._factors)
        weights = rows.weights[labelled]
        labels = rows.labels[labelled]
        answers, predicted = rows.targets[labelled], mean.logits(self._take(labelled))
        own = task.predictions(answers, labels, weights)
        if view.is_convex:
            predicted = as_sure(task, predicted, answers, weights)
        students = task.predictions(predicted, labels, weights, mean, labelled)
        return None if own.share_explained >= _BY_HEART else students

    def _without_fold(self, fold, split, view, decay):
        """Return a student's predictions for rows it did not see, and their answers."""
        kept, held_out = split
        rows, task = self._transfer_set._replace(X=view.X), self._transfer_set.task
        student = self._student(rows, kept, view, decay, fold)
        predicted = student_targets(student, rows_of(student, self._take(held_out)))
        answers, factors = task.weigh_answers(rows.targets[held_out], self._factors)
        weights = rows.soft_weight[held_out] * factors
        return predicted, answers, weights

    def _student(self, rows, kept, view, decay, fold):
        """Return a student that learned the answers for some rows."""
        part = OneTerm(1.0).rows(rows, kept, fold)
        plan = short_plan(self._plan, kept.size, 0.0, decay)
        return self._train_with(plan, part, view, fold)

    def _take(self, rows):
        return safe_indexing(self._X, rows)


def as_sure(task, predicted, answers, weights):
    """Return predictions at the temperature with the least cross-entropy with answers.

    The loss is convex in the inverse of the temperature.

    Parameters
    ----------
    task : Task
    predicted, answers : ndarray of shape (n_rows, n_columns)
        Predictions and answers, in the form that `Task.soft_targets` returns.
    weights : ndarray of shape (n_rows,)
        Weights of the rows.

    Returns
    -------
    predicted : ndarray of shape (n_rows, n_columns)
    """

    def loss(power):
        losses = task.losses_of_answers(predicted * np.exp(power), answers)
        return np.average(losses, weights=weights)

    return predicted * least_on_log_scale(loss, *_POWERS, _PRECISION)[0]
