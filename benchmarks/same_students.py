"""Tell whether two commits make the same students, bit for bit, on this machine.

``python -m benchmarks.same_students BEFORE AFTER`` checks out both commits, and fits
the same seeded estimators with each. It compares the files of the students, and the
losses of their trainings. A clock that stands still replaces the real clock, so that no
decision depends on the speed of a teacher. To see whether two processes agree, give
``HEAD`` twice. ``--files FOLDER`` writes the files of this checkout's students.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parent.parent


def stop_the_clock():
    """Stop the clock. Call it before skdistill is imported."""
    import time

    time.perf_counter = lambda: 0.0


def make_problems():
    """Return tables and their labels, by name."""
    import numpy as np
    import pandas as pd
    from scipy.sparse import random as random_sparse
    from sklearn.datasets import load_breast_cancer, load_digits, make_classification

    digits = load_digits(return_X_y=True)
    cancer = load_breast_cancer(return_X_y=True)
    X, y = make_classification(
        900, 8, n_informative=5, n_classes=3, flip_y=0.1, random_state=0
    )
    table = pd.DataFrame(X.round(2), columns=list("abcdefgh"))
    table["town"] = pd.Categorical(np.where(X[:, 0] > 0.5, "Rome", "Oslo"))
    table["size"] = pd.Categorical(np.digitize(X[:, 1], [-1, 0, 1]))
    table.loc[::7, ["a", "town"]] = None
    sparse = random_sparse(600, 300, 0.05, "csr", random_state=0)
    score = sparse @ np.random.default_rng(0).normal(size=300)
    return {
        "digits": digits,
        "cancer": cancer,
        "table": (table, np.array(["no", "perhaps", "yes"])[y]),
        "sparse, two classes": (sparse, (score > 0).astype(int)),
        "sparse, many classes": (sparse, np.digitize(score, [-0.5, 0.5])),
    }


def make_students(problems):
    """Yield the name and the fitted estimator of each student."""
    import numpy as np
    from sklearn.ensemble import (
        ExtraTreesClassifier,
        HistGradientBoostingClassifier,
        RandomForestClassifier,
    )
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    from skdistill import DistilledClassifier, Munge, SwapNoise

    def distil(teacher, **parameters):
        given = {"n_synthetic": 1500, "random_state": 0, **parameters}
        return DistilledClassifier(teacher, **given)

    forest = RandomForestClassifier(40, random_state=0)
    boosting = HistGradientBoostingClassifier(
        max_iter=20, categorical_features="from_dtype", random_state=0
    )
    X, y = problems["digits"]
    fitted = RandomForestClassifier(40, random_state=0).fit(X, y)
    yield "dense, many classes", distil(fitted).fit(X, y)
    yield (
        "dense, out-of-bag targets",
        distil(forest, cv="oob", weight_dtype="float16").fit(X, y),
    )
    yield (
        "dense, folds, no knots",
        distil(forest, cv=3, encoder=None, weight_dtype="float32").fit(X, y),
    )
    yield (
        "dense, unlabelled rows",
        distil(forest, max_iter=20).fit(X[:600], y[:600], X_unlabeled=X[600:]),
    )
    yield "dense, no labels", distil(fitted, loss="logit_mse", max_iter=20).fit(X)
    yield (
        "dense, stored answers",
        distil("precomputed", temperature=2, max_iter=20).fit(
            X, y, teacher_proba=fitted.predict_proba(X)
        ),
    )
    X, y = problems["cancer"]
    yield "dense, two classes", distil(forest).fit(X, y)
    yield (
        "dense, two classes, decision function",
        distil(SVC(random_state=0), class_weight="balanced", activation="silu").fit(
            X, y, sample_weight=np.linspace(0.0, 2.0, len(y))
        ),
    )
    yield (
        "dense, refitted teacher, swapped values",
        distil(
            ExtraTreesClassifier(40, random_state=0).fit(X, y),
            calibrate_teacher="refit",
            synthesizer=SwapNoise(),
            weight_dtype="int8",
        ).fit(X, y),
    )
    model = distil(fitted, warm_start=True, hidden_layer_sizes=(16,), max_iter=10)
    X, y = problems["digits"]
    yield "dense, warm start", model.fit(X, y).fit(X, y)
    X, y = problems["table"]
    yield "tabular, many classes", distil(boosting).fit(X, y)
    yield (
        "tabular, two classes",
        distil(boosting, synthesizer=Munge(), hidden_layer_sizes=()).fit(X, y == "no"),
    )
    for scoring in ("loss", "agreement", "accuracy"):
        yield (
            f"tabular, early stopping by {scoring}",
            distil(
                boosting, early_stopping=True, scoring=scoring, activation="tanh"
            ).fit(X, y),
        )
    for name in ("sparse, two classes", "sparse, many classes"):
        X, y = problems[name]
        yield name, distil(LogisticRegression()).fit(X, y)
        yield (
            f"{name}, early stopping",
            distil(LogisticRegression(), early_stopping=True, max_iter=20).fit(
                X[:400], y[:400], X_unlabeled=X[400:]
            ),
        )


def fit_students(folder, most):
    """Write the files of the first students to a folder; print digests to compare."""
    stop_the_clock()
    Path(folder).mkdir(exist_ok=True)
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    import skdistill

    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"{'package':<45}{Path(skdistill.__file__).parent}", file=sys.stderr)
    for name, model in islice(make_students(make_problems()), most):
        path = Path(folder) / f"{name.replace(', ', '_').replace(' ', '-')}.npz"
        model.student_.save(path)
        parts = [path.read_bytes(), repr(model.loss_curve_).encode()]
        digests = [hashlib.sha256(part).hexdigest()[:12] for part in parts]
        print(f"{name:<45}{' '.join(digests)}", flush=True)


def fit_at(commit, most):
    """Return the digests of the first students of a commit, a line for each."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        add = ["git", "worktree", "add", "--detach", "--quiet", checkout, commit]
        subprocess.run(add, cwd=ROOT, check=True)
        try:
            return subprocess.run(
                [sys.executable, __file__, "--files", folder, "--most", str(most)],
                cwd=checkout,
                env=environment | {"PYTHONPATH": str(checkout)},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout.splitlines()
        finally:
            remove = ["git", "worktree", "remove", "--force", checkout]
            subprocess.run(remove, cwd=ROOT, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("commits", nargs="*", metavar="COMMIT", help="two commits")
    parser.add_argument("--files", metavar="FOLDER", help="where to write the files")
    parser.add_argument(
        "--most", type=int, default=99, metavar="N", help="the first N students alone"
    )
    parser.add_argument("--tiny", action="store_true", help="the first two alone")
    options = parser.parse_args()
    most = 2 if options.tiny else options.most
    if options.files is not None:
        fit_students(options.files, most)
        return
    if len(options.commits) != 2:
        parser.error("two commits are compared")
    before, after = (fit_at(commit, most) for commit in options.commits)
    if len(before) != len(after):
        raise SystemExit("the commits make different numbers of students")
    changed = 0
    for one, other in zip(before, after, strict=True):
        changed += one != other
        print("same   " if one == other else "CHANGED", other)
    print(f"{len(after) - changed} of {len(after)} students are the same")
    if changed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
