"""docs/student_file.md is enough to read a student file in any language."""

import io
import json
import math
import re
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer

from skdistill import DistilledClassifier, Student
from skdistill.export.quantize import quantize
from skdistill.student import file as student_file
from skdistill.student import labels
from skdistill.student.text.sklearn_steps import text_of
from tests import oracle
from tests.student.plain_reader import PlainStudent
from tests.student.tasks import OUTPUTS, answers_of, rows_of, student_of
from tests.student.test_kept_columns import make_pruned, pruned_rows
from tests.student.test_student import make_encoded, make_student, rows

PAGE = Path(__file__).parents[2] / "docs" / "student_file.md"
DTYPES = st.sampled_from(["int8", "float16", "float32"])
ACTIVATIONS = st.sampled_from(["relu", "tanh", "logistic", "silu"])


def assert_reads_alike(student, X, path):
    student.save(path)
    plain = PlainStudent(path)
    expected = student.predict_proba(X)
    probabilities = np.array(plain.predict_proba(X.tolist()))
    np.testing.assert_allclose(probabilities, expected, atol=1e-5, rtol=0)
    sorted_proba = np.sort(expected, axis=1)
    clear = sorted_proba[:, -1] - sorted_proba[:, -2] > 1e-4
    labels = np.array(plain.predict(X.tolist()), dtype=student.classes_.dtype)
    assert clear.any()
    np.testing.assert_array_equal(labels[clear], student.predict(X)[clear])


@settings(max_examples=40)
@given(
    st.sampled_from([(3, 1), (4, 5, 3), (2, 7, 4, 1), (5, 6, 6, 4)]),
    ACTIVATIONS,
    DTYPES,
)
def test_numbers(tmp_path_factory, units, activation, dtype):
    classes = [f"class {i}" for i in range(max(2, units[-1]))]
    student = quantize(make_student(units, activation, classes), dtype).student
    path = tmp_path_factory.mktemp("plain") / "student.npz"
    assert_reads_alike(student, rows(20, units[0]), path)


@settings(max_examples=40)
@given(
    st.sampled_from([(1,), (3,), (7, 1), (6, 5, 3)]),
    st.integers(0, 3),
    st.lists(st.integers(2, 12), max_size=3),
    st.lists(st.integers(1, 6), max_size=3),
    ACTIVATIONS,
    DTYPES,
)
def test_raw_rows(tmp_path_factory, units, n_linear, bins, levels, activation, dtype):
    student = make_encoded(
        units, n_linear, bins, levels, activation, weight_dtype=dtype
    )
    numbers = oracle.random_numbers(student.input_code, 20)
    X = oracle.labelled_table(student.input_code, numbers)
    path = tmp_path_factory.mktemp("encoded") / "student.npz"
    assert_reads_alike(student, X, path)


@pytest.mark.parametrize("name", OUTPUTS)
def test_tasks(name, tmp_path):
    student = student_of(OUTPUTS[name], weight_dtype="float16")
    student.save(tmp_path / "s")
    plain, text = PlainStudent(tmp_path / "s"), PAGE.read_text()
    X, _ = rows_of(student, 20)
    expected = answers_of(student, X)
    answers = np.array([plain.answers(row) for row in X.tolist()])
    assert answers.shape == expected.shape
    deviation = getattr(student.output, "scale", 1.0)
    np.testing.assert_array_less(abs(answers - expected) / deviation, 1e-5)
    for field in [*plain.description, *plain.task]:
        assert f"`{field}`" in text
    assert f'`"{plain.task["kind"]}"`' in text


@pytest.mark.parametrize("hidden", [(), (3,)])
@pytest.mark.parametrize("dtype", ["int8", "float16", "float32"])
def test_kept_columns(tmp_path, hidden, dtype):
    student = make_pruned(hidden, dtype)
    assert_reads_alike(student, pruned_rows(), tmp_path / "s")
    plain, text = PlainStudent(tmp_path / "s"), PAGE.read_text()
    section = plain.description["kept_columns"]
    for name in [*plain.members, *plain.description, *section]:
        assert f"`{name}`" in text


def test_a_student_of_a_table(tmp_path):
    """Its cells are text, truth values, whole numbers as labels, gaps, or unseen."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "town": pd.Categorical(rng.choice(["Rome", "Oslo", "Bonn"], 400)),
            "age": rng.normal(40, 12, 400),
            "floor": pd.Categorical(rng.integers(0, 4, 400)),
            "member": pd.Categorical(rng.random(400) < 0.5),
        }
    )
    y = np.where((table["age"] > 40) == (table["town"] == "Rome"), "yes", "no")
    table.loc[::7, "age"] = np.nan
    table.loc[::5, "town"] = None
    teacher = HistGradientBoostingClassifier(categorical_features="from_dtype")
    student = DistilledClassifier(teacher, random_state=0).fit(table, y).student_
    X = table.iloc[:40].astype(object)
    X = X.where(X.notna(), None).to_numpy(dtype=object)
    unseen = [["Lima", -1e6, 9, True], ["rome", 1e6, 1.0, 1], [None, 40.0, True, None]]
    assert_reads_alike(student, np.array([*X, *unseen], dtype=object), tmp_path / "s")


def test_the_page_states_the_limits_of_the_reader():
    text = PAGE.read_text()
    superscripts = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    for name in ("LONGEST_FILE", "LONGEST_JSON", "MOST_UNITS", "MOST_VALUES"):
        power = getattr(student_file, f"_{name}").bit_length() - 1
        assert f"2{str(power).translate(superscripts)}" in text
    assert labels._MOST_CHARACTERS == 2**20
    assert f"{student_file._MOST_LAYERS:,} |" in text
    assert f"{student_file._LONGEST_INTEGER} characters" in text
    former, packed = student_file._VERSION, student_file._PACKED_VERSION
    assert re.search(rf"`version` \| `{former}`, or `{packed}` in packed parts", text)


@pytest.mark.parametrize("weight_dtype", ["int8", "float32"])
def test_the_page_names_all_members_and_fields(tmp_path, weight_dtype):
    make_encoded(weight_dtype=weight_dtype).save(tmp_path / "student.npz")
    plain = PlainStudent(tmp_path / "student.npz")
    text = PAGE.read_text()
    for name in [*plain.members, *plain.description, *plain.code]:
        assert f"`{name}`" in text


def test_packed_parts(tmp_path):
    """All parts of a student of texts are where the page says."""
    texts = ["a café", "the bar in a café", "bars", "barns and a bar"] * 2
    vectorizer = TfidfVectorizer(stop_words=["a"]).fit(texts)
    weights = np.arange(-3, 4)[:, np.newaxis] / 7
    assert len(vectorizer.vocabulary_) == len(weights)
    text = text_of([vectorizer])
    student = Student(
        [weights], [[0.5]], "relu", ["no", "yes"], None, None, "int8", text=text
    )
    student.save(tmp_path / "student.npz")
    with zipfile.ZipFile(tmp_path / "student.npz") as archive:
        assert archive.namelist() == ["student.zlib"]
        parts = io.BytesIO(zlib.decompress(archive.read("student.zlib")))
    (n_bytes,) = struct.unpack("<I", parts.read(4))
    description = json.loads(parts.read(n_bytes))
    assert description["version"] == 6
    (block,) = description["text"]["vectorizers"]

    def numbers(n_values, n_bytes):
        planes = [parts.read(n_values) for _ in range(n_bytes)]
        return [
            int.from_bytes(bytes(number), "little")
            for number in zip(*planes, strict=True)
        ]

    def terms(n_terms):
        shared, lengths, term = numbers(n_terms, 2), numbers(n_terms, 2), b""
        for n_shared, length in zip(shared, lengths, strict=True):
            term = term[:n_shared] + parts.read(length)
            yield term.decode()

    assert [*terms(block["n_terms"])] == [*vectorizer.get_feature_names_out()]
    assert [*terms(block["n_stop_words"])] == ["a"]
    counts = numbers(block["n_terms"], 4)
    assert block["idf"] == "counts"
    idf = [math.log(block["idf_rows"] / count) + 1 for count in counts]
    np.testing.assert_allclose(idf, vectorizer.idf_, rtol=1e-15)
    n_inputs, n_outputs = description["layer_units"]
    assert n_outputs == 1
    values = struct.unpack(f"{n_inputs}b", parts.read(n_inputs))
    scale, bias = struct.unpack("<2f", parts.read())
    assert bias == 0.5
    np.testing.assert_array_equal(np.multiply(values, scale), student.coefs_[0][:, 0])
