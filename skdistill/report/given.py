"""Stored answers that a report is made from: probabilities or numbers."""

import numpy as np
from sklearn.utils import column_or_1d

from skdistill.estimators.label_set_targets import ClassifierTargets
from skdistill.estimators.number_targets import cells_of_y
from skdistill.report.checks import check_no_label_missing, named
from skdistill.report.classes import ReportOfClasses
from skdistill.report.figures import CONTROL, STUDENT, TEACHER
from skdistill.report.label_sets import ReportOfLabelSets
from skdistill.report.numbers import ReportOfNumbers
from skdistill.report.quantiles import ReportOfQuantiles
from skdistill.tables.sparse import is_sparse
from skdistill.tasks.check_numbers import check_numbers
from skdistill.tasks.label_probabilities import check_label_probabilities
from skdistill.tasks.probabilities import check_probabilities
from skdistill.teachers.answers import check_column_order, read_answers
from skdistill.teachers.label_sets import in_one_array
from skdistill.teachers.outputs import are_beyond_0_and_1

_MODELS = (TEACHER, STUDENT, CONTROL)


def given_answers(y, probabilities, numbers, classes, quantiles):
    """Return the kind of a report on stored answers, the truth, and the answers.

    Parameters
    ----------
    y : array-like of n_samples rows
        Labels or numbers.
    probabilities, numbers : dict of str to (array-like or None)
        Stored answers of teacher, student and control, by the names of the arguments.
        One of the two dicts holds the answers, and the other None alone.
    classes : array-like of shape (n_classes,) or None
        Labels of the columns of probabilities.
    quantiles : sequence of float or None
        Levels of the quantiles that the columns of numbers are.

    Returns
    -------
    kind : ReportKind
    truth : ndarray of n_samples rows
    answers : dict of str to ndarray of shape (n_samples, n_columns), float64
        Answers by the names of the models.

    Raises
    ------
    ValueError
        If the arguments do not suit each other.
    """
    asked = [name for given in (probabilities, numbers) for name in _passed(given)]
    given = probabilities if _passed(probabilities) else numbers
    teacher, student, _ = given
    if _passed(probabilities) and _passed(numbers):
        raise ValueError(
            f"{named(asked)} were passed: give the probabilities of classifiers, or "
            "the numbers of regressors, and not both"
        )
    if given[teacher] is None or given[student] is None:
        raise ValueError(
            "the answers of teacher and student are needed: give teacher_proba and "
            "student_proba, or, for numbers, teacher_prediction and student_prediction"
        )
    if given is probabilities:
        if quantiles is not None:
            raise ValueError(
                f"quantiles={quantiles!r:.100} was passed with probabilities: only "
                "numbers can be quantiles"
            )
        return _probabilities(y, given, classes)
    if classes is not None:
        raise ValueError(
            f"classes={classes!r:.100} was passed with numbers, which have no classes"
        )
    return _numbers(y, given, quantiles)


def _passed(given):
    """Return the names of the arguments that are not None."""
    return [name for name, answers in given.items() if answers is not None]


def _probabilities(y, given, classes):
    """Return the kind, the truth and the answers of probabilities."""
    _refuse_numbers(y, given)
    if ClassifierTargets().of(y).kind == ReportOfLabelSets.name:
        return _label_sets(y, given, classes)
    check_no_label_missing(y)
    classes = np.unique(y) if classes is None else column_or_1d(classes)
    kind = ReportOfClasses(classes)
    labels = kind.truth_of(y, y)
    if len(np.unique(classes)) < len(classes):
        raise ValueError(f"classes={classes.tolist()!r:.200} holds a label twice")
    if len(classes) < 2:
        raise ValueError(
            f"classes holds {classes.tolist()!r}: at least two labels are needed"
        )
    answers = {
        model: check_probabilities(proba, len(labels), classes, name).astype(float)
        for model, (name, proba) in zip(_MODELS, given.items(), strict=True)
        if proba is not None
    }
    return kind, labels, answers


def _label_sets(y, given, classes):
    """Return the kind, the truth and the answers of label sets."""
    if classes is not None:
        raise ValueError(
            f"classes={classes!r:.100} was passed, and y holds label sets: a data "
            "frame as y names the labels, by its columns"
        )
    _check_columns(y, given)
    kind = ReportOfLabelSets.named_by(y, range(np.shape(y)[1]))
    truth = kind.truth_of(y, y)
    answers = {
        model: check_label_probabilities(in_one_array(proba, name), *truth.shape, name)
        for model, (name, proba) in zip(_MODELS, given.items(), strict=True)
        if proba is not None
    }
    return kind, truth, {name: proba.astype(float) for name, proba in answers.items()}


def _check_columns(y, given):
    """Raise if answers name the columns of y in another order."""
    for name, answers in given.items():
        check_column_order(y, answers, name)


def _refuse_numbers(y, given):
    """Raise if numbers to predict are in place of labels and probabilities."""
    cells = None if is_sparse(y) else cells_of_y(y)
    if cells is None or cells.dtype.kind not in "iuf" or np.isin(cells, (0, 1)).all():
        return
    for name in _passed(given):
        values = read_answers(given[name], name).values
        is_column = values.ndim == 1 or values.shape[1] == 1
        lacks_classes = is_column and len(np.unique(cells)) > 2
        is_wrong = lacks_classes or are_beyond_0_and_1(values)
        if is_wrong and np.isfinite(values).all():
            raise ValueError(
                f"y holds numbers, such as {cells.flat[0]:.4g}, and {name} goes from "
                f"{values.min():.4g} to {values.max():.4g} in an array of shape "
                f"{values.shape}: it takes a probability for each class. For numbers "
                "to predict give teacher_prediction and student_prediction, by name"
            )


def _numbers(y, given, quantiles):
    """Return the kind, the truth and the answers of numbers."""
    cells = None if is_sparse(y) else cells_of_y(y)
    if cells is not None and any(isinstance(cell, str) for cell in cells.flat):
        raise ValueError(
            f"y holds texts, such as {cells.flat[0]!r:.40}, and {named(_passed(given))}"
            " are numbers. For labels give teacher_proba and student_proba, the "
            "probabilities of the classes, in their place"
        )
    _check_columns(y, given)
    kind = (
        ReportOfNumbers.named_by(y)
        if quantiles is None
        else ReportOfQuantiles(quantiles)
    )
    truth = kind.truth_of(y, y)
    n_columns, words = truth.shape[1], ""
    if quantiles is not None:
        n_columns = len(kind.quantiles)
        words = f"a column for each of the quantiles {quantiles!r:.100}"
    answers = {
        model: check_numbers(numbers, len(truth), n_columns, name, words)
        for model, (name, numbers) in zip(_MODELS, given.items(), strict=True)
        if numbers is not None
    }
    return kind, truth, answers
