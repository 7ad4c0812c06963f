"""Time of each part of a default fit: teacher, synthesis, encoding, training."""

from benchmarks.environment import (
    alternate,
    describe,
    markdown_table,
    median_seconds,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import cProfile
import pstats
import time
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.datasets import make_classification, make_friedman1
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)

from skdistill import DistilledClassifier, DistilledRegressor

# Work of functions in a fit, by file and function.
STAGES = {
    "data._ask_about_given": "asking the teacher about the given rows",
    "labelled_answers.ask_about_labelled": "its answers for rows it has not seen",
    "data._ask_about_synthetic": "drawing synthetic rows, the teacher's answers",
    "sensitivity.feature_sensitivity": "how much each column matters to the teacher",
    "learn.learn_input": "encoding",
    "choose.recipe_and_view": "short trainings for knots, decay and shares",
    "train_student._trained_network": "training the student",
    "make_student.final_student": "choosing the bits of its weights",
}
INNER = {
    "teacher.ask": "of all: asking the teacher",
    "epochs.train": "of all: kernels of training",
}


def make_rows(n_rows):
    """Return rows and labels."""
    return make_classification(
        n_rows, 16, n_informative=10, n_classes=4, flip_y=0.05, random_state=0
    )


def make_problem(n_rows, n_trees):
    """Return rows, labels and fitted teachers by name."""
    X, y = make_rows(n_rows)
    forest = RandomForestClassifier(n_trees, random_state=0)
    boosting = HistGradientBoostingClassifier(random_state=0)
    name = f"forest of {n_trees} trees"
    return X, y, {name: forest.fit(X, y), "boosting": boosting.fit(X, y)}


def profile(model, X, y):
    """Return seconds by stage. They include the functions that it calls.

    A stage whose function the fit does not call is an error: it has another name now.
    """
    profiler = cProfile.Profile()
    profiler.runcall(model.fit, X, y)
    seconds = Counter()
    for (file, _, function), entry in pstats.Stats(profiler).stats.items():
        seconds[f"{Path(file).stem}.{function}"] += entry[3]
    names = [*STAGES, *INNER]
    if missing := [name for name in names if name not in seconds]:
        raise LookupError(f"a fit calls no function {' and no '.join(missing)}")
    return {name: seconds[name] for name in names}


def compare_tasks(n_rows, n_trees, rounds):
    """Return a table of the times of numbers, and of classes of the same rows."""
    X, y = make_friedman1(n_rows, 16, noise=1.0, random_state=0)
    how = {"min_samples_leaf": 2, "random_state": 0}
    classes = y > np.median(y)
    teacher = RandomForestClassifier(n_trees, **how).fit(X, classes)
    of_classes = DistilledClassifier(teacher, random_state=0)
    teacher = RandomForestRegressor(n_trees, **how).fit(X, y)
    of_numbers = DistilledRegressor(teacher, random_state=0)
    seconds = []
    for _ in range(rounds):
        for model, target in ((of_classes, classes), (of_numbers, y)):
            start = time.perf_counter()
            model.fit(X, target)
            taken, asking = time.perf_counter() - start, model.query_seconds_
            seconds.append([taken, asking, taken - asking])
    # By part of a fit: times of classes and of numbers.
    times = np.median(np.reshape(seconds, (rounds, 2, 3)), axis=0).T
    row = X[:1].astype(np.float32)
    calls = {
        "classes": lambda: of_classes.student_.predict_proba(row),
        "numbers": lambda: of_numbers.student_.predict(row),
    }
    one_row = [1e6 * taken for taken in alternate(calls, 11 * rounds).values()]
    lines = [
        [name, f"{a:.2f}", f"{b:.2f}", f"{b / a:.2f}"]
        for name, (a, b) in zip(
            ("a fit, s", "asking the teacher, s", "the rest, s", "one row, µs"),
            [*times, one_row],
            strict=True,
        )
    ]
    return markdown_table(["", "two classes", "numbers", "ratio"], lines)


def main():
    options = parse_arguments(__doc__)
    n_rows, n_trees, rounds = (400, 5, 1) if options.tiny else (14_000, 200, 5)
    X, y, teachers = make_problem(n_rows, n_trees)
    columns, totals = [], []
    for teacher in teachers.values():
        model = DistilledClassifier(teacher, random_state=0).fit(X, y)
        totals.append(f"{median_seconds(lambda m=model: m.fit(X, y), rounds):.2f}")
        columns.append(profile(model, X, y))
    lines = [
        [text, *(f"{column[name]:.2f}" for column in columns)]
        for name, text in (STAGES | INNER).items()
    ]
    lines.insert(0, ["**a fit, in all**", *totals])
    profiled = sum(columns[0][name] for name in STAGES)
    asking, kernels = (100 * columns[0][name] / profiled for name in INNER)
    text = (
        f"Seconds of a default fit of {n_rows:,} rows of 16 columns in 4 classes, on "
        "one core.\nThe teacher is given fitted. The first line is the median of "
        f"{rounds} fits. The others are the stages of one fit under\nPython's "
        "profiler.\n\n"
        f"{markdown_table(['', *teachers], lines)}\n\n"
        f"With the forest, {asking:.0f} % of the time is the forest's own "
        "`predict_proba`. `fit` asks it once about each\ngiven and each synthetic row, "
        "and for each column about some rows with another value in this column.\nRows "
        "of near leaves come one after the other, which takes less time. So would "
        "fewer rows: `n_synthetic`\nsets their number. The kernels of "
        f"training take {kernels:.0f} %, and run\n[near the machine's "
        "limit](../kernels.md). If `weight_decay` or `encoder` is set,\nthere "
        "are fewer short trainings. The rest of the time goes to drawing synthetic "
        "rows, to the encoding,\nand to Python between these steps.\n\n## Numbers\n\n"
        f"The same number of rows, columns and trees: numbers, and two classes, those "
        "above the median and\nthose below. 'One row' is `predict` or "
        f"`predict_proba` of `student_`. Medians of {rounds} fits.\n\n"
        f"{compare_tasks(n_rows, n_trees, rounds)}\n\n"
        f"{describe()}"
    )
    publish("fit", "A fit", text, options)


if __name__ == "__main__":
    main()
