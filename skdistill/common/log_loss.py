"""The log-loss of logits, because a probability may be too small for its logarithm."""

import numpy as np


def log_loss(logits, labels, weights=None):
    """Return the weighted mean cross-entropy of logits and labels.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
        Finite logits. Their precision is that of the computation.
    labels : ndarray of shape (n_rows,), int
        Column numbers of the labels.
    weights : ndarray of shape (n_rows,) or None, default=None
        Weights of the rows. None stands for equal weights.

    Returns
    -------
    loss : float
        Loss in nats.
    """
    return float(np.average(log_losses(logits, labels), weights=weights))


def log_losses(logits, labels):
    """Return the cross-entropy of logits and labels for each row.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
        Finite logits. Their precision is that of the computation.
    labels : ndarray of shape (n_rows,), int
        Column numbers of the labels.

    Returns
    -------
    losses : ndarray of shape (n_rows,)
        Losses in nats.
    """
    logits = logits - logits.max(axis=1, keepdims=True)
    right = np.take_along_axis(logits, labels[:, np.newaxis], axis=1)[:, 0]
    return np.log(np.exp(logits).sum(axis=1)) - right


def binary_log_losses(logits, labels):
    """Return the mean cross-entropy of the labels of each row.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_labels)
        Finite logits. Their precision is that of the computation.
    labels : ndarray of shape (n_rows, n_labels)
        0 and 1, or probabilities.

    Returns
    -------
    losses : ndarray of shape (n_rows,)
        Losses in nats, each a mean over the labels.
    """
    return (np.logaddexp(0.0, logits) - labels * logits).mean(axis=1)
