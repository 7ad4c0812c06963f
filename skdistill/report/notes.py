"""The notes of all reports: warnings for the reader."""

from skdistill.student.shapes import is_additive
from skdistill.teachers.leak import OUT_OF_FOLD

_SEEN_ADVICE = (
    "scores on them say little about other rows. With few columns of few values, "
    "held-out rows are often equal to training rows. Otherwise measure on rows that "
    "neither teacher nor student was fitted on"
)


def notes_on_fit(student):
    """Return the notes on how a student was fitted, and how it can be read.

    Parameters
    ----------
    student : Distillation
        Fitted estimator.

    Returns
    -------
    notes : list of str
    """
    return [
        *repeated_labels_note(student.cv_),
        *text_note(student.student_),
        *other_rows_note(student),
        *additive_note(student),
    ]


def seen_rows_note(seen_share, n_samples):
    """Return a note if the student was trained on some of the rows.

    Parameters
    ----------
    seen_share : float
        Share of the rows that the student was trained on.
    n_samples : int
        Number of rows.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    if not seen_share:
        return []
    n_seen = max(1, round(seen_share * n_samples))
    equal = "is equal to a row" if n_seen == 1 else "are equal to rows"
    return [
        f"About {n_seen:,} of these {n_samples:,} rows {equal} that the student "
        f"was trained on: {_SEEN_ADVICE}."
    ]


def labels_alone_note(student):
    """Return a note if a student did not follow its teacher.

    Parameters
    ----------
    student : Distillation
        Fitted estimator.

    Returns
    -------
    notes : list of str
        A note, or none.
    """
    if student.follows_teacher_:
        return []
    return [
        "In fit the teacher was clearly worse than a student of the labels alone. "
        "Therefore this student was trained on the labels alone, and nothing was "
        "distilled."
    ]


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
        f"{cv.loss_name} on them is {cv.known_loss:.2g}, and that of {cv.unseen_by} is "
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
