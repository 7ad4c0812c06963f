"""From a teacher's answers to a trained student, step by step.

The steps are: encode the rows, choose a recipe, train a network, and round its
weights. Each step hands a value to the next.
"""

from copy import deepcopy
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from skdistill.student.kept_columns import find_unit_blocks
from skdistill.student.student import Student
from skdistill.tables.sparse import summed
from skdistill.tasks.exact_loss import MeanLoss
from skdistill.training.checkpoint import Checkpoint, state_of
from skdistill.training.choose_lesson import choose_lesson
from skdistill.training.forward_selection import select_in_turn
from skdistill.training.hints import make_hint_training
from skdistill.training.history import History
from skdistill.training.lesson import FormerFit
from skdistill.training.linear_teacher import copies_teacher, copy_teacher
from skdistill.training.loop import train
from skdistill.training.make_student import final_student, make_rounded, student_maker
from skdistill.training.observer import observed_training
from skdistill.training.plan import TrainingPlan
from skdistill.training.pruning import most_used, pruned_view
from skdistill.training.recipe import Recipe
from skdistill.training.seen_rows import SeenRows, student_rows
from skdistill.training.splits import split_rows
from skdistill.training.student_calibration import with_student_offset


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
    texts : tuple of TextScores
        Scores of text columns. Other students of these rows may read them.
    student_input : StudentInput or None
        Input of the student, with which a training goes on from here.
    """

    student: Student
    encoder: Any
    recipe: Recipe
    history: History
    n_transfer: int
    seen_rows: SeenRows
    texts: tuple = ()
    student_input: Any = None


def train_student(
    data,
    estimator,
    run,
    *,
    former=None,
    recipe=None,
    keeps_interrupted=True,
    stream=None,
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
    stream : object or None, default=None
        Rows of which the data are a sample. Its method `lesson` takes the lesson of the
        sample, the estimator and the run, and returns that of all rows.

    Returns
    -------
    trained : TrainedStudent
    """
    lesson = choose_lesson(data, estimator, run, former, recipe)
    if stream is not None:
        lesson = stream.lesson(lesson, estimator, run)
    if estimator.max_terms is not None:
        with run.stage.part("prune columns"):
            if lesson.recipe.pruning is not None:
                lesson = _pruned(lesson, estimator, run)
    student_input = lesson.view.student_input
    make_student = student_maker(student_input, estimator, data.task)
    network, history, recipe = _trained_network(
        lesson, estimator, run, make_student, keeps_interrupted
    )
    # Given texts have scores of other folds in training, and not in the end.
    student_input = student_input.deployed()
    make_student = student_maker(student_input, estimator, data.task)
    recipe = with_student_offset(recipe, make_student, network)
    rounded = partial(make_rounded, make_student, network, recipe)
    student = final_student(rounded, estimator.weight_dtype, data.rows.X)
    return TrainedStudent(
        student,
        student_input.encoder,
        recipe,
        history,
        lesson.transfer_set.n_rows if stream is None else lesson.source.n_transfer,
        SeenRows(student_rows(student, data.rows.X)),
        lesson.data.texts,
        student_input,
    )


def _trained_network(lesson, estimator, run, make_student, keeps_interrupted):
    """Return the trained network, the history of its training, and its recipe."""
    data, recipe, view, transfer_set, former, source = lesson
    copies = copies_teacher(view, data, estimator, recipe, former)
    if copies:
        recipe = recipe._replace(student_temperature=1.0, wanted_means=None)
    plan = _plan(lesson, estimator, recipe)
    network = _first_network(view, data, estimator, former, run)
    units = view.units(data.task.output)
    hints = data.hints if recipe.follows_teacher else None
    hint = make_hint_training(
        hints, view.student_input, units, transfer_set, plan, run.random.start
    )
    rounded = partial(make_rounded, make_student, network, recipe)
    with observed_training(
        estimator,
        run.stage,
        plan.max_iter,
        data,
        rounded,
        {"encoder_": view.student_input.encoder, **recipe.attributes()},
        keeps_interrupted,
    ) as observer:
        if copies:
            history = copy_teacher(
                network, data.linear_teacher, recipe.calibration, transfer_set, plan
            )
        else:
            random_state = run.random.training
            checkpoint = _checkpoint(
                estimator,
                (network, transfer_set, hint, source and source.decides),
                plan,
                random_state,
            )
            history = train(
                network,
                transfer_set,
                plan,
                random_state,
                observer,
                hint,
                checkpoint,
                source,
            )
    return network, history, recipe


def _checkpoint(parameters, rows_and_networks, plan, random_state):
    """Return the file in which the state of a training is kept, if one is asked for."""
    if parameters.checkpoint is None:
        return None
    silent = plan._replace(verbose=False)
    decides = (rows_and_networks, silent, state_of(random_state), parameters.scoring)
    return Checkpoint(parameters.checkpoint, decides)


def _plan(lesson, parameters, recipe):
    """Return the plan of the last training."""
    plan = TrainingPlan.make(
        parameters,
        lesson.n_real,
        recipe.synthetic_share,
        recipe.weight_decay,
        step_factor=lesson.data.task.step_factor,
    )
    return lesson.view.planned(plan)


def _pruned(lesson, parameters, run):
    """Return the lesson of the columns that the student keeps.

    The training goes on from the student that chose them.
    """
    data, recipe, view, transfer_set, former, _ = lesson
    network = _first_network(view, data, parameters, former, run)
    is_in_turn = view.is_convex and data.task.output.is_one_unit
    choose = _columns_in_turn if is_in_turn else _most_used_columns
    kept = choose(network, lesson, parameters, run, find_unit_blocks(summed(view.X)))
    whole = view.student_input.make_student(
        network, parameters.activation, data.task.output, "float32"
    )
    view = pruned_view(view, kept)
    return lesson._replace(
        recipe=recipe.pruned(),
        view=view,
        # Without the teacher, rows without labels have no part in it.
        transfer_set=transfer_set._replace(X=kept.select(transfer_set.X)),
        former=FormerFit(whole, None),
    )


def _columns_in_turn(network, lesson, parameters, run, unit_blocks):
    """Return the columns that are chosen in turn, and train a network of them.

    The weights that the network has do not count: a convex loss has one minimum.
    """
    _, recipe, _, transfer_set, *_ = lesson
    plan = _plan(lesson, parameters, recipe.pruned())
    # The same rows are held out again when the kept columns are trained.
    rows, _ = split_rows(transfer_set, plan, deepcopy(run.random.training))
    kept, weights, biases = select_in_turn(
        transfer_set.X[rows].astype(np.float64),
        MeanLoss(transfer_set, rows, plan.loss, plan.temperature),
        transfer_set.weights[rows],
        plan.weight_decay,
        recipe.pruning.n_terms,
        unit_blocks,
    )
    network.sparse_weights[...] = weights
    network.biases[0][...] = biases
    return kept


def _most_used_columns(network, lesson, parameters, run, unit_blocks):
    """Return the columns that a network of all columns uses most, and train it."""
    data, recipe, view, transfer_set, former, _ = lesson
    plan = _plan(lesson, parameters, recipe)
    if copies_teacher(view, data, parameters, recipe, former):
        copy_teacher(
            network, data.linear_teacher, recipe.calibration, transfer_set, plan
        )
    else:
        # The same rows are held out again when the kept columns are trained.
        train(network, transfer_set, plan, deepcopy(run.random.training))
    return most_used(
        network.sparse_weights,
        view.X,
        recipe.pruning.n_terms,
        unit_blocks,
        of_output=not view.hidden,
    )


def _first_network(view, data, parameters, former, run):
    """Return a network with its first weights, or with those of a former student."""
    output = data.task.output
    if former is None:
        return view.network(output, run.random.start)
    layer_units = [parameters.n_features_in_, *view.units(output)]
    former.check(layer_units, parameters.activation, output, view.student_input)
    return view.network(output, run.random.start, former.student)
