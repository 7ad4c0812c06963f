"""Files that are written: links, rights, special files, and two paths of one file."""

import errno
import os
import socket
import stat
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

from skdistill import DistillationReport, DistilledClassifier, Student
from skdistill.common.files import check_writable, find_alike, write_file
from skdistill.export import to_c, to_js, to_onnx

needs_posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")


@pytest.fixture(scope="module")
def model():
    X, y = load_iris(return_X_y=True)
    teacher = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    return DistilledClassifier(
        teacher, hidden_layer_sizes=4, max_iter=2, random_state=0
    ).fit(X, y)


def save_report(model, path):
    y = ["no", "yes"] * 5
    proba = np.tile(np.eye(2), (5, 1))
    DistillationReport.from_predictions(y, proba, proba, n_bootstraps=2).save(path)


WRITERS = {
    "student.npz": lambda model, path: model.student_.save(path),
    "student.onnx": to_onnx,
    "student.h": to_c,
    "student.mjs": to_js,
    "report.html": save_report,
}


@pytest.fixture(params=WRITERS)
def write(request, model):
    """A name of a file, and a function that writes it."""
    return request.param, lambda path: WRITERS[request.param](model, path)


@needs_posix
def test_the_target_of_a_link_gets_the_new_content(write, tmp_path):
    name, save = write
    (tmp_path / "releases").mkdir()
    target, link = tmp_path / "releases" / "one", tmp_path / name
    target.write_bytes(b"old")
    (tmp_path / "middle").symlink_to("releases/one")
    link.symlink_to("middle")
    save(link)
    assert os.readlink(link) == "middle"
    assert os.readlink(tmp_path / "middle") == "releases/one"
    save(tmp_path / f"plain-{name}")
    assert target.read_bytes() == (tmp_path / f"plain-{name}").read_bytes()


@needs_posix
def test_a_link_to_nothing_makes_its_target(model, tmp_path):
    link = tmp_path / "student.npz"
    link.symlink_to("later.npz")
    model.student_.save(link)
    assert link.is_symlink()
    assert Student.load(tmp_path / "later.npz").n_features_in_ == 4


@needs_posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_the_mode_stays(model, tmp_path, mode):
    path = tmp_path / "student.npz"
    path.write_bytes(b"old")
    path.chmod(mode)
    model.student_.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert Student.load(path).n_features_in_ == 4


@needs_posix
def test_a_new_file_has_the_mode_of_any_new_file(model, tmp_path):
    model.student_.save(tmp_path / "student.npz")
    with open(tmp_path / "other", "w"):
        pass
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root may change owners"
)
def test_the_owner_stays(tmp_path):
    path = tmp_path / "student.npz"
    path.write_bytes(b"old")
    os.chown(path, 12345, 23456)
    path.chmod(0o4750)
    write_file(path, b"new")
    status = path.stat()
    assert (status.st_uid, status.st_gid) == (12345, 23456)
    assert stat.S_IMODE(status.st_mode) == 0o4750
    assert path.read_bytes() == b"new"


@needs_posix
def test_an_owner_that_may_not_be_kept_does_not_stop_the_writing(tmp_path, monkeypatch):
    path = tmp_path / "student.npz"
    path.write_bytes(b"old")
    path.chmod(0o640)
    asked = []

    def refuse(name, owner, group):
        asked.append((owner, group))
        raise PermissionError

    status = os.stat(path)
    other = os.stat_result(
        [*status[:4], status.st_uid + 1, status.st_gid + 1, *status[6:]]
    )
    stat_of = os.stat
    monkeypatch.setattr(
        os, "stat", lambda name, **k: other if name == path else stat_of(name, **k)
    )
    monkeypatch.setattr(os, "chown", refuse)
    write_file(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert asked == [
        (status.st_uid + 1, status.st_gid + 1),
        (-1, status.st_gid + 1),
    ]


@pytest.fixture
def special_files(tmp_path):
    """Paths that lead to no regular file, and the word for each."""
    folder, pipe, server = (tmp_path / name for name in ("folder", "pipe", "server"))
    folder.mkdir()
    os.mkfifo(pipe)
    link = tmp_path / "link"
    link.symlink_to(os.devnull)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(server))
        yield {
            folder: "a folder",
            pipe: "a pipe",
            server: "a socket",
            link: "a device",
            os.devnull: "a device",
        }


@needs_posix
def test_a_special_file_is_refused_and_stays(special_files, model, tmp_path):
    names = set(os.listdir(tmp_path))
    for path, word in special_files.items():
        kind = stat.S_IFMT(os.stat(path).st_mode)
        for call in (model.student_.save, check_writable):
            with pytest.raises(OSError, match=f"Is {word}, not a file") as caught:
                call(path)
            assert caught.value.filename == str(path)
        assert stat.S_IFMT(os.stat(path).st_mode) == kind
    assert set(os.listdir(tmp_path)) == names


@needs_posix
def test_exports_and_the_report_refuse_a_pipe(write, tmp_path):
    name, save = write
    os.mkfifo(tmp_path / name)
    with pytest.raises(OSError, match="Is a pipe, not a file"):
        save(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert stat.S_ISFIFO(os.stat(tmp_path / name).st_mode)


@needs_posix
def test_a_module_stays_if_its_types_cannot_be_written(model, tmp_path):
    (tmp_path / "student.mjs").write_text("old")
    (tmp_path / "student.d.mts").mkdir()
    with pytest.raises(IsADirectoryError, match="student.d.mts"):
        to_js(model, tmp_path / "student.mjs")
    assert (tmp_path / "student.mjs").read_text() == "old"


def test_a_protected_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "student.npz"
    path.write_bytes(b"old")
    # Root may write to any file, so the answer of the system is replaced.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match="protected against writing"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_missing_folder_is_named(tmp_path):
    for call in (lambda path: write_file(path, b""), check_writable):
        with pytest.raises(FileNotFoundError, match="No such file or directory"):
            call(tmp_path / "none" / "student.npz")


def test_to_check_a_path_writes_nothing(tmp_path):
    check_writable(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "old").write_bytes(b"old")
    check_writable(tmp_path / "old")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


@needs_posix
def test_one_file_by_two_paths_is_found(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    table = tmp_path / "data" / "table.csv"
    table.write_text("a,b\n")
    os.link(table, tmp_path / "hard")
    (tmp_path / "soft").symlink_to("hard")
    (tmp_path / "other folder").symlink_to("data")
    monkeypatch.chdir(tmp_path)
    for path in (
        "data/table.csv",
        "data/../data/table.csv",
        "./hard",
        "soft",
        tmp_path / "other folder" / "table.csv",
    ):
        assert find_alike([("a", table), ("b", path)]) == ("a", "b", path)
    # Files that are not there yet.
    assert find_alike([("a", "data/new"), ("b", "other folder/new")])[:2] == ("a", "b")
    assert find_alike([("a", "new"), ("c", table), ("b", "./new")])[:2] == ("a", "b")
    assert find_alike([("a", table), ("b", "new"), ("c", "data/new")]) is None


def refuse_to_replace(code):
    """Return a function that stands for `os.replace` and raises an error."""

    def replace(source, target):
        raise OSError(code, os.strerror(code), source, None, target)

    return replace


@pytest.mark.parametrize("former", [b"", b"a longer file than the new one"])
def test_a_mounted_file_is_written_in_place(write, former, tmp_path, monkeypatch):
    name, save = write
    save(tmp_path / f"plain-{name}")
    names = sorted([*os.listdir(tmp_path), name])
    path = tmp_path / name
    path.write_bytes(former)
    number = path.stat().st_ino
    with monkeypatch.context() as patch:
        # The types of a module are a file that is not mounted.
        replace = os.replace
        busy = refuse_to_replace(errno.EBUSY)
        patch.setattr(
            os, "replace", lambda a, b: (busy if b == path else replace)(a, b)
        )
        save(path)
    assert path.stat().st_ino == number
    assert path.read_bytes() == (tmp_path / f"plain-{name}").read_bytes()
    assert {*os.listdir(tmp_path)} - {"student.d.mts"} == {*names} - {"student.d.mts"}


def test_the_complete_file_is_kept_if_a_mounted_one_cannot_be_written(
    tmp_path, monkeypatch
):
    path = tmp_path / "student.npz"
    path.write_bytes(b"old")

    def fill_the_disk(number):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", refuse_to_replace(errno.EBUSY))
    monkeypatch.setattr(os, "fsync", fill_the_disk)
    with pytest.raises(OSError, match="all is in") as caught:
        write_file(path, b"new")
    assert caught.value.filename == str(path)
    assert caught.value.errno == errno.ENOSPC
    (kept,) = set(tmp_path.iterdir()) - {path}
    assert kept.read_bytes() == b"new"
    assert str(kept) in str(caught.value)


def test_another_error_of_the_system_names_the_path_of_the_user(tmp_path, monkeypatch):
    path = tmp_path / "student.npz"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", refuse_to_replace(errno.EROFS))
    with pytest.raises(OSError, match="Read-only") as caught:
        write_file(path, b"new")
    assert (caught.value.filename, caught.value.filename2) == (str(path), None)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]


@pytest.mark.skipif(
    not os.path.exists("/proc/self/mounts") or os.geteuid() != 0,
    reason="only root may mount on Linux",
)
def test_a_file_that_a_container_mounts(tmp_path):
    source, path = tmp_path / "source", tmp_path / "student.npz"
    source.write_bytes(b"old")
    path.touch()
    script = (
        'mount --bind source student.npz || exit 77; "$0" -c '
        "'from skdistill.common.files import write_file; "
        'write_file("student.npz", b"new")\' || exit 3'
    )
    command = ["unshare", "-rm", "sh", "-c", script, sys.executable]
    try:
        status = subprocess.run(command, cwd=tmp_path, check=False).returncode
    except FileNotFoundError:
        pytest.skip("there is no unshare")
    if status in (1, 77):
        pytest.skip("this system lets nobody mount")
    assert status == 0
    assert source.read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path)) == ["source", "student.npz"]
