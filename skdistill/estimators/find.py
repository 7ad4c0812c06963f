"""Find the distilled estimator in a pipeline or a search, and ask its models.

A user hands over a distilled estimator, a pipeline that ends in one, or a fitted
search over one of these. All functions that take such an object look into it here.
All that ask its teacher after `fit` find here which rows the teacher reads.
"""

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skdistill.estimators.distillation import Distillation
from skdistill.estimators.fit_arguments import check_rows_of
from skdistill.estimators.teachers_rows import teachers_rows
from skdistill.estimators.transformed_target import without_transform
from skdistill.teachers.memory import AnswerMemory, folder_of
from skdistill.teachers.resolve import as_teacher
from skdistill.teachers.teacher import Teacher

# Words for the answers that a picture draws, by their kind.
_WORDS = {"classes": "probabilities", "numbers": "numbers"}

# Tasks that have such answers, by the same kind.
_KINDS = {"classes": ("classes", "label_sets"), "numbers": ("numbers",)}

# Advice on a picture of another kind of answers.
_OTHERS = {
    "classes": "classes: use AgreementDisplay or ReliabilityDisplay",
    "numbers": "numbers: use ResidualsDisplay",
    "label_sets": (
        "label sets: use AgreementDisplay or ReliabilityDisplay with the name of a "
        "label as pos_label"
    ),
}


class NotDistilledError(TypeError, ValueError):
    """The estimator is not a distilled one, and does not end in one.

    It is both a `TypeError` and a `ValueError`, because functions used to raise one or
    the other.
    """


def find_last_step(estimator):
    """Return the last step of an estimator and the transform of the steps before.

    Parameters
    ----------
    estimator : estimator
        A search is replaced by its `best_estimator_`. A pipeline is divided. Any
        other estimator is its own last step.

    Returns
    -------
    last_step : estimator
        Last step, which is not checked.
    transform : callable
        Function that takes the rows given to the estimator and returns the rows
        given to its last step.
    """
    estimator = getattr(estimator, "best_estimator_", estimator)
    if not isinstance(estimator, Pipeline):
        return estimator, _unchanged
    if len(estimator) == 1:
        return estimator[-1], _unchanged
    # A step without `transform` matters only to those who transform rows.
    return estimator[-1], lambda X: estimator[:-1].transform(X)


def find_distilled(estimator, advice=""):
    """Return the fitted distilled estimator and the transform that leads to its X.

    Parameters
    ----------
    estimator : Distillation, Pipeline or search
        Fitted estimator. A pipeline ends in a distilled estimator. A search has a
        `best_estimator_`, which is a distilled estimator or such a pipeline.
    advice : str, default=""
        Sentence that the error adds if there is no distilled estimator.

    Returns
    -------
    model : Distillation
        Distilled estimator, fitted.
    transform : callable
        Function that takes the rows given to `estimator` and returns the rows given
        to `model`.

    Raises
    ------
    NotDistilledError
        If there is no distilled estimator.
    sklearn.exceptions.NotFittedError
        If the distilled estimator is not fitted.
    """
    model, transform = find_last_step(estimator)
    if isinstance(getattr(model, "regressor_", None), Distillation):
        raise NotDistilledError(
            f"the estimator is a {type(model).__name__}, whose student answers in the "
            "transformed target: give its regressor_"
            + (f". {advice}" if advice else "")
        )
    if not isinstance(model, Distillation):
        raise NotDistilledError(
            f"the estimator is a {type(model).__name__}, not a DistilledClassifier "
            "or DistilledRegressor: give a fitted one, a pipeline that ends in one, or "
            "a fitted search over one of these" + (f". {advice}" if advice else "")
        )
    check_is_fitted(model, "student_")
    return model, transform


def find_in_units_of_y(estimator, advice=""):
    """Return what `find_distilled` returns, and the way to the units of y.

    Parameters
    ----------
    estimator : Distillation, TransformedTargetRegressor, Pipeline or search
        Fitted estimator, as `find_distilled` takes it. It may also be a
        `TransformedTargetRegressor` of a distilled estimator, or end in one.
    advice : str, default=""
        Sentence that the error adds if there is no distilled estimator.

    Returns
    -------
    model : Distillation
    transform : callable
    units : UnitsOfY
        Way from the answers of the model, and of its teacher, to y.
    """
    last_step, transform = find_last_step(estimator)
    model, units = without_transform(last_step)
    if model is last_step:
        return *find_distilled(estimator, advice), units
    check_is_fitted(model, "student_")
    return model, transform, units


def names_of_columns(estimator):
    """Return the names of the columns that a distilled estimator gets.

    Parameters
    ----------
    estimator : Distillation, Pipeline or search
        Fitted estimator, as `find_distilled` takes it.

    Returns
    -------
    names : list of str or None
        Names of the student's columns. If it has none, the names that the steps before
        give to their columns, such as the words of a vectorizer. None without names.
    """
    model, _ = find_distilled(estimator)
    if model.student_.names is not None:
        return model.student_.names
    estimator = getattr(estimator, "best_estimator_", estimator)
    if not isinstance(estimator, Pipeline) or len(estimator) == 1:
        return None
    try:
        names = estimator[:-1].get_feature_names_out()
    except (AttributeError, ValueError):
        # A step does not name its columns, or needs names that X did not have.
        return None
    return [str(name) for name in names]


def check_teacher_answers(model, advice):
    """Raise if the teacher of a distilled estimator cannot be asked.

    Parameters
    ----------
    model : Distillation
        Distilled estimator, fitted.
    advice : str
        Clause that the error ends with: advice to the user.

    Raises
    ------
    ValueError
        If the teacher's answers were stored, as with "precomputed".
    """
    teacher = as_teacher(model.teacher_, kind=model.task_.kind)
    if not teacher.can_be_asked:
        raise ValueError(
            f"the teacher is {teacher.name!r} and cannot be asked about X: {advice}"
        )


def teacher_of(model: Distillation) -> Teacher:
    """Return the teacher of a distilled estimator, whose `memory` keeps the answers.

    Parameters
    ----------
    model : Distillation
        Distilled estimator, fitted.

    Returns
    -------
    teacher : Teacher
        Teacher that can be asked. A scorer asks it once for each fold of a search.
    """
    teacher = as_teacher(model.teacher_, kind=model.task_.kind)
    # A model of an older version has no such parameter.
    teacher.memory = AnswerMemory(folder_of(vars(model).get("memory")))
    return teacher


def can_ask_about(model):
    """Tell whether the teacher of a distilled estimator answers for the student's rows.

    Parameters
    ----------
    model : Distillation
        Distilled estimator, fitted.

    Returns
    -------
    bool
        False for stored answers, and for a teacher that reads rows of its own.
    """
    return (
        as_teacher(model.teacher_, kind=model.task_.kind).can_be_asked
        and model.teacher_reads_ == "X"
    )


def rows_of_teacher(model, X, teacher_X, advice=""):
    """Return the rows about which the teacher of a distilled estimator is asked.

    Parameters
    ----------
    model : Distillation
        Distilled estimator, fitted.
    X : table of shape (n_samples, n_features)
        Rows of the student, as `model` takes them.
    teacher_X : array-like of n_samples rows or None
        Rows of the teacher, if it reads others than the student.
    advice : str, default=""
        Sentence, without the full stop, that the error adds if `teacher_X` is missing.

    Returns
    -------
    rows : array-like of n_samples rows

    Raises
    ------
    ValueError
        If `teacher_X` is missing, if it was passed and the teacher reads X, or if it
        does not fit X.
    """
    if model.teacher_reads_ == "X":
        if teacher_X is not None:
            raise ValueError(
                "teacher_X was passed, and the teacher reads X, as in fit. Leave "
                "teacher_X out"
            )
        return X
    if teacher_X is None:
        raise ValueError(
            "teacher_X is missing: the teacher reads rows of its own, which fit got as "
            "teacher_X. Pass teacher_X with a row for each row of X, in the same order"
            + (f". {advice}" if advice else "")
        )
    rows = teachers_rows(teacher_X, "teacher_X")
    check_rows_of("teacher_X", rows, "X", X)
    return rows


def ask_both(estimator, X, teacher_X=None, *, kind="classes"):
    """Return the answers of a fitted student and of its teacher.

    Parameters
    ----------
    estimator : Distillation, Pipeline or search
        Fitted estimator, as `find_distilled` takes it.
    X : table of shape (n_samples, n_features)
        Rows, as the estimator takes them.
    teacher_X : array-like of n_samples rows or None, default=None
        Rows of the teacher, if it reads others than the student.
    kind : {"classes", "numbers"}, default="classes"
        Kind of the answers that the caller can draw. Label sets have probabilities
        too.

    Returns
    -------
    teacher_answers, student_answers : ndarray of shape (n_samples, n_columns)
        Probabilities or numbers of teacher and student, in the units of y.
    model : Distillation
        Distilled estimator.

    Raises
    ------
    ValueError
        If there is no distilled estimator, if it has answers of another kind, if its
        teacher cannot be asked, or if `teacher_X` does not suit the teacher.
    """
    model, transform, units = find_in_units_of_y(
        estimator, f"For other models give the {_WORDS[kind]} to from_predictions"
    )
    if model.task_.kind not in _KINDS[kind]:
        raise ValueError(
            f"the estimator is a {type(model).__name__} of {_OTHERS[model.task_.kind]}"
        )
    check_teacher_answers(
        model, f"give its {_WORDS[kind]}, and the student's, to from_predictions"
    )
    X = transform(X)
    rows = rows_of_teacher(model, X, teacher_X)
    teacher_answers = teacher_of(model).ask(rows, model.task_)
    answers = teacher_answers, model.task_.answers_of(model, X)
    return *map(units.of_answers, answers), model


def _unchanged(X):
    """Return rows as they are."""
    return X
