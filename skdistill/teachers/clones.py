"""Clones of a teacher, each fitted without one or two folds of the labelled rows."""

import numpy as np
from sklearn.base import clone as clone_estimator
from sklearn.base import is_classifier, is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state

from skdistill.common.sklearn_compat import num_samples, safe_indexing
from skdistill.common.split import deal_folds
from skdistill.teachers.default import default_teacher
from skdistill.teachers.models import is_model
from skdistill.teachers.quantiles import parts_of
from skdistill.teachers.resolve import as_teacher
from skdistill.teachers.scikit_learn import fit_teacher
from skdistill.teachers.teacher import name_of

# With fewer rows, the part to hold out would be too small.
_FEWEST_ROWS = 50

# Labelled rows are dealt to so many folds, with this seed. Clones of the teacher and
# the short trainings hold out the same rows, so they can be compared.
N_FOLDS = 5
FOLD_SEED = 0

# Number of folds times rows that are held out in turn: few rows need more folds.
_ROWS_TO_HOLD_OUT = 4000


def n_held_out_folds(n_labelled):
    """Return the number of the folds that are held out in turn.

    Parameters
    ----------
    n_labelled : float
        Number of labelled rows, above 0.

    Returns
    -------
    n_folds : int
    """
    return int(np.clip(round(_ROWS_TO_HOLD_OUT / n_labelled), 1, N_FOLDS))


class FoldClones:
    """Clones of a teacher, each fitted without one or two folds of the labelled rows.

    A clone is fitted when it is first asked for.

    Parameters
    ----------
    given : estimator
        Teacher, fitted or not. It is not altered. In the clones, frozen models are
        fitted again.
    X : table of shape (n_samples, n_features)
        Rows as the user gave them.
    y : array-like of shape (n_samples,)
        Labels.
    task : Task
    fit_params : dict
        Metadata for `fit`. A value with an element for each row is indexed as X is.
    random_state : int, RandomState instance or None
        Source of the seeds of the clones.
    weights : ndarray of shape (n_samples,) or None, default=None
        Weights of the rows. None stands for equal weights. Rows with the weight 0 are
        not held out.
    teacher_y : array-like of n_samples rows or None, default=None
        Labels that the clones are fitted on. None for y.
    n_jobs : int or None, default=None
        Number of threads in which a clone is asked.

    Attributes
    ----------
    folds : ndarray of shape (n_samples,), int
        Number of the fold of each row. It is -1 for a row that no clone leaves out: the
        only row of a class, and a row without a weight.
    are_possible : bool
        Whether there are 50 rows with a weight, each class has one of them, and a class
        has two.

    Raises
    ------
    ValueError
        If the teacher cannot be cloned and fitted.
    """

    def __init__(
        self,
        given,
        X,
        y,
        task,
        fit_params,
        random_state,
        weights=None,
        teacher_y=None,
        n_jobs=None,
    ):
        check_refittable(given, 'calibrate_teacher="refit"', 'calibrate_teacher="auto"')
        self._given, self._X, self._y, self._task = given, X, y, task
        self._fit_params, self._teacher_y = fit_params, teacher_y
        self._random_state = check_random_state(random_state)
        self._fitted, self._n_jobs = {}, n_jobs
        n_samples = num_samples(X)
        counted = (
            np.arange(n_samples) if weights is None else np.flatnonzero(weights > 0)
        )
        self.folds = np.full(n_samples, -1)
        self.are_possible = False
        if counted.size < _FEWEST_ROWS:
            return
        labels = task.encode_labels(y, n_samples)[counted]
        self.are_possible = task.can_be_dealt(labels)
        if self.are_possible:
            strata = task.strata(labels)
            self.folds[counted] = deal_folds(strata, N_FOLDS, FOLD_SEED)

    def rows_of(self, fold):
        """Return the numbers of the rows of a fold."""
        return np.flatnonzero(self.folds == fold)

    def answers(self, held_out, rows):
        """Return the answers of the clone that was fitted without some folds.

        Parameters
        ----------
        held_out : set of int
            Numbers of the folds that the clone has not seen.
        rows : ndarray of int
            Numbers of the rows to answer for.

        Returns
        -------
        answers : ndarray of shape (n_rows, n_columns) or None
            None if the clone does not know a class.
        """
        key = frozenset(held_out)
        if key not in self._fitted:
            kept = np.flatnonzero(~np.isin(self.folds, list(key)))
            self._fitted[key] = fit_clone(
                thawed(self._given),
                self._X,
                self._y,
                kept,
                self._task,
                self._fit_params,
                self._random_state,
                self._teacher_y,
            )
        clone, known = self._fitted[key]
        if not known.covers(self._task):
            return None
        clone.share(self._n_jobs)
        answers = clone.ask(safe_indexing(self._X, rows), known)
        return self._task.spread(answers, known)


def fit_clone(given, X, y, kept, task, fit_params, random_state, teacher_y=None):
    """Fit a clone on some rows.

    Parameters
    ----------
    given : estimator or None
    X : table of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    kept : ndarray of int
        Numbers of the rows to fit on.
    task : Task
    fit_params : dict
    random_state : RandomState
    teacher_y : array-like of n_samples rows or None, default=None
        Labels to fit on. None for y.

    Returns
    -------
    clone : Teacher
        The fitted clone.
    known : Task
        Task that the clone answers.
    """
    lesson = y if teacher_y is None else teacher_y
    clone = fit_teacher(
        default_teacher(task.kind) if given is None else given,
        X,
        lesson,
        fit_params,
        random_state,
        rows=kept,
        kind=task.kind,
        is_default=given is None,
    )
    fitted = as_teacher(clone, kind=task.kind)
    return fitted, task.answered_by(fitted, safe_indexing(y, kept))


def check_refittable(teacher, parameter, remedy):
    """Raise if a teacher cannot be cloned and fitted.

    Parameters
    ----------
    teacher : estimator, callable, "precomputed" or None
    parameter : str
        Parameter that asks for clones.
    remedy : str
        Value of the parameter that asks for none.

    Raises
    ------
    ValueError
        If the teacher is no estimator with `fit` and `get_params`.
    """
    if teacher is None or all(map(_is_refittable, parts_of(teacher))):
        return
    if isinstance(teacher, str):
        name = f"the teacher {teacher!r}"
    else:
        name = f"the teacher, {name_of(teacher)},"
    raise ValueError(
        f"{parameter} needs a teacher that can be fitted on a part of the rows: "
        f"{name} cannot be fitted. Set {remedy}"
    )


def _is_refittable(model):
    """Tell whether a model can be cloned and fitted."""
    is_estimator = hasattr(model, "fit") and hasattr(model, "get_params")
    return is_estimator and not is_model(model)


def thawed(teacher):
    """Return a clone of a teacher whose `fit` also fits its frozen models.

    Parameters
    ----------
    teacher : estimator or None

    Returns
    -------
    teacher : estimator or None
    """
    if teacher is None:
        return None
    if isinstance(teacher, FrozenEstimator):
        return thawed(teacher.estimator)
    teacher = clone_estimator(teacher)
    frozen = {
        name: thawed(part)
        for name, part in teacher.get_params().items()
        if isinstance(part, FrozenEstimator)
        and (is_classifier(part) or is_regressor(part))
    }
    return teacher.set_params(**frozen)
