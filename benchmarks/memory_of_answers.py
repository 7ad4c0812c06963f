"""A search in two processes with `memory`: answers made in it, against answers kept.

The teacher is a forest of about 300 MB that was fitted before. The same search runs
twice with one folder: at first the answers are made, then all are there.
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

import pickle
import tempfile
import time
from pathlib import Path

import joblib
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, ParameterGrid

from skdistill import DistilledClassifier

MEGABYTES = 300
N_ROWS = 14_000
GRID = {"distillation_weight": [0.1, 0.3, 0.5, 0.7], "temperature": [1.0, 2.0]}


def main():
    options = parse_arguments(__doc__)
    X, y = make_classification(
        600 if options.tiny else N_ROWS,
        16,
        n_informative=12,
        n_classes=5,
        flip_y=0.1,
        random_state=0,
    )
    forest = forest_of(3 if options.tiny else MEGABYTES, X, y)
    size = len(pickle.dumps(forest)) / 1e6
    plan = {"max_iter": 10, "weight_decay": 0.1} if options.tiny else {}
    grid = {"temperature": [1.0, 2.0]} if options.tiny else GRID
    with tempfile.TemporaryDirectory() as folder:
        search = GridSearchCV(
            DistilledClassifier(forest, memory=folder, random_state=0, **plan),
            grid,
            cv=3,
            n_jobs=2,
        )
        start_workers(X, y)
        made, kept = seconds_of(search, X, y), seconds_of(search, X, y)
        n_answers = len([*Path(folder).rglob("*.joblib")])
    lines = [
        ["answers made", f"{made:.1f}"],
        ["answers kept", f"{kept:.1f}"],
        ["ratio", f"{made / kept:.2f}"],
    ]
    text = (
        f"A grid of {len(ParameterGrid(grid))} candidates, 3 folds and a refit, "
        f"{len(y):,} rows, a fitted forest of {size:.0f} MB, two processes on two "
        f"cores. The folder then holds {n_answers} files.\n\n"
        f"{markdown_table(['search', 'seconds'], lines)}\n\n{describe()}"
    )
    publish("memory_of_answers", "Answers kept", text, options)


def forest_of(megabytes, X, y):
    """Return a fitted forest of about a size, whose trees are as deep as can be."""
    forest = RandomForestClassifier(5, n_jobs=2, random_state=0).fit(X, y)
    n_trees = max(1, round(5 * megabytes * 1e6 / len(pickle.dumps(forest))))
    return forest.set_params(n_estimators=n_trees, warm_start=True).fit(X, y)


def start_workers(X, y):
    """Start both processes, and load the kernels in each."""
    few = X[:300], y[:300]
    forest = RandomForestClassifier(50, random_state=0)
    model = DistilledClassifier(forest, teacher_share=1.0, random_state=0)
    joblib.Parallel(2)(joblib.delayed(clone(model).fit)(*few) for _ in range(4))


def seconds_of(search, X, y):
    """Return the time of a search."""
    started = time.perf_counter()
    clone(search).fit(X, y)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
