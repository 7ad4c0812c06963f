"""The verdict of a report: its figures in one sentence."""

import math

from skdistill.common.text import counted
from skdistill.report.bootstrap import Interval

LOWER_IS_BETTER = frozenset(
    {
        "log_loss",
        "hamming_loss",
        "brier",
        "calibration_error",
        "kl_divergence",
        "total_variation",
        "rmse",
        "mae",
        "log_mse",
        "pinball_loss",
        "log_pinball_loss",
        "mean_difference",
    }
)

# Measures of which neither a greater nor a smaller value is better.
NEUTRAL = frozenset({"coverage"})

# Measures of a verdict: those that a report has. The first is more important than the
# second.
_MAIN = ("accuracy", "log_loss", "r2", "d2_pinball")


_NAMES = {
    "accuracy": "accuracy",
    "log_loss": "log-loss",
    "r2": "R²",
    "d2_pinball": "D² of the pinball loss",
}
_BETTER = {
    "accuracy": "the student is {} more accurate than its teacher",
    "r2": "the student's R² is {} above its teacher's",
    "d2_pinball": "the student's D² of the pinball loss is {} above its teacher's",
}

# Logarithms of errors. Their differences are shown in percent.
ERRORS = {
    "log_mse": "squared error",
    "log_pinball_loss": "pinball loss",
}

# Greatest logarithm of a ratio that is shown, and percent that are shown in full.
_GREATEST_LOGARITHM, _MANY_PERCENT = 690.0, 1e6

# A loss of the most important measure beyond this is not called "kept", even if it may
# be chance.
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
        lost = _list(
            _change(n, student[n]) for n in _main(student) if better(n, student) < 0
        )
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
        True if the student's most important measure is worse, or the second without a
        better first. False if there is no control.
    """
    if "student - labels alone" not in differences:
        return False
    difference = differences["student - labels alone"]
    first, *others = (better(name, difference) for name in _main(difference))
    return first < 0 or (first == 0 and any(sign < 0 for sign in others))


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


def _main(difference):
    """Return the measures of a verdict that a report has."""
    return [name for name in _MAIN if name in difference]


def _kept(differences, n_samples):
    """Return a clause on how much the student keeps of what its teacher can do."""
    first, *others = _main(differences)
    kept = _kept_first(first, differences[first], n_samples)
    kept += "".join(
        f", and its {error} differs by {percent(differences[name])}"
        for name, error in ERRORS.items()
        if name in differences and math.isfinite(differences[name].estimate)
    )
    if not others or better("log_loss", differences) >= 0:
        return kept
    link = "and" if differences[first].sign < 0 else "but"
    worse = _change("log_loss", differences["log_loss"])
    return f"{kept}, {link} its probabilities are clearly worse: {worse}"


def _kept_first(measure, difference, n_samples):
    """Return a clause on how much of the teacher's first measure the student keeps."""
    name = _NAMES[measure]
    if math.isnan(difference.estimate):
        return f"these rows do not show how much of the teacher's {name} is kept"
    if difference.sign < 0:
        lost = points(difference, turned=True)
        return f"the student loses {lost} of the teacher's {name}"
    if difference.sign > 0:
        return _BETTER[measure].format(points(difference))
    if difference.estimate < _NOTICED_LOSS:
        return (
            f"the student may lose some of the teacher's {name}, as far as "
            f"{counted(n_samples, 'row')} can show: {_signed_points(difference)}"
        )
    return (
        f"the student keeps the teacher's {name} as far as "
        f"{counted(n_samples, 'row')} can show: {_signed_points(difference)}"
    )


def _gain(difference):
    """Return a clause on the gain over labels alone, if there is no loss."""
    signs = {name: better(name, difference) for name in _main(difference)}
    gained, lost = (
        _list(_change(name, difference[name]) for name in signs if signs[name] == sign)
        for sign in (1, -1)
    )
    if gained:
        return f"distilling beat labels alone: {gained}" + (
            f", but {lost}" if lost else ""
        )
    both = _list(_change(name, difference[name]) for name in signs)
    return f"distilling did not clearly beat labels alone: {both}"


def _teacher(differences):
    """Return a clause on whether the teacher is better than labels alone."""
    signs = {name: better(name, differences) for name in _main(differences)}
    first, *others = signs
    if signs[first] < 0:
        return (
            "the teacher itself is worse than labels alone, by "
            f"{points(differences[first], turned=True)} of {_NAMES[first]}"
        )
    if signs[first] == 0 and any(signs[name] < 0 for name in others):
        return "the teacher itself is no better than labels alone"
    found = next((name for name in signs if signs[name]), None)
    if found is None:
        return "the teacher itself did not clearly beat labels alone"
    return f"the teacher is better than labels alone, by its {_NAMES[found]}"


def _change(measure, difference):
    """Return the text of a difference of a measure, with its interval."""
    if measure == "log_loss":
        return "log-loss {:+z.3f} ({:+z.3f} to {:+z.3f})".format(*difference)
    return f"{_NAMES[measure]} {_signed_points(difference)}"


def percent(difference):
    """Return the text of a difference of two logarithms, in percent.

    Parameters
    ----------
    difference : Interval
        Logarithm of the ratio of two errors.

    Returns
    -------
    text : str
        Change and its interval, with signs.
    """
    estimate, low, high = (_percent(value) for value in difference)
    return f"{estimate} % ({low} to {high})"


def _percent(logarithm):
    """Return the text of a change that a logarithm states, in percent."""
    # A teacher without any error but rounding has a huge ratio.
    value = 100 * math.expm1(min(logarithm, _GREATEST_LOGARITHM))
    return f"{value:+z.1f}" if value < _MANY_PERCENT else f"{value:+.3g}"


def points(difference, turned=False):
    """Return the text of a difference in points.

    Parameters
    ----------
    difference : Interval
        Difference of two shares, such as accuracies.
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
    if math.isnan(difference.estimate):
        return "is unknown"
    estimate, low, high = (100 * value for value in difference)
    return f"{estimate:+z.1f} points ({low:+z.1f} to {high:+z.1f})"


def _list(texts):
    """Return texts as a list in a sentence."""
    return " and ".join(texts)


def _sentence(clauses):
    """Return clauses as a sentence."""
    text = "; ".join(clauses) + "."
    return text[0].upper() + text[1:]
