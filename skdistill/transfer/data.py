"""The one place where a fit asks its teacher.

The teacher is asked about the given rows, the rows without labels, rows that it has not
seen, synthetic rows, and rows with one column redrawn. The answers are kept in
`DistillationData`. Students of any size learn from it, so the teacher is asked once.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone

from skdistill.common.sklearn_compat import num_samples, safe_indexing
from skdistill.tables.own_copy import own_copy
from skdistill.teachers.decisions import warn_if_decides_otherwise
from skdistill.teachers.fit_rows import FitRows
from skdistill.teachers.linear import LinearModel, linear_model
from skdistill.teachers.memory import recall
from skdistill.teachers.sensitivity import feature_sensitivity
from skdistill.teachers.unseen import UnseenRows
from skdistill.transfer.given import GivenRows
from skdistill.transfer.hints import Hints, ask_hidden
from skdistill.transfer.labelled_answers import LabelledAnswers, ask_about_labelled
from skdistill.transfer.queries import Queries
from skdistill.transfer.synthesis import NeighborInterpolation


class SyntheticRows(NamedTuple):
    """Synthetic rows, with a teacher's answers.

    Attributes
    ----------
    X : table of shape (n_synthetic, n_features)
        Rows as the teacher takes them.
    answers : ndarray of shape (n_synthetic, n_columns)
        Answers of the teacher.
    """

    X: Any
    answers: np.ndarray


class DistillationData(NamedTuple):
    """Rows and all answers of a teacher, from which students learn.

    Attributes
    ----------
    task : Task
        Task of the student: the classes, and the meaning of answers.
    teacher_name : str
        Name of the teacher in messages.
    rows : GivenRows
        Given rows with a weight above 0.
    labelled : LabelledAnswers
        Source of the answers for labelled rows, and answers of models that have not
        seen them.
    synthetic : SyntheticRows or None
        Synthetic rows, if any were drawn.
    sensitivity : ndarray of shape (n_features,) or None
        Importance of each column to the teacher.
    hints : Hints or None, default=None
        Hidden layer of the teacher, if the student learns it too.
    linear_teacher : LinearModel or None, default=None
        Weights of the teacher, if it is a linear model of the sparse rows.
    texts : tuple of TextScores or None, default=None
        Scores of the encoder's text columns. None if they are not learned yet.
    """

    task: Any
    teacher_name: str
    rows: GivenRows
    labelled: LabelledAnswers
    synthetic: SyntheticRows | None
    sensitivity: np.ndarray | None
    hints: Hints | None = None
    linear_teacher: LinearModel | None = None
    texts: tuple | None = None

    @property
    def unseen(self):
        """Predictions of the teacher for labelled rows that it has not seen, if any."""
        return self.labelled.unseen

    def out_of_fold(self):
        """Return the data with the clones' answers for labelled rows.

        Each of these answers is of a clone that was not fitted on the row.
        """
        answers = self.labelled.clones.out_of_fold
        rows = np.arange(len(answers))
        unseen = self.task.predictions(
            self.task.soft_targets(answers),
            self.rows.labels[rows],
            self.rows.weights[rows],
            rows=rows,
        )
        return self._replace(
            rows=self.rows.with_answers(UnseenRows(rows, answers)),
            labelled=self.labelled._replace(unseen=unseen),
        )


def ask_teacher(teacher, rows, task, parameters, run, *, measures_sensitivity=True):
    """Ask a teacher for all answers that students learn from.

    Parameters
    ----------
    teacher : Teacher
    rows : CheckedRows
        Rows of the user.
    task : Task
    parameters : estimator
        Parameters of the fit. They are only read.
    run : FitRun
    measures_sensitivity : bool, default=True
        Whether to measure the importance of each column to the teacher.

    Returns
    -------
    data : DistillationData
    """
    weight = parameters.hint_weight
    if weight > 0:
        # Raises if there is no hidden layer, before all other questions.
        ask_hidden(teacher, safe_indexing(rows.X, [0]), weight)
    with run.stage.part("query teacher", n_parts=5) as stage:
        measures = measures_sensitivity and _can_ask_about_others(teacher, rows)
        draws = _draws_synthetic(teacher, rows, parameters)
        most = task.most_synthetic if draws else 0
        queries = Queries(teacher, parameters, rows, measures, most, stage)
        given, task = _ask_about_given(teacher, rows, task, queries)
        contradicts = False
        if task.decides and teacher.can_be_asked and parameters.distillation_weight:
            contradicts = warn_if_decides_otherwise(
                teacher, rows.X, given.answers, task
            )
        answered = given.weights * given.confidence
        if rows.y is not None and answered.any() and not contradicts:
            task.warn_if_worse_than_constant(given.answers, given.labels, answered)
        given = _with_unlabeled(given, teacher, rows, task, queries)
        given, task = _in_units_of_answers(given, rows, task)
        if not teacher.can_be_asked:
            # Each stored answer may be off by a chance of its own.
            is_sparse = issparse(rows.table)
            given = given.with_confidence(task.confidence(given.answers, is_sparse))
        with stage.part("unseen rows"):
            labelled, other = recall(
                teacher,
                "unseen",
                _what_decides_unseen(teacher, rows, task, parameters),
                lambda: ask_about_labelled(
                    teacher, rows, given, task, parameters, run.random.unseen
                ),
            )
        if other is not None:
            given = given.with_answers(other)
        if weight > 0:
            tables = [rows.X, *(part.X for part in rows.unlabeled)]
            hidden = np.concatenate([ask_hidden(teacher, X, weight) for X in tables])
            given = given._replace(hidden=hidden)
        given = _with_weight(given, teacher)
        synthetic = _ask_about_synthetic(
            teacher, given, task, parameters, run.random.synthetic, queries
        )
        sensitivity = None
        if measures:
            with queries.part("redrawn rows") as within:
                sensitivity = feature_sensitivity(
                    lambda X: teacher.ask(X, task, within),
                    given.X,
                    task.changes,
                    queries.affordable(),
                    run.random.sensitivity,
                )
        hints = _hints(teacher, given, synthetic, weight)
        linear = _linear_model(teacher, rows, task, given)
    task = task.informed_by(labelled.unseen)
    return DistillationData(
        task, teacher.name, given, labelled, synthetic, sensitivity, hints, linear
    )


def _linear_model(teacher, rows, task, given):
    """Return the weights of a teacher that is a linear model of sparse rows, if so."""
    if not issparse(rows.table) or rows.teacher_reads != "X":
        return None
    return linear_model(teacher, task, given.X, given.answers)


def _hints(teacher, given, synthetic, weight):
    """Return the teacher's hidden layer for all rows, if the student learns it."""
    if weight == 0:
        return None
    drawn = None if synthetic is None else ask_hidden(teacher, synthetic.X, weight)
    return Hints(given.hidden, drawn, weight)


def _with_weight(given, teacher):
    """Return the rows that count. Raise if there is none."""
    counted = given.with_weight()
    if not counted.weights.size:
        raise ValueError(
            f"the teacher, {teacher.name}, abstains on each of the "
            f"{given.weights.size} rows with a weight, and none of them has a label: "
            "there is nothing to learn. Give rows for which a rule holds, or labels"
        )
    return counted


def _can_ask_about_others(teacher, rows):
    """Tell whether the teacher can be asked about rows that are made here."""
    reads_ours = rows.teacher_reads == "X" and not issparse(rows.table)
    return teacher.can_be_asked and reads_ours


def _ask_about_given(teacher, rows, task, queries):
    """Return the given rows with answers, and the task that the answers complete."""
    n_rows = len(rows.weights)
    with queries.part("given rows", n_rows) as within:
        answers = teacher.given_answers(rows.given, task, within)
    if teacher.n_columns == 1:
        task.warn_if_labels(teacher.name, answers)
    task = task.completed(answers, teacher.classes)
    labels = task.encode_labels(rows.y, n_rows)
    confidence = _confidence(teacher, rows.given, n_rows)
    groups = None if rows.groups is None else rows.groups[:n_rows]
    given = GivenRows(rows.table, answers, labels, rows.weights, groups, confidence)
    return given, task


def _in_units_of_answers(given, rows, task):
    """Return the rows with labels in the units that the answers tell, and the task."""
    widened = task.widened(given.answers)
    if widened is task:
        return given, task
    n_given = len(rows.weights)
    labels = [
        widened.encode_labels(rows.y, n_given),
        widened.encode_labels(None, len(given.weights) - n_given),
    ]
    return given._replace(labels=np.concatenate(labels)), widened


def _with_unlabeled(given, teacher, rows, task, queries):
    """Return the given rows, then the rows without labels."""
    sizes = [num_samples(part.X) for part in rows.unlabeled]
    with queries.part("unlabeled rows", sum(sizes)) as within:
        if not sizes:
            return given
        answers = [
            _answers_for_unlabeled(teacher, rows, part, task, within)
            for part in rows.unlabeled
        ]
    n_rows = sum(sizes)
    above = given.weights[given.weights > 0]
    usual = above.mean() if above.size else 1.0
    weights = [
        np.full(size, usual) if part.weights is None else part.weights
        for part, size in zip(rows.unlabeled, sizes, strict=True)
    ]
    confidence = [
        _confidence(teacher, part, size)
        for part, size in zip(rows.unlabeled, sizes, strict=True)
    ]
    groups = rows.groups
    if groups is not None:
        # Each row of X_unlabeled is a group of its own.
        n_others = len(given.weights) + n_rows - len(groups)
        groups = np.concatenate([groups, groups.max() + 1 + np.arange(n_others)])
    return GivenRows(
        rows.all_rows,
        np.concatenate([given.answers, *answers]),
        np.concatenate([given.labels, task.encode_labels(None, n_rows)]),
        np.concatenate([given.weights, *weights]),
        groups,
        np.concatenate([given.confidence, *confidence]),
    )


def _answers_for_unlabeled(teacher, rows, part, task, within):
    """Return the answers for rows without labels. An error explains their form."""
    try:
        return teacher.given_answers(part, task, within)
    except (TypeError, ValueError) as error:
        if not hasattr(rows.X, "columns") or hasattr(part.X, "columns"):
            raise
        given = rows.teacher_reads
        raise ValueError(
            f"{given} is a frame, and {given}_unlabeled is a {type(part.X).__name__}, "
            f"which the teacher refused: give {given}_unlabeled as a frame with the "
            f"columns of {given}. The teacher said: {error}"
        ) from error


def _confidence(teacher, rows, n_rows):
    """Return the weight of the soft term of each row: 0 if the teacher abstains."""
    abstains = teacher.abstains(rows)
    return np.ones(n_rows) if abstains is None else 1.0 - abstains


def _what_decides_unseen(teacher, rows, task, parameters):
    """Return what decides the answers for unseen rows, beside the teacher."""
    of_rows = (rows.X, rows.y, rows.teacher_y, rows.weights, teacher.fit_params)
    how = (parameters.cv, parameters.calibrate_teacher, rows.folds)
    is_used = parameters.distillation_weight != 0.0
    knows_y = rows.teacher_y is rows.y
    return (of_rows, how, is_used, knows_y, type(task).__name__, task.identity)


def _draws_synthetic(teacher, rows, parameters):
    """Tell whether synthetic rows are drawn."""
    return (
        parameters.synthesizer is not None
        and parameters.synthetic_share != 0
        and _can_ask_about_others(teacher, rows)
    )


def _ask_about_synthetic(teacher, given, task, parameters, random_state, queries):
    """Return synthetic rows with the teacher's answers, if any are wanted."""
    n_synthetic = queries.synthetic_rows()
    with queries.part("synthetic rows", n_synthetic) as within:
        if n_synthetic == 0:
            return None
        synthesizer = (
            NeighborInterpolation()
            if parameters.synthesizer == "auto"
            else clone(parameters.synthesizer, safe=False)
        )
        # Its own copy: a synthesizer of the user may alter what it gets, and may draw
        # into the same memory again.
        synthesizer.fit(own_copy(given.X))
        drawn = own_copy(synthesizer.sample(n_synthetic, random_state))
        if issparse(drawn):
            raise ValueError(
                f"synthesizer={synthesizer!r:.100} drew sparse rows, and X is dense: "
                "draw rows like those of X"
            )
        answers = teacher.ask(drawn, task, within)
    answered = np.flatnonzero(_confidence(teacher, FitRows(drawn), n_synthetic))
    if answered.size == n_synthetic:
        return SyntheticRows(drawn, answers)
    if answered.size == 0:
        return None
    return SyntheticRows(safe_indexing(drawn, answered), answers[answered])
