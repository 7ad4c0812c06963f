"""What the figures say, in words."""

from skdistill.report.bootstrap import Interval

LOWER_IS_BETTER = frozenset(
    {"log_loss", "brier", "calibration_error", "kl_divergence", "total_variation"}
)

# What a verdict is about, the first before the second.
_MAIN = ("accuracy", "log_loss")
_NAMES = {"accuracy": "accuracy", "log_loss": "log-loss"}

# Targets that leave less than this to all other classes say little beyond the label.
_NEARLY_NOTHING = 0.01

# With fewer rows that one model alone gets right, percentiles say little.
_FEW_DIFFERENT = 10

# A temperature nearer to 1 changes no probability that a reader would notice.
_NOTICED = 0.05

_SEEN_ADVICE = (
    "what it reaches on them is no estimate for new rows. Measure on rows that neither "
    "teacher nor student was fitted on"
)


def verdict(differences, n_samples):
    """Say what was kept, whether distilling helped, and whether the teacher is good.

    Parameters
    ----------
    differences : dict of str to dict of str to Interval
        "student - teacher" and, with a control, "student - labels alone" and
        "teacher - labels alone"; of each the measures by their names.
    n_samples : int

    Returns
    -------
    sentence : str
        That the student is worse than labels alone stands first.
    """
    kept = _kept(differences["student - teacher"]["accuracy"], n_samples)
    if "student - labels alone" not in differences:
        unknown = "whether distilling beat labels alone was not measured"
        return _sentence([kept, f"{unknown} (give a baseline)"])
    student = differences["student - labels alone"]
    teacher = _teacher(differences["teacher - labels alone"])
    if worse_than_labels(differences):
        lost = _list(_change(n, student[n]) for n in _MAIN if better(n, student) < 0)
        worse = "the student is worse than the same network trained on labels alone"
        return _sentence([f"{worse}: {lost}", kept, teacher])
    return _sentence([kept, _gain(student), teacher])


def of_seen_rows(sentence):
    """Return a verdict on rows that the student was trained on."""
    start = "On rows that the student was trained on, which tell little of new ones"
    return f"{start}: {sentence[0].lower()}{sentence[1:]}"


def worse_than_labels(differences):
    """Tell whether a student is worse than its network trained on labels alone.

    Parameters
    ----------
    differences : dict of str to dict of str to Interval

    Returns
    -------
    worse : bool
        Whether it is in accuracy, or in log-loss without a gain of accuracy; False
        where there is no control.
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
    difference : dict of str to Interval

    Returns
    -------
    sign : int
        1 for better, -1 for worse, 0 where the interval holds zero.
    """
    sign = difference[measure].sign
    return -sign if measure in LOWER_IS_BETTER else sign


def notes(parts, left, temperature=None, seen_share=0.0, labels_alone=False):
    """Return what else a reader has to know, a sentence or two each.

    Parameters
    ----------
    parts : dict
        What `compute` returned.
    left : float
        What the soft targets leave to all classes but the first, in the mean.
    temperature : float or None, default=None
        By which the teacher's logits were divided for the student; None where
        that is not known.
    seen_share : float, default=0.0
        Share of the rows that the student was trained on.
    labels_alone : bool, default=False
        Whether `fit` found the teacher worse than labels, and did not follow it.

    Returns
    -------
    notes : list of str
    """
    n_samples, n_different = parts["n_samples"], parts["n_different"]
    found = []
    if seen_share:
        n_seen = max(1, round(seen_share * n_samples))
        found.append(
            f"About {n_seen:,} of these {n_samples:,} rows are rows that the student "
            f"was trained on, or equal to such: {_SEEN_ADVICE}."
        )
    if labels_alone:
        found.append(
            "In fit the teacher was clearly worse than a student of the labels alone: "
            "this student was trained on the labels alone, and nothing was distilled."
        )
    else:
        found += _one_hot(left, 1.0 - parts["figures"]["teacher"]["accuracy"].estimate)
    calibrated = temperature is not None and abs(temperature - 1.0) > _NOTICED
    if calibrated and not labels_alone:
        found.append(
            f"The student learned the teacher's logits divided by {temperature:.2f}, "
            "at which they fit labels best: its probabilities are meant to differ "
            "from those that the teacher gives."
        )
    for row in parts["per_group"] or ():
        lost = row["beyond_others"]
        if lost.sign < 0 and row["n_different"] >= _FEW_DIFFERENT:
            found.append(
                f"In the group {row['group']} the student loses "
                f"{_points(lost, turned=True)} more than on the other rows."
            )
    if n_different < _FEW_DIFFERENT:
        found.append(
            f"On {n_different} of {n_samples:,} rows teacher or student alone is "
            "right: too few for an interval of their accuracies that can be trusted."
        )
    return found


def _one_hot(left, wrong):
    """Say where the targets are nearly labels, and what to do."""
    if left >= _NEARLY_NOTHING:
        return []
    text = (
        f"The soft targets are nearly one-hot: they leave {100 * left:.2f} % to all "
        "classes but the first, and so say little beyond the label."
    )
    if wrong > 2 * left:
        return [
            f"{text} The teacher is wrong on {100 * wrong:.1f} % of the rows, so it is "
            'too sure: calibrate it (calibrate_teacher="refit", or cv).'
        ]
    return [f"{text} A temperature of 2 to 5 shows more of what the teacher knows."]


def _kept(difference, n_samples):
    """Say what the student keeps of the teacher's accuracy."""
    if difference.sign < 0:
        lost = _points(difference, turned=True)
        return f"the student loses {lost} of the teacher's accuracy"
    if difference.sign > 0:
        return f"the student is {_points(difference)} more accurate than its teacher"
    return (
        "the student keeps the teacher's accuracy within what "
        f"{n_samples:,} rows can tell: {_signed_points(difference)}"
    )


def _gain(difference):
    """Say what distilling gained over labels alone, where it is no loss."""
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
    """Say whether the teacher is worth copying."""
    accuracy, log_loss = (better(name, differences) for name in _MAIN)
    if accuracy < 0:
        return (
            "the teacher itself is worse than labels alone, by "
            f"{_points(differences['accuracy'], turned=True)} of accuracy"
        )
    if accuracy == 0 and log_loss < 0:
        return "the teacher itself is no better than labels alone"
    if accuracy == 0 and log_loss == 0:
        return "the teacher itself did not clearly beat labels alone"
    measure = "accuracy" if accuracy else "log_loss"
    return f"the teacher is better than labels alone, by its {_NAMES[measure]}"


def _change(measure, difference):
    if measure == "accuracy":
        return f"accuracy {_signed_points(difference)}"
    return "log-loss {:+z.3f} ({:+z.3f} to {:+z.3f})".format(*difference)


def _points(difference, turned=False):
    """Spell a difference of accuracies out as a positive number of points."""
    if turned:
        difference = Interval(-difference.estimate, -difference.high, -difference.low)
    estimate, low, high = (100 * value for value in difference)
    return f"{estimate:z.1f} points ({low:z.1f} to {high:z.1f})"


def _signed_points(difference):
    estimate, low, high = (100 * value for value in difference)
    return f"{estimate:+z.1f} points ({low:+z.1f} to {high:+z.1f})"


def _list(texts):
    return " and ".join(texts)


def _sentence(clauses):
    text = "; ".join(clauses) + "."
    return text[0].upper() + text[1:]
