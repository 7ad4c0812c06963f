"""Checks of the arguments of a compression, and the split of its rows."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from skdistill.common.split import hold_out
from skdistill.estimators.distillation import Distillation
from skdistill.model_selection.labelled_rows import LabelledRows
from skdistill.model_selection.requirement import Requirement
from skdistill.teachers.answers import check_column_order


def check_requirement(
    max_points_lost, min_score, max_bytes, max_microseconds, min_share, max_mse_ratio
):
    """Return the requirement; raise if one of its numbers is out of range.

    The parameters are those of `compress_to`.

    Returns
    -------
    requirement : Requirement
    """
    limits = {
        "max_points_lost": (max_points_lost, 0.0),
        "min_score": (min_score, -np.inf),
        "max_bytes": (max_bytes, 1.0),
        "max_microseconds": (max_microseconds, 0.0),
        "min_share": (min_share, 0.0),
        "max_mse_ratio": (max_mse_ratio, 0.0),
    }
    for name, (value, least) in limits.items():
        if value is None:
            continue
        if not isinstance(value, Real) or not np.isfinite(value) or value < least:
            raise ValueError(
                f"{name}={value!r:.100} is neither None nor a finite number"
                + (f" from {least:g}" if np.isfinite(least) else "")
            )
    return Requirement(*(value for value, _ in limits.values()))


def stored_answers(targets, given, given_unlabeled):
    """Return stored answers; raise if there are others than the estimator takes.

    Parameters
    ----------
    targets : ClassTargets or NumberTargets
        Form of y that the estimator takes.
    given, given_unlabeled : dict of str to (array-like or None)
        Answers for labelled rows, and for others, by the names of the arguments.

    Returns
    -------
    answers, answers_unlabeled : array-like or None
    """
    wanted = (targets.answers_name, f"{targets.answers_name}_unlabeled")
    for name, answers in {**given, **given_unlabeled}.items():
        if answers is not None and name not in wanted:
            raise ValueError(
                f"{name} was passed, and this estimator takes "
                f"{wanted[name in given_unlabeled]}"
            )
    return given[wanted[0]], given_unlabeled[wanted[1]]


def check_mse_ratio(max_mse_ratio, model, scoring):
    """Raise unless students are scored by R², which gives the ratio of the errors.

    Parameters
    ----------
    max_mse_ratio : float or None
        None is always right.
    model : Distillation
        Estimator, not fitted.
    scoring : str, callable or None
    """
    if max_mse_ratio is None:
        return
    of_quantiles = getattr(model, "loss", None) == "quantile"
    if model.task_kind != "numbers" or of_quantiles or scoring not in (None, "r2"):
        raise ValueError(
            "max_mse_ratio was passed: only a regressor that is scored by R² has it. "
            "Otherwise give max_points_lost, min_score or min_share"
        )


def check_estimator(estimator, seed):
    """Return a clone of the estimator that has a seed.

    Parameters
    ----------
    estimator : Distillation
        Estimator of the user.
    seed : int

    Returns
    -------
    model : Distillation
        Estimator, not fitted.
    """
    if not isinstance(estimator, Distillation):
        raise TypeError(
            f"the estimator is a {type(estimator).__name__}: give a "
            "DistilledClassifier or DistilledRegressor, such as "
            "DistilledClassifier(teacher). If one is inside, give that one"
        )
    if isinstance(estimator.encoder, FrozenEstimator):
        raise ValueError(
            f"encoder={estimator.encoder!r:.100} is frozen, and students of several "
            'sizes have other numbers of knots: give encoder="auto", or the '
            "TabularEncoder itself"
        )
    model = clone(estimator)
    if not isinstance(model.random_state, Integral):
        model.set_params(random_state=seed)
    return model


def split_rows(rows, targets, fraction, validation_data, seed, y):
    """Return rows to train on, and rows to validate on.

    Parameters
    ----------
    rows : LabelledRows
    targets : ClassTargets or NumberTargets
        Form of y that the estimator takes.
    fraction : float
    validation_data : tuple or None
        Parameters of `compress_to`.
    seed : int
    y : array-like or DataFrame of n_samples rows
        Labels or numbers of these rows, as the user gave them.

    Returns
    -------
    training, validation : LabelledRows
    """
    if validation_data is not None:
        if rows.proba is not None:
            raise ValueError(
                f"validation_data was passed with {targets.answers_name}, but the "
                f"teacher's {targets.answers} of these rows are not known: give all "
                "rows as X, and validation_fraction"
            )
        wanted = ("X", "y") if rows.teacher_X is None else ("X", "y", "teacher_X")
        if len(validation_data) != len(wanted):
            given = "without" if rows.teacher_X is None else "with"
            raise ValueError(
                f"validation_data has {len(validation_data)} parts. Here, {given} "
                f"teacher_X, it has {len(wanted)}: ({', '.join(wanted)})"
            )
        check_column_order(y, validation_data[1], "validation_data[1]")
        return rows, LabelledRows.check(
            targets, **dict(zip(wanted, validation_data, strict=True))
        )
    if not isinstance(fraction, Real) or not 0 < fraction < 1:
        raise ValueError(
            f"validation_fraction={fraction!r:.100} is not a number between 0 and 1"
        )
    n_rows = len(rows.y)
    try:
        kept, held_out = hold_out(
            np.arange(n_rows), targets.strata(rows.y), fraction, seed
        )
    except ValueError as error:
        raise ValueError(
            f"validation_fraction={fraction} of {n_rows} rows cannot be held out: "
            f"{error}"
        ) from error
    return rows.take(kept), rows.take(held_out)
