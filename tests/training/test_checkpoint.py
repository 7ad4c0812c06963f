"""Checkpoints: a training goes on from any of its states, with the same bits."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from skdistill import DistilledClassifier
from skdistill.training import checkpoint

X, Y = make_classification(300, 6, random_state=0)
SPARSE = csr_array(np.where(X > 0.5, X, 0.0))


class Stopped(Exception):  # noqa: N818
    """The end of a fit in the middle of its training."""


@pytest.fixture
def often(monkeypatch):
    """Write after each epoch."""
    monkeypatch.setattr(checkpoint, "_SECONDS_APART", -1.0)


def model(rows=X, **parameters):
    return DistilledClassifier(
        parameters.pop("teacher", None) or LogisticRegression().fit(rows, Y),
        **{
            "hidden_layer_sizes": (8,),
            "max_iter": 20,
            "weight_decay": 0.1,
            "n_synthetic": 150,
            "random_state": 0,
            **parameters,
        },
    )


def fit_until(monkeypatch, n_writes, rows=X, *, error=Stopped, **parameters):
    """Fit until so many checkpoints are written."""
    written, write = [], checkpoint._write

    def write_and_stop(file, state):
        write(file, state)
        written.append(1)

    offer = checkpoint.Checkpoint.offer

    def offer_and_stop(self, training):
        offer(self, training)
        if len(written) == n_writes:
            raise error

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "_write", write_and_stop)
        patch.setattr(checkpoint.Checkpoint, "offer", offer_and_stop)
        return model(rows, **parameters).fit(rows, Y)


def assert_same(one, other):
    assert one.loss_curve_ == other.loss_curve_
    assert one.validation_scores_ == other.validation_scores_
    assert one.validation_hard_losses_ == other.validation_hard_losses_
    assert one.n_steps_ == other.n_steps_
    for mine, its in zip(one.coefs_, other.coefs_, strict=True):
        assert_array_equal(mine, its)


@pytest.fixture(scope="module")
def network():
    return MLPClassifier((5,), max_iter=150, random_state=0)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("n_writes", [1, 13])
@pytest.mark.parametrize(
    ("rows", "parameters"),
    [
        (X, {}),
        (X, {"early_stopping": True, "n_iter_no_change": 2}),
        (X, {"early_stopping": True, "scoring": "accuracy", "max_iter": 60}),
        (SPARSE, {}),
        (X, {"hint_weight": 0.5, "teacher_share": 1.0}),
    ],
    ids=["dense", "early stopping", "scorer", "sparse", "hint"],
)
def test_a_fit_goes_on_with_the_same_bits(
    often, monkeypatch, tmp_path, network, rows, parameters, n_writes
):
    if "hint_weight" in parameters:
        parameters = {**parameters, "teacher": network.fit(rows, Y)}
    undisturbed = model(rows, **parameters).fit(rows, Y)
    where = {"checkpoint": tmp_path, **parameters}
    with pytest.raises(Stopped):
        fit_until(monkeypatch, n_writes, rows, **where)
    assert len(list(tmp_path.iterdir())) == 1
    epochs = []
    monkeypatch.setattr(
        checkpoint.Checkpoint,
        "offer",
        lambda self, training: epochs.append(len(training.loss_curve)),
    )
    assert_same(model(rows, **where).fit(rows, Y), undisturbed)
    # It did not begin anew; a last epoch offers nothing.
    assert min(epochs, default=n_writes + 1) == n_writes + 1
    assert list(tmp_path.iterdir()) == []


KILLED = """
    import os, signal, sys
    from tests.training.test_checkpoint import X, Y, assert_same, checkpoint, model

    folder = sys.argv[1]
    checkpoint._SECONDS_APART = -1.0
    undisturbed = model(early_stopping=True).fit(X, Y)
    write, replace = checkpoint._write, os.replace

    def killed_at(number, in_the_middle):
        count = []
        def writes(file, state):
            count.append(1)
            if len(count) == number and in_the_middle:
                file.write(b"half a file")
                file.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            write(file, state)
        def replaces(one, other):
            replace(one, other)
            if len(count) == number:
                os.kill(os.getpid(), signal.SIGKILL)
        checkpoint._write, os.replace = writes, replaces
        model(early_stopping=True, checkpoint=folder).fit(X, Y)

    # Killed five times in a row, the fit comes further each time.
    for number, in_the_middle in [(1, False), (2, True), (3, False), (1, True)] * 2:
        child = os.fork()
        if child == 0:
            killed_at(number, in_the_middle)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        assert os.listdir(folder)
    assert_same(model(early_stopping=True, checkpoint=folder).fit(X, Y), undisturbed)
    assert os.listdir(folder) == []
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_a_killed_fit_goes_on_with_the_same_bits(tmp_path):
    script = textwrap.dedent(KILLED)
    command = [sys.executable, "-W", "ignore", "-c", script, tmp_path]
    subprocess.run(command, check=True, cwd=os.getcwd())


def test_files_of_other_fits_are_named_and_left_alone(often, monkeypatch, tmp_path):
    with pytest.raises(Stopped):
        fit_until(monkeypatch, 3, checkpoint=tmp_path)
    (other,) = tmp_path.iterdir()
    content = other.read_bytes()
    for parameters in ({"random_state": 1}, {"weight_decay": 0.2}):
        changed = {"checkpoint": tmp_path, **parameters}
        with pytest.warns(UserWarning, match="no checkpoint of this fit, but of other"):
            fitted = model(**changed).fit(X, Y)
        assert_same(fitted, model(**parameters).fit(X, Y))
    with pytest.warns(UserWarning, match="rows, answers, parameters or versions"):
        model(checkpoint=tmp_path).fit(X * 1.5, Y)
    assert other.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half", b"\x80\x04N."])
def test_a_damaged_file_is_named_and_starts_anew(often, monkeypatch, tmp_path, content):
    with pytest.raises(Stopped):
        fit_until(monkeypatch, 3, checkpoint=tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)
    with pytest.warns(UserWarning, match=rf"{path.name} is damaged"):
        fitted = model(checkpoint=tmp_path).fit(X, Y)
    assert_same(fitted, model().fit(X, Y))
    assert not path.exists()


def test_an_interrupted_fit_can_be_continued(often, monkeypatch, tmp_path):
    undisturbed = model().fit(X, Y)
    with pytest.warns(UserWarning, match="interrupted by user, after 7 of 20 epochs"):
        fit_until(monkeypatch, 7, error=KeyboardInterrupt, checkpoint=tmp_path)
    assert_same(model(checkpoint=tmp_path).fit(X, Y), undisturbed)


def test_a_full_disk_is_named_and_ends_no_fit(often, monkeypatch, tmp_path):
    def write(file, state):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "_write", write)
    with pytest.warns(UserWarning, match="cannot be written: .*No space left"):
        fitted = model(checkpoint=tmp_path).fit(X, Y)
    assert_same(fitted, model().fit(X, Y))
    assert list(tmp_path.iterdir()) == []


def test_short_fits_write_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "_write", None)
    model(checkpoint=tmp_path / "new" / "folder").fit(X, Y)


@pytest.mark.parametrize("seed", [None, np.random.RandomState(0)])
def test_a_seed_is_needed(tmp_path, seed):
    with pytest.raises(ValueError, match="needs an integer as random_state, and it"):
        model(checkpoint=tmp_path, random_state=seed).fit(X, Y)


def test_a_file_is_no_folder(tmp_path):
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(ValueError, match=r"file' is a file: give the path of a folder"):
        model(checkpoint=path).fit(X, Y)
