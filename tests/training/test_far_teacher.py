"""The share of a teacher of numbers whose answers are far from those of students."""

import numpy as np
import pytest
from sklearn.datasets import make_friedman1

from skdistill import DistilledRegressor

X, Y = make_friedman1(250, n_features=5, noise=1.0, random_state=0)
KNOWN = {row.tobytes(): number for row, number in zip(X, Y, strict=True)}

pytestmark = pytest.mark.usefixtures("few_steps")


def by_heart(X):
    """Numbers of one column, and those of the training rows by heart."""
    guesses = 14.0 + 30.0 * (X[:, 4] - 0.5)
    rows = np.ascontiguousarray(X, dtype=np.float64)
    pairs = zip(rows, guesses, strict=True)
    return np.array([KNOWN.get(row.tobytes(), guess) for row, guess in pairs])


def near(X):
    """Numbers without noise."""
    sine = 10 * np.sin(np.pi * X[:, 0] * X[:, 1])
    return sine + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]


def fitted(teacher, **parameters):
    return DistilledRegressor(teacher, random_state=0, **parameters).fit(X, Y)


def test_a_far_teacher_has_less_than_half():
    far = fitted(by_heart)
    assert far.follows_teacher_
    assert far.teacher_share_ < 0.1
    assert far.distillation_weight_ < 0.1


def test_a_near_teacher_keeps_its_half():
    model = fitted(near)
    assert model.teacher_share_ >= 0.5
    assert model.distillation_weight_ >= 0.3


def test_a_given_share_stays():
    assert fitted(by_heart, teacher_share=0.7).teacher_share_ == 0.7


def test_without_synthetic_rows_no_distance_is_known():
    assert fitted(by_heart, synthesizer=None).teacher_share_ >= 0.5
