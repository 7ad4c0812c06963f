"""Less decay, if short trainings of the whole objective want it."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize_scalar
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from skdistill import DistilledClassifier, Student, TabularEncoder
from skdistill.teachers.calibration import Temperature
from skdistill.teachers.held_out_classes import HeldOutClasses
from skdistill.training.capacity import Capacity
from skdistill.training.recipe import Recipe
from skdistill.training.short_trainings import MeanOfStudents, ShortTraining
from skdistill.training.whole_objective import (
    WholeObjective,
    is_worth_a_try,
    with_limit,
)
from tests import oracle
from tests.training.test_recipe import TASK, transfer_set
from tests.training.test_short_trainings import make_short_trainings

LADDER = [0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
VIEW = SimpleNamespace(has_knots=True, hidden=(8,))
N_ROWS = 400
SURE = np.log(9)  # as sure as predictions should be of which a tenth are wrong
LABELS = np.arange(N_ROWS) % 2


def predictions(sureness, n_worse=0, n_better=0):
    """Predictions of which a tenth are wrong, more or less sure.

    Those of some rows are nearer to the label, or further from it.
    """
    toward_label = np.where(np.arange(N_ROWS) % 10, sureness, -sureness)
    order = oracle.RNG(0).permutation(N_ROWS)
    toward_label[order[:n_worse]] -= 0.05
    toward_label[order[N_ROWS - n_better :]] += 0.05
    logits = np.where(np.eye(2)[LABELS] > 0, toward_label[:, np.newaxis], 0.0)
    return HeldOutClasses(logits, LABELS, weights=np.ones(N_ROWS))


def losses(known):
    """The loss of each row, as it is and at the best temperature, by other means."""

    def at(temperature):
        proba = oracle.softmax(known.logits / temperature)
        return -np.log(proba[np.arange(N_ROWS), LABELS])

    found = minimize_scalar(
        lambda t: at(np.exp(t)).sum() + 10 * t**2, bounds=(-3, 3), method="bounded"
    )
    return (at(1.0) + at(np.exp(found.x))) / 2


class _ShortTrainings:
    """Short trainings whose predictions are known by decay."""

    n_kept = 1600

    def __init__(self, by_decay):
        self._by_decay = by_decay
        self.asked = []

    def train(self, objective, view, decay, also=()):
        self.asked += [one for one in (decay, *also) if one not in self.asked]
        return ShortTraining(None, self._by_decay[decay])


def limited(by_decay, weight_decay, synthetic_share=0.25):
    """Return the capacity, and the decays that were tried."""
    short = _ShortTrainings(by_decay)
    capacity = with_limit(
        Capacity(True, weight_decay, 1600, 1),
        short,
        SimpleNamespace(synthetic_share=synthetic_share),
        VIEW,
        LADDER,
    )
    return capacity, short.asked


def test_the_walk_goes_down_from_the_decay_of_the_labels_alone():
    sureness = SURE + np.array([4, 3, 1, 2, 3, 4, 5])
    by_decay = dict(zip(LADDER, map(predictions, sureness), strict=True))
    capacity, asked = limited(by_decay, 4.0)
    assert sorted(asked) == [0.1, 0.3, 1.0, 3.0]
    # An epoch has a third more rows than one of the labels alone.
    assert_allclose(capacity.limit, 2 * 0.3 / 0.75)
    assert capacity.weight_decay == 4.0
    assert_allclose(capacity.decay_for(1600 / 0.75), 2 * 0.3)
    assert [tried.weight_decay for tried in capacity.whole_objective] == sorted(asked)
    for tried in capacity.whole_objective:
        known = by_decay[tried.weight_decay]
        assert tried.has_knots
        assert_allclose(tried.score, losses(known).mean(), rtol=1e-4)
        assert tried.standard_error == known.standard_error


def test_a_lower_rung_that_is_no_better_changes_nothing():
    by_decay = {3.0: predictions(SURE), 1.0: predictions(9.0)}
    capacity, asked = limited(by_decay, 4.0)
    assert sorted(asked) == [1.0, 3.0]
    assert capacity.decay_for(1600) == 4.0


def test_the_labels_alone_are_the_limit():
    by_decay = {3.0: predictions(9.0), 1.0: predictions(SURE), 0.3: predictions(9.0)}
    capacity, _ = limited(by_decay, 2.5)
    assert capacity.decay_for(1600) == 2.5  # and not 2 * 1 / 0.75


def test_nothing_is_below_the_lowest_rung():
    capacity, asked = limited({0.03: predictions(SURE)}, 0.03)
    assert asked == [0.03]
    assert len(capacity.whole_objective) == 1
    assert capacity.decay_for(1600) == 0.03


@pytest.mark.parametrize(("n_worse", "is_safe"), [(200, True), (225, False)])
def test_a_score_within_a_standard_error_counts_as_the_lowest(n_worse, is_safe):
    best = predictions(SURE)
    near = predictions(SURE, n_worse, N_ROWS - n_worse)
    difference = losses(near) - losses(best)
    assert difference.mean() > 0
    assert is_safe == (difference.mean() <= difference.std() / N_ROWS**0.5)
    by_decay = {3.0: near, 1.0: best, 0.3: predictions(9.0)}
    capacity, _ = limited(by_decay, 3.0, synthetic_share=0.0)
    assert capacity.limit == (6.0 if is_safe else 2.0)
    assert capacity.decay_for(1600) == (3.0 if is_safe else 2.0)


@pytest.mark.parametrize("factors", [(1.0, 1.0), (1.0, 4.0)])
def test_students_of_the_labels_take_the_place_of_the_teacher(monkeypatch, factors):
    rows = transfer_set(2000, 2000, n_synthetic=0)
    short, trained, view = make_short_trainings(rows, monkeypatch, factors)
    # One student for each fold. They are unlike one another.
    slopes = (2.0, 4.0)
    students = [
        Student([[[0.0], [slope], [0.0]]], [[-1.0]], "relu", [0, 1]) for slope in slopes
    ]
    alone = HeldOutClasses(
        np.zeros((2, 2)),
        np.arange(2),
        MeanOfStudents(students, TASK, np.array(factors)),
    )
    alone.calibration = Temperature(0.5)
    drawn = np.array([[-1.0, 0, 0], [-1.0, 1, 0], [-1.0, 1, 0]])
    objective = WholeObjective(alone, rows.X, drawn, drawn, 0.3, 0.25)
    short.train(objective, view, 0.1)
    assert len(trained) == len(slopes) == short.n_folds
    log_factor = np.log(factors[1])
    for slope, (_, part, plan) in zip(slopes, trained, strict=True):
        assert (plan.weight_decay, plan.synthetic_share) == (0.1, 0.25)
        assert part.n_rows == part.n_real + 3
        kept, synthetic = part.X[: part.n_real], part.X[part.n_real :]
        assert_array_equal(kept, rows.X[kept[:, 0].astype(int)])
        assert_array_equal(synthetic, drawn)
        assert_array_equal(part.labels, [*kept[:, 1], -1, -1, -1])
        # The factors of the classes are taken from what the students say.
        said = (slope * part.X[:, 1] - 1.0 - log_factor) / 0.5
        said[part.n_real :] += log_factor
        assert_allclose(np.diff(part.targets)[:, 0], said, rtol=1e-5)
        given = slice(part.n_real)
        share = part.soft_weight / (part.soft_weight + part.hard_weight)
        assert_allclose(share[given], 0.3)
        assert (share[part.n_real :] == 1).all()
        steps = -(-round(part.n_real / 0.75) // plan.batch_size) * plan.max_iter
        assert 750 <= steps * plan.passes < 1000


def test_the_answers_are_asked_once_a_fold(monkeypatch):
    rows = transfer_set(2000, 2000, n_synthetic=0)
    short, trained, view = make_short_trainings(rows, monkeypatch)
    alone = short.labels_alone(view, 1.0).predictions
    trained.clear()
    objective = WholeObjective(alone, rows.X, rows.X[:5], rows.X[:5], 0.3, 0.25)
    short.train(objective, view, 0.1)
    short.train(objective, view, 0.3)
    parts = [part for _, part, _ in trained]
    assert parts[0] is parts[2]
    assert parts[1] is parts[3]
    assert [plan.weight_decay for *_, plan in trained] == [0.1, 0.1, 0.3, 0.3]


RECIPE = Recipe(0.0, 0.25, labels_alone=predictions(SURE))


@pytest.mark.parametrize(
    ("n_labelled", "changes", "expected"),
    [
        (2000, {}, True),
        (1999, {}, False),
        (2000, {"synthetic_share": 0.0}, False),
        (2000, {"follows_teacher": False}, False),
        (2000, {"labels_alone": None}, False),
    ],
)
def test_when_it_is_tried(n_labelled, changes, expected):
    short = SimpleNamespace(n_labelled=n_labelled)
    assert is_worth_a_try(short, RECIPE._replace(**changes), None) == expected


@pytest.mark.parametrize("knows_more", [False, True])
def test_a_teacher_that_knows_no_more_than_labels_ends_it(knows_more):
    logits = predictions(SURE).logits
    if knows_more:  # half of the wrong ones are right
        logits[: N_ROWS // 2 : 10] = logits[: N_ROWS // 2 : 10, ::-1]
    teacher = HeldOutClasses(logits, LABELS)
    short = SimpleNamespace(n_labelled=2000)
    assert is_worth_a_try(short, RECIPE, teacher) == knows_more


@pytest.fixture(scope="module")
def rows():
    return make_classification(2600, 6, n_informative=4, flip_y=0.1, random_state=0)


def fit(X, y, **parameters):
    # Its answers for rows that it has not seen are not known.
    forest = RandomForestClassifier(
        20, min_samples_leaf=5, bootstrap=False, random_state=0
    ).fit(X, y)
    model = DistilledClassifier(
        forest, max_iter=10, hidden_layer_sizes=(8,), random_state=0, **parameters
    )
    return model.fit(X, y)


def test_fit_tries_the_whole_objective_with_synthetic_rows_and_2000_labels(rows):
    X, y = rows
    capacity = fit(X, y).capacity_
    assert len(capacity.whole_objective) >= 2
    assert {tried.has_knots for tried in capacity.whole_objective} == {
        capacity.has_knots
    }
    assert capacity.limit < np.inf
    for changes in ({"synthesizer": None}, {"weight_decay": 1.0}):
        other = fit(X, y, **changes).capacity_
        assert not other.whole_objective
        assert other.limit == np.inf
    assert not fit(X[:1999], y[:1999]).capacity_.whole_objective


def test_the_teacher_has_no_say_in_the_limit(rows):
    X, y = rows
    answers = [
        fit(X, y, encoder=TabularEncoder(n_bins=0), **changes).capacity_
        for changes in ({}, {"calibrate_teacher": False}, {"teacher_share": 0.5})
    ]
    assert answers[0] == answers[1] == answers[2]
