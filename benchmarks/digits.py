"""Share of a forest's accuracy that a student keeps on digits, with five seeds."""

from benchmarks.environment import (
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from skdistill import DistilledClassifier
from skdistill.metrics import agreement, pickled_bytes
from skdistill.report.control import fit_labels_alone, saved_bytes


def main():
    options = parse_arguments(__doc__)
    trees, seeds = (20, 2) if options.tiny else (500, 5)
    X, y = load_digits(return_X_y=True)
    lines, kept = [], []
    for seed in range(seeds):
        X_train, X_test, y_train, y_test = train_test_split(
            X, y, random_state=seed, stratify=y
        )
        forest = RandomForestClassifier(trees, random_state=seed).fit(X_train, y_train)
        model = DistilledClassifier(forest, random_state=seed).fit(X_train, y_train)
        control = fit_labels_alone(model, X_train, y_train)
        models = (forest, model, control)
        scores = [m.score(X_test, y_test) for m in models]
        proba = [m.predict_proba(X_test) for m in models]
        kept.append(scores[1] / scores[0])
        lines.append(
            [
                seed,
                *(f"{score:.4f}" for score in scores),
                f"{100 * kept[-1]:.1f}",
                *(f"{log_loss(y_test, p):.3f}" for p in proba),
                f"{agreement(proba[1], proba[0]):.4f}",
                f"{pickled_bytes(forest) / 2**20:.1f}",
                f"{saved_bytes(model.student_) / 2**10:.1f}",
            ]
        )
    lines.append(["mean", "", "", "", f"{100 * np.mean(kept):.1f}"] + [""] * 6)
    heads = [
        "seed",
        f"forest of {trees}",
        "student",
        "labels alone",
        "kept, %",
        "log-loss, forest",
        "student",
        "labels alone",
        "agreement",
        "forest, MiB",
        "student, KiB",
    ]
    text = (
        "Accuracy and log-loss on held-out rows. 'Labels alone' is the student's "
        "network with its knots,\ndecay and steps, trained without a teacher.\n\n"
        f"{markdown_table(heads, lines)}\n\n{describe()}"
    )
    publish("digits", "Digits", text, options)


if __name__ == "__main__":
    main()
