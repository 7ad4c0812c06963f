import pickle
import warnings

import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_allclose, assert_array_equal

from skdistill import Student
from skdistill import student as student_module
from skdistill.kernels.predict import BLOCK_ROWS
from tests import oracle

UNITS = [(3, 1), (5, 4), (4, 7, 1), (54, 64, 7), (6, 33, 17, 20), (3, 16, 16, 16, 2, 3)]
ACTIVATIONS = ["relu", "tanh", "logistic", "silu"]


def make_student(units=(4, 7, 3), activation="relu", classes=None, seed=0):
    coefs, intercepts = oracle.random_network(units, seed, np.float32)
    n_classes = max(2, units[-1])
    return Student(
        coefs,
        intercepts,
        activation,
        np.arange(n_classes) if classes is None else classes,
    )


def rows(n, n_features, seed=1):
    return oracle.RNG(seed).normal(size=(n, n_features)).astype(np.float32)


@pytest.fixture(params=["compiled", "NumPy"])
def form(request, monkeypatch):
    """Run a test with the kernels, and as where Numba is not installed."""
    if request.param == "NumPy":
        monkeypatch.setattr(student_module, "COMPILED", False)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("units", UNITS, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("n", [1, 17, BLOCK_ROWS, BLOCK_ROWS + 1, 500])
def test_predictions_against_the_oracle(units, activation, n):
    student = make_student(units, activation)
    X = rows(n, units[0])
    logits = oracle.forward(
        X.astype(float), student.coefs_, student.intercepts_, activation
    )
    expected = oracle.all_logits(logits)
    decision = student.decision_function(X)
    assert_allclose(
        decision,
        expected[:, 1] if units[-1] == 1 else expected,
        rtol=1e-5,
        atol=1e-5,
    )
    proba = student.predict_proba(X)
    assert proba.dtype == np.float32
    assert_allclose(proba, oracle.softmax(expected), rtol=1e-4, atol=2e-6)
    assert_allclose(proba.sum(axis=1), 1, atol=1e-6)
    assert_array_equal(
        student.predict(X),
        (decision > 0).astype(int) if units[-1] == 1 else decision.argmax(axis=1),
    )


def test_a_row_is_predicted_as_in_a_batch():
    student = make_student((54, 64, 7))
    X = rows(300, 54)
    batch = student.predict_proba(X)
    one_by_one = np.vstack([student.predict_proba(X[i : i + 1]) for i in range(300)])
    assert_array_equal(batch, one_by_one)


@pytest.mark.usefixtures("form")
def test_no_rows():
    assert make_student().predict_proba(rows(0, 4)).shape == (0, 3)
    assert make_student().predict(rows(0, 4)).shape == (0,)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(
    "convert",
    [np.asfortranarray, lambda X: X.astype(np.float64), lambda X: X.tolist()],
    ids=["Fortran", "float64", "list"],
)
def test_other_forms_of_input(convert):
    student = make_student()
    X = rows(20, 4)
    assert_array_equal(student.predict_proba(convert(X)), student.predict_proba(X))


def test_read_only_input_compiles_nothing():
    from skdistill.kernels.predict import predict_rows

    student = make_student()
    X = rows(5, 4)
    expected = student.predict_proba(X)
    X.flags.writeable = False
    before = list(predict_rows.signatures)
    assert_array_equal(student.predict_proba(X), expected)
    assert list(predict_rows.signatures) == before
    assert len(before) == 1


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 5, BLOCK_ROWS + 3])
def test_values_that_are_not_finite_are_named(bad, row):
    student = make_student()
    X = rows(BLOCK_ROWS + 10, 4)
    X[row, 2] = bad
    for method in (student.predict, student.predict_proba, student.decision_function):
        with pytest.raises(ValueError, match=f"{bad} in row {row}, column 2"):
            method(X)


@pytest.mark.usefixtures("form")
def test_values_beyond_single_precision_are_named():
    X = rows(3, 4).astype(np.float64)
    X[1, 0] = -1e300
    with warnings.catch_warnings(), pytest.raises(ValueError, match="-inf in row 1, c"):
        make_student().predict(X)
    X[1, 0] = 3e38
    student = make_student()
    student = Student(
        [weights * 10 for weights in student.coefs_],
        student.intercepts_,
        "relu",
        student.classes_,
    )
    with pytest.raises(ValueError, match="logits of row 1 of X are beyond single"):
        student.predict_proba(X)


@pytest.mark.usefixtures("form")
def test_probabilities_of_extreme_logits():
    student = Student([[[1.0]]], [[0.0]], "relu", [0, 1])
    proba = student.predict_proba([[-3e38], [-200.0], [0.0], [200.0], [3e38]])
    expected = [[1, 0], [1, 0], [0.5, 0.5], [0, 1], [0, 1]]
    assert_allclose(proba, expected, atol=1e-37)


def test_what_is_no_table():
    for X in (scipy.sparse.eye_array(4), [["a", "b", "c", "d"]], [[1.0], [2.0, 3.0]]):
        with pytest.raises(ValueError, match="X is not a table of numbers: "):
            make_student().predict(X)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("X", [[1.0, 2.0, 3.0, 4.0], [[1.0, 2.0, 3.0]], 3.0])
def test_shapes_that_do_not_fit(X):
    with pytest.raises(ValueError, match=r"X has shape .*takes \(n_samples, 4\)"):
        make_student().predict_proba(X)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"activation": "gelu"}, "activation='gelu' is not one of"),
        ({"classes": [0, 1]}, "3 outputs where 2 classes need 1"),
        ({"classes": [0]}, "classes holds 1 labels"),
        ({"classes": [0, 1, 1]}, "classes holds a label twice"),
        ({"coefs": []}, "coefs has 0 layers and intercepts 2"),
        ({"coefs": [np.ones((4, 7)), np.ones((6, 3))]}, "layer 1 has weights of shape"),
        ({"coefs": [np.ones((4, 7)), np.ones(3)]}, "has 1 dimensions, not 2"),
        ({"intercepts": [np.full(7, np.nan), np.ones(3)]}, "intercepts holds a value"),
    ],
    ids=str,
)
def test_parts_that_make_no_student(change, words):
    student = make_student()
    parts = {
        "coefs": student.coefs_,
        "intercepts": student.intercepts_,
        "activation": "relu",
        "classes": [0, 1, 2],
    }
    with pytest.raises(ValueError, match=words):
        Student(**{**parts, **change})


def test_student_holds_arrays_and_scalars_only():
    student = make_student()
    for value in vars(student).values():
        parts = value if isinstance(value, list) else [value]
        assert all(type(part) in (np.ndarray, str) for part in parts)
    copied = pickle.loads(pickle.dumps(student))
    assert_array_equal(
        copied.predict_proba(rows(9, 4)), student.predict_proba(rows(9, 4))
    )


def test_pickle_of_another_machine():
    """Where Numba is not installed there are none of the kernels' arrays."""
    student = make_student()
    state = student.__getstate__()
    assert set(state) == {"coefs_", "intercepts_", "activation", "classes_"}
    other = Student.__new__(Student)
    other.__setstate__(state)
    X = rows(9, 4)
    assert_array_equal(other.predict_proba(X), student.predict_proba(X))


def test_description():
    student = make_student((4, 7, 3), "tanh")
    assert repr(student) == "<Student 4-7-3 tanh, 3 classes, 0.2 KiB>"
    assert student.nbytes == 4 * (4 * 7 + 7 + 7 * 3 + 3)
    assert student.n_features_in_ == 4
    assert student.n_layers_ == 3
