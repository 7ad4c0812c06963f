"""Accuracy of students beside that of their teachers, on the development sets."""

import os

from benchmarks.environment import (
    DOCS,
    describe,
    markdown_table,
    publish,
    shorten_trainings,
    single_thread,
)

if __name__ == "__main__":
    # Teachers and students are fitted in parallel, each on its own core.
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    single_thread()
    if cores:
        os.sched_setaffinity(0, cores)

import argparse
import hashlib
import inspect
import json
import re
import sys
import tempfile
import time
import traceback
import warnings
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import skdistill
from benchmarks import development_sets
from skdistill import DistilledClassifier
from skdistill.metrics import agreement, calibration_error
from skdistill.tasks.classes import Classification
from skdistill.teachers.resolve import as_teacher

# Teachers of each set. The slowest sets come first.
PAIRS = {
    "letter": ("svc", "forest_leaf2"),
    "flights": ("boosting", "forest"),
    "surveys": ("boosting", "extra_trees"),
    "diamonds": ("boosting", "forest_leaf2"),
    "magic": ("forest_leaf2", "boosting"),
    "marketing": ("boosting", "forest_leaf2"),
    "satimage": ("boosting", "extra_trees"),
    "texture": ("svc", "extra_trees"),
    "ring": ("svc", "forest_leaf2"),
    "spambase": ("boosting", "forest_leaf2"),
    "digits": ("forest", "svc"),
    "chess": ("forest", "boosting"),
    "phoneme": ("extra_trees", "forest"),
    "segment": ("forest", "boosting"),
    "vowel": ("forest", "svc"),
    "german": ("forest", "extra_trees"),
    "twonorm": ("forest",),
    "banana": ("forest",),
    "breast_cancer": ("extra_trees",),
}
TEACHERS = sorted({name for names in PAIRS.values() for name in names})
QUICK_PAIRS = {"digits": ("forest", "svc"), "breast_cancer": ("forest", "svc")}

# Limit, because the time of a support vector machine grows with the square of the
# number of rows.
MOST_TRAINING_ROWS = {"svc": 8000}
LOWEST_PROBABILITY = 1e-7
WITHIN = 0.5  # points of accuracy
FEW_COLUMNS = 60  # most columns of the sets whose files are compared
AUTOGLUON_SECONDS = 60  # limit for training, and again for distillation

START, END = "<!-- kept when the page is written anew -->", "<!-- end -->"


def main():
    options = parse_arguments()
    pairs = select_pairs(options)
    first = options.first_split
    splits = range(first, first + (1 if options.quick else options.splits))
    results, failures = run(pairs, splits, options)
    for name, error in failures.items():
        print(f"failed: {name}\n{error}", file=sys.stderr)
    if results:
        text = report(results, splits, sorted(failures), options)
        publish("fidelity", "Fidelity", text, options)
    return 1 if failures else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick",
        "--tiny",
        action="store_true",
        help="two small sets and small teachers, to see that it runs",
    )
    parser.add_argument(
        "--write", action="store_true", help="write the tables to docs/benchmarks"
    )
    parser.add_argument(
        "--splits", type=int, default=3, help="training and test sets (%(default)s)"
    )
    parser.add_argument(
        "--first-split",
        type=int,
        default=10,
        help="the seed of the first; those below 10 are for making choices "
        "(%(default)s)",
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument(
        "--results",
        type=Path,
        default=Path(tempfile.gettempdir()) / "skdistill-fidelity",
        help="folder of the results, which are not measured again (%(default)s)",
    )
    parser.add_argument("--sets", nargs="+", choices=list(PAIRS), metavar="SET")
    parser.add_argument("--teachers", nargs="+", choices=TEACHERS, metavar="TEACHER")
    options = parser.parse_args()
    if options.quick:
        options.jobs = 1
        shorten_trainings()
    return options


def select_pairs(options):
    """Return the pairs of set and teacher that the options select."""
    return [
        (set_name, teacher_name)
        for set_name, names in (QUICK_PAIRS if options.quick else PAIRS).items()
        for teacher_name in names
        if not options.sets or set_name in options.sets
        if not options.teachers or teacher_name in options.teachers
    ]


def run(pairs, splits, options):
    """Measure the pairs and splits without results.

    Returns
    -------
    results : list of dict
        Results of each pair and split that did not fail.
    failures : dict of str to str
        Errors by pair and split, if they failed.
    """
    folder = options.results
    folder.mkdir(parents=True, exist_ok=True)
    print(f"results in {folder}", file=sys.stderr)
    ending = f"{'quick-' if options.quick else ''}{digest(_MEASURING)}.json"
    paths = {
        (*pair, split): folder / f"{'-'.join(pair)}-{split}-{ending}"
        for split in splits
        for pair in pairs
    }
    missing = [task for task, path in paths.items() if not path.exists()]
    calls = [delayed(attempt)(*task, options.quick, paths[task]) for task in missing]
    failures = {}
    answers = Parallel(options.jobs, return_as="generator_unordered")(calls)
    for done, (name, error) in enumerate(answers, 1):
        print(f"{done} of {len(calls)}: {name}", file=sys.stderr, flush=True)
        if error:
            failures[name] = error
    results = [json.loads(path.read_text()) for path in paths.values() if path.exists()]
    return results, failures


def digest(measuring, *values, with_package=True):
    """Return a digest of all inputs of the results of some functions.

    Parameters
    ----------
    measuring : sequence of function, class or module
        Code that measures. A change of its source changes the digest.
    *values : object
        Other inputs, such as limits.
    with_package : bool, default=True
        Whether this package is an input too.

    Returns
    -------
    digest : str
    """
    files = sorted(Path(skdistill.__file__).parent.rglob("*.py"))
    parts = [path.read_bytes() for path in files if with_package]
    parts += [inspect.getsource(part).encode() for part in measuring]
    limits = (MOST_TRAINING_ROWS, LOWEST_PROBABILITY, AUTOGLUON_SECONDS)
    versions = (np.__version__, pd.__version__, sklearn.__version__)
    parts.append(repr((limits, versions, autogluon_version(), *values)).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def attempt(set_name, teacher_name, split, quick, path):
    """Measure a pair and keep the result; return its name and the error, if any."""
    try:
        result = measure(set_name, teacher_name, split, quick)
    except Exception:
        return f"{set_name}, {teacher_name}, split {split}", traceback.format_exc()
    keep(result, path)
    return f"{set_name}, {teacher_name}, split {split}", None


def keep(result, path):
    """Write a result, complete or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(result, indent=1))
    part.replace(path)


def measure(set_name, teacher_name, split, quick):
    """Fit a teacher, its student and their rivals, and measure them.

    Returns
    -------
    result : dict
        Scores of each model on the rows that no model was trained on.
    """
    compile_kernels()
    X_train, X_test, y_train, y_test = split_rows(set_name, teacher_name, split)
    teacher = make_teacher(teacher_name, X_train, split, quick)
    seconds = {"teacher": timed_fit(teacher, X_train, y_train)}
    student = DistilledClassifier(teacher, random_state=split)
    seconds["student"] = timed_fit(student, X_train, y_train)
    rivals = {"control": control(student), "perceptron": perceptron(split)}
    for name, model in rivals.items():
        seconds[name] = timed_fit(model, X_train, y_train)
    models = {"student": student, **rivals}
    proba = {name: model.predict_proba(X_test) for name, model in models.items()}
    proba["teacher"] = as_teacher(teacher).ask(X_test, Classification(teacher.classes_))
    if autogluon_version() and not quick:
        start = time.perf_counter()
        proba["autogluon"] = autogluon_proba(X_train, y_train, X_test)
        seconds["autogluon"] = time.perf_counter() - start
    columns = np.searchsorted(teacher.classes_, y_test)
    scores = {
        name: score(columns, values, proba["teacher"]) | {"seconds": seconds[name]}
        for name, values in proba.items()
    }
    scores["student"]["bytes"] = file_bytes(student.student_)
    shape = {"rows": len(X_train), "columns": X_train.shape[1]}
    key = {"set": set_name, "teacher_name": teacher_name, "split": split}
    return key | shape | scores


@cache
def compile_kernels():
    """Train a student before the timed fits, so that these compile nothing."""
    X, y = load_iris(return_X_y=True)
    teacher = DecisionTreeClassifier().fit(X, y)
    DistilledClassifier(teacher, max_iter=1).fit(X, y)


def split_rows(set_name, teacher_name, split):
    """Return training rows (70 %) and test rows (30 %), with their labels."""
    X, y = development_sets.load(set_name)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.3, random_state=split, stratify=y
    )
    rows = MOST_TRAINING_ROWS.get(teacher_name)
    return X_train[:rows], X_test, y_train[:rows], y_test


def make_teacher(name, X, seed, quick):
    """Return an unfitted teacher for a table."""
    trees = 10 if quick else 200
    teacher = {
        "forest": RandomForestClassifier(trees, random_state=seed),
        "forest_leaf2": RandomForestClassifier(
            trees, min_samples_leaf=2, random_state=seed
        ),
        "extra_trees": ExtraTreesClassifier(trees, random_state=seed),
        "boosting": HistGradientBoostingClassifier(
            max_iter=trees // 2, categorical_features="from_dtype", random_state=seed
        ),
        "svc": SVC(C=10),
    }[name]
    if name == "svc":
        return standardized(teacher)
    if name == "boosting" or X.select_dtypes("category").empty:
        return teacher
    numbers = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    categories = make_column_selector(dtype_include="category")
    encoder = make_column_transformer((numbers, categories), remainder="passthrough")
    return make_pipeline(encoder, teacher)


def perceptron(seed):
    """Return scikit-learn's network with as many units as the student."""
    return standardized(MLPClassifier((128, 64), random_state=seed))


def standardized(classifier):
    """Put an encoder before a classifier, so that it takes a raw table."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categories = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    encoder = make_column_transformer(
        (numbers, make_column_selector(dtype_exclude="category")),
        (categories, make_column_selector(dtype_include="category")),
    )
    return make_pipeline(encoder, classifier)


def control(student):
    """Return a control: a student's network, knots, decay and effort, on labels alone.

    Its knots follow the teacher's sensitivity and the seed, as the student's knots do.
    """
    return clone(student).set_params(
        distillation_weight=0.0,
        synthesizer=None,
        calibrate_teacher=False,
        weight_decay=student.weight_decay_,
        encoder=clone(student.encoder_),
    )


def timed_fit(model, X, y):
    """Fit a model and return the seconds that it took."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=ConvergenceWarning)
        model.fit(X, y)
    return time.perf_counter() - start


def autogluon_version():
    """Return the version of AutoGluon; None if it is not installed."""
    try:
        return version("autogluon.tabular")
    except PackageNotFoundError:
        return None


def autogluon_proba(X_train, y_train, X_test):
    """Return the probabilities of AutoGluon's best distilled model.

    The teacher is an ensemble that AutoGluon trains itself.
    """
    from autogluon.tabular import TabularPredictor

    with tempfile.TemporaryDirectory() as folder:
        predictor = TabularPredictor("label", path=folder, verbosity=0).fit(
            X_train.assign(label=y_train), time_limit=AUTOGLUON_SECONDS, num_cpus=1
        )
        names = predictor.distill(time_limit=AUTOGLUON_SECONDS, verbosity=0)
        board = predictor.leaderboard().set_index("model")
        best = board.loc[names, "score_val"].idxmax()
        proba = predictor.predict_proba(X_test, model=best)
    return proba[np.unique(y_train)].to_numpy()


def score(columns, proba, teacher_proba):
    """Return the scores of a model on test rows.

    Parameters
    ----------
    columns : ndarray of shape (n_samples,), int
        Column numbers of the true labels.
    proba, teacher_proba : ndarray of shape (n_samples, n_classes)
    """
    true = proba[np.arange(len(columns)), columns]
    return {
        "accuracy": float(np.mean(proba.argmax(axis=1) == columns)),
        "log_loss": float(-np.log(np.maximum(true, LOWEST_PROBABILITY)).mean()),
        "calibration_error": calibration_error(columns, proba),
        "agreement": agreement(proba, teacher_proba),
    }


def file_bytes(student):
    """Return the number of bytes of a student's file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "student.npz"
        student.save(path)
        return path.stat().st_size


_MEASURING = (
    development_sets,
    measure,
    split_rows,
    make_teacher,
    perceptron,
    standardized,
    control,
    autogluon_proba,
    score,
    file_bytes,
)


def report(results, splits, failures, options):
    """Return the tables, with the text that explains them."""
    frame = flatten(results)
    pairs = frame.groupby(["set", "teacher_name"], sort=False).mean().reset_index()
    intro = (
        f"{len(pairs)} pairs of a development set and a teacher, splits "
        f"{', '.join(map(str, splits))}: 70 % of the rows train, 30 % are measured.\n"
        "Differences are in points of accuracy. Other figures are means over the "
        "splits. 'Labels' is the student's network, trained\non labels alone. 'MLP' is "
        "scikit-learn's network with as many units. For the log-loss, probabilities "
        f"are clipped at {LOWEST_PROBABILITY:g}.\nThe figure after ± is the standard "
        "error of a mean over pairs. The pairs of a set form one cluster."
    )
    parts = [intro, summary_table(pairs), worst_pairs(pairs), pair_table(pairs)]
    if options.quick or options.sets or options.teachers:
        parts.append("Only some pairs were asked for, or small teachers.")
    if failures:
        parts.append(f"Failed: {'; '.join(failures)}.")
    packages = ("pandas", "autogluon.tabular")
    at_once = f"- {options.jobs} fits at a time, one thread each"
    return "\n\n".join([*parts, kept_part(), f"{describe(*packages)}\n{at_once}"])


def flatten(results):
    """Return a table of results and differences, with a row for each pair and split."""
    frame = pd.json_normalize(results, sep=" ").drop(columns="split")
    accuracy = 100 * frame.filter(regex=" accuracy$")
    student, teacher = accuracy["student accuracy"], accuracy["teacher accuracy"]
    frame["student - teacher"] = student - teacher
    frame["student - control"] = student - accuracy["control accuracy"]
    frame["MLP - teacher"] = accuracy["perceptron accuracy"] - teacher
    if "autogluon accuracy" in frame:
        frame["AutoGluon - teacher"] = accuracy["autogluon accuracy"] - teacher
    return frame


def pair_table(pairs):
    """Return the table with a row for each pair."""
    three = ("teacher", "student", "control")
    formats = {
        "teacher accuracy": "{:.4f}",
        "student - teacher": "{:+.2f}",
        "student - control": "{:+.2f}",
        "MLP - teacher": "{:+.2f}",
        "AutoGluon - teacher": "{:+.2f}",
        "student agreement": "{:.4f}",
        **{f"{name} log_loss": "{:.3f}" for name in three},
        **{f"{name} calibration_error": "{:.3f}" for name in three},
        "student KiB": "{:.1f}",
        "teacher seconds": "{:.1f}",
        "student seconds": "{:.1f}",
    }
    heads = {
        "teacher accuracy": "accuracy, teacher",
        "student - teacher": "student - teacher",
        "student - control": "student - labels",
        "MLP - teacher": "MLP - teacher",
        "AutoGluon - teacher": "AutoGluon - teacher",
        "student agreement": "agreement",
        "teacher log_loss": "log-loss, teacher",
        "student log_loss": "student",
        "control log_loss": "labels",
        "teacher calibration_error": "calibration error, teacher",
        "student calibration_error": "student",
        "control calibration_error": "labels",
        "student KiB": "file, KiB",
        "teacher seconds": "fit s, teacher",
        "student seconds": "student",
    }
    pairs = pairs.assign(**{"student KiB": pairs["student bytes"] / 2**10})
    shown = [column for column in formats if column in pairs]
    lines = [
        [pair_name(pair), *(formats[column].format(pair[column]) for column in shown)]
        for _, pair in pairs.iterrows()
    ]
    return markdown_table(["pair", *(heads[column] for column in shown)], lines)


def summary_table(pairs):
    """Return the table with a row for all pairs and one for each kind of teacher."""
    groups = {"all": pairs, **dict(list(pairs.groupby("teacher_name", sort=False)))}
    heads = [
        "teachers",
        "pairs",
        "student - teacher",
        f"within {WITHIN} or better, %",
        "student - labels",
        "at worst",
        "log-loss ≤ teacher's, %",
        "≤ labels', %",
        "agreement",
        f"largest file to {FEW_COLUMNS} columns, KiB",
        "median fit, s",
        "longest",
    ]
    return markdown_table(
        heads, [[name, *summary_line(group)] for name, group in groups.items()]
    )


def summary_line(pairs):
    """Return the cells of a group of pairs."""
    gain, log_loss = pairs["student - control"], pairs["student log_loss"]
    small = pairs.loc[pairs["columns"] <= FEW_COLUMNS, "student bytes"]
    return [
        len(pairs),
        mean_and_error(pairs["student - teacher"], pairs["set"]),
        f"{100 * (pairs['student - teacher'] >= -WITHIN).mean():.0f}",
        mean_and_error(gain, pairs["set"]),
        f"{gain.min():+.2f}",
        f"{100 * (log_loss <= pairs['teacher log_loss']).mean():.0f}",
        f"{100 * (log_loss <= pairs['control log_loss']).mean():.0f}",
        f"{pairs['student agreement'].mean():.4f}",
        f"{small.max() / 2**10:.1f}" if len(small) else "",
        f"{pairs['student seconds'].median():.1f}",
        f"{pairs['student seconds'].max():.1f}",
    ]


def worst_pairs(pairs, n_pairs=3):
    """Name the pairs whose student is furthest below the teacher or the control."""
    sentences = []
    for other, column in (
        ("teacher", "student - teacher"),
        ("labels alone", "student - control"),
    ):
        lowest = pairs.nsmallest(n_pairs, column)
        named = "; ".join(
            f"{pair_name(pair)} {pair[column]:+.2f}" for _, pair in lowest.iterrows()
        )
        sentences.append(f"Lowest against {other}: {named}.")
    return "\n".join(sentences)


def pair_name(pair):
    return f"{pair['set']}, {pair['teacher_name']}"


def mean_and_error(values, clusters):
    """Format a mean with its standard error."""
    error = clustered_error(values.to_numpy(), clusters.to_numpy())
    return f"{values.mean():+.2f}" + ("" if np.isnan(error) else f" ± {error:.2f}")


def clustered_error(values, clusters):
    """Return the standard error of a mean, robust to clusters of its values.

    Parameters
    ----------
    values : ndarray of shape (n_values,)
    clusters : ndarray of shape (n_values,)
        Cluster of each value. Values of a cluster have an equal entry here.

    Returns
    -------
    error : float
        Standard error: ``sqrt(g / (g - 1) * sum(s**2)) / n``. Here n is the number of
        values, g is the number of clusters, and s is the sum of a cluster's residuals.
        NaN if there is only one cluster.
    """
    sums = pd.Series(values - values.mean()).groupby(clusters).sum()
    if len(sums) < 2:
        return np.nan
    factor = len(sums) / (len(sums) - 1)
    return float(np.sqrt(factor * (sums**2).sum()) / len(values))


def kept_part(name="fidelity"):
    """Return the part of a benchmark's page that is written by hand."""
    path = DOCS / f"{name}.md"
    page = path.read_text() if path.exists() else ""
    kept = re.search(f"{START}\n(.*?){END}", page, flags=re.S)
    text = kept.group(1) if kept else "\n"
    return f"## Where the student loses\n\n{START}\n{text}{END}"


if __name__ == "__main__":
    # Processes find a function by the name of its module. The name must not be
    # __main__.
    from benchmarks import fidelity

    sys.exit(fidelity.main())
