"""A student that is a sum of curves: one order of the sum, and no step back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skdistill import Student
from skdistill.student import prediction as prediction_module
from tests import oracle
from tests.monotone import (
    SIGNS,
    count_violations,
    ordered_pairs,
    plain_student,
    random_student,
)

DTYPES = ["float32", "float16", "int8"]


@pytest.fixture(params=["compiled", "numpy"])
def path(request, monkeypatch):
    monkeypatch.setattr(prediction_module, "COMPILED", request.param == "compiled")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("column", range(len(SIGNS)))
def test_a_curve_never_steps_back(path, dtype, column):
    for seed in range(3):
        student = random_student(dtype, seed)
        lower, higher = ordered_pairs(student, column, seed=seed)
        sign = SIGNS[column]
        logits = [student.decision_function(rows) for rows in (lower, higher)]
        assert count_violations(*logits, sign) == 0
        first, second = zip(
            *(student.predict_proba(rows).T for rows in (lower, higher)), strict=True
        )
        assert count_violations(*second, sign) == 0
        assert count_violations(*first, -sign) == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_plain_columns_never_step_back(path, dtype):
    student, signs = plain_student(dtype)
    for column, sign in enumerate(signs):
        pairs = ordered_pairs(student, column, seed=column, greatest=np.float32(1e20))
        logits = [student.decision_function(rows) for rows in pairs]
        assert count_violations(*logits, sign) == 0
        second = [student.predict_proba(rows)[:, 1] for rows in pairs]
        assert count_violations(*second, sign) == 0


@given(
    seed=st.integers(0, 5),
    column=st.integers(0, len(SIGNS) - 1),
    values=st.lists(
        st.floats(allow_nan=False, allow_infinity=False, width=32),
        min_size=2,
        max_size=40,
    ),
)
def test_a_line_of_any_numbers_never_steps_back(seed, column, values):
    """Any numbers of single precision, the greatest as well, in one call."""
    student = random_student("int8", seed)
    numbers = np.unique(np.array(values, dtype=np.float32))
    rows = oracle.RNG(seed).normal(size=len(SIGNS)).astype(np.float32)
    rows = np.tile(rows, (len(numbers), 1))
    rows[:, column] = numbers
    for answers in (student.decision_function(rows), student.predict_proba(rows)[:, 1]):
        assert count_violations(answers[:-1], answers[1:], SIGNS[column]) == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_answers_do_not_depend_on_the_number_of_rows(path, dtype):
    """Of 129 rows, the last is in a block of its own."""
    student = random_student(dtype, levels=3)
    numbers, _ = ordered_pairs(student, 2, 129)
    rows = oracle.labelled_table(student.input_code, numbers)
    together = student.decision_function(rows), student.predict_proba(rows)
    alone = [student.decision_function(rows[i : i + 1])[0] for i in range(129)]
    assert_array_equal(together[0], alone)
    alone = [student.predict_proba(rows[i : i + 1])[0] for i in range(129)]
    assert_array_equal(together[1], alone)


def test_answers_are_those_of_the_curves(path):
    student = random_student("float32", levels=3)
    numbers, _ = ordered_pairs(student, 2, 500, greatest=np.float32(1e6))
    wanted = oracle.encoded_forward(
        student.input_code,
        numbers,
        student.coefs_,
        student.intercepts_,
        student.knot_table_,
        "relu",
    )[:, 0]
    rows = oracle.labelled_table(student.input_code, numbers)
    assert_allclose(student.decision_function(rows), wanted, rtol=1e-5, atol=1e-5)
    second = 1 / (1 + np.exp(-wanted))
    assert_allclose(
        student.predict_proba(rows),
        np.column_stack([1 - second, second]),
        rtol=1e-4,
        atol=1e-6,
    )


def test_probabilities_of_great_logits_stay_normal_numbers(path):
    student, _ = plain_student("float32", 5)
    rows = np.zeros((2, 5), dtype=np.float32)
    rows[:, 0] = [-1e9, 1e9]
    probabilities = np.sort(student.predict_proba(rows), axis=1)
    assert_array_equal(probabilities[:, 1], 1.0)
    assert (probabilities[:, 0] > np.finfo(np.float32).tiny).all()


def test_a_student_with_more_outputs_or_layers_is_no_sum_of_curves():
    weights = np.ones((2, 1))
    one = Student([weights], [[0.0]], "relu", [0, 1])
    three = Student([np.ones((2, 3))], [np.zeros(3)], "relu", [0, 1, 2])
    deep = Student([weights, [[1.0]]], [[0.0], [0.0]], "relu", [0, 1])
    assert one.is_sum_of_curves
    assert not three.is_sum_of_curves
    assert not deep.is_sum_of_curves
