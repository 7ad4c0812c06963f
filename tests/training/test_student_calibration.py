"""The offset of quantiles that are learned from labels."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from scipy.sparse import random as random_sparse

from skdistill import DistilledRegressor
from skdistill.report.control import labels_alone
from skdistill.report.number_notes import offset_note
from skdistill.tasks.number_loss import NumberLoss
from skdistill.tasks.numbers import Regression
from skdistill.teachers.calibration import SlopeAndOffset
from skdistill.training.capacity import Capacity, Choice
from skdistill.training.recipe import Recipe
from skdistill.training.short_trainings import ShortTraining
from skdistill.training.student_calibration import (
    WantedMeans,
    with_student_calibration,
)
from skdistill.transfer.transfer_set import make_transfer_set

LEVELS = (0.05, 0.95)
START = Recipe(1.0, 0.0, calibration=SlopeAndOffset.identity(2))


def wanted_means(recipe, loss, weight):
    """Wanted means, for 60 rows with labels, of which half are held out."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), rng.normal(size=60)
    task = Regression.of(y, loss, clip=True)
    labels = task.encode_labels(y, 60)
    n_columns = task.n_columns
    given = make_transfer_set(
        task, X, np.zeros((60, n_columns)), labels, np.ones(60), weight
    )
    held_out = np.arange(0, 60, 2)
    answers = 0.1 * rng.normal(size=(30, n_columns)) + np.arange(n_columns)
    weights = np.r_[np.ones(29), 0.0]
    alone = task.predictions(answers, labels[held_out], weights, rows=held_out)
    view = SimpleNamespace(is_convex=False)
    choice = Choice(
        Capacity(True, 2.0, 60, n_folds=5), view, ShortTraining(alone, None)
    )
    wanted = with_student_calibration(recipe, choice, given, X).wanted_means
    return wanted, X[held_out], answers[:29].mean(axis=0) + alone.calibration.offset


@pytest.mark.parametrize(
    ("recipe", "weight", "part"),
    [
        (START._replace(follows_teacher=False), 0.7, 1.0),
        (START, 0.1, 0.75),
        (START._replace(distillation_weight=0.3), 0.9, 0.25),
    ],
)
def test_quantiles_of_labels_are_moved_to_those_of_short_trainings(
    recipe, weight, part
):
    loss = NumberLoss("quantile", LEVELS)
    wanted, X, means = wanted_means(recipe, loss, weight)
    assert_array_equal(wanted.X, X)
    assert_allclose(wanted.means, means)
    assert wanted.part == pytest.approx(part)


@pytest.mark.parametrize(
    ("recipe", "loss", "weight"),
    [
        (START, NumberLoss("quantile", LEVELS), 0.5),
        (START._replace(synthetic_share=0.4), NumberLoss("quantile", LEVELS), 0.1),
        (START._replace(follows_teacher=False), NumberLoss(), 0.0),
    ],
)
def test_other_students_are_not_moved(recipe, loss, weight):
    assert wanted_means(recipe, loss, weight)[0] is None


class Answering:
    """A student that answers the same quantiles for each row."""

    output = SimpleNamespace(all_logits=lambda units: units)

    def __init__(self, *quantiles):
        self.quantiles = np.array([quantiles])

    def numbers(self, X):
        return X

    def logits_of_numbers(self, X):
        return np.repeat(self.quantiles, len(X), axis=0)


def test_quantiles_are_moved_away_from_the_median_alone():
    shares = np.full(4, 0.25)
    wanted = WantedMeans(np.zeros((4, 1)), shares, np.array([-2.0, 2.0]), 0.5, LEVELS)
    assert_allclose(wanted.offset(Answering(-1.0, 1.0)), [-0.5, 0.5])
    assert_allclose(wanted.offset(Answering(-3.0, 1.0)), [0.0, 0.5])


def test_quantiles_of_fewer_columns_have_offsets_of_their_own():
    rng = np.random.default_rng(0)
    X = csr_array(random_sparse(2000, 40, 0.1, "csr", random_state=0))
    y = X @ rng.normal(size=40) + 0.3 * rng.normal(size=2000)
    model = DistilledRegressor(
        lambda X: np.repeat(rng.normal(size=(X.shape[0], 1)), 2, axis=1),
        loss="quantile",
        quantile=LEVELS,
        max_terms=20,
        weight_decay=0.01,
        random_state=0,
    )
    with pytest.warns(UserWarning, match="clearly worse than a student of the numbers"):
        model.fit(X[:300], y[:300])
    low, high = model.predict(X[300:]).T
    assert 0.84 <= ((low <= y[300:]) & (y[300:] <= high)).mean() <= 0.93


def draw(n_rows, seed):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.0, 1.0, size=(n_rows, 4))
    noise = (0.2 + 0.5 * np.abs(X[:, 2])) * rng.normal(size=n_rows)
    return X, np.sin(3.0 * X[:, 0]) + X[:, 1] + noise


@pytest.fixture(scope="module")
def left_out():
    """A student of 300 rows whose teacher knows nothing."""
    model = DistilledRegressor(
        lambda X: np.repeat(X[:, 3:], 2, axis=1),
        loss="quantile",
        quantile=LEVELS,
        hidden_layer_sizes=(32,),
        weight_decay=0.5,
        encoder=None,
        random_state=0,
    )
    with pytest.warns(UserWarning, match="clearly worse than a student of the numbers"):
        return model.fit(*draw(300, 0))


def test_the_quantiles_of_a_student_of_labels_hold_the_rows_that_they_promise(left_out):
    X, y = draw(4000, 1)
    low, high = left_out.predict(X).T
    assert 0.87 <= ((low <= y) & (y <= high)).mean() <= 0.93
    low_offset, high_offset = left_out.student_offset_ * left_out.student_.output.scale
    low, high = low - low_offset, high - high_offset
    assert ((low <= y) & (y <= high)).mean() < 0.84


def test_the_report_says_that_quantiles_were_moved(left_out):
    (note,) = offset_note(left_out)
    assert f"by up to {np.abs(left_out.student_offset_).max():.2f} deviations" in note


def test_the_control_of_quantiles_is_calibrated_too(left_out):
    assert labels_alone(left_out, 300).calibrate_teacher == "auto"
    uncalibrated = DistilledRegressor(calibrate_teacher=False, loss="quantile")
    vars(uncalibrated).update(
        {name: value for name, value in vars(left_out).items() if name.endswith("_")}
    )
    assert labels_alone(uncalibrated, 300).calibrate_teacher is False


def test_quantiles_without_calibration_or_in_parts_get_no_offset(few_steps):
    X, y = draw(100, 0)
    model = DistilledRegressor(
        lambda X: np.repeat(X[:, 3:], 2, axis=1),
        loss="quantile",
        quantile=LEVELS,
        distillation_weight=0.0,
        synthesizer=None,
        weight_decay=1.0,
        encoder=None,
        random_state=0,
    ).fit(X, y)
    assert (model.student_offset_ != 0.0).all()
    biases = model.intercepts_[-1] - model.student_offset_
    offset = model.student_offset_
    model.set_params(calibrate_teacher=False).fit(X, y)
    assert_array_equal(model.student_offset_, [0.0, 0.0])
    assert_allclose(model.intercepts_[-1], biases, atol=1e-5)
    assert np.abs(offset).max() > 1e-3
    model.set_params(calibrate_teacher="auto").partial_fit(X, y)
    assert_array_equal(model.student_offset_, [0.0, 0.0])
