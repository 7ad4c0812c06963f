import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from skdistill.tasks.classes import Classification
from skdistill.tasks.soft_targets import (
    SMOOTHING,
    centred_logits,
    soften,
    teacher_logits,
    weigh_classes,
)
from skdistill.teachers.calibration import Temperature
from skdistill.teachers.unseen import UnseenRows
from skdistill.training.loop import schedule
from skdistill.training.plan import auto_epochs
from skdistill.transfer.given import GivenRows
from skdistill.transfer.transfer_set import (
    make_transfer_set,
    weighted_by_class,
    with_synthetic,
)
from tests import oracle

TWO = Classification(np.arange(2))


@st.composite
def probabilities(draw):
    n_classes = draw(st.integers(2, 6))
    shape = (draw(st.integers(1, 5)), n_classes)
    values = draw(arrays(float, shape, elements=st.floats(0, 1)))
    values[:, draw(st.integers(0, n_classes - 1))] += 1e-3
    return values / values.sum(axis=1, keepdims=True)


@given(probabilities(), st.floats(0.05, 20))
def test_soften(p, temperature):
    n_classes = p.shape[1]
    logits = np.log((1 - SMOOTHING) * p + SMOOTHING / n_classes)
    softened = soften(logits, temperature)
    assert softened.dtype == np.float64
    assert_allclose(softened, oracle.softmax(logits / temperature), rtol=1e-9)
    assert_allclose(softened.sum(axis=1), 1)


@given(probabilities())
def test_teacher_logits_give_the_smoothed_probabilities_back(p):
    logits = teacher_logits(p)
    smoothed = (1 - SMOOTHING) * p + SMOOTHING / p.shape[1]
    assert logits.dtype == np.float32
    assert_allclose(oracle.softmax(logits), smoothed, rtol=1e-5)


@given(probabilities())
def test_centred_logits_are_the_same_distribution(p):
    logits = np.log(p + 1e-9)
    two = p.shape[1] == 2
    centred = centred_logits(logits, first_is_zero=two)
    assert_allclose(oracle.softmax(centred), oracle.softmax(logits), rtol=1e-9)
    if two:
        assert (centred[:, 0] == 0).all()
    else:
        assert_allclose(centred.sum(axis=1), 0, atol=1e-9)


def test_weights_of_rows():
    X, logits = np.zeros((3, 1)), np.log(np.full((3, 2), 0.5))
    weight = np.array([1.0, 2.0, 3.0])
    factors = np.array([2.0, 1.0])
    labels = np.array([0, 1, 0])
    rows = make_transfer_set(TWO, X, logits, labels, weight, 0.25)
    assert_allclose(rows.soft_weight, 0.25 * weight / 2)
    rows = weighted_by_class(rows, factors)
    # With the factors of the classes the weights are 2, 2 and 6. Their mean is 10 / 3.
    expected = np.array([2.0, 2.0, 6.0]) * 3 / 10
    assert_allclose(rows.soft_weight, 0.25 * expected)
    assert_allclose(rows.hard_weight, 0.75 * expected)
    assert_array_equal(rows.targets, logits)
    assert (rows.n_rows, rows.n_real, rows.n_targets) == (3, 3, 2)
    no_labels = np.full(3, -1)
    unlabelled = make_transfer_set(TWO, X, logits, no_labels, weight, 0.25)
    assert_allclose(unlabelled.soft_weight, [0.5, 1.0, 1.5])
    assert (unlabelled.hard_weight == 0).all()


def test_class_weights_of_rows_without_labels_beside_those_with_labels():
    """A label gives its factor. A row without one gets the teacher's mean factor."""
    p = np.array([[0.9, 0.1], [0.25, 0.75], [0.5, 0.5]])
    factors = np.array([3.0, 1.0])
    rows = make_transfer_set(
        TWO,
        np.zeros((3, 1)),
        np.log(p),
        np.array([0, -1, 1]),
        np.ones(3),
        0.25,
    )
    rows = weighted_by_class(rows, factors)
    weight = np.array([3.0, 0.25 * 3 + 0.75, 1.0])
    weight /= weight.mean()
    assert_allclose(rows.soft_weight, weight * [0.25, 1.0, 0.25])
    assert_allclose(rows.hard_weight, weight * [0.75, 0.0, 0.75])
    targets = soften(rows.targets, 1.0)
    assert_allclose(targets, [[0.9, 0.1], [0.5, 0.5], [0.5, 0.5]])


@given(probabilities(), st.data())
def test_class_weights_of_soft_rows_are_those_of_the_rows_they_stand_for(p, data):
    """A soft row counts as a row of each class, by its probability and factor."""
    n_rows, n_classes = p.shape
    factors = data.draw(arrays(float, n_classes, elements=st.floats(0.01, 100)))
    z = data.draw(arrays(float, (n_rows, n_classes), elements=st.floats(-5, 5)))
    p = 0.99 * p + 0.01 / n_classes
    logits, weight = weigh_classes(np.log(p), factors)
    slopes = oracle.logit_gradient(
        z, soften(logits, 1.0), np.zeros(n_rows, int), weight, np.zeros(n_rows), 1, "kl"
    )
    explicit = np.zeros_like(p)
    for label in range(n_classes):
        explicit += oracle.logit_gradient(
            z,
            p,
            np.full(n_rows, label),
            np.zeros(n_rows),
            p[:, label] * factors[label],
            1,
            "kl",
        )
    assert_allclose(slopes, explicit, rtol=1e-6, atol=1e-9 * factors.max())


def test_a_class_of_no_weight_is_no_target():
    logits, weight = weigh_classes(np.log([[0.5, 0.3, 0.2]]), np.array([1.0, 0, 2.0]))
    assert_allclose(soften(logits, 1.0), [[5 / 9, 0, 4 / 9]], atol=1e-9)
    assert_allclose(weight, [0.9])


def two_rows():
    logits = np.log(np.array([[0.5, 0.5], [0.8, 0.2]], dtype=np.float32))
    labels, weight = np.array([1, 0]), np.array([1.0, 3.0])
    return make_transfer_set(TWO, np.ones((2, 3)), logits, labels, weight, 0.25)


def test_synthetic_rows_follow_the_given_ones():
    drawn = np.log([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]])
    rows = with_synthetic(two_rows(), np.zeros((3, 3)), drawn)
    assert_allclose(rows.soft_weight, [*two_rows().soft_weight, 1.0, 1.0, 1.0])
    rows = weighted_by_class(rows, np.array([1.0, 3.0]))
    assert (rows.n_rows, rows.n_real) == (5, 2)
    assert rows.X[:, 0].tolist() == [1, 1, 0, 0, 0]
    assert rows.labels.tolist() == [1, 0, -1, -1, -1]
    # The weights of the given rows were 0.5 and 1.5.
    assert_allclose(rows.soft_weight[:2], [0.25, 0.25])
    weight = np.array([1.2, 2.4, 1.8])
    assert_allclose(rows.soft_weight[2:], weight / 1.8)
    assert rows.hard_weight[2:].tolist() == [0, 0, 0]
    expected = [[0.9 / 1.2, 0.3 / 1.2], [0.3 / 2.4, 2.1 / 2.4], [0.6 / 1.8, 1.2 / 1.8]]
    assert_allclose(soften(rows.targets[2:], 1.0), expected)


def test_blended_targets_are_a_geometric_mean_on_the_rows_named():
    drawn, other = np.array([[0.9, 0.1]]), np.array([[0.2, 0.8]])
    rows = with_synthetic(two_rows(), np.zeros((1, 3)), np.log(drawn))
    blended = rows.blended(np.array([2]), np.log(other), 0.25)
    assert_array_equal(blended.targets[:2], rows.targets[:2])
    mean = drawn**0.25 * other**0.75
    assert_allclose(soften(blended.targets[2:], 1.0), mean / mean.sum())
    assert_allclose(rows.targets[2:], np.log(drawn))


@pytest.mark.parametrize(("n_unlabelled", "total"), [(4, 4.0), (60, 12.0)])
def test_rows_without_labels_do_not_drown_the_others(n_unlabelled, total):
    n_rows = 4 + n_unlabelled
    labels = np.where(np.arange(n_rows) < 4, 0, -1)
    zeros, ones = np.zeros((n_rows, 2)), np.ones(n_rows)
    rows = make_transfer_set(TWO, zeros, zeros, labels, ones, 0.25)
    weight = rows.soft_weight + rows.hard_weight
    assert_allclose(weight.mean(), 1)
    assert_allclose(weight[4:].sum() / weight[:4].sum(), total / 4)


def test_calibrated_targets_are_at_the_temperature():
    rows = two_rows()
    at_two = rows.calibrated(Temperature(2.0))
    assert_allclose(soften(at_two.targets, 1.0), soften(rows.targets, 2.0), rtol=1e-6)


def test_without_teacher_the_weights_of_labelled_rows_are_all_hard():
    rows = with_synthetic(two_rows(), np.zeros((4, 3)), np.zeros((4, 2)))
    alone = rows.without_teacher()
    assert (alone.n_rows, alone.n_real) == (2, 2)
    assert_allclose(alone.hard_weight, [0.5, 1.5])
    assert (alone.soft_weight == 0).all()


def given_rows(n_rows=4):
    return GivenRows(
        np.arange(n_rows)[:, np.newaxis],
        np.full((n_rows, 2), 0.5),
        np.arange(n_rows) % 2,
        np.arange(n_rows) * 1.0,
    )


def test_answers_for_unseen_rows_replace_those_rows_alone():
    rows = given_rows()
    unseen = UnseenRows(np.array([2, 0]), np.array([[0.1, 0.9], [0.7, 0.3]]))
    proba = rows.with_answers(unseen).answers
    assert proba.tolist() == [[0.7, 0.3], [0.5, 0.5], [0.1, 0.9], [0.5, 0.5]]
    assert (rows.answers == 0.5).all()


def test_rows_without_weight_are_left_out():
    kept = given_rows().with_weight()
    assert kept.X.tolist() == [[1], [2], [3]]
    assert kept.labels.tolist() == [1, 0, 1]
    assert kept.weights.tolist() == [1, 2, 3]
    assert kept.answers.shape == (3, 2)


@pytest.mark.parametrize("n_steps", [1, 2, 19, 20, 1500])
def test_schedule_rises_once_and_falls(n_steps):
    rates = schedule(0, n_steps, n_steps)
    half = n_steps // 2
    assert_allclose(schedule(half, n_steps - half, n_steps), rates[half:])
    assert rates.shape == (n_steps,)
    assert (rates > 0).all()
    assert rates.max() <= 1
    turns = np.sign(np.diff(rates))
    assert (np.diff(turns[turns != 0]) <= 0).all()
    if n_steps == 1500:
        assert_allclose(rates[:75] / rates[74], np.arange(1, 76) / 75, rtol=0.01)
        assert rates[-1] < 1e-5
        assert rates.max() > 0.99


@pytest.mark.parametrize(
    ("n_rows", "batch_size", "epochs"),
    [(90, 256, 3000), (1347, 256, 500), (14_000, 256, 55), (10**6, 256, 10)],
)
def test_auto_epochs(n_rows, batch_size, epochs):
    assert auto_epochs(n_rows, batch_size) == epochs


def test_equal_class_weights_change_no_bit():
    rows = with_synthetic(two_rows(), np.zeros((4, 3)), np.zeros((4, 2)))
    assert weighted_by_class(rows, np.ones(2)) is rows
    threefold = weighted_by_class(rows, np.full(2, 3.0))
    assert_allclose(threefold.soft_weight, rows.soft_weight)
    assert_allclose(soften(threefold.targets, 1.0), soften(rows.targets, 1.0))
