"""The functions of an additive student, compared with its decision function."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier, Student
from skdistill.inputs.encoder import TabularEncoder
from skdistill.student.input_code import InputCode
from skdistill.student.shapes import is_additive, shape_functions
from tests import oracle
from tests.student.test_student import make_student


def make_additive(
    n_units=1, n_linear=2, bins=(3, 9), levels=(4,), seed=0, offsets=None, **options
):
    """A student without hidden layers, with a random code and table."""
    code = oracle.random_code(n_linear, bins, levels)
    coefs, intercepts = oracle.random_network((n_linear, n_units), seed, np.float32)
    table = oracle.RNG(seed + 2).normal(size=(code.n_rows, n_units))
    classes = np.arange(max(2, n_units))
    return Student(
        coefs, intercepts, "relu", classes, code, table, offsets=offsets, **options
    )


def sums(student, numbers):
    """Return the intercept plus all functions, for rows of numbers."""
    functions = shape_functions(student)
    parts = [function.of(numbers[:, function.feature]) for function in functions]
    return np.sum(parts, axis=0) + student.intercepts_[0]


def decisions(student, X):
    return student.decision_function(X).reshape(len(X), -1)


@given(
    n_units=st.sampled_from([1, 3]),
    n_linear=st.integers(0, 3),
    bins=st.lists(st.integers(2, 12), max_size=3),
    levels=st.lists(st.integers(1, 5), max_size=2),
    weight_dtype=st.sampled_from(["int8", "float16", "float32"]),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_the_sum_is_the_decision_function(
    n_units, n_linear, bins, levels, weight_dtype, seed
):
    student = make_additive(
        n_units, n_linear, bins, levels, seed, weight_dtype=weight_dtype
    )
    code = student.input_code
    numbers = oracle.random_numbers(code, 50, seed)
    table = oracle.labelled_table(code, numbers) if levels else numbers
    assert_allclose(sums(student, numbers), decisions(student, table), atol=2e-5)


@pytest.mark.parametrize("n_units", [1, 4])
def test_a_student_without_an_input_code(n_units):
    student = make_student((5, n_units))
    X = oracle.RNG(1).normal(scale=3, size=(40, 5)).astype(np.float32)
    assert_allclose(sums(student, X), decisions(student, X), atol=2e-5)
    function = shape_functions(student)[3]
    assert (function.name, function.kind) == ("x3", "numeric")
    assert function.missing is None
    assert_array_equal(function.slope, student.coefs_[0][3])


def test_raw_units_contain_the_offset():
    offsets = np.array([1e9, 0.0, 0.0])
    student = make_additive(n_linear=1, bins=(3,), levels=(), offsets=offsets)
    plain = make_additive(n_linear=1, bins=(3,), levels=())
    shifted, same = shape_functions(student), shape_functions(plain)
    for far, near, offset in zip(shifted, same, offsets, strict=True):
        assert_allclose(far.xs - offset, near.xs, atol=1e-6)
    numbers = oracle.random_numbers(student.input_code, 30)
    X = numbers + offsets
    assert_allclose(sums(student, student.numbers(X)), decisions(student, X), atol=2e-5)


def frame(n=400):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "amount": rng.gamma(2.0, 900.0, n),
            "flag": rng.integers(0, 2, n),
            "constant": np.ones(n),
            "purpose": rng.choice(["car", "house", "study"], n),
            "owner": rng.random(n) < 0.4,
            "when": 1.7e9 + rng.normal(0, 900.0, n),
            "gaps": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
        }
    )


def teacher(X):
    """Return probabilities of three classes."""
    score = X["amount"] / 900 + X["flag"] - 2 * X["owner"] + X["gaps"].fillna(0)
    far = np.subtract.outer(score.to_numpy(float), [0.0, 1.5, 3.0])
    return oracle.softmax(-(far**2))


@pytest.fixture(scope="module")
def fitted():
    X = frame()
    model = DistilledClassifier(
        teacher,
        hidden_layer_sizes=(),
        max_iter=3,
        random_state=0,
        weight_dtype="float32",
    )
    return model.fit(X, teacher(X).argmax(axis=1)), X


def test_a_fitted_student(fitted):
    model, X = fitted
    student = model.student_
    functions = {function.name: function for function in shape_functions(student)}
    assert list(functions) == X.columns.tolist()
    kinds = [function.kind for function in functions.values()]
    assert kinds == [
        *("numeric", "numeric", "unused", "category", "category", "numeric", "numeric")
    ]
    assert_allclose(sums(student, student.numbers(X)), decisions(student, X), atol=2e-5)
    ends = functions["amount"].xs[[0, -1]]
    assert_allclose(ends, [X["amount"].min(), X["amount"].max()], rtol=1e-6)
    ends = functions["when"].xs[[0, -1]]
    assert_allclose(ends, [X["when"].min(), X["when"].max()], rtol=0, atol=1e-3)
    assert functions["owner"].levels == X["owner"].value_counts().index.tolist()
    assert [f.name for f in functions.values() if f.has_two_values] == ["flag"]
    assert_array_equal(functions["flag"].xs, [0.0, 1.0])
    other = X.assign(purpose="boat", gaps=np.nan, amount=-1e6)
    numbers = student.numbers(other)
    assert_allclose(sums(student, numbers), decisions(student, other), atol=2e-5)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
@pytest.mark.parametrize("values", [(0.0, 1.0), (-3.5, 1000.25)])
def test_two_values_are_recognised(share, values):
    rng = np.random.default_rng(3)
    column = np.where(rng.random(2000) < share, *values)
    assert two_values(column)
    column[7] = np.mean(values)
    assert not two_values(column)


def two_values(column):
    """Tell whether the student of a standardised column knows of two values."""
    X = np.column_stack([column, column])
    code = TabularEncoder(n_bins=0).fit(X).code_
    student = Student(
        [np.ones((1, 1))], [[0.0]], "relu", [0, 1], code, np.empty((0, 1))
    )
    return shape_functions(student)[0].has_two_values


def test_no_column_is_used():
    code = InputCode(
        2,
        **{name: [] for name in ("linear", "low", "high", "mean", "scale")},
        **{name: [] for name in ("knotted", "knots", "categorical", "levels")},
    )
    student = Student(
        [np.empty((0, 1))], [[0.5]], "relu", [0, 1], code, np.empty((0, 1))
    )
    assert_array_equal(sums(student, np.ones((3, 2))), np.full((3, 1), 0.5))


def test_a_hidden_layer_is_refused():
    student = make_student((4, 7, 3, 1))
    assert not is_additive(student)
    with pytest.raises(ValueError, match=r"student has hidden layers of 7, 3 units"):
        shape_functions(student)


def test_the_sum_of_a_linear_model_is_known():
    """A plain student with the weights of logistic regression."""
    X = np.random.default_rng(0).normal(size=(200, 3))
    linear = LogisticRegression().fit(X, X[:, 0] + X[:, 1] > 0)
    student = Student([linear.coef_.T], [linear.intercept_], "relu", [False, True])
    expected = linear.decision_function(X)[:, np.newaxis]
    assert_allclose(sums(student, X), expected, atol=1e-5)
