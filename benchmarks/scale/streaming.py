"""Rows of files in random buckets, against the same rows in memory.

Files are sorted by label, the worst order. The teacher's answers are stored.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.environment import markdown_table, peak_memory

TITLE = "Training on files, against memory"

BARS = {"accuracy": 0.003, "log-loss": 0.005, "MiB": 256, "CPU": 1.15}
CLASSES = ["a", "b", "c"]
PROBA = [f"proba_{label}" for label in CLASSES]
LEVELS = {"c5": 5, "c30": 30, "c300": 300}
N_NUMBERS, N_HIDDEN = 14, 60
ROWS_A_FILE = 100_000
N_TEST = 50_000


def cases(tiny):
    """Yield ways, numbers of rows and seeds."""
    sizes = [4000] if tiny else [500_000]
    for n_rows in sizes:
        for seed in range(1 if tiny else 3):
            for how in ("memory", "files"):
                yield {"how": how, "n_rows": n_rows, "seed": seed, "max_iter": 6}
    if not tiny:
        # A few epochs tell the memory.
        for n_rows in (1_000_000, 10_000_000):
            yield {"how": "files", "n_rows": n_rows, "seed": 0, "max_iter": 1}


def measure(how, n_rows, seed, max_iter):
    """Return quality, CPU and memory of a fit in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), n_rows)
        command = [sys.executable, "-m", "benchmarks.scale.streaming", how, folder]
        command += [str(seed), str(max_iter)]
        output = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    return json.loads(output.splitlines()[-1])


def section(results):
    """Return the tables of quality and of memory."""
    six = results[results.max_iter > 1]
    means = six.groupby(["n_rows", "how"])[["accuracy", "logloss", "train_us"]].mean()
    heads = ["rows", "way", "accuracy", "log-loss", "µs a row"]
    lines = [[f"{n:,}", how, *row.round(4)] for (n, how), row in means.iterrows()]
    parts = [
        f"Rows of {N_NUMBERS} numbers and {len(LEVELS)} categories, {len(CLASSES)} "
        "classes, in files that are sorted by label; means over seeds. The last column "
        "has microseconds of CPU of the training for a row of an epoch.",
        markdown_table(heads, lines),
    ]
    for n_rows, pair in means.groupby("n_rows"):
        files, memory = pair.loc[(n_rows, "files")], pair.loc[(n_rows, "memory")]
        parts.append(
            f"{n_rows:,} rows: accuracy {memory.accuracy - files.accuracy:+.4f} below "
            f"memory (bar {BARS['accuracy']}), log-loss "
            f"{files.logloss - memory.logloss:+.4f} above (bar {BARS['log-loss']}), "
            f"CPU {files.train_us / memory.train_us:.2f} times (bar {BARS['CPU']})."
        )
    streamed = results[results.how == "files"].drop_duplicates(["n_rows", "max_iter"])
    heads = ["rows", "epochs", "MiB of the core", "MiB beyond it", "MiB of scratch"]
    names = ["n_rows", "max_iter", "core_mib", "beyond_mib", "scratch_mib", "deal_us"]
    parts += [
        "Memory of a process up to the choice of parameters from the core sample, and "
        f"beyond it (bar {BARS['MiB']} MiB, flat). The last column has microseconds of "
        "CPU to answer, code and deal a row.",
        markdown_table(
            [*heads, "µs a row"],
            [[f"{int(n):,}", *row] for n, *row in streamed[names].round(2).values],
        ),
    ]
    return "\n\n".join(parts)


def draw(n_rows, seed):
    """Return rows with the probabilities of their classes, and labels."""
    truth, random = np.random.default_rng(1), np.random.default_rng(seed)
    mix = truth.standard_normal((8, N_NUMBERS)) / 2.8
    hidden = truth.standard_normal((N_NUMBERS, N_HIDDEN))
    out = truth.standard_normal((N_HIDDEN, len(CLASSES))) / 2
    x = random.standard_normal((n_rows, 8)) @ mix
    x += 0.6 * random.standard_normal((n_rows, N_NUMBERS))
    logits = np.maximum(x @ hidden + truth.standard_normal(N_HIDDEN), 0.0) @ out
    columns = {}
    for name, size in LEVELS.items():
        codes = (random.random(n_rows) ** 2 * size).astype(int)
        logits += truth.standard_normal((size, len(CLASSES)))[codes]
        columns[name] = pd.Categorical.from_codes(
            codes, [f"{name}_{n:03d}" for n in range(size)]
        )
    x[:, 6:9] = np.exp(1.5 * x[:, 6:9])
    x[random.random(n_rows) < 0.1, 12] = np.nan
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    proba = odds / odds.sum(axis=1, keepdims=True)
    labels = (random.random((n_rows, 1)) > proba.cumsum(axis=1)[:, :-1]).sum(axis=1)
    numbers = {f"n{n}": x[:, n].astype(np.float32) for n in range(N_NUMBERS)}
    answers = dict(zip(PROBA, proba.T, strict=True))
    return pd.DataFrame(
        {**numbers, **columns, **answers, "label": np.array(CLASSES)[labels]}
    )


def write(folder, n_rows):
    """Write files that are sorted by label, a class after another."""
    for number in range(-(-n_rows // ROWS_A_FILE)):
        table = draw(min(ROWS_A_FILE, n_rows - number * ROWS_A_FILE), 100 + number)
        for label, part in table.groupby("label"):
            path = folder / f"{label}-{number:04d}.parquet"
            part.reset_index(drop=True).to_parquet(path, row_group_size=25_000)


def run(how, folder, seed, max_iter):
    """Fit, and return the figures."""
    from sklearn.metrics import log_loss

    from skdistill import DistilledClassifier
    from skdistill.stream import fit_files
    from skdistill.stream.rows import RowsOfFiles
    from skdistill.training import train_student

    figures, scratch = {}, Path(folder) / "scratch"
    train, lesson = train_student.train, RowsOfFiles.lesson

    def timed_train(*arguments):
        start = time.process_time()
        history = train(*arguments)
        figures["train_seconds"] = time.process_time() - start
        return history

    def noted_lesson(rows, *arguments):
        figures["core_mib"], start = peak_memory() / 2**20, time.process_time()
        found = lesson(rows, *arguments)
        figures["deal_us"] = 1e6 * (time.process_time() - start) / found.n_real
        written = scratch.glob("*/rows-*")
        figures["scratch_mib"] = sum(path.stat().st_size for path in written) / 2**20
        return found

    train_student.train, RowsOfFiles.lesson = timed_train, noted_lesson
    model = DistilledClassifier("precomputed", max_iter=max_iter, random_state=seed)
    files = sorted(Path(folder).glob("*.parquet"))
    if how == "files":
        fitted = fit_files(model, files, target="label", proba=PROBA, scratch=scratch)
        figures["beyond_mib"] = peak_memory() / 2**20 - figures["core_mib"]
    else:
        table = pd.concat(map(pd.read_parquet, files), ignore_index=True)
        X, proba = table.drop(columns=[*PROBA, "label"]), table[PROBA]
        proba.columns = CLASSES
        fitted = model.fit(X, table.label, teacher_proba=proba)
    test = draw(N_TEST, 0)
    answers = fitted.predict_proba(test.drop(columns=[*PROBA, "label"]))
    decided = np.array(CLASSES)[answers.argmax(axis=1)]
    n_visits = fitted.n_steps_ * 256
    return figures | {
        "accuracy": float((decided == test.label).mean()),
        "logloss": float(log_loss(test.label, answers)),
        "train_us": 1e6 * figures["train_seconds"] / n_visits,
        "peak_mib": peak_memory() / 2**20,
    }


if __name__ == "__main__":
    from benchmarks.environment import single_thread

    single_thread()
    print(json.dumps(run(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))))
