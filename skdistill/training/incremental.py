"""The training of a student part by part, when nobody knows how many parts will come.

The first part decides how rows enter the network, and the recipe. Each part makes some
steps at a constant learning rate. Weights in float32, moments and random numbers
outlive the parts, as `PartsSoFar`.

Each part pulls the weights its own way. So it is learned together with a random sample
of the rows of all former parts. And at a constant rate weights do not settle. So the
student has their mean over about the last quarter of all steps (Polyak and Juditsky
1992). It is rounded from the mean, which stays as it is.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from skdistill.training.checkpoint import state_of
from skdistill.training.choose_lesson import choose_lesson, make_lesson
from skdistill.training.epochs import OptimizerState
from skdistill.training.loop import Training
from skdistill.training.make_student import final_student, make_rounded, student_maker
from skdistill.training.observer import observed_training
from skdistill.training.plan import TrainingPlan, epoch_size
from skdistill.training.recipe import Recipe
from skdistill.training.sample import RowSample, with_rows
from skdistill.training.seen_rows import SeenRows, student_rows
from skdistill.training.train_student import TrainedStudent
from skdistill.training.views import View

# The learning rate of all steps, as a share of the greatest one of a whole training.
_RATE = 0.2

# The mean of the weights is over about the last quarter of all steps. They count up to
# the second number, so that a student never stops to learn.
_QUARTERS = 4.0
_MOST_STEPS = 10_000

# With max_iter="auto", a part makes about so many steps, in at most so many passes.
_STEPS_A_PART = 300
_MOST_PASSES = 100


class PartsSoFar(NamedTuple):
    """All that the training on a part depends on, beside the part: plain arrays.

    Attributes
    ----------
    student_input : StudentInput
        Input of the student, as the first part decided it.
    hidden : tuple of int
        Units of the hidden layers.
    recipe : Recipe
        Recipe of the training.
    optimizer : OptimizerState
        Weights and moments.
    random : dict
        State of the random numbers. None before they are drawn.
    n_rows : int
        Number of rows so far.
    sample : RowSample or None, default=None
        Sample of these rows. None after `fit`, which keeps none.
    """

    student_input: Any
    hidden: tuple[int, ...]
    recipe: Recipe
    optimizer: OptimizerState
    random: Any
    n_rows: int
    sample: RowSample | None = None

    @classmethod
    def of_student(
        cls,
        student_input: Any,
        student: Any,
        recipe: Recipe,
        n_rows: int,
        n_steps: int,
    ) -> "PartsSoFar":
        """Return the state in which training goes on from a student.

        Parameters
        ----------
        student_input : StudentInput
            Input of the student.
        student : Student
        recipe : Recipe
            Recipe of its training.
        n_rows, n_steps : int
            Number of rows that it learned from, and of steps.

        Returns
        -------
        parts : PartsSoFar
        """
        units = student.layer_units[1:]
        network = student_input.resume(units, student)
        state = OptimizerState.start(network, n_steps)
        return cls(student_input, tuple(units[:-1]), recipe, state, None, n_rows)

    def random_state(self) -> np.random.RandomState:
        """Return the source of the random numbers of the next part."""
        random_state = np.random.RandomState()
        random_state.set_state(self.random)
        return random_state


def train_part(
    data: Any, estimator: Any, run: Any, parts: PartsSoFar | None = None
) -> tuple[TrainedStudent, PartsSoFar]:
    """Train a student on a part of the rows.

    Parameters
    ----------
    data : DistillationData
        Rows of the part, and answers of the teacher.
    estimator : DistilledClassifier
        Parameters of the fit. They are only read.
    run : FitRun
    parts : PartsSoFar or None, default=None
        State after former parts. None if this is the first one.

    Returns
    -------
    trained : TrainedStudent
        Student of this moment. Its history is that of this part.
    parts : PartsSoFar
        State to go on from.
    """
    if parts is None:
        view, data, parts = _begin(data, estimator, run)
    else:
        with run.stage.part("encode rows"):
            encoded = parts.student_input.encode(data.rows.X)
        view = View(parts.student_input, encoded, parts.hidden)
    lesson = make_lesson(data, estimator, parts.recipe, view)
    if lesson.transfer_set.n_real == 0:
        raise ValueError(
            "no row has a y, and the student learns from y alone, since the teacher "
            "predicts y clearly worse: follows_teacher_ is False. Give y, or "
            "teacher_share=1.0 to the first call"
        )
    n_rows = parts.n_rows + lesson.transfer_set.n_real
    transfer_set = lesson.transfer_set
    sample = RowSample.of_part(transfer_set, run.random.start)
    if parts.sample is not None:
        transfer_set = with_rows(parts.sample.rows, transfer_set)
        sample = parts.sample.joined(sample)
    recipe = _for_rows(parts.recipe, estimator, n_rows)
    plan = _plan(estimator, transfer_set.n_real, recipe)
    network = view.network(data.task.output, np.random.RandomState(0))
    maker = student_maker(view.student_input, estimator, data.task)
    with observed_training(
        estimator,
        run.stage,
        plan.max_iter,
        data,
        partial(make_rounded, maker, network, recipe),
        {"encoder_": view.student_input.encoder, **recipe.attributes()},
        keeps_interrupted=False,
    ) as observer:
        random_state = run.random.training
        history, optimizer = _train(
            network, transfer_set, plan, random_state, observer, parts.optimizer
        )
    maker = student_maker(parts.student_input, estimator, data.task)
    rounded = partial(make_rounded, maker, network, recipe)
    student = final_student(rounded, estimator.weight_dtype, data.rows.X)
    trained = TrainedStudent(
        student,
        parts.student_input.encoder,
        recipe,
        history,
        lesson.transfer_set.n_rows,
        SeenRows(student_rows(student, data.rows.X)),
        student_input=parts.student_input,
    )
    parts = parts._replace(
        recipe=recipe,
        optimizer=optimizer,
        random=state_of(random_state),
        n_rows=n_rows,
        sample=sample,
    )
    return trained, parts


def _train(network, transfer_set, plan, random_state, observer, former):
    """Train on a part. Return the history, and the state to go on from.

    The network gets the mean of the weights.
    """
    training = Training(
        network, transfer_set, plan, random_state, observer, former=former
    )
    mean = former.mean.copy()
    while len(training.loss_curve) < plan.max_iter:
        before = training.n_steps
        stops = training.run_epoch()
        made = training.n_steps - before
        share = min(1.0, _QUARTERS * made / min(training.n_steps, _MOST_STEPS))
        with training.up_to_date():
            mean += np.float32(share) * (network.parameters - mean)
        if stops:
            break
    history = training.finish()
    state = OptimizerState(training.optimizer_arrays(), mean, training.n_steps)
    network.parameters[...] = mean
    return history, state


def _begin(data, estimator, run):
    """Return view and data of the first part, and the state before it."""
    lesson = choose_lesson(data, estimator, run)
    # The students of the short trainings know the first part alone, so they have no
    # share in the targets, and do not calibrate the student.
    recipe = lesson.recipe._replace(
        teacher=None,
        labels_alone=None,
        teacher_share=1.0,
        student_temperature=1.0,
        wanted_means=None,
    )
    view = lesson.view
    network = view.network(data.task.output, run.random.start)
    state = OptimizerState.start(network)
    student_input = view.student_input.deployed()
    parts = PartsSoFar(student_input, tuple(view.hidden), recipe, state, None, 0)
    return view, lesson.data, parts


def _for_rows(recipe, parameters, n_rows):
    """Return the recipe with the decay that suits all rows so far."""
    if parameters.weight_decay != "auto" or recipe.capacity is None:
        return recipe
    n_rows, _ = epoch_size(parameters, n_rows, recipe.synthetic_share)
    return recipe.with_decay("auto", n_rows, 1.0 / parameters.learning_rate_init)


def _plan(parameters, n_real, recipe):
    """Return the plan of the epochs over a part."""
    plan = TrainingPlan.make(
        parameters, n_real, recipe.synthetic_share, recipe.weight_decay
    )
    return plan._replace(
        learning_rate_init=_RATE * plan.learning_rate_init,
        max_iter=_passes(parameters, n_real, recipe.synthetic_share),
    )


def _passes(parameters, n_real, synthetic_share):
    """Return the number of times that a part takes each row."""
    if parameters.max_iter != "auto":
        return parameters.max_iter
    n_rows, batch_size = epoch_size(parameters, n_real, synthetic_share)
    steps = -(-n_rows // batch_size)
    return min(-(-_STEPS_A_PART // steps), _MOST_PASSES)


def synthetic_rows_of_part(estimator: Any, n_real: int) -> int:
    """Return the number of synthetic rows that the passes over a part can take.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator that has learned other parts.
    n_real : int
        Number of rows of the part.

    Returns
    -------
    n_synthetic : int
    """
    share = estimator.synthetic_share_
    passes = _passes(estimator, n_real, share)
    return round(passes * n_real * share / (1.0 - share))
