"""Scorecards of additive students of one number."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from skdistill import Student
from skdistill.export import scorecard_points, to_scorecard, verify
from skdistill.export.scorecard.scale import default_point_value
from skdistill.student.outputs import Numbers
from tests import oracle
from tests.student.tasks import OUTPUTS, rows_of, student_of

PRICE = Numbers([250_000.0], [86_000.0], [-np.inf], [np.inf], is_flat=True)


def price_student(output=PRICE):
    return student_of(output, (), is_encoded=True)


def test_points_add_up_to_numbers(tmp_path):
    student = price_student()
    X, _ = rows_of(student, 300)
    card = to_scorecard(student, tmp_path / "card.csv", verify_on=X)
    assert card.level[0] == "point_value=500.0"
    assert card.points.dtype == np.int64
    found = verify(student, tmp_path / "card.csv", X)
    assert found.passed
    assert found.measure == "a number in deviations"
    points = scorecard_points(tmp_path / "card.csv", X)
    # Half a point of the base, and half a point of each of six columns.
    assert_allclose(500.0 * points, student.predict(X), rtol=0, atol=500 * 3.6)
    assert verify(student, card, X).passed


def test_finer_points_are_nearer_to_the_student():
    student = price_student()
    X, _ = rows_of(student, 100)
    errors = []
    for value in (5000, 500, 50):
        card = to_scorecard(student, point_value=value)
        found = verify(student, card, X, tolerance=1.0)
        errors.append(found.greatest_difference)
        assert found.greatest_difference <= 3.6 * value / 86_000
    assert errors[0] > errors[1] > errors[2]


def test_numbers_stay_in_the_range_of_the_student():
    output = Numbers([0.0], [1.0], [-0.5], [0.75], is_flat=False)
    student = Student([[[1.0]]], [[0.0]], "relu", output=output)
    X = np.float32([[-3], [0.1], [9]])
    card = to_scorecard(student, X=X, point_value=0.01)
    found = verify(student, card, X)
    assert found.passed
    assert scorecard_points(card, X).tolist() == [-300, 10, 900]


def test_fewer_ranges():
    student = price_student()
    X, _ = rows_of(student, 100)
    card = to_scorecard(student, max_ranges=3, X=X)
    ranges = card[card.kind == "range"].groupby("column").size()
    assert ranges.max() == 3


@pytest.mark.parametrize(
    ("deviation", "value"),
    [(86_000, 500), (100, 1), (99.9, 0.5), (3.1, 0.02), (5e-9, 5e-11), (2e20, 2e18)],
)
def test_a_round_value_below_a_hundredth_of_a_deviation(deviation, value):
    assert default_point_value(deviation) == value


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"base_odds": 20}, "base_odds=20 is about the odds of classes"),
        ({"points_to_double_odds": 9}, "points_to_double_odds=9 is about the odds"),
        ({"pos_label": 1}, "pos_label=1 is about the odds of classes, .* point_value"),
        ({"point_value": 0}, "point_value=0 is not a finite number above 0"),
        ({"point_value": "1"}, "point_value='1' is not a finite number above 0"),
        ({"point_value": np.inf}, "point_value=inf is not a finite number above 0"),
        ({"point_value": 1e-12}, "point_value=1e-12 gives scores beyond 2"),
        ({"point_value": 1e-4}, "point_value=0.0001 makes a scorecard .* be greater"),
    ],
)
def test_arguments_that_do_not_suit_a_number(options, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        to_scorecard(price_student(), tmp_path / "card.csv", **options)
    assert not list(tmp_path.iterdir())


def test_students_without_a_scorecard():
    several = student_of(OUTPUTS["four numbers"], (), is_encoded=True)
    with pytest.raises(ValueError, match="answers 4 numbers, and a scorecard has one"):
        to_scorecard(several)
    with pytest.raises(ValueError, match="student has hidden layers of 9, 5 units"):
        to_scorecard(student_of(PRICE))
    classes = Student([[[1.0]]], [[0.0]], "relu", ["no", "yes"])
    with pytest.raises(ValueError, match="point_value=2 is the value of a point of a"):
        to_scorecard(classes, point_value=2)


def test_a_card_belongs_to_its_kind_of_student():
    coefs, X = oracle.RNG(0).normal(size=(2, 1)), np.zeros((3, 2))
    number = Student([coefs], [[0.0]], "relu", output=PRICE)
    classes = Student([coefs], [[0.0]], "relu", ["no", "yes"])
    of_number, of_classes = to_scorecard(number), to_scorecard(classes)
    for student, card in ((classes, of_number), (number, of_classes)):
        with pytest.raises(ValueError, match="it belongs to another student"):
            verify(student, card, X)
    wrong = pd.DataFrame(of_number)
    wrong.loc[0, "level"] = "point_value=-1"
    with pytest.raises(ValueError, match="it needs a finite point_value above 0"):
        verify(number, wrong, X)
