"""The verdict of a report: its figures in one sentence."""

from skdistill.report.bootstrap import Interval

LOWER_IS_BETTER = frozenset(
    {"log_loss", "brier", "calibration_error", "kl_divergence", "total_variation"}
)

# Measures of a verdict. The first is more important than the second.
_MAIN = ("accuracy", "log_loss")
_NAMES = {"accuracy": "accuracy", "log_loss": "log-loss"}

# A loss of accuracy beyond this is not called "kept", even if it may be chance.
_NOTICED_LOSS = -0.01

_TEACHER_SAW_ROWS = (
    "On rows that the teacher may have been fitted on, which makes its figures too good"
)
_STUDENT_SAW_ROWS = (
    "On rows equal to rows that the student was trained on, which say little about "
    "new rows"
)
_NOTHING_DISTILLED = (
    "Nothing was distilled: in fit the teacher was clearly worse than labels alone, so "
    "the student learned labels alone."
)


def verdict(differences, n_samples, *, distilled=True):
    """Return a sentence on the loss, on the gain by distilling, and on the teacher.

    Parameters
    ----------
    differences : dict of str to dict of str to Interval
        Differences by "student - teacher" and, with a control, "student - labels
        alone" and "teacher - labels alone", and then by the names of the measures.
        Without the last, the sentence does not compare these two.
    n_samples : int
        Number of rows.
    distilled : bool, default=True
        Whether the student followed its teacher. Otherwise it is itself a student of
        labels alone, and the sentence does not compare the two.

    Returns
    -------
    sentence : str
        Verdict. If the student is worse than labels alone, it starts with this.
    """
    kept = _kept(differences["student - teacher"], n_samples)
    compared = differences.get("teacher - labels alone")
    teacher = [] if compared is None else [_teacher(compared)]
    if not distilled:
        return _sentence([kept, *teacher])
    if "student - labels alone" not in differences:
        unknown = "whether distilling beat labels alone was not measured"
        return _sentence([kept, f"{unknown} (give a baseline)"])
    student = differences["student - labels alone"]
    if worse_than_labels(differences):
        lost = _list(_change(n, student[n]) for n in _MAIN if better(n, student) < 0)
        worse = "the student is worse than the same network trained on labels alone"
        return _sentence([f"{worse}: {lost}", kept, *teacher])
    return _sentence([kept, _gain(student), *teacher])


def qualify_verdict(
    computed, n_samples, *, distilled, teacher_saw_rows, student_saw_rows
):
    """Let the verdict of a report start with what limits it.

    Parameters
    ----------
    computed : dict
        Attributes of the report, as `compute` returned them. They are changed. If the
        teacher saw the rows, teacher and labels alone are no longer compared.
    n_samples : int
        Number of rows.
    distilled : bool
        Whether the student followed its teacher.
    teacher_saw_rows : bool
        Whether the teacher may have been fitted on the rows.
    student_saw_rows : bool
        Whether most rows are equal to rows that the student was trained on.
    """
    if teacher_saw_rows:
        computed["differences"].pop("teacher - labels alone", None)
    sentence = verdict(computed["differences"], n_samples, distilled=distilled)
    starts = [
        start
        for start, holds in (
            (_TEACHER_SAW_ROWS, teacher_saw_rows),
            (_STUDENT_SAW_ROWS, student_saw_rows),
        )
        if holds
    ]
    for start in starts:
        sentence = f"{start}: {sentence[0].lower()}{sentence[1:]}"
    computed["verdict"] = sentence if distilled else f"{_NOTHING_DISTILLED} {sentence}"


def worse_than_labels(differences):
    """Tell whether a student is worse than its network trained on labels alone.

    Parameters
    ----------
    differences : dict of str to dict of str to Interval
        Differences, as `verdict` takes them.

    Returns
    -------
    worse : bool
        True if the student has a worse accuracy, or a worse log-loss without a better
        accuracy. False if there is no control.
    """
    if "student - labels alone" not in differences:
        return False
    accuracy, log_loss = (
        better(name, differences["student - labels alone"]) for name in _MAIN
    )
    return accuracy < 0 or (log_loss < 0 and accuracy == 0)


def better(measure, difference):
    """Tell whether a difference is for the better, beyond chance.

    Parameters
    ----------
    measure : str
        Name of the measure.
    difference : dict of str to Interval
        Differences of two models by the names of the measures.

    Returns
    -------
    sign : int
        1 for better, -1 for worse, 0 if the interval holds zero.
    """
    sign = difference[measure].sign
    return -sign if measure in LOWER_IS_BETTER else sign


def _kept(differences, n_samples):
    """Return a clause on how much the student keeps of what its teacher can do."""
    accuracy, log_loss = (differences[name] for name in _MAIN)
    kept = _kept_accuracy(accuracy, n_samples)
    if better("log_loss", differences) >= 0:
        return kept
    link = "and" if accuracy.sign < 0 else "but"
    worse = _change("log_loss", log_loss)
    return f"{kept}, {link} its probabilities are clearly worse: {worse}"


def _kept_accuracy(difference, n_samples):
    """Return a clause on how much of the teacher's accuracy the student keeps."""
    if difference.sign < 0:
        lost = points(difference, turned=True)
        return f"the student loses {lost} of the teacher's accuracy"
    if difference.sign > 0:
        return f"the student is {points(difference)} more accurate than its teacher"
    if difference.estimate < _NOTICED_LOSS:
        return (
            "the student may lose some of the teacher's accuracy, as far as "
            f"{n_samples:,} rows can show: {_signed_points(difference)}"
        )
    return (
        f"the student keeps the teacher's accuracy as far as {n_samples:,} rows can "
        f"show: {_signed_points(difference)}"
    )


def _gain(difference):
    """Return a clause on the gain over labels alone, if there is no loss."""
    signs = {name: better(name, difference) for name in _MAIN}
    gained, lost = (
        _list(_change(name, difference[name]) for name in _MAIN if signs[name] == sign)
        for sign in (1, -1)
    )
    if gained:
        return f"distilling beat labels alone: {gained}" + (
            f", but {lost}" if lost else ""
        )
    both = _list(_change(name, difference[name]) for name in _MAIN)
    return f"distilling did not clearly beat labels alone: {both}"


def _teacher(differences):
    """Return a clause on whether the teacher is better than labels alone."""
    accuracy, log_loss = (better(name, differences) for name in _MAIN)
    if accuracy < 0:
        return (
            "the teacher itself is worse than labels alone, by "
            f"{points(differences['accuracy'], turned=True)} of accuracy"
        )
    if accuracy == 0 and log_loss < 0:
        return "the teacher itself is no better than labels alone"
    if accuracy == 0 and log_loss == 0:
        return "the teacher itself did not clearly beat labels alone"
    measure = "accuracy" if accuracy else "log_loss"
    return f"the teacher is better than labels alone, by its {_NAMES[measure]}"


def _change(measure, difference):
    """Return the text of a difference of a measure, with its interval."""
    if measure == "accuracy":
        return f"accuracy {_signed_points(difference)}"
    return "log-loss {:+z.3f} ({:+z.3f} to {:+z.3f})".format(*difference)


def points(difference, turned=False):
    """Return the text of a difference in points.

    Parameters
    ----------
    difference : Interval
        Difference of two accuracies.
    turned : bool, default=False
        Whether to change the sign.

    Returns
    -------
    text : str
        Difference and its interval.
    """
    if turned:
        difference = Interval(-difference.estimate, -difference.high, -difference.low)
    estimate, low, high = (100 * value for value in difference)
    return f"{estimate:z.1f} points ({low:z.1f} to {high:z.1f})"


def _signed_points(difference):
    """Return the text of a difference in points, with signs."""
    estimate, low, high = (100 * value for value in difference)
    return f"{estimate:+z.1f} points ({low:+z.1f} to {high:+z.1f})"


def _list(texts):
    """Return texts as a list in a sentence."""
    return " and ".join(texts)


def _sentence(clauses):
    """Return clauses as a sentence."""
    text = "; ".join(clauses) + "."
    return text[0].upper() + text[1:]
