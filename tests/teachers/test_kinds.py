"""Each object that is no teacher gets the line that makes it one."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import Ridge
from sklearn.tree import DecisionTreeClassifier

from skdistill import DistilledClassifier
from skdistill.teachers.kinds import check_kind

TREE = DecisionTreeClassifier()


def of(library, name, *bases, **members):
    """Return an object of a class as a library that is not imported here has it."""
    members = {"__module__": f"{library}.inner", "__slots__": ()} | members
    return type(name, bases, members)()


OBJECTS = [
    ("model.onnx", r"is a text: give a path, teacher=pathlib.Path\('model.onnx'\)"),
    ("forest.joblib", r"is a text: give a path, teacher=pathlib.Path\('forest.joblib'"),
    ("forest.pkl", r"is the name of a file: give teacher=joblib.load\(path\)"),
    (Path("net.pt"), r"load the weights into the module, module.load_state_dict"),
    (Path("net.keras"), r"give teacher=keras.saving.load_model\(path\)"),
    (Path("trees.ubj"), r"give teacher=xgboost.Booster\(model_file=path\)"),
    ("forest", r"is a text, and 'precomputed' is the only one that is known"),
    (b"onnx", r"is 4 bytes. If they are an ONNX model, give teacher=OnnxTeacher"),
    (DecisionTreeClassifier, r"is the class DecisionTreeClassifier: give an instance"),
    ([TREE, TREE], r"a list of 2 models. Give one teacher: VotingClassifier"),
    ([("a", TREE), ("b", TREE)], r"a list of 2 models. Give one teacher"),
    ({"a": TREE, "b": TREE}, r"a dict of 2 models. Give one teacher"),
    ({"a": np.ones(3)}, r"a dict. If it holds the probabilities.*precomputed"),
    (np.ones((3, 2)), r"an ndarray. If it holds the probabilities.*teacher_proba"),
    (np.array([[0, np.nan]]), r"votes of annotators.*VotesTeacher\(\).*teacher_y"),
    ([("age > 60", "old")], r"a list of pairs.*teacher=RulesTeacher\(rules\)"),
    (Ridge(), r"the teacher, Ridge, is not a classifier but a regressor"),
    (KMeans(), r"the teacher, KMeans, is not a classifier: it has neither"),
    (3, r"teacher=3 is an int, which cannot answer: give an estimator"),
    (of("xgboost", "DMatrix"), r"a DMatrix of xgboost. It holds rows. Give the model"),
    (of("lightgbm", "Dataset"), r"a Dataset of lightgbm. It holds rows"),
    (of("catboost", "Pool"), r"a Pool of catboost. It holds rows"),
    (of("torch", "DataLoader"), r"a DataLoader of torch. It holds rows"),
    (of("transformers", "Pipeline"), r"Pipeline of transformers.*TorchTeacher\(pipel"),
    (of("flax", "Module"), r"a Module of flax.*jax.nn.softmax\(module.apply\(params"),
    (of("equinox", "Module"), r"It takes one row. Give a function.*jax.vmap"),
    (of("tf_keras", "Model"), r"It is a model of Keras 2. Give a function"),
    (of("onnx", "ModelProto"), r"OnnxTeacher\(model.SerializeToString\(\)\)"),
    (of("onnxruntime", "InferenceSession"), r"teacher=pathlib.Path\(path\)"),
    (of("jaxlib", "ArrayImpl"), r"an ArrayImpl of jax. If it holds the probabilities"),
]


@pytest.mark.parametrize(
    ("teacher", "words"), OBJECTS, ids=[words[:40] for _, words in OBJECTS]
)
def test_the_message_makes_a_teacher_of_it(teacher, words, blobs):
    X, y = blobs
    model = DistilledClassifier(teacher)
    with pytest.raises(ValueError, match=words) as error:
        model.fit(X, y)
    assert "\n" not in str(error.value)
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize(
    "teacher", [None, "precomputed", TREE, TREE.fit, Path("a.onnx")]
)
def test_teachers_pass(teacher):
    check_kind(teacher)


def test_weights_without_their_module():
    torch = pytest.importorskip("torch")
    weights = torch.nn.Linear(2, 2).state_dict()
    with pytest.raises(ValueError, match="of tensors, the weights of a module without"):
        check_kind(weights)
    with pytest.raises(ValueError, match="a Tensor of torch. If it holds the prob"):
        check_kind(torch.ones(3))
    exported = torch.export.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),))
    with pytest.raises(ValueError, match=r"TorchTeacher\(program.module\(\)\)"):
        check_kind(exported)


def test_rows_of_xgboost():
    xgboost = pytest.importorskip("xgboost")
    with pytest.raises(ValueError, match="a DMatrix of xgboost. It holds rows"):
        check_kind(xgboost.DMatrix(np.ones((2, 2))))


def test_no_library_of_a_model_is_imported():
    code = """
import sys
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier
import skdistill
from skdistill.teachers import *
X, y = load_iris(return_X_y=True)
skdistill.DistilledClassifier(DecisionTreeClassifier(max_depth=2), max_iter=1).fit(X, y)
names = "torch keras tensorflow jax xgboost lightgbm catboost onnx onnxruntime"
print([name for name in names.split() if name in sys.modules])
"""
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "[]\n"
