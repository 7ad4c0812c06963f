"""Students of numbers and of label sets against slow and obvious NumPy code."""

import json
import pickle
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer

from skdistill import Student
from skdistill.kernels.predict import BLOCK_ROWS
from skdistill.student import prediction
from skdistill.student.kept_columns import KeptColumns
from skdistill.student.outputs import Classes, LabelSets, Numbers
from tests.student.tasks import (
    OUTPUTS,
    answers_of,
    expected_answers,
    numbers_output,
    rows_of,
    student_of,
)

OF_NUMBERS = [name for name, output in OUTPUTS.items() if output.kind == "numbers"]
OF_LABELS = [name for name, output in OUTPUTS.items() if output.kind == "label_sets"]


@pytest.fixture(params=["compiled", "NumPy"])
def form(request, monkeypatch):
    """Run a test with the kernels, and again as if Numba were not installed."""
    if request.param == "NumPy":
        monkeypatch.setattr(prediction, "COMPILED", False)


def assert_answers(found, output, units):
    """Check answers. An error of a unit is multiplied by the deviation."""
    wanted = expected_answers(output, units)
    assert found.shape == wanted.shape
    if output.kind == "label_sets":
        assert found.dtype == np.float32
        assert_allclose(found, wanted, atol=2e-6)
        return
    assert found.dtype == np.float64
    error = abs(found - wanted).reshape(units.shape)
    assert (error <= 1e-5 * output.scale * (1 + abs(units))).all()


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("hidden", [(), (9, 5)], ids=str)
@pytest.mark.parametrize("is_encoded", [False, True])
def test_answers_of_each_task(name, hidden, is_encoded):
    output = OUTPUTS[name]
    student = student_of(output, hidden, is_encoded=is_encoded)
    assert student.is_sum_of_curves == (output.n_units == 1 and not hidden)
    for n_rows in (0, 1, 2, 17, BLOCK_ROWS, 500):
        X, units = rows_of(student, n_rows)
        assert_allclose(student.units(X), units, rtol=1e-4, atol=1e-5)
        found = answers_of(student, X)
        assert_answers(found, output, units)
        # The kernel may round a product and a sum once.
        wanted = output.decide(student.units(X))
        assert_allclose(student.predict(X), wanted, rtol=1e-14, atol=1e-11)
        assert_array_equal(answers_of(student, X, n_jobs=3), found)
        out = np.full_like(found, np.nan)
        assert answers_of(student, X, out=out) is out
        assert_array_equal(out, found)


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_a_student_of_numbers_has_no_probabilities(name):
    student = student_of(OUTPUTS[name])
    for absent in ("predict_proba", "decision_function", "classes_"):
        assert not hasattr(student, absent)
        message = f"a student of numbers has no {absent}, only a student of classes or"
        with pytest.raises(AttributeError, match=message):
            getattr(student, absent)
    assert student.out_activation_ == "identity"


@pytest.mark.parametrize("name", OF_LABELS)
def test_a_student_of_labels_has_probabilities_and_decisions(name):
    output = OUTPUTS[name]
    student = student_of(output)
    X, units = rows_of(student, 30)
    decided = student.predict(X)
    assert_array_equal(decided, units > 0)
    assert decided.dtype == np.intp
    assert_allclose(student.decision_function(X), units, rtol=1e-4, atol=1e-5)
    assert_array_equal(student.classes_, output.labels)
    assert student.out_activation_ == "logistic"


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("name", OUTPUTS)
def test_one_column_that_rises_never_lowers_an_answer(name):
    output = OUTPUTS[name]
    student = student_of(output, (), is_encoded=False)
    X = np.zeros((4000, 4), dtype=np.float32)
    X[:, 0] = np.linspace(-3, 3, 4000)
    rises = np.sign(student.coefs_[0][0])
    steps = np.diff(answers_of(student, X).reshape(4000, -1), axis=0) * rises
    if student.is_sum_of_curves:
        assert (steps >= 0).all()


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("name", OUTPUTS)
def test_sparse_rows_and_rows_beyond_the_kernels(name):
    output = OUTPUTS[name]
    student = student_of(output)
    X, _ = rows_of(student, 40)
    X[::3] = 0.0
    wanted = answers_of(student, X)
    found = answers_of(student, csr_array(X))
    tolerance = 1e-6 if output.kind == "label_sets" else 1e-4 * output.scale.max()
    assert_allclose(found, wanted, atol=tolerance)
    # A value so large that compiled kernels leave the row to NumPy.
    X[7] = 3e37
    found = answers_of(student, X)
    assert_array_equal(np.delete(found, 7, axis=0), np.delete(wanted, 7, axis=0))
    assert_allclose(found[7], output.answers(student.units(X))[7], rtol=1e-14)
    X[7] = np.inf
    with pytest.raises(ValueError, match="X holds inf in row 7, column 0"):
        answers_of(student, X)


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_pruned_student(name):
    output = OUTPUTS[name]
    plain = student_of(output)
    kept = KeptColumns.checked([1, 3, 6, 7], 9, [])
    pruned = student_of(output, kept_columns=kept)
    X, _ = rows_of(plain, 12)
    wide = np.zeros((12, 9), dtype=np.float32)
    wide[:, kept.places] = X
    found = answers_of(pruned, csr_array(wide))
    assert_allclose(found, answers_of(plain, csr_array(X)), rtol=1e-6)


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_student_of_texts(name, tmp_path):
    texts = ["wet and cold", "cold", "dark and wet and wet", ""]
    vectorizer = CountVectorizer(token_pattern=r"[a-z]+").fit(texts)
    plain = student_of(OUTPUTS[name])
    pipeline = SimpleNamespace(steps=[("texts", vectorizer), ("student", plain)])
    student = Student.from_pipeline(pipeline)
    wanted = answers_of(plain, vectorizer.transform(texts))
    assert_allclose(answers_of(student, texts), wanted, rtol=1e-5)
    student.save(tmp_path / "student.npz")
    loaded = Student.load(tmp_path / "student.npz")
    assert_array_equal(answers_of(loaded, texts), answers_of(student, texts))
    assert loaded.output.identity == plain.output.identity


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("is_encoded", [False, True])
def test_pickles_and_files_give_the_same_student(name, is_encoded, tmp_path):
    student = student_of(OUTPUTS[name], is_encoded=is_encoded, weight_dtype="int8")
    X, _ = rows_of(student, 25)
    student.save(tmp_path / "student.npz")
    loaded = Student.load(tmp_path / "student.npz")
    loaded.save(tmp_path / "again.npz")
    again = (tmp_path / "again.npz").read_bytes()
    assert again == (tmp_path / "student.npz").read_bytes()
    for other in (pickle.loads(pickle.dumps(student)), loaded):
        assert type(other) is type(student)
        assert_array_equal(answers_of(other, X), answers_of(student, X))
        assert repr(other) == repr(student)
        assert other.nbytes == student.nbytes
        assert vars(other.output).keys() == vars(student.output).keys()


_NUMBER = st.floats(-1e300, 1e300)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(_NUMBER, st.floats(1e-300, 1e300), _NUMBER, _NUMBER, st.booleans()),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_each_output_of_numbers_survives_a_file(tmp_path_factory, parts, is_flat):
    mean, scale, one, other, is_bounded = (
        np.array(p) for p in zip(*parts, strict=True)
    )
    low = np.where(is_bounded, np.minimum(one, other), -np.inf)
    high = np.where(is_bounded[::-1], np.maximum(one, other), np.inf)
    is_flat = is_flat and len(parts) == 1
    output = Numbers(mean, scale, low, high, is_flat=is_flat)
    path = tmp_path_factory.mktemp("file") / "student.npz"
    student_of(output).save(path)
    found = Student.load(path).output
    for name in ("mean", "scale", "low", "high"):
        assert_array_equal(getattr(found, name), getattr(output, name))
    assert (found.is_flat, found.quantiles) == (is_flat, None)


@pytest.mark.parametrize("name", ["four numbers", "three quantiles", "one label"])
def test_no_other_package_is_needed(name, tmp_path):
    """A stored student answers without Numba, SciPy and scikit-learn."""
    student = student_of(OUTPUTS[name])
    student.save(tmp_path / "student.npz")
    code = (
        "import sys\n"
        "absent = ('scipy', 'sklearn', 'pandas', 'numba')\n"
        "sys.modules.update(dict.fromkeys(absent))\n"
        "from skdistill import Student\n"
        f"student = Student.load({str(tmp_path / 'student.npz')!r})\n"
        "print(student.predict([[0.5, -1.0, 2.0, 0.25]]).tolist())\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = student.predict([[0.5, -1.0, 2.0, 0.25]])
    assert_allclose(json.loads(done.stdout), expected, rtol=1e-5)


def test_description():
    texts = {name: repr(student_of(output)) for name, output in OUTPUTS.items()}
    assert texts["one flat number"] == "<Student 4-9-5-1 relu, 1 number, 0.43 KiB>"
    assert ", 4 numbers, " in texts["four numbers"]
    assert ", 3 quantiles, " in texts["three quantiles"]
    assert ", 14 labels, " in texts["fourteen labels"]


def test_wrong_outputs_are_refused():
    parts = [np.ones((2, 3))], [np.zeros(3)], "relu"
    with pytest.raises(ValueError, match="classes=None and output=None: give one"):
        Student(*parts)
    with pytest.raises(
        ValueError, match=r"classes=\[0, 1, 2\] and output=.*: give one"
    ):
        Student(*parts, [0, 1, 2], output=LabelSets(list("abc")))
    with pytest.raises(
        TypeError, match="output is a str: give Classes, Numbers or Lab"
    ):
        Student(*parts, output="numbers")
    with pytest.raises(ValueError, match="has 3 outputs, and needs 4 for 4 numbers"):
        Student(*parts, output=numbers_output(4))
    with pytest.raises(ValueError, match="classes holds a label twice"):
        Student(*parts, output=Classes(np.array([0, 1, 1])))
    student = Student(*parts, output=Classes(np.array([0, 1, 2])))
    assert student.classes_.tolist() == [0, 1, 2]


def test_an_array_that_cannot_receive_numbers_is_refused():
    student = student_of(OUTPUTS["four numbers"])
    X, _ = rows_of(student, 3)
    for wrong in (np.empty((3, 4), np.float32), np.empty((3, 3)), np.empty(12)):
        with pytest.raises(
            ValueError, match="it must be a writable float64 array of s"
        ):
            student.predict(X, out=wrong)
    with pytest.raises(ValueError, match="n_jobs=0 is not None, -1, or 1 or more"):
        student.predict(X, n_jobs=0)
