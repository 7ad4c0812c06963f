"""Less of a teacher of numbers that was given fitted, if it is far from the students.

Such a teacher may know the labels by heart. Then its answers for them do not tell how
good its other answers are, and it has half of the soft targets. But its answers for
synthetic rows can be compared with those of students of the labels alone, whose error
on unseen labels is known. A distance above this error is mostly the teacher's error.
"""

import numpy as np

from skdistill.training.recipe import weight_of_teacher


def with_less_of_far_teacher(recipe, data, teacher_share):
    """Return the recipe with the shares of a teacher that may be far away.

    Parameters
    ----------
    recipe : Recipe
        Recipe with the calibration of the teacher.
    data : DistillationData
    teacher_share : float or "auto"
        Parameter of the estimator.

    Returns
    -------
    recipe : Recipe
        The same recipe if a share was given, if the teacher's answers for unseen
        labels are known, if there are no synthetic rows, or if no students of the
        labels alone have a part in the recipe.
    """
    if (
        teacher_share != "auto"
        or not data.task.tells_distance
        or data.unseen is not None
        or data.synthetic is None
        or data.labelled.are_labels
        or recipe.labels_alone is None
        or not recipe.follows_teacher
        or recipe.capacity.by_answers
    ):
        return recipe
    share = recipe.teacher_share * _factor(recipe, data)
    recipe = recipe._replace(teacher_share=share)
    if recipe.distillation_weight is None:
        return recipe
    weight = weight_of_teacher(recipe.teacher, share)
    return recipe._replace(distillation_weight=weight)


def _factor(recipe, data):
    """Return the factor of the share: below 1 if the distance is above the error."""
    alone, task = recipe.labels_alone, data.task
    students = alone.calibration.apply(alone.model.logits(data.synthetic.X))
    answers = task.soft_targets(data.synthetic.answers)
    distances = task.losses_of_answers(recipe.calibration.apply(answers), students)
    predicted = alone.calibration.apply(alone.targets)
    error = alone.shares @ task.losses_of_answers(predicted, alone.labels)
    greater = max(float(np.mean(distances)), error)
    return float(2.0 * error / (error + greater)) if greater > 0.0 else 1.0
