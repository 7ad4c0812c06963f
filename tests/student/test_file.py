import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skdistill import Student
from tests import oracle
from tests.student.test_student import make_encoded, make_student, rows


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
def test_a_loaded_student_is_the_saved_one(tmp_path, classes):
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


@pytest.fixture(scope="module")
def encoded(tmp_path_factory):
    """A student of raw tables with weights of 8 bits, and the bytes of its file."""
    path = tmp_path_factory.mktemp("encoded") / "student.npz"
    student = make_encoded(weight_dtype="int8")
    student.save(path)
    return student, path.read_bytes()


@settings(max_examples=60)
@given(
    st.sampled_from([(3,), (7, 1), (16, 5, 3)]),
    st.integers(0, 4),
    st.lists(st.integers(2, 20), max_size=4),
    st.lists(st.integers(1, 9), max_size=3),
    st.sampled_from(["int8", "float16", "float32"]),
)
def test_encoded_student_is_loaded_bit_for_bit(
    tmp_path_factory, units, n_linear, bins, levels, dtype
):
    student = make_encoded(units, n_linear, bins, levels, weight_dtype=dtype)
    path = tmp_path_factory.mktemp("encoded") / "student.npz"
    student.save(path)
    loaded = Student.load(path)
    assert loaded.weight_dtype == dtype
    assert loaded.input_code == student.input_code
    assert_array_equal(loaded.knot_table_, student.knot_table_)
    for one, other in zip(
        [*loaded.coefs_, *loaded.intercepts_],
        [*student.coefs_, *student.intercepts_],
        strict=True,
    ):
        assert one.dtype == np.float32
        assert_array_equal(one, other)
    numbers = oracle.random_numbers(student.input_code, 30)
    X = oracle.labelled_table(student.input_code, numbers)
    assert_array_equal(loaded.predict_proba(X), student.predict_proba(X))
    loaded.save(path.with_name("again"))
    assert path.with_name("again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("dtype", ["int8", "float16", "float32"])
def test_file_holds_weights_in_their_type(tmp_path, dtype):
    make_encoded(weight_dtype=dtype).save(tmp_path / "student.npz")
    with np.load(tmp_path / "student.npz", allow_pickle=False) as arrays:
        for name in ("coefs_0", "coefs_1", "knot_table"):
            assert arrays[name].dtype == dtype
        assert ("scales" in arrays) == (dtype == "int8")
        for name in ("code_linear", "code_knots"):
            assert arrays[name].dtype == np.float32
        is_half = dtype == "float16"
        assert arrays["intercepts"].dtype == (np.float16 if is_half else np.float32)


def test_labels_of_levels_keep_their_type(tmp_path):
    code = oracle.random_code(0, (), (1, 1, 1, 1))
    code.levels[:] = [[True, False], [1, 2], ["1", "né"], [0.5, 1e300]]
    code = type(code).from_dict(*code.to_dict())
    student = Student(
        [np.zeros((0, 3))],
        [np.zeros(3)],
        "relu",
        [0, 1, 2],
        code,
        oracle.RNG(0).normal(size=(code.n_rows, 3)),
    )
    student.save(tmp_path / "student.npz")
    levels = Student.load(tmp_path / "student.npz").input_code.levels
    assert repr(levels) == repr(code.levels)


def test_equal_students_have_equal_files(saved, tmp_path):
    student, _, content = saved
    student.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == content


def test_numpy_reads_the_arrays(saved):
    student, path, _ = saved
    with np.load(path, allow_pickle=False) as arrays:
        assert_array_equal(arrays["coefs_0"], student.coefs_[0])
        assert_array_equal(arrays["intercepts"], np.concatenate(student.intercepts_))
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


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        ([1.0, np.nan], "holds NaN"),
        ([1.0, np.inf], "holds Infinity"),
        (["a", "\ud800"], "surrogates not allowed"),
        (np.array([1, 10**30], dtype=object), "cannot be saved"),
        (np.array([1, 2], dtype=np.longdouble), "of type .* cannot be saved"),
        (["a", "b" * 2**20], "labels of up to 1048576 characters"),
    ],
)
def test_a_student_that_could_not_be_read_is_not_written(tmp_path, classes, words):
    path = tmp_path / "student.npz"
    path.write_text("kept")
    with pytest.raises((TypeError, ValueError), match=words):
        make_student((4, 5, 1), classes=classes).save(path)
    assert path.read_text() == "kept"


def test_a_student_beyond_the_limits_is_not_written(tmp_path):
    student = Student([np.ones((2**17 + 1, 1))], [[0.0]], "relu", [0, 1])
    with pytest.raises(ValueError, match="cannot be saved: it has 131,073 columns"):
        student.save(tmp_path / "student.npz")
    assert list(tmp_path.iterdir()) == []


def test_labels_shorter_than_their_type(tmp_path):
    student = make_student((4, 5, 1), classes=np.array(["a", "b"], dtype="<U9"))
    student.save(tmp_path / "student.npz")
    assert Student.load(tmp_path / "student.npz").classes_.tolist() == ["a", "b"]


def test_a_missing_file_is_file_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        Student.load(tmp_path / "none.npz")


def test_a_folder_that_is_not_there_is_named(saved, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No such file .*none.student\.npz'$"):
        saved[0].save(tmp_path / "none" / "student.npz")


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


ALONE = """
import sys

class Refuse:
    refused = {"numba", "llvmlite", "sklearn", "scipy", "joblib", "pandas", "polars"}

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.refused:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
import json
import numpy as np
from skdistill import Student
from skdistill.export import to_c, to_js

folder = sys.argv[1]
with open(folder + "/rows.json") as file:
    X = json.load(file)
student = Student.load(folder + "/student.npz")
np.save(folder + "/out.npy", student.predict_proba(X))
print(*student.predict(X))
student.save(folder + "/again.npz")
to_c(student, folder + "/student.h")
to_js(student, folder + "/student.mjs")
"""


def predict_alone(folder, student, X):
    """Return the answers of a process that has NumPy alone to a list of rows."""
    student.save(folder / "student.npz")
    (folder / "rows.json").write_text(json.dumps(X))
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == ""
    again = (folder / "again.npz").read_bytes()
    assert again == (folder / "student.npz").read_bytes()
    assert (folder / "student.h").stat().st_size
    assert (folder / "student.mjs").stat().st_size
    return np.load(folder / "out.npy"), result.stdout.split()


@pytest.mark.parametrize("kind", ["plain", "encoded"])
def test_student_runs_where_numpy_alone_is_installed(saved, encoded, tmp_path, kind):
    """The process cannot import any dependency except NumPy."""
    if kind == "plain":
        student, X = saved[0], rows(40, 4).tolist()
    else:
        student = encoded[0]
        numbers = oracle.random_numbers(student.input_code, 40)
        X = oracle.labelled_table(student.input_code, numbers).tolist()
    proba, labels = predict_alone(tmp_path, student, X)
    assert labels == [str(label) for label in student.predict(X)]
    np.testing.assert_allclose(proba, student.predict_proba(X), atol=1e-6)
