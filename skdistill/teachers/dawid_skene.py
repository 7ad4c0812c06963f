"""The consensus of annotators, by the model of Dawid and Skene.

Each annotator has a confusion matrix: the probability of each vote, given the true
class. Expectation-maximisation finds these matrices and the probability of each class
of each row in turn [1]_. Two additions make it fit few votes:

- the matrix of an annotator is drawn to that of all annotators together, by some
  pseudo-votes for each class;
- a prior of each row, from a model of its features, may stand in place of the shares
  of the classes [2]_. The votes choose its temperature.

References
----------
.. [1] Dawid and Skene, "Maximum likelihood estimation of observer error-rates using the
   EM algorithm", Applied Statistics 28, 1979.
.. [2] Raykar et al., "Learning from crowds", JMLR 11, 2010.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax

from skdistill.teachers.temperature import least_on_log_scale

# Number of pseudo-votes for each class by which the confusions of one annotator are
# drawn to those of all.
POOLED = 5.0
# Number of pseudo-votes for each pair of classes in the confusions of all annotators.
_SMOOTHED = 0.1
_MAX_ITER = 100
_TOLERANCE = 1e-5
# Least probability of a class before a row's votes are read.
_LEAST_PRIOR = 1e-6
# Limits of the temperature of a model's probabilities.
_TEMPERATURES = (0.1, 10.0)


class Consensus(NamedTuple):
    """The consensus of annotators.

    Attributes
    ----------
    proba : ndarray of shape (n_samples, n_classes)
        Probability of each class of each row.
    confusions : ndarray of shape (n_annotators, n_classes, n_classes)
        Probability that an annotator votes for a class (last axis), given the true
        class (middle axis).
    """

    proba: np.ndarray
    confusions: np.ndarray


class PlainVotes:
    """Votes that are labels, and the consensus of them.

    Parameters
    ----------
    votes : CSR of shape (n_samples, n_annotators * n_classes)
        Votes as `dawid_skene` takes them.
    n_classes : int
    """

    def __init__(self, votes, n_classes):
        self.votes, self.n_classes = votes, n_classes

    def consensus(self, row_prior=None, start=None):
        """Return the consensus: see `dawid_skene`."""
        return dawid_skene(self.votes, self.n_classes, row_prior, start)

    def prior_temperature(self, prior, consensus):
        """Return the temperature of a prior: see the function of this name."""
        return prior_temperature(prior, self.votes, consensus.confusions)


def vote_shares(votes, n_classes):
    """Return the share of each class among the votes of each row.

    Parameters
    ----------
    votes : CSR of shape (n_samples, n_annotators * n_classes)
        Votes as `dawid_skene` takes them.
    n_classes : int

    Returns
    -------
    shares : ndarray of shape (n_samples, n_classes)
        Shares that add up to 1. They are equal in a row without a vote.
    """
    n_columns = votes.shape[1]
    classes = np.arange(n_columns) % n_classes
    shares = votes @ np.eye(n_classes)[classes] + 1e-9
    return shares / shares.sum(axis=1, keepdims=True)


def dawid_skene(votes, n_classes, row_prior=None, start=None):
    """Return the consensus of votes.

    Parameters
    ----------
    votes : CSR of shape (n_samples, n_annotators * n_classes)
        Share of each class in the vote of each annotator: a single 1 for a plain vote,
        nothing for no vote. The classes of an annotator stand side by side.
    n_classes : int
    row_prior : ndarray of shape (n_samples, n_classes) or None, default=None
        Probabilities of the classes before the votes are read. None stands for the
        shares of the classes, which are found with the rest.
    start : ndarray of shape (n_samples, n_classes) or None, default=None
        Consensus to start from. None stands for the shares of the votes.

    Returns
    -------
    consensus : Consensus
    """
    proba = vote_shares(votes, n_classes) if start is None else start
    has_votes = np.diff(votes.indptr) > 0
    for _ in range(_MAX_ITER):
        confusions = confusions_of(votes, proba)
        prior = row_prior
        if prior is None:
            # A row without a vote says nothing about the shares.
            prior = proba[has_votes].mean(axis=0)
        before, proba = proba, posterior(votes, confusions, prior)
        if np.abs(proba - before).max() < _TOLERANCE:
            break
    return Consensus(proba, confusions)


def confusions_of(votes, proba):
    """Return the confusions of annotators, if the classes of the rows are known.

    Parameters
    ----------
    votes : CSR of shape (n_samples, n_annotators * n_classes)
    proba : ndarray of shape (n_samples, n_classes)
        Probability of each class of each row.

    Returns
    -------
    confusions : ndarray of shape (n_annotators, n_classes, n_classes)
        As in `Consensus`.
    """
    n_classes = proba.shape[1]
    same = np.eye(n_classes, dtype=bool)
    counts = (votes.T @ proba).reshape(-1, n_classes, n_classes).transpose(0, 2, 1)
    pooled = counts.sum(axis=0) + _SMOOTHED
    # Few votes on a class tell little of it. There, the mean annotator counts.
    right = np.trace(pooled) / pooled.sum()
    pooled += POOLED * np.where(same, right, (1.0 - right) / max(n_classes - 1, 1))
    pooled /= pooled.sum(axis=1, keepdims=True)
    confusions = counts + POOLED * pooled
    return confusions / confusions.sum(axis=2, keepdims=True)


def posterior(votes, confusions, prior):
    """Return the probabilities of the classes after the votes are read.

    Parameters
    ----------
    votes : CSR of shape (n_samples, n_annotators * n_classes)
    confusions : ndarray of shape (n_annotators, n_classes, n_classes)
        As in `Consensus`.
    prior : ndarray of shape (n_classes,) or (n_samples, n_classes)
        Probabilities before.

    Returns
    -------
    proba : ndarray of shape (n_samples, n_classes)
    """
    return softmax(_log_joint(votes, confusions, _log_prior(prior)), axis=1)


def prior_temperature(prior, votes, confusions):
    """Return the temperature at which a model's probabilities suit the votes best.

    A model may be too sure of itself, or not sure enough. Votes that it has not seen
    tell. The temperature T maximises their likelihood, the sum over rows of
    ``log(sum over classes of p(class) * p(votes | class))`` with p(class)
    proportional to ``prior ** (1 / T)``.

    Parameters
    ----------
    prior : ndarray of shape (n_samples, n_classes)
        Probabilities of a model that has not seen the votes of the rows.
    votes : CSR of shape (n_samples, n_annotators * n_classes)
    confusions : ndarray of shape (n_annotators, n_classes, n_classes)
        As in `Consensus`.

    Returns
    -------
    temperature : float
    """
    voted = np.diff(votes.indptr) > 0
    return temperature_by_votes(prior[voted], _log_joint(votes[voted], confusions, 0.0))


def temperature_by_votes(prior, log_votes):
    """Return the temperature of a prior that maximises the likelihood of votes.

    Parameters
    ----------
    prior : ndarray of shape (n_samples, n_classes)
        Probabilities before the votes are read.
    log_votes : ndarray of shape (n_samples, n_classes)
        Logarithm of the likelihood of a row's votes, for each class.

    Returns
    -------
    temperature : float
    """
    log_prior = _log_prior(prior)

    def loss(log_temperature):
        scaled = log_softmax(log_prior / np.exp(log_temperature), axis=1)
        return -logsumexp(scaled + log_votes, axis=1).mean()

    return least_on_log_scale(loss, *np.log(_TEMPERATURES))[0]


def tempered(proba, temperature):
    """Return probabilities at a temperature.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
    temperature : float

    Returns
    -------
    tempered : ndarray of shape (n_samples, n_classes)
        Probabilities, proportional to ``proba ** (1 / temperature)``.
    """
    return softmax(_log_prior(proba) / temperature, axis=1)


def _log_prior(prior):
    prior = prior + _LEAST_PRIOR
    return np.log(prior / prior.sum(axis=-1, keepdims=True))


def _log_joint(votes, confusions, log_prior):
    """Return the log-probability of each class together with the votes of a row."""
    n_classes = confusions.shape[1]
    by_vote = np.log(confusions).transpose(0, 2, 1).reshape(-1, n_classes)
    return votes @ by_vote + log_prior
