"""Files that somebody else wrote. Bad ones are refused at a bounded cost."""

import io
import json
import re
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skdistill import Student
from skdistill.student.input_code import InputCode
from skdistill.student.text.stream import StreamWriter
from skdistill.student.text.student_text import StudentText
from skdistill.student.text.text_scores import TextScores
from skdistill.student.text.vectorizer import TextVectorizer
from tests import oracle
from tests.student.test_kept_columns import make_pruned, pruned_rows
from tests.student.test_student import make_encoded, make_student, rows

DATA = Path(__file__).parent.parent / "data" / "students_of_texts"
PACKED = DATA.with_name("students_of_texts_version_6")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A student, its file, and the bytes of the file."""
    path = tmp_path_factory.mktemp("student") / "student.npz"
    student = make_student((4, 5, 3), "tanh", ["a", "b", "c"])
    student.save(path)
    return student, path, path.read_bytes()


@pytest.fixture(scope="module")
def encoded(tmp_path_factory):
    """A student of raw tables with weights of 8 bits, and the bytes of its file."""
    path = tmp_path_factory.mktemp("encoded") / "student.npz"
    student = make_encoded(weight_dtype="int8")
    student.save(path)
    return student, path.read_bytes()


# The bound on memory that docs/student_file.md states.
BYTES_A_BYTE, BYTES_BESIDE = 64, 2**24


def load(content, folder):
    """Load a file. Return the student, or None if the file is refused properly.

    The test fails if an error is not a ValueError, or if memory exceeds the bound.
    """
    return load_or_message(content, folder)[0]


def load_or_message(content, folder):
    """As `load`, with the message of the refusal, or None."""
    path = folder / "student.npz"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        student, message = Student.load(path), None
    except ValueError as error:
        student, message = None, str(error)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak <= BYTES_A_BYTE * len(content) + BYTES_BESIDE
    if student is None:
        assert message.startswith(f"{path} is not a student file: ")
    return student, message


@pytest.fixture(scope="module")
def of_texts():
    """A student of texts, the bytes of its file, and texts."""
    path = DATA / "words_and_parts_int8.npz"
    return Student.load(path), path.read_bytes(), ["Not a good film", "bad", "café", ""]


@pytest.fixture(scope="module")
def pruned(tmp_path_factory):
    """A student of some columns of sparse rows, the bytes of its file, and rows."""
    path = tmp_path_factory.mktemp("pruned") / "student.npz"
    student = make_pruned()
    student.save(path)
    return student, path.read_bytes(), pruned_rows()[:5]


@pytest.fixture(scope="module")
def packed():
    """The same student, in one deflated member."""
    path = PACKED / "words_and_parts_int8.npz"
    return Student.load(path), path.read_bytes(), ["Not a good film", "bad", "café", ""]


@pytest.fixture(
    scope="module", params=["plain", "encoded", "texts", "packed", "pruned"]
)
def original(request, saved, encoded, of_texts, packed, pruned):
    """A student, the bytes of its file, and rows."""
    if request.param == "plain":
        return saved[0], saved[2], rows(5, 4)
    if request.param != "encoded":
        others = {"texts": of_texts, "packed": packed, "pruned": pruned}
        return others[request.param]
    student, content = encoded
    numbers = oracle.random_numbers(student.input_code, 5)
    return student, content, oracle.labelled_table(student.input_code, numbers)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


def assert_refused_or_the_same(content, original, folder):
    student, _, X = original
    loaded = load(content, folder)
    if loaded is not None:
        assert_array_equal(loaded.predict_proba(X), student.predict_proba(X))
        assert_array_equal(loaded.predict(X), student.predict(X))


@settings(max_examples=100)
@given(data=st.data())
def test_truncated_file(original, folder, data):
    content = original[1]
    size = data.draw(st.integers(0, len(content) - 1))
    assert load(content[:size], folder) is None


@settings(max_examples=200)
@given(data=st.data())
def test_altered_file_is_refused_or_the_same_student(original, folder, data):
    """A changed byte never gives another student. It is found or has no effect."""
    altered = bytearray(original[1])
    position = data.draw(st.integers(0, len(altered) - 1))
    altered[position] = data.draw(st.integers(0, 255))
    assert_refused_or_the_same(altered, original, folder)


@settings(max_examples=100)
@given(data=st.data())
def test_spliced_file_is_refused_or_the_same_student(original, folder, data):
    """Bytes are replaced by any number of others, from the file or random."""
    content = original[1]
    places = st.integers(0, len(content))
    start, stop, first, last = (data.draw(places) for _ in range(4))
    new = data.draw(st.binary(max_size=30) | st.just(content[first:last]))
    altered = content[:start] + new + content[max(start, stop) :]
    assert_refused_or_the_same(altered, original, folder)


# For each kind of record in an archive: its signature, and the places and formats
# of its numbers.
RECORDS = {
    b"PK\x03\x04": {
        4: "H",
        6: "H",
        8: "H",
        14: "I",
        18: "I",
        22: "I",
        26: "H",
        28: "H",
    },
    b"PK\x01\x02": {6: "H", 8: "H", 10: "H", 16: "I", 20: "I", 24: "I", 28: "H"}
    | {30: "H", 32: "H", 34: "H", 42: "I"},
    b"PK\x05\x06": {4: "H", 6: "H", 8: "H", 10: "H", 12: "I", 16: "I", 20: "H"},
}


@settings(max_examples=200)
@given(data=st.data())
def test_false_sizes_and_places_in_the_archive(original, folder, data):
    """Some numbers of records are false: sizes, places, flags or checksums."""
    content = bytearray(original[1])
    for _ in range(data.draw(st.integers(1, 3))):
        signature = data.draw(st.sampled_from(list(RECORDS)))
        starts = [i for i in range(len(content)) if content.startswith(signature, i)]
        place, form = data.draw(st.sampled_from(list(RECORDS[signature].items())))
        place += data.draw(st.sampled_from(starts))
        largest = 2 ** (8 * struct.calcsize(form)) - 1
        numbers = st.sampled_from([0, 1, 8, 45, largest, largest - 1])
        number = data.draw(numbers | st.integers(0, min(largest, len(content))))
        struct.pack_into(f"<{form}", content, place, number)
    assert_refused_or_the_same(content, original, folder)


def values_of(description):
    """Yield each list or dict in parsed JSON with each index or key in it."""
    places = description.items() if isinstance(description, dict) else None
    for place, value in places or enumerate(description):
        yield description, place
        if isinstance(value, dict | list):
            yield from values_of(value)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**24, 2**31, 2**63, 2**64, -1, 10**19, 10**300])
    | st.floats()
    | st.text(st.characters(), max_size=5)
    | st.sampled_from(["relu", "str", "object", "float16", "int8", "\ud800", "\0"]),
    lambda values: (
        st.lists(values, max_size=4)
        | st.dictionaries(st.text(max_size=3), values, max_size=3)
    ),
    max_leaves=10,
)


@settings(max_examples=200)
@given(data=st.data())
def test_any_value_of_the_description_is_changed(original, folder, data):
    """The file is refused, or its student predicts or refuses the rows."""

    def change(text):
        description = json.loads(text)
        places = list(values_of(description))
        container, place = data.draw(st.sampled_from(places))
        if data.draw(st.booleans()):
            container[place] = data.draw(JSON_VALUES)
        else:
            del container[place]
        return json.dumps(description)

    content = rewritten(original[1], {"student.json": change})
    student = load(content, folder)
    if student is not None:
        try:
            probabilities = student.predict_proba(original[2])
        except ValueError:
            return
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@settings(max_examples=100)
@given(data=st.data())
def test_any_weight_is_changed(original, folder, data):
    """Weights that are not finite are refused. With other weights it predicts."""
    content = original[1]
    names = [name for name in members_of(content) if name.endswith(".npy")]

    def change(member):
        altered = bytearray(member)
        place = data.draw(st.integers(128, max(128, len(member) - 1)))
        altered[place : place + 4] = data.draw(
            st.sampled_from([b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\xff\xff\x7f\x7f"])
            | st.binary(min_size=4, max_size=4)
        )
        return bytes(altered[: len(member)])

    student = load(
        rewritten(content, {data.draw(st.sampled_from(names)): change}), folder
    )
    if student is not None:
        weights = [*student.coefs_, *student.intercepts_]
        weights += [] if student.knot_table_ is None else [student.knot_table_]
        assert all(np.isfinite(values).all() for values in weights)


# Name of the parts behind the description in a packed file.
PARTS = "parts.npy"


def members_of(content):
    """Return the members of a file, or the description and the rest of a packed one."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    if "student.zlib" not in members:
        return members
    parts = zlib.decompress(members["student.zlib"])
    end = 4 + int.from_bytes(parts[:4], "little")
    return {"student.json": parts[4:end], PARTS: parts[end:]}


def rewritten(content, changes, compression=zipfile.ZIP_STORED):
    """Write an archive anew with some members changed, added or left out."""
    members = members_of(content)
    is_packed = PARTS in members
    for name, change in changes.items():
        members[name] = change(members.get(name))
    if is_packed:
        text = members["student.json"]
        text = text.encode() if isinstance(text, str) else text
        parts = len(text).to_bytes(4, "little") + text + members[PARTS]
        members = {"student.zlib": zlib.compress(parts)}
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
        (described(version=2), "version 2 is not known, only 4 and 5"),
        (described(version=6), "version 6 is not known"),
        (described(version=5.0), "version 5.0 is not known"),
        (described(version=True), "version True is not known"),
        (described(offsets=[]), r"offsets has shape \(0,\)"),
        (described(offsets=[0]), r"offsets has shape \(1,\)"),
        (described(offsets=[0] * 99), r"offsets has shape \(99,\)"),
        (
            described(vectorizer={}),
            "section 'vectorizer', which is not known, only fea",
        ),
        (described(feature_names="abcd"), "feature_names is 'abcd': not a list of tex"),
        (described(feature_names=["a", "b", "c", 4]), "not a list of texts"),
        (described(feature_names=["a", "b", "c"]), "holds 3 names, and the student"),
        (described(feature_names=["a", "b", "c", "a"]), "a name twice: 'a'"),
        (described(offsets=[0.0, 1.0]), r"offsets has shape \(2,\)"),
        (described(offsets=[0, True, 0, 0]), "offsets is .*: not a list of numbers"),
        (described(offsets=[0, 1e38, 0, 0]), "offsets needs to be finite, at most 8"),
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
        (described(classes=["a", "b"]), "3 outputs, and needs 1 for 2 classes"),
        (described(layer_units=[4, 6, 3]), r"does not hold float32 of shape \(4, 6\)"),
        (described(layer_units=[4, -5, 3]), "not a list of 2 to 1000 whole numbers"),
        (described(layer_units=[4] * 5000), "not a list of 2 to 1000 whole numbers"),
        (
            described(layer_units=[10**9, 10**9]),
            "not a list of 2 to 1000 whole numbers",
        ),
        (described(layer_units="453"), "not a list of 2 to 1000 whole numbers"),
        (described(layer_units=[True, 5, 3]), "not a list of 2 to 1000 whole numbers"),
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
        (code_described(levels=[]), "levels has 0 lists for 1 categorical features"),
        (code_described(levels="text"), "levels is 'text'"),
        (code_described(levels=[[None] * 4]), "levels of feature .* hold None"),
        (code_described(levels=[["a", "a", "b", "c"]]), "need to differ"),
        (code_described(levels=[["a"] * 3]), "differ|does not hold"),
        (code_described(levels=[["a", "b", "c"]]), "does not hold|bytes, over"),
        (code_described(more=1), "description needs to be a dict of n_features"),
        (code_described(n_features=2**40), "n_features is 1099511627776"),
        (code_described(linear=[3, 6]), "numbers from 0 to n_features - 1 = 5"),
        (code_described(linear=[3, -1]), "linear of the input code is"),
        (code_described(linear=[3, 3]), "each feature at most once"),
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
        (code_described(knot_counts=[4, 5, 5]), "knots has 3 arrays for 2 knotted"),
        (described(input_code=None), "bytes, over"),
        (described(layer_units=[3, 7, 3]), r"does not hold int8 of shape \(3, 7\)"),
        (described(layer_units=[2, 2**17, 3]), "does not hold"),
        (
            described(layer_units=[2, 2**24, 3]),
            "layer_units is .* not a list of 2 to 1000 whole numbers",
        ),
        (described(weight_dtype="float32"), "does not hold float32"),
    ],
)
def test_hostile_code(encoded, tmp_path, changes, words):
    path = tmp_path / "student.npz"
    path.write_bytes(rewritten(encoded[1], changes))
    with pytest.raises(ValueError, match=words) as caught:
        Student.load(path)
    assert str(caught.value).startswith(f"{path} is not a student file: ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (described(version=5), "version 5 is not known, only 6"),
        (described(text=None), "version 6 is that of students of texts alone"),
        (dropped("text"), "version 6 is that of students of texts alone"),
        (described(layer_units=[10**6, 1]), "layer_units is"),
        (described(layer_units=[2**17, 1]), "coefs_0 has 131072 bytes, over"),
        (described(layer_units=[2, 2**17, 1]), "coefs_0 has 262144 bytes, over"),
        (described(classes=["x" * 2**17]), r"student.json has \d+ bytes, over"),
        ({PARTS: lambda parts: parts[:-1]}, "student.zlib ends early"),
        ({PARTS: lambda parts: parts + b"x"}, "student.zlib holds 1 bytes too many"),
        ({PARTS: lambda _: b""}, "student.zlib ends early"),
    ],
)
def test_hostile_parts(packed, folder, changes, words):
    content = rewritten(packed[1], changes)
    assert load(content, folder) is None
    with pytest.raises(ValueError, match=words):
        Student.load(write(folder, content))


def test_a_packed_file_has_one_member(packed, folder):
    for name in ("student.json", "coefs_0.npy"):
        buffer = io.BytesIO(packed[1])
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr(name, b"{}")
        with pytest.raises(ValueError, match="holds 2 members, not 1, and does not"):
            Student.load(write(folder, buffer.getvalue()))


@pytest.mark.parametrize(("n_random", "is_loaded"), [(170_000, True), (150_000, False)])
def test_weights_that_inflate_far_take_little_memory(
    packed, folder, n_random, is_loaded
):
    """Most weights are zero. The bound of a file of this size is at 164,000."""
    columns, units = 2**17, 3
    vectorizer = json.loads(members_of(packed[1])["student.json"])["text"]
    vectorizer = vectorizer["vectorizers"][0] | {
        "n_terms": None,
        "n_stop_words": 0,
        "idf": None,
        "idf_rows": None,
        "n_buckets": columns,
    }
    changes = described(
        text={"columns": None, "vectorizers": [vectorizer], "tfidf": None},
        layer_units=[columns, units],
        classes=["a", "b", "c"],
    )
    weights = np.zeros(columns * units, dtype=np.int8)
    weights[:n_random] = np.random.default_rng(0).integers(-127, 128, n_random)
    scales_and_biases = np.ones(2 * units, "<f4")
    parts = weights.tobytes() + scales_and_biases.tobytes()
    content = rewritten(packed[1], {**changes, PARTS: lambda _: parts})
    student = load(content, folder)
    assert (student is not None) == is_loaded
    if is_loaded:
        assert_array_equal(student.coefs_[0].ravel(), weights)


def terms_that_share(text, n_terms):
    """Return a stream of terms: a text, and each with two bytes of its own after it."""
    common, ends = text.encode(), np.arange(n_terms)
    stream = StreamWriter()
    stream.numbers(np.minimum(ends, 1) * len(common), 2)
    stream.numbers(np.where(ends == 0, len(common) + 2, 2), 2)
    stream.raw(common)
    stream.raw(b"".join(b"%c%c" % (48 + n // 75, 48 + n % 75) for n in ends))
    return stream


@pytest.mark.parametrize("text", ["a" * 990, "a" * 990 + "\U0001f600"])
def test_terms_of_many_vectorizers_take_little_memory(packed, folder, text):
    """Each vectorizer has a megabyte of terms, in the width of their greatest letter.

    All of them together took 140 MiB, and 540 MiB with a letter of four bytes. The file
    has some kilobytes.
    """
    n_vectorizers, n_terms = 140, 1000
    vectorizer = json.loads(members_of(packed[1])["student.json"])["text"]
    vectorizer = vectorizer["vectorizers"][0] | {
        "n_terms": n_terms,
        "n_stop_words": 0,
        "idf": None,
        "idf_rows": None,
    }
    changes = described(
        text={
            "columns": None,
            "vectorizers": n_vectorizers * [vectorizer],
            "tfidf": None,
        }
    )
    stream = StreamWriter()
    for _ in range(n_vectorizers):
        stream.append(terms_that_share(text, n_terms))
    parts = zlib.decompress(stream.deflated())
    content = rewritten(packed[1], {**changes, PARTS: lambda _: parts})
    assert len(content) < 20_000
    student, message = load_or_message(content, folder)
    assert student is None
    assert "its terms take more than" in message


@pytest.mark.parametrize("n_shared", [0, 1, 300, 60_000])
def test_counts_of_many_terms_take_little_memory(packed, folder, n_shared):
    """As many terms as a vectorizer may have, which share a text or are empty."""
    n_terms = 2**17
    vectorizer = json.loads(members_of(packed[1])["student.json"])["text"]
    vectorizer = vectorizer["vectorizers"][0] | {"n_terms": n_terms}
    changes = described(
        text={"columns": None, "vectorizers": [vectorizer], "tfidf": None}
    )
    stream = StreamWriter()
    for counts in ([0, *[n_shared] * (n_terms - 1)], [n_shared, *[0] * (n_terms - 1)]):
        stream.numbers(np.array(counts), 2)
    stream.raw(b"a" * n_shared)
    parts = zlib.decompress(stream.deflated())
    content = rewritten(packed[1], {**changes, PARTS: lambda _: parts})
    assert load_or_message(content, folder)[0] is None


def test_streams_of_many_columns_inflate_to_little(folder, tmp_path):
    """Each text column has a stream of its own, and the file bounds them all."""
    text = StudentText([TextVectorizer(terms=("good", "bad"))])
    n_columns = 40
    code = InputCode(
        n_columns,
        **dict.fromkeys(("low", "high", "mean", "scale"), np.ones(n_columns)),
        linear=range(n_columns, 2 * n_columns),
        knotted=[],
        knots=[],
        categorical=[],
        levels=[],
        texts=[
            TextScores(n, text, np.ones((2, 1)), np.zeros(1)) for n in range(n_columns)
        ],
    )
    weights = [np.ones((n_columns, 1))], [np.zeros(1)]
    table = np.zeros((0, 1))
    Student(*weights, "relu", ["a", "b"], code, table).save(tmp_path / "s.npz")
    content = (tmp_path / "s.npz").read_bytes()
    assert load(content, folder) is not None

    def longer(stream):
        return zlib.compress(zlib.decompress(stream) + bytes(1_000_000))

    changes = dict.fromkeys((f"text_{n}.zlib" for n in range(n_columns)), longer)
    student, message = load_or_message(rewritten(content, changes), folder)
    assert student is None
    assert re.search(r"text_1\.zlib ends early, or has over \d+ bytes", message)


def test_compressed_members_are_refused(saved, tmp_path):
    path = tmp_path / "student.npz"
    path.write_bytes(rewritten(saved[2], {}, zipfile.ZIP_DEFLATED))
    with pytest.raises(ValueError, match="student.json is compressed"):
        Student.load(path)


def text_alone(text):
    """Return an archive that holds a description alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("student.json", text)
    return buffer.getvalue()


LONGEST = 2**22 - 100


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" + "[]," * (LONGEST // 3) + "1]", "does not name the format"),
        ("[" + "{}," * (LONGEST // 3) + "1]", "does not name the format"),
        ('["\U0001f600' + "a" * (LONGEST - 10) + '"]', "does not name the format"),
        ("[" * LONGEST, "recursion depth"),
        ('{"a":' * (LONGEST // 5), "recursion depth"),
        (" " * 2**22 + "1", "bytes, over"),
        ("1" * 100_000, "holds the integer 1111.*too long"),
        ("-" + "1" * 100_000, "holds the integer -111.*too long"),
        ("1." + "1" * 100_000, "does not name the format"),
        ("[1e999999]", "does not name the format"),
        ("[NaN]", "holds NaN"),
        ("[-Infinity]", "holds -Infinity"),
        ('{"a": 1, "a": 2}', "holds a name twice"),
        ('[{"b": {"a": 1, "a": 1}}]', "holds a name twice"),
        ('["\\ud800"]', "surrogates not allowed"),
        ('{"\\udfff": 1}', "surrogates not allowed"),
        (b'["\xed\xa0\x80"]', "can't decode"),
        (b"\xff\xfe[\x001\x00]\x00", "can't decode"),
        ("\ufeff[]", "BOM"),
        ("[1] [2]", "Extra data"),
        ("[1, 2,]", "is not a student file"),
        ("['a']", "is not a student file"),
        ("", "is not a student file"),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, str | bytes) else None,
)
def test_hostile_text(folder, text, words):
    student, message = load_or_message(text_alone(text), folder)
    assert student is None
    assert re.search(words, message)


def write(folder, content):
    path = folder / "student.npz"
    path.write_bytes(content)
    return path


def test_integers_that_share_a_hash_are_refused_in_time(encoded, tmp_path):
    """A set of n such integers takes time that grows as n squared: hours here."""
    levels = [k * sys.hash_info.modulus for k in range(1, 150_000)]
    content = rewritten(encoded[1], code_described(levels=[levels]))
    with pytest.raises(ValueError, match="holds the integer .* too long"):
        Student.load(write(tmp_path, content))


def test_many_labels_beside_a_long_one_are_refused(saved, folder):
    labels = ["x" * 2**20, *(str(i) for i in range(10_000))]
    content = rewritten(saved[2], described(classes=labels))
    assert load(content, folder) is None
    with pytest.raises(ValueError, match="10001 labels of up to 1048576 characters"):
        Student.load(write(folder, content))


def nested(members):
    """Return an archive in which each member contains the one before.

    The checksums are right. A member is given by its name, by the bytes that stand
    before the member in it, and by its size.
    """
    content, entries = b"", []
    for name, before, size in members:
        member = (before + content).ljust(size, b"\1")
        sizes = (zipfile.crc32(member), size, size, len(name))
        local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, *[0] * 4, *sizes, 0)
        local += name.encode()
        shift = len(local + before)
        entries = [(n, s, place + shift) for n, s, place in entries]
        entries.append((name, sizes, 0))
        content = local + member
    records = b""
    for name, sizes, place in entries:
        records += struct.pack("<IHHHHHHIIIHH", 0x02014B50, 20, 20, *[0] * 4, *sizes, 0)
        records += struct.pack("<HHHII", 0, 0, 0, 0, place) + name.encode()
    numbers = (len(entries), len(entries), len(records), len(content))
    return content + records + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, *numbers, 0)


def array_header(shape, kind):
    buffer = io.BytesIO()
    description = {"descr": kind, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, description)
    return buffer.getvalue()


def test_members_that_overlap_are_refused(folder):
    """A file of 1.5 MiB would give 200 layers of 1 MiB or more each."""
    units = [1024 + i for i in range(201)]
    description = {
        "format": "skdistill student",
        "version": 5,
        "layer_units": units,
        "weight_dtype": "int8",
        "input_code": None,
    }
    text = json.dumps(description).encode()
    members = [("student.json", text, len(text))]
    for layer, shape in enumerate(pairwise(units)):
        header = array_header(shape, "|i1")
        size = len(header) + shape[0] * shape[1]
        members.append((f"coefs_{layer}.npy", header, size))
    content = nested(members)
    assert len(content) < 1.5 * 2**20
    assert load(content, folder) is None
    # Newer releases of Python find the overlap themselves.
    with pytest.raises(ValueError, match="members overlap|Overlapped entries"):
        Student.load(write(folder, content))


def test_paths_and_names_in_the_archive(saved, encoded, folder):
    for name in ("../coefs_0.npy", "/coefs_0.npy", "C:coefs_0.npy", "coefs_0.npy/"):
        renamed = {"coefs_0.npy": lambda _: None, name: lambda _: b""}
        assert load(rewritten(saved[2], renamed), folder) is None
        assert load(rewritten(saved[2], {name: lambda _: b""}), folder) is None
    assert list(folder.iterdir()) == [folder / "student.npz"]
    # Python reads a name up to its first NUL, which can make two names equal.
    cut = encoded[1].replace(b"intercepts.npy", b"scales.npy\0abc")
    with pytest.raises(ValueError, match=r"scales.npy is named 'scales.npy\\x00abc'"):
        Student.load(write(folder, cut))
    twice = encoded[1].replace(b"intercepts.npy", b"knot_table.npy")
    assert load(twice, folder) is None


SECONDS = 60

TIMED = """
import resource, sys
from skdistill import Student
resource.setrlimit(resource.RLIMIT_CPU, (%d, %d))
try:
    Student.load(sys.argv[1])
except ValueError as error:
    print("refused")
else:
    print("loaded")
"""


@pytest.mark.parametrize("kind", ["columns", "members", "numbers"])
def test_time_grows_with_the_bytes_alone(kind, tmp_path):
    """Of all files of 4 MiB that were tried, these take the longest."""
    path = tmp_path / "student.npz"
    if kind == "columns":
        knots = [[0.0, 1.0, 2.0]] * 90_000
        lists = ("linear", "low", "high", "mean", "scale", "categorical", "levels")
        code = InputCode(
            len(knots),
            knotted=range(len(knots)),
            knots=knots,
            **{name: [] for name in lists},
        )
        table = np.ones((code.n_rows, 1))
        Student([np.ones((0, 1))], [[0]], "relu", [0, 1], code, table, "int8").save(
            path
        )
    elif kind == "members":
        with zipfile.ZipFile(path, "w") as archive:
            for i in range(40_000):
                archive.writestr(str(i), "")
    else:
        path.write_bytes(text_alone("[" + "0.5," * (LONGEST // 4) + "1]"))
    result = subprocess.run(
        [sys.executable, "-c", TIMED % (SECONDS, SECONDS), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == ("loaded\n" if kind == "columns" else "refused\n")
