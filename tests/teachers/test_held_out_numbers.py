"""Predictions of numbers for rows held out: calibration, losses, comparison."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize

from skdistill.teachers.calibration import SlopeAndOffset
from skdistill.teachers.held_out_numbers import HeldOutNumbers


def squared(predicted, labels):
    return ((predicted - labels) ** 2).mean(axis=1)


def pinball(level):
    def loss(predicted, labels):
        left = labels - predicted
        return np.maximum(level * left, (level - 1.0) * left).mean(axis=1)

    return loss


def held_out(predicted, labels, weights=None, loss_of=squared, quantiles=None):
    return HeldOutNumbers(
        np.asarray(predicted),
        np.asarray(labels),
        None,
        weights,
        loss_of=loss_of,
        quantiles=quantiles,
    )


@pytest.fixture
def numbers():
    rng = np.random.default_rng(0)
    labels = rng.normal(size=(400, 2))
    predicted = 0.5 * labels + rng.normal(0.3, 0.4, size=(400, 2))
    return predicted, labels, rng.random(400)


def test_the_calibration_is_weighted_least_squares_drawn_to_one(numbers):
    predicted, labels, weights = numbers
    found = held_out(predicted, labels, weights).calibration
    for target in range(2):
        f, y = predicted[:, target], labels[:, target]
        slope, _ = np.polyfit(f, y, 1, w=np.sqrt(weights))
        drawn = (slope * 400 + 10) / 410
        offset = np.average(y - drawn * f, weights=weights)
        assert_allclose(found.slope[target], drawn)
        assert_allclose(found.offset[target], offset, atol=1e-12)


def test_the_offset_of_a_quantile_has_its_share_of_labels_below(numbers):
    predicted, labels, _ = numbers
    one = held_out(predicted[:, :1], labels[:, :1], None, pinball(0.9), np.array([0.9]))
    assert one.calibration.slope == 1.0
    offset = one.calibration.offset[0] * 410 / 400
    below = (labels[:, 0] <= predicted[:, 0] + offset + 1e-9).mean()
    assert_allclose(below, 0.9, atol=1 / 400)

    def loss(shift):
        return pinball(0.9)(predicted[:, :1] + shift, labels[:, :1]).mean()

    best = minimize(loss, [0.0], method="Nelder-Mead").fun
    assert_allclose(loss(offset), best, rtol=1e-4)


def test_losses_scores_and_shares(numbers):
    predicted, labels, weights = numbers
    one = held_out(predicted, labels, weights)
    as_it_is = np.average(squared(predicted, labels), weights=weights)
    calibrated = one.calibration.slope * predicted + one.calibration.offset
    best = np.average(squared(calibrated, labels), weights=weights)
    assert_allclose(one.calibrated_loss, best)
    assert_allclose(one.score, 0.5 * (as_it_is + best))
    mean = np.average(labels, axis=0, weights=weights)
    constant = np.average(squared(mean, labels), weights=weights)
    assert_allclose(one.loss_of_constant, constant)
    assert_allclose(one.share_explained, 1.0 - as_it_is / constant)
    assert_allclose(one.loss_of_mix(one, 0.3), best)


def test_predictions_of_a_constant_are_calibrated_by_their_offset():
    labels = np.arange(30.0)[:, np.newaxis]
    one = held_out(np.zeros((30, 1)), labels)
    assert one.calibration.slope == 1.0
    assert_allclose(one.calibration.offset, 14.5)
    exact = held_out(np.ones((5, 1)), np.ones((5, 1)))
    assert exact.share_explained == 1.0
    assert held_out(np.zeros((5, 1)), np.ones((5, 1))).share_explained == 0.0


def test_some_rows_keep_the_calibration_of_all(numbers):
    predicted, labels, weights = numbers
    one = held_out(predicted, labels, weights)
    part = one.take(np.arange(10))
    assert part.calibration is one.calibration
    assert len(part.labels) == len(part.weights) == 10
    assert_allclose(part.calibrated_losses, one.calibrated_losses[:10])


def test_a_model_is_clearly_worse_by_much_and_beyond_chance():
    rng = np.random.default_rng(1)
    labels = rng.normal(size=(1000, 1))
    good = held_out(labels + rng.normal(0, 0.3, size=labels.shape), labels)
    poor = held_out(labels + rng.normal(0, 0.9, size=labels.shape), labels)
    little = held_out(labels + rng.normal(0, 0.4, size=labels.shape), labels)
    assert poor.is_clearly_worse_than(good)
    assert not good.is_clearly_worse_than(poor)
    assert not little.is_clearly_worse_than(good)
    few = poor.take(np.arange(4))
    assert not few.is_clearly_worse_than(good.take(np.arange(4)))
    # Rows of other numbers are compared by the errors of both means.
    assert poor.is_clearly_worse_than(good.take(np.arange(900)))
    assert "A constant answer has" in poor.compared_in_words(good)


def test_calibrations_say_what_they_do():
    one = SlopeAndOffset(np.array([2.0, 1.0]), np.array([1.0, 0.0]))
    targets = np.ones((2, 2), dtype=np.float32)
    assert one.apply(targets).dtype == np.float32
    assert_allclose(one.apply(targets), [[3.0, 1.0], [3.0, 1.0]])
    assert not one.is_identity
    assert SlopeAndOffset.identity(2).is_identity
    assert one.beside(SlopeAndOffset.identity(2)) == 1.0
    weights, biases = one.of_linear(np.ones((3, 2)), np.array([1.0, 2.0]))
    X = np.arange(6.0).reshape(2, 3)
    expected = one.apply(X @ np.ones((3, 2)) + np.array([1.0, 2.0]))
    assert_allclose(X @ weights + biases, expected)
