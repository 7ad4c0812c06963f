"""ONNX files as teachers, against the models that they were made of."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GridSearchCV

from skdistill import DistilledClassifier, export
from skdistill.teachers import OnnxTeacher

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
helper = onnx.helper

X, Y = load_iris(return_X_y=True)
X -= X.mean(axis=0)
X.flags.writeable = Y.flags.writeable = False
WEIGHTS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
LOGITS = X.astype(np.float32) @ WEIGHTS


def distilled(teacher, **parameters):
    parameters = {"max_iter": 5, "random_state": 0, "weight_decay": 0.3} | parameters
    return DistilledClassifier(teacher, **parameters)


def product(n_rows=None, extra=(), weights=WEIGHTS):
    """Return the bytes of a model whose logits are a product with `WEIGHTS`."""
    kind = onnx.TensorProto.FLOAT
    node = helper.make_node("MatMul", ["rows", "weights"], ["logits"])
    others = [helper.make_node("Identity", ["logits"], [name]) for name in extra]
    outputs = [
        helper.make_tensor_value_info(name, kind, [n_rows, 3])
        for name in ("logits", *extra)
    ]
    graph = helper.make_graph(
        [node, *others],
        "product",
        [helper.make_tensor_value_info("rows", kind, [n_rows, 4])],
        outputs,
        [onnx.numpy_helper.from_array(weights, "weights")],
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(
        graph, opset_imports=opset, ir_version=8
    ).SerializeToString()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(product())
    return path


def test_answers_are_those_made_by_hand(path):
    labels = LOGITS.argmax(axis=1)
    for source in (path, str(path), product()):
        np.testing.assert_allclose(
            OnnxTeacher(source).raw_outputs(X), LOGITS, rtol=1e-4, atol=1e-5
        )
    model = distilled(path).fit(X, labels)
    assert model.score(X, labels) > 0.9
    assert model.teacher_.output_ == "logits"
    assert repr(model.teacher_) == "OnnxTeacher(<model.onnx>)"
    assert "model.onnx" in model._repr_html_()
    assert model.teacher_.predict(X).tolist() == labels.tolist()


def test_clones_searches_and_pickles(path):
    labels = LOGITS.argmax(axis=1)
    model = distilled(OnnxTeacher(path)).fit(X, labels)
    assert clone(model).teacher is model.teacher
    assert clone(distilled(path)).teacher == path
    search = GridSearchCV(distilled(path), {"temperature": [1, 2]}, cv=2)
    assert search.fit(X, labels).score(X, labels) > 0.9
    stored = pickle.dumps(model)
    loaded = pickle.loads(stored).teacher_
    np.testing.assert_array_equal(
        loaded.predict_proba(X), model.teacher_.predict_proba(X)
    )
    path.unlink()
    with pytest.raises(FileNotFoundError, match="model.onnx, is no file"):
        pickle.loads(stored).teacher_.predict_proba(X)
    by_bytes = OnnxTeacher(product())
    assert pickle.loads(pickle.dumps(by_bytes)).raw_outputs(X).shape == (150, 3)
    assert repr(by_bytes) == "OnnxTeacher(<ONNX model>)"


@pytest.mark.parametrize("n_rows", [1, 64])
def test_a_file_for_so_many_rows_gets_so_many(n_rows):
    found = OnnxTeacher(product(n_rows)).raw_outputs(X)
    np.testing.assert_allclose(found, LOGITS, rtol=1e-4, atol=1e-5)


def test_an_exported_student_teaches(tmp_path):
    frame = pd.DataFrame(X, columns=list("abcd"))
    frame["kind"] = pd.Categorical(np.where(X[:, 0] > 0, "long", "short"))
    boosting = HistGradientBoostingClassifier(
        categorical_features="from_dtype", max_iter=5
    )
    big = distilled(boosting).fit(frame, Y)
    export.to_onnx(big, tmp_path / "student.onnx")
    teacher = OnnxTeacher(tmp_path / "student.onnx")
    np.testing.assert_allclose(
        teacher.predict_proba(frame), big.predict_proba(frame), atol=1e-5
    )
    assert distilled(teacher).fit(frame, Y).score(frame, Y) > 0.9


def test_a_file_for_so_many_rows_bounds_the_batch_size():
    found = OnnxTeacher(product(8), batch_size=64).raw_outputs(X)
    np.testing.assert_allclose(found, LOGITS, rtol=1e-4, atol=1e-5)


def test_another_file_is_opened(path, tmp_path):
    teacher = OnnxTeacher(path)
    teacher.raw_outputs(X)
    other = tmp_path / "other.onnx"
    other.write_bytes(product(weights=-WEIGHTS))
    moved = teacher.set_params(path=other).raw_outputs(X)
    np.testing.assert_allclose(moved, -LOGITS, rtol=1e-4, atol=1e-5)
    other.write_bytes(product(weights=2 * WEIGHTS, extra=("again",)))
    teacher.set_params(output_name="again")
    written_anew = teacher.raw_outputs(X)
    np.testing.assert_allclose(written_anew, 2 * LOGITS, rtol=1e-4, atol=1e-5)


def named_values(labels):
    """Return the bytes of a model that names its values, as converters make it."""
    kind, names = onnx.TensorProto.FLOAT, {"classlabels_int64s": labels}
    key = onnx.TensorProto.INT64
    if isinstance(labels[0], str):
        key, names = onnx.TensorProto.STRING, {"classlabels_strings": labels}
    nodes = [
        helper.make_node("MatMul", ["rows", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["proba"], axis=1),
        helper.make_node("ZipMap", ["proba"], ["dicts"], domain="ai.onnx.ml", **names),
    ]
    values = helper.make_tensor_type_proto(kind, None)
    dicts = helper.make_sequence_type_proto(helper.make_map_type_proto(key, values))
    graph = helper.make_graph(
        nodes,
        "dicts",
        [helper.make_tensor_value_info("rows", kind, [None, 4])],
        [helper.make_value_info("dicts", dicts)],
        [onnx.numpy_helper.from_array(WEIGHTS, "weights")],
    )
    opset = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    return model.SerializeToString()


def test_values_with_names_count_by_their_names():
    expected = softmax(LOGITS.astype(float), axis=1)
    labels = np.array(["c", "a", "b"])[LOGITS.argmax(axis=1)]
    source = named_values(["c", "a", "b"])
    teacher = OnnxTeacher(source)
    assert teacher.classes_.tolist() == ["a", "b", "c"]
    assert teacher.score(X, labels) == 1
    np.testing.assert_allclose(
        teacher.predict_proba(X), expected[:, [1, 2, 0]], atol=1e-6
    )
    teacher = OnnxTeacher(source, classes=["c", "a", "b"])
    np.testing.assert_allclose(teacher.predict_proba(X), expected, atol=1e-6)
    assert teacher.score(X, labels) == 1
    others = np.where(labels == "c", "d", labels)
    with pytest.raises(ValueError, match="d"):
        distilled(OnnxTeacher(source)).fit(X, others)
    numbers = OnnxTeacher(named_values([0, 1, 2]))
    assert not hasattr(numbers, "classes_")
    labels = np.array(["a", "b", "c"])[LOGITS.argmax(axis=1)]
    model = distilled(numbers).fit(X, labels)
    assert model.teacher_.classes_.tolist() == ["a", "b", "c"]


def test_inputs_are_columns_by_their_names():
    names = list("abcd")
    kind = onnx.TensorProto.FLOAT
    joined = helper.make_node("Concat", names, ["rows"], axis=1)
    made = helper.make_node("MatMul", ["rows", "weights"], ["logits"])
    graph = helper.make_graph(
        [joined, made],
        "columns",
        [helper.make_tensor_value_info(name, kind, [None, 1]) for name in names],
        [helper.make_tensor_value_info("logits", kind, [None, 3])],
        [onnx.numpy_helper.from_array(WEIGHTS, "weights")],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    teacher = OnnxTeacher(model.SerializeToString())
    frame = pd.DataFrame(X, columns=names)[["d", "b", "a", "c"]]
    found = teacher.raw_outputs(frame)
    np.testing.assert_allclose(found, LOGITS, rtol=1e-4, atol=1e-5)
    found = teacher.raw_outputs(X)
    np.testing.assert_allclose(found, LOGITS, rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="has 4 inputs: give OnnxTeacher.path, prep"):
        teacher.raw_outputs(X[:, :2])


def test_several_outputs_are_named():
    source = product(extra=("again",))
    with pytest.raises(ValueError, match=r"outputs \['logits', 'again'\].*output_name"):
        distilled(OnnxTeacher(source)).fit(X, Y)
    found = OnnxTeacher(source, output_name="again").raw_outputs(X)
    np.testing.assert_allclose(found, LOGITS, rtol=1e-4, atol=1e-5)


def test_what_no_student_can_learn_from_is_one_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent.onnx, is no file"):
        distilled(tmp_path / "absent.onnx").fit(X, Y)
    wrong = tmp_path / "wrong.onnx"
    wrong.write_text("no model")
    with pytest.raises(ValueError, match=r"wrong.onnx, cannot be opened as an ONNX"):
        distilled(wrong).fit(X, Y)
    with pytest.raises(ValueError, match="ONNX model, raised .* was given float32 of"):
        distilled(OnnxTeacher(product())).fit(X[:, :3], Y)
