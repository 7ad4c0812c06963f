"""The consensus of annotators who give probabilities.

A soft vote says how sure its annotator is. In the model of Dawid and Skene it would
count as a label drawn from these probabilities. The confusions would then hold the
unsureness of the votes, which the votes hold already, and it would count twice.

Here the soft vote s of an annotator changes the log-probability of class c by

``b * log(s[c]) + h * (c is the most probable class of s) - d * log(share[c])``

and ``share`` is the mean of all soft votes. The three numbers of an annotator say how
far to trust the votes: b more than 1 for one who is not sure enough, b and h of 0 for
one who votes blindly, and d more than 0 for one whose votes know the shares of the
classes already. They maximise the likelihood of the consensus given the votes of the
annotator alone, and are drawn to the numbers that suit all annotators together. Numbers
and consensus are found in turn.
"""

from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.special import softmax

from skdistill.teachers.dawid_skene import (
    Consensus,
    confusions_of,
    temperature_by_votes,
    vote_shares,
)

_MAX_ITER = 50
_TOLERANCE = 1e-4
# Steps of Newton's method for the numbers of annotators in each iteration.
_STEPS = 2
# Probability that each class gets beyond its vote: no annotator can be quite sure.
_LEAST = 0.01
# Numbers b, h and d of votes that are right as they are, and the greatest numbers.
_AS_GIVEN = np.array([1.0, 0.0, 0.0])
_GREATEST = np.array([8.0, 8.0, 2.0])
# Strength of the pull of one annotator to all, and of all to votes as they are given.
_POOLED = 10.0
_PULL = 1.0
# Fewest votes a row, on average, from which the numbers are learned. With fewer, votes
# count as they are given, but on average they are at least as sure as this.
_FEWEST = 2.5
_USUAL_SURENESS = 0.75
# Least probability of a class before a row's votes are read.
_LEAST_PRIOR = 1e-6


class SoftVotes:
    """Soft votes, and the consensus of them.

    Parameters
    ----------
    votes : CSR of shape (n_samples, n_annotators * n_classes)
        Shares of the classes in the vote of each annotator, nothing for no vote. The
        classes of an annotator stand side by side.
    n_classes : int
    """

    def __init__(self, votes: Any, n_classes: int) -> None:
        n_samples, n_columns = votes.shape
        self._start = vote_shares(votes, n_classes)
        self._has_votes = np.diff(votes.indptr) > 0
        shares = votes.toarray().reshape(n_samples, n_columns // n_classes, n_classes)
        rows, annotators = np.nonzero(shares.sum(axis=2) > 0)
        shares = shares[rows, annotators]
        self._rows, self._annotators = rows, annotators
        numbers, ones = np.arange(len(rows)), np.ones(len(rows))
        self._sum_of_row = csr_array(
            (ones, (rows, numbers)), shape=(n_samples, len(rows))
        )
        n_annotators = n_columns // n_classes
        self._sum_of_annotator = csr_array(
            (ones, (annotators, numbers)), shape=(n_annotators, len(rows))
        )
        logs = np.log(shares + _LEAST)
        best = (shares >= shares.max(axis=1, keepdims=True) - 1e-9).astype(float)
        best /= best.sum(axis=1, keepdims=True)
        known = np.log(shares.mean(axis=0) + _LEAST_PRIOR)
        self._features = np.stack(
            [
                logs - logs.mean(axis=1, keepdims=True),
                best,
                np.broadcast_to(-known, logs.shape),
            ],
            axis=2,
        )
        where = annotators[:, np.newaxis] * n_classes + np.arange(n_classes)
        places = np.repeat(rows, n_classes), where.ravel()
        self._labels = csr_array((best.ravel(), places), shape=votes.shape)
        self._weights = np.tile(_AS_GIVEN, (n_annotators, 1))
        self._pooled = _AS_GIVEN
        # Without others to agree with, an annotator shows nothing of how to be read.
        self._learns = len(rows) >= _FEWEST * self._has_votes.sum()
        if not self._learns:
            self._weights[:, 0] = _power_of_usual_sureness(self._features[:, :, 0])

    def consensus(self, row_prior: Any = None, start: Any = None) -> Consensus:
        """Return the consensus.

        Parameters
        ----------
        row_prior : ndarray of shape (n_samples, n_classes) or None, default=None
            Probabilities of the classes before the votes are read. None stands for the
            shares of the classes, which are found with the rest.
        start : ndarray of shape (n_samples, n_classes) or None, default=None
            Consensus to start from. None stands for the means of the votes.

        Returns
        -------
        consensus : Consensus
            The confusions are those of the most probable classes of the votes.
        """
        proba = self._start if start is None else start
        for _ in range(_MAX_ITER):
            known = proba if self._learns else self._start
            shares = np.log(known[self._has_votes].mean(axis=0) + _LEAST_PRIOR)
            for _ in range(_STEPS if self._learns else 0):
                self._step(proba[self._rows], shares)
            prior = shares if row_prior is None else np.log(row_prior + _LEAST_PRIOR)
            before, proba = proba, softmax(self._log_votes() + prior, axis=1)
            if np.abs(proba - before).max() < _TOLERANCE:
                break
        return Consensus(proba, confusions_of(self._labels, proba))

    def prior_temperature(self, prior: np.ndarray, consensus: Consensus) -> float:
        """Return the temperature at which a model's probabilities suit the votes best.

        Parameters
        ----------
        prior : ndarray of shape (n_samples, n_classes)
            Probabilities of a model that has not seen the votes of the rows.
        consensus : Consensus
            The last consensus.

        Returns
        -------
        temperature : float
        """
        voted = self._has_votes
        return temperature_by_votes(prior[voted], self._log_votes()[voted])

    def _log_votes(self):
        """Return the change of the log-probabilities of each row by its votes."""
        weights = self._weights[self._annotators]
        return self._sum_of_row @ np.einsum("mkf,mf->mk", self._features, weights)

    def _step(self, proba, shares):
        """Take a step of Newton's method for all annotators together, then for each."""
        together = np.broadcast_to(self._pooled, (len(proba), len(self._pooled)))
        slope, curve = self._derivatives(together, proba, shares)
        self._pooled = _newton(
            self._pooled, slope.sum(axis=0), curve.sum(axis=0), _AS_GIVEN, _PULL
        )
        weights = self._weights[self._annotators]
        slope, curve = self._derivatives(weights, proba, shares)
        n_annotators, n_numbers = self._weights.shape
        by_annotator = self._sum_of_annotator @ curve.reshape(len(curve), -1)
        self._weights = _newton(
            self._weights,
            self._sum_of_annotator @ slope,
            by_annotator.reshape(n_annotators, n_numbers, n_numbers),
            self._pooled,
            _POOLED,
        )

    def _derivatives(self, weights, proba, shares):
        """Return slope and curvature of the log-likelihood of each vote."""
        features = self._features
        given = softmax(np.einsum("mkf,mf->mk", features, weights) + shares, axis=1)
        slope = np.einsum("mk,mkf->mf", proba - given, features)
        mean = np.einsum("mk,mkf->mf", given, features)
        apart = features - mean[:, np.newaxis]
        return slope, np.einsum("mk,mkf,mkh->mfh", given, apart, apart)


def _power_of_usual_sureness(logs):
    """Return the least power, from 1, at which votes are as sure as is usual."""
    powers = np.linspace(_AS_GIVEN[0], _GREATEST[0], 29)
    for power in powers:
        if softmax(power * logs, axis=1).max(axis=1).mean() >= _USUAL_SURENESS:
            break
    return power


def _newton(weights, slope, curve, centre, strength):
    """Return weights after a step that is no longer than 1, within their limits."""
    slope = slope - strength * (weights - centre)
    curve = curve + strength * np.eye(len(_AS_GIVEN))
    step = np.linalg.solve(curve, slope[..., np.newaxis])[..., 0]
    return np.clip(weights + np.clip(step, -1.0, 1.0), 0.0, _GREATEST)
