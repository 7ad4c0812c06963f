"""A teacher's answers for rows without labels choose the decay and the share."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import softmax
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from skdistill import DistilledClassifier
from skdistill.tasks.classes import Classification
from skdistill.teachers.held_out import HeldOutPredictions
from skdistill.training.teacher_share import best_share

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
    assert_allclose(task.confidence(answers), [1.0, 0.01, half], atol=1e-12)


def test_the_loss_of_answers_is_the_cross_entropy():
    random = np.random.default_rng(0)
    predicted, answers = random.normal(size=(2, 20, 3))
    expected = -(softmax(answers, axis=1) * np.log(softmax(predicted, axis=1))).sum(1)
    task = Classification(np.arange(3))
    assert_allclose(task.losses_of_answers(predicted, answers), expected)


def held_out(logits, labels):
    found = HeldOutPredictions(logits, labels)
    found.temperature = 1.0
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
