"""The task of predicting numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import r2_score

from skdistill.tasks.check_numbers import check_numbers, check_order_of_quantiles
from skdistill.tasks.number_loss import NumberLoss
from skdistill.tasks.numbers import Regression

SQUARED = NumberLoss()


def task_of(y, clip=True):
    return Regression.of(np.asarray(y, dtype=float), SQUARED, clip)


def unknown_task():
    return Regression.of(None, SQUARED, True)


def random_y(shape, seed=0):
    return np.random.default_rng(seed).normal(5.0, 3.0, shape)


@pytest.mark.parametrize("shape", [(20,), (20, 3)])
def test_labels_are_deviations_and_come_back(shape):
    y = random_y(shape)
    task = task_of(y)
    labels = task.encode_labels(y, 20)
    columns = y.reshape(20, -1)
    assert_allclose(labels, (columns - columns.mean(axis=0)) / columns.std(axis=0))
    assert_allclose(task.decode_labels(labels), y)
    assert task.n_columns == columns.shape[1]


def test_rows_without_a_label_are_missing():
    assert np.isnan(task_of(random_y((20, 3))).encode_labels(None, 4)).all()
    assert task_of(random_y((20, 3))).encode_labels(None, 4).shape == (4, 3)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    arrays(np.float64, (6, 2), elements=st.floats(-1e6, 1e6)),
    st.floats(1e-3, 1e3),
    st.floats(-1e6, 1e6),
)
def test_soft_targets_do_not_depend_on_unit_and_origin_of_y(y, unit, origin):
    y[0], y[1] = (-1.0, 1.0), (1.0, -1.0)
    answers = y[::-1]
    plain = task_of(y).soft_targets(answers)
    moved = task_of(unit * y + origin).soft_targets(unit * answers + origin)
    # The sum loses as many digits as the origin has more than the numbers.
    lost = 1e-9 * (1.0 + abs(origin) / (unit * y.std(axis=0).min()))
    assert_allclose(moved, plain, rtol=1e-5, atol=1e-5 + lost)


@pytest.mark.parametrize(
    ("number", "scale"), [(7.0, 7.0), (-0.1, 0.1), (0.0, 1.0), (3e30, 3e30)]
)
def test_a_constant_target_has_its_size_as_the_scale(number, scale):
    # The mean of many equal numbers is rounded, and this is no deviation.
    y = np.full(200, number)
    task = task_of(y)
    assert_array_equal(task.output.mean, [number])
    assert_array_equal(task.output.scale, [scale])
    assert_array_equal(task.encode_labels(y, 200), np.zeros((200, 1)))
    weighted = Regression.of(y, SQUARED, True, np.linspace(0.1, 1.0, 200))
    assert_array_equal(weighted.output.mean, [number])


@pytest.mark.parametrize("loss", [SQUARED, NumberLoss("quantile", (0.1, 0.9))])
@pytest.mark.parametrize("clip", [True, False])
def test_one_label_takes_its_deviation_from_the_teacher(loss, clip):
    task = Regression.of(np.full(1, 1e-6), loss, clip)
    answers = random_y((100, task.n_columns)) - 5.0
    targets = task.widened(answers).soft_targets(answers)
    assert 0.5 < np.abs(targets).max() < 5.0
    rounded = 1e-6 * (1.0 + 1e-3 * answers)
    widened = task.widened(rounded)
    assert_array_equal(widened.output.scale, task.output.scale)
    # A later part does not change the unit of the student.
    assert_array_equal(widened.widened(answers).output.scale, task.output.scale)


@pytest.mark.parametrize("of", [task_of, lambda y: unknown_task().completed(y)])
def test_few_labels_take_their_deviation_from_the_teacher(of):
    near, answers = 7.0 + 1e-3 * random_y((9, 2)), random_y((100, 2))
    found = np.abs(of(near).widened(answers).soft_targets(answers)).max()
    assert 0.5 < found < 5.0
    sure = of(np.vstack([near, near]))
    assert_array_equal(sure.widened(answers).output.scale, sure.output.scale)


@pytest.mark.parametrize("unit", [2.0**1000, 2.0**-1000])
def test_the_unit_of_y_may_be_as_large_or_small_as_any_double(unit):
    y = random_y((50, 2))
    plain, moved = task_of(y), task_of(unit * y)
    assert_array_equal(moved.output.scale, unit * plain.output.scale)
    assert_array_equal(moved.output.mean, unit * plain.output.mean)
    assert_array_equal(moved.encode_labels(unit * y, 50), plain.encode_labels(y, 50))
    other = y + 0.1 * random_y((50, 2), 1)
    agreement = plain.agreement(y, other, np.ones(50))
    assert moved.agreement(unit * y, unit * other, np.ones(50)) == agreement
    assert 0.5 < agreement < 1.0


def test_answers_too_far_from_y_are_refused():
    y = random_y((50, 2))
    task, answers = task_of(y), y.copy()
    task.check_answers(answers, 50, "answers")
    answers[3, 1] = 1e25
    words = "answers holds 1e.25, and y has the mean .* too far from y for float32"
    with pytest.raises(ValueError, match=words):
        task.check_answers(answers, 50, "answers")


def test_labels_that_come_back_stay_in_the_range():
    # Rounding would make zero of the least numbers, which some scorers refuse.
    y = 10.0 ** np.random.default_rng(0).uniform(-20.0, 0.0, 2000)
    task = task_of(y)
    numbers = task.decode_labels(task.encode_labels(y, 2000))
    assert numbers.min() == y.min()
    assert_allclose(numbers, y, atol=1e-12)


def test_the_range_holds_labels_and_answers_unless_it_is_open():
    y = random_y(20)
    answers = np.array([[y.min() - 2.0], [y.mean()]])
    task = task_of(y).widened(answers)
    assert task.output.low == y.min() - 2.0
    assert task.output.high == y.max()
    assert task.widened(answers[1:]).output.low == y.min() - 2.0
    extrapolates = task_of(y, clip=False).widened(answers)
    assert (extrapolates.output.low, extrapolates.output.high) == (-np.inf, np.inf)


def test_without_labels_the_first_answers_set_the_targets():
    unknown = Regression.of(None, SQUARED, clip=True)
    assert unknown.known_output is None
    with pytest.raises(RuntimeError, match="not known before the teacher"):
        assert unknown.output
    answers = random_y((30, 2))
    task = unknown.completed(answers)
    assert_allclose(task.output.mean, answers.mean(axis=0))
    assert not task.output.is_flat
    assert unknown.completed(answers[:, :1]).output.is_flat


def test_agreement_is_the_r2_of_scikit_learn():
    rng = np.random.default_rng(1)
    one, other, weights = (
        rng.normal(size=(40, 3)),
        rng.normal(size=(40, 3)),
        rng.random(40),
    )
    task = task_of(other)
    expected = r2_score(other, one, sample_weight=weights)
    assert_allclose(task.agreement(one, other, weights), expected)
    assert task.agreement(other, other, weights) == 1.0
    constant, task = np.ones((4, 1)), task_of(other[:, 0])
    assert task.agreement(constant, constant, np.ones(4)) == 1.0
    assert task.agreement(constant + 1.0, constant, np.ones(4)) == 0.0
    # A forest answers a constant target but for its rounding.
    nearly = other.copy()
    nearly[:, 0] = 0.1 * (1.0 + 1e-16 * rng.normal(size=40))
    student = one.copy()
    student[:, 0] = 0.1
    task = task_of(nearly)
    expected = r2_score(nearly[:, 1:], one[:, 1:], sample_weight=weights)
    assert_allclose(task.agreement(student, nearly, weights), (1.0 + 2 * expected) / 3)


def test_changes_are_mean_absolute_deviations():
    y = random_y((50, 2))
    task = task_of(y)
    before, after = random_y((2, 7, 2), 3)
    expected = (np.abs(after - before) / y.std(axis=0)).mean(axis=1)
    assert_allclose(task.changes(before, after), expected)


def test_a_teacher_worse_than_a_constant_is_warned_of():
    y = random_y(100)
    task, weights = task_of(y), np.ones(100)
    labels = task.encode_labels(y, 100)
    task.warn_if_worse_than_constant(np.full((100, 1), y.mean()), labels, weights)
    scaled = y[:, np.newaxis] * 100.0
    words = "squared error of the teacher's numbers .* times the variance of y"
    with pytest.warns(UserWarning, match=words):
        task.warn_if_worse_than_constant(scaled, labels, weights)
    # Rows without a weight or a label do not count.
    half = np.r_[np.zeros(50), np.ones(50)]
    mixed = np.where(half[:, np.newaxis] > 0, y[:, np.newaxis], scaled)
    task.warn_if_worse_than_constant(mixed, labels, half)
    labels[:50] = np.nan
    task.warn_if_worse_than_constant(mixed, labels, weights)
    # Rows that all have one number tell nothing, whatever the mean of others rounds to.
    same = task.encode_labels(np.full(100, 0.1), 100)
    task.warn_if_worse_than_constant(mixed, same, weights)


@pytest.mark.parametrize(
    ("answers", "n_columns", "words"),
    [
        (np.zeros(3), 1, r"answers has shape \(3,\), not \(2,\)"),
        (np.zeros((2, 3)), 2, r"answers has shape \(2, 3\), not \(2, 2\)"),
        (np.zeros((2, 0)), None, r"answers has shape \(2, 0\), not \(2, n_targets\)"),
        (np.zeros((2, 1, 1)), None, r"answers has shape \(2, 1, 1\)"),
        ([1.0, np.nan], 1, "answers holds nan in row 1: each answer .* finite"),
        ([[1.0, 2.0], [np.inf, 0.0]], 2, "answers holds inf in row 1"),
        ([1.0 + 2.0j, 0.0], 1, "complex128"),
        (["a", "b"], 1, "answers is not numeric"),
        ([True, False], 1, "holds truth values: numbers are needed"),
    ],
)
def test_answers_of_another_form_are_refused(answers, n_columns, words):
    with pytest.raises(ValueError, match=words):
        check_numbers(answers, 2, n_columns, "answers")


def test_answers_of_one_target_may_be_flat():
    assert_array_equal(check_numbers([1, 2], 2, 1, "answers"), [[1.0], [2.0]])
    assert_array_equal(check_numbers([[1], [2]], 2, 1, "answers"), [[1.0], [2.0]])
    assert check_numbers([[1, 2], [3, 4]], 2, None, "answers").dtype == np.float64


@pytest.mark.parametrize("order", [[2, 1, 0], [1, 0, 2], [0, 2, 1]])
def test_quantiles_in_another_order_are_refused(order):
    levels = (0.05, 0.5, 0.95)
    answers = random_y((50, 1)) + np.array([-1.0, 0.0, 1.0])
    check_order_of_quantiles(answers, levels, "t")
    words = r"t has the quantile 0.\d+ above .* in 100 % of the .*, \[0.05, 0.5, 0.95\]"
    with pytest.raises(ValueError, match=words):
        check_order_of_quantiles(answers[:, order], levels, "t")


def test_quantiles_that_cross_in_some_rows_or_by_little_are_as_they_are():
    levels, answers = (0.4, 0.5), random_y((50, 1)) + np.array([0.0, 0.5])
    answers[:25] = answers[:25, ::-1]
    check_order_of_quantiles(answers, levels, "t")
    check_order_of_quantiles(random_y((50, 1)) + np.array([0.01, 0.0]), levels, "t")
    check_order_of_quantiles(random_y((50, 2)) + np.array([5.0, 0.0]), (), "t")
