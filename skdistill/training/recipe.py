"""The recipe: parameters of a training that are chosen from the data."""

from typing import Any, NamedTuple

import numpy as np

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.common.warn import warn
from skdistill.teachers.calibration import Temperature
from skdistill.teachers.held_out import HeldOutPredictions, on_same_rows
from skdistill.teachers.leak import OUT_OF_FOLD, CvChoice
from skdistill.training.capacity import Capacity
from skdistill.training.pruning import Pruning
from skdistill.training.teacher_share import best_share, is_worse, share_of_teacher

# Share of synthetic rows in each batch, if there are any.
_SYNTHETIC_SHARE = 0.25


# Share of a good teacher in the targets of labelled rows, if it is to be chosen: the
# first number, and the second times the share of the labels that it cannot explain.
_USUAL_WEIGHT, _MORE_WEIGHT = 0.3, 0.7


def usual_weight(parameters):
    """Return the share of the soft term in a labelled row, before a recipe chooses it.

    Parameters
    ----------
    parameters : estimator
        Parameters of the fit. They are only read.

    Returns
    -------
    weight : float
    """
    weight = parameters.distillation_weight
    return _USUAL_WEIGHT if isinstance(weight, str) else weight


class Recipe(NamedTuple):
    """Parameters of a training, and the predictions by which they were chosen.

    Attributes
    ----------
    weight_decay : float
        Decay of the weights.
    synthetic_share : float
        Share of synthetic rows in an epoch.
    teacher_share : float
        Share of the teacher in the soft targets that are a mix.
    calibration : Temperature or SlopeAndOffset
        Calibration of the teacher's answers.
    teacher : HeldOutPredictions or None
        Predictions of the teacher, or of a student that learned its answers alone.
    labels_alone : HeldOutPredictions or None
        Predictions of students that learned the labels alone.
    capacity : Capacity or None
        Knots and decay that short trainings chose, or the usual ones if there were
        too few labels to try.
    teacher_is_worse : bool
        Whether the teacher's predictions are clearly worse than those of labels alone.
    follows_teacher : bool
        Whether the student learns from the teacher, even if it is worse.
    cv : CvChoice or None
        Source of the soft targets of labelled rows.
    student_temperature : float
        Temperature that divides the logits of a linear student of sparse rows after its
        training. Its penalty makes it less sure than it should be.
    wanted_means : WantedMeans or None
        Means that the quantiles of a student get by an offset after its training, if it
        learns from labels more than from a teacher.
    student_offset : ndarray of shape (n_targets,) or None
        Offset of the means after the training, in deviations.
    pruning : Pruning or None
        Number of columns to keep, if not all are kept.
    distillation_weight : float or None
        Share of the soft term in a labelled row, if it was chosen.
    """

    weight_decay: float
    synthetic_share: float
    teacher_share: float = 1.0
    calibration: Any = Temperature()
    teacher: HeldOutPredictions | None = None
    labels_alone: HeldOutPredictions | None = None
    teacher_is_worse: bool = False
    follows_teacher: bool = True
    capacity: Capacity | None = None
    cv: CvChoice | None = None
    student_temperature: float = 1.0
    wanted_means: Any = None
    student_offset: Any = None
    pruning: Pruning | None = None
    distillation_weight: float | None = None

    @property
    def has_knots(self):
        """Whether columns are coded among knots, if that was chosen."""
        return self.capacity is None or self.capacity.has_knots

    def attributes(self):
        """Return the fitted attributes of an estimator that the recipe sets.

        Returns
        -------
        attributes : dict
            Names and values.
        """
        was_tried = self.capacity is not None and self.capacity.n_folds > 0
        chosen = {}
        if self.distillation_weight is not None:
            chosen["distillation_weight_"] = self.distillation_weight
        if self.calibration.is_of_logits:
            chosen["student_temperature_"] = self.student_temperature
        else:
            offset, none = self.student_offset, np.zeros_like(self.calibration.offset)
            chosen["student_offset_"] = none if offset is None else offset
        return chosen | {
            "capacity_": self.capacity if was_tried else None,
            "weight_decay_": self.weight_decay,
            "synthetic_share_": self.synthetic_share,
            "teacher_share_": self.teacher_share,
            **self.calibration.attributes(),
            "cv_": self.cv,
            "pruning_": self.pruning,
        }

    def with_decay(self, weight_decay, n_rows, largest_decay):
        """Return the recipe with the decay of the weights.

        Parameters
        ----------
        weight_decay : float or "auto"
            Parameter of the estimator. With "auto" it is the chosen decay, for the
            number of rows.
        n_rows : int
            Number of rows of an epoch.
        largest_decay : float
            Greatest decay that a step can take.

        Returns
        -------
        recipe : Recipe
        """
        if weight_decay == "auto":
            weight_decay = min(self.capacity.decay_for(n_rows), largest_decay)
        return self._replace(weight_decay=float(weight_decay))

    def with_pruning(self, pruning, parameters, more_rows):
        """Return the recipe with the columns to keep, and what suits them.

        Short trainings on labels tell what suits a linear student of these columns. If
        the teacher's answers chose its decay, the decay of all columns stays.

        Parameters
        ----------
        pruning : Pruning
            Choice by short trainings.
        parameters : estimator
            Parameters of the fit. They are only read.
        more_rows : float
            Rows of an epoch, in multiples of those of a short training.

        Returns
        -------
        recipe : Recipe
        """
        decay, temperature = self.weight_decay, self.student_temperature
        is_linear = not self.capacity.hidden_layer_sizes
        if is_linear and not self.capacity.by_answers and pruning.scores:
            if parameters.calibrate_teacher:
                temperature = pruning.temperature
            if parameters.weight_decay == "auto":
                decay = pruning.weight_decay / more_rows
        return self._replace(
            pruning=pruning._replace(weight_decay=decay, temperature=temperature)
        )

    def pruned(self):
        """Return the recipe of a student with the columns that are kept."""
        return self._replace(
            weight_decay=self.pruning.weight_decay,
            student_temperature=self.pruning.temperature,
        )

    def labelled(self, data):
        """Return the data with the answers for labelled rows that were chosen.

        Parameters
        ----------
        data : DistillationData

        Returns
        -------
        data : DistillationData
        """
        is_chosen = self.cv is not None and self.cv.source == OUT_OF_FOLD
        if is_chosen and data.labelled.clones is not None:
            return data.out_of_fold()
        return data

    def prepare(self, transfer_set, data):
        """Return the rows to train on, with the targets that the recipe asks for.

        Parameters
        ----------
        transfer_set : TransferSet
        data : DistillationData

        Returns
        -------
        transfer_set : TransferSet
        """
        if not self.follows_teacher:
            return transfer_set.without_teacher()
        transfer_set = transfer_set.calibrated(self.calibration)
        if self.distillation_weight is not None:
            transfer_set = transfer_set.with_soft_share(self.distillation_weight)
        is_mixed = ~transfer_set.is_labelled
        if transfer_set.task.mixes_labelled:
            is_mixed |= transfer_set.soft_weight > 0.0
        mixed = np.flatnonzero(is_mixed)
        if mixed.size == 0 or self.teacher_share == 1.0:
            return transfer_set
        other, as_sure = self.labels_alone, 1.0
        if self.teacher is not None and self.capacity.by_answers:
            # Chance makes the mean of noisy answers less sure than each of them. The
            # share suits the mean at its own temperature, and answers stay as they are.
            as_sure = self.teacher.calibration.beside(self.calibration)
        given = mixed[mixed < transfer_set.n_real]
        tables = [safe_indexing(data.rows.X, given)] if given.size else []
        tables += [] if data.synthetic is None else [data.synthetic.X]
        targets = as_sure * np.concatenate([other.model.logits(X) for X in tables])
        return transfer_set.blended(
            mixed, other.calibration.apply(targets), self.teacher_share
        )


def synthetic_share(share, synthetic):
    """Return the share of synthetic rows in an epoch.

    Parameters
    ----------
    share : float or "auto"
        Parameter of the estimator.
    synthetic : SyntheticRows or None
        Synthetic rows, if there are any.

    Returns
    -------
    share : float
    """
    if synthetic is None:
        return 0.0
    return _SYNTHETIC_SHARE if share == "auto" else float(share)


def choose_recipe(
    short_trainings,
    choice,
    unseen,
    start,
    *,
    teacher_share,
    calibrate,
    uses_teacher,
    answers=None,
    answers_are_labels=False,
):
    """Choose the parts of teacher and synthetic rows, and the teacher's temperature.

    Parameters
    ----------
    short_trainings : ShortTrainings
    choice : Choice
        Knots and decay.
    unseen : HeldOutPredictions or None
        Predictions of the teacher for rows that it was not trained on. If there are
        none, students that learn its answers alone take its place.
    start : Recipe
        Recipe with the share of synthetic rows, and without a calibration.
    teacher_share : float or "auto"
        Parameter of the estimator.
    calibrate : bool
        Whether to choose a temperature.
    uses_teacher : bool
        Whether the teacher has a part in the objective.
    answers : ShortTrainingsOfAnswers or None, default=None
        Short trainings on answers for rows without labels, if they chose the decay.
    answers_are_labels : bool, default=False
        Whether the labels are the teacher's own. They cannot tell how good it is, so
        the temperature is 1, and "auto" gives the teacher all of its share.

    Returns
    -------
    recipe : Recipe
        Recipe without a decay: see `Recipe.with_decay`.
    """
    recipe = start._replace(capacity=choice.capacity)
    if not uses_teacher:
        return recipe
    if choice.labels_alone is None:
        if unseen is not None and calibrate:
            recipe = recipe._replace(calibration=unseen.calibration)
        return recipe
    if answers_are_labels:
        share = 1.0 if teacher_share == "auto" else float(teacher_share)
        alone = choice.labels_alone.predictions
        return recipe._replace(labels_alone=alone, teacher_share=share)
    alone, teacher, share_of = choice.labels_alone.predictions, unseen, share_of_teacher
    # The penalty of a convex loss makes a student in the teacher's place less sure.
    calibrates = calibrate and (unseen is not None or not choice.view.is_convex)
    if teacher is None:
        teacher, share_of = _student_in_its_place(short_trainings, answers, choice)
    recipe = recipe._replace(teacher=teacher, labels_alone=alone)
    if not short_trainings.has_groups and is_worse(teacher, alone):
        recipe = recipe._replace(teacher_is_worse=True)
        if teacher_share == "auto":
            if recipe.distillation_weight is not None:
                recipe = recipe._replace(distillation_weight=0.0)
            return recipe._replace(
                synthetic_share=0.0, teacher_share=0.0, follows_teacher=False
            )
    if teacher_share == "auto":
        teacher_share = share_of(teacher, alone)
    if recipe.distillation_weight is not None:
        weight = weight_of_teacher(teacher, teacher_share)
        recipe = recipe._replace(distillation_weight=weight)
    return recipe._replace(
        teacher_share=float(teacher_share),
        calibration=teacher.calibration if calibrates else start.calibration,
    )


def weight_of_teacher(teacher, teacher_share):
    """Return the share of the teacher in the targets of labelled rows.

    The more of the labels is noise, the more of the teacher. A teacher that is worse
    than students of the labels alone loses as much of it as in rows without labels.
    """
    left = np.clip(1.0 - teacher.share_explained, 0.0, 1.0)
    weight = _USUAL_WEIGHT + _MORE_WEIGHT * left
    return float(weight * min(1.0, 2.0 * teacher_share))


def _student_in_its_place(short_trainings, answers, choice):
    """Return predictions of a student of the teacher, and the rule of its share."""
    view, decay = choice.view, choice.capacity.weight_decay
    if choice.capacity.by_answers:
        labelled = choice.labels_alone.predictions.rows
        student = answers.teacher_alone(view, decay, labelled)
        if student is not None:
            return student, best_share
    return short_trainings.teacher_alone(view, decay).predictions, _at_least_half


def _at_least_half(teacher, labels_alone):
    """Return the share of a teacher that a student in its place makes look worse."""
    return max(share_of_teacher(teacher, labels_alone), 0.5)


def warn_worse_than_labels(teacher_name, recipe, teacher_share):
    """Warn that a teacher does clearly worse than training on labels alone.

    Parameters
    ----------
    teacher_name : str
        Name of the teacher in the warning.
    recipe : Recipe
        Recipe with the predictions of both.
    teacher_share : float or "auto"
        Parameter of the estimator.
    """
    teacher, alone = on_same_rows(recipe.teacher, recipe.labels_alone)
    labels = teacher.labels_name
    remedy = (
        f"The student follows the teacher anyway, since {teacher_share=}"
        if recipe.follows_teacher
        else f"The student is trained on the {labels} alone. A number as teacher_share "
        "makes it follow the teacher"
    )
    warn(
        f"the teacher, {teacher_name}, predicts {labels} of unseen rows clearly worse "
        f"than a student of the {labels} alone does: "
        f"{teacher.compared_in_words(alone)}. {remedy}"
    )
