"""Answers of other libraries' models, stored ones and those of tables, for numbers."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import is_classifier, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill import DistilledRegressor
from skdistill.teachers import TorchTeacher
from skdistill.teachers.answers import read_answers
from skdistill.teachers.held_out_classes import HeldOutClasses
from skdistill.teachers.leak import compared
from skdistill.teachers.resolve import as_teacher
from skdistill.teachers.table_forest import table_forest
from tests.teachers.numbers import table, task_of

X, Y = table(120)
Y_TWO = table(120, 2)[1]
STORED = {"max_iter": 2, "random_state": 0}


def linear(torch, n_outputs):
    module = torch.nn.Linear(X.shape[1], n_outputs)
    return (
        module,
        lambda X: (
            X.astype(np.float32) @ module.weight.detach().numpy().T
            + module.bias.detach().numpy()
        ),
    )


@pytest.mark.parametrize("y", [Y, Y_TWO], ids=["one target", "two targets"])
def test_outputs_of_a_module_are_the_numbers(y):
    torch = pytest.importorskip("torch")
    module, by_hand = linear(torch, 1 if y.ndim == 1 else 2)
    for given in (module, TorchTeacher(module), TorchTeacher(module, "numbers")):
        teacher = as_teacher(given, kind="numbers")
        assert_allclose(teacher.ask(X, task_of(y)), by_hand(X), atol=1e-5)
        assert teacher.source.output_ == "numbers"
        again = as_teacher(teacher.source)
        assert_allclose(again.ask(X, task_of(y)), by_hand(X), atol=1e-5)
    assert not hasattr(TorchTeacher(module), "output_")


def test_an_adapter_of_numbers_is_a_regressor():
    torch = pytest.importorskip("torch")
    module, by_hand = linear(torch, 1)
    teacher = TorchTeacher(module, "numbers")
    assert is_regressor(teacher)
    assert is_classifier(TorchTeacher(module))
    assert_allclose(teacher.predict(X), by_hand(X), atol=1e-5)
    assert not hasattr(teacher, "predict_proba")
    with pytest.raises(AttributeError) as raised:
        teacher.predict_proba  # noqa: B018
    assert "has predict, and no predict_proba" in str(raised.value.__cause__)


def test_a_pipeline_that_ends_in_an_adapter():
    torch = pytest.importorskip("torch")
    module, by_hand = linear(torch, 1)
    pipeline = make_pipeline(StandardScaler().fit(X), TorchTeacher(module))
    teacher = as_teacher(pipeline, kind="numbers")
    expected = by_hand(StandardScaler().fit_transform(X))
    assert_allclose(teacher.ask(X, task_of(Y)), expected, atol=1e-5)
    assert pipeline[-1].output == "auto"


def test_outputs_that_are_no_numbers():
    torch = pytest.importorskip("torch")
    module, _ = linear(torch, 2)
    with pytest.raises(ValueError, match=r"has shape \(120, 2\), not \(120,\)"):
        as_teacher(module, kind="numbers").ask(X, task_of(Y))
    nothing = torch.nn.Sequential(module, torch.nn.Flatten(0))
    with pytest.raises(ValueError, match=r"\(120, n_targets\) is needed"):
        as_teacher(nothing, kind="numbers").ask(X, task_of(Y))


def test_stored_answers():
    answers = Ridge().fit(X, Y).predict(X)
    model = DistilledRegressor("precomputed", **STORED)
    model.fit(X, Y, teacher_prediction=answers)
    framed = DistilledRegressor("precomputed", **STORED)
    framed.fit(X, Y, teacher_prediction=pd.DataFrame({"price": answers}))
    assert_array_equal(framed.predict(X), model.predict(X))
    for wrong, words in (
        (answers[:, None] * [1, 1], r"teacher_prediction has shape \(120, 2\)"),
        (answers * np.nan, "teacher_prediction holds nan in row 0"),
        (answers > 14, "teacher_prediction holds truth values: numbers are needed"),
        (np.full(120, "a"), "is not numeric: .* Numbers are needed, not texts"),
        (answers + 0j, "holds values of type complex128: real numbers are needed"),
        (answers[:100], r"teacher_prediction has shape \(100,\), not \(120,\)"),
        (None, "needs the teacher's numbers: pass teacher_prediction to fit"),
    ):
        model = DistilledRegressor("precomputed", **STORED)
        with pytest.raises(ValueError, match=words):
            model.fit(X, Y, teacher_prediction=wrong)
        assert not hasattr(model, "student_")


def test_words_of_classes_stay():
    with pytest.raises(ValueError, match="Give predict_proba in place of predict"):
        read_answers(np.array([True]), "it")
    with pytest.raises(ValueError, match="Probabilities are needed, not labels"):
        read_answers(np.array(["a"]), "it")


def test_a_forest_of_raw_tables_predicts_numbers():
    frame = pd.DataFrame({"a": X[:, 0], "kind": np.where(X[:, 1] > 0.5, "x", "y")})
    frame.loc[3, "a"] = np.nan
    forest = table_forest("numbers")
    with pytest.raises(NotFittedError):
        forest.predict(frame)
    numbers = np.where(frame["kind"] == "x", 10.0, -10.0)
    found = as_teacher(forest.fit(frame, numbers), kind="numbers")
    assert_allclose(found.ask(frame, task_of(numbers))[:, 0], numbers, atol=2.0)


def test_a_comparison_names_its_loss():
    rng = np.random.default_rng(0)
    labels = rng.normal(size=(60, 1))
    task = task_of(labels[:, 0])
    known, unseen = (
        task.predictions(labels + off * rng.normal(size=(60, 1)), labels, np.ones(60))
        for off in (0.01, 0.5)
    )
    choice = compared(known, unseen)
    assert choice.repeats_labels
    assert "its loss is" in repr(choice)
    classes = HeldOutClasses(rng.normal(size=(60, 2)), rng.integers(0, 2, 60))
    assert "its log-loss is" in repr(compared(classes, classes))
