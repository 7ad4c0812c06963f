"""Hints: what a student gains if it also learns the teacher's last hidden layer."""

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.development_sets import load
from skdistill import DistilledClassifier

TITLE = "Hints"

THIN, USUAL = (16, 16, 16, 16), (128, 64)
HINT_WEIGHT = 0.8

# The share of the hint and its place were chosen with the seeds from 100 to 115.
SEEDS = (20, 21, 22, 23, 24)
N_TEST = 800

# Rows that the teacher learned from, number of labelled rows of the student, and
# whether the student gets the teacher's other rows without their labels.
SETTINGS = (
    ("all others", 200, False),
    ("all others", 800, False),
    ("all others", 200, True),
    ("the same", 200, False),
)


def cases(tiny):
    """Yield a case for each setting, student and seed."""
    for teacher_rows, n_labels, unlabeled in SETTINGS[:1] if tiny else SETTINGS:
        for hidden in (THIN, USUAL):
            for seed in SEEDS[:1] if tiny else SEEDS:
                yield {
                    "teacher_rows": teacher_rows,
                    "n_labels": n_labels,
                    "unlabeled": unlabeled,
                    "hidden": "-".join(map(str, hidden)),
                    "seed": seed,
                }


def measure(teacher_rows, n_labels, unlabeled, hidden, seed):
    """Train the same student with a hint, without, and without for as many steps."""
    X, y = load("digits")
    X = np.asarray(X, dtype=np.float64)
    rows = np.random.RandomState(seed).permutation(len(y))
    few, others, test = rows[:n_labels], rows[:-N_TEST], rows[-N_TEST:]
    learned = few if teacher_rows == "the same" else others
    network = MLPClassifier((256, 256, 256), max_iter=100, random_state=seed)
    teacher = make_pipeline(StandardScaler(), network).fit(X[learned], y[learned])
    sizes = tuple(map(int, hidden.split("-")))
    more = {"X_unlabeled": X[others[n_labels:]]} if unlabeled else {}

    def student(**parameters):
        model = DistilledClassifier(
            teacher, hidden_layer_sizes=sizes, random_state=seed, **parameters
        )
        return model.fit(X[few], y[few], **more)

    without = student()
    n_epochs = round(without.n_iter_ / (1 - HINT_WEIGHT))
    return {
        "teacher": float(teacher.score(X[test], y[test])),
        "without": float(without.score(X[test], y[test])),
        "more steps": float(student(max_iter=n_epochs).score(X[test], y[test])),
        "with": float(student(hint_weight=HINT_WEIGHT).score(X[test], y[test])),
    }


def section(results):
    """Return the table, and a line on where a hint loses."""
    lines = [
        "| teacher learned | labels | other rows | student | teacher, % | no hint "
        "| more steps | hint | gain |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    settings = ["teacher_rows", "n_labels", "unlabeled", "hidden"]
    gains = {}
    for setting, part in results.groupby(settings, sort=False):
        learned, n_labels, unlabeled, hidden = setting
        kinds = ("teacher", "without", "more steps", "with")
        cells = " | ".join(f"{100 * part[kind].mean():.1f}" for kind in kinds)
        gain = 100 * (part["with"] - part["without"])
        gains[setting] = gain.mean()
        error = gain.std() / np.sqrt(len(part))
        lines.append(
            f"| {learned} | {n_labels} | {'yes' if unlabeled else 'no'} | {hidden} "
            f"| {cells} | {gain.mean():+.1f} ± {error:.1f} |"
        )
    worst = min(gains, key=gains.__getitem__)
    return "\n".join(
        [
            "Test accuracy on the digits, mean of the seeds. The teacher is a network",
            "of three hidden layers of 256 units. It learned from the labelled rows of",
            "the student alone, or from all rows but the test rows. 'Other rows' says",
            "whether the student gets the teacher's other rows without labels. 'More",
            "steps' is the student without a hint, trained for as many steps as with",
            f"it. `hint_weight={HINT_WEIGHT}`; all else is the default. The last",
            "column has the standard error over the seeds.",
            "",
            *lines,
            "",
            "A hint pays if the teacher knows more than the student's rows tell. It",
            f"gains least, {gains[worst]:+.1f} points, with these settings: teacher "
            f"learned {worst[0]}, {worst[1]} labels, "
            f"{'other' if worst[2] else 'no other'} rows, student {worst[3]}.",
        ]
    )
