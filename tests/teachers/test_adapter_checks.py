"""Wrong parameters of adapters, and models in the wrong place, are named."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledClassifier
from skdistill.teachers import (
    BoosterTeacher,
    KerasTeacher,
    OnnxTeacher,
    TorchTeacher,
)
from skdistill.teachers.quote import quoted, with_article

X = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


def refused(teacher, words):
    model = DistilledClassifier(teacher, max_iter=1, random_state=0)
    with pytest.raises(ValueError, match=words) as caught:
        model.fit(X, Y)
    assert "\n" not in str(caught.value)
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize(
    ("teacher", "words"),
    [
        (TorchTeacher("net.pt"), r"module='net.pt' of TorchTeacher is the name of a f"),
        (KerasTeacher("net.keras"), r"give model=keras.saving.load_model\(path\)"),
        (BoosterTeacher(Path("a.ubj")), r"give booster=xgboost.Booster\(model_file="),
        (
            KerasTeacher("net"),
            "model='net' of .* file: give a trained model of Keras 3",
        ),
        (TorchTeacher(StandardScaler()), "module of TorchTeacher is a StandardScaler"),
        (BoosterTeacher(X), "booster of BoosterTeacher is an ndarray of numpy: give a"),
        (TorchTeacher(StandardScaler), "TorchTeacher is a class: give a trained torch"),
        (OnnxTeacher(3), "path of OnnxTeacher is an int: give the path of an ONNX"),
        (OnnxTeacher("net.pt"), "path='net.pt' of OnnxTeacher is no ONNX file: load"),
        (Path(__file__).parent, "path='.*' of OnnxTeacher is a folder: give the path"),
        (OnnxTeacher("a", prepare=3), "prepare=3 of OnnxTeacher is no function: give"),
    ],
)
def test_what_an_adapter_does_not_take_is_named(teacher, words):
    refused(teacher, words)


def test_parameters_of_a_module():
    torch = pytest.importorskip("torch")
    module = torch.nn.Linear(4, 2)
    refused(
        TorchTeacher(module, device="gpu0"), "device='gpu0' of TorchTeacher is no d"
    )
    refused(TorchTeacher(module, prepare=3), "prepare=3 of TorchTeacher is no function")
    refused(KerasTeacher(module), "model of KerasTeacher is a Linear of torch: give a")
    wide = torch.nn.Linear(4, 3)
    words = r"classes of TorchTeacher names 2 classes, \[0, 1\], and the teacher, Linea"
    refused(TorchTeacher(wide, classes=[0, 1]), words)
    three = DistilledClassifier(TorchTeacher(wide, classes=[0, 1]), max_iter=1)
    words = r"y holds \[0, 1, 2\], and classes=\[0, 1\] of TorchTeacher does not name"
    with pytest.raises(ValueError, match=words):
        three.fit(X, np.arange(60) % 3)
    refused(wide, "the teacher, Linear, has outputs for 3 classes, and there are 2:")
    words = "the method forward of a Linear, which takes and returns tensors: give the"
    refused(module.forward, words)
    pipeline = make_pipeline(StandardScaler().fit(X), module)
    refused(pipeline, r"the last step of the teacher, Pipeline.*TorchTeacher\(model\)$")


def test_functions_of_modules():
    torch = pytest.importorskip("torch")
    module = torch.nn.Linear(4, 2)
    words = "returned a tensor with gradients: return an array, tensor.detach"
    refused(lambda rows: module(torch.tensor(rows)), words)
    refused(lambda rows: module(rows), "gives a PyTorch module an array, and a tensor")

    def right(rows):
        logits = torch.tensor(rows)[:, :1] * torch.tensor([-5.0, 5.0])
        return logits.softmax(1).numpy()

    DistilledClassifier(right, max_iter=1, random_state=0).fit(X, Y)


def test_an_embedding_reads_integers():
    torch = pytest.importorskip("torch")
    rows = np.arange(120).reshape(60, 2) % 7
    module = torch.nn.Sequential(
        torch.nn.Embedding(7, 3), torch.nn.Flatten(), torch.nn.Linear(6, 2)
    )
    with pytest.raises(ValueError, match=r'prepare=lambda X: X.astype\("int64"\)\)$'):
        TorchTeacher(module).predict_proba(rows)
    prepared = TorchTeacher(module, prepare=lambda X: X.astype("int64"))
    assert prepared.predict_proba(rows).shape == (60, 2)
    with pytest.raises(
        ValueError, match="index out of range.*If it needs another form"
    ):
        prepared.predict_proba(rows + 7)


def test_softmax_twice_is_noticed():
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(4, 2), torch.nn.Softmax(1))
    with pytest.warns(UserWarning, match=r'"logits" makes softmax.*output="proba"\)'):
        TorchTeacher(module, output="logits").fit(X, Y)
    assert TorchTeacher(module).fit(X, Y).output_ == "proba"


def test_boosters_without_trees_or_probabilities():
    xgboost = pytest.importorskip("xgboost")
    rows = xgboost.DMatrix(X, Y)
    words = "the teacher, Booster of xgboost, has no trees: train it, xgboost.train"
    refused(xgboost.Booster(), words)
    refused(BoosterTeacher(xgboost.Booster()), words)
    booster = xgboost.train({"objective": "binary:hinge"}, rows, 2)
    refused(booster, 'objective that gives them, "binary:logistic"')
    softmax = {"objective": "multi:softmax", "num_class": 2}
    refused(xgboost.train(softmax, rows, 2), 'that gives them, "multi:softprob"')
    linear = xgboost.train(
        {"booster": "gblinear", "objective": "binary:logistic"}, rows
    )
    assert BoosterTeacher(linear).fit(X, Y).output_ == "proba"


def test_raw_scores_of_a_booster_are_its_probabilities():
    """With "logits" a booster is asked for its scores, so nothing is made twice."""
    xgboost = pytest.importorskip("xgboost")
    softprob = {"objective": "multi:softprob", "num_class": 2}
    booster = xgboost.train(softprob, xgboost.DMatrix(X, Y), 3)
    np.testing.assert_allclose(
        BoosterTeacher(booster, output="logits").fit(X, Y).predict_proba(X),
        BoosterTeacher(booster).fit(X, Y).predict_proba(X),
        atol=1e-6,
    )


def test_a_booster_of_lightgbm_without_trees():
    lightgbm = pytest.importorskip("lightgbm")
    rows = lightgbm.Dataset(X, Y, params={"verbose": -1})
    refused(lightgbm.Booster({"verbose": -1}, rows), "of lightgbm, has no trees: train")


@pytest.mark.parametrize(
    ("noun", "words"),
    [
        ("list", "a list"),
        ("int", "an int"),
        ("ndarray", "an ndarray"),
        ("OrderedDict", "an OrderedDict"),
        ("UniformNet", "a UniformNet"),
        ("InferenceSession", "an InferenceSession"),
    ],
)
def test_the_article_suits_the_noun(noun, words):
    assert with_article(noun) == words


def test_errors_of_others_are_one_clean_line():
    error = RuntimeError("\x1b[1mBad\x1b[0m rows\nin here.. Stack trace:\n  [bt] (0)")
    assert quoted(error) == "Bad rows in here"
