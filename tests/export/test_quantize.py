"""Students in fewer bits: their weights, their bytes, and what they cost."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    mean_pinball_loss,
    mean_squared_error,
)

from skdistill import DistilledClassifier, Student
from skdistill.export import quantize
from skdistill.report.control import saved_bytes
from tests import oracle
from tests.student.tasks import OUTPUTS, rows_of, student_of
from tests.student.test_student import (
    encoded_logits,
    make_encoded,
    make_student,
    rows,
    stored_table,
)

DTYPES = ("int8", "float16", "float32")


def weights_of(student):
    return [*student.coefs_, student.knot_table_]


@pytest.fixture(scope="module")
def exact():
    return make_encoded((40, 20, 3), 2, (20, 9), (4, 2))


@pytest.fixture(scope="module")
def table(exact):
    numbers = oracle.random_numbers(exact.input_code, 500)
    return oracle.labelled_table(exact.input_code, numbers)


def assert_rounded(before, after, dtype, axis):
    """Weights are the nearest of the type: of integers, the nearest multiples."""
    if dtype != "int8":
        assert_array_equal(after, before.astype(dtype).astype(np.float32))
        return
    largest = np.abs(before).max(axis=axis, keepdims=True, initial=0)
    step = np.where(largest > 0, largest, 1).astype(np.float64) / 127
    assert_allclose(after / step, np.round(after / step), atol=0.01)
    assert_allclose(after / step, before / step, rtol=0, atol=0.51)


@settings(max_examples=30)
@given(
    st.sampled_from(DTYPES),
    st.sampled_from([(3,), (7, 1), (16, 5, 3)]),
    st.integers(0, 3),
    st.lists(st.integers(2, 9), min_size=1, max_size=3),
)
def test_weights_are_those_of_the_type(dtype, units, n_linear, bins):
    student = make_encoded(units, n_linear, bins, (4,))
    quantized = quantize(student, dtype).student
    pairs = zip(student.coefs_, quantized.coefs_, strict=True)
    for before, after in pairs:
        assert_rounded(before, after, dtype, axis=0)
    table, biases = stored_table(student, dtype)
    assert_rounded(table, quantized.knot_table_, dtype, axis=1)
    half = "float16" if dtype == "float16" else "float32"
    assert_allclose(quantized.intercepts_[0], biases.astype(half), 1e-3, 1e-3)
    assert quantized.input_code == student.input_code
    numbers = oracle.random_numbers(student.input_code, 20)
    X = oracle.labelled_table(student.input_code, numbers)
    logits = encoded_logits(quantized, numbers).reshape(
        quantized.decision_function(X).shape
    )
    assert_allclose(quantized.decision_function(X), logits, atol=1e-4)


@pytest.mark.parametrize("dtype", DTYPES)
def test_costs_are_those_of_scikit_learn(exact, table, dtype):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, len(table))
    student, cost = quantize(exact, dtype, table, y)
    before, after = exact.predict_proba(table), student.predict_proba(table)
    assert cost.n_rows == len(table)
    assert cost.bytes_before == exact.nbytes
    assert cost.bytes_after == student.nbytes
    changed = accuracy_score(exact.predict(table), student.predict(table))
    assert cost.agreement == pytest.approx(changed)
    assert cost.greatest_change == np.abs(before - after).max()
    assert cost.accuracy_before == accuracy_score(y, exact.predict(table))
    assert cost.accuracy_after == accuracy_score(y, student.predict(table))
    assert cost.log_loss_before == pytest.approx(log_loss(y, before), rel=1e-5)
    assert cost.log_loss_after == pytest.approx(log_loss(y, after), rel=1e-5)
    assert f"greatest change of a probability {cost.greatest_change:.2g}" in str(cost)


@pytest.mark.parametrize("name", ["four numbers", "one flat number"])
def test_costs_of_numbers_are_those_of_scikit_learn(name):
    exact = student_of(OUTPUTS[name])
    X, _ = rows_of(exact, 60)
    y = exact.predict(X) + exact.output.scale.max() * np.random.default_rng(0).normal(
        size=exact.predict(X).shape
    )
    student, cost = quantize(exact, "int8", X, y)
    before, after, target = (
        exact.output.to_units(numbers)
        for numbers in (exact.predict(X), student.predict(X), y)
    )
    assert cost.agreement is cost.accuracy_before is cost.log_loss_after is None
    assert cost.greatest_change == pytest.approx(np.abs(before - after).max())
    assert 0 < cost.greatest_change < 0.2
    assert cost.loss_before == pytest.approx(mean_squared_error(target, before))
    assert cost.loss_after == pytest.approx(mean_squared_error(target, after))
    words = f"greatest change {cost.greatest_change:.2g} deviations, loss"
    assert words in str(cost)


def test_costs_of_quantiles_are_those_of_scikit_learn():
    exact = student_of(OUTPUTS["three quantiles"])
    X, _ = rows_of(exact, 60)
    mean, scale = exact.output.mean[0], exact.output.scale[0]
    y = mean + scale * np.random.default_rng(0).normal(size=60)
    student, cost = quantize(exact, "int8", X, y)
    losses = [
        np.mean(
            [
                mean_pinball_loss(y, found[:, place], alpha=level) / scale
                for place, level in enumerate(exact.output.quantiles)
            ]
        )
        for found in (exact.predict(X), student.predict(X))
    ]
    assert [cost.loss_before, cost.loss_after] == pytest.approx(losses)


def test_costs_of_label_sets_are_those_of_scikit_learn():
    exact = student_of(OUTPUTS["fourteen labels"])
    X, _ = rows_of(exact, 60)
    y = np.random.default_rng(0).integers(0, 2, size=(60, 14))
    student, cost = quantize(exact, "int8", X, y)
    before, after = exact.predict_proba(X), student.predict_proba(X)
    decided = [one.predict(X) for one in (exact, student)]
    assert cost.agreement == accuracy_score(*decided)
    assert cost.greatest_change == np.abs(before - after).max()
    assert cost.accuracy_after == accuracy_score(y, decided[1])
    losses = [log_loss(y.ravel(), found.ravel()) for found in (before, after)]
    assert [cost.log_loss_before, cost.log_loss_after] == pytest.approx(
        losses, rel=1e-5
    )
    assert cost.loss_before is None
    assert "agreement" in str(cost)
    assert quantize(exact, "int8", X, csr_array(y)).cost == cost


@pytest.mark.parametrize(
    ("name", "y", "words"),
    [
        (
            "four numbers",
            np.zeros(3),
            "needs 4 numbers for each of the 3 rows of X",
        ),
        ("three quantiles", np.zeros((3, 3)), r"needs a number .* the shape \(3,\)"),
        ("one flat number", [0, np.nan, 1], "y holds a number that is missing or inf"),
        (
            "one flat number",
            ["a", "b", "c"],
            "y holds values .* such as .*'a'.*: give a",
        ),
        ("one flat number", [1j, 0, 1], "y holds values of the type complex128, such"),
        (
            "one flat number",
            pd.date_range("2020", periods=3),
            "y holds values of the type datetime64",
        ),
        ("fourteen labels", np.zeros(3), "it needs 14 indicators for each"),
        ("one label", [[0], [2], [1]], "y holds other values than 1, for a label"),
    ],
)
def test_numbers_and_labels_of_other_forms(name, y, words):
    student = student_of(OUTPUTS[name])
    X, _ = rows_of(student, 3)
    with pytest.raises(ValueError, match=words):
        quantize(student, "int8", X, y)


def test_fewer_bits_cost_more_and_float32_nothing(exact, table):
    changes = {d: quantize(exact, d, table).cost.greatest_change for d in DTYPES}
    assert changes["int8"] > changes["float16"] > changes["float32"] == 0
    assert changes["int8"] < 0.05
    assert changes["float16"] < 0.003


def test_log_loss_of_a_label_whose_probability_is_zero():
    student = Student([[[300.0]]], [[0.0]], "relu", ["no", "yes"])
    cost = quantize(student, "float32", [[1.0], [-1.0]], ["no", "yes"]).cost
    assert cost.log_loss_before == 300
    assert cost.accuracy_before == 0


def test_without_rows_the_bytes_alone_are_told(exact):
    student, cost = quantize(exact, "int8")
    assert (cost.bytes_before, cost.bytes_after) == (exact.nbytes, student.nbytes)
    for name in ("n_rows", "agreement", "greatest_change", "accuracy_before"):
        assert getattr(cost, name) is None
    assert str(cost).endswith("%)")


def test_without_labels_there_is_no_accuracy(exact, table):
    cost = quantize(exact, "int8", table).cost
    assert cost.agreement > 0.9
    assert cost.accuracy_after is None
    assert cost.log_loss_after is None
    assert "accuracy" not in str(cost)


@settings(max_examples=20)
@given(st.sampled_from(DTYPES), st.sampled_from(DTYPES))
def test_what_was_rounded_is_not_brought_back(first, second):
    """The same type changes nothing, and single precision holds what any holds."""
    student = make_encoded((9, 3), weight_dtype=first)
    again = quantize(student, second).student
    if second in (first, "float32"):
        for one, other in zip(weights_of(student), weights_of(again), strict=True):
            assert_array_equal(one, other)
    assert again.weight_dtype == second
    assert (again.nbytes < student.nbytes) == (
        DTYPES.index(second) < DTYPES.index(first)
    )


@pytest.mark.parametrize(
    ("dtype", "share", "file_share"), [("int8", 0.30, 0.30), ("float16", 0.5, 0.5)]
)
def test_bytes(dtype, share, file_share):
    """Of a student of the default size on 10 columns."""
    exact = make_encoded((128, 64, 3), 0, [25] * 10, ())
    student = quantize(exact, dtype).student
    assert student.nbytes <= share * exact.nbytes
    assert saved_bytes(student) <= file_share * saved_bytes(exact)


@pytest.mark.parametrize("dtype", ["int8", "float16"])
def test_accuracy_on_digits(digits, forest, dtype):
    X_train, X_test, y_train, y_test = digits
    model = DistilledClassifier(forest, weight_dtype="float32", random_state=0)
    model.fit(X_train, y_train)
    student, cost = quantize(model, dtype, X_test, pd.Series(y_test))
    assert model.student_.weight_dtype == "float32"
    assert isinstance(student, Student)
    assert cost.accuracy_before == model.score(X_test, y_test)
    assert abs(cost.accuracy_after - cost.accuracy_before) <= 0.005
    assert cost.agreement >= 0.995
    assert abs(cost.log_loss_after - cost.log_loss_before) < 0.005


def test_a_quantized_student_is_saved(exact, table, tmp_path):
    student = quantize(exact, "int8").student
    student.save(tmp_path / "student.npz")
    loaded = Student.load(tmp_path / "student.npz")
    assert loaded.weight_dtype == "int8"
    assert_array_equal(loaded.predict_proba(table), student.predict_proba(table))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("int4",), ValueError, r"dtype='int4' is not one of \['int8', 'float16'"),
        (("int8", None, [0]), ValueError, "y is given without X"),
        (("int8", np.empty((0, 4))), ValueError, "X has no rows"),
        (("int8", rows(3, 5)), ValueError, r"X has shape \(3, 5\)"),
        (("int8", rows(3, 4), [0, 1]), ValueError, r"y has shape \(2,\).* 3 rows of X"),
        (("int8", rows(3, 4), [[0], [1], [2]]), ValueError, r"y has shape \(3, 1\)"),
        (("int8", rows(3, 4), [0, 1, 7]), ValueError, "y holds the label 7, which"),
        (("int8", rows(3, 4), ["0"] * 3), ValueError, "y holds the label '0'"),
    ],
)
def test_wrong_arguments(arguments, error, words):
    with pytest.raises(error, match=words):
        quantize(make_student(), *arguments)


def test_wrong_models():
    with pytest.raises(TypeError, match="model is a str"):
        quantize("student.npz", "int8")
    with pytest.raises(NotFittedError):
        quantize(DistilledClassifier(), "int8")


def test_a_weight_beyond_the_type():
    student = Student([[[1e6]]], [[0.0]], "relu", [0, 1])
    with pytest.raises(ValueError, match="too large for weight_dtype='float16'"):
        quantize(student, "float16")
