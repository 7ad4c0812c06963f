"""From a teacher's answers to a trained student, step by step.

The rows are encoded, a recipe is chosen, a network is trained, and its weights are
rounded. Each step hands a value to the next.
"""

from functools import partial
from typing import Any, NamedTuple

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.inputs.learn import learn_input
from skdistill.student.rounding import smallest_faithful
from skdistill.student.student import Student
from skdistill.training.loop import History, train
from skdistill.training.observer import observed_training
from skdistill.training.plan import TrainingPlan, hidden_units
from skdistill.training.recipe import Recipe, choose_recipe, warn_worse_than_labels
from skdistill.training.seen_rows import SeenRows, student_rows
from skdistill.training.short_trainings import ShortTrainings
from skdistill.transfer.transfer_set import make_transfer_set, with_synthetic

# Rows on which weights of fewer bits are compared with the exact ones.
_ROWS_TO_COMPARE = 1000


class TrainedStudent(NamedTuple):
    """A student, and how it came about.

    Attributes
    ----------
    student : Student
    encoder : TabularEncoder or None
        Encoder of the columns, None if they are taken as they are.
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
    """A student from which a training goes on.

    Attributes
    ----------
    student : Student
    encoder : TabularEncoder or None
    """

    student: Student
    encoder: Any

    def check(self, layer_units, activation, output, student_input):
        """Raise unless a new student has the form of the former one.

        Parameters
        ----------
        layer_units : list of int
            Number of features, units of the hidden layers, output units.
        activation : str
        output : Classes
        student_input : StudentInput
        """
        former, encoder = self.student, student_input.encoder
        before = (former.layer_units, former.activation, former.classes_.tolist())
        now = (layer_units, activation, output.labels.tolist())
        code = None if encoder is None else encoder.code_
        if (*before, former.input_code) != (*now, code):
            raise ValueError(
                "warm_start needs the same units, activation, classes and encoder as "
                f"before: they were {(*before, former.input_code)!r:.200}, now "
                f"{(*now, code)!r:.200}"
            )


def train_student(
    data, estimator, run, *, former=None, recipe=None, keeps_interrupted=True
):
    """Train a student on a teacher's answers.

    Parameters
    ----------
    data : DistillationData
    estimator : DistilledClassifier
        Parameters of the fit. They are read only; scorers and callbacks get copies.
    run : FitRun
    former : FormerFit or None, default=None
        Student and encoder of a former fit, from which this one goes on.
    recipe : Recipe or None, default=None
        Recipe of the training. None: it is chosen here.
    keeps_interrupted : bool, default=True
        Whether an interrupt ends the training with the student as it is.

    Returns
    -------
    trained : TrainedStudent
    """
    units = [*hidden_units(estimator), data.task.output.n_units]
    with run.stage.part("encode rows"):
        student_input, encoded = learn_input(
            data.rows.X,
            estimator.encoder,
            former_encoder=former and former.encoder,
            sensitivity=data.sensitivity,
            feature_names=getattr(estimator, "feature_names_in_", None),
        )
        transfer_set = _make_transfer_set(data, estimator, student_input, encoded)
    make_student = partial(
        student_input.make_student,
        activation=estimator.activation,
        output=data.task.output,
    )
    with run.stage.part("choose parameters"):
        if recipe is None:
            recipe = _choose_recipe(
                data, estimator, transfer_set, student_input, units, run.random.recipe
            )
        transfer_set = recipe.prepare(transfer_set, data)
    plan = TrainingPlan.make(
        estimator, transfer_set.n_real, recipe.synthetic_share, recipe.weight_decay
    )
    if former is None:
        network = student_input.start(units, run.random.start)
    else:
        layer_units = [estimator.n_features_in_, *units]
        former.check(layer_units, estimator.activation, data.task.output, student_input)
        network = student_input.resume(units, former.student)
    of_type = partial(_student_of_type, make_student, network)
    known = {"encoder_": student_input.encoder, **recipe.attributes()}
    with observed_training(
        estimator, run.stage, plan.max_iter, data, of_type, known, keeps_interrupted
    ) as observer:
        history = train(network, transfer_set, plan, run.random.training, observer)
    student = _rounded(of_type, estimator.weight_dtype, data.rows.X)
    return TrainedStudent(
        student,
        student_input.encoder,
        recipe,
        history,
        transfer_set.n_rows,
        SeenRows(student_rows(student, data.rows.X)),
    )


def _student_of_type(make_student, network, weight_dtype):
    """Return the student of a network, its weights rounded to a type."""
    return make_student(network, weight_dtype=weight_dtype)


def _make_transfer_set(data, parameters, student_input, encoded):
    """Return all rows as the network takes them, with targets and weights."""
    task, rows = data.task, data.rows
    labelled = rows.labels >= 0
    factors = task.row_factors(
        parameters.class_weight, rows.labels[labelled], rows.weights[labelled]
    )
    transfer_set = make_transfer_set(
        task,
        encoded,
        task.soft_targets(rows.answers),
        rows.labels,
        rows.weights,
        parameters.distillation_weight,
        factors,
    )
    if data.synthetic is None:
        return transfer_set
    return with_synthetic(
        transfer_set,
        student_input.encode(data.synthetic.X),
        task.soft_targets(data.synthetic.answers),
        factors,
    )


def _choose_recipe(data, parameters, transfer_set, student_input, units, random_state):
    """Return the recipe that suits the data; warn of a teacher that does not."""
    short_trainings = ShortTrainings(
        data.rows.X,
        transfer_set,
        # One hidden layer tells enough, sooner.
        partial(student_input.start, [*units[:-1][:1], units[-1]]),
        partial(
            student_input.make_student,
            activation=parameters.activation,
            output=data.task.output,
            weight_dtype="float32",
        ),
        TrainingPlan.make(parameters, transfer_set.n_real, 0.0, 0.0),
        random_state,
    )
    uses_teacher = bool(transfer_set.soft_weight.any())
    has_synthetic = data.synthetic is not None
    recipe = choose_recipe(
        short_trainings,
        data.unseen,
        weight_decay=parameters.weight_decay,
        synthetic_share=parameters.synthetic_share if has_synthetic else 0.0,
        teacher_share=parameters.teacher_share,
        calibrate=parameters.calibrate_teacher is not False,
        uses_teacher=uses_teacher,
    )
    if recipe.teacher_is_worse:
        warn_worse_than_labels(data.teacher_name, recipe)
    elif uses_teacher and recipe.temperature * parameters.temperature == 1.0:
        data.task.warn_if_no_more_than_labels(data.teacher_name, data.rows.answers)
    return recipe


def _rounded(of_type, weight_dtype, X):
    """Return the student with its weights in the type that is asked for."""
    if weight_dtype != "auto":
        return of_type(weight_dtype)
    return smallest_faithful(of_type, safe_indexing(X, slice(0, _ROWS_TO_COMPARE)))
