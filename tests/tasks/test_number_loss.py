"""Losses of numbers that are held out."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import huber
from sklearn.metrics import mean_absolute_error, mean_pinball_loss, mean_squared_error

from skdistill.tasks.number_loss import NumberLoss
from skdistill.tasks.numbers import Regression

RNG = np.random.default_rng(0)
PREDICTED, LABELS = RNG.normal(size=(2, 200, 2))


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (NumberLoss(), mean_squared_error(LABELS, PREDICTED)),
        (NumberLoss("absolute_error"), mean_absolute_error(LABELS, PREDICTED)),
        (
            NumberLoss("quantile", (0.1, 0.7)),
            np.mean(
                [
                    mean_pinball_loss(LABELS[:, 0], PREDICTED[:, 0], alpha=0.1),
                    mean_pinball_loss(LABELS[:, 1], PREDICTED[:, 1], alpha=0.7),
                ]
            ),
        ),
        (NumberLoss("huber", None, 0.6), 2.0 * huber(0.6, LABELS - PREDICTED).mean()),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_loss_of_rows_is_that_of_scikit_learn(loss, expected):
    losses = loss.of_rows(PREDICTED, LABELS)
    assert losses.shape == (200,)
    assert_allclose(losses.mean(), expected)


def test_the_threshold_is_that_of_normal_errors():
    y = RNG.normal(size=20_000)
    task = Regression.of(y, NumberLoss("huber"), clip=True)
    predicted = task.encode_labels(y + RNG.normal(0.0, 0.5, 20_000), 20_000)
    unseen = task.predictions(predicted, task.encode_labels(y, 20_000), None)
    # The best slope is 0.8, so that a variance of 0.2 is left of that of y.
    informed = task.informed_by(unseen)
    assert informed.loss.threshold == pytest.approx(1.35 * 0.2**0.5, rel=0.03)
    assert task.informed_by(None) is task
    plain = Regression.of(y, NumberLoss(), clip=True)
    assert plain.informed_by(unseen).loss == NumberLoss()
