"""The calibration of a student after its training: a temperature, or an offset.

Short trainings on labels alone tell it, by the labels of the rows held out.

1. The penalty of a linear student of sparse rows makes it less sure than it should be.
2. Quantiles that are learned from labels lie too near each other, since the student
   knows its rows. Those of a last training are the nearest, because it has more steps.
   So their means over the rows held out are moved to those of the short trainings,
   which the labels of these rows have calibrated. Soft targets are calibrated, and cure
   this too: the larger their share in the loss, the smaller the offset.
"""

from typing import Any, NamedTuple

import numpy as np

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.training.mean_of_students import rows_of, student_targets

# Share of soft targets in the loss from which quantiles need no offset.
_ENOUGH_SOFT = 0.4


class WantedMeans(NamedTuple):
    """Means over some rows to which the quantiles of a student are moved.

    Attributes
    ----------
    X : table of shape (n_rows, n_features)
    shares : ndarray of shape (n_rows,)
        Shares of the rows in the means.
    means : ndarray of shape (n_targets,)
        In deviations.
    part : float
        Part of the way that the quantiles are moved, at most 1.
    levels : sequence of float
        Levels of the quantiles.
    """

    X: Any
    shares: np.ndarray
    means: np.ndarray
    part: float
    levels: Any

    def of(self, predictions):
        """Return the means that other students have over the same rows.

        Parameters
        ----------
        predictions : HeldOutNumbers

        Returns
        -------
        wanted : WantedMeans
        """
        return self._replace(means=_calibrated_means(predictions))

    def offset(self, student):
        """Return the offset of a student's answers, in deviations.

        Quantiles are moved away from the median alone. Those of a student with fewer
        units than the short trainings have may be farther from it, with good reason.

        Parameters
        ----------
        student : Student

        Returns
        -------
        offset : ndarray of shape (n_targets,)
        """
        answers = student_targets(student, rows_of(student, self.X))
        offset = self.part * (self.means - self.shares @ answers)
        is_outward = offset * (np.array(self.levels) - 0.5) > 0.0
        return np.where(is_outward, offset, 0.0)


def with_student_calibration(recipe, choice, given, X):
    """Return the recipe with the temperature of its student, or its wanted means.

    Parameters
    ----------
    recipe : Recipe
        Recipe with the shares of teacher and synthetic rows.
    choice : Choice
        Capacity that was chosen.
    given : TransferSet
        Given rows.
    X : table of shape (n_given, n_features)
        Given rows, as the user has them.

    Returns
    -------
    recipe : Recipe
    """
    if choice.labels_alone is None or choice.capacity.by_answers:
        return recipe
    alone = choice.labels_alone.predictions
    if choice.view.is_convex:
        recipe = recipe._replace(student_temperature=alone.temperature)
    part = max(0.0, 1.0 - _soft_share(recipe, given) / _ENOUGH_SOFT)
    if not given.task.quantiles or part == 0.0:
        return recipe
    held_out, means = safe_indexing(X, alone.rows), _calibrated_means(alone)
    wanted = WantedMeans(held_out, alone.shares, means, part, given.task.quantiles)
    return recipe._replace(wanted_means=wanted)


def _calibrated_means(predictions):
    """Return the means of predictions that labels have calibrated."""
    targets = predictions.targets.astype(np.float64)
    return predictions.shares @ predictions.calibration.apply(targets)


def _soft_share(recipe, given):
    """Return the share of soft targets in the loss of the last training."""
    if not recipe.follows_teacher:
        return 0.0
    if recipe.distillation_weight is not None:
        given = given.with_soft_share(recipe.distillation_weight)
    share = float(given.soft_weight.sum() / given.weights.sum())
    return recipe.synthetic_share + (1.0 - recipe.synthetic_share) * share


def with_student_offset(recipe, make_student, network):
    """Return the recipe with the offset of the student of a trained network.

    Parameters
    ----------
    recipe : Recipe
    make_student : callable
        Function that makes the student: see `student_maker`.
    network : Network

    Returns
    -------
    recipe : Recipe
        The same recipe unless its student is to reach wanted means.
    """
    if recipe.wanted_means is None:
        return recipe
    student = make_student(network, weight_dtype="float32")
    return recipe._replace(student_offset=recipe.wanted_means.offset(student))
