"""Rows in buckets on disk: kept rows are whole, or they are dealt again."""

import os

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skdistill.training import buckets as module
from skdistill.training.buckets import Buckets

SIZE = 8


def records(n_rows, seed=0):
    return np.random.default_rng(seed).normal(size=(n_rows, SIZE)).astype(np.float32)


def kept(folder):
    """Return buckets with two batches in the manifest, and one after it."""
    buckets = Buckets(folder, 3, SIZE, is_kept=True)
    for seed in range(2):
        buckets.add(records(9, seed), np.arange(9) % 3)
    buckets.note()
    buckets.add(records(9, 2), np.arange(9) % 3)
    buckets._write()
    return buckets


def test_rows_after_the_last_manifest_are_forgotten(tmp_path):
    kept(tmp_path)
    again = Buckets(tmp_path, 3, SIZE, is_kept=True)
    assert (again.n_batches, again.is_complete) == (2, False)
    assert again.counts.tolist() == [6, 6, 6]
    out = np.empty((6, SIZE), np.float32)
    again.read(1, out)
    assert_array_equal(out, np.concatenate([records(9, s)[1::3] for s in range(2)]))
    assert (tmp_path / "rows-00001").stat().st_size == 6 * SIZE * 4


def shorten(folder):
    os.truncate(folder / "rows-00001", 100)


def lose(folder):
    (folder / "rows-00002").unlink()


def cut_manifest(folder):
    (folder / "rows.json").write_text('{"counts": [6, 6')


def other_manifest(folder):
    (folder / "rows.json").write_text('{"counts": [6], "n_batches": 2}')


@pytest.mark.parametrize("harm", [shorten, lose, cut_manifest, other_manifest])
def test_damaged_rows_are_not_taken_over(tmp_path, harm):
    kept(tmp_path)
    harm(tmp_path)
    with pytest.warns(UserWarning, match="are damaged, and all rows are dealt again: "):
        again = Buckets(tmp_path, 3, SIZE, is_kept=True)
    assert (again.n_batches, again.is_complete, again.n_records) == (0, False, 0)
    again.add(records(9), np.arange(9) % 3)
    again.note(is_complete=True)
    out = np.empty((3, SIZE), np.float32)
    again.read(2, out)
    assert_array_equal(out, records(9)[2::3])


def test_the_disk_has_the_rows_before_the_manifest(monkeypatch, tmp_path):
    events, sync, replace = [], os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda file: events.append(os.fstat(file).st_ino) or sync(file)
    )
    monkeypatch.setattr(
        os, "replace", lambda *paths: events.append("manifest") or replace(*paths)
    )
    buckets = Buckets(tmp_path, 3, SIZE, is_kept=True)
    buckets.add(records(9), np.array([0, 2] * 4 + [0]))
    buckets.note()
    files = {(tmp_path / f"rows-0000{n}").stat().st_ino for n in (0, 2)}
    manifest = (tmp_path / "rows.json").stat().st_ino
    assert set(events[:2]) == files
    assert events[2:] == [manifest, "manifest"]


def test_files_are_opened_for_many_batches_at_once(monkeypatch, tmp_path):
    opened = []

    def count(*arguments):
        opened.append(arguments)
        return open(*arguments)

    monkeypatch.setattr(module, "open", count, raising=False)
    buckets = Buckets(tmp_path, 3, SIZE)
    for seed in range(20):
        buckets.add(records(9, seed), np.arange(9) % 3)
    assert opened == []
    assert (buckets.n_records, buckets.n_batches) == (180, 20)
    buckets.note(is_complete=True)
    assert len(opened) == 3
    out = np.empty((60, SIZE), np.float32)
    buckets.read(0, out)
    assert_array_equal(out, np.concatenate([records(9, s)[::3] for s in range(20)]))
    # Rows that nobody keeps need no manifest.
    assert not (tmp_path / "rows.json").exists()


def test_few_rows_wait_in_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_MOST_WAITING", 2 * 9 * SIZE * 4)
    buckets = Buckets(tmp_path, 3, SIZE)
    for n_batches in range(1, 5):
        buckets.add(records(9), np.arange(9) % 3)
        written = sum(path.stat().st_size for path in tmp_path.iterdir())
        assert written == n_batches // 2 * 2 * 9 * SIZE * 4
