"""The choice of a recipe for given rows and answers."""

from functools import partial

import numpy as np
from scipy.sparse import issparse

from skdistill.training.capacity import (
    USUAL_CONVEX_DECAY_TIMES_ROWS,
    choose_capacity,
    decays_to_try,
)
from skdistill.training.far_teacher import with_less_of_far_teacher
from skdistill.training.linear_teacher import may_copy_teacher
from skdistill.training.out_of_fold import choose_answers
from skdistill.training.plan import TrainingPlan, epoch_size
from skdistill.training.pruning import choose_pruning
from skdistill.training.recipe import (
    Recipe,
    choose_recipe,
    synthetic_share,
    usual_weight,
    warn_worse_than_labels,
)
from skdistill.training.short_trainings import ShortTrainings
from skdistill.training.short_trainings_of_answers import ShortTrainingsOfAnswers
from skdistill.training.student_calibration import with_student_calibration
from skdistill.training.whole_objective import (
    WholeObjective,
    is_worth_a_try,
    with_limit,
)
from skdistill.transfer.transfer_set import make_transfer_set


def row_factors(data, parameters):
    """Return the factors that `class_weight` puts on the weights of rows.

    Parameters
    ----------
    data : DistillationData
    parameters : estimator
        Parameters of the fit. They are only read.

    Returns
    -------
    factors : object
        Factors by class: see `Task.row_factors`.
    """
    rows = data.rows
    labelled = rows.is_labelled
    return data.task.row_factors(
        getattr(parameters, "class_weight", None),
        rows.labels[labelled],
        rows.weights[labelled],
    )


def given_transfer_set(data, parameters, encoded, scales=None):
    """Return the given rows with their targets, and weights without classes.

    Parameters
    ----------
    data : DistillationData
    parameters : estimator
        Parameters of the fit. They are only read.
    encoded : ndarray or CSR of shape (n_rows, n_columns)
        Rows as the network takes them.
    scales : Scales or None, default=None
        Scales of the weights. None for those of these rows.

    Returns
    -------
    transfer_set : TransferSet
    """
    task, rows = data.task, data.rows
    return make_transfer_set(
        task,
        encoded,
        task.soft_targets(rows.answers),
        rows.labels,
        rows.weights,
        usual_weight(parameters),
        rows.confidence,
        scales,
    )._replace(groups=rows.groups)


def recipe_and_view(data, parameters, given, views, factors, encode_synthetic):
    """Return the recipe that suits the data, and the view that it chose.

    Warn if the teacher does not suit the data.

    Parameters
    ----------
    data : DistillationData
    parameters : estimator
        Parameters of the fit. They are only read.
    given : TransferSet
        Given rows.
    views : list of View
        Views to choose from.
    factors : object
        Factors of the weights of rows by their class: see `Task.row_factors`.
    encode_synthetic : callable
        Function of an input that returns the encoded synthetic rows.

    Returns
    -------
    recipe : Recipe
    view : View
    """
    short_trainings, answers = _short_trainings(data, parameters, given, views, factors)
    uses_teacher = bool(given.soft_weight.any())
    share = synthetic_share(parameters.synthetic_share, data.synthetic)
    start = Recipe(0.0, share, calibration=data.task.uncalibrated)
    if isinstance(parameters.distillation_weight, str):
        start = start._replace(distillation_weight=usual_weight(parameters))
    # With a greater decay, a step would turn the signs of the weights.
    largest_decay = 1.0 / parameters.learning_rate_init
    decay = parameters.weight_decay
    is_given = len(views) == 1 and decay != "auto" and parameters.max_terms is None
    has_offset = len(data.task.quantiles) > 0 and bool(parameters.calibrate_teacher)
    if is_given and not uses_teacher and not has_offset:
        start = start._replace(weight_decay=float(decay), cv=data.labelled.choice)
        return start, views[0]
    n_rows, _ = epoch_size(parameters, given.n_real, share)
    ladder_of = _ladders(data, parameters, views[0], n_rows, short_trainings.n_kept)
    choice = choose_capacity(short_trainings, views, ladder_of, answers)
    weight = usual_weight(parameters)
    cv = choose_answers(short_trainings, choice, data, weight)
    data = start._replace(cv=cv).labelled(data)
    recipe = choose_recipe(
        short_trainings,
        choice,
        data.unseen,
        start,
        teacher_share=parameters.teacher_share,
        calibrate=bool(parameters.calibrate_teacher),
        uses_teacher=uses_teacher,
        answers=answers,
        answers_are_labels=data.labelled.are_labels,
    )
    recipe = with_less_of_far_teacher(recipe, data, parameters.teacher_share)
    if decay == "auto" and not recipe.follows_teacher:
        # A linear teacher's weights are no student: now a decay is needed.
        ladder_of = partial(ladder_of, weight_decay=decay)
        choice = choose_capacity(short_trainings, views, ladder_of, answers)
        recipe = recipe._replace(capacity=choice.capacity)
    open_to_less = decay == "auto" and not choice.capacity.by_answers
    open_to_less = open_to_less and not data.task.tells_distance
    if open_to_less and is_worth_a_try(short_trainings, recipe, data.unseen):
        synthetic = encode_synthetic(choice.view.student_input)
        recipe = _with_less_decay(
            recipe, short_trainings, choice, data, weight, synthetic, ladder_of
        )
    n_real = given.n_real if recipe.follows_teacher else short_trainings.n_labelled
    n_rows, _ = epoch_size(parameters, n_real, recipe.synthetic_share)
    if uses_teacher:
        _warn_of_teacher(recipe, choice, data, parameters)
    largest_decay = np.inf if choice.view.is_convex else largest_decay
    recipe = recipe.with_decay(decay, n_rows, largest_decay)._replace(cv=cv)
    if parameters.calibrate_teacher:
        recipe = with_student_calibration(recipe, choice, given, data.rows.X)
    if issparse(given.X):
        recipe = _with_pruning(
            recipe, short_trainings, choice, parameters, n_rows, ladder_of
        )
    if parameters.verbose:
        _print_choice(recipe, choice.view)
    return recipe, choice.view


def _warn_of_teacher(recipe, choice, data, parameters):
    """Warn if the teacher is worse than the labels, or says no more than they do."""
    if recipe.teacher_is_worse:
        warn_worse_than_labels(data.teacher_name, recipe, parameters.teacher_share)
    elif (
        recipe.calibration.is_identity
        and getattr(parameters, "temperature", 1.0) == 1.0
        # Otherwise the student is calibrated after its training.
        and not (choice.view.is_convex and parameters.calibrate_teacher)
    ):
        data.task.warn_if_no_more_than_labels(data.teacher_name, data.rows.answers)


def _with_pruning(recipe, short_trainings, choice, parameters, n_rows, ladder_of):
    """Return the recipe of sparse rows, with the number of columns."""
    pruning, training = choose_pruning(
        short_trainings, choice, parameters.max_terms, ladder_of(choice.view)
    )
    if pruning is None:
        return recipe
    if training is not None and recipe.wanted_means is not None:
        wanted = recipe.wanted_means.of(training.predictions)
        recipe = recipe._replace(wanted_means=wanted)
    return recipe.with_pruning(pruning, parameters, n_rows / short_trainings.n_kept)


def _ladders(data, parameters, view, n_rows, n_kept):
    """Return the function of a view that returns the decays to try."""
    decay = parameters.weight_decay
    is_whole = parameters.max_terms is None and not parameters.warm_start
    if is_whole and may_copy_teacher(view, data, parameters):
        # No decay is needed: students of the labels alone only judge the teacher.
        decay = USUAL_CONVEX_DECAY_TIMES_ROWS / n_rows
    return partial(
        decays_to_try,
        weight_decay=decay,
        largest_decay=1.0 / parameters.learning_rate_init,
        more_rows=n_rows / n_kept,
    )


def _with_less_decay(
    recipe, short_trainings, choice, data, weight, synthetic, ladder_of
):
    """Return the recipe with the limit of the decay for the whole objective."""
    objective = WholeObjective(
        recipe.labels_alone,
        data.rows.X,
        data.synthetic.X,
        synthetic,
        weight,
        recipe.synthetic_share,
    )
    capacity = with_limit(
        choice.capacity,
        short_trainings,
        objective,
        choice.view,
        ladder_of(choice.view),
    )
    return recipe._replace(capacity=capacity)


def _short_trainings(data, parameters, given, views, factors):
    """Return the short trainings on labels, and those on answers."""
    n_labelled = np.count_nonzero(given.is_labelled)
    of_labels = ShortTrainings(
        data.rows.X,
        given,
        factors,
        lambda view, *how: view.network(data.task.output, *how),
        lambda student_input, network: student_input.make_student(
            network, parameters.activation, data.task.output, "float32"
        ),
        TrainingPlan.make(parameters, n_labelled, 0.0, 0.0),
        parameters.n_jobs,
    )
    of_answers = ShortTrainingsOfAnswers(
        data.rows.X,
        given,
        factors,
        of_labels.train_with,
        TrainingPlan.make(parameters, given.n_real, 0.0, 0.0),
        views[0].is_convex,
        parameters.n_jobs,
    )
    return of_labels, of_answers


def _print_choice(recipe, view):
    """Print what was chosen."""
    print(
        f"Parameters: {'with' if view.has_knots else 'without'} knots, "
        f"hidden layers = {'-'.join(map(str, view.hidden)) or 'none'}, "
        f"weight_decay = {recipe.weight_decay:.3g}, "
        f"teacher_share = {recipe.teacher_share:.3g}"
    )
