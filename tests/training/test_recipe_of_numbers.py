"""Shares of a teacher of numbers that are chosen from the data."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdistill.tasks.number_loss import NumberLoss
from skdistill.tasks.numbers import Regression
from skdistill.teachers.calibration import SlopeAndOffset
from skdistill.training.capacity import Capacity, Choice
from skdistill.training.recipe import Recipe, choose_recipe
from skdistill.training.short_trainings import ShortTraining
from skdistill.transfer.data import DistillationData
from skdistill.transfer.given import GivenRows
from skdistill.transfer.transfer_set import make_transfer_set
from tests.teachers.test_held_out_numbers import held_out

SHORT_TRAININGS = SimpleNamespace(has_groups=False)
START = Recipe(0.0, 0.25, calibration=SlopeAndOffset.identity(1))


def predictions(error, *, n_rows=4000):
    """Predictions whose best slope is 1, with a mean squared error."""
    rng = np.random.default_rng(0)
    labels = rng.normal(size=(n_rows, 1))
    predicted = rng.normal(size=(n_rows, 1)) * np.sqrt(1 - error)
    return held_out(predicted, predicted + labels * np.sqrt(error))


def choose(teacher, labels_alone, teacher_share="auto"):
    """Choose the recipe of numbers whose weight is to be chosen."""
    view = SimpleNamespace(is_convex=False)
    alone = ShortTraining(predictions(labels_alone), None)
    return choose_recipe(
        SHORT_TRAININGS,
        Choice(Capacity(True, 2.0, 100, n_folds=1), view, alone),
        predictions(teacher),
        START._replace(distillation_weight=0.3),
        teacher_share=teacher_share,
        calibrate=True,
        uses_teacher=True,
    )


@pytest.mark.parametrize(("teacher", "labels_alone"), [(0.1, 0.2), (0.5, 0.5)])
def test_a_good_teacher_has_more_of_noisy_labels(teacher, labels_alone):
    recipe = choose(teacher, labels_alone)
    assert recipe.teacher_share >= 0.5
    assert recipe.distillation_weight == pytest.approx(0.3 + 0.7 * teacher, abs=0.02)


def test_a_teacher_that_is_worse_than_labels_alone_has_less_of_labelled_rows():
    recipe = choose(0.2, 0.1)
    assert recipe.teacher_share == pytest.approx(1 / 3, abs=0.01)
    expected = (0.3 + 0.7 * 0.2) * 2 / 3
    assert recipe.distillation_weight == pytest.approx(expected, abs=0.02)
    assert choose(0.2, 0.1, teacher_share=1.0).distillation_weight > expected + 0.1


def test_a_teacher_that_is_left_out_has_nothing_of_labelled_rows():
    recipe = choose(0.9, 0.1)
    assert not recipe.follows_teacher
    assert recipe.distillation_weight == 0.0


class Doubling:
    """A model that answers twice the first column of a row."""

    def logits(self, X):
        return 2.0 * X[:, :1]


def test_soft_targets_of_all_rows_are_a_mix():
    rng = np.random.default_rng(0)
    X, answers = rng.normal(size=(60, 3)), rng.normal(size=(60, 1))
    labels = np.where(np.arange(60) < 40, rng.normal(size=60), np.nan)[:, np.newaxis]
    task = Regression.of(rng.normal(size=60), NumberLoss(), clip=True)
    rows = make_transfer_set(task, X, answers, labels, np.ones(60), 0.25)
    alone = held_out(X[:40, :1], labels[:40])
    alone.model, alone.calibration = Doubling(), SlopeAndOffset([1.5], [0.5])
    recipe = Recipe(
        1.0,
        0.0,
        teacher_share=0.75,
        calibration=SlopeAndOffset([0.9], [0.1]),
        labels_alone=alone,
        distillation_weight=0.4,
    )
    data = DistillationData(task, "", GivenRows(X, None, None, None), None, None, None)
    prepared = recipe.prepare(rows, data)
    expected = 0.75 * (0.9 * answers + 0.1) + 0.25 * (3.0 * X[:, :1] + 0.5)
    assert_allclose(prepared.targets, expected, rtol=1e-5)
    assert_allclose(prepared.soft_weight / prepared.weights, [0.4] * 40 + [1.0] * 20)
    of_labels = recipe._replace(distillation_weight=0.0).prepare(rows, data)
    assert_allclose(of_labels.targets[:40], 0.9 * answers[:40] + 0.1, rtol=1e-5)
