"""A cluster of Dask on this machine: one worker against two, and a worker that dies."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.environment import markdown_table
from benchmarks.scale import streaming
from benchmarks.text.setting import paragraph

TITLE = "Workers of a cluster"

SHARED = (streaming,)
BARS = {"labelling": 1.7, "accuracy": 0.003}
# As large as a teacher that needs a cluster: about 0.1 ms a row.
N_TREES = 400


def cases(tiny):
    """Yield numbers of workers and of parts."""
    n_rows, n_parts = (2000, 4) if tiny else (200_000, 16)
    # Tests kill workers too, so a tiny run spares the time of a restart.
    found = [(1, n_parts, False), (2, n_parts, not tiny)]
    if not tiny:
        found += [(2, n_parts, False), (2, 5, False)]
    for n_workers, n_parts, is_killed in found:
        yield {
            "n_workers": n_workers,
            "n_parts": n_parts,
            "is_killed": is_killed,
            "n_rows": n_rows,
        }


def measure(n_workers, n_parts, is_killed, n_rows):
    """Return seconds and the student of a cluster in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.scale.workers", folder]
        command += map(str, (n_workers, n_parts, int(is_killed), n_rows))
        output = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    return json.loads(output.splitlines()[-1])


def section(results):
    """Return the text of the section."""
    names = ["n_workers", "n_parts", "is_killed", "label_s", "score_s", "fit_s"]
    names += ["accuracy", "n_labelled", "student"]
    heads = ["workers", "parts", "one is killed", "labelling, s", "scoring, s"]
    heads += ["fit, s", "accuracy", "rows labelled", "student"]
    lines = [
        [w, p, "yes" if k else "no", *(f"{s:.1f}" for s in seconds), f"{a:.4f}", n, h]
        for w, p, k, *seconds, a, n, h in results[names].itertuples(index=False)
    ]
    one, killed, two, other = [*(row for _, row in results.iterrows()), None, None][:4]
    text = paragraph(
        f"""
        {one.n_rows:,} rows of the problem of the files above. The teacher is a forest
        of {N_TREES} trees in a file, which the workers, processes of one thread, map.
        `label` answers for all rows, the student scores them, and
        `DaskDistilledClassifier` is fitted on them. A worker is killed while the
        cluster labels, and another one while it fits. The last column is a digest of
        the student's weights.
        """
    )
    is_same = results.student[: min(len(results), 3)].nunique() == 1
    ends = [
        f"- Rows that a killed worker lost: {one.n_labelled - killed.n_labelled}.",
        "- Students of any number of workers, and with a killed one: "
        + ("the same bits." if is_same else "**other bits**."),
    ]
    if other is not None:
        ends += [
            f"- Labelling by two workers: {one.label_s / two.label_s:.2f} times as "
            f"fast as by one (bar {BARS['labelling']}).",
            f"- Other parts: accuracy {other.accuracy - two.accuracy:+.4f} (bar "
            f"{BARS['accuracy']}).",
        ]
    return "\n\n".join([text, markdown_table(heads, lines), "\n".join(ends)])


def run(folder, n_workers, n_parts, is_killed, n_rows):
    """Label, score and fit, and return the figures."""
    import dask.dataframe as dd
    import joblib
    from distributed import Client
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline

    from skdistill.dask import DaskDistilledClassifier, label
    from skdistill.teachers.file import model_behind

    train, test = (streaming.draw(n, seed) for n, seed in ((20_000, 1), (50_000, 0)))
    columns = [name for name in train if name not in (*streaming.PROBA, "label")]
    numbers = [name for name in columns if name not in streaming.LEVELS]
    rows = streaming.draw(n_rows, 2)
    write_parts(rows, folder, n_parts)
    take = make_column_transformer(("passthrough", numbers))
    forest = RandomForestClassifier(N_TREES, min_samples_leaf=5, random_state=0)
    teacher = make_pipeline(take, forest).fit(train[columns].fillna(0), train.label)
    path = folder / "forest.joblib"
    joblib.dump(teacher, path)
    figures = {}
    with Client(
        n_workers=n_workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=":0",
    ) as client:
        table = dd.read_parquet(folder / "rows")
        X, y = table[columns], table["label"]
        client.run(model_behind, path)  # Each worker has opened the file.
        answers = label(path, X)

        def timed(name, call):
            start = time.perf_counter()
            found = call()
            figures[name] = time.perf_counter() - start
            return found

        kill_soon(client, is_killed)
        counted = answers.map_partitions(len)
        figures["n_labelled"] = int(timed("label_s", counted.compute).sum())
        kill_soon(client, is_killed)
        model = DaskDistilledClassifier(path, random_state=0, max_iter=3)
        timed("fit_s", lambda: model.fit(X, y))
        scores = model.predict_proba(X)
        timed("score_s", scores.map_partitions(len).compute)
    local = model.to_local()
    weights = [*local.student_.coefs_, *local.student_.intercepts_]
    digest = hashlib.sha256(b"".join(part.tobytes() for part in weights))
    accuracy = local.score(test[columns], test.label)
    return figures | {"accuracy": accuracy, "student": digest.hexdigest()[:12]}


def write_parts(rows, folder, n_parts):
    """Write a file for each part."""
    (folder / "rows").mkdir()
    for number, places in enumerate(np.array_split(np.arange(len(rows)), n_parts)):
        part = rows.iloc[places].reset_index(drop=True)
        pd.DataFrame(part).to_parquet(folder / "rows" / f"part-{number:03d}.parquet")


def kill_soon(client, is_killed):
    """Kill a worker in a second, if so asked."""
    if is_killed:
        pid = next(iter(client.run(os.getpid).values()))
        client.loop.call_later(1.0, kill, pid)


def kill(pid):
    """Kill a process, if it is there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    from benchmarks.environment import single_thread

    cores = os.sched_getaffinity(0)
    single_thread()
    os.sched_setaffinity(0, cores)
    given = Path(sys.argv[1]), *map(int, sys.argv[2:])
    print(json.dumps(run(*given)))
