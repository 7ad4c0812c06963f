"""The models that exports take, and the rows on which they are verified."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skdistill import DistilledClassifier, DistilledRegressor, Student
from skdistill.export import quantize, to_c, to_js, to_onnx, to_scorecard
from skdistill.export.source import student_of
from skdistill.student.outputs import LabelSets

TEXTS = ["a good film", "a bad film", "not good at all", "one of the best"] * 10
LIKED = ["yes", "no", "no", "yes"] * 10


@pytest.fixture(scope="module")
def pipeline():
    student = DistilledClassifier(LogisticRegression(), max_iter=5, random_state=0)
    return make_pipeline(CountVectorizer(), student).fit(TEXTS, LIKED)


@pytest.mark.parametrize(
    ("write", "name"), [(to_js, "s.mjs"), (to_c, "s.h"), (to_onnx, "s.onnx")]
)
def test_vectorized_rows_verify_no_student_of_texts(pipeline, write, name, tmp_path):
    rows, words = pipeline[:-1].transform(TEXTS), "row of this student is one text"
    for X in (rows, rows.toarray()):
        with pytest.raises(ValueError, match=words) as expected:
            student_of(pipeline).predict(X)
        with pytest.raises(ValueError, match=words) as caught:
            write(pipeline, tmp_path / name, verify_on=X)
        assert str(caught.value) == str(expected.value)
    assert not list(tmp_path.iterdir())


def test_an_output_that_a_format_does_not_hold_is_refused(tmp_path):
    output = LabelSets(["wet", "cold"])
    student = Student([np.ones((3, 2))], [np.zeros(2)], "relu", output=output)
    message = "answers 2 labels, and this format handles classes and numbers alone"
    with pytest.raises(ValueError, match=message):
        to_scorecard(student, tmp_path / "student.csv")
    assert not list(tmp_path.iterdir())


def test_a_search_of_pipelines_of_texts(pipeline, tmp_path):
    search = GridSearchCV(pipeline, {})
    search.best_estimator_ = pipeline
    search.refit = True
    expected = student_of(pipeline).predict_proba(TEXTS)
    assert_array_equal(student_of(search).predict_proba(TEXTS), expected)
    assert quantize(search, "float16").student.text is not None
    to_onnx(search, tmp_path / "student.onnx", verify_on=TEXTS)
    assert (tmp_path / "student.onnx").exists()
    search.best_estimator_ = pipeline[-1]
    with pytest.raises(TypeError, match="GridSearchCV, .* give its best_estimator_"):
        student_of(search)


def test_the_result_of_quantize_has_the_student(pipeline, tmp_path):
    with pytest.raises(TypeError, match="is a Quantized, .* give its student"):
        to_js(quantize(pipeline, "int8"), tmp_path / "student.mjs")


@pytest.mark.parametrize("form", [list, np.array, pd.Series])
def test_texts_where_vectorized_rows_are_needed(pipeline, form):
    words = r"X holds texts \('a good film'\), .*: give the texts to the whole pipeline"
    for model in (pipeline[-1], pipeline[-1].student_):
        with pytest.raises(ValueError, match=words):
            model.predict(form(TEXTS))
        with pytest.raises(ValueError, match="texts") as caught:
            model.predict(["x" * 1000])
        assert "x" * 30 not in str(caught.value)


def test_a_transformed_target_is_exported_by_its_regressor(tmp_path):
    student = DistilledRegressor(DummyRegressor(), max_iter=1, synthesizer=None)
    around = TransformedTargetRegressor(student, func=np.log, inverse_func=np.exp)
    around.regressor_, around.transformer_ = student, FunctionTransformer()
    words = "TransformedTargetRegressor, whose student answers in the transformed"
    for write in (to_onnx, to_c, to_js, to_scorecard):
        with pytest.raises(TypeError, match=f"{words} target: give model.regressor_"):
            write(around, tmp_path / "student")
    with pytest.raises(TypeError, match=words):
        quantize(around, "int8")
