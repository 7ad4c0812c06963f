"""The teacher takes long for each row: can a cluster label rows, and is nothing lost?

A cluster of two processes on this machine asks a forest about 10,000 rows, and trains a
student. Then it does so again, and one process is killed on the way. On a real cluster
the client gets the address of its scheduler, and the path is one that all workers see.
"""

import os
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

import dask.dataframe as dd
import joblib
import numpy as np
import pandas as pd
from distributed import Client
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from skdistill.dask import DaskDistilledClassifier


def main():
    """Distil twice, once with an accident."""
    X, y = make_classification(
        14_000, 12, n_informative=8, n_classes=3, class_sep=1.5, random_state=0
    )
    X = pd.DataFrame(X, columns=[f"sensor_{number}" for number in range(12)])
    y = pd.Series(np.array(["fine", "worn", "broken"])[y])
    forest = RandomForestClassifier(60, random_state=0).fit(X[:4000], y[:4000])
    rows = dd.from_pandas(X[4000:], npartitions=10)
    labels = dd.from_pandas(y[4000:], npartitions=10)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "forest.joblib"
        joblib.dump(forest, path)
        with Client(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as client:
            model = DaskDistilledClassifier(path, random_state=0).fit(rows, labels)
            once_more = DaskDistilledClassifier(path, random_state=0)
            kill_one_worker(client)
            once_more.fit(rows, labels)
            accuracy = model.score(rows, labels)
        megabytes = path.stat().st_size / 2**20
    same = model.loss_curve_ == once_more.loss_curve_
    print(f"the forest: {megabytes:.1f} MiB")
    print(f"its student: {model.to_local().student_}, accuracy {accuracy:.3f}")
    print(f"the same student after a process was killed: {same}")
    assert same


def kill_one_worker(client):
    """Kill a process while the cluster is at work."""
    pids = list(client.run(os.getpid).values())
    client.loop.call_later(2.0, os.kill, pids[0], signal.SIGKILL)


if __name__ == "__main__":
    main()
