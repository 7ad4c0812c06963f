"""Objects that are no teachers of numbers, each with the line that makes it one."""

from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill.teachers import OnnxTeacher, RulesTeacher, VotesTeacher
from skdistill.teachers.kinds import check_kind
from tests.teachers.test_kinds import of

X = np.arange(20.0).reshape(10, 2)
CLASSIFIER = LogisticRegression().fit(X, np.arange(10) % 2)
A_CLASSIFIER = r"is not a regressor but a classifier.* Give it to DistilledClassifier"


class PredictsClasses:
    classes_ = (0, 1)

    def predict(self, X):
        return np.zeros(len(X))


class Predicts(BaseEstimator):
    def predict(self, X):
        return np.zeros(len(X))


OBJECTS = [
    (CLASSIFIER, A_CLASSIFIER),
    (RidgeClassifier(), A_CLASSIFIER),
    (make_pipeline(StandardScaler(), LogisticRegression()), A_CLASSIFIER),
    (FrozenEstimator(CLASSIFIER), A_CLASSIFIER),
    (GridSearchCV(LogisticRegression(), {}), A_CLASSIFIER),
    (PredictsClasses(), A_CLASSIFIER),
    (VotesTeacher(), A_CLASSIFIER),
    (RulesTeacher([("x0 > 1", 1)]), A_CLASSIFIER),
    (CLASSIFIER.predict_proba, r"a method of LogisticRegression, which is not a reg"),
    (CLASSIFIER.predict, r"a method of LogisticRegression, which is not a regressor"),
    (KMeans(), r"the teacher, KMeans, is not a regressor. If it gives numbers"),
    (IsolationForest(), r"the teacher, IsolationForest, is not a regressor"),
    (StandardScaler(), r"the teacher, StandardScaler, is not a regressor"),
    (3, r"teacher=3 is an int, which cannot answer: give an estimator with predict,"),
    (Ridge, r"is the class Ridge: give an instance"),
    ([Ridge(), Ridge()], r"a list of 2 models. Give one teacher: VotingRegressor"),
    ({"a": Ridge(), "b": Ridge()}, r"a dict of 2 models.*given by their levels"),
    ({"a": np.ones(3)}, r"a dict. If it holds the numbers.*teacher_prediction"),
    ({}, r"a dict. If it holds the numbers.*precomputed.*level"),
    (
        np.ones(3),
        r"an ndarray. If it holds the numbers.*precomputed.*teacher_prediction",
    ),
    ({0.5: Ridge(), 1.0: Ridge()}, r"holds the level 1.0: a level is greater than 0"),
    ({0.5: None}, r"teacher holds None for the quantile 0.5: give a regressor"),
    ({0.5: LogisticRegression()}, A_CLASSIFIER),
    ({0.1: Ridge(), 0.9: Ridge().fit(X, X[:, 0])}, r"2 models.* 1 of them are fitted"),
    (OnnxTeacher(Path("a.onnx"), "proba"), r"a.onnx, tells classes apart: its output"),
    (OnnxTeacher(Path("a.onnx"), classes=[0, 1]), r"apart: its outputs have labels"),
    (of("lightgbm", "CVBooster"), r"the mean of their numbers"),
    (of("tf_keras", "Model"), r"It is a model of Keras 2.* of its numbers"),
    (of("jaxlib", "ArrayImpl"), r"an ArrayImpl of jax. If it holds the numbers"),
]


@pytest.mark.parametrize(
    ("teacher", "words"), OBJECTS, ids=[str(number) for number in range(len(OBJECTS))]
)
def test_the_message_makes_a_teacher_of_it(teacher, words):
    with pytest.raises(ValueError, match=words) as error:
        check_kind(teacher, "numbers")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "teacher",
    [
        None,
        "precomputed",
        Ridge(),
        Ridge().fit(X, X[:, 0]),
        Ridge().fit(X, X[:, 0]).predict,
        make_pipeline(StandardScaler(), Ridge()),
        GridSearchCV(Ridge(), {}),
        MultiOutputRegressor(Ridge()),
        FrozenEstimator(Ridge().fit(X, X[:, 0])),
        Predicts(),
        len,
        {0.05: Ridge(), 0.5: Ridge(), 0.95: Ridge()},
        {0.5: len},
        Path("a.onnx"),
        OnnxTeacher(Path("a.onnx"), "numbers"),
    ],
    ids=str,
)
def test_teachers_pass(teacher):
    check_kind(teacher, "numbers")


@pytest.mark.parametrize(
    ("teacher", "words"),
    [
        (Ridge(), "is not a classifier but a regressor.*Give it to DistilledRegressor"),
        (OnnxTeacher(Path("a.onnx"), "numbers"), "a.onnx, predicts numbers. Give it"),
        ({0.1: Ridge(), 0.9: Ridge()}, "a dict of 2 models. Give one teacher"),
    ],
)
def test_regressors_are_no_teachers_of_classes(teacher, words):
    with pytest.raises(ValueError, match=words):
        check_kind(teacher)


def test_a_model_in_a_file(tmp_path):
    path = tmp_path / "model.joblib"
    joblib.dump(Ridge().fit(X, X[:, 0]), path)
    check_kind(path, "numbers")
    with pytest.raises(ValueError, match="is not a classifier but a regressor"):
        check_kind(path)
    joblib.dump(CLASSIFIER, path)
    with pytest.raises(ValueError, match=A_CLASSIFIER):
        check_kind(path, "numbers")


def test_networks_whose_last_activation_makes_probabilities():
    torch = pytest.importorskip("torch")
    linear, softmax = torch.nn.Linear(2, 2), torch.nn.Softmax(dim=1)
    inner = torch.nn.Sequential(linear, softmax)
    for module in (inner, torch.nn.Sequential(torch.nn.Identity(), inner)):
        with pytest.raises(ValueError, match="its last activation is Softmax.*output="):
            check_kind(module, "numbers")
        check_kind(module)
    check_kind(torch.nn.Sequential(linear, torch.nn.ReLU()), "numbers")
