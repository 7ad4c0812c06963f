import pickle
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import config
from numpy.testing import assert_allclose, assert_array_equal

from skdistill import Student
from skdistill.kernels.predict import BLOCK_ROWS
from skdistill.student import prediction as prediction_module
from skdistill.student.input_code import InputCode
from skdistill.student.outputs import Classes
from tests import oracle

UNITS = [(3, 1), (5, 4), (4, 7, 1), (54, 64, 7), (6, 33, 17, 20), (3, 16, 16, 16, 2, 3)]
ACTIVATIONS = ["relu", "tanh", "logistic", "silu"]
UNCOMPILED = bool(config.DISABLE_JIT)


def make_student(units=(4, 7, 3), activation="relu", classes=None, seed=0):
    coefs, intercepts = oracle.random_network(units, seed, np.float32)
    n_classes = max(2, units[-1])
    return Student(
        coefs,
        intercepts,
        activation,
        np.arange(n_classes) if classes is None else classes,
    )


def make_encoded(
    units=(7, 3), n_linear=2, bins=(3, 9), levels=(4,), activation="relu", **options
):
    """A student of hidden and output units, with a random code and table."""
    code = oracle.random_code(n_linear, bins, levels)
    coefs, intercepts = oracle.random_network((n_linear, *units), 0, np.float32)
    table = oracle.RNG(2).normal(size=(code.n_rows, units[0])).astype(np.float32)
    classes = np.arange(max(2, units[-1]))
    return Student(coefs, intercepts, activation, classes, code, table, **options)


def encoded_logits(student, numbers):
    return oracle.encoded_forward(
        student.input_code,
        numbers,
        student.coefs_,
        student.intercepts_,
        student.knot_table_,
        student.activation,
    )


def rows(n, n_features, seed=1):
    return oracle.RNG(seed).normal(size=(n, n_features)).astype(np.float32)


def plain_and_encoded(n):
    """Yield a plain and an encoded student, each with rows."""
    plain, encoded = make_student(), make_encoded()
    yield plain, rows(n, 4)
    code = encoded.input_code
    yield encoded, oracle.labelled_table(code, oracle.random_numbers(code, n))
    numeric = make_encoded(levels=())
    yield numeric, oracle.random_numbers(numeric.input_code, n)


@pytest.fixture(autouse=True)
def warnings_as_of_compiled_kernels():
    """Silence NumPy's warnings about values that the kernels check themselves."""
    kinds = {"invalid": "ignore", "over": "ignore"} if UNCOMPILED else {}
    with np.errstate(**kinds):
        yield


@pytest.fixture(params=["compiled", "NumPy"])
def form(request, monkeypatch):
    """Run a test with the kernels, and again as if Numba were not installed."""
    if request.param == "NumPy":
        monkeypatch.setattr(prediction_module, "COMPILED", False)


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


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(
    ("units", "n_linear", "bins", "levels"),
    [
        ((7, 3), 2, (3, 9), (4,)),
        ((130, 17, 1), 0, (2, 64, 5), (1, 300)),
        ((16, 20), 3, (), (3,)),
        ((1, 1), 0, (2,), ()),
        ((33, 16, 16, 2, 3), 20, (4,) * 15, ()),
        ((3,), 2, (3, 9), (4,)),
        ((1,), 0, (30,), (2, 2)),
        ((26,), 17, (), (3,)),
        # A code that uses no feature.
        ((16, 3), 0, (), ()),
        ((1,), 0, (), ()),
    ],
    ids=str,
)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("n", [1, BLOCK_ROWS + 1, 500])
def test_encoded_predictions_against_the_oracle(
    units, n_linear, bins, levels, activation, n
):
    student = make_encoded(units, n_linear, bins, levels, activation)
    numbers = oracle.random_numbers(student.input_code, n)
    expected = oracle.all_logits([encoded_logits(student, numbers)])
    table = oracle.labelled_table(student.input_code, numbers)
    for X in [table] if levels else [table, numbers, numbers.astype(np.float64)]:
        decision = student.decision_function(X)
        assert_allclose(
            decision,
            expected[:, 1] if units[-1] == 1 else expected,
            rtol=2e-5,
            atol=5e-5,
        )
        proba = student.predict_proba(X)
        assert_allclose(proba, oracle.softmax(expected), rtol=1e-4, atol=1e-5)
        if units[-1] == 1:
            assert_array_equal(student.predict(X), (decision > 0).astype(int))
        else:
            assert_array_equal(student.predict(X), decision.argmax(axis=1))


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from([1, 3, 16, 17, 40]), min_size=0, max_size=3),
    st.sampled_from([1, 3, 18]),
    st.integers(0, 20),
    st.lists(st.integers(2, 70), max_size=6),
    st.lists(st.integers(1, 40), max_size=4),
    st.sampled_from(ACTIVATIONS),
    st.sampled_from(["int8", "float16", "float32"]),
    st.integers(1, 2 * BLOCK_ROWS),
    st.integers(0, 2**32 - 1),
)
def test_both_forms_predict_the_same(
    hidden, outputs, n_linear, bins, levels, activation, dtype, n, seed
):
    student = make_encoded(
        (*hidden, outputs), n_linear, bins, levels, activation, weight_dtype=dtype
    )
    numbers = oracle.random_numbers(student.input_code, n, seed)
    X = oracle.labelled_table(student.input_code, numbers)
    compiled = student.decision_function(X)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prediction_module, "COMPILED", False)
        alone = student.decision_function(X)
    scale = np.abs(encoded_logits(student, numbers)).max()
    assert_allclose(compiled, alone, atol=1e-5 * (1 + scale))


def test_a_row_is_predicted_as_in_a_batch():
    plain, encoded = make_student((54, 64, 7)), make_encoded((64, 7), 3, (4, 30), ())
    numbers = oracle.random_numbers(encoded.input_code, 300)
    for student, X in ((plain, rows(300, 54)), (encoded, numbers)):
        batch = student.predict_proba(X)
        one_by_one = [student.predict_proba(X[i : i + 1]) for i in range(300)]
        assert_allclose(batch, np.vstack(one_by_one), rtol=1e-5)
        others = student.predict_proba(X[100:])
        # The products of NumPy may depend on the number of rows, in their last digits.
        assert_allclose(others, batch[100:], rtol=1e-5 if UNCOMPILED else 0.0)


@pytest.mark.usefixtures("form")
def test_no_rows():
    assert make_encoded().predict_proba(np.empty((0, 6), object)).shape == (0, 3)
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


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("n", [0, 1, 2, 17, BLOCK_ROWS + 3])
def test_one_row_or_many_the_same_answers(n):
    for student, X in plain_and_encoded(n):
        alone = [student.predict_proba(X[i : i + 1]) for i in range(n)]
        expected = np.concatenate([np.empty((0, len(student.classes_))), *alone])
        assert_allclose(student.predict_proba(X), expected, atol=1e-6)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("n_jobs", [None, 1, 3, -1])
def test_an_array_receives_the_answers_of_any_number_of_threads(n_jobs):
    for student, X in plain_and_encoded(3000):
        expected = student.predict_proba(X)
        out = np.full_like(expected, 77.0)
        assert student.predict_proba(X, out=out, n_jobs=n_jobs) is out
        assert_array_equal(out, expected)
        assert_array_equal(student.predict_proba(X, n_jobs=n_jobs), expected)


@pytest.mark.parametrize(
    ("out", "described"),
    [
        ([[0.0]], "a list"),
        (np.empty((3, 3), np.float32), "a writable float32 array of shape (3, 3)"),
        (np.empty((5, 3), np.float64), "a writable float64 array of shape (5, 3)"),
        (np.empty((3, 5), np.float32).T, "of shape (5, 3) in another order"),
        (np.broadcast_to(np.float32(0), (5, 3)), "a read-only float32 array"),
    ],
    ids=["list", "shape", "type", "order", "read-only"],
)
def test_an_array_that_cannot_receive_the_answers_is_described(out, described):
    student = make_student()
    with pytest.raises(ValueError, match=re.escape(described)):
        student.predict_proba(rows(5, 4), out=out)


def test_an_array_that_shares_its_memory_with_the_rows_is_refused():
    student = make_student()
    memory = rows(10, 4).reshape(-1)
    out = memory[:15].reshape(5, 3)
    with pytest.raises(ValueError, match="out shares memory with X"):
        student.predict_proba(memory[10:30].reshape(5, 4), out=out)


@pytest.mark.parametrize("n_jobs", [0, -2])
def test_an_invalid_number_of_threads_is_refused(n_jobs):
    with pytest.raises(
        ValueError, match=f"n_jobs={n_jobs} is not None, -1, or 1 or more"
    ):
        make_student().predict_proba(rows(5, 4), n_jobs=n_jobs)


@pytest.mark.skipif(UNCOMPILED, reason="threads are for compiled kernels")
@pytest.mark.parametrize("row", [0, 1500, 2999])
def test_threads_name_the_row_that_cannot_be_predicted(row):
    X = rows(3000, 4)
    X[row, 2] = np.nan
    with pytest.raises(ValueError, match=f"NaN in row {row}, column 2"):
        make_student().predict_proba(X, n_jobs=4)


def test_read_only_input_compiles_nothing():
    from skdistill.kernels.predict import predict_rows

    def compiled_forms():
        return 1 if UNCOMPILED else len(predict_rows.signatures)

    for student in (make_student(), make_encoded(levels=())):
        X = rows(5, student.n_features_in_)
        expected = student.predict_proba(X)
        X.flags.writeable = False
        assert_array_equal(student.predict_proba(X), expected)
        assert compiled_forms() == 1


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 5, BLOCK_ROWS + 3])
def test_values_that_are_not_finite_are_named(bad, row):
    student = make_student()
    X = rows(BLOCK_ROWS + 10, 4)
    X[row, 2] = bad
    value = "NaN" if np.isnan(bad) else bad
    for method in (student.predict, student.predict_proba, student.decision_function):
        with pytest.raises(ValueError, match=f"{value} in row {row}, column 2"):
            method(X)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("bad", [np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, BLOCK_ROWS + 3])
def test_infinite_cells_are_named_where_missing_ones_are_taken(bad, row):
    student = make_encoded(levels=())
    X = oracle.random_numbers(student.input_code, BLOCK_ROWS + 10)
    X[row, 2] = bad
    words = f"{bad} in row {row}, column 2: the student takes values that are finite or"
    with pytest.raises(ValueError, match=words):
        student.predict(X)
    with pytest.raises(ValueError, match="column 2 of X holds infinity"):
        student.predict(X.tolist())


@pytest.mark.usefixtures("form")
def test_columns_of_text_that_the_student_does_not_use():
    student = make_encoded(levels=())
    code = student.input_code
    numbers = oracle.random_numbers(code, 20)
    used = {*code.linear.tolist(), *code.knotted.tolist()}
    (unused,) = set(range(code.n_features)) - used
    table = numbers.astype(object)
    table[:, unused] = "text"
    frame = pd.DataFrame(table).infer_objects().convert_dtypes()
    expected = student.predict_proba(numbers)
    assert_array_equal(student.predict_proba(table), expected)
    assert_array_equal(student.predict_proba(frame), expected)


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


def test_input_that_is_no_table():
    for X in ([["a", "b", "c", "d"]], [[1.0], [2.0, 3.0]]):
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
        ({"classes": [0, 1]}, "3 outputs, and needs 1 for 2 classes"),
        ({"classes": [0]}, "classes holds 1 labels"),
        ({"classes": [0, 1, 1]}, "classes holds a label twice"),
        ({"coefs": []}, "coefs has 0 layers and intercepts 2"),
        ({"coefs": [np.ones((4, 7)), np.ones((6, 3))]}, "layer 1 has weights of shape"),
        ({"coefs": [np.ones((4, 7)), np.ones(3)]}, "has 1 dimensions, not 2"),
        ({"intercepts": [np.full(7, np.nan), np.ones(3)]}, "intercepts holds a value"),
        ({"weight_dtype": "int4"}, r"weight_dtype='int4' is not one of \['int8', 'fl"),
        (
            {
                "coefs": [np.full((4, 7), 1e5), np.ones((7, 3))],
                "weight_dtype": "float16",
            },
            "a weight of size 1e.05, too large for weight_dtype='float16'",
        ),
        ({"knot_table": np.ones((3, 7))}, "give input_code and knot_table together"),
        (
            {"input_code": oracle.random_code(4, [2], [])},
            "give input_code and knot_table together",
        ),
        (
            {
                "input_code": oracle.random_code(4, [2], []),
                "knot_table": np.ones((5, 7)),
            },
            r"knot_table has shape \(5, 7\), not \(4, 7\)",
        ),
        (
            {
                "input_code": oracle.random_code(3, [2], []),
                "knot_table": np.ones((4, 7)),
            },
            "the first layer has 4 inputs, but the input code has 3 linear",
        ),
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
    def check(value):
        if isinstance(value, list | tuple):
            for part in value:
                check(part)
        elif isinstance(value, InputCode | Classes):
            check(list(vars(value).values()))
        else:
            assert type(value) in (np.ndarray, str, int, type(None))

    for student in (make_student(), make_encoded(levels=())):
        check(list(vars(student).values()))
        copied = pickle.loads(pickle.dumps(student))
        X = rows(9, student.n_features_in_)
        assert_array_equal(copied.predict_proba(X), student.predict_proba(X))
        check(list(vars(copied).values()))


def test_pickle_of_another_machine():
    """A machine without Numba does not have the arrays of the kernels."""
    for student in (make_student(), make_encoded(levels=(), weight_dtype="int8")):
        state = student.__getstate__()
        assert set(state) == {
            "activation",
            "coefs_",
            "input_code",
            "intercepts_",
            "kept_columns",
            "knot_table_",
            "output",
            "text",
            "weight_dtype",
        }
        other = Student.__new__(Student)
        other.__setstate__(state)
        X = rows(9, student.n_features_in_)
        assert_array_equal(other.predict_proba(X), student.predict_proba(X))


def test_pickle_of_a_former_release():
    """It holds the labels in place of the output."""
    student = make_student(classes=["a", "b", "c"])
    state = student.__getstate__()
    del state["output"]
    other = Student.__new__(Student)
    other.__setstate__(state | {"classes_": np.array(["a", "b", "c"])})
    X = rows(9, 4)
    assert_array_equal(other.predict(X), student.predict(X))
    assert_array_equal(other.classes_, ["a", "b", "c"])


def test_description():
    student = make_student((4, 7, 3), "tanh")
    assert repr(student) == "<Student 4-7-3 tanh, 3 classes, 0.23 KiB>"
    assert student.nbytes == 4 * (4 * 7 + 7 + 7 * 3 + 3)
    assert student.n_features_in_ == 4
    assert student.n_layers_ == 3
    encoded = make_encoded((7, 3), 2, (3, 9), (4,))
    assert repr(encoded) == "<Student 6-7-3 relu, 3 classes, 0.83 KiB>"
    n_rows, n_knots = 4 + 10 + 1 + 6 + 1, 4 + 10
    n_weights = 2 * 7 + 7 * 3
    assert encoded.nbytes == 4 * (n_weights + 7 * n_rows + 7 + 3 + n_knots)
    additive = make_student((4, 3), "relu")
    assert repr(additive) == "<Student 4-3, 3 classes, 0.06 KiB>"
    large = make_student((400, 1000, 3), "relu")
    assert repr(large) == "<Student 400-1000-3 relu, 3 classes, 1.5 MiB>"
    half = make_encoded(weight_dtype="float16")
    # The three codes store no row for missing values.
    n_halves = n_weights + 7 * (n_rows - 3) + 7 + 3
    assert half.nbytes == 2 * n_halves + 4 * n_knots
    bytewise = make_encoded(weight_dtype="int8")
    # Each output of a layer has a scale, and so has each row of the table.
    n_scales = 7 + 3 + n_rows
    assert bytewise.nbytes == n_weights + 7 * n_rows + 4 * (n_scales + 7 + 3 + n_knots)


def stored_table(student, dtype):
    """Return the knot table and the biases of the first layer before rounding.

    In float16, the biases contain the contributions of missing values.
    """
    table, biases = student.knot_table_.copy(), student.intercepts_[0].copy()
    code = student.input_code
    for start, count in zip(code.starts, code.row_counts, strict=True):
        if dtype == "float16":
            missing = table[start + count - 1].copy()
            table[start : start + count] -= missing
            biases += missing
    return table, biases


@pytest.mark.parametrize("dtype", ["int8", "float16", "float32"])
def test_weights_are_rounded_as_they_are_stored(dtype):
    exact, student = make_encoded(), make_encoded(weight_dtype=dtype)
    bound = {"int8": 1 / 253, "float16": 2.0**-11, "float32": 0.0}[dtype]
    for one, other in zip(exact.coefs_, student.coefs_, strict=True):
        largest = np.abs(one).max(axis=0)
        assert (np.abs(one - other) <= bound * largest).all()
    expected, biases = stored_table(exact, dtype)
    largest = np.abs(expected).max(axis=1, keepdims=True)
    assert (np.abs(expected - student.knot_table_) <= bound * largest).all()
    bound = 2.0**-11 if dtype == "float16" else 0.0
    assert (np.abs(biases - student.intercepts_[0]) <= bound * np.abs(biases)).all()
    again = Student(
        student.coefs_,
        student.intercepts_,
        "relu",
        [0, 1, 2],
        student.input_code,
        student.knot_table_,
        dtype,
    )
    for one, other in zip(student.coefs_, again.coefs_, strict=True):
        assert_array_equal(one, other)
    assert_array_equal(student.knot_table_, again.knot_table_)
    for one, other in zip(student.intercepts_, again.intercepts_, strict=True):
        assert_array_equal(one, other)
