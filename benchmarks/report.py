"""The report: the share of its intervals that hold the truth, and its time."""

from benchmarks.environment import (
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

from time import perf_counter

import numpy as np
from scipy.special import softmax
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression

from skdistill import DistillationReport, DistilledClassifier

CLASSES = 3
NOISE = {"teacher": 1.0, "student": 1.2, "labels alone": 1.4}
MEASURES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log-loss",
    "brier": "Brier score",
    "roc_auc": "ROC AUC",
    "calibration_error": "calibration error",
}


def draw(n_rows, seed):
    """Return labels, and probabilities of three models with correlated errors."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(CLASSES, size=n_rows)
    logits = 1.5 * np.eye(CLASSES)[labels] + rng.normal(size=(n_rows, CLASSES))
    return labels, [
        softmax(logits + noise * rng.normal(size=logits.shape), axis=1)
        for noise in NOISE.values()
    ]


def coverage(n_rows, n_reports):
    """Return the share of reports whose interval holds the true difference."""
    labels, probabilities = draw(500_000, seed=10**6)
    truth = DistillationReport.from_predictions(labels, *probabilities, n_bootstraps=1)
    held = {pair: dict.fromkeys(MEASURES, 0) for pair in truth.differences}
    for seed in range(n_reports):
        labels, probabilities = draw(n_rows, seed)
        report = DistillationReport.from_predictions(
            labels, *probabilities, random_state=seed
        )
        for pair, counts in held.items():
            for name in counts:
                interval = report.differences[pair][name]
                true = truth.differences[pair][name].estimate
                counts[name] += interval.low <= true <= interval.high
    return {
        pair: {name: count / n_reports for name, count in counts.items()}
        for pair, counts in held.items()
    }


def seconds(n_rows, n_classes):
    """Return the seconds of a report with groups, and the teacher's part of them."""
    X, y = make_classification(
        n_rows + 1000, 20, n_informative=10, n_classes=n_classes, random_state=0
    )
    teacher = LogisticRegression(max_iter=1000).fit(X[:1000], y[:1000])
    student = DistilledClassifier(teacher, max_iter=10, random_state=0)
    student.fit(X[:1000], y[:1000])
    rows, labels = X[1000:], y[1000:]
    groups = np.digitize(rows[:, 0], [-1.0, 0.0, 1.0])
    arguments = {"groups": groups, "baseline": student}
    DistillationReport.from_estimator(
        student, rows[:100], labels[:100], n_bootstraps=2, baseline=student
    )
    start = perf_counter()
    report = DistillationReport.from_estimator(student, rows, labels, **arguments)
    total = perf_counter() - start
    return total, 1e-6 * n_rows * report.costs["teacher"].batch_microseconds


def main():
    options = parse_arguments(__doc__)
    sizes = [100] if options.tiny else [100, 400, 1600]
    n_reports = 20 if options.tiny else 400
    lines = []
    for n_rows in sizes:
        for pair, shares in coverage(n_rows, n_reports).items():
            cells = [f"{100 * shares[name]:.1f}" for name in MEASURES]
            lines.append([n_rows, pair, *cells])
    times = []
    for n_classes in (2, 10):
        total, asking = seconds(1000 if options.tiny else 20_000, n_classes)
        times.append([n_classes, f"{total:.2f}", f"{asking:.2f}"])
    parts = [
        "Share of samples in which an interval of 95 % held the true difference, in "
        f"percent. For each\nnumber of rows there are {n_reports:,} samples of "
        f"{CLASSES} classes, with 1,000 draws each.",
        markdown_table(["rows", "difference", *MEASURES.values()], lines),
        "Seconds of a report on "
        f"{1000 if options.tiny else 20_000:,} rows of 20 columns with a control, 4 "
        "groups and 1,000 draws.\nIt spends 0.6 seconds on the time of single rows:",
        markdown_table(["classes", "report", "of it the teacher"], times),
        describe(),
    ]
    publish("report", "The report", "\n\n".join(parts), options)


if __name__ == "__main__":
    main()
