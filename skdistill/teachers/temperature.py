"""The temperature that makes the log-loss of logits smallest."""

import numpy as np
from scipy.optimize import minimize_scalar

_LOWEST, _HIGHEST = 0.2, 6.0


def temperature_of(logits, labels, weights=None, *, prior=0.0):
    """Return the temperature at which logits fit labels best.

    It minimises ``n * loss(T) + prior * ln(T)**2``. Here n is the number of rows, and
    ``loss`` is the weighted mean log-loss of ``softmax(logits / T)`` (Guo, Pleiss, Sun
    and Weinberger 2017). The log-loss is convex in 1 / T.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
        Finite logits.
    labels : ndarray of shape (n_rows,), int
        Column numbers of the labels.
    weights : ndarray of shape (n_rows,), default=None
        Weights of the rows. At least one is above 0. None stands for equal weights.
    prior : float, default=0.0
        Strength of the pull towards a temperature of 1. It matters if rows are few.

    Returns
    -------
    temperature : float
        Temperature from 0.2 to 6. It is 1 if no other is better.
    """
    logits = np.asarray(logits, dtype=np.float64)
    n_rows = logits.shape[0]
    right = np.take_along_axis(logits, np.asarray(labels)[:, np.newaxis], axis=1)
    # The log-loss as above. The terms without the temperature are computed once.
    margins = logits - right
    highest = margins.max(axis=1)
    margins -= highest[:, np.newaxis]

    def objective(log_temperature):
        inverse = np.exp(-log_temperature)
        losses = highest * inverse + np.log(np.exp(margins * inverse).sum(axis=1))
        loss = np.average(losses, weights=weights)
        return n_rows * loss + prior * log_temperature**2

    best, least = least_on_log_scale(objective, np.log(_LOWEST), np.log(_HIGHEST))
    return best if least < objective(0.0) else 1.0


def least_on_log_scale(loss, lowest, highest, xatol=1e-5):
    """Return the factor that makes a loss least, such as a temperature.

    Parameters
    ----------
    loss : callable
        Function of the logarithm of the factor. It falls at first, and then rises.
    lowest, highest : float
        Logarithms between which the factor is searched.
    xatol : float, default=1e-5
        Precision of the logarithm.

    Returns
    -------
    factor : float
    least : float
        Loss at this factor.
    """
    best = minimize_scalar(
        loss, bounds=(lowest, highest), method="bounded", options={"xatol": xatol}
    )
    return float(np.exp(best.x)), float(best.fun)
