"""The consensus of soft votes."""

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

from skdistill.teachers import VotesTeacher


def soft_votes(sureness, right, labels, rng):
    """Return soft votes: the chosen class has the sureness, the others the rest."""
    n_classes = labels.max() + 1
    others = (labels[:, np.newaxis] + rng.integers(1, n_classes, right.shape)) % (
        n_classes
    )
    chosen = np.where(right, labels[:, np.newaxis], others)
    rest = ((1 - sureness) / (n_classes - 1))[:, :, np.newaxis]
    soft = np.repeat(rest, n_classes, axis=2)
    np.put_along_axis(soft, chosen[:, :, np.newaxis], sureness[:, :, np.newaxis], 2)
    return soft


def sorts_of_sureness(shape, n_classes, rng):
    """Yield kinds of soft votes: sureness, and the chance of being right."""
    varied = np.clip(rng.beta(4, 2, shape), 1 / n_classes + 0.02, 0.99)
    even = rng.uniform(0.5, 0.9, shape)
    yield "constant", np.full(shape, 0.8), np.full(shape, 0.8)
    yield "varied", varied, varied
    yield "without meaning", even, np.full(shape, 0.75)
    yield "too sure", varied**0.25, varied
    yield "too modest", 1 / n_classes + 0.3 * (varied - 1 / n_classes), varied
    blind = varied.copy()
    blind[:, 0] = 1 / n_classes
    yield "one blind", varied, blind


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_consensus_is_as_good_as_the_mean_of_soft_votes(n_classes):
    rng = np.random.default_rng(n_classes)
    labels = rng.integers(n_classes, size=600)
    X = rng.normal(size=(600, 3))
    X[:, 0] += labels
    for sort, sureness, chance in sorts_of_sureness((600, 4), n_classes, rng):
        right = rng.random(chance.shape) < chance
        votes = soft_votes(sureness, right, labels, rng)
        teacher = VotesTeacher(GaussianNB(), random_state=0).fit(X, votes)
        by_mean = votes.mean(axis=1).argmax(axis=1) == labels
        by_teacher = teacher.proba_.argmax(axis=1) == labels
        assert by_teacher.mean() >= by_mean.mean(), sort
        hard = VotesTeacher(GaussianNB(), random_state=0).fit(X, votes.argmax(axis=2))
        by_labels = hard.proba_.argmax(axis=1) == labels
        assert by_teacher.mean() >= by_labels.mean() - 0.02, sort
        np.testing.assert_allclose(teacher.proba_.sum(axis=1), 1)


def test_few_soft_votes_a_row_count_as_they_are():
    rng = np.random.default_rng(0)
    labels = rng.integers(3, size=400)
    X = rng.normal(size=(400, 3))
    for n_annotators in (1, 2):
        shape = 400, n_annotators
        for sort, sureness, chance in sorts_of_sureness(shape, 3, rng):
            votes = soft_votes(sureness, rng.random(shape) < chance, labels, rng)
            teacher = VotesTeacher(GaussianNB(), random_state=0).fit(X, votes)
            by_mean = votes.mean(axis=1).argmax(axis=1) == labels
            by_teacher = teacher.proba_.argmax(axis=1) == labels
            assert by_teacher.mean() >= by_mean.mean() - 0.03, sort


def test_probabilities_that_know_the_shares_of_classes_do_not_lose_the_rare_ones():
    rng = np.random.default_rng(0)
    shares = np.array([0.8, 0.15, 0.05])
    labels = rng.choice(3, p=shares, size=600)
    logits = rng.normal(size=(600, 4, 3))
    np.put_along_axis(logits, labels[:, np.newaxis, np.newaxis], np.nan, axis=2)
    logits = np.where(np.isnan(logits), 1.5 + rng.normal(size=logits.shape), logits)
    votes = np.exp(1.5 * logits) * shares
    votes /= votes.sum(axis=2, keepdims=True)
    teacher = VotesTeacher(GaussianNB(), random_state=0)
    teacher.fit(rng.normal(size=(600, 3)), votes)
    by_mean = votes.mean(axis=1).argmax(axis=1) == labels
    assert (teacher.proba_.argmax(axis=1) == labels).mean() > by_mean.mean() + 0.02


def test_a_consensus_of_one_class_is_told():
    rng = np.random.default_rng(0)
    votes = np.zeros((60, 3), dtype=int)
    votes[:, 1] = rng.random(60) < 0.1
    votes[0] = 0, 1, 1
    with pytest.warns(UserWarning, match="the consensus of all rows is 0, though"):
        VotesTeacher(GaussianNB(), random_state=0).fit(np.zeros((60, 2)), votes)
