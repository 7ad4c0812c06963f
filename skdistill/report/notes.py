"""The notes of a report: warnings for the reader."""

import numpy as np

from skdistill.common.labels import NO_CLASS
from skdistill.report.verdict import points
from skdistill.student.shapes import is_additive
from skdistill.tasks.soft_targets import soften, teacher_logits
from skdistill.teachers.decisions import advice, differs_from_most_probable
from skdistill.teachers.leak import OUT_OF_FOLD
from skdistill.teachers.resolve import as_teacher

# If targets give less than this to all classes but the most probable one, they say
# little more than labels.
_NEARLY_NOTHING = 0.01

# If either teacher or student is right on fewer rows than this, and not both,
# percentiles say little.
_FEW_DIFFERENT = 10

# If a temperature is nearer to 1 than this, readers do not notice its effect.
_NOTICED = 0.05

_SEEN_ADVICE = (
    "scores on them say little about other rows. With few columns of few values, "
    "held-out rows are often equal to training rows. Otherwise measure on rows that "
    "neither teacher nor student was fitted on"
)


def notes_on_student(student, computed, measured, weights, seen_share):
    """Return the notes on a fitted student.

    Parameters
    ----------
    student : DistilledClassifier
        Fitted estimator.
    computed : dict
        Attributes of the report, as `compute` returned them.
    measured : dict of str to Measured
        Answers of the models by their names.
    weights : ndarray of shape (n_samples,)
        Weights of the rows.
    seen_share : float
        Share of the rows that the student was trained on.

    Returns
    -------
    notes : list of str
    """
    proba, decided = measured["teacher"][:2]
    temperature = student.teacher_temperature_
    targets = soften(teacher_logits(proba), temperature * student.temperature)
    found = notes(
        computed,
        share_of_others(targets, weights),
        temperature,
        seen_share,
        not student.follows_teacher_,
    )
    found += [
        f'The own decisions of the model "{name}" are not known: {of.doubt}. In their '
        "place its most probable classes count."
        for name, of in measured.items()
        if of.doubt
    ]
    found += decisions_note(as_teacher(student.teacher_), proba, decided)
    found += repeated_labels_note(student.cv_)
    found += text_note(student.student_)
    return found + other_rows_note(student) + additive_note(student)


def text_note(student):
    """Return a note on the columns of free text that a student reads.

    Parameters
    ----------
    student : Student

    Returns
    -------
    notes : list of str
        One note, or none.
    """
    texts = () if student.input_code is None else student.input_code.texts
    names = student.names
    parts = [
        f"{one.feature if names is None else repr(names[one.feature])} "
        f"({one.text.n_columns:,} words and parts of words)"
        for one in texts
    ]
    if not parts:
        return []
    return [
        f"The student reads free text in {', '.join(parts)}. Words that it does not "
        "know count for nothing."
    ]


def notes(
    computed, share_of_others, temperature=None, seen_share=0.0, labels_alone=False
):
    """Return warnings for the reader, of one or two sentences each.

    Parameters
    ----------
    computed : dict
        Attributes of the report, as `compute` returned them.
    share_of_others : float
        Probability that the soft targets give to all classes but the most probable
        one, in the mean over the rows.
    temperature : float or None, default=None
        Number that the teacher's logits were divided by for the student. None if it
        is not known.
    seen_share : float, default=0.0
        Share of the rows that the student was trained on.
    labels_alone : bool, default=False
        Whether the student was trained on labels alone, because `fit` found the
        teacher worse than labels.

    Returns
    -------
    notes : list of str
        Warnings.
    """
    n_samples, n_different = computed["n_samples"], computed["n_different"]
    found = []
    if seen_share:
        n_seen = max(1, round(seen_share * n_samples))
        equal = "is equal to a row" if n_seen == 1 else "are equal to rows"
        found.append(
            f"About {n_seen:,} of these {n_samples:,} rows {equal} that the student "
            f"was trained on: {_SEEN_ADVICE}."
        )
    if labels_alone:
        found.append(
            "In fit the teacher was clearly worse than a student of the labels alone. "
            "Therefore this student was trained on the labels alone, and nothing was "
            "distilled."
        )
    else:
        accuracy = computed["figures"]["teacher"]["accuracy"].estimate
        found += _one_hot(share_of_others, 1.0 - accuracy)
    calibrated = temperature is not None and abs(temperature - 1.0) > _NOTICED
    if calibrated and not labels_alone:
        found.append(
            f"The student learned the teacher's logits divided by {temperature:.2f}, "
            "because then they fit labels best. Therefore its probabilities differ "
            "from the teacher's on purpose."
        )
    for row in computed["per_group"] or ():
        lost = row["beyond_others"]
        if lost.sign < 0 and row["n_different"] >= _FEW_DIFFERENT:
            found.append(
                f"In the group {row['group']} the student loses "
                f"{points(lost, turned=True)} more than on the other rows."
            )
    if n_different == 0:
        found.append(
            "Teacher and student are right on the same rows. The difference of their "
            "accuracies has no interval without rows on which one of them errs."
        )
    elif n_different < _FEW_DIFFERENT:
        found.append(
            f"On only {n_different} of {n_samples:,} rows either teacher or student "
            "is right, and not both: on all others they err alike. So few rows give "
            "only a rough interval of the difference of their accuracies."
        )
    return found


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


def other_rows_note(student):
    """Return a note if the teacher reads other rows than the student.

    Parameters
    ----------
    student : DistilledClassifier
        Fitted estimator.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    if student.teacher_reads_ == "X":
        return []
    return [
        "The teacher reads rows of its own, teacher_X. Therefore fit asked it about no "
        "synthetic rows, and measured no importance of the student's columns."
    ]


def repeated_labels_note(cv):
    """Return a note if the teacher repeats the labels of rows that it knows.

    Parameters
    ----------
    cv : CvChoice
        Source of the soft targets of labelled rows.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    if not cv.repeats_labels:
        return []
    text = (
        "The teacher nearly repeats the labels of rows that it was fitted on: its "
        f"log-loss on them is {cv.known_loss:.2g}, and that of {cv.unseen_by} is "
        f"{cv.unseen_loss:.2g}."
    )
    if cv.student_loss is None:
        return [f"{text} Fit did not compare it with clones. cv=5 fits them."]
    losses = f"{cv.student_loss_out_of_fold:.4g} against {cv.student_loss:.4g}"
    if cv.source == OUT_OF_FOLD:
        return [
            f"{text} Therefore clones that had not seen a row answered for it in fit: "
            f"a student of their answers predicts held-out labels better, with a loss "
            f"of {losses}."
        ]
    return [
        f"{text} Its own answers were learned anyway: a student of answers of clones "
        f"predicts held-out labels no better, with a loss of {losses}."
    ]


def additive_note(student):
    """Return a note if people can read the student.

    Parameters
    ----------
    student : DistilledClassifier
        Fitted estimator.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    if not is_additive(student.student_):
        return []
    ways = ["AdditiveDisplay"]
    if student.student_.output.is_one_unit:
        ways.append("skdistill.export.to_scorecard")
    return [
        "The student is additive, a sum of one function of each column: it can be "
        f"read, see {' and '.join(ways)}."
    ]


def _one_hot(share_of_others, share_wrong):
    """Return a warning if the soft targets are nearly labels, and advice."""
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
