"""Distillation of a forest here and by AutoGluon: time, accuracy, size, predictions.

AutoGluon does not work with the newest pandas, and its network needs PyTorch. So no
extra of this package lists it. INSTALL is the command that installs it.
"""

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

import pickle
import sys
import tempfile
import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score

from benchmarks.fit import make_rows
from benchmarks.latency import repeated
from skdistill import DistilledClassifier

INSTALL = 'pip install "autogluon.tabular[catboost,lightgbm]" "torch<2.14"'
NEEDED = ("autogluon", "catboost", "lightgbm", "torch")
VERSIONS = ("pandas", "autogluon.tabular", "torch", "catboost", "lightgbm")

# AutoGluon's kinds of student, and the limits in seconds for one student.
STUDENTS = {"NN_TORCH": "network", "RF": "forest", "CAT": "CatBoost", "GBM": "LightGBM"}
LIMITS = {"NN_TORCH": (10, 60, 300), "RF": (60,), "CAT": (60,), "GBM": (60,)}
TINY_LIMITS = dict.fromkeys(STUDENTS, (5,))


class Model(NamedTuple):
    """A teacher or student to compare."""

    predict_proba: Any
    test_rows: Any
    accuracy: float
    n_bytes: int
    seconds: float | None = None  # time of distillation


def our_models(data, n_trees, rounds):
    """Return scikit-learn's forest and our students of this forest, by name."""
    X, y, X_test, y_test = data
    teacher = RandomForestClassifier(n_trees, random_state=0).fit(X, y)
    accuracy = teacher.score(X_test, y_test)
    n_bytes = len(pickle.dumps(teacher))
    models = {
        "scikit-learn's forest": Model(teacher.predict_proba, X_test, accuracy, n_bytes)
    }
    for name, parameters in (
        ("skdistill", {}),
        ("skdistill, `encoder=None`", {"encoder": None}),
    ):
        model = DistilledClassifier(teacher, random_state=0, **parameters).fit(X, y)
        seconds = median_seconds(lambda m=model: m.fit(X, y), rounds)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "student.npz")
            model.student_.save(path)
            n_bytes = path.stat().st_size
        models[name] = Model(
            model.predict_proba,
            X_test,
            model.score(X_test, y_test),
            n_bytes,
            seconds,
        )
    return models


def autogluon_models(data, n_trees, limits, folder):
    """Return AutoGluon's forest and its students of this forest, by name."""
    import pandas as pd
    from autogluon.tabular import TabularPredictor

    X, y, X_test, y_test = data
    frame, test_frame = (pd.DataFrame(rows).rename(columns=str) for rows in (X, X_test))
    predictor = TabularPredictor("label", path=str(folder / "models"), verbosity=0)
    predictor.fit(
        frame.assign(label=y),
        hyperparameters={"RF": {"n_estimators": n_trees}},
        fit_weighted_ensemble=False,
        num_cpus=1,
        num_gpus=0,
    )

    def describe_model(name, seconds=None):
        predictor.persist([name])
        files = Path(predictor.path, "models", name).rglob("*")
        return Model(
            lambda rows: predictor.predict_proba(rows, model=name),
            test_frame,
            accuracy_score(y_test, predictor.predict(test_frame, model=name)),
            sum(path.stat().st_size for path in files),
            seconds,
        )

    models = {"AutoGluon's forest": describe_model(predictor.model_best)}
    for kind, seconds_allowed in limits.items():
        for limit in seconds_allowed:
            start = time.perf_counter()
            name, *_ = predictor.distill(
                hyperparameters={kind: {}},
                time_limit=limit,
                models_name_suffix=f"{kind}_{limit}",
            )
            seconds = time.perf_counter() - start
            key = f"AutoGluon, {STUDENTS[kind]}, at most {limit} s"
            models[key] = describe_model(name, seconds)
    return models


def time_predictions(models, rounds):
    """Return microseconds for a row by model, alone and among all test rows."""
    calls = 20
    alone = {
        name: repeated(model.predict_proba, model.test_rows[:1], calls)
        for name, model in models.items()
    }
    together = {
        name: repeated(model.predict_proba, model.test_rows, 1)
        for name, model in models.items()
    }
    n_rows = len(models["skdistill"].test_rows)
    return [
        {name: 1e6 * value / count for name, value in alternate(part, rounds).items()}
        for part, count in ((alone, calls), (together, n_rows))
    ]


def main():
    options = parse_arguments(__doc__.splitlines()[0])
    missing = [name for name in NEEDED if not find_spec(name)]
    if missing:
        sys.exit(f"Not installed: {', '.join(missing)}. Run: {INSTALL}")
    if options.tiny:
        n_rows, n_test, n_trees, limits, rounds = 400, 100, 5, TINY_LIMITS, 1
    else:
        n_rows, n_test, n_trees, limits, rounds = 14_000, 6_000, 200, LIMITS, 5
    X, y = make_rows(n_rows + n_test)
    data = X[:n_rows], y[:n_rows], X[n_rows:], y[n_rows:]
    models = our_models(data, n_trees, rounds)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="catboost|torch")
        models |= autogluon_models(data, n_trees, limits, Path(folder))
        alone, together = time_predictions(models, rounds)
    lines = [
        [
            name,
            f"{model.seconds:.1f}" if model.seconds else "",
            f"{100 * model.accuracy:.2f}",
            f"{model.n_bytes / 2**10:,.0f}",
            f"{alone[name]:,.0f}",
            f"{together[name]:.2f}",
        ]
        for name, model in models.items()
    ]
    heads = ["", "distillation, s", "accuracy, %", "file, KiB", "a row alone, µs"]
    heads += [f"a row of {n_test:,}, µs"]
    text = (
        f"A forest of {n_trees} trees and its students: {n_rows:,} rows of 16 columns "
        f"in 4 classes, on one\ncore. Accuracy is measured on {n_test:,} other rows. "
        "Each package has its own forest, and no\nfigure includes the training of the "
        "forest. AutoGluon's forest keeps a tenth of the rows or\nmore for validation. "
        "By default, `TabularPredictor.distill` trains students of all kinds in\nturn. "
        "Here it trains one at a time, with a limit of time. Its other defaults stay, "
        "among\nthem five synthetic rows for each given row. skdistill has no limit of "
        f"time. Its figures are\nmedians of {rounds} fits, once with its defaults and "
        "once without knots. AutoGluon's files are those\nof the model alone. For "
        "predictions, the models are in memory. The data are in a frame for\n"
        "AutoGluon, and in an array for the others. AutoGluon 1.6.3 with LightGBM 4 "
        "mixes rows and\nclasses in the validation loss of the LightGBM student, and "
        "stops after one round.\n\n"
        f"{markdown_table(heads, lines)}\n\n{describe(*VERSIONS)}"
    )
    publish("autogluon", "Beside AutoGluon's distillation", text, options)


if __name__ == "__main__":
    main()
