"""Students of teachers that repeat the labels of the rows that they know."""

import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from benchmarks.development_sets import load
from benchmarks.fidelity import standardized
from skdistill import DistilledClassifier

TITLE = "Leaky teachers"

# Rules were chosen on split 0, with 700 rows to train on.
SETS = (
    *("segment", "satimage", "digits", "phoneme", "magic", "spambase", "banana"),
    *("pima", "german", "contraceptive"),
)
# Ten processes, one for each digit, would take half of the time of all cases.
SLOW = ("digits", "Gaussian process")
IN_ITS_PLACE = "ring"
TEACHERS = ("neighbors", "Gaussian process", "SVC")
SPLITS = (1, 2)
CHOICES = {"None": None, "5": 5, "auto": "auto"}
_TRAINED, _TESTED = 600, 2000

# Greatest loss of `cv="auto"` against the better of the other two: log-loss, points.
_LOSS, _POINTS = 0.005, 0.2


def cases(tiny):
    """Yield the sets, teachers and splits."""
    for name in ("digits",) if tiny else SETS:
        for teacher in TEACHERS[:1] if tiny else TEACHERS:
            for split in SPLITS[:1] if tiny else SPLITS:
                is_slow = (name, teacher) == SLOW
                used = IN_ITS_PLACE if is_slow else name
                yield {"set": used, "teacher": teacher, "split": split}


def measure(**case):
    """Return the scores of the teacher and of a student for each `cv`."""
    X, y = load(case["set"])
    X, X_test, y, y_test = train_test_split(
        X,
        y,
        train_size=min(_TRAINED, len(y) * 7 // 10),
        random_state=case["split"],
        stratify=y,
    )
    X_test, y_test = X_test[:_TESTED], y_test[:_TESTED]
    teacher = standardized(make_teacher(case["teacher"], X.shape[1]))
    figures = {"rows": len(y)}
    for name, cv in CHOICES.items():
        model = DistilledClassifier(teacher, cv=cv, random_state=0)
        started = time.process_time()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=ConvergenceWarning)
            # A worse teacher than the labels alone is left out, whatever `cv` is.
            warnings.filterwarnings("ignore", message=".*clearly worse")
            model.fit(X, y)
        figures[f"seconds {name}"] = time.process_time() - started
        proba = model.predict_proba(X_test).astype(float)
        proba /= proba.sum(axis=1, keepdims=True)
        figures[f"loss {name}"] = log_loss(y_test, proba, labels=model.classes_)
        figures[f"accuracy {name}"] = float(np.mean(model.predict(X_test) == y_test))
    figures["accuracy of the teacher"] = float(model.teacher_.score(X_test, y_test))
    figures["found"] = bool(model.cv_.repeats_labels)
    figures["out of fold"] = model.cv_.source == "out-of-fold"
    return figures


def make_teacher(name, n_columns):
    """Return an unfitted teacher that is sure of the rows that it was fitted on."""
    if name == "neighbors":
        return KNeighborsClassifier(10, weights="distance")
    if name == "SVC":
        return SVC(C=10.0, gamma=5.0 / n_columns)
    kernel = 100.0 * RBF(0.5 * n_columns**0.5)
    return GaussianProcessClassifier(kernel, optimizer=None, random_state=0)


def section(results):
    """Return the section of the page."""
    results = results.assign(
        best_loss=results[["loss None", "loss 5"]].min(axis=1),
        best_accuracy=results[["accuracy None", "accuracy 5"]].max(axis=1),
    )
    lines = [
        f"Each teacher is fitted on {_TRAINED} rows, or 70 % of a smaller set, of ten "
        f"development sets: {', '.join(SETS)}. The Gaussian process has {IN_ITS_PLACE} "
        f"in place of {SLOW[0]}, whose ten classes would take it long. There are two "
        "splits, none of which served to choose a rule. Log-loss and accuracy are "
        'those of the student on up to 2,000 other rows. "Better" is the better of '
        "`None` and `5`, set by set and split by split, which nobody knows before. "
        '"Found" counts the fits that found the teacher to repeat labels, and "out of '
        'fold" those that took its answers out of fold. CPU seconds are those of the '
        "whole fit, relative to `cv=None`.",
        "",
        "| Teacher | Fits | Log-loss None | 5 | auto | better | Accuracy None | 5 | "
        "auto | better | Found | Out of fold | Time 5 | auto |",
        "|" + " --- |" * 14,
    ]
    for teacher, part in results.groupby("teacher", sort=False):
        lines.append(_row(teacher, part))
    lines += [_row("all", results), "", _verdict(results), "", _losers(results)]
    return "\n".join(lines)


def _row(name, part):
    mean = part.mean(numeric_only=True)
    losses = [f"{mean[f'loss {cv}']:.4f}" for cv in CHOICES]
    accuracies = [f"{100 * mean[f'accuracy {cv}']:.2f}" for cv in CHOICES]
    times = [
        f"{(part[f'seconds {cv}'] / part['seconds None']).median():.1f}"
        for cv in ("5", "auto")
    ]
    cells = [
        name,
        str(len(part)),
        *losses,
        f"{mean['best_loss']:.4f}",
        *accuracies,
        f"{100 * mean['best_accuracy']:.2f}",
        str(int(part["found"].sum())),
        str(int(part["out of fold"].sum())),
        *times,
    ]
    return f"| {' | '.join(cells)} |"


def _verdict(results):
    """Return a line on the bar: the better one on average, and of each fit."""
    loss, accuracy = results["loss auto"].mean(), results["accuracy auto"].mean()
    best = min(results[f"loss {cv}"].mean() for cv in ("None", "5"))
    most = max(results[f"accuracy {cv}"].mean() for cv in ("None", "5"))
    each = loss - results["best_loss"].mean()
    each_points = 100 * (results["best_accuracy"].mean() - accuracy)
    return (
        f"Bar: at most {_LOSS} more log-loss and {_POINTS} points less accuracy than "
        f"the better one, on average. `auto` has {loss - best:+.4f} and "
        f"{100 * (accuracy - most):+.2f} points against the better column, and "
        f"{each:+.4f} and {-each_points:+.2f} points against the better one of each "
        "fit."
    )


def _losers(results):
    """Return a line on the sets where the choice loses most."""
    lost = (results["loss auto"] - results["best_loss"]).groupby(
        [results["teacher"], results["set"]]
    )
    worst = lost.mean().sort_values(ascending=False).head(3)
    cases = ", ".join(
        f"{name} with {teacher} ({value:+.4f})"
        for (teacher, name), value in worst.items()
    )
    return (
        "Greatest losses: the log-loss above that of the better one, mean of the "
        f"splits, is greatest for {cases}."
    )
