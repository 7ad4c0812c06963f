"""Short trainings on most of the labelled rows, to predict the other ones."""

from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse

from skdistill.common.side_by_side import side_by_side
from skdistill.common.sklearn_compat import safe_indexing
from skdistill.training.loop import train
from skdistill.training.mean_of_students import (
    MeanOfStudents,
    rows_of,
    student_targets,
)
from skdistill.training.observer import EndsWithFit
from skdistill.training.short_plan import short_plan
from skdistill.training.splits import splits_in_turn
from skdistill.transfer.transfer_set import weighted_by_class

# Fewest labelled rows that short trainings need.
FEWEST_ROWS = 50


class ShortTraining(NamedTuple):
    """Predictions of students with the same parameters for the rows held out.

    Attributes
    ----------
    predictions : HeldOutPredictions
        Predictions without the factors of the classes. The model can be asked.
    weighted : HeldOutPredictions
        Predictions with the factors of the classes, in logits and weights.
    is_sparse : bool, default=False
        Whether the rows are sparse.
    """

    predictions: Any
    weighted: Any
    is_sparse: bool = False

    @property
    def score(self):
        """Loss by which decays are compared. It is calibrated for sparse rows.

        On sparse rows, a network of labels alone is far too sure of its answers. The
        soft targets of the last training cure that, with less decay than labels need.
        """
        weighted = self.weighted
        return weighted.calibrated_loss if self.is_sparse else weighted.score

    @property
    def standard_error(self):
        """Standard error of the log-loss at the best temperature."""
        return self.weighted.standard_error


class OneTerm(NamedTuple):
    """The objective of the labels alone, or of the teacher's answers alone.

    Attributes
    ----------
    soft_share : float
        Share of the soft term: 0 for labels alone, 1 for the teacher alone.
    """

    soft_share: float

    @property
    def synthetic_share(self):
        """Share of synthetic rows in an epoch."""
        return 0.0

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
        return transfer_set.selected(kept, self.soft_share)


class ShortTrainings:
    """Short trainings of the student's network, each without a fold of the rows.

    They have seeds of their own. So they give the same answers whatever the
    `random_state` of the fit is.

    Parameters
    ----------
    X : table of shape (n_rows, n_features)
        Given rows.
    transfer_set : TransferSet
        Given rows, encoded, without factors of classes.
    factors : object
        Factors of the weights of rows by their class: see `Task.row_factors`.
    start_network : callable
        Function that takes a view, a random state, and a student to start from or None.
        It returns a network with its first weights.
    make_student : callable
        Function that takes an input and a trained network, and returns its student.
    plan : TrainingPlan
        Plan for the labelled rows alone.
    n_jobs : int or None, default=None
        Number of threads that train students. They are the same for any number.

    Attributes
    ----------
    are_possible : bool
        Whether there are enough labels.
    has_groups : bool
        Whether rows of a group are held out together. Such rows are alike, so there is
        less evidence than the number of rows says.
    n_labelled : int
        Number of labelled rows.
    n_kept : float
        Mean number of rows of a short training.
    n_folds : int
        Number of folds that are held out in turn.
    splits : list of tuple of ndarray of int
        Numbers of the rows kept, and of those held out, for each of these folds.
    """

    def __init__(
        self, X, transfer_set, factors, start_network, make_student, plan, n_jobs=None
    ):
        self._X, self._n_jobs = X, n_jobs
        self._transfer_set = transfer_set
        self._factors = factors
        self._start_network = start_network
        self._make_student = make_student
        self._plan = plan
        self._done = {}
        self._rows_of_splits = {}
        self._latest = {}
        labels, groups = transfer_set.labels, transfer_set.groups
        labelled = np.flatnonzero(transfer_set.is_labelled)
        self.has_groups = groups is not None
        self.n_labelled = labelled.size
        self.n_kept, self.n_folds = max(labelled.size, 1), 0
        self.splits = []
        self.are_possible = labelled.size >= FEWEST_ROWS
        if self.are_possible:
            strata = transfer_set.task.strata(labels)
            self.splits = splits_in_turn(labelled, strata, groups)
            self.n_folds = len(self.splits)
            # The only row of a class is never held out.
            self.are_possible = self.n_folds > 0
        if self.are_possible:
            self.n_kept = float(np.mean([kept.size for kept, _ in self.splits]))

    def labels_alone(self, view, decay, also=()):
        """Return the predictions of students that learn the labels alone.

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
        training : ShortTraining
        """
        return self.train(OneTerm(0.0), view, decay, also)

    def teacher_alone(self, view, decay):
        """Return the predictions of students that learn the teacher's answers alone.

        Parameters
        ----------
        view : View
            Way in which rows enter the network.
        decay : float
            Decay of the weights.

        Returns
        -------
        training : ShortTraining
        """
        return self.train(OneTerm(1.0), view, decay)

    def train(self, objective, view, decay, also=()):
        """Train once for each fold that is held out, if that is not done yet.

        Parameters
        ----------
        objective : OneTerm or WholeObjective
            Makes the rows of a training.
        view : View
            Way in which rows enter the network.
        decay : float
            Decay of the weights.
        also : sequence of float, default=()
            Decays that are needed later, and trained at the same time.

        Returns
        -------
        training : ShortTraining
            Predictions of the students for the folds held out.
        """
        return self.train_views(objective, [view] * self.n_folds, decay, also)

    def train_views(self, objective, views, decay, also=()):
        """Train once for each fold, with a view of its own.

        Parameters
        ----------
        objective : OneTerm or WholeObjective
            Makes the rows of a training.
        views : list of View
            Way in which rows enter the network of each fold. All have one key.
        decay : float
            Decay of the weights.
        also : sequence of float, default=()
            Decays that are needed later, and trained at the same time.

        Returns
        -------
        training : ShortTraining
        """
        key = (objective, views[0].key)
        missing = [one for one in (decay, *also) if (*key, one) not in self._done]
        # A convex training starts from the student of the decay before.
        n_at_once = 1 if views[0].is_convex else max(len(missing), 1)
        for start in range(0, len(missing), n_at_once):
            decays = missing[start : start + n_at_once]
            for one, trained in zip(
                decays, self._without_each_fold(objective, views, decays), strict=True
            ):
                self._done[*key, one] = trained
        return self._done[*key, decay]

    def _without_each_fold(self, objective, views, decays):
        """Yield for each decay what students predict for the folds held out."""
        rows = self._transfer_set
        folds = list(enumerate(zip(self.splits, views, strict=True)))
        parts = [
            objective.rows(rows._replace(X=view.X), kept, fold)
            for fold, ((kept, _), view) in folds
        ]
        calls = [
            partial(
                self.train_student,
                parts[fold],
                kept.size,
                view,
                decay,
                fold,
                objective.synthetic_share,
                self._latest.get((objective, view.key, fold)),
            )
            for decay in decays
            for fold, ((kept, _), view) in folds
        ]
        with closing(side_by_side(calls, self._n_jobs)) as trained:
            for _ in decays:
                students = list(islice(trained, len(folds)))
                for fold, ((_, _), view) in folds:
                    if view.is_convex:  # The minimum for another decay is not far.
                        self._latest[objective, view.key, fold] = students[fold]
                yield self._predictions(students, views)

    def _predictions(self, students, views):
        """Return what the students of all folds predict for the rows held out."""
        rows, task, factors = self._transfer_set, self._transfer_set.task, self._factors
        targets = [
            student_targets(student, self._held_out_rows(view, student)[fold])
            for fold, (student, view) in enumerate(zip(students, views, strict=True))
        ]
        held_out = np.concatenate([held_out for _, held_out in self.splits])
        labels = rows.labels[held_out]
        weights = rows.weights[held_out]
        logits = np.concatenate(targets)
        mean = MeanOfStudents(students, task, factors)
        return ShortTraining(
            task.predictions(mean.unweighted(logits), labels, weights, mean, held_out),
            task.predictions(
                logits, labels, weights * task.weigh_labels(labels, factors)
            ),
            issparse(self._X),
        )

    def train_student(
        self, rows, n_kept, view, decay, fold, synthetic_share=0.0, former=None
    ):
        """Return the student of one short training.

        Parameters
        ----------
        rows : TransferSet
            Rows to train on, without factors of classes.
        n_kept : int
            Number of rows that are not synthetic.
        view : View
            Way in which rows enter the network.
        decay : float
            Decay of the weights.
        fold : int
            Number of the fold that is held out. It is the seed.
        synthetic_share : float, default=0.0
            Share of synthetic rows in an epoch.
        former : Student or None, default=None
            Student to start from.

        Returns
        -------
        student : Student
        """
        plan = short_plan(self._plan, n_kept, synthetic_share, decay)
        return self.train_with(plan, rows, view, fold, former)

    def train_with(self, plan, rows, view, seed, former=None):
        """Return a student that is trained by a plan.

        Parameters
        ----------
        plan : TrainingPlan
        rows : TransferSet
            Rows to train on, without factors of classes.
        view : View
            Way in which rows enter the network.
        seed : int
        former : Student or None, default=None
            Student to start from.

        Returns
        -------
        student : Student
        """
        random_state = np.random.RandomState(seed)
        network = self._start_network(view, random_state, former)
        rows = weighted_by_class(rows, self._factors)
        observer = None if view.is_convex else EndsWithFit()
        train(network, rows, view.planned(plan), random_state, observer)
        return self._make_student(view.student_input, network)

    def _held_out_rows(self, view, student):
        """Return the rows that each split holds out, as a view's students take them."""
        if view.key not in self._rows_of_splits:
            held_out = [held_out for _, held_out in self.splits]
            rows = rows_of(student, safe_indexing(self._X, np.concatenate(held_out)))
            ends = np.cumsum([part.size for part in held_out])
            self._rows_of_splits[view.key] = [
                rows[end - part.size : end]
                for part, end in zip(held_out, ends, strict=True)
            ]
        return self._rows_of_splits[view.key]
