"""The notes of a report of numbers: warnings for the reader."""

import numpy as np

from skdistill.common.text import counted
from skdistill.report.figures import STUDENT, TEACHER
from skdistill.report.verdict import ERRORS, percent

# If fewer rows than this are measured, or are in a group, percentiles say little.
_FEW_ROWS = 10

# Deviations beyond which a share is seldom by chance, in one of twenty cases.
_SURE = 1.96

# A slope nearer to 1 than this, or an offset below it in deviations, is not noticed.
_NOTICED = 0.02


def few_rows_note(rows):
    """Return a note if so few rows were measured that intervals say little.

    Parameters
    ----------
    rows : AnsweredRows

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    n_rows = np.count_nonzero(rows.weights)
    if n_rows >= _FEW_ROWS:
        return []
    return [
        f"Intervals from so few rows, {n_rows}, are too narrow, and the verdict says "
        f"little. Measure on {_FEW_ROWS} rows or more, better on hundreds."
    ]


def constant_note(rows, names):
    """Return a note on targets that have one value in all rows.

    Parameters
    ----------
    rows : AnsweredRows
    names : list of str
        Names of the targets.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    truth = rows.truth[rows.weights > 0]
    constant = np.flatnonzero(np.ptp(truth, axis=0) == 0.0)
    if not constant.size:
        return []
    which = "y" if len(names) == 1 else f"The target {names[constant[0]]} of y"
    return [
        f"{which} holds one number in all of these rows, {truth[0, constant[0]]:g}. "
        "Therefore no share of its variance can be explained, and it has no R²."
    ]


def unexplained_note(computed, measure):
    """Return a note if the teacher is worse than one constant answer.

    Parameters
    ----------
    computed : dict
        Attributes of the report, as `compute` returned them.
    measure : {"r2", "d2_pinball"}

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    estimate = computed["figures"][TEACHER][measure].estimate
    if not estimate < 0.0:
        return []
    name = "R²" if measure == "r2" else "D² of the pinball loss"
    return [
        f"The teacher explains nothing of y on these rows: its {name} is "
        f"{estimate:.2f}, and a constant answer has 0. Do the rows and y have the form "
        "and the units of those that the teacher was fitted on, and were these enough?"
    ]


def calibration_note(student):
    """Return a note if the student learned other numbers than the teacher's.

    Parameters
    ----------
    student : DistilledRegressor
        Fitted estimator.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    slopes, offsets = student.teacher_slope_, student.teacher_offset_
    if max(np.abs(slopes - 1.0).max(), np.abs(offsets).max()) <= _NOTICED:
        return []
    by = "by the same slopes and offsets for all rows"
    if slopes.size == 1:
        offset = round(float(offsets[0]), 2) + 0.0  # -0.0 becomes 0.0.
        by = (
            f"by a slope of {slopes[0]:.2f} and an offset of {offset:+.2f} "
            "deviations of y"
        )
    return [
        f"The student learned the teacher's numbers changed {by}, because then they "
        "fit y best. Therefore its numbers differ from the teacher's on purpose."
    ]


def offset_note(student):
    """Return a note if the student's quantiles were moved after the training.

    Parameters
    ----------
    student : DistilledRegressor
        Fitted estimator.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    greatest = np.abs(student.student_offset_).max()
    if greatest <= _NOTICED:
        return []
    return [
        "Quantiles that are learned from y lie too near each other. Therefore fit "
        f"moved the student's quantiles by up to {greatest:.2f} deviations of y, as "
        "rows that were held out ask for."
    ]


def transformed_note(units):
    """Return a note if the student learned a transformed target.

    Parameters
    ----------
    units : UnitsOfY
        Way from the student's answers to y.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    if units.transformer is None:
        return []
    return [
        "Student and teacher answer in a transformed target. All figures are in the "
        "units of y. The costs are those of the student alone, without the inverse of "
        "the transform, which an export does not hold either."
    ]


def outside_note(student, rows, units):
    """Return a note if y is beyond the range of the student's answers.

    Parameters
    ----------
    student : DistilledRegressor
        Fitted estimator.
    rows : AnsweredRows
    units : UnitsOfY
        Way from the student's answers to y.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    output = student.student_.output
    truth = units.learned(rows.truth[rows.weights > 0])
    outside = ((truth < output.low) | (truth > output.high)).any(axis=1)
    n_outside = np.count_nonzero(outside)
    if not n_outside:
        return []
    verb = "has" if n_outside == 1 else "have"
    return [
        f"{n_outside:,} of these {counted(len(truth), 'row')} {verb} a y beyond the "
        "range of y and of the teacher's answers in fit. The student's answers stay in "
        "this range, unless clip=False lets it extrapolate."
    ]


def worse_group_notes(per_group, measure):
    """Return a note for each group in which the student's error grows more.

    Parameters
    ----------
    per_group : list of dict or None
        Groups of the report.
    measure : {"log_mse", "log_pinball_loss"}
        Measure of the error.

    Returns
    -------
    notes : list of str
    """
    return [
        f"In the group {row['group']} the {ERRORS[measure]} of the student, by that "
        f"of the teacher, is greater than on the other rows by "
        f"{percent(row['beyond_others'])}."
        for row in per_group or ()
        if row["beyond_others"].sign > 0 and row["n_samples"] >= _FEW_ROWS
    ]


def wanted_rows(quantiles):
    """Return the rows that a coverage counts, and the share that is wanted, in words.

    Parameters
    ----------
    quantiles : sequence of float
        Levels, in rising order.

    Returns
    -------
    words : str
    """
    if len(quantiles) == 1:
        return f"at or below the quantile, {quantiles[0]:g} of all if it is right"
    return (
        "between the lowest and the highest quantile, "
        f"{quantiles[-1] - quantiles[0]:g} of all if they are right"
    )


def coverage_note(rows, computed, quantiles):
    """Return a note if clearly more or fewer rows are covered than the levels say.

    Parameters
    ----------
    rows : AnsweredRows
    computed : dict
        Attributes of the report, as `compute` returned them.
    quantiles : sequence of float
        Levels, in rising order.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    wanted = quantiles[0] if len(quantiles) == 1 else quantiles[-1] - quantiles[0]
    found = computed["figures"][STUDENT]["coverage"]
    # If few rows are all covered, each draw of them is, and the interval has no width.
    n_rows = rows.weights.sum() ** 2 / (rows.weights**2).sum()
    by_chance = _SURE * np.sqrt(wanted * (1.0 - wanted) / n_rows)
    is_clear = found.low > wanted or found.high < wanted
    if not is_clear or abs(found.estimate - wanted) <= by_chance:
        return []
    which = "more" if found.low > wanted else "fewer"
    estimate, low, high = (100 * share for share in found)
    teachers = 100 * computed["figures"][TEACHER]["coverage"].estimate
    between = "at or below the student's quantile"
    if len(quantiles) > 1:
        between = "between the student's lowest and highest quantile"
    return [
        f"Clearly {which} rows than wanted have their y {between}: {estimate:.1f} % "
        f"({low:.1f} to {high:.1f}), and {100 * wanted:g} % are wanted. The teacher "
        f"has {teachers:.1f} %."
    ]
