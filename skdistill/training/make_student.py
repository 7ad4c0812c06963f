"""From a trained network to the student: names, temperature and rounded weights."""

from functools import partial

import numpy as np

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.student.rounding import smallest_faithful
from skdistill.training.student_calibration import with_student_offset

# Number of rows for which rounded weights are compared with the exact ones.
_ROWS_TO_COMPARE = 1000


def student_maker(student_input, estimator, task):
    """Return the function that makes the student of a network, and rounds it.

    Parameters
    ----------
    student_input : StudentInput
    estimator : DistilledClassifier
        Parameters of the fit. They are only read.
    task : Task

    Returns
    -------
    make_student : callable
    """
    names = getattr(estimator, "feature_names_in_", None)
    return partial(
        student_input.make_student,
        activation=estimator.activation,
        output=task.output,
        # Names that are not unique cannot tell columns apart.
        feature_names=None if names is None or len({*names}) < len(names) else names,
    )


def make_rounded(make_student, network, recipe, weight_dtype):
    """Return the student of a network, with weights that are rounded to a type.

    The recipe tells its temperature and its offset. The network stays as it is.
    """
    weights = network.parameters.copy()
    network.parameters /= np.float32(recipe.student_temperature)
    try:
        offset = with_student_offset(recipe, make_student, network).student_offset
        if offset is not None:
            network.biases[-1] += offset.astype(np.float32)
        return make_student(network, weight_dtype=weight_dtype)
    finally:
        network.parameters[...] = weights


def final_student(rounded, weight_dtype, X):
    """Return the student with its weights in the type that the user asks for."""
    if weight_dtype != "auto":
        return rounded(weight_dtype)
    few = safe_indexing(X, slice(0, _ROWS_TO_COMPARE))
    return smallest_faithful(rounded, few)
