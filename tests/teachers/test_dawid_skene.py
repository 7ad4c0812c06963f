import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.sparse import csr_array

from skdistill.teachers.dawid_skene import (
    POOLED,
    confusions_of,
    dawid_skene,
    posterior,
    prior_temperature,
    tempered,
    vote_shares,
)


def draw(seed, n_samples=60, n_annotators=4, n_classes=3, missing=0.4):
    """Return labels, and votes as codes with -1 where somebody did not vote."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(n_classes, size=n_samples)
    wrong = rng.integers(n_classes, size=(n_samples, n_annotators))
    right = rng.random((n_samples, n_annotators)) < rng.uniform(0.4, 1, n_annotators)
    votes = np.where(right, labels[:, np.newaxis], wrong)
    votes[rng.random(votes.shape) < missing] = -1
    return labels, votes


def as_shares(votes, n_classes):
    soft = (votes[:, :, np.newaxis] == np.arange(n_classes)).astype(float)
    return csr_array(soft.reshape(len(votes), -1))


def slow_confusions(votes, proba):
    """Count each vote by itself."""
    n_annotators, n_classes = votes.shape[1], proba.shape[1]
    counts = np.zeros((n_annotators, n_classes, n_classes))
    for row, given_votes in enumerate(votes):
        for annotator, vote in enumerate(given_votes):
            if vote >= 0:
                for true in range(n_classes):
                    counts[annotator, true, vote] += proba[row, true]
    together = counts.sum(axis=0) + 0.1
    right = sum(together[c, c] for c in range(n_classes)) / together.sum()
    for true in range(n_classes):
        for vote in range(n_classes):
            wrong = (1 - right) / (n_classes - 1)
            together[true, vote] += POOLED * (right if true == vote else wrong)
        together[true] /= together[true].sum()
    confusions = np.empty_like(counts)
    for annotator in range(n_annotators):
        for true in range(n_classes):
            row = counts[annotator, true] + POOLED * together[true]
            confusions[annotator, true] = row / row.sum()
    return confusions


def slow_posterior(votes, confusions, prior):
    """Multiply probabilities, without logarithms."""
    proba = np.empty((len(votes), len(prior)))
    for row, given_votes in enumerate(votes):
        for true, share in enumerate(prior):
            proba[row, true] = share
            for annotator, vote in enumerate(given_votes):
                if vote >= 0:
                    proba[row, true] *= confusions[annotator, true, vote]
        proba[row] /= proba[row].sum()
    return proba


def slow_consensus(votes, n_classes):
    proba = np.empty((len(votes), n_classes))
    for row, given_votes in enumerate(votes):
        counts = [np.sum(given_votes == c) for c in range(n_classes)]
        total = max(sum(counts), 1)
        proba[row] = [c / total if sum(counts) else 1 / n_classes for c in counts]
    voted = (votes >= 0).any(axis=1)
    for _ in range(100):
        confusions = slow_confusions(votes, proba)
        before = proba
        proba = slow_posterior(votes, confusions, before[voted].mean(axis=0))
        if abs(proba - before).max() < 1e-5:
            break
    return proba, confusions


@pytest.mark.parametrize("seed", range(3))
def test_the_consensus_is_that_of_a_plain_implementation(seed):
    _, votes = draw(seed)
    found = dawid_skene(as_shares(votes, 3), 3)
    proba, confusions = slow_consensus(votes, 3)
    np.testing.assert_allclose(found.proba, proba, atol=1e-4)
    np.testing.assert_allclose(found.confusions, confusions, atol=1e-4)


def test_one_step_is_that_of_a_plain_implementation():
    _, votes = draw(5)
    shares, rng = as_shares(votes, 3), np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(3), len(votes))
    confusions = confusions_of(shares, proba)
    np.testing.assert_allclose(confusions, slow_confusions(votes, proba))
    prior = np.array([0.2, 0.3, 0.5])
    expected = slow_posterior(votes, confusions, prior)
    np.testing.assert_allclose(
        posterior(shares, confusions, prior), expected, atol=1e-5
    )
    rows = np.tile(prior, (len(votes), 1))
    np.testing.assert_allclose(posterior(shares, confusions, rows), expected, atol=1e-5)


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=20)
@given(seed=seeds)
def test_other_orders_give_the_same_consensus(seed):
    _, votes = draw(seed)
    rng = np.random.default_rng(seed)
    plain = dawid_skene(as_shares(votes, 3), 3)
    annotators, classes, rows = rng.permutation(4), rng.permutation(3), rng.permutation
    moved = dawid_skene(as_shares(votes[:, annotators], 3), 3)
    np.testing.assert_allclose(moved.proba, plain.proba, atol=1e-6)
    np.testing.assert_allclose(moved.confusions, plain.confusions[annotators])
    renamed = np.where(votes >= 0, classes[votes], -1)
    moved = dawid_skene(as_shares(renamed, 3), 3)
    np.testing.assert_allclose(moved.proba[:, classes], plain.proba, atol=1e-6)
    np.testing.assert_allclose(
        moved.confusions[:, classes][:, :, classes], plain.confusions, atol=1e-6
    )
    order = rows(len(votes))
    moved = dawid_skene(as_shares(votes[order], 3), 3)
    np.testing.assert_allclose(moved.proba, plain.proba[order], atol=1e-6)


@settings(max_examples=20)
@given(seed=seeds)
def test_all_answers_are_probabilities(seed):
    _, votes = draw(seed, n_samples=12, n_annotators=2, missing=0.6)
    found = dawid_skene(as_shares(votes, 3), 3) if (votes >= 0).any() else None
    if found is not None:
        for answer in found:
            assert (answer >= 0).all()
            np.testing.assert_allclose(answer.sum(axis=-1), 1)


def test_an_annotator_who_is_never_wrong_decides():
    labels, votes = draw(0, n_samples=400, n_annotators=5, missing=0.2)
    votes[:, 0] = labels
    rng = np.random.default_rng(0)
    votes[:, 1:3] = rng.integers(3, size=(400, 2))  # They vote blindly.
    found = dawid_skene(as_shares(votes, 3), 3)
    assert (found.proba.argmax(axis=1) == labels).mean() > 0.98
    assert np.diagonal(found.confusions[0]).min() > 0.95
    assert np.diagonal(found.confusions[1:3], axis1=1, axis2=2).max() < 0.5
    majority = vote_shares(as_shares(votes, 3), 3).argmax(axis=1)
    assert (majority == labels).mean() < 0.95


def test_a_row_without_a_vote_gets_its_prior():
    _, votes = draw(1)
    votes[7] = -1
    shares = as_shares(votes, 3)
    prior = np.random.default_rng(0).dirichlet(np.ones(3), len(votes))
    found = dawid_skene(shares, 3, prior)
    np.testing.assert_allclose(found.proba[7], prior[7], atol=1e-5)
    without = dawid_skene(shares[np.arange(60) != 7], 3, np.delete(prior, 7, axis=0))
    np.testing.assert_allclose(found.confusions, without.confusions)


def test_votes_that_are_sure_equal_labels():
    _, votes = draw(2)
    soft = np.where(votes[:, :, np.newaxis] == np.arange(3), 1.0, 0.0)
    soft[3, 1] = [0.6, 0.4, 0.0]
    mixed = dawid_skene(csr_array(soft.reshape(60, -1)), 3)
    votes[3, 1] = 0
    plain = dawid_skene(as_shares(votes, 3), 3)
    assert abs(mixed.proba[3] - plain.proba[3]).max() < 0.2


@pytest.mark.parametrize("true_temperature", [0.5, 1.0, 2.0])
def test_votes_choose_the_temperature_of_the_prior(true_temperature):
    rng = np.random.default_rng(0)
    honest = rng.dirichlet(np.ones(3), 3000)
    labels = (rng.random((3000, 1)) > honest.cumsum(axis=1)).sum(axis=1)
    votes = np.where(
        rng.random((3000, 2)) < 0.7,
        labels[:, np.newaxis],
        rng.integers(3, size=(3000, 2)),
    )
    distorted = honest**true_temperature
    distorted /= distorted.sum(axis=1, keepdims=True)
    confusions = confusions_of(as_shares(votes, 3), np.eye(3)[labels])
    temperature = prior_temperature(distorted, as_shares(votes, 3), confusions)
    assert temperature == pytest.approx(true_temperature, rel=0.15)
    found = tempered(distorted, temperature)
    assert abs(found - honest).mean() < 0.05


def test_the_temperature_is_where_the_likelihood_is_flat():
    _, votes = draw(4, n_samples=200)
    shares = as_shares(votes, 3)
    prior = np.random.default_rng(1).dirichlet(np.ones(3), 200)
    confusions = confusions_of(shares, vote_shares(shares, 3))
    best = tempered(prior, prior_temperature(prior, shares, confusions))

    def likelihood(scale):
        scaled = best ** scale[0]
        scaled /= scaled.sum(axis=1, keepdims=True)
        total = 0.0
        for row, given_votes in enumerate(votes):
            by_class = scaled[row].copy()
            for annotator, vote in enumerate(given_votes):
                if vote >= 0:
                    by_class *= confusions[annotator, :, vote]
            total += np.log(by_class.sum())
        return total / len(votes)

    slope = approx_fprime(np.array([1.0]), likelihood, 1e-5)
    curvature = likelihood([1.2]) + likelihood([0.8]) - 2 * likelihood([1.0])
    assert curvature < 0
    assert abs(slope).item() < 0.01
