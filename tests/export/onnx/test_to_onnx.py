import json
import os

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import HistGradientBoostingClassifier

from skdistill import DistilledClassifier, Student
from skdistill.export import to_onnx, verify
from skdistill.student.input_code import InputCode
from tests import oracle
from tests.student.test_student import ACTIVATIONS, make_encoded, make_student, rows

WEIGHT_DTYPES = ["int8", "float16", "float32"]


def run(path, feeds):
    """Return labels and probabilities of ONNX Runtime."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(["label", "probabilities"], feeds)


def column_feeds(X, **types):
    """Return a table of objects as feeds, by the rules that `to_onnx` documents."""
    feeds = {}
    for name, kind in types.items():
        cells = X[:, int(name[1:])].tolist()
        if kind is str:
            cells = ["" if cell is None else cell for cell in cells]
            feeds[name] = np.array(cells, dtype=object)[:, np.newaxis]
        else:
            cells = [np.nan if cell is None else cell for cell in cells]
            feeds[name] = np.array(cells, dtype=kind)[:, np.newaxis]
    return feeds


def types_of(student):
    """Return the type of each input of a student whose levels are text."""
    code = student.input_code
    used = sorted([*code.linear, *code.knotted, *code.categorical])
    return {f"x{j}": str if j in code.categorical else np.float32 for j in used}


def assert_answers(student, found, X):
    """Compare what a model gave with the student."""
    labels, probabilities = found
    expected = student.predict_proba(X)
    assert probabilities.dtype == np.float32
    assert_allclose(probabilities, expected, rtol=0, atol=1e-5)
    part = np.sort(expected, axis=1)
    clear = part[:, -1] - part[:, -2] > 1e-5
    assert_array_equal(labels[clear], student.predict(X)[clear])


@pytest.mark.parametrize("units", [(3, 1), (4, 7, 3), (54, 64, 7), (6, 33, 17, 20)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_plain_students(tmp_path, units, activation):
    student = make_student(units, activation)
    to_onnx(student, tmp_path / "student.onnx")
    for n in (1, 500):
        X = 3 * rows(n, units[0])
        assert_answers(student, run(tmp_path / "student.onnx", {"X": X}), X)


@pytest.mark.parametrize("weight_dtype", WEIGHT_DTYPES)
@pytest.mark.parametrize(
    ("units", "n_linear", "bins", "levels"),
    [
        ((7, 3), 2, (3, 9), (4,)),
        ((130, 17, 1), 0, (2, 64, 5), (1, 300)),
        ((16, 20), 3, (), (3,)),
        ((12, 4), 0, (), (3, 2, 9)),
        ((1, 1), 0, (2,), ()),
        ((9, 5), 4, (), ()),
        ((33, 16, 16, 2, 3), 20, (4,) * 15, ()),
        ((3,), 2, (3, 9), (4,)),
    ],
)
def test_encoded_students(tmp_path, weight_dtype, units, n_linear, bins, levels):
    student = make_encoded(units, n_linear, bins, levels, weight_dtype=weight_dtype)
    to_onnx(student, tmp_path / "student.onnx")
    for n in (1, 500):
        numbers = oracle.random_numbers(student.input_code, n)
        X = oracle.labelled_table(student.input_code, numbers)
        feeds = column_feeds(X, **types_of(student)) if levels else {"X": numbers}
        assert_answers(student, run(tmp_path / "student.onnx", feeds), X)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_of_encoded_students(tmp_path, activation):
    student = make_encoded((8, 5, 1), activation=activation)
    to_onnx(student, tmp_path / "student.onnx")
    X = oracle.labelled_table(
        student.input_code, oracle.random_numbers(student.input_code, 300)
    )
    feeds = column_feeds(X, **types_of(student))
    assert_answers(student, run(tmp_path / "student.onnx", feeds), X)


def student_of_levels(*levels):
    """A student of a knotted column before columns of levels."""
    code = InputCode(
        1 + len(levels),
        linear=[],
        low=[],
        high=[],
        mean=[],
        scale=[],
        knotted=[0],
        knots=[[0.0, 1.0, 3.0]],
        categorical=np.arange(len(levels)) + 1,
        levels=levels,
    )
    coefs, intercepts = oracle.random_network((0, 6, 4), 0, np.float32)
    table = oracle.RNG(2).normal(size=(code.n_rows, 6))
    return Student(coefs, intercepts, "relu", list("abcd"), code, table)


def crossed(*cells):
    """Return a table where each column runs through its cells."""
    n = max(map(len, cells))
    table = np.empty((n, 1 + len(cells)), dtype=object)
    table[:, 0] = np.linspace(-1, 4, n)
    for j, column in enumerate(cells):
        table[:, j + 1] = [column[i % len(column)] for i in range(n)]
    return table


@pytest.mark.parametrize(
    ("levels", "cells", "dtype"),
    [
        ([3, 1, 2], [3, 1, 2, 7, -1, None], np.float32),
        ([True, False], [True, False, None], np.float32),
        ([0.5, -2.0, 0.0], [0.5, -2.0, 0.0, -0.0, 1.5, None], np.float32),
        ([0.1, 2.5], [0.1, 2.5, 0.2, None], np.float64),
        ([2**30 + 1, 2**30], [2**30 + 1, 2**30, 2**30 + 2, None], np.float64),
        (["né", "\U0001f600", "a b"], ["né", "\U0001f600", "a b", "A B", None], str),
        (["1", "1.0"], ["1", "1.0", "2", None], str),
    ],
    ids=repr,
)
def test_levels_of_a_type(tmp_path, levels, cells, dtype):
    student = student_of_levels(levels)
    to_onnx(student, tmp_path / "student.onnx")
    X = crossed(cells)
    # The column as a category of a frame: numbers stay levels.
    frame = pd.DataFrame({"a": X[:, 0].astype(float), "b": X[:, 1]})
    frame["b"] = pd.Categorical(frame["b"], list(dict.fromkeys(cells[:-1])))
    found = run(tmp_path / "student.onnx", column_feeds(X, x0=np.float32, x1=dtype))
    assert_answers(student, found, frame)
    assert len({tuple(row) for row in found[1][: len(cells)]}) > len(levels)
    assert verify(student, tmp_path / "student.onnx", frame).passed


def test_levels_of_text_and_numbers(tmp_path):
    student = student_of_levels(["a", 1, 2.5])
    to_onnx(student, tmp_path / "student.onnx")
    X = crossed(["a", 1, 2.5, "b", 7, None])
    feeds = column_feeds(X, x0=np.float32, x1=str)
    feeds["x1"] = np.array([["" if c is None else str(c)] for c in X[:, 1]], "O")
    assert_answers(student, run(tmp_path / "student.onnx", feeds), X)
    assert verify(student, tmp_path / "student.onnx", X).passed


def test_where_the_empty_text_is_a_level(tmp_path):
    student = student_of_levels(["", "a"])
    to_onnx(student, tmp_path / "student.onnx")
    X = crossed(["", "a", "b", None])
    feeds = column_feeds(X, x0=np.float32, x1=str)
    feeds["x1"] = np.array([["<missing>" if c is None else c] for c in X[:, 1]], "O")
    assert_answers(student, run(tmp_path / "student.onnx", feeds), X)
    assert verify(student, tmp_path / "student.onnx", X).passed


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ([1, "1"], "same as text"),
        ([2**60, 2**60 + 1], "same as numbers of double precision"),
        ([10**400], "column 1 hold an integer beyond double precision"),
    ],
)
def test_levels_that_onnx_cannot_tell_apart(tmp_path, levels, words):
    with pytest.raises(ValueError, match=words):
        to_onnx(student_of_levels(levels), tmp_path / "student.onnx")
    assert os.listdir(tmp_path) == []


def test_inputs_are_named_as_the_columns(tmp_path):
    """Columns that the student does not look at have no input."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "petal width (cm)": rng.normal(size=200),
            "constant": 1.0,
            "town": rng.choice(["Rome", "Oslo"], 200),
        }
    )
    y = np.where(frame["town"] == "Rome", frame["petal width (cm)"] > 0, 2)
    q = 0.05 + 0.85 * np.eye(3)[y]
    model = DistilledClassifier("precomputed", max_iter=2, random_state=0)
    model.fit(frame, y, teacher_proba=q / q.sum(axis=1, keepdims=True))
    path = tmp_path / "student.onnx"
    to_onnx(model, path, verify_on=frame)
    names = ["petal width (cm)", "town"]
    assert [i.name for i in onnx.load(path).graph.input] == names
    feeds = {
        names[0]: frame[[names[0]]].to_numpy(np.float32),
        names[1]: frame[[names[1]]].to_numpy(object),
    }
    assert_answers(model.student_, run(path, feeds), frame)
    unnamed = frame.to_numpy(object)
    for other in ("label", "town", ""):
        model.feature_names_in_ = np.array([other, "constant", "town"], dtype=object)
        to_onnx(model, path, verify_on=unnamed)
        assert [i.name for i in onnx.load(path).graph.input] == ["x0", "x2"]
    model.feature_names_in_ = np.array(["t4", "constant", "t5"], dtype=object)
    to_onnx(model, path, verify_on=unnamed)


@pytest.mark.parametrize(
    ("classes", "kind"),
    [
        (np.array([0, 1, 2]), "tensor(int64)"),
        (np.array([3, -1, 2], dtype=np.int8), "tensor(int64)"),
        (np.array([1, 2, 3], dtype=np.uint64), "tensor(int64)"),
        (np.array(["no", "né", "\U0001f600"]), "tensor(string)"),
        (np.array(["a", "bb", "c"], dtype=object), "tensor(string)"),
        (np.array([0.1, 2.5, 1e300]), "tensor(double)"),
        (np.array([False, True]), "tensor(bool)"),
    ],
    ids=lambda value: getattr(value, "dtype", value),
)
def test_labels_keep_their_type(tmp_path, classes, kind):
    path = tmp_path / "student.onnx"
    student = make_student((4, 5, 1 if len(classes) == 2 else 3), classes=classes)
    X = rows(200, 4)
    to_onnx(student, path, verify_on=X)
    label, _ = onnxruntime.InferenceSession(path).get_outputs()
    assert (label.type, len(label.shape)) == (kind, 1)
    labels, _ = run(path, {"X": X})
    assert_array_equal(labels, student.predict(X))
    assert len(set(labels.tolist())) > 1
    metadata = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert json.loads(metadata["classes"]) == classes.tolist()


@pytest.mark.parametrize(
    "classes",
    [np.array(["a", 1, 2], dtype=object), np.array([2**63, 1, 2], dtype=np.uint64)],
    ids=["mixed", "large"],
)
def test_labels_without_a_like(tmp_path, classes):
    with pytest.raises(ValueError, match="do not exist in ONNX"):
        to_onnx(make_student(classes=classes), tmp_path / "student.onnx")


def test_a_tie_has_the_first_label(tmp_path):
    """As of the student: two classes whose logit is 0, three of equal logits."""
    for n_outputs, labels in ((1, ["a", "b"]), (3, ["a", "b", "c"])):
        student = Student(
            [np.zeros((1, n_outputs))], [np.zeros(n_outputs)], "relu", labels
        )
        to_onnx(student, tmp_path / "student.onnx")
        X = np.ones((2, 1), dtype=np.float32)
        assert run(tmp_path / "student.onnx", {"X": X})[0].tolist() == ["a", "a"]
        assert student.predict(X).tolist() == ["a", "a"]


@pytest.mark.parametrize("opset", [13, 17, 18, 21])
def test_the_model_is_standard(tmp_path, opset):
    path = tmp_path / "student.onnx"
    student = make_encoded(weight_dtype="int8", activation="silu")
    to_onnx(student, path, opset=opset)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert model.producer_name == "skdistill"
    assert model.producer_version
    assert {o.domain: o.version for o in model.opset_import} == {
        "": opset,
        "ai.onnx.ml": 4,
    }
    assert {node.domain for node in model.graph.node} == {"", "ai.onnx.ml"}
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    known = {value.name for value in inferred.graph.value_info}
    outputs = {name for node in model.graph.node for name in node.output}
    assert outputs == known | {"label", "probabilities"}
    X = oracle.labelled_table(
        student.input_code, oracle.random_numbers(student.input_code, 50)
    )
    assert verify(student, path, X).passed


@pytest.mark.parametrize("opset", [12, 1000, "17", 17.0])
def test_opsets_that_are_not_known(tmp_path, opset):
    with pytest.raises(ValueError, match=r"opset=.* is not an integer from 13 to"):
        to_onnx(make_student(), tmp_path / "student.onnx", opset=opset)


@pytest.mark.parametrize("weight_dtype", WEIGHT_DTYPES)
def test_a_model_is_as_large_as_the_students_file(tmp_path, weight_dtype):
    """Within a tenth, at 64 KiB of weights."""
    n_units = {"int8": 150, "float16": 80, "float32": 37}[weight_dtype]
    student = make_encoded(
        (n_units, 64, 7), 10, (16,) * 16, (10,) * 5, weight_dtype=weight_dtype
    )
    assert abs(student.nbytes - 2**16) < 2**13
    student.save(tmp_path / "student.npz")
    to_onnx(student, tmp_path / "student.onnx")
    sizes = [os.path.getsize(tmp_path / f"student.{end}") for end in ("onnx", "npz")]
    assert 0.9 < sizes[0] / sizes[1] < 1.1


def test_columns_of_the_same_levels_are_looked_up_at_once(tmp_path):
    """So many columns of few levels take little more than in the student's file."""
    student = make_encoded((128, 64, 1), 0, (), (2,) * 36, weight_dtype="int8")
    student.save(tmp_path / "student.npz")
    X = oracle.labelled_table(
        student.input_code, oracle.random_numbers(student.input_code, 200)
    )
    to_onnx(student, tmp_path / "student.onnx", verify_on=X)
    sizes = [os.path.getsize(tmp_path / f"student.{end}") for end in ("onnx", "npz")]
    assert sizes[0] / sizes[1] < 1.1
    nodes = onnx.load(tmp_path / "student.onnx").graph.node
    assert [node.op_type for node in nodes].count("LabelEncoder") == 1


@pytest.mark.parametrize("weight_dtype", WEIGHT_DTYPES)
def test_rows_of_missing_values_are_left_out_where_they_are_zero(
    tmp_path, weight_dtype
):
    """As where training had none missing, and in float16 always."""
    student = make_encoded((9, 3), 1, (5, 3), (2, 4, 2), weight_dtype=weight_dtype)
    code = student.input_code
    table = student.knot_table_.copy()
    table[code.starts + code.row_counts - 1] = 0
    parts = (student.activation, student.classes_, code, table, weight_dtype)
    fewer = Student(student.coefs_, student.intercepts_, *parts)
    X = oracle.labelled_table(code, oracle.random_numbers(code, 300))
    assert any(value is None for value in X.ravel())
    sizes = []
    for one in (student, fewer):
        to_onnx(one, tmp_path / "student.onnx", verify_on=X)
        sizes.append(os.path.getsize(tmp_path / "student.onnx"))
    assert (sizes[1] < sizes[0]) == (weight_dtype != "float16")


def test_infinite_numbers_count_as_the_end_of_the_range(tmp_path):
    student = make_encoded((7, 3), 2, (3, 9), ())
    to_onnx(student, tmp_path / "student.onnx")
    n_features = student.n_features_in_
    X = np.repeat(np.float32([[np.inf], [-np.inf]]), n_features, axis=1)
    _, found = run(tmp_path / "student.onnx", {"X": X})
    assert_allclose(found, student.predict_proba(np.sign(X) * 1e30), atol=1e-5)


def test_a_student_of_constant_columns(tmp_path):
    code = InputCode(
        2,
        linear=[],
        low=[],
        high=[],
        mean=[],
        scale=[],
        knotted=[],
        knots=[],
        categorical=[],
        levels=[],
    )
    coefs, intercepts = oracle.random_network((0, 6, 3), 0, np.float32)
    student = Student(coefs, intercepts, "relu", [1, 2, 3], code, np.zeros((0, 6)))
    X = np.float32([[1, np.nan], [2, 3]])
    to_onnx(student, tmp_path / "student.onnx", verify_on=X)
    assert_answers(student, run(tmp_path / "student.onnx", {"X": X}), X)


def test_knots_at_the_bounds_of_single_precision(tmp_path):
    greatest = np.finfo(np.float32).max / 4
    knots = np.float32([-2 * greatest, -1e-37, 0, 1e-37, greatest, 2 * greatest])
    code = InputCode(
        1,
        linear=[],
        low=[],
        high=[],
        mean=[],
        scale=[],
        knotted=[0],
        knots=[knots],
        categorical=[],
        levels=[],
    )
    coefs, intercepts = oracle.random_network((0, 6, 3), 0, np.float32)
    table = oracle.RNG(2).normal(size=(7, 6))
    student = Student(coefs, intercepts, "relu", [1, 2, 3], code, table)
    X = np.append(knots[1:-1], [-greatest, -1, 1, 5e-38, -3e-38, np.nan])
    X = X.astype(np.float32)[:, np.newaxis]
    to_onnx(student, tmp_path / "student.onnx")
    assert_answers(student, run(tmp_path / "student.onnx", {"X": X}), X)


@st.composite
def students_and_tables(draw):
    """A student of any shape, and rows with what training did not show."""
    n_linear = draw(st.integers(0, 3))
    bins = draw(st.lists(st.integers(2, 12), max_size=3))
    levels = draw(st.lists(st.integers(1, 6), max_size=3))
    units = draw(st.lists(st.integers(1, 9), max_size=2))
    student = make_encoded(
        (*units, draw(st.sampled_from([1, 3, 5]))),
        n_linear,
        tuple(bins),
        tuple(levels),
        draw(st.sampled_from(ACTIVATIONS)),
        weight_dtype=draw(st.sampled_from(WEIGHT_DTYPES)),
    )
    code = student.input_code
    n = draw(st.integers(1, 6))
    cells = st.floats(-(2.0**100), 2.0**100, width=32) | st.floats(-4, 4, width=32)
    if code.knots:
        cells |= st.sampled_from([float(knot) for k in code.knots for knot in k])
    numbers = draw(
        hnp.arrays(np.float32, (n, code.n_features), elements=cells | st.just(np.nan))
    )
    for feature, labels in zip(code.categorical, code.levels, strict=True):
        places = st.integers(0, len(labels) + 1)
        numbers[:, feature] = draw(st.lists(places, min_size=n, max_size=n))
    return student, numbers


@settings(max_examples=100)
@given(students_and_tables())
def test_any_student(tmp_path_factory, drawn):
    student, numbers = drawn
    path = tmp_path_factory.mktemp("any") / "student.onnx"
    to_onnx(student, path)
    X = oracle.labelled_table(student.input_code, numbers)
    has_levels = student.input_code.categorical.size
    feeds = column_feeds(X, **types_of(student)) if has_levels else {"X": numbers}
    assert_answers(student, run(path, feeds), X)


def test_a_raw_table_of_a_boosting_model(tmp_path):
    """Text, numbers and truth values with gaps; levels and gaps never seen."""
    rng = np.random.default_rng(0)
    n = 400
    frame = pd.DataFrame(
        {
            "town": pd.Categorical(rng.choice(["Rome", "Oslo", "Bern", None], n)),
            "age": np.where(rng.random(n) < 0.1, np.nan, rng.integers(18, 90, n)),
            "size": pd.Categorical(rng.integers(1, 4, n)),
            "member": rng.random(n) < 0.5,
            "income": rng.lognormal(10, 1, n),
        }
    )
    y = np.where(frame["town"] == "Rome", frame["age"] > 50, frame["member"])
    y = np.where(y, "yes", np.where(frame["income"] > 3e4, "maybe", "no"))
    teacher = HistGradientBoostingClassifier(
        categorical_features="from_dtype", max_iter=20
    )
    model = DistilledClassifier(
        teacher.fit(frame, y), random_state=0, max_iter=5, weight_decay=0.3
    )
    model.fit(frame, y)
    unseen = pd.DataFrame(
        {
            "town": ["Bonn", None, "Rome", "Oslo"],
            "age": [20.0, np.nan, 200.0, -5.0],
            "size": pd.Categorical([7, 1, None, 2]),
            "member": pd.Series([True, None, False, True], dtype=object),
            "income": [np.nan, 1e9, 0.0, 2e4],
        }
    )
    path = tmp_path / "student.onnx"
    to_onnx(model, path, verify_on=frame)
    assert verify(model, path, unseen).passed
    feeds = {
        "town": np.array([["Bonn"], [""], ["Rome"], ["Oslo"]], dtype=object),
        "age": np.float32([[20], [np.nan], [200], [-5]]),
        "size": np.float32([[7], [1], [np.nan], [2]]),
        "member": np.float32([[1], [np.nan], [0], [1]]),
        "income": np.float32([[np.nan], [1e9], [0], [2e4]]),
    }
    assert_answers(model.student_, run(path, feeds), unseen)


def test_without_onnx(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    monkeypatch.delitem(__import__("sys").modules, "skdistill.export.onnx.model", False)
    with pytest.raises(ImportError, match=r"pip install skdistill\[onnx\]"):
        to_onnx(make_student(), tmp_path / "student.onnx")
