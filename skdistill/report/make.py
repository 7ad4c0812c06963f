"""The parts of a report, from a fitted student or from stored answers."""

import numpy as np

from skdistill.estimators.find import rows_of_teacher
from skdistill.estimators.rows import check_weights
from skdistill.estimators.transformed_target import without_transform
from skdistill.report.checks import (
    check_baseline,
    check_draws,
    check_student,
)
from skdistill.report.compute import compute
from skdistill.report.control import fit_labels_alone
from skdistill.report.costs import ask_and_measure
from skdistill.report.figures import CONTROL, STUDENT, TEACHER, AnsweredRows
from skdistill.report.groups import number_groups
from skdistill.report.kinds import kind_for
from skdistill.report.verdict import qualify_verdict
from skdistill.tables.sparse import dense_or_csr
from skdistill.training.seen_rows import student_rows

# If the student was trained on a greater share of the rows, the verdict says so.
_MANY_SEEN = 0.5


def parts_of_student(
    student,
    X,
    y,
    *,
    teacher_X,
    sample_weight,
    groups,
    baseline,
    teacher_saw_rows,
    n_bootstraps,
    random_state,
):
    """Return the parts of a report on a fitted student.

    The parameters are those of `DistillationReport.from_estimator`.

    Returns
    -------
    parts : dict
        Attributes of `DistillationReport` by their names.
    """
    student, units = without_transform(student)
    check_student(student)
    X = dense_or_csr(X)
    asked = rows_of_teacher(student, X, teacher_X)
    kind = kind_for(student, y, units)
    truth = kind.truth_of(y, X)
    check_baseline(baseline, student, kind)
    check_draws(n_bootstraps)
    weights = _checked_weights(sample_weight, truth)
    numbered = None if groups is None else number_groups(groups, len(truth), X)
    models = {TEACHER: student.teacher_, STUDENT: student}
    if isinstance(baseline, tuple):
        rows, labels, *rest = baseline
        models[CONTROL] = fit_labels_alone(student, rows, units.learned(labels), *rest)
    elif baseline is not None:
        models[CONTROL] = baseline
    measured = {
        name: ask_and_measure(
            model, asked if name == TEACHER else X, student.task_, kind
        )
        for name, model in models.items()
    }
    measured |= {
        name: of.in_units_of_y(units)
        for name, of in measured.items()
        if models[name] is not baseline
    }
    rows = AnsweredRows(
        truth,
        {name: of.answers for name, of in measured.items()},
        {name: of.decided for name, of in measured.items()},
        weights,
    )
    computed = compute(kind, rows, numbered, n_bootstraps, random_state)
    seen_share = student.seen_rows_.share_of(student_rows(student.student_, X))
    qualify_verdict(
        computed,
        np.count_nonzero(weights),
        distilled=student.follows_teacher_,
        teacher_saw_rows=teacher_saw_rows,
        student_saw_rows=seen_share > _MANY_SEEN,
    )
    notes = kind.notes_on_student(y, rows, computed, student, measured, seen_share)
    costs = {name: of.costs for name, of in measured.items()}
    return {**computed, "notes": notes, "costs": costs}


def parts_of_answers(
    kind, y, truth, answers, *, sample_weight, groups, n_bootstraps, random_state
):
    """Return the parts of a report on stored answers.

    Parameters
    ----------
    kind : ReportKind
    y : array-like of n_samples rows
        Labels or numbers of the user.
    truth : ndarray of n_samples rows
        The same, checked by the kind.
    answers : dict of str to ndarray of shape (n_samples, n_columns)
        Checked answers of each model.
    sample_weight, groups, n_bootstraps, random_state
        Parameters of `DistillationReport.from_predictions`.

    Returns
    -------
    parts : dict
        Attributes of `DistillationReport` by their names.
    """
    rows = AnsweredRows(truth, answers, None, _checked_weights(sample_weight, truth))
    numbered = None if groups is None else number_groups(groups, len(truth))
    computed = compute(kind, rows, numbered, n_bootstraps, random_state)
    return {**computed, "notes": kind.notes(y, rows, computed), "costs": {}}


def _checked_weights(sample_weight, truth):
    """Return the weights of rows. The greatest is from 1 to 2.

    Figures do not depend on the unit of the weights, and sums of tiny ones would count
    as zero. A power of two changes no digit.
    """
    weights = check_weights(sample_weight, truth)
    return np.ldexp(weights, 1 - np.frexp(weights.max())[1])
