"""Core-hours of a billion rows, extrapolated from two sizes ten times apart."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.environment import markdown_table
from benchmarks.scale import streaming
from benchmarks.text.setting import paragraph

TITLE = "A billion rows, extrapolated"

SHARED = (streaming,)
N_ROWS = 10**9
N_TREES = 60
STEPS = ("survey", "answers", "training", "scoring")


def cases(tiny):
    """Yield two numbers of rows."""
    for n_rows in (1000, 10_000) if tiny else (100_000, 1_000_000):
        yield {"n_rows": n_rows, "max_iter": 1}


def measure(n_rows, max_iter):
    """Return the seconds of CPU of each step, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        streaming.write(Path(folder), n_rows)
        command = [sys.executable, "-m", "benchmarks.scale.billion", folder]
        ended = subprocess.run(
            [*command, str(max_iter)], check=True, stdout=subprocess.PIPE
        )
    return json.loads(ended.stdout.splitlines()[-1])


def section(results):
    """Return the text of the section."""
    few, many = (row for _, row in results.iterrows())
    sizes = [int(row.n_rows) for row in (few, many)]
    gained = sizes[1] - sizes[0]
    text = paragraph(
        f"""
        Seconds of CPU on one core of `fit_files` with one epoch, for {sizes[0]:,} and
        for {sizes[1]:,} rows, and what a further row costs: their difference by that
        of the rows. **The last column is extrapolated, not measured**: a billion rows
        at that cost. The teacher is a forest of {N_TREES} trees, which workers of Dask
        can share. Further epochs cost as much as the training does.
        """
    )
    heads = ["step", f"{sizes[0]:,} rows, s", f"{sizes[1]:,} rows, s"]
    heads += ["µs a row", "core-hours of a billion rows"]
    lines, total = [], 0.0
    for step in STEPS:
        slope = (many[step] - few[step]) / gained
        total += slope * N_ROWS / 3600
        lines.append(
            [
                step,
                f"{few[step]:.2f}",
                f"{many[step]:.2f}",
                f"{1e6 * slope:.2f}",
                f"{slope * N_ROWS / 3600:.1f}",
            ]
        )
    end = f"- Together: {total:.0f} core-hours, extrapolated."
    return "\n\n".join([text, markdown_table(heads, lines), end])


def run(folder, max_iter):
    """Fit and score, and return the seconds of CPU of each step."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline

    from skdistill import DistilledClassifier
    from skdistill.stream import fit, fit_files
    from skdistill.stream.rows import RowsOfFiles
    from skdistill.training import train_student

    seconds = dict.fromkeys(STEPS, 0.0)

    def timed(owner, name, step):
        call = getattr(owner, name)

        def timing(*arguments, **others):
            start = time.process_time()
            found = call(*arguments, **others)
            seconds[step] += time.process_time() - start
            return found

        setattr(owner, name, timing)

    timed(fit, "make_survey", "survey")
    timed(RowsOfFiles, "lesson", "answers")
    timed(train_student, "train", "training")
    train = streaming.draw(20_000, 1)
    columns = [name for name in train if name not in (*streaming.PROBA, "label")]
    numbers = [name for name in columns if name not in ("n12", *streaming.LEVELS)]
    take = make_column_transformer(("passthrough", numbers))
    forest = RandomForestClassifier(N_TREES, min_samples_leaf=5, random_state=0)
    teacher = make_pipeline(take, forest).fit(train[columns], train.label)
    model = DistilledClassifier(teacher, random_state=0, max_iter=max_iter)
    files = sorted(Path(folder).glob("*.parquet"))
    fitted = fit_files(model, files, target="label", drop=streaming.PROBA)
    rows = streaming.draw(streaming.ROWS_A_FILE, 3)[columns]
    fitted.student_.predict_proba(rows[:1000])
    start = time.process_time()
    fitted.student_.predict_proba(rows)
    a_row = (time.process_time() - start) / len(rows)
    return seconds | {"scoring": a_row * fitted.n_transfer_}


if __name__ == "__main__":
    from benchmarks.environment import single_thread

    single_thread()
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]))))
