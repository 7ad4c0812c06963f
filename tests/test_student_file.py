import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skdistill import Student
from tests.test_student import make_student, rows


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A student, its file, and the bytes of the file."""
    path = tmp_path_factory.mktemp("student") / "student.npz"
    student = make_student((4, 5, 3), "tanh", ["a", "b", "c"])
    student.save(path)
    return student, path, path.read_bytes()


@pytest.mark.parametrize(
    "classes",
    [
        np.array([3, 1, 2]),
        np.array([1, 2, 3], dtype=np.uint8),
        np.array([0.1, 2.5, 1e300]),
        np.array(["no", "yes", "né\u0000\U0001f600"]),
        np.array(["a", "bb", "c"], dtype=object),
        np.array([False, True]),
        np.array([-(2**63), 2**63 - 1]),
    ],
    ids=lambda classes: classes.dtype.str,
)
def test_what_was_saved_is_loaded(tmp_path, classes):
    units = (4, 5, 1) if len(classes) == 2 else (4, 5, 3)
    student = make_student(units, "silu", classes)
    student.save(tmp_path / "any name")
    loaded = Student.load(str(tmp_path / "any name"))
    assert loaded.classes_.dtype == classes.dtype
    assert_array_equal(loaded.classes_, classes)
    assert loaded.activation == "silu"
    for one, other in zip(
        [*loaded.coefs_, *loaded.intercepts_],
        [*student.coefs_, *student.intercepts_],
        strict=True,
    ):
        assert_array_equal(one, other)
    X = rows(30, 4)
    assert_array_equal(loaded.predict_proba(X), student.predict_proba(X))
    assert_array_equal(loaded.predict(X), student.predict(X))


def test_equal_students_have_equal_files(saved, tmp_path):
    student, _, content = saved
    student.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == content


def test_numpy_reads_the_arrays(saved):
    student, path, _ = saved
    with np.load(path, allow_pickle=False) as arrays:
        assert_array_equal(arrays["coefs_0"], student.coefs_[0])
        assert_array_equal(arrays["intercepts_1"], student.intercepts_[1])
        assert json.loads(arrays["student.json"])["layer_units"] == [4, 5, 3]


@pytest.mark.parametrize(
    "classes", [np.array([b"a", b"b"]), np.array([1, "a"], dtype=object)]
)
def test_labels_that_cannot_be_saved(tmp_path, classes):
    path = tmp_path / "student.npz"
    path.write_text("kept")
    with pytest.raises(TypeError, match="cannot be saved: .*Use strings, numbers or"):
        make_student((4, 5, 1), classes=classes).save(path)
    assert path.read_text() == "kept"


@settings(max_examples=300)
@given(data=st.data())
def test_truncated_file(saved, tmp_path_factory, data):
    _, _, content = saved
    size = data.draw(st.integers(0, len(content) - 1))
    path = tmp_path_factory.mktemp("cut") / "student.npz"
    path.write_bytes(content[:size])
    with pytest.raises(ValueError, match="is not a student file: "):
        Student.load(path)


@settings(max_examples=500)
@given(data=st.data())
def test_altered_file_is_refused_or_the_same_student(saved, tmp_path_factory, data):
    """No changed byte gives another student: it is found, or is of no effect."""
    student, _, content = saved
    position = data.draw(st.integers(0, len(content) - 1))
    value = data.draw(st.integers(0, 255))
    altered = bytearray(content)
    altered[position] = value
    path = tmp_path_factory.mktemp("altered") / "student.npz"
    path.write_bytes(altered)
    try:
        loaded = Student.load(path)
    except ValueError as error:
        loaded, message = None, str(error)
    if loaded is None:
        assert "is not a student file: " in message
    else:
        X = rows(5, 4)
        assert_array_equal(loaded.predict_proba(X), student.predict_proba(X))
        assert_array_equal(loaded.predict(X), student.predict(X))


def rewritten(content, changes, compression=zipfile.ZIP_STORED):
    """Write an archive anew with some members changed, added or left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        members[name] = change(members.get(name))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, member in members.items():
            if member is not None:
                archive.writestr(name, member)
    return buffer.getvalue()


def described(**changes):
    """Change fields of the description."""
    return {"student.json": lambda text: json.dumps({**json.loads(text), **changes})}


def array_file(array, **options):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **options)
    return buffer.getvalue()


HUGE_HEADER = (
    b"\x93NUMPY\x01\x00"
    + (118).to_bytes(2, "little")
    + (
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 5), }".ljust(
            117
        )
        + b"\n"
    )
)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (described(format="other"), "does not name the format"),
        (described(version=2), "version 2 is not known"),
        (described(activation="exec"), "activation='exec' is not one of"),
        (described(activation=["relu"]), "is not a student file"),
        (described(layer_units=[4, 5]), "it holds 5 members, not 3"),
        (described(classes=["a", "b"]), "3 outputs where 2 classes need 1"),
        (described(layer_units=[4, 6, 3]), r"does not hold float32 of shape \(4, 6\)"),
        (described(layer_units=[4, -5, 3]), "not a list of sizes"),
        (described(layer_units=[4] * 5000), "not a list of sizes"),
        (described(layer_units=[10**9, 10**9]), "not a list of sizes"),
        (described(layer_units="453"), "not a list of sizes"),
        (described(layer_units=[True, 5, 3]), "not a list of sizes"),
        (described(classes=["a", "a", "b"]), "a label twice"),
        (described(classes=["a", "b", 3]), "not of type"),
        (described(classes="abc"), "classes is .abc. of type"),
        (described(classes_dtype="V8"), "are not known"),
        (described(classes_dtype="O,O"), "are not known"),
        (described(classes_dtype="<U4194304"), "not of type"),
        (described(classes_dtype="<U"), "not of type"),
        (described(classes_dtype="<i8"), "is not a student file"),
        (described(classes_dtype="|b1"), "not of type"),
        (described(classes_dtype=None), "of type None"),
        ({"student.json": lambda _: None}, "no item named .student.json."),
        ({"student.json": lambda _: b"[1]"}, "does not name the format"),
        ({"student.json": lambda _: b"{"}, "is not a student file"),
        ({"student.json": lambda _: b"[" * 100_000}, "is not a student file"),
        ({"coefs_1.npy": lambda _: None}, "it holds 4 members, not 5"),
        ({"more.npy": lambda _: b""}, "it holds 6 members, not 5"),
        ({"coefs_1.npy": lambda _: b"x" * 200}, "is not a student file"),
        ({"coefs_0.npy": lambda _: HUGE_HEADER}, "does not hold"),
        (
            {"coefs_0.npy": lambda _: array_file(np.ones((4, 5)))},
            "does not hold|bytes, over",
        ),
        (
            {"coefs_0.npy": lambda _: array_file(np.ones((4, 5), "<f4", order="F"))},
            "does not hold",
        ),
        (
            {"coefs_0.npy": lambda _: array_file(np.full((4, 5), np.nan, "<f4"))},
            "coefs holds a value that is not finite",
        ),
        (
            {
                "coefs_0.npy": lambda _: array_file(
                    np.full((4, 5), print, dtype=object), allow_pickle=True
                )
            },
            "does not hold|bytes, over",
        ),
        ({"coefs_0.npy": lambda a: a[:-1]}, "does not hold"),
        ({"coefs_0.npy": lambda a: a.replace(b"False", b"[((((")}, "does not hold"),
        ({"coefs_0.npy": lambda a: a + bytes(5000)}, "bytes, over"),
    ],
)
def test_hostile_file(saved, tmp_path, changes, words):
    path = tmp_path / "student.npz"
    path.write_bytes(rewritten(saved[2], changes))
    with pytest.raises(ValueError, match=f"is not a student file: .*{words}|{words}"):
        Student.load(path)


def test_compressed_members_are_refused(saved, tmp_path):
    path = tmp_path / "student.npz"
    path.write_bytes(rewritten(saved[2], {}, zipfile.ZIP_DEFLATED))
    with pytest.raises(ValueError, match="student.json is compressed"):
        Student.load(path)


def test_a_missing_file_is_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        Student.load(tmp_path / "none.npz")


def test_a_save_that_fails_keeps_the_former_file(saved, tmp_path, monkeypatch):
    path = tmp_path / "student.npz"
    path.write_text("kept")

    def fail(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="No space left"):
        saved[0].save(path)
    assert path.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [path]


def test_student_runs_where_numpy_alone_is_installed(saved, tmp_path):
    """A process that cannot import anything else of the dependencies."""
    student, path, _ = saved
    X = rows(40, 4)
    np.save(tmp_path / "rows.npy", X)
    script = f"""
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {{"numba", "llvmlite", "sklearn", "scipy", "joblib"}}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refuse())
import numpy as np
from skdistill import Student

X = np.load({str(tmp_path / "rows.npy")!r})
student = Student.load({str(path)!r})
np.save({str(tmp_path / "out.npy")!r}, student.predict_proba(X))
print(*student.predict(X))
student.save({str(tmp_path / "again.npz")!r})
"""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == ""
    assert result.stdout.split() == student.predict(X).tolist()
    np.testing.assert_allclose(
        np.load(tmp_path / "out.npy"), student.predict_proba(X), atol=1e-6
    )
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()
