"""A teacher's answers for rows without labels choose the decay and the share."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from scipy.special import log_softmax, softmax
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from skdistill import DistilledClassifier
from skdistill.tasks.classes import Classification
from skdistill.teachers.calibration import Temperature
from skdistill.teachers.held_out_classes import HeldOutClasses
from skdistill.training.capacity import Capacity
from skdistill.training.recipe import Recipe
from skdistill.training.short_trainings_of_answers import as_sure
from skdistill.training.teacher_share import best_share
from skdistill.transfer.transfer_set import make_transfer_set

X, Y = make_classification(
    3000, 10, n_informative=6, n_classes=4, n_clusters_per_class=2, random_state=0
)
N_ROWS = 2000
N_LABELS = 100


def noisy_votes(y, right=0.7):
    random = np.random.default_rng(0)
    named = np.where(random.random(len(y)) < right, y, (y + 1) % 4)
    votes = random.dirichlet(np.ones(4), len(y))
    sure = random.uniform(0.5, 0.9, len(y))[:, np.newaxis]
    return (1 - sure) * votes + sure * np.eye(4)[named]


VOTES = noisy_votes(Y[:N_ROWS])
FEW = np.where(np.arange(N_ROWS) < N_LABELS, Y[:N_ROWS], np.nan)


def small(teacher="precomputed", **parameters):
    given = {"hidden_layer_sizes": (32,), "random_state": 0, **parameters}
    return DistilledClassifier(teacher, **given)


@pytest.fixture(scope="module")
def student():
    return small().fit(X[:N_ROWS], FEW, teacher_proba=VOTES)


def test_a_student_of_votes_and_labels_beats_both(student):
    score = student.score(X[N_ROWS:], Y[N_ROWS:])
    for rows, labels in (
        (slice(N_ROWS), VOTES.argmax(axis=1)),
        (slice(N_LABELS), Y[:N_LABELS]),
    ):
        baseline = LogisticRegression().fit(X[rows], labels)
        assert score > baseline.score(X[N_ROWS:], Y[N_ROWS:]) + 0.02


def test_the_answers_decide_if_labels_are_few(student):
    capacity = student.capacity_
    assert capacity.by_answers
    assert capacity.n_folds == 2
    assert capacity.n_rows == pytest.approx(0.8 * (N_ROWS - N_LABELS), abs=2)
    assert "answers alone" in repr(capacity)
    assert all(candidate.standard_error > 0 for candidate in capacity.candidates)


def test_the_answers_decide_without_labels():
    model = small().fit(X[:500], teacher_proba=VOTES[:500])
    assert model.capacity_.by_answers
    assert model.teacher_share_ == 1.0
    again = small(random_state=1).fit(X[:500], teacher_proba=VOTES[:500])
    assert again.weight_decay_ == model.weight_decay_


def test_labels_decide_if_there_are_enough():
    rows = slice(N_LABELS - 80, N_LABELS + 300)  # 80 labels, 300 answers
    good = 0.7 * np.eye(4)[Y] + 0.075
    model = small(max_iter=1).fit(X[rows], FEW[rows], teacher_proba=good[rows])
    assert not model.capacity_.by_answers
    model = small(max_iter=1).fit(X[:200], Y[:200], teacher_proba=good[:200])
    assert not model.capacity_.by_answers


def test_too_few_answers_choose_nothing():
    model = small(max_iter=1).fit(X[:49], teacher_proba=VOTES[:49])
    assert model.capacity_ is None


def test_a_given_decay_and_encoder_need_no_trainings():
    model = small(max_iter=1, weight_decay=0.5, encoder=None)
    assert model.fit(X[:500], teacher_proba=VOTES[:500]).capacity_ is None


def test_stored_answers_count_by_their_confidence():
    entropy = -(VOTES * np.log(VOTES)).sum(axis=1) / np.log(4)

    def known(rows):
        return VOTES[[row_of[row.tobytes()] for row in np.asarray(rows, np.float64)]]

    row_of = {row.tobytes(): number for number, row in enumerate(X[:N_ROWS])}
    given = {"encoder": None, "synthesizer": None, "max_iter": 3, "weight_decay": 0.5}
    stored = small(**given).fit(X[:N_ROWS], teacher_proba=VOTES)
    weighted = small(known, **given).fit(X[:N_ROWS], None, 1.0 - entropy)
    assert_allclose(
        stored.predict_proba(X[N_ROWS:]), weighted.predict_proba(X[N_ROWS:]), atol=1e-5
    )


def test_equal_probabilities_lose_no_row():
    even = np.full((100, 4), 0.25)
    model = small(max_iter=1).fit(X[:100], teacher_proba=even)
    assert model.n_transfer_ == 100


def test_confidence_of_certain_and_of_even_answers():
    task = Classification(np.arange(3))
    answers = np.array([[0.0, 1.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0.0]])
    half = 1.0 - np.log(2) / np.log(3)
    assert_allclose(task.confidence(answers, False), [1.0, 0.01, half], atol=1e-12)
    assert_allclose(task.confidence(answers, True), [1.0, 1 / 9, 1 / 4], atol=1e-12)


def test_the_loss_of_answers_is_the_cross_entropy():
    random = np.random.default_rng(0)
    predicted, answers = random.normal(size=(2, 20, 3))
    expected = -(softmax(answers, axis=1) * np.log(softmax(predicted, axis=1))).sum(1)
    task = Classification(np.arange(3))
    assert_allclose(task.losses_of_answers(predicted, answers), expected)


def held_out(logits, labels):
    found = HeldOutClasses(logits, labels)
    found.calibration = Temperature()
    return found


def test_the_best_share_has_the_least_loss():
    random = np.random.default_rng(0)
    labels = random.integers(3, size=200)
    good, weak = (
        scale * np.eye(3)[labels] + random.normal(size=(200, 3)) for scale in (2, 1)
    )
    share = best_share(held_out(good, labels), held_out(weak, labels))
    assert 0.5 < share < 1.0

    def loss(share):
        mixed = softmax(share * good + (1 - share) * weak, axis=1)
        return -np.log(mixed[np.arange(200), labels]).mean()

    grid = np.linspace(0, 1, 101)
    assert share == pytest.approx(min(grid, key=loss), abs=0.011)


def test_a_teacher_that_knows_the_labels_by_heart_is_not_judged_by_them():
    rows, labels = X[:N_LABELS], Y[:N_LABELS]
    neighbor = KNeighborsClassifier(1).fit(rows, labels)
    model = small(neighbor.predict_proba, synthesizer=None)
    model.fit(rows, labels, X_unlabeled=X[N_LABELS:N_ROWS])
    assert model.capacity_.by_answers
    assert model.teacher_share_ < 0.8


def test_a_good_teacher_gets_nearly_the_whole_share():
    neighbors = KNeighborsClassifier(15).fit(X[N_LABELS:], Y[N_LABELS:])
    model = small(neighbors.predict_proba, synthesizer=None)
    model.fit(X[:N_LABELS], Y[:N_LABELS], X_unlabeled=X[N_LABELS:N_ROWS])
    assert model.teacher_share_ > 0.8


def test_the_same_answers_choose_alike_in_any_form(student):
    parted = small().fit(
        X[:N_LABELS],
        Y[:N_LABELS].astype(float),
        teacher_proba=VOTES[:N_LABELS],
        X_unlabeled=X[N_LABELS:N_ROWS],
        teacher_proba_unlabeled=VOTES[N_LABELS:],
    )
    assert parted.capacity_ == student.capacity_
    assert_array_equal(parted.predict_proba(X), student.predict_proba(X))


def words_of_topics(n_rows, random):
    """Return shares of words, and the topic of each row."""
    topics = np.exp(random.normal(scale=0.6, size=(2, 1500))) / np.arange(1, 1501)
    topics /= topics.sum(axis=1, keepdims=True)
    y = random.integers(2, size=n_rows)
    words = np.sqrt([random.multinomial(15, topics[topic]) for topic in y])
    words *= np.log(len(y) / (1.0 + (words > 0).sum(axis=0)))
    return csr_array(words / np.linalg.norm(words, axis=1, keepdims=True)), y


def test_a_linear_student_of_noisy_votes_beats_a_regression():
    random = np.random.default_rng(2)
    X, y = words_of_topics(1600, random)
    right = random.random(800) < 0.7
    sure = np.where(right, random.beta(6, 2, 800), random.beta(4, 3, 800))
    named = np.where(right, y[:800], 1 - y[:800])
    votes = np.outer(1.0 - sure, [0.5, 0.5]) + sure[:, np.newaxis] * np.eye(2)[named]
    known = np.arange(800) < 100
    model = DistilledClassifier("precomputed", random_state=0)
    model.fit(X[:800], np.where(known, y[:800], np.nan), teacher_proba=votes)
    assert model.capacity_.by_answers
    corrected = np.where(known, y[:800], named)
    regression = LogisticRegression().fit(X[:800], corrected)
    assert model.score(X[800:], y[800:]) > regression.score(X[800:], y[800:]) + 0.03


def test_linear_trainings_hold_out_more_folds():
    X = csr_array(np.random.default_rng(0).random((2500, 2)))
    votes = softmax(X.toarray(), axis=1)
    model = DistilledClassifier("precomputed", random_state=0)
    assert model.fit(X, teacher_proba=votes).capacity_.n_folds == 5
    model.set_params(hidden_layer_sizes=(2,), max_iter=1)
    assert model.fit(X, teacher_proba=votes).capacity_.n_folds == 2


@pytest.mark.parametrize("factor", [0.1, 1.0, 5.0])
def test_predictions_are_made_as_sure_as_answers(factor):
    random = np.random.default_rng(0)
    answers = random.normal(size=(200, 3))
    predicted = answers + random.normal(size=(200, 3))
    weights = random.random(200)
    task = Classification(np.arange(3))
    found = as_sure(task, factor * predicted, answers, weights)
    shares = softmax(answers, axis=1)

    def loss(logits):
        losses = -(shares * log_softmax(logits, axis=1)).sum(axis=1)
        return np.average(losses, weights=weights)

    least = min(loss(power * predicted) for power in np.geomspace(0.1, 10, 2001))
    assert loss(found) == pytest.approx(least, abs=1e-6)


def test_labels_alone_are_mixed_into_answers_at_their_temperature():
    random = np.random.default_rng(0)
    answers, other = random.normal(size=(2, 6, 3)).astype(np.float32)
    labels = np.array([0, 1, -1, -1, -1, -1])
    teacher, alone = held_out(answers[:2], labels[:2]), held_out(other[:2], labels[:2])
    teacher.calibration, alone.calibration = Temperature(0.5), Temperature(4.0)
    alone.model = SimpleNamespace(logits=lambda X: other[X[:, 0]])
    rows = make_transfer_set(
        Classification(np.arange(3)), None, answers, labels, np.ones(6), 0.3
    )
    recipe = Recipe(
        0.0,
        0.0,
        teacher_share=0.6,
        teacher=teacher,
        labels_alone=alone,
        capacity=Capacity(False, 1.0, 4, by_answers=True),
    )
    data = SimpleNamespace(
        rows=SimpleNamespace(X=np.arange(6).reshape(6, 1)), synthetic=None
    )
    mixed = recipe.prepare(rows, data).targets
    assert_array_equal(mixed[:2], answers[:2])
    expected = 0.6 * answers[2:] + 0.4 * other[2:] * (0.5 / 4.0)
    assert_allclose(mixed[2:], expected, rtol=1e-5)
    halved = recipe._replace(calibration=Temperature(0.5))
    calibrated = halved.prepare(rows, data).targets
    expected = 0.6 * answers[2:] / 0.5 + 0.4 * other[2:] / 4.0
    assert_allclose(calibrated[2:], expected, rtol=1e-5)
