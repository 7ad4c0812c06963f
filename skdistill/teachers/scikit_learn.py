"""Teachers with scikit-learn's interface: how they are fitted and asked."""

from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skdistill.common.sklearn_compat import check_method_params, safe_indexing
from skdistill.common.text import counted
from skdistill.common.warn import warn
from skdistill.tables.own_copy import own_copy
from skdistill.teachers.hidden import hidden_values
from skdistill.teachers.label_sets import (
    is_answer_of_outputs,
    probabilities_of_labels,
    several_outputs,
)
from skdistill.teachers.memory import AnswerMemory
from skdistill.teachers.models import is_model
from skdistill.teachers.quote import advice_on_texts, other_rows
from skdistill.teachers.teacher import Teacher, name_of

# If a model is fitted on fewer rows than this, their number may be its trouble.
_FEW_ROWS = 10

_ADVICE_ON_DEFAULT = (
    " No teacher was given, and the default is {} that takes only numbers. If X "
    "holds text or categories, give a teacher that takes them. One is "
    '{}(categorical_features="from_dtype"): turn text into '
    'categories for it, X[column].astype("category"). Another is a pipeline: '
    "make_pipeline(encoder, teacher)"
)

# By the kind of the task: sentences for models that learn one column of y alone.
_ADVICE_ON_COLUMNS = {
    "label_sets": (
        " If it learns one label alone, give one model for each label: "
        "MultiOutputClassifier(teacher), or ClassifierChain(teacher), in which each "
        "model reads the labels before its own."
    ),
    "numbers": (
        " If it learns one target alone, give one model for each target: "
        "MultiOutputRegressor(teacher), or RegressorChain(teacher), in which each "
        "model reads the targets before its own."
    ),
}

_ADVICE_ON_QUANTILES = (
    " No teacher was given, and the default is boosted trees for each quantile, which "
    "take neither text nor sparse rows. Give a dict with a model for each quantile. "
    'For sparse rows one is {{{0}: GradientBoostingRegressor(loss="quantile", '
    "alpha={0}), ...}}, and for text {{{0}: make_pipeline(encoder, model), ...}}"
)

_ONE_VALUE = "and many models need rows of both kinds"
_NO_PROBABILITIES = (
    "Some models have predict_proba only with an option: VotingClassifier with voting="
    '"soft", SGDClassifier with loss="log_loss"'
)
_NO_SCORES_OF_LABELS = (
    "OneVsRestClassifier(model) has the decision_function of models such as LinearSVC, "
    "and MultiOutputClassifier has none"
)

# By the kind of the task: a model that takes categories.
_TAKES_CATEGORIES = {
    "classes": "HistGradientBoostingClassifier",
    "label_sets": "HistGradientBoostingClassifier",
    "numbers": "HistGradientBoostingRegressor",
}


def is_fitted(teacher):
    """Tell whether a teacher needs no fit before it is asked.

    Parameters
    ----------
    teacher : estimator, callable, "precomputed" or None

    Returns
    -------
    bool
        True for a fitted estimator, for a model of another library, for an object
        without `fit`, for a callable, and for a dict of these.
    """
    if teacher is None or isinstance(teacher, str):
        return False
    if isinstance(teacher, Mapping):
        return all(map(is_fitted, teacher.values()))
    if not hasattr(teacher, "fit") or is_model(teacher):
        return True
    try:
        check_is_fitted(teacher)
    except NotFittedError:
        return False
    except (AttributeError, TypeError):
        # `check_is_fitted` does not know the object. Fitted classifiers have classes.
        if hasattr(teacher, "classes_") or hasattr(teacher, "predict_proba"):
            return hasattr(teacher, "classes_")
        found = getattr(teacher, "__dict__", {})
        return any(name.endswith("_") and name[0] != "_" for name in found)
    return True


def fit_teacher(
    teacher,
    X,
    y,
    fit_params,
    random_state,
    within=nullcontext,
    rows=None,
    memory=None,
    kind="classes",
    is_default=False,
):
    """Clone and fit a teacher, on copies of the rows.

    Parameters
    ----------
    teacher : estimator
        Model to clone. It is not altered.
    X : array-like
        Rows as the user gave them. They are not altered.
    y : array-like or None
        Labels as the user gave them, or votes. They are not altered.
    fit_params : dict
        Metadata for the teacher's `fit`.
    random_state : RandomState
        Source of the seed of each random_state parameter that is None.
    within : callable, default=nullcontext
        Maker of a context in which the clone is fitted. It is called with the clone.
    rows : ndarray of int or None, default=None
        Numbers of the rows to fit on. None stands for all.
    memory : AnswerMemory or None, default=None
        Memory that keeps the fitted clone. With None, and if the next fit draws another
        seed for it, the clone is not kept.
    kind : str, default="classes"
        Kind of the task that the teacher answers.
    is_default : bool, default=False
        Whether the user gave no teacher. Errors tell it.

    Returns
    -------
    teacher : estimator
        The fitted clone.

    Raises
    ------
    Exception
        If the teacher's own `fit` raises. The message of a ValueError names the
        teacher, and a note of any other error does.
    """
    teacher = clone(teacher)
    seeds = {
        name: random_state.randint(np.iinfo(np.int32).max)
        for name, value in sorted(teacher.get_params().items())
        if value is None and name.split("__")[-1] == "random_state"
    }
    if seeds:
        teacher.set_params(**seeds)
    if rows is not None:
        fit_params = check_method_params(X, fit_params, rows)
        X, y = safe_indexing(X, rows), None if y is None else safe_indexing(y, rows)
    memory = AnswerMemory() if memory is None else memory
    fit = partial(_fit, teacher, X, y, fit_params, within, kind, is_default)
    if seeds and not memory.is_seeded:
        return memory.forget(fit())
    return memory.fit(teacher, (X, y, fit_params), fit)


def _fit(teacher, X, y, fit_params, within, kind, is_default):
    """Fit a model in place, on copies of the rows, and return it."""
    X, y = own_copy(X), own_copy(y)
    fit_params = {
        name: own_copy(value) if hasattr(value, "__array__") else value
        for name, value in fit_params.items()
    }
    with within(teacher):
        try:
            teacher.fit(X, y, **fit_params)
        except (TypeError, ValueError) as error:
            _note_arguments(error, teacher, fit_params)
            advice = advice_on_texts(X)
            if not advice and is_default:
                advice = _advice_on_default(teacher, kind)
            elif not advice:
                advice = _advice_on_fit(teacher, y, kind, str(error))
            of = "the default teacher" if is_default else "the teacher"
            failed = f"the fit of {of}, {name_of(teacher)}, raised"
            if type(error) is ValueError:
                # Logs of the message would lose a note.
                said = str(error).removesuffix(".")
                raise ValueError(f"{failed}: {said}.{advice}") from error
            error.add_note(f"{failed[0].upper()}{failed[1:]} this error.{advice}")
            raise
        except AttributeError as error:
            of = f"the fit of the teacher, {name_of(teacher)}, raised"
            raise ValueError(f"{of} {other_rows(error, X)}") from error
    return teacher


def _advice_on_default(teacher, kind):
    """Return sentences for rows that the default teacher does not take."""
    if hasattr(teacher, "levels"):
        return _ADVICE_ON_QUANTILES.format(teacher.levels[0])
    what = "a forest" if hasattr(teacher, "n_estimators") else "a model"
    better = _TAKES_CATEGORIES.get(kind, _TAKES_CATEGORIES["classes"])
    return _ADVICE_ON_DEFAULT.format(what, better)


def _note_arguments(error, teacher, fit_params):
    """Add a note to an error about an argument that the teacher does not know."""
    named = [name for name in fit_params if f"{name!r}" in str(error)]
    if isinstance(error, TypeError) and named:
        error.add_note(
            f"fit does not know {', '.join(named)} either. It hands arguments that it "
            f"does not know to the fit of the teacher, {name_of(teacher)}. Its own are "
            "X, y, sample_weight, X_unlabeled, and those that begin with teacher_. Is "
            "a name misspelt?"
        )


def _advice_on_fit(teacher, y, kind, said):
    """Return sentences for models that do not take X or y as the user gave them."""
    if type(teacher).__module__.split(".")[0] == __name__.split(".")[0]:
        return ""  # A teacher of this package says what is wrong.
    on_columns = _ADVICE_ON_COLUMNS.get(kind, "") if np.ndim(y) > 1 else ""
    if on_columns and "y should be a 1d array" in said:
        return on_columns
    few = _advice_on_few(y, kind)
    if on_columns and "class" in said and _ONE_VALUE in few:
        return few
    return (
        few
        + " It gets X, or teacher_X, as you gave it. If it takes no text or no missing "
        "values, put an encoder before it: make_pipeline(encoder, teacher). If it "
        "takes pandas categories, turn text into categories: "
        'X[column].astype("category").'
        + (_advice_on_labels(y) if kind == "classes" else "")
        + on_columns
    )


def _advice_on_few(y, kind):
    """Return a sentence for models that need more rows, or both values of a label."""
    if y is None:
        return ""
    more = "in the first call if this is partial_fit, or a fitted teacher."
    constant: Any = ()
    if kind == "label_sets" and isinstance(y, np.ndarray):
        constant = np.flatnonzero((y == y[:1]).all(axis=0))
    if len(constant):
        return (
            f" All rows have the label of column {constant[0]} of y, or none has it, "
            f"{_ONE_VALUE}. Give such rows, {more} A forest and "
            "OneVsRestClassifier(model) take such a label as it is."
        )
    if len(y) < _FEW_ROWS:
        return f" It got {counted(len(y), 'row')}. Give more rows, {more}"
    return ""


def _advice_on_labels(y):
    """Return a sentence for models that take codes in place of labels."""
    if y is None or np.ndim(y) > 1:
        return ""
    labels = np.unique(y)
    if labels.tolist() == list(range(len(labels))):
        return ""
    return (
        f" It gets y as you gave it too, with labels such as {labels.tolist()[0]!r}. "
        "If it takes only the numbers 0, 1, ... as labels, give y as such numbers: "
        "LabelEncoder().fit_transform(y)."
    )


def warn_weights_ignored(teacher):
    """Warn that a teacher is fitted without the sample weights."""
    warn(
        f"the teacher, {name_of(teacher)}, does not accept sample_weight: fit trains "
        "it without weights, and only the student uses them",
    )


class EstimatorTeacher(Teacher):
    """A fitted model with `predict_proba` or `decision_function`.

    Values of a decision function count as logits.
    """

    def answer(self, X: Any) -> Any:
        """Ask the model."""
        model = self.source
        if hasattr(model, "predict_proba"):
            with self._explaining(X):
                answer = model.predict_proba(X)
            if not is_answer_of_outputs(answer):
                return answer
            if self.kind == "classes":
                raise several_outputs(self.name, len(answer))
            return probabilities_of_labels(answer, self._find_classes(), self.name)
        if not hasattr(model, "decision_function"):
            advice = _NO_PROBABILITIES
            if self.kind == "label_sets":
                advice = f"{_NO_SCORES_OF_LABELS}. {_NO_PROBABILITIES}"
            raise ValueError(
                f"the teacher, {self.name}, is fitted and has neither predict_proba "
                f"nor decision_function. {advice}"
            )
        with self._explaining(X):
            scores = np.asarray(model.decision_function(X), dtype=np.float64)
        if self.kind == "label_sets":
            return expit(scores)
        if scores.ndim == 1 or scores.shape[1:] == (1,):
            second = expit(scores.ravel())
            return np.column_stack([1.0 - second, second])
        _check_one_score_a_class(model)
        return softmax(scores, axis=1)

    @property
    def answering(self) -> Any:
        """The model."""
        return self.source

    @property
    def decider(self) -> Any:
        """The model, which may decide by a threshold of its own."""
        return self.source

    def hidden(self, X: Any, layer: str | None = None) -> Any:
        """Return the outputs of the last hidden layer. Its layers have no names."""
        if layer is not None:
            raise ValueError(
                f"layer={layer!r:.100} was asked for, and the layers of the teacher, "
                f"{self.name}, have no names: give layer=None, its last hidden layer"
            )
        with self._explaining(X):
            return hidden_values(self.source, X)


def _check_one_score_a_class(teacher):
    """Raise if scores belong to pairs of classes.

    Three classes have three pairs, so the shape of the scores does not tell.
    """
    parameters = teacher.get_params() if hasattr(teacher, "get_params") else {}
    for name, value in parameters.items():
        if name.split("__")[-1] == "decision_function_shape" and value == "ovo":
            raise ValueError(
                f"the teacher, {name_of(teacher)}, has a decision function for pairs "
                f'of classes. Set its {name}="ovr"'
            )
