"""Fits on a cluster: the same bits for any number of workers, and if one dies."""

import errno
import os
import signal
import subprocess
import time
from threading import Thread

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skdistill import DistilledClassifier
from tests.scale.teachers import LABELS, Linear

pytest.importorskip("distributed")

import dask.dataframe as dd
from distributed import Client, Future, LocalCluster

from skdistill.dask import DaskDistilledClassifier
from skdistill.stream import fit_files
from skdistill.training import checkpoint


def make_table(n_rows, seed=0):
    """Rows sorted by their labels, of which some are missing."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n_rows, 3)), columns=list("abc"))
    proba = Linear().predict_proba(table)
    drawn = (proba.cumsum(axis=1) < rng.random((n_rows, 1))).sum(axis=1)
    table["town"] = rng.choice(["Oslo", "Pau", "Rome"], n_rows)
    table.loc[::9, ["a", "town"]] = None
    table["label"] = LABELS[np.minimum(drawn, 2)]
    return table.sort_values("label", kind="stable").reset_index(drop=True)


TABLE = make_table(3000)
X, Y = TABLE.drop(columns="label"), TABLE["label"]
TEST = make_table(2000, seed=1)


def model(teacher=None, **parameters):
    given = {
        "hidden_layer_sizes": (8,),
        "max_iter": 6,
        "weight_decay": 0.1,
        "n_synthetic": 150,
        "calibrate_teacher": False,
        "random_state": 0,
        **parameters,
    }
    return DaskDistilledClassifier(Linear() if teacher is None else teacher, **given)


def frames(n_parts=6, X=X, y=Y):
    return dd.from_pandas(X, npartitions=n_parts), dd.from_pandas(
        y, npartitions=n_parts
    )


def assert_same(one, other):
    assert one.loss_curve_ == other.loss_curve_
    for mine, its in zip(one.student_.coefs_, other.student_.coefs_, strict=True):
        assert_array_equal(mine, its)


def start(n_workers=2, **options):
    return LocalCluster(
        n_workers=n_workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        **options,
    )


@pytest.fixture(scope="module")
def cluster():
    with start() as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    with Client(cluster) as client:
        client.wait_for_workers(2)
        yield client


@pytest.fixture(scope="module")
def undisturbed(cluster):
    with Client(cluster):
        return model().fit(*frames())


def test_one_worker_makes_the_same_student(undisturbed):
    with start(n_workers=1) as one, Client(one):
        assert_same(model().fit(*frames()), undisturbed)


def test_other_parts_make_a_student_as_good(client, undisturbed):
    other = model().fit(*frames(n_parts=2))
    rows = TEST.drop(columns="label")
    scores = [m.to_local().score(rows, TEST["label"]) for m in (undisturbed, other)]
    assert abs(scores[0] - scores[1]) < 0.02
    assert (
        scores[0] > 0.98 * (Linear().predict_proba(rows).argmax(1) == _codes()).mean()
    )


def _codes():
    return np.searchsorted(LABELS, TEST["label"])


def test_the_student_is_that_of_files(undisturbed, tmp_path):
    TABLE.to_parquet(tmp_path / "rows.parquet")
    parameters = undisturbed.get_params(deep=False)
    streamed = fit_files(
        DistilledClassifier(**parameters), tmp_path / "rows.parquet", target="label"
    )
    assert streamed.n_steps_ == undisturbed.n_steps_
    assert streamed.n_transfer_ == undisturbed.n_transfer_
    rows = TEST.drop(columns="label")
    gap = streamed.predict_proba(rows) - undisturbed.to_local().predict_proba(rows)
    assert np.abs(gap).mean() < 0.02


def test_a_worker_that_dies_while_it_answers_loses_nothing(
    client, undisturbed, tmp_path
):
    teacher = Linear(str(tmp_path / "died"), n_fatal=len(X) // 6)
    assert_same(model(teacher).fit(*frames()), undisturbed)
    assert (tmp_path / "died").exists()


def test_a_worker_that_dies_while_it_trains_is_followed_by_another(client, tmp_path):
    long = {"max_iter": 500, "weight_decay": 0.5, "hidden_layer_sizes": (32,)}
    expected = model(**long).fit(*frames())
    client.run(_note_each_chunk)
    died, trained = [], []
    fitting = Thread(
        target=lambda: trained.append(model(checkpoint=tmp_path, **long).fit(*frames()))
    )
    fitting.start()
    pids = client.run(os.getpid)
    while fitting.is_alive() and not died:
        if any(tmp_path.glob("*.checkpoint")):
            (holder,) = _who_trains(client)
            os.kill(pids[holder], signal.SIGKILL)
            died.append(holder)
    fitting.join()
    assert died
    assert_same(trained[0], expected)
    assert list(tmp_path.iterdir()) == []


def _note_each_chunk():
    checkpoint._SECONDS_APART = 0.0


def _who_trains(client):
    """Return the address of the worker that trains."""
    tasks = client.processing()
    return [w for w, keys in tasks.items() if any("distil" in str(k) for k in keys)]


def test_an_interrupt_ends_the_fit_on_its_worker(client, monkeypatch, tmp_path):
    client.run(_note_each_chunk)
    endless = model(max_iter=10**5, checkpoint=tmp_path)
    result = Future.result

    def interrupted(self, timeout=None):
        if "distil" not in self.key:
            return result(self, timeout)
        while not any(tmp_path.glob("*.checkpoint")):
            assert not self.done()
        raise KeyboardInterrupt

    monkeypatch.setattr(Future, "result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        endless.fit(*frames())
    assert not hasattr(endless, "student_")

    def n_busy(dask_worker):
        return dask_worker.state.executing_count + len(dask_worker.state.long_running)

    deadline = time.monotonic() + 60
    while any(client.run(n_busy).values()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(client.run(n_busy).values())


def test_a_small_disk_is_named_and_cleared(client, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a small file system")
    try:
        with pytest.raises(OSError, match="Give scratch=") as error:
            model().fit(*frames(), scratch=small)
        assert error.value.errno == errno.ENOSPC
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
