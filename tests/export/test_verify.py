import os

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier, Student
from skdistill.export import to_c, to_js, to_onnx, verify
from skdistill.export.onnx import run as run_onnx
from skdistill.export.source import student_of
from tests.student.test_student import make_encoded, make_student, rows


@pytest.fixture
def exported(tmp_path):
    """A student, its model, and rows."""
    student = make_student((4, 7, 3), classes=["a", "b", "c"])
    to_onnx(student, tmp_path / "student.onnx")
    return student, tmp_path / "student.onnx", rows(50, 4)


@pytest.fixture
def answers(exported, monkeypatch):
    """The right answers of the model, given in place of its own: alter them."""
    student, _, X = exported
    found = (student.predict(X), student.predict_proba(X))
    monkeypatch.setattr(run_onnx, "run", lambda *_: found)
    return found


def test_a_faithful_model_passes(exported):
    verification = verify(*exported)
    assert verification.passed
    assert verification.n_rows == 50
    assert verification.greatest_difference < 1e-6
    assert str(verification).startswith("passed on 50 rows: greatest difference")
    assert str(verification).endswith("0 changed labels")


def test_a_difference_is_found(exported, answers):
    answers[1][17, 2] += np.float32(0.01)
    verification = verify(*exported)
    assert not verification.passed
    assert verification.greatest_difference == pytest.approx(0.01, abs=1e-6)
    assert verification.greatest_row == 17
    assert str(verification).startswith(
        "failed on 50 rows: greatest difference of a probability 0.01 in row 17, "
        "tolerance 1e-05; 0 changed labels"
    )
    assert verify(*exported, tolerance=0.011).passed


def test_a_missing_probability_is_found(exported, answers):
    answers[1][17, 2] = np.nan
    answers[1][20, 0] += 0.5
    verification = verify(*exported, tolerance=np.inf)
    assert not verification.passed
    assert np.isnan(verification.greatest_difference)
    assert verification.greatest_row == 17


def test_changed_labels_are_found(exported, answers):
    labels, _ = answers
    changed = [3, 5, 8, 13, 21, 34]
    for row in changed:
        labels[row] = {"a": "b", "b": "c", "c": "a"}[labels[row]]
    labels[40] = "?"
    verification = verify(*exported)
    assert not verification.passed
    assert_array_equal(verification.changed_labels, [*changed, 40])
    assert str(verification).endswith("7 changed labels (rows 3, 5, 8, 13, 21, ...)")


@pytest.mark.parametrize(("logit", "passes"), [(3e-5, True), (5e-5, False)])
def test_ties_are_no_changed_labels(tmp_path, monkeypatch, logit, passes):
    """The probabilities of two labels are half the logit apart."""
    student = Student([[[1.0]]], [[0.0]], "relu", [0, 1])
    X = np.float32([[logit]])
    to_onnx(student, tmp_path / "student.onnx")
    other = (np.array([0]), student.predict_proba(X))
    monkeypatch.setattr(run_onnx, "run", lambda *_: other)
    assert student.predict(X) == [1]
    tolerance = 2e-5
    assert verify(
        student, tmp_path / "student.onnx", X, tolerance=tolerance
    ).passed is (passes)


def test_the_model_of_another_student_fails(exported):
    _, path, X = exported
    other = make_student((4, 7, 3), classes=["a", "b", "c"], seed=1)
    verification = verify(other, path, X)
    difference = np.abs(other.predict_proba(X) - exported[0].predict_proba(X))
    assert not verification.passed
    assert verification.greatest_difference == pytest.approx(difference.max(), abs=1e-6)
    changed = other.predict(X) != exported[0].predict(X)
    assert_array_equal(verification.changed_labels, np.flatnonzero(changed))


@pytest.mark.parametrize(
    ("other", "X", "words"),
    [
        (
            make_student((5, 7, 3)),
            rows(3, 5),
            r"inputs of \[4\] columns, .* takes \[5\]",
        ),
        (
            make_student((4, 7, 2, 5)),
            rows(3, 4),
            r"probabilities of shape \(3, 3\), not",
        ),
        (
            make_encoded(n_linear=0),
            [["level 1"] * 4],
            "inputs of .* another student",
        ),
    ],
    ids=["features", "classes", "columns"],
)
def test_the_model_of_a_student_of_another_shape(exported, other, X, words):
    if other.input_code is not None:
        X = np.full((1, other.n_features_in_), None)
    with pytest.raises(ValueError, match=words):
        verify(other, exported[1], X)


def test_what_cannot_be_verified(exported, tmp_path):
    student, path, X = exported
    with pytest.raises(ValueError, match="X has no rows"):
        verify(student, path, X[:0])
    with pytest.raises(ValueError, match="tolerance=-1 is not a number of at least 0"):
        verify(student, path, X, tolerance=-1)
    with pytest.raises(ValueError, match=r"'student.txt' cannot be run: its ending is"):
        verify(student, "student.txt", X)
    with pytest.raises(FileNotFoundError):
        verify(student, tmp_path / "none.onnx", X)
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"cannot load .*broken\.onnx"):
        verify(student, tmp_path / "broken.onnx", X)


def test_without_onnx_runtime(exported, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(ImportError, match=r"pip install skdistill\[onnx\]"):
        verify(*exported)


def test_an_export_proves_itself(exported, tmp_path):
    student, _, X = exported
    to_onnx(student, tmp_path / "other.onnx", verify_on=X)
    other = (tmp_path / "other.onnx").read_bytes()
    assert other == (tmp_path / "student.onnx").read_bytes()
    mode = os.stat(tmp_path / "other.onnx").st_mode
    (tmp_path / "plain").touch()
    assert mode == os.stat(tmp_path / "plain").st_mode


def test_an_export_that_fails_keeps_the_former_file(exported, answers, tmp_path):
    student, _, X = exported
    path = tmp_path / "former.onnx"
    path.write_text("kept")
    answers[1][9, 0] += np.float32(0.25)
    answers[0][7] = "?"
    with pytest.raises(ValueError, match="does not answer as the student") as caught:
        to_onnx(student, path, verify_on=X)
    assert "0.25 in row 9" in str(caught.value)
    assert "1 changed labels (rows 7)" in str(caught.value)
    assert path.read_text() == "kept"
    assert sorted(os.listdir(tmp_path)) == ["former.onnx", "student.onnx"]
    to_onnx(student, path)
    assert path.read_bytes() == exported[1].read_bytes()


def test_an_export_that_cannot_be_run_is_not_written(exported, tmp_path):
    with pytest.raises(ValueError, match="it needs to end in .onnx"):
        to_onnx(exported[0], tmp_path / "student.bin", verify_on=exported[2])
    assert os.listdir(tmp_path) == ["student.onnx"]


EXPORTS = [(to_onnx, ".onnx"), (to_c, ".h"), (to_js, ".mjs")]


@pytest.mark.parametrize(("export", "ending"), EXPORTS)
@pytest.mark.parametrize("name", ["student.bin", "student", "student.ONNX", ".h.d"])
def test_endings_of_paths(tmp_path, export, ending, name):
    with pytest.raises(
        ValueError, match=rf"path='.*{name}' ends in '.*end in {ending}"
    ):
        export(make_student(), tmp_path / name)
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(("export", "ending"), EXPORTS)
def test_a_missing_folder_is_named_by_the_path(tmp_path, export, ending):
    path = tmp_path / "missing" / f"student{ending}"
    with pytest.raises(FileNotFoundError) as caught:
        export(make_student(), path)
    assert caught.value.filename == str(path)
    with pytest.raises(FileNotFoundError) as caught:
        make_student().save(path)
    assert caught.value.filename == str(path)


@pytest.mark.parametrize(("export", "ending"), EXPORTS)
@pytest.mark.parametrize("tolerance", [-1, np.nan, "0.1"])
def test_tolerances_that_are_none(tmp_path, export, ending, tolerance):
    """Also where no rows are given on which to verify."""
    with pytest.raises(ValueError, match=f"tolerance={tolerance!r} is not a number"):
        export(make_student(), tmp_path / f"student{ending}", tolerance=tolerance)
    assert not os.listdir(tmp_path)


def test_names_of_columns_are_compared(blobs, tmp_path):
    X, y = blobs
    frame = pd.DataFrame(X).rename(columns="column {}".format)
    model = DistilledClassifier(max_iter=1).fit(frame, y)
    path = tmp_path / "student.onnx"
    to_onnx(model, path, verify_on=frame)
    former = path.read_bytes()
    other = frame[frame.columns[::-1]]
    for call in (verify, lambda *args: to_onnx(*args[:2], verify_on=args[2])):
        with pytest.raises(ValueError, match="feature names should match"):
            call(model, path, other)
    assert path.read_bytes() == former
    # A student has no names, and an array neither.
    assert verify(model.student_, path, other).n_rows == len(X)
    assert verify(model, path, X).passed


def test_whose_student(blobs):
    X, y = blobs
    model = DistilledClassifier(max_iter=1)
    with pytest.raises(NotFittedError, match="DistilledClassifier instance is not fit"):
        student_of(model)
    model.fit(X, y)
    assert student_of(model) is model.student_
    assert student_of(model.student_) is model.student_
    for other in (LogisticRegression().fit(X, y), LogisticRegression, "x", None):
        with pytest.raises(TypeError, match="fitted DistilledClassifier or Distilled"):
            student_of(other)


def test_sparse_rows_are_made_dense(exported):
    student, path, X = exported
    assert verify(student, path, csr_matrix(X)).passed
