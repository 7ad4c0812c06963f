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
from tests import oracle
from tests.test_student import make_encoded, make_student, rows


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


@pytest.fixture(scope="module")
def encoded(tmp_path_factory):
    """A student of raw tables, of integers, and the bytes of its file."""
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
            assert (f"{name}_scale" in arrays) == (dtype == "int8")
        assert arrays["code_knots"].dtype == np.float32
        assert arrays["intercepts_0"].dtype == np.float32


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


def dropped(name):
    """Leave a field of the description out."""

    def change(text):
        return json.dumps({k: v for k, v in json.loads(text).items() if k != name})

    return {"student.json": change}


def code_described(**changes):
    """Change fields of the description of the code; those of `sizes` in place."""

    def change(text):
        description = json.loads(text)
        sizes = changes.pop("sizes", {})
        description["input_code"] |= changes
        if isinstance(sizes, dict):
            sizes = description["input_code"]["sizes"] | sizes
        description["input_code"]["sizes"] = sizes
        return json.dumps(description)

    return {"student.json": change}


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
        (described(version=1), "version 1 is not known, only 2"),
        (described(version=3), "version 3 is not known"),
        (described(weight_dtype="int4"), "weight_dtype is 'int4'"),
        (described(weight_dtype=["int8"]), "weight_dtype is"),
        (described(weight_dtype="int8"), "no item named .coefs_0_scale.npy."),
        (described(weight_dtype="float16"), "bytes, over|does not hold float16"),
        (described(input_code=[]), "input_code is"),
        (described(input_code={}), "the sizes of the input code are None"),
        (dropped("weight_dtype"), "weight_dtype"),
        (dropped("input_code"), "input_code"),
        (dropped("activation"), "activation"),
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
        ({"coefs_1.npy": lambda _: None}, "no item named .coefs_1.npy."),
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


def in_array(name, index, value):
    """Change elements of an array."""

    def change(member):
        array = np.lib.format.read_array(io.BytesIO(member)).copy()
        array[index] = value
        return array_file(array)

    return {f"{name}.npy": change}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (in_array("code_knots", 1, np.nan), "knots of feature .* need to be finite"),
        (in_array("code_knots", 1, 1e30), "knots of feature .* need to increase"),
        (in_array("code_linear", 0, 6), "numbers from 0 to n_features - 1 = 5"),
        (in_array("code_linear", 0, -1), "numbers from 0 to n_features - 1 = 5"),
        (in_array("code_linear", slice(None), 0), "each feature once at most"),
        (in_array("code_scale", 0, 0.0), "scale needs to be 1e-37 or more"),
        (in_array("code_low", 0, np.inf), "low needs to be finite"),
        (in_array("code_high", 0, -100.0), "low needs to be at most high"),
        (in_array("code_knot_counts", 0, 5), "knot_counts is"),
        (in_array("code_knot_counts", slice(None), [15, -1]), "knot_counts is"),
        (in_array("code_knot_counts", slice(None), [2, 12]), "need to be 3 or more"),
        (in_array("code_knot_counts", 0, 2**62), "knot_counts is"),
        (
            in_array("knot_table_scale", 0, np.nan),
            "knot_table_scale.npy holds a scale that is not",
        ),
        (in_array("coefs_1_scale", 0, np.inf), "coefs holds a value that is not finit"),
        ({"code_low.npy": lambda _: None}, "no item named .code_low.npy."),
        ({"code_more.npy": lambda _: b""}, r"it holds \d+ members, not \d+"),
        ({"knot_table.npy": lambda _: None}, "no item named .knot_table.npy."),
        ({"knot_table_scale.npy": lambda _: None}, "no item named .knot_table_scale"),
        ({"knot_table.npy": lambda a: a[:-1]}, "does not hold int8 of shape"),
        ({"knot_table.npy": lambda a: a + b"x"}, "bytes, over"),
        (
            {"coefs_0.npy": lambda _: array_file(np.ones((2, 7), "<f4"))},
            "does not hold|bytes, over",
        ),
        (
            {"code_linear.npy": lambda _: array_file(np.zeros(2, "<f8"))},
            "code_linear.npy does not hold int64",
        ),
        (code_described(n_features=3), "numbers from 0 to n_features - 1 = 2"),
        (code_described(n_features=6.0), "n_features is 6.0: it needs to be an int"),
        (code_described(n_features=True), "n_features is True"),
        (code_described(levels=[]), "levels has 0 parts for 1 categorical features"),
        (code_described(levels="text"), "levels is 'text'"),
        (code_described(levels=[[None] * 4]), "levels of feature .* hold None"),
        (code_described(levels=[["a", "a", "b", "c"]]), "need to differ"),
        (code_described(levels=[["a"] * 3]), "differ|does not hold"),
        (code_described(levels=[["a", "b", "c"]]), "does not hold|bytes, over"),
        (code_described(more=1), "description needs to be a dict of n_features"),
        (code_described(sizes=3), "the sizes of the input code are 3"),
        (code_described(sizes={"linear": 3}), "does not hold int64"),
        (code_described(sizes={"linear": -1}), "the sizes of the input code are"),
        (code_described(sizes={"linear": 2**40}), "the sizes of the input code are"),
        (code_described(sizes={"linear": 2.0}), "the sizes of the input code are"),
        (code_described(sizes={"linear": 2**24}), "does not hold int64"),
        (code_described(sizes={"other": 2}), "no item named .code_other.npy."),
        (described(input_code=None), "members, not|does not hold"),
        (described(layer_units=[3, 7, 3]), r"does not hold int8 of shape \(3, 7\)"),
        (described(layer_units=[2, 2**17, 3]), "does not hold"),
        (described(layer_units=[2, 2**24, 3]), "layer_units is .* not a list of sizes"),
        (described(weight_dtype="float32"), "does not hold float32"),
    ],
)
def test_hostile_code(encoded, tmp_path, changes, words):
    path = tmp_path / "student.npz"
    path.write_bytes(rewritten(encoded[1], changes))
    with pytest.raises(ValueError, match=words) as caught:
        Student.load(path)
    assert str(caught.value).startswith(f"{path} is not a student file: ")


@settings(max_examples=300)
@given(data=st.data())
def test_altered_code_is_refused_or_the_same_student(encoded, tmp_path_factory, data):
    student, content = encoded
    altered = bytearray(content)
    altered[data.draw(st.integers(0, len(content) - 1))] = data.draw(
        st.integers(0, 255)
    )
    path = tmp_path_factory.mktemp("altered") / "student.npz"
    path.write_bytes(altered)
    try:
        loaded, message = Student.load(path), None
    except ValueError as error:
        loaded, message = None, str(error)
    if loaded is None:
        assert message.startswith(f"{path} is not a student file: ")
        return
    numbers = oracle.random_numbers(student.input_code, 5)
    X = oracle.labelled_table(student.input_code, numbers)
    assert_array_equal(loaded.predict_proba(X), student.predict_proba(X))


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

folder = sys.argv[1]
with open(folder + "/rows.json") as file:
    X = json.load(file)
student = Student.load(folder + "/student.npz")
np.save(folder + "/out.npy", student.predict_proba(X))
print(*student.predict(X))
student.save(folder + "/again.npz")
"""


def predict_alone(folder, student, X):
    """Return what a process that has NumPy alone makes of a list of rows."""
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
    return np.load(folder / "out.npy"), result.stdout.split()


@pytest.mark.parametrize("kind", ["plain", "encoded"])
def test_student_runs_where_numpy_alone_is_installed(saved, encoded, tmp_path, kind):
    """A process that cannot import anything else of the dependencies."""
    if kind == "plain":
        student, X = saved[0], rows(40, 4).tolist()
    else:
        student = encoded[0]
        numbers = oracle.random_numbers(student.input_code, 40)
        X = oracle.labelled_table(student.input_code, numbers).tolist()
    proba, labels = predict_alone(tmp_path, student, X)
    assert labels == [str(label) for label in student.predict(X)]
    np.testing.assert_allclose(proba, student.predict_proba(X), atol=1e-6)
