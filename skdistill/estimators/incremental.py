"""How an estimator learns part by part: the method `partial_fit`."""

from copy import copy, deepcopy
from typing import Any, Self

from numpy.typing import ArrayLike
from sklearn.utils.validation import validate_data

from skdistill.common.sklearn_compat import fit_context
from skdistill.estimators.distillation import gather_data, publish
from skdistill.estimators.fit_arguments import FitArguments
from skdistill.estimators.fit_of_classes import FitOfClasses
from skdistill.estimators.fit_run import FitRun
from skdistill.estimators.incremental_checks import (
    check_form,
    check_parameters,
    known_classes,
)
from skdistill.estimators.label_names import check_order_of_columns
from skdistill.estimators.rows import check_rows
from skdistill.tables.in_memory import in_memory
from skdistill.teachers.memory import AnswerMemory
from skdistill.teachers.resolve import resolve_teacher
from skdistill.training.incremental import (
    PartsSoFar,
    synthetic_rows_of_part,
    train_part,
)
from skdistill.training.recipe import Recipe
from skdistill.transfer.data import ask_teacher
from skdistill.transfer.queries import synthetic_rows


class IncrementalDistillation(FitOfClasses):
    """Base class of distilled estimators that learn part by part too."""

    loss_curve_: list[float]

    @fit_context(prefer_skip_nested_validation=False)
    def partial_fit(
        self,
        X: Any,
        y: ArrayLike | None = None,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        teacher_proba: ArrayLike | None = None,
    ) -> Self:
        """Distil the teacher on a part of the rows, and go on with others later.

        The first call decides all that `fit` decides: encoder, standardisation, knots,
        decay and the teacher's temperature. So give it some hundred rows or more, of
        all kinds. It also fits an unfitted teacher. Later calls ask this teacher about
        their rows and synthetic rows. The decay falls as rows come.

        A call learns its rows together with a random sample of all former rows, at most
        2,000. The estimator keeps this sample as arrays of encoded rows, so its pickle
        holds them. The student does not. All steps have the same learning rate, a fifth
        of `learning_rate_init`. With ``max_iter="auto"`` a call makes about 300 steps,
        in at most 100 passes over these rows. With a number it makes so many passes.
        The student has the mean of the weights over the last quarter of all steps, at
        most 2,500. Weights in float32 and moments persist, and a student is rounded
        from them after each call.

        After `fit`, the training goes on from the fitted student. `fit` starts anew. If
        a call fails or is interrupted, the estimator stays as it was before.

        Parameters
        ----------
        X : DataFrame of pandas or polars, array-like, or sparse matrix or array, \
of shape (n_samples, n_features)
            Rows, with the columns of the first call. Sparse rows need hidden layers,
            such as ``hidden_layer_sizes=(128, 64)``: a linear student of them is
            trained to the minimum of its loss on all rows, so only `fit` trains it.
        y : array-like of shape (n_samples,), or array-like or sparse matrix of \
shape (n_samples, n_labels), default=None
            Labels, or label sets as 0 and 1, in the same form in all calls. Some or all
            may be missing, as in `fit`, if the teacher is fitted or its probabilities
            are given.
        classes : array-like of shape (n_classes,), default=None
            Labels of all calls. The first call needs them, unless the teacher is given
            fitted and has `classes_`, or `fit` came before. If the first call fits the
            teacher, it needs rows of each class. For label sets they may be left out,
            or are the numbers of the columns of y, ``np.arange(n_labels)``, as
            scikit-learn's `MLPClassifier` takes them.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows. They weigh rows of one call against each other, and so
            does `class_weight`.
        teacher_proba : array-like of shape (n_samples, n_classes), default=None
            Probabilities of the teacher, with ``teacher="precomputed"``. The columns
            are in sorted order of the classes, or have the labels as names. For label
            sets each column has the probabilities of a label, in the order of y.

        Returns
        -------
        self : estimator
            The estimator, with the student of this moment.

        Raises
        ------
        ValueError
            If a parameter needs all rows at once, such as `early_stopping` or
            `max_terms`. If classes or columns are not those of the first call. If
            `fit` would raise it.

        See Also
        --------
        fit : Distil the teacher on all rows. It makes better students.

        Notes
        -----
        A part that is unlike the others pulls the student its way. So bring rows into
        random order before they are cut into parts. For a stream that is longer than
        memory, answers of the teacher that are computed before save its time: give them
        as `teacher_proba`.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.ensemble import RandomForestClassifier
        >>> from sklearn.model_selection import train_test_split
        >>> from skdistill import DistilledClassifier
        >>> X, y = load_digits(return_X_y=True)
        >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
        >>> forest = RandomForestClassifier(random_state=0).fit(X_train, y_train)
        >>> student = DistilledClassifier(forest, random_state=0)
        >>> for rows in np.array_split(np.arange(len(X_train)), 3):
        ...     student = student.partial_fit(X_train[rows], y_train[rows])
        >>> bool(student.score(X_test, y_test) > 0.95)
        True
        """
        check_parameters(self)
        classes = known_classes(self, y, classes)
        arguments = FitArguments(X, y, sample_weight, teacher_proba, params={})
        return learn_part(self, arguments, classes)


def learn_part(estimator: Any, arguments: FitArguments, classes: Any = None) -> Any:
    """Learn a part of the rows: the `partial_fit` of all estimators.

    Parameters
    ----------
    estimator : Distillation
    arguments : FitArguments
        Arguments of `partial_fit`.
    classes : ndarray of shape (n_classes,) or None, default=None
        Labels of all calls. None for numbers, and if the teacher tells them.

    Returns
    -------
    estimator : Distillation
    """
    X = arguments.X
    before = vars(estimator).get("_parts_so_far")
    random_state = None if before is None else before.random_state()
    curve = vars(estimator).get("loss_curve_", [])
    given = X, arguments.y, arguments.sample_weight
    with FitRun.of(estimator, *given, random_state) as run:
        draft = run.draft
        check_form(draft, in_memory(X))
        if "student_" in vars(draft):
            learn_next(draft, arguments, run)
        else:
            data = gather_data(draft, arguments, run, classes, "this call")
            trained, parts = train_part(data, draft, run)
            publish(draft, trained, parts)
            draft.fit_seconds_ = run.seconds
    # The list of former calls grows. A copy would take longer in each call.
    curve += estimator.loss_curve_
    estimator.loss_curve_, estimator.n_iter_ = curve, len(curve)
    return estimator


def learn_next(draft: Any, arguments: FitArguments, run: FitRun) -> None:
    """Train a student that has learned other rows before, and publish it.

    Its losses are those of these rows.

    Parameters
    ----------
    draft : DistilledClassifier
        Estimator that gets the new attributes.
    arguments : FitArguments
    run : FitRun
    """
    asking = _with_its_teacher(draft)
    data = _gather_next(draft, asking, arguments, run)
    draft.publish_task(data.task)
    draft.task_ = data.task
    parts = vars(draft).get("_parts_so_far")
    if parts is None:
        parts = _parts_of_fit(draft)
    if not isinstance(draft.distillation_weight, str):
        # A number takes the place of the weight that a former call chose.
        recipe = parts.recipe._replace(distillation_weight=None)
        parts = parts._replace(recipe=recipe)
    trained, parts = train_part(data, draft, run, parts)
    history = trained.history._replace(
        n_steps=draft.n_steps_ + trained.history.n_steps,
    )
    trained = trained._replace(
        history=history,
        n_transfer=draft.n_transfer_ + trained.n_transfer,
        seen_rows=draft.seen_rows_.joined(trained.seen_rows),
    )
    publish(draft, trained, parts)
    draft.n_synthetic_ += 0 if data.synthetic is None else len(data.synthetic.answers)
    draft.query_seconds_ += asking.query_seconds_
    draft.fit_seconds_ += run.seconds


def _with_its_teacher(estimator):
    """Return a copy of an estimator whose parameters ask for its teacher's answers."""
    asking = copy(estimator)
    asking.teacher = estimator.teacher_
    # The decisions of the first call stay as they are.
    asking.cv, asking.calibrate_teacher = None, False
    return asking


def _gather_next(draft, asking, arguments, run):
    """Return the checked rows of a part that is not the first one, with answers."""
    rows = check_rows(asking, arguments)
    validate_data(draft, rows.table, reset=False, skip_check_array=True)
    task = draft.targets.task_of_part(draft.task_, rows.y)
    check_order_of_columns(arguments.y, task)
    if asking.n_synthetic == "auto":
        n_rows = rows.all_rows.shape[0]
        most = synthetic_rows_of_part(draft, n_rows)
        usual = synthetic_rows("auto", n_rows, task.most_synthetic)
        asking.n_synthetic = max(1, min(most, usual))
    memory = AnswerMemory.of(asking)
    teacher = resolve_teacher(
        asking.teacher,
        rows,
        memory=memory,
        n_jobs=asking.n_jobs,
        kind=task.kind,
        levels=asking.levels_of_teacher,
    )
    rows.check_columns(teacher, asking)
    data = ask_teacher(teacher, rows, task, asking, run, measures_sensitivity=False)
    asking.query_seconds_ = teacher.seconds
    return data


def _parts_of_fit(estimator):
    """Return the state in which training goes on from the student of `fit`."""
    student_input = vars(estimator).get("_student_input")
    if student_input is None:
        raise ValueError(
            f"this {type(estimator).__name__} was fitted by an older version, which "
            "kept too little to go on from: call fit anew, or begin with partial_fit "
            "on a clone"
        )
    n_rows = estimator.n_transfer_
    if estimator.follows_teacher_:
        n_rows -= estimator.n_synthetic_
    recipe = Recipe(
        estimator.weight_decay_,
        estimator.synthetic_share_,
        calibration=estimator.task_.uncalibrated.of(estimator),
        follows_teacher=estimator.follows_teacher_,
        capacity=estimator.capacity_,
        cv=estimator.cv_,
        pruning=estimator.pruning_,
        distillation_weight=vars(estimator).get("distillation_weight_"),
    )
    # The input of the fit is not altered: this call may fail.
    student_input = deepcopy(student_input)
    return PartsSoFar.of_student(
        student_input, estimator.student_, recipe, n_rows, estimator.n_steps_
    )
