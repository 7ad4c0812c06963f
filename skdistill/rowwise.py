"""Figures of single rows, of which measures are weighted means."""

import numpy as np

# Below it a probability counts as this much, as scikit-learn's log-loss has it.
_LEAST = np.finfo(np.float64).eps


def log_losses(labels, proba):
    """Return the negative log-probability of each row's label.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
        Column numbers of the true classes.
    proba : ndarray of shape (n_samples, n_classes)

    Returns
    -------
    losses : ndarray of shape (n_samples,)
        In nats.
    """
    of_label = proba[np.arange(len(labels)), labels].astype(np.float64)
    return -np.log(np.clip(of_label, _LEAST, 1.0 - _LEAST))


def brier_scores(labels, proba):
    """Return the squared distance of each row's probabilities from its label.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
    proba : ndarray of shape (n_samples, n_classes)

    Returns
    -------
    scores : ndarray of shape (n_samples,)
        Summed over the classes; of two classes the one term, as scikit-learn
        has it.
    """
    proba = proba.astype(np.float64)
    of_label = proba[np.arange(len(labels)), labels]
    sums = np.sum(proba**2, axis=1) - of_label**2 + (1.0 - of_label) ** 2
    return sums / 2 if proba.shape[1] == 2 else sums


def divergences(first_proba, second_proba):
    """Return the Kullback-Leibler divergence of each row, KL(first || second).

    Parameters
    ----------
    first_proba, second_proba : ndarray of shape (n_samples, n_classes)

    Returns
    -------
    divergences : ndarray of shape (n_samples,)
        In nats.
    """
    first = first_proba.astype(np.float64)
    logs = [
        np.log(np.maximum(values, _LEAST, dtype=np.float64))
        for values in (first, second_proba)
    ]
    return np.maximum(np.sum(first * (logs[0] - logs[1]), axis=1), 0.0)


def variations(first_proba, second_proba):
    """Return the total variation of each row: half the summed differences.

    Parameters
    ----------
    first_proba, second_proba : ndarray of shape (n_samples, n_classes)

    Returns
    -------
    variations : ndarray of shape (n_samples,)
        Between 0 and 1.
    """
    first = first_proba.astype(np.float64)
    return np.abs(first - second_proba).sum(axis=1) / 2


def binned_distance(gaps, weights, n_bins):
    """Return the mean distance of gaps from zero, in bins of equal weight.

    Parameters
    ----------
    gaps : ndarray of shape (n_samples,)
        In the order of the bins.
    weights : ndarray of shape (n_draws, n_samples)
        Of the rows, in the same order.
    n_bins : int
        A row on a border counts in both bins, by its parts.

    Returns
    -------
    distances : ndarray of shape (n_draws,)
    """
    reached = np.zeros((len(weights), len(gaps) + 1))
    summed = np.zeros_like(reached)
    np.cumsum(weights, axis=1, out=reached[:, 1:])
    np.cumsum(weights * gaps, axis=1, out=summed[:, 1:])
    shares = np.linspace(0.0, 1.0, n_bins + 1)
    return np.array(
        [
            np.abs(np.diff(np.interp(shares * x[-1], x, y))).sum() / x[-1]
            for x, y in zip(reached, summed, strict=True)
        ]
    )
