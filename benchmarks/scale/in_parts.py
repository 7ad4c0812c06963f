"""`partial_fit` on ten parts of the rows, against one `fit`, and against files."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from benchmarks import development_sets
from benchmarks.environment import markdown_table
from benchmarks.text.setting import paragraph
from skdistill import DistilledClassifier

TITLE = "Part by part"

SHARED = (development_sets,)
BAR = 0.015
N_PARTS = 10
SETS = ("phoneme", "satimage", "magic", "spambase", "letter")
WAYS = ("fit", "fit_files", "partial_fit")


def cases(tiny):
    """Yield sets and splits."""
    for name in ("generated",) if tiny else SETS:
        for split in (5,) if tiny else (5, 6, 7):
            yield {"name": name, "split": split}


def measure(name, split):
    """Return the accuracies on test rows of one set and split."""
    from skdistill.stream import fit_files

    if name == "generated":
        X, y = make_classification(800, 8, n_informative=5, random_state=0)
        X = pd.DataFrame(X).add_prefix("x")
    else:
        X, y = development_sets.load(name)
    X, X_test, y, y_test = train_test_split(
        X, y, test_size=0.3, random_state=split, stratify=y
    )
    teacher = RandomForestClassifier(200, random_state=split).fit(X, y)
    model = DistilledClassifier(teacher, random_state=split)
    figures = {"n_rows": len(y), "teacher": teacher.score(X_test, y_test)}
    figures["fit"] = model.fit(X, y).score(X_test, y_test)
    with tempfile.TemporaryDirectory() as folder:
        X.assign(label=y).to_parquet(Path(folder) / "rows.parquet")
        streamed = fit_files(model, f"{folder}/*.parquet", target="label")
        figures["fit_files"] = streamed.score(X_test, y_test)
    model = DistilledClassifier(teacher, random_state=split)
    order = np.random.default_rng(split).permutation(len(y))
    for rows in np.array_split(order, N_PARTS):
        model.partial_fit(X.iloc[rows], y[rows])
    return figures | {"partial_fit": model.score(X_test, y_test)}


def section(results):
    """Return the text of the section."""
    names = ["n_rows", "teacher", *WAYS]
    means = results.groupby("name", sort=False)[names].mean()
    text = paragraph(
        f"""
        Accuracies, means over {results.split.nunique()} splits. The teacher is a forest
        of 200 trees, fitted on all training rows. `partial_fit` gets them in {N_PARTS}
        parts, in a random order.
        """
    )
    lines = [
        [name, f"{row.n_rows:,.0f}", *(f"{value:.4f}" for value in row[names[1:]])]
        for name, row in means.iterrows()
    ]
    heads = ["set", "rows", "teacher", *(f"`{way}`" for way in WAYS)]
    below = {way: (means["fit"] - means[way]).mean() for way in WAYS[1:]}
    ends = [
        f"- `partial_fit`: {below['partial_fit']:.4f} below `fit` (bar {BAR}), and "
        f"{below['partial_fit'] - below['fit_files']:.4f} below `fit_files`, means of "
        f"{len(means)} sets.",
        f"- Worst set: {(means['fit'] - means['partial_fit']).max():.4f} below `fit`.",
    ]
    return "\n\n".join([text, markdown_table(heads, lines), "\n".join(ends)])
