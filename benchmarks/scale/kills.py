"""Fits on files that are killed at random moments, and called again."""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.environment import markdown_table
from benchmarks.scale import streaming
from benchmarks.text.setting import paragraph

TITLE = "Killed and called again"

SHARED = (streaming,)
N_KILLS = 20

# Seconds between two checkpoints of these fits. The default, 10, suits longer ones.
SECONDS_APART = 0.25


def cases(tiny):
    """Yield the moments of the kills, as shares of an undisturbed fit."""
    moments = np.random.default_rng(0).random(1 if tiny else N_KILLS)
    size = {"n_rows": 3000, "max_iter": 2} if tiny else {"n_rows": 200_000}
    for moment in moments.tolist():
        yield {"moment": moment, "max_iter": 12} | size


def measure(moment, n_rows, max_iter):
    """Kill a fit, call it again, and compare the student with an undisturbed one."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        streaming.write(folder, n_rows)
        call = [sys.executable, "-m", "benchmarks.scale.kills", folder, str(max_iter)]
        start = time.monotonic()
        undisturbed = end(call, folder / "undisturbed")
        seconds = time.monotonic() - start
        first = subprocess.Popen(
            [*call, folder / "kept"], stdout=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(moment * seconds)
        first.kill()
        was_killed = first.wait() < 0
        left = sorted(path.name.split(".")[-1] for path in (folder / "kept").glob("*"))
        start = time.monotonic()
        again = end(call, folder / "kept")
        return {
            "was_killed": was_killed,
            "had_rows": "rows" in left,
            "had_checkpoint": "checkpoint" in left,
            "seconds": seconds,
            "again_seconds": time.monotonic() - start,
            "same_bits": again == undisturbed,
            "n_left": len(list((folder / "kept").glob("*"))),
        }


def end(call, checkpoint):
    """Run a fit to its end, and return the digest of its student."""
    ended = subprocess.run([*call, checkpoint], check=True, stdout=subprocess.PIPE)
    return json.loads(ended.stdout.splitlines()[-1])


def section(results):
    """Return the text of the section."""
    text = paragraph(
        f"""
        Each fit on files of {results.n_rows.max():,} rows, with `checkpoint`, is killed
        at a random moment by SIGKILL, called again, and compared with an undisturbed
        one. Its state is kept every {SECONDS_APART:g} seconds. The fit has a fitted
        teacher, which is asked about all rows.
        """
    )
    phase = np.where(
        results.had_checkpoint,
        "training",
        np.where(results.had_rows, "rows are answered", "before"),
    )
    table = results.assign(phase=phase).groupby("phase", sort=False)
    heads = ["killed while", "fits", "same bits", "seconds again, of a whole fit"]
    lines = [
        [
            name,
            len(some),
            int(some.same_bits.sum()),
            f"{(some.again_seconds / some.seconds).median():.2f}",
        ]
        for name, some in table
    ]
    ends = [
        f"- Another student: {int((~results.same_bits).sum())} of {len(results)}.",
        f"- Files left after the second call: {int(results.n_left.sum())}.",
    ]
    return "\n\n".join([text, markdown_table(heads, lines), "\n".join(ends)])


def run(folder, max_iter, checkpoint):
    """Fit, and return a digest of the student."""
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from skdistill import DistilledClassifier
    from skdistill.stream import fit_files
    from skdistill.training import checkpoint as checkpoints

    checkpoints._SECONDS_APART = SECONDS_APART
    train = streaming.draw(5000, 1)
    columns = [name for name in train if name not in (*streaming.PROBA, "label")]
    numbers = [name for name in columns if name not in ("n12", *streaming.LEVELS)]
    take = make_column_transformer(("passthrough", numbers))
    regression = LogisticRegression(max_iter=500, random_state=0)
    teacher = make_pipeline(take, regression).fit(train[columns], train.label)
    model = DistilledClassifier(teacher, random_state=0, max_iter=max_iter)
    fitted = fit_files(
        model,
        sorted(folder.glob("*.parquet")),
        target="label",
        drop=streaming.PROBA,
        checkpoint=checkpoint,
    )
    student = fitted.student_
    weights = [*student.coefs_, *student.intercepts_, student.knot_table_]
    parts = b"".join(part.tobytes() for part in weights if part is not None)
    return hashlib.sha256(parts).hexdigest()


if __name__ == "__main__":
    from benchmarks.environment import single_thread

    single_thread()
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))
