"""Rows that are kept for a call that goes on: never stale, never shared, never lost."""

import threading

import numpy as np
import pytest

from skdistill.stream import fit, fit_files, rows
from skdistill.stream.coding import RowCoder
from skdistill.stream.rows import RowsOfFiles
from skdistill.stream.scratch import Scratch
from skdistill.training import buckets, checkpoint
from tests.stream.test_fit_files import (
    Stopped,
    assert_same,
    model,
    shrink,
    stop_at,
    teacher,
    write,
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return f"{write(tmp_path_factory.mktemp('rows'))}/*.parquet"


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    shrink(monkeypatch)
    monkeypatch.setattr(rows, "_BATCHES_A_NOTE", 3)


@pytest.fixture(scope="module")
def core(files):
    """Values of the column b in the core sample, each of which is in one row."""
    found = []

    def keep(self):
        found.append(core(self))
        raise Stopped

    core = RowsOfFiles.core
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        patch.setattr(RowsOfFiles, "core", keep)
        with pytest.raises(Stopped):
            fit_files(model(), files, target="label")
    return set(found[0].X["b"])


def stop(files, folder, given):
    """Stop a call while half of its rows are in scratch."""
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, buckets.Buckets, "note", 4)
        with (
            pytest.warns(UserWarning, match="the rows of this fit, .* are kept in"),
            pytest.raises(Stopped),
        ):
            fit_files(given, files, target="label", checkpoint=folder)


def count_parts(monkeypatch):
    asked, code = [], RowCoder.__call__

    def count(*arguments, **others):
        asked.append(1)
        return code(*arguments, **others)

    monkeypatch.setattr(RowCoder, "__call__", count)
    return asked


class Other:
    """A teacher that gives other answers for all rows but those that it knows."""

    def __init__(self, known):
        self.known = known

    def __call__(self, X):
        proba = teacher(X)
        if self.known is not None:
            others = ~X["b"].isin(self.known)
            proba[others] = proba[others][:, [1, 2, 0]]
        return proba


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 2.0},
        {"class_weight": {"no": 2.0}},
        {"distillation_weight": 0.6},
        {"teacher": "other"},
    ],
    ids=str,
)
def test_a_changed_call_reads_no_kept_rows(files, core, monkeypatch, tmp_path, change):
    before = {}
    if "teacher" in change:
        # Both give the same answers for the core sample, and no synthetic row tells
        # them apart.
        before, change = (
            {"teacher": Other(known), "synthesizer": None} for known in (None, core)
        )
    stop(files, tmp_path, model(**before))
    (kept,) = tmp_path.glob("*.rows")
    asked = count_parts(monkeypatch)
    changed = fit_files(model(**change), files, target="label", checkpoint=tmp_path)
    assert len(asked) == 24
    # It leaves the rows of the other call.
    assert list(tmp_path.glob("*.rows")) == [kept]
    assert_same(changed, fit_files(model(**change), files, target="label"))


def test_other_versions_read_no_kept_rows(files, monkeypatch, tmp_path):
    stop(files, tmp_path, model())
    monkeypatch.setattr(rows, "versions_of_answers", lambda teacher: "other")
    asked = count_parts(monkeypatch)
    fit_files(model(), files, target="label", checkpoint=tmp_path)
    assert len(asked) == 24


def test_kept_rows_that_were_cut_are_dealt_again(files, monkeypatch, tmp_path):
    stop(files, tmp_path, model())
    (path, *_) = sorted(tmp_path.glob("*.rows/rows-*"))
    path.write_bytes(path.read_bytes()[:-4])
    asked = count_parts(monkeypatch)
    with pytest.warns(UserWarning, match="damaged, and all rows are dealt again"):
        again = fit_files(model(), files, target="label", checkpoint=tmp_path)
    assert len(asked) == 24
    assert_same(again, fit_files(model(), files, target="label"))


def test_the_same_call_removes_kept_rows_at_its_end(files, tmp_path):
    stop(files, tmp_path, model())
    fit_files(model(), files, target="label", checkpoint=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_call_at_a_time_uses_kept_rows(tmp_path):
    with Scratch(None, tmp_path) as one:
        one.make("name", 1)
        with (
            Scratch(None, tmp_path) as other,
            pytest.raises(BlockingIOError, match="Another fit with the same rows"),
        ):
            other.make("name", 1)
        assert (tmp_path / "name.rows").is_dir()
        with Scratch(None, tmp_path) as another:
            another.make("other name", 1)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_training_keeps_its_rows(files, monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "_SECONDS_APART", -1.0)
    offer, n_offers = checkpoint.Checkpoint.offer, []

    def interrupt(self, training):
        offer(self, training)
        n_offers.append(1)
        if len(n_offers) == 14:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint.Checkpoint, "offer", interrupt)
        with (
            pytest.warns(UserWarning, match="the rows of this fit, .* are kept in"),
            pytest.warns(UserWarning, match="Training interrupted by user"),
        ):
            half = fit_files(model(), files, target="label", checkpoint=tmp_path)
    assert 0 < half.n_iter_ < 4
    asked = count_parts(monkeypatch)
    again = fit_files(model(), files, target="label", checkpoint=tmp_path)
    assert asked == []
    assert_same(again, fit_files(model(), files, target="label"))
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_is_checked_before_files_are_read(files, monkeypatch, tmp_path):
    monkeypatch.setattr(fit, "make_survey", None)
    how = {"target": "label", "checkpoint": tmp_path}
    with pytest.raises(ValueError, match="needs an integer as random_state"):
        fit_files(model(random_state=None), files, **how)
    lock = threading.Lock()

    def locking(X):
        with lock:
            return teacher(X)

    with pytest.raises(ValueError, match="nobody can tell whether the teacher, locki"):
        fit_files(model(teacher=locking), files, **how)


def test_the_fitted_clone_has_the_checkpoint_of_the_model(files, tmp_path):
    fitted = fit_files(model(), files, target="label", checkpoint=tmp_path / "a")
    assert fitted.checkpoint is None
    given = model(checkpoint=tmp_path / "b")
    fitted = fit_files(given, files, target="label", checkpoint=tmp_path / "a")
    assert fitted.checkpoint == tmp_path / "b"
    assert not (tmp_path / "b").exists()
    assert np.isfinite(fitted.loss_)
