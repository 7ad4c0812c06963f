"""Exports of students of numbers and of label sets, against the student."""

import json
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.ensemble import HistGradientBoostingRegressor

from skdistill import DistilledRegressor, Student
from skdistill.export import to_c, to_js, to_onnx, verify
from skdistill.export.c.run import run as run_c
from skdistill.export.javascript.run import run as run_javascript
from skdistill.export.onnx.run import run as run_onnx
from skdistill.student.kept_columns import KeptColumns
from skdistill.student.outputs import LabelSets, Numbers
from skdistill.student.text.student_text import StudentText
from skdistill.student.text.vectorizer import TextVectorizer
from tests.student.tasks import LEVELS, OUTPUTS, rows_of, student_of

# Function that writes, ending of the file, function that runs it.
FORMATS = {
    "onnx": (to_onnx, "onnx", run_onnx),
    "c": (to_c, "h", run_c),
    "javascript": (to_js, "mjs", run_javascript),
}
OF_NUMBERS = [name for name, output in OUTPUTS.items() if output.kind == "numbers"]
in_each_format = pytest.mark.parametrize(
    ("form", "program"), [("onnx", None), ("c", "gcc"), ("javascript", "node")]
)


def exported(student, form, folder):
    """Return the path of an export, and the function that runs it."""
    write, ending, run = FORMATS[form]
    path = folder / f"student.{ending}"
    write(student, path)
    return path, run


def assert_same_answers(student, X, decisions, answers):
    """Check answers by a bar of their own, and not by that of `verify`."""
    output = student.output
    if output.kind == "numbers":
        wanted = student.predict(X)
        assert answers.shape == wanted.shape
        errors = np.abs(answers - wanted).reshape(len(wanted), -1) / output.scale
        assert errors.max() <= 1e-5
        return
    wanted = student.predict_proba(X)
    assert answers.shape == decisions.shape == wanted.shape
    assert_allclose(answers, wanted, rtol=0, atol=1e-5)
    clear = np.abs(wanted - 0.5) > 1e-5
    assert_array_equal(decisions[clear], student.predict(X)[clear])


@in_each_format
@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("hidden", [(), (9, 5)], ids=str)
def test_answers_of_each_output(form, program, name, hidden, tmp_path):
    for is_encoded, dtype in ((False, "float32"), (True, "int8"), (True, "float16")):
        student = student_of(
            OUTPUTS[name], hidden, is_encoded=is_encoded, weight_dtype=dtype
        )
        X, _ = rows_of(student, 200)
        path, run = exported(student, form, tmp_path)
        assert_same_answers(student, X, *run(student, path, X))
    verification = verify(student, path, X)
    assert verification.passed
    words = "number in deviations" if name in OF_NUMBERS else "changed labels"
    assert words in str(verification)


YEAR = Numbers([2024.3], [3.1], [1995.0], [2031.0], is_flat=True)
STAMP = Numbers([1.7e9], [86400.0], [-np.inf], [np.inf], is_flat=True)
TINY = Numbers([3e-50], [1e-50], [-np.inf], [np.inf], is_flat=True)
HUGE = Numbers([0.0], [1e200], [-1e201], [np.inf], is_flat=True)
MIXED = Numbers([2024.0, 0.5], [3.0, 0.1], [-np.inf, 0], [np.inf, 1.0], is_flat=False)


@in_each_format
@pytest.mark.parametrize("output", [YEAR, STAMP, TINY, HUGE, MIXED])
def test_targets_that_single_precision_would_blur(form, program, output, tmp_path):
    """A year, a time stamp, and numbers beyond single precision."""
    student = student_of(output)
    X, _ = rows_of(student, 200)
    path, run = exported(student, form, tmp_path)
    assert_same_answers(student, X, *run(student, path, X))


@in_each_format
def test_quantiles_that_would_cross(form, program, tmp_path):
    """The first unit is above the others in half of the rows."""
    output = Numbers(
        [5] * 3, [2] * 3, [-9] * 3, [16] * 3, is_flat=False, quantiles=LEVELS
    )
    weights = [[3.0, 0.0, -3.0], [1.0, 1.0, 1.0]]
    student = Student([weights], [[0.0, 0.5, 0.2]], "relu", output=output)
    X = np.float32([[-4, 0], [-1, 1], [0, 0], [1, -1], [4, 2], [2, 9]])
    path, run = exported(student, form, tmp_path)
    _, answers = run(student, path, X)
    assert (np.diff(answers, axis=1) >= 0).all()
    assert answers.min() == -9
    assert answers.max() == 16
    assert (np.diff(student.units(X), axis=1) < 0).any()
    assert_same_answers(student, X, answers, answers)


@in_each_format
def test_answers_end_at_their_bounds(form, program, tmp_path):
    output = Numbers([0.3, 7], [2, 1], [-0.1, -np.inf], [1.7, 7.0], is_flat=False)
    student = Student([[[1.0, 1.0]]], [[0.0, 0.0]], "relu", output=output)
    X = np.float32([[-1e30], [-50], [-0.2], [0], [0.7], [1e30]])
    path, run = exported(student, form, tmp_path)
    _, answers = run(student, path, X)
    assert_allclose(answers[[0, 1, -1], 0], [-0.1, -0.1, 1.7], rtol=1e-7)
    assert_array_equal(answers[[3, 4, 5], 1], 7.0)
    assert_allclose(answers, student.predict(X), rtol=1e-6)


@in_each_format
@pytest.mark.parametrize("name", ["one flat number", "three quantiles", "one label"])
def test_rows_without_an_answer(form, program, name, tmp_path):
    """A bound, or a label that a row does not have, would look like an answer."""
    student = student_of(OUTPUTS[name], ())
    path, run = exported(student, form, tmp_path)
    for value in (np.nan, np.inf, -np.inf):
        row = np.full((1, 4), value, dtype=np.float32)
        if form == "onnx":
            _, answers = run(student, path, row)
            assert np.isnan(answers).all()
        else:
            with pytest.raises(ValueError, match="no answer for row 0|row 0: "):
                run(student, path, row)
    weights = [np.full((4, 5), 3e38), np.ones((5, student.output.n_units))]
    beyond = Student(
        weights,
        [np.zeros(5), np.zeros(weights[1].shape[1])],
        output=student.output,
        activation="relu",
    )
    path, run = exported(beyond, form, tmp_path)
    row = np.full((1, 4), 9.0, dtype=np.float32)
    with pytest.raises(ValueError, match="beyond single precision"):
        beyond.predict(row)
    if form == "onnx":
        assert np.isnan(run(beyond, path, row)[1]).all()
    else:
        with pytest.raises(ValueError, match="no answer for row 0|row 0: RangeError"):
            run(beyond, path, row)


def text_student(output, *, with_columns):
    """Return a student of texts, and texts for it."""
    terms = ("good", "bad", "film", "not")
    options = {"lowercase": True, "norm": "l2"}
    blocks = [TextVectorizer(terms=terms, **options)]
    columns = None
    if with_columns:
        columns = ("title", "review")
        blocks.append(TextVectorizer(column=1, terms=terms[::-1], **options))
    text = StudentText(tuple(blocks), columns=columns)
    coefs = [
        np.linspace(-2, 2, 4 * len(blocks) * output.n_units).reshape(-1, output.n_units)
    ]
    student = Student(
        coefs, [np.linspace(0, 1, output.n_units)], "relu", output=output, text=text
    )
    texts = ["A good film", "", "not bad, not BAD", "film film good", "no term at all"]
    rows = [[one, other] for one in texts for other in texts[:2]]
    return student, np.array(rows, dtype=object) if with_columns else texts


@in_each_format
@pytest.mark.parametrize("with_columns", [False, True])
@pytest.mark.parametrize(
    "name", ["one flat number", "three quantiles", "fourteen labels"]
)
def test_students_of_texts(form, program, name, with_columns, tmp_path):
    student, texts = text_student(OUTPUTS[name], with_columns=with_columns)
    path, run = exported(student, form, tmp_path)
    assert_same_answers(student, texts, *run(student, path, texts))
    assert verify(student, path, texts).passed


@in_each_format
@pytest.mark.parametrize("name", ["four numbers", "one label"])
def test_sparse_rows_and_pruned_students(form, program, name, tmp_path):
    student = student_of(OUTPUTS[name])
    X, _ = rows_of(student, 30)
    path, _ = exported(student, form, tmp_path)
    assert verify(student, path, csr_array(X)).passed
    pruned = student_of(
        OUTPUTS[name], kept_columns=KeptColumns.checked([1, 3, 6, 7], 9, [])
    )
    with pytest.raises(ValueError, match="reads 4 of 9 columns of sparse rows"):
        exported(pruned, form, tmp_path)


@in_each_format
def test_an_export_belongs_to_its_student(form, program, tmp_path):
    numbers, labels = (student_of(OUTPUTS[n]) for n in ("four numbers", "one label"))
    other = student_of(OUTPUTS["three quantiles"])
    X, _ = rows_of(numbers, 5)
    path, _ = exported(numbers, form, tmp_path)
    for wrong in (labels, other):
        with pytest.raises(ValueError, match="belongs to another student|Node cannot"):
            verify(wrong, path, X)
    moved = Numbers(
        numbers.output.mean + 1e-3 * numbers.output.scale,
        numbers.output.scale,
        numbers.output.low,
        numbers.output.high,
        is_flat=False,
    )
    wrong = Student(
        numbers.coefs_, numbers.intercepts_, numbers.activation, output=moved
    )
    found = verify(wrong, path, X)
    assert not found.passed
    assert found.greatest_difference == pytest.approx(1e-3, rel=0.02)
    assert verify(wrong, path, X, tolerance=2e-3).passed


@pytest.fixture(scope="module")
def fitted():
    """A regressor of a raw table with gaps, and the table."""
    rng = np.random.default_rng(0)
    towns = pd.Categorical(rng.choice(["Rome", "Oslo", "Bonn"], 200))
    table = pd.DataFrame({"town": towns, "age": rng.uniform(0, 90, 200)})
    table.loc[::7, "town"] = None
    table.loc[::9, "age"] = np.nan
    year = 1990 + 0.2 * table["age"].fillna(20) + 5 * (table["town"] == "Rome")
    teacher = HistGradientBoostingRegressor(
        categorical_features="from_dtype", max_iter=10
    )
    model = DistilledRegressor(
        teacher, hidden_layer_sizes=(8,), max_iter=3, random_state=0
    )
    return model.fit(table, year), table


@in_each_format
def test_a_fitted_regressor_of_a_raw_table(form, program, fitted, tmp_path):
    model, table = fitted
    write, ending, _ = FORMATS[form]
    path = tmp_path / f"student.{ending}"
    write(model, path, verify_on=table)
    found = verify(model, path, table)
    assert found.passed
    assert found.n_rows == 200


class TestOnnx:
    def test_outputs_have_the_names_of_skl2onnx(self, tmp_path):
        student = student_of(OUTPUTS["three quantiles"])
        to_onnx(student, tmp_path / "s.onnx")
        session = onnxruntime.InferenceSession(tmp_path / "s.onnx")
        (variable,) = session.get_outputs()
        assert (variable.name, variable.type) == ("variable", "tensor(float)")
        assert variable.shape[1:] == [3]
        metadata = session.get_modelmeta().custom_metadata_map
        assert json.loads(metadata["quantiles"]) == list(LEVELS)
        student = student_of(OUTPUTS["fourteen labels"])
        to_onnx(student, tmp_path / "s.onnx")
        session = onnxruntime.InferenceSession(tmp_path / "s.onnx")
        label, probabilities = session.get_outputs()
        assert (label.name, label.type) == ("label", "tensor(int64)")
        assert (probabilities.name, probabilities.type) == (
            "probabilities",
            "tensor(float)",
        )
        assert label.shape[1:] == probabilities.shape[1:] == [14]
        metadata = session.get_modelmeta().custom_metadata_map
        assert json.loads(metadata["classes"]) == student.classes_.tolist()

    @pytest.mark.parametrize("output", [YEAR, STAMP, HUGE])
    def test_numbers_that_need_double_precision(self, output, tmp_path):
        to_onnx(student_of(output), tmp_path / "s.onnx")
        session = onnxruntime.InferenceSession(tmp_path / "s.onnx")
        assert session.get_outputs()[0].type == "tensor(double)"

    @pytest.mark.parametrize("opset", [13, 21])
    @pytest.mark.parametrize("name", ["three quantiles", "fourteen labels"])
    def test_other_versions_of_operators(self, name, opset, tmp_path):
        student = student_of(OUTPUTS[name], is_encoded=True)
        X, _ = rows_of(student, 50)
        to_onnx(student, tmp_path / "s.onnx", opset=opset, verify_on=X)

    def test_a_column_may_have_the_name_of_an_output_of_classes(self, tmp_path):
        """Inputs avoid the names of the outputs that their model has."""
        for name in ("one flat number", "one label"):
            student = student_of(OUTPUTS[name], is_encoded=True)
            names = ["label", "a", "variable", "b", "c", "d"]
            model = SimpleNamespace(student_=student, feature_names_in_=names)
            to_onnx(model, tmp_path / "s.onnx")
            graph = onnx.load(tmp_path / "s.onnx").graph
            names = [one.name for one in graph.input]
            clash = {"one flat number": "variable", "one label": "label"}[name]
            assert clash not in names
            X, _ = rows_of(student, 20)
            assert verify(student, tmp_path / "s.onnx", X).passed


def test_the_head_of_a_header_states_units_and_range(tmp_path):
    to_c(student_of(YEAR), tmp_path / "s.h", prefix="car")
    head = (tmp_path / "s.h").read_text().partition("*/")[0]
    assert "car: a predictor of 1 number from 4 columns." in head
    assert "double numbers[car_n_outputs];" in head
    assert "Number, in the units of the target:" in head
    assert "0  mean 2024.3, deviation 3.1, from 1995 to 2031" in head
    seconds = Numbers([1.7e9 + 3], [4.0], [1.7e9 + 1], [np.inf], is_flat=True)
    to_c(student_of(seconds), tmp_path / "s.h")
    words = "mean 1700000003, deviation 4, from 1700000001"
    assert words in (tmp_path / "s.h").read_text()
    to_c(student_of(OUTPUTS["three quantiles"]), tmp_path / "s.h")
    head = (tmp_path / "s.h").read_text().partition("*/")[0]
    assert "Quantiles, in the units of the target:" in head
    assert "1  level 0.5, mean" in head
    to_c(student_of(LabelSets(["wet */", "cold"])), tmp_path / "s.h")
    head = (tmp_path / "s.h").read_text().partition("*/")[0]
    assert r'0  "wet \052/"' in head
    assert "student_predict_proba writes the probability of each label" in " ".join(
        head.replace("*", "").split()
    )


def test_neighbours_of_double_precision_are_equal(monkeypatch, tmp_path):
    """They are 0.0001 deviations apart here, and the last digit is rounded."""
    output = Numbers([-1e9], [1e-3], [-np.inf], [np.inf], is_flat=True)
    student = Student([[[1.0]]], [[0.0]], "relu", output=output)
    to_onnx(student, tmp_path / "s.onnx")
    X = np.float32([[0.0], [1.0]])
    expected = student.predict(X)
    for n_steps, passes in ((1, True), (2, False)):
        given = expected + n_steps * np.spacing(expected)
        monkeypatch.setattr(
            "skdistill.export.onnx.run.run", lambda *_, given=given: (given, given)
        )
        assert verify(student, tmp_path / "s.onnx", X).passed == passes


def test_a_number_far_from_the_mean_may_differ_by_more(monkeypatch, tmp_path):
    """Twenty deviations away, by twice as much."""
    output = Numbers([0.0], [1.0], [-np.inf], [np.inf], is_flat=True)
    student = Student([[[1.0]]], [[0.0]], "relu", output=output)
    to_onnx(student, tmp_path / "s.onnx")
    for value, difference in ((5.0, 0.01), (20.0, 0.005), (-40.0, 0.0025)):
        X = np.float32([[value]])
        given = np.array([value + 0.01])
        monkeypatch.setattr(
            "skdistill.export.onnx.run.run", lambda *_, given=given: (given, given)
        )
        found = verify(student, tmp_path / "s.onnx", X)
        assert found.greatest_difference == pytest.approx(difference)
        assert not found.passed
