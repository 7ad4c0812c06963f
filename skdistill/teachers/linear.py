"""The weights of a teacher that is a linear model, such as a logistic regression."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from skdistill.common.labels import label_columns
from skdistill.common.sklearn_compat import safe_indexing

# Number of answers that the weights have to give again, and greatest difference.
_N_ANSWERS = 200
_SAME = 1e-5


class LinearModel(NamedTuple):
    """Logits or numbers of a teacher as a linear function of the columns.

    Attributes
    ----------
    weights : ndarray of shape (n_columns, n_units)
    biases : ndarray of shape (n_units,)
    """

    weights: NDArray[np.float64]
    biases: NDArray[np.float64]


def linear_model(
    teacher: Any, task: Any, X: Any, answers: NDArray[np.floating]
) -> LinearModel | None:
    """Return the weights of a teacher whose answers are those of a linear model.

    They count only if they give the teacher's answers again. So a model that has
    weights and answers in another way, such as one against the rest, has none.

    Parameters
    ----------
    teacher : Teacher
    task : Task
    X : CSR of shape (n_rows, n_columns)
        Rows that the teacher has answered.
    answers : ndarray of shape (n_rows, n_classes)
        Checked answers.

    Returns
    -------
    model : LinearModel or None
        None if the teacher is no linear model of these columns.
    """
    source = getattr(teacher.source, "best_estimator_", teacher.source)
    coef, intercept = (getattr(source, name, None) for name in ("coef_", "intercept_"))
    if coef is None or intercept is None:
        return None
    if issparse(coef):  # As `sparsify` makes them.
        coef = coef.toarray()
    try:
        weights = np.atleast_2d(np.asarray(coef, dtype=np.float64)).T
        biases = np.broadcast_to(
            np.asarray(intercept, dtype=np.float64), weights.shape[1]
        )
    except (TypeError, ValueError):
        return None
    if weights.shape != (X.shape[1], task.output.n_units):
        return None
    some = np.unique(np.linspace(0, X.shape[0] - 1, _N_ANSWERS).astype(int))
    wanted, output = answers[some], task.output
    if task.kind == "numbers":
        weights, biases = weights / output.scale, (biases - output.mean) / output.scale
        found = safe_indexing(X, some) @ weights + biases
        wanted = output.to_units(wanted)
    else:
        weights, biases = _of_logits(weights, biases, teacher, output)
        if weights is None:
            return None
        found = output.probabilities(safe_indexing(X, some) @ weights + biases)
    if not np.abs(found - wanted).max(initial=0.0) <= _SAME:
        return None
    return LinearModel(np.ascontiguousarray(weights), np.array(biases))


def _of_logits(weights, biases, teacher, output):
    """Return weights and biases with columns in the task's order, None if unknown."""
    known = teacher.classes
    order = None if known is None else label_columns(output.labels, known)
    if order is None:
        return None, None
    if not output.is_one_unit:
        return weights[:, order], biases[order]
    sign = 1.0 if order[0] == 0 else -1.0
    return sign * weights, sign * biases
