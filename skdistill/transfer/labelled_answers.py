"""The answers for labelled rows: those of the teacher, of its members or of clones."""

from typing import Any, NamedTuple

import numpy as np

from skdistill.teachers.clones import FoldClones
from skdistill.teachers.kept_rows import keeps_rows
from skdistill.teachers.leak import (
    FROM_TEACHER,
    OUT_OF_BAG,
    OUT_OF_FOLD,
    ClonedAnswers,
    CvChoice,
    cloned_answers,
    compared,
)
from skdistill.teachers.resolve import fits_clones, is_automatic
from skdistill.teachers.tree_ensembles import is_tree_ensemble
from skdistill.teachers.unseen import UnseenRows, out_of_fold, unseen_answers


class LabelledAnswers(NamedTuple):
    """The answers for labelled rows, and how they were chosen.

    Attributes
    ----------
    choice : CvChoice
        Source of the answers so far.
    unseen : HeldOutPredictions or None
        Predictions of the teacher, or of models in its place, for labelled rows that
        they were not trained on.
    clones : ClonedAnswers or None, default=None
        Answers of clones for the given rows, of a teacher that repeats labels.
    keeps_rows : bool, default=False
        Whether a teacher that was given fitted keeps these rows.
    has_no_clones : bool, default=False
        Whether the teacher was given fitted and looked at, and no clone of it was
        fitted.
    """

    choice: CvChoice
    unseen: Any
    clones: ClonedAnswers | None = None
    keeps_rows: bool = False
    are_labels: bool = False
    has_no_clones: bool = False


def ask_about_labelled(teacher, rows, given, task, parameters, random_state):
    """Ask models that have not seen labelled rows about them.

    Parameters
    ----------
    teacher : Teacher
    rows : CheckedRows
        Rows of the user.
    given : GivenRows
        Given rows with the teacher's own answers.
    task : Task
    parameters : estimator
        Parameters of the fit. They are only read.
    random_state : RandomState
        Source of the seeds of clones.

    Returns
    -------
    labelled : LabelledAnswers
    other : UnseenRows or None
        Answers that take the place of the teacher's own, if `cv` asks for them.
    """
    by_teacher = CvChoice(FROM_TEACHER)
    if rows.y is None or rows.labels_are_own or not teacher.can_be_asked:
        return LabelledAnswers(by_teacher, None, are_labels=rows.labels_are_own), None
    folds = rows.folds
    if folds is not None and not is_automatic(folds):
        source = OUT_OF_FOLD if fits_clones(folds) else OUT_OF_BAG
        unseen = out_of_fold(
            teacher, rows.X, rows.y, task, folds, random_state, rows.teacher_y
        )
        predictions = _predictions(unseen, given, task)
        return LabelledAnswers(CvChoice(source), predictions), unseen
    how = parameters.calibrate_teacher
    if not how:
        return LabelledAnswers(by_teacher, None), None
    looks = (
        is_automatic(folds)
        # Otherwise the teacher knows other labels.
        and rows.teacher_y is rows.y
        and parameters.distillation_weight != 0.0
        and not is_tree_ensemble(teacher.source)
    )
    clones = None
    if looks and (not teacher.was_fitted or how == "refit"):
        clones = FoldClones(
            teacher.given,
            rows.X,
            rows.y,
            task,
            teacher.fit_params,
            random_state,
            rows.weights,
            n_jobs=teacher.n_jobs,
        )
    unseen = unseen_answers(
        teacher,
        rows.X,
        rows.y,
        task,
        how,
        random_state,
        rows.weights,
        rows.teacher_y,
        clones,
    )
    labelled = LabelledAnswers(by_teacher, _predictions(unseen, given, task))
    if looks and labelled.unseen is not None:
        known = UnseenRows(unseen.rows, given.answers[unseen.rows])
        choice = compared(_predictions(known, given, task), labelled.unseen)
        labelled = labelled._replace(choice=choice, has_no_clones=clones is None)
        if choice.repeats_labels and clones is not None and clones.are_possible:
            own = given.answers[: len(rows.y)]
            labelled = labelled._replace(clones=cloned_answers(clones, own))
    elif looks and unseen is None and teacher.was_fitted:
        keeps = keeps_rows(teacher.source, rows.X, rows.y, task.kind)
        labelled = labelled._replace(keeps_rows=keeps, has_no_clones=True)
    if labelled.clones is not None:
        kept = np.flatnonzero(rows.weights > 0)
        labelled = labelled._replace(clones=labelled.clones.taken(kept))
    return labelled, None


def _predictions(unseen, given, task):
    """Return a model's predictions for rows with a label and a weight, if any."""
    if unseen is None:
        return None
    has_weight = given.weights[unseen.rows] > 0
    if not has_weight.any():
        return None
    kept = unseen.rows[has_weight]
    targets = task.soft_targets(unseen.answers[has_weight])
    numbers = np.cumsum(given.weights > 0) - 1  # among the rows with a weight
    return task.predictions(
        targets, given.labels[kept], given.weights[kept], rows=numbers[kept]
    )
