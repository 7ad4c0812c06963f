"""Class probabilities as soft targets: logits, temperatures, weights of classes."""

import numpy as np

from skdistill.student.forward import softmax

# The share of a uniform distribution that is mixed into a teacher's. Forests give
# exact zeros, and no student could reach their logarithm.
SMOOTHING = 1e-3

_LEAST_FACTOR = 1e-12


def teacher_logits(probabilities):
    """Return a teacher's logits, ``log((1 - e) p + e / k)``, e being `SMOOTHING`.

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
        Above 1 it softens, below 1 it sharpens.

    Returns
    -------
    softened : ndarray of shape (n_rows, n_classes), float64
    """
    return softmax(logits.astype(np.float64) / temperature)


def centred_logits(logits, *, first_is_zero):
    """Return logits that a student can regress on.

    Probabilities leave a constant open in each row. It is chosen so that the logits are
    of the form that a student's are.

    Parameters
    ----------
    logits : ndarray of shape (n_rows, n_classes)
    first_is_zero : bool
        Whether the first logit becomes zero. Otherwise all add up to zero.

    Returns
    -------
    logits : ndarray of shape (n_rows, n_classes)
    """
    if first_is_zero:
        return logits - logits[:, :1]
    return logits - logits.mean(axis=1, keepdims=True)


def weigh_classes(logits, factors):
    """Apply class weights to rows whose class only the teacher knows.

    A row is of class c with probability q_c, so it counts as q_c rows of each class.
    Its weight is the mean factor ``sum(q * f)``, and its target is proportional to
    ``q * f``.

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
    # A factor of zero has no logarithm.
    shift = np.log(np.maximum(factors, _LEAST_FACTOR)).astype(logits.dtype)
    return logits + shift, weights


def class_factors(class_weight, classes, labels, weights):
    """Return the factor of each class in the weight of a row.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
        A class that a dict does not name has the factor 1. "balanced" makes the weights
        of all classes that occur add up to the same.
    classes : ndarray of shape (n_classes,)
    labels : ndarray of shape (n_samples,), int
        Column numbers of the labels; empty without labels.
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
                f"class_weight names {label!r}, which is not among the classes "
                f"{classes.tolist()!r:.200}"
            )
        if not (np.isfinite(factor) and factor >= 0):
            raise ValueError(
                f"class_weight has {factor} for {label!r}: factors are finite and not "
                "negative"
            )
        factors[columns[label]] = factor
    if labels.size and not (weights * factors[labels]).any():
        raise ValueError(
            f"class_weight={class_weight!r:.200} gives all rows a weight of zero"
        )
    return factors
