"""From a teacher's answers to a trained student, step by step.

The steps are: encode the rows, choose a recipe, train a network, and round its
weights. Each step hands a value to the next.
"""

from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.inputs.learn import learn_input
from skdistill.inputs.monotonic import signs_of
from skdistill.inputs.tabular import TabularInput
from skdistill.inputs.without_knots import without_knots
from skdistill.student.rounding import smallest_faithful
from skdistill.student.student import Student
from skdistill.training.capacity import choose_capacity, decays_to_try
from skdistill.training.hints import make_hint_training
from skdistill.training.loop import History, train
from skdistill.training.observer import observed_training
from skdistill.training.out_of_fold import choose_answers
from skdistill.training.plan import TrainingPlan, epoch_size, hidden_units
from skdistill.training.recipe import (
    Recipe,
    choose_recipe,
    synthetic_share,
    warn_worse_than_labels,
)
from skdistill.training.seen_rows import SeenRows, student_rows
from skdistill.training.short_trainings import ShortTrainings, View
from skdistill.training.short_trainings_of_answers import ShortTrainingsOfAnswers
from skdistill.training.whole_objective import (
    WholeObjective,
    is_worth_a_try,
    with_limit,
)
from skdistill.transfer.transfer_set import (
    make_transfer_set,
    weighted_by_class,
    with_synthetic,
)

# Number of rows for which rounded weights are compared with the exact ones.
_ROWS_TO_COMPARE = 1000


class TrainedStudent(NamedTuple):
    """A student, with the recipe and history of its training.

    Attributes
    ----------
    student : Student
        Trained student.
    encoder : TabularEncoder or None
        Encoder of the columns. None if they are taken as they are.
    recipe : Recipe
        The recipe that was used.
    history : History
        Losses and scores of the epochs.
    n_transfer : int
        Number of rows of the transfer set.
    seen_rows : SeenRows
        A sketch of the given rows.
    """

    student: Student
    encoder: Any
    recipe: Recipe
    history: History
    n_transfer: int
    seen_rows: SeenRows


class FormerFit(NamedTuple):
    """A student of a former fit, from which a warm start continues.

    Attributes
    ----------
    student : Student
        Student of the former fit.
    encoder : TabularEncoder or None
        Encoder of the former fit.
    """

    student: Student
    encoder: Any

    def check(self, layer_units, activation, output, student_input):
        """Raise if a new student has another form than the former one.

        Parameters
        ----------
        layer_units : list of int
            Number of features, units of each hidden layer, and output units.
        activation : str
        output : Classes
        student_input : StudentInput
            Input of the new student.

        Raises
        ------
        ValueError
            If units, activation, classes or encoder differ.
        """
        former, encoder = self.student, student_input.encoder
        before = (former.layer_units, former.activation, former.classes_.tolist())
        now = (layer_units, activation, output.labels.tolist())
        code = None if encoder is None else encoder.code_
        if (*before, former.input_code) != (*now, code):
            raise ValueError(
                "warm_start needs the same units, activation, classes and encoder as "
                f"before. They were {(*before, former.input_code)!r:.200}, and are now "
                f"{(*now, code)!r:.200}"
            )


def train_student(
    data, estimator, run, *, former=None, recipe=None, keeps_interrupted=True
):
    """Train a student on a teacher's answers.

    Parameters
    ----------
    data : DistillationData
        Rows and answers of the teacher.
    estimator : DistilledClassifier
        Parameters of the fit. They are only read. Scorers and callbacks get copies.
    run : FitRun
    former : FormerFit or None, default=None
        Student and encoder of a former fit, from which this one continues.
    recipe : Recipe or None, default=None
        Recipe of the training. If None, it is chosen here.
    keeps_interrupted : bool, default=True
        Whether an interrupt ends the training with the student of that moment.

    Returns
    -------
    trained : TrainedStudent
    """
    units = [*hidden_units(estimator), data.task.output.n_units]
    names = getattr(estimator, "feature_names_in_", None)
    with run.stage.part("encode rows"):
        views = _views(data, estimator, former, recipe, names)
        given = _given_transfer_set(data, estimator, views[0].X)
    factors = _class_factors(data, estimator)
    encode_synthetic = cache(partial(_encode_synthetic, data))
    with run.stage.part("choose parameters"):
        view = views[0]
        if recipe is None:
            recipe, view = _choose_recipe(
                data, estimator, given, views, units, factors, encode_synthetic
            )
        student_input = view.student_input
        data = recipe.labelled(data)
        given = _given_transfer_set(data, estimator, view.X)
        rows = _all_rows(data, given, view, encode_synthetic)
        transfer_set = recipe.prepare(rows, data)
        # Class weights come last: teacher and labels are compared without them.
        transfer_set = weighted_by_class(transfer_set, factors)
    make_student = partial(
        student_input.make_student,
        activation=estimator.activation,
        output=data.task.output,
        # Names that are not unique cannot tell columns apart.
        feature_names=None if names is None or len({*names}) < len(names) else names,
    )
    plan = TrainingPlan.make(
        estimator, transfer_set.n_real, recipe.synthetic_share, recipe.weight_decay
    )
    network = _first_network(data, estimator, former, student_input, units, run)
    hints = data.hints if recipe.follows_teacher else None
    hint = make_hint_training(
        hints, student_input, units, transfer_set, plan, run.random.start
    )
    make_rounded = partial(_make_rounded, make_student, network)
    with observed_training(
        estimator,
        run.stage,
        plan.max_iter,
        data,
        make_rounded,
        {"encoder_": student_input.encoder, **recipe.attributes()},
        keeps_interrupted,
    ) as observer:
        history = train(
            network, transfer_set, plan, run.random.training, observer, hint
        )
    student = _final_student(make_rounded, estimator.weight_dtype, data.rows.X)
    return TrainedStudent(
        student,
        student_input.encoder,
        recipe,
        history,
        transfer_set.n_rows,
        SeenRows(student_rows(student, data.rows.X)),
    )


def _first_network(data, parameters, former, student_input, units, run):
    """Return a network with its first weights, or with those of a former student."""
    if former is None:
        return student_input.start(units, run.random.start)
    layer_units = [parameters.n_features_in_, *units]
    former.check(layer_units, parameters.activation, data.task.output, student_input)
    return student_input.resume(units, former.student)


def _make_rounded(make_student, network, weight_dtype):
    """Return the student of a network, with weights that are rounded to a type."""
    return make_student(network, weight_dtype=weight_dtype)


def _views(data, parameters, former, recipe, names):
    """Return the ways in which rows may enter the network, the usual one first."""
    X, encoder = data.rows.X, parameters.encoder
    former_encoder = former and former.encoder
    usual = View(
        *learn_input(
            X,
            encoder,
            former_encoder=former_encoder,
            sensitivity=data.sensitivity,
            feature_names=names,
            signs=signs_of(parameters),
        )
    )
    is_open = isinstance(encoder, str) and former_encoder is None
    if not is_open or not usual.has_knots or (recipe and recipe.has_knots):
        return [usual]
    encoder = without_knots(usual.student_input.encoder)
    other = View(*TabularInput.learn(X, encoder, signs_of(parameters)))
    return [usual, other] if recipe is None else [other]


def _given_transfer_set(data, parameters, encoded):
    """Return the given rows with their targets, and weights without classes."""
    task, rows = data.task, data.rows
    return make_transfer_set(
        task,
        encoded,
        task.soft_targets(rows.answers),
        rows.labels,
        rows.weights,
        parameters.distillation_weight,
        rows.confidence,
    )._replace(groups=rows.groups)


def _encode_synthetic(data, student_input):
    """Return the synthetic rows as the network takes them."""
    return student_input.encode(data.synthetic.X)


def _all_rows(data, given, view, encode_synthetic):
    """Return the given rows in a view, then the synthetic rows with their targets."""
    rows = given._replace(X=view.X)
    if data.synthetic is None:
        return rows
    targets = data.task.soft_targets(data.synthetic.answers)
    return with_synthetic(rows, encode_synthetic(view.student_input), targets)


def _class_factors(data, parameters):
    """Return the factors that `class_weight` puts on the weights of rows."""
    rows = data.rows
    labelled = rows.labels >= 0
    return data.task.row_factors(
        parameters.class_weight, rows.labels[labelled], rows.weights[labelled]
    )


def _choose_recipe(data, parameters, given, views, units, factors, encode_synthetic):
    """Return the recipe that suits the data, and the view that it chose.

    Warn if the teacher does not suit the data.
    """
    short_trainings, answers = _short_trainings(data, parameters, given, units, factors)
    uses_teacher = bool(given.soft_weight.any())
    share = synthetic_share(parameters.synthetic_share, data.synthetic)
    # With a greater decay, a step would turn the signs of the weights.
    largest_decay = 1.0 / parameters.learning_rate_init
    decay = parameters.weight_decay
    if len(views) == 1 and decay != "auto" and not uses_teacher:
        return Recipe(float(decay), share, cv=data.labelled.choice), views[0]
    n_rows, _ = epoch_size(parameters, given.n_real, share)
    ladder = decays_to_try(decay, largest_decay, n_rows / short_trainings.n_kept)
    choice = choose_capacity(short_trainings, views, ladder, answers)
    weight = parameters.distillation_weight
    cv = choose_answers(short_trainings, choice, data, weight)
    data = Recipe(0.0, share, cv=cv).labelled(data)
    recipe = choose_recipe(
        short_trainings,
        choice,
        data.unseen,
        synthetic_share=share,
        teacher_share=parameters.teacher_share,
        calibrate=bool(parameters.calibrate_teacher),
        uses_teacher=uses_teacher,
        answers=answers,
        answers_are_labels=data.labelled.are_labels,
    )
    open_to_less = decay == "auto" and not choice.capacity.by_answers
    if open_to_less and is_worth_a_try(short_trainings, recipe, data.unseen):
        objective = WholeObjective(
            recipe.labels_alone,
            data.rows.X,
            data.synthetic.X,
            encode_synthetic(choice.view.student_input),
            weight,
            recipe.synthetic_share,
        )
        capacity = with_limit(
            choice.capacity, short_trainings, objective, choice.view, ladder
        )
        recipe = recipe._replace(capacity=capacity)
    labelled = np.count_nonzero(given.labels >= 0)
    n_real = given.n_real if recipe.follows_teacher else labelled
    n_rows, _ = epoch_size(parameters, n_real, recipe.synthetic_share)
    if recipe.teacher_is_worse:
        warn_worse_than_labels(data.teacher_name, recipe, parameters.teacher_share)
    elif uses_teacher and recipe.temperature * parameters.temperature == 1.0:
        data.task.warn_if_no_more_than_labels(data.teacher_name, data.rows.answers)
    recipe = recipe.with_decay(decay, n_rows, largest_decay)._replace(cv=cv)
    if parameters.verbose:
        _print_choice(recipe, choice.view)
    return recipe, choice.view


def _short_trainings(data, parameters, given, units, factors):
    """Return the short trainings on labels, and those on answers."""
    n_labelled = np.count_nonzero(given.labels >= 0)
    of_labels = ShortTrainings(
        data.rows.X,
        given,
        factors,
        lambda student_input, random_state: student_input.start(units, random_state),
        lambda student_input, network: student_input.make_student(
            network, parameters.activation, data.task.output, "float32"
        ),
        TrainingPlan.make(parameters, n_labelled, 0.0, 0.0),
    )
    of_answers = ShortTrainingsOfAnswers(
        data.rows.X,
        given,
        factors,
        of_labels.train_with,
        TrainingPlan.make(parameters, given.n_real, 0.0, 0.0),
    )
    return of_labels, of_answers


def _print_choice(recipe, view):
    """Print what was chosen."""
    print(
        f"Parameters: {'with' if view.has_knots else 'without'} knots, "
        f"weight_decay = {recipe.weight_decay:.3g}, "
        f"teacher_share = {recipe.teacher_share:.3g}"
    )


def _final_student(make_rounded, weight_dtype, X):
    """Return the student with its weights in the type that the user asks for."""
    if weight_dtype != "auto":
        return make_rounded(weight_dtype)
    few = safe_indexing(X, slice(0, _ROWS_TO_COMPARE))
    return smallest_faithful(make_rounded, few)
