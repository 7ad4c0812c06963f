"""Class probabilities as soft targets: logits, temperatures, weights of classes."""

from numbers import Real

import numpy as np

from skdistill.student.forward import softmax

# Share of a uniform distribution in a teacher's smoothed distribution. Forests give
# exact zeros, and no student could reach the logarithm of zero.
SMOOTHING = 1e-3

# Least factor of a class. A factor of zero has no logarithm.
_LEAST_FACTOR = 1e-12


def teacher_logits(probabilities):
    """Return a teacher's logits, ``log((1 - e) p + e / k)``.

    Here e is `SMOOTHING`, and k is the number of classes.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_classes)

    Returns
    -------
    logits : ndarray of shape (n_rows, n_classes), float32
    """
    n_classes = probabilities.shape[1]
    smoothed = (1.0 - SMOOTHING) * probabilities + SMOOTHING / n_classes
    return np.log(smoothed).astype(np.float32)


def soften(logits, temperature):
    """Return ``softmax(logits / temperature)`` (Hinton, Vinyals and Dean 2015).

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    temperature : float
        Temperature. Above 1 it softens the probabilities, below 1 it sharpens them.

    Returns
    -------
    softened : ndarray of shape (n_rows, n_classes), float64
    """
    return softmax(logits.astype(np.float64) / temperature)


def centred_logits(logits, *, first_is_zero):
    """Shift logits so that a student can learn them by regression.

    A constant added to all logits of a row does not change its probabilities. The
    constant is chosen so that the logits have the same form as a student's.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    first_is_zero : bool
        Whether the first logit becomes zero. Otherwise the logits of a row add up to
        zero.

    Returns
    -------
    logits : ndarray of shape (n_rows, n_classes)
    """
    if first_is_zero:
        return logits - logits[:, :1]
    return logits - logits.mean(axis=1, keepdims=True)


def weigh_classes(logits, factors):
    """Apply class weights to rows without labels.

    The teacher says that a row has class c with probability q_c. So the row counts as
    q_c rows of each class c. Its weight is the mean factor ``sum(q * f)``, and its
    target is proportional to ``q * f``.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    factors : ndarray of shape (n_classes,)
        Factor of each class in the weight of a row.

    Returns
    -------
    logits : ndarray of shape (n_rows, n_classes)
    weights : ndarray of shape (n_rows,)
    """
    if (factors == 1.0).all():
        return logits, np.ones(len(logits))
    weights = soften(logits, 1.0) @ factors
    shift = np.log(np.maximum(factors, _LEAST_FACTOR)).astype(logits.dtype)
    return logits + shift, weights


def class_factors(class_weight, classes, labels, weights):
    """Return the factor of each class in the weight of a row.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
        Factors by class. A class that a dict does not name has the factor 1. With
        "balanced", the weights of each class that occurs have the same sum.
    classes : ndarray of shape (n_classes,)
    labels : ndarray of shape (n_samples,), int
        Column numbers of the labels. The array is empty if there are no labels.
    weights : ndarray of shape (n_samples,)
        Weights of the rows.

    Returns
    -------
    factors : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        If a factor is negative or not finite, if all are zero, or if a dict names an
        unknown class.
    """
    factors = np.ones(len(classes))
    if class_weight is None:
        return factors
    if isinstance(class_weight, str):
        if labels.size == 0:
            return factors
        totals = np.bincount(labels, weights=weights, minlength=len(classes))
        present = totals > 0
        factors[present] = totals.sum() / (present.sum() * totals[present])
        return factors
    columns = {label: column for column, label in enumerate(classes.tolist())}
    for label, factor in class_weight.items():
        if label not in columns:
            raise ValueError(
                f"class_weight names {label!r}, which is not one of the classes "
                f"{classes.tolist()!r:.200}"
            )
        if not (isinstance(factor, Real) and np.isfinite(factor) and factor >= 0):
            raise ValueError(
                f"class_weight has {factor!r} for {label!r}: factors must be finite "
                "and not negative numbers"
            )
        factors[columns[label]] = factor
    if labels.size and not (weights * factors[labels]).any():
        raise ValueError(
            f"class_weight={class_weight!r:.200} gives all rows a weight of zero"
        )
    return factors
