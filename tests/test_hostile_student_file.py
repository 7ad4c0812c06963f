"""Files that somebody else wrote: refused, whatever they hold, at a bounded cost."""

import io
import json
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


@pytest.fixture(scope="module")
def encoded(tmp_path_factory):
    """A student of raw tables, of integers, and the bytes of its file."""
    path = tmp_path_factory.mktemp("encoded") / "student.npz"
    student = make_encoded(weight_dtype="int8")
    student.save(path)
    return student, path.read_bytes()


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
    """Change fields of the description of the code."""

    def change(text):
        description = json.loads(text)
        description["input_code"] |= changes
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
        (described(version=2), "version 2 is not known, only 3"),
        (described(version=4), "version 4 is not known"),
        (described(weight_dtype="int4"), "weight_dtype is 'int4'"),
        (described(weight_dtype=["int8"]), "weight_dtype is"),
        (described(weight_dtype="int8"), "does not hold int8|bytes, over"),
        (described(weight_dtype="float16"), "bytes, over|does not hold float16"),
        (described(input_code=[]), "input_code is"),
        (described(input_code={}), "linear of the input code is None"),
        (dropped("weight_dtype"), "weight_dtype"),
        (dropped("input_code"), "input_code"),
        (dropped("activation"), "activation"),
        (described(activation="exec"), "activation='exec' is not one of"),
        (described(activation=["relu"]), "is not a student file"),
        (described(layer_units=[4, 5]), "intercepts.npy has .* bytes, over"),
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
        (described(classes_dtype="<U4194304"), "are not known"),
        (described(classes_dtype="int64"), "is not a student file"),
        (described(classes_dtype="bool"), "not of type"),
        (described(classes_dtype=None), "of type None"),
        ({"student.json": lambda _: None}, "no item named .student.json."),
        ({"student.json": lambda _: b"[1]"}, "does not name the format"),
        ({"student.json": lambda _: b"{"}, "is not a student file"),
        ({"student.json": lambda _: b"[" * 100_000}, "is not a student file"),
        ({"coefs_1.npy": lambda _: None}, "no item named .coefs_1.npy."),
        ({"more.npy": lambda _: b""}, "it holds 5 members, not 4"),
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
        (in_array("code_linear", (3, 0), 0.0), "scale needs to be 1e-37 or more"),
        (in_array("code_linear", (0, 0), np.inf), "low needs to be finite"),
        (in_array("code_linear", (1, 0), -100.0), "low needs to be at most high"),
        (in_array("scales", 0, np.nan), "scales.npy holds a scale that is not"),
        (in_array("scales", 0, 0.0), "scales.npy holds a scale that is not"),
        (in_array("scales", -1, -1.0), "scales.npy holds a scale that is not"),
        (in_array("scales", 0, np.inf), "coefs holds a value that is not finite"),
        (in_array("scales", -1, np.inf), "knot_table holds a value that is not finite"),
        (in_array("intercepts", 0, np.nan), "intercepts holds a value that is not fin"),
        ({"code_linear.npy": lambda _: None}, "no item named .code_linear.npy."),
        ({"code_more.npy": lambda _: b""}, r"it holds \d+ members, not \d+"),
        ({"knot_table.npy": lambda _: None}, "no item named .knot_table.npy."),
        ({"scales.npy": lambda _: None}, "no item named .scales.npy."),
        ({"knot_table.npy": lambda a: a[:-1]}, "does not hold int8 of shape"),
        ({"knot_table.npy": lambda a: a + b"x"}, "bytes, over"),
        (
            {"coefs_0.npy": lambda _: array_file(np.ones((2, 7), "<f4"))},
            "does not hold|bytes, over",
        ),
        (
            {"code_linear.npy": lambda _: array_file(np.zeros((4, 1), "<f8"))},
            r"code_linear.npy does not hold float32 of shape \(4, 2\)",
        ),
        (code_described(n_features=3), "numbers from 0 to n_features - 1 = 2"),
        (code_described(n_features=6.0), "n_features is 6.0"),
        (code_described(n_features=True), "n_features is True"),
        (code_described(levels=[]), "levels has 0 parts for 1 categorical features"),
        (code_described(levels="text"), "levels is 'text'"),
        (code_described(levels=[[None] * 4]), "levels of feature .* hold None"),
        (code_described(levels=[["a", "a", "b", "c"]]), "need to differ"),
        (code_described(levels=[["a"] * 3]), "differ|does not hold"),
        (code_described(levels=[["a", "b", "c"]]), "does not hold|bytes, over"),
        (code_described(more=1), "description needs to be a dict of n_features"),
        (code_described(n_features=2**40), "n_features is 1099511627776"),
        (code_described(linear=[3, 6]), "numbers from 0 to n_features - 1 = 5"),
        (code_described(linear=[3, -1]), "linear of the input code is"),
        (code_described(linear=[3, 3]), "each feature once at most"),
        (code_described(linear=[3, [2]]), "linear of the input code is"),
        (code_described(linear=[3]), r"does not hold float32 of shape \(4, 1\)|over"),
        (code_described(linear=3), "linear of the input code is 3"),
        (code_described(linear=[3, 2.0]), r"linear of the input code is \[3, 2.0\]"),
        (code_described(knotted=[5, True]), "knotted of the input code is"),
        (code_described(categorical=None), "categorical of the input code is None"),
        (code_described(knot_counts=[5, 10]), r"float32 of shape \(15,\)"),
        (code_described(knot_counts=[15, -1]), "knot_counts of the input code is"),
        (code_described(knot_counts=[2, 12]), "need to be 3 or more"),
        (code_described(knot_counts=[4, 2**40]), "knot_counts of the input code is"),
        (code_described(knot_counts=[4, 2**24]), "code_knots.npy does not hold"),
        (code_described(knot_counts=[4, 5, 5]), "knots has 3 parts for 2 knotted"),
        (described(input_code=None), "bytes, over"),
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
