"""The notes of a report of classes: warnings for the reader."""

import numpy as np

from skdistill.common.labels import NO_CLASS
from skdistill.report.verdict import points
from skdistill.teachers.decisions import advice, differs_from_most_probable

# If targets give less than this to all classes but the most probable one, they say
# little more than labels.
_NEARLY_NOTHING = 0.01

# If either teacher or student is right on fewer rows than this, and not both,
# percentiles say little.
_FEW_DIFFERENT = 10

# If a temperature is nearer to 1 than this, readers do not notice its effect.
NOTICED = 0.05


def share_of_others(targets, weights):
    """Return the probability of all classes but the most probable one, in the mean.

    Parameters
    ----------
    targets : ndarray of shape (n_samples, n_classes)
        Soft targets.
    weights : ndarray of shape (n_samples,)
        Weights of the rows.

    Returns
    -------
    share : float
    """
    return 1.0 - np.average(targets.max(axis=1), weights=weights)


def unknown_labels_note(y, labels, weights):
    """Return a warning if y has labels that are no class of the student.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels as the user gave them.
    labels : ndarray of shape (n_samples,), int
        Column of each label, `NO_CLASS` for a label that is no class.
    weights : ndarray of shape (n_samples,)
        Weights of the rows. Rows without weight do not count.

    Returns
    -------
    notes : list of str
        A warning, or none.
    """
    counted = weights > 0
    rows = np.flatnonzero((labels == NO_CLASS) & counted)
    if not rows.size:
        return []
    unknown = sorted(set(np.asarray(y).ravel()[rows].tolist()), key=str)
    some = ", ".join(f"{label!r:.40}" for label in unknown[:3])
    more = ", ..." if len(unknown) > 3 else ""
    have, they, left = (
        ("has", "It counts as", "it")
        if rows.size == 1
        else ("have", "They count as", "them")
    )
    return [
        f"{rows.size:,} of these {counted.sum():,} rows {have} a label that is no "
        f"class of the student ({some}{more}). {they} wrong in the accuracy of every "
        f"model. All other measures of labels, such as the log-loss, leave {left} out."
    ]


def decisions_note(teacher, probabilities, decided):
    """Return a note if the teacher does not decide by the most probable class.

    Parameters
    ----------
    teacher : Teacher
        Teacher of the student.
    probabilities : ndarray of shape (n_samples, n_classes)
        Probabilities of the teacher.
    decided : ndarray of shape (n_samples,), int
        Columns of the classes that the teacher decided for.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    differs = differs_from_most_probable(probabilities, decided)
    n_different = np.count_nonzero(differs)
    if not n_different:
        return []
    return [
        "The teacher decides otherwise than by its most probable class for "
        f"{n_different:,} of {len(decided):,} rows. Its accuracy, its recall and the "
        "agreement with it are those of its own decisions. The student decides by the "
        f"most probable class. {advice(teacher)}."
    ]


def doubt_notes(measured):
    """Return a note for each model whose own decisions are not known.

    Parameters
    ----------
    measured : dict of str to Measured
        Answers of the models by their names.

    Returns
    -------
    notes : list of str
    """
    return [
        f'The own decisions of the model "{name}" are not known: {of.doubt}. In their '
        "place its most probable classes count."
        for name, of in measured.items()
        if of.doubt
    ]


def temperature_note(temperature):
    """Return a note if the student learned other logits than the teacher's.

    Parameters
    ----------
    temperature : float
        Number that the teacher's logits were divided by.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    if abs(temperature - 1.0) <= NOTICED:
        return []
    return [
        f"The student learned the teacher's logits divided by {temperature:.2f}, "
        "because then they fit labels best. Therefore its probabilities differ "
        "from the teacher's on purpose."
    ]


def worse_group_notes(per_group):
    """Return a note for each group in which the student loses more accuracy.

    Parameters
    ----------
    per_group : list of dict or None
        Groups of the report.

    Returns
    -------
    notes : list of str
    """
    return [
        f"In the group {row['group']} the student loses "
        f"{points(row['beyond_others'], turned=True)} more than on the other rows."
        for row in per_group or ()
        if row["beyond_others"].sign < 0 and row["n_different"] >= _FEW_DIFFERENT
    ]


def few_different_note(n_different, n_samples):
    """Return a note if teacher and student are right on nearly the same rows.

    Parameters
    ----------
    n_different : int
        Number of rows on which one of them is right.
    n_samples : int
        Number of rows.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    if n_different == 0:
        return [
            "Teacher and student are right on the same rows. The difference of their "
            "accuracies has no interval without rows on which one of them errs."
        ]
    if n_different >= _FEW_DIFFERENT:
        return []
    return [
        f"On only {n_different} of {n_samples:,} rows either teacher or student "
        "is right, and not both: on all others they err alike. So few rows give "
        "only a rough interval of the difference of their accuracies."
    ]


def one_hot_note(share_of_others, share_wrong):
    """Return a warning if the soft targets are nearly labels, and advice.

    Parameters
    ----------
    share_of_others : float
        Probability of all classes but the most probable one, in the mean.
    share_wrong : float
        Share of the rows on which the teacher is wrong.

    Returns
    -------
    notes : list of str
        A warning, or none.
    """
    if share_of_others >= _NEARLY_NOTHING:
        return []
    text = (
        "The soft targets are nearly one-hot: they give only "
        f"{100 * share_of_others:.2f} % to all classes but the most probable one, and "
        "so say little more than labels."
    )
    if share_wrong > 2 * share_of_others:
        return [
            f"{text} The teacher is wrong on {100 * share_wrong:.1f} % of the rows, so "
            'it is too sure: calibrate it (calibrate_teacher="refit", or cv).'
        ]
    return [f"{text} A temperature of 2 to 5 shows more of what the teacher knows."]
