"""Metadata of `fit`: what the teacher's `fit` gets, and what the splitter `cv` gets."""

from difflib import get_close_matches
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from sklearn import get_config
from sklearn.model_selection import check_cv
from sklearn.utils.metadata_routing import get_routing_for_object, process_routing
from sklearn.utils.validation import check_consistent_length, has_fit_parameter

from skdistill.estimators.fit_arguments import FitArguments
from skdistill.estimators.teacher_parameter import is_splitter
from skdistill.teachers.quantiles import takes_fit_parameter
from skdistill.teachers.resolve import is_automatic, is_fitted_here
from skdistill.teachers.scikit_learn import warn_weights_ignored
from skdistill.teachers.teacher import name_of

# Least likeness of a name that counts as misspelt, of at most 1.
_NEAR = 0.85


class Metadata(NamedTuple):
    """Metadata of a fit by receiver.

    Attributes
    ----------
    fit : dict
        Arguments for the `fit` of the teacher, or of its clones.
    split : dict
        Arguments for the `split` of the splitter.
    """

    fit: dict[str, Any]
    split: dict[str, Any]


def route_metadata(estimator: Any, weights: Any, params: Any = None) -> Metadata:
    """Return the metadata for the teacher's `fit` and for the splitter.

    Parameters
    ----------
    estimator : DistilledClassifier
    weights : ndarray of shape (n_samples,) or None
        Weights of the rows, if the user gave any.
    params : dict or None, default=None
        Other metadata that the user gave.

    Returns
    -------
    metadata : Metadata
        Both parts are empty if no teacher is fitted here. There are no weights if the
        teacher takes none.

    Raises
    ------
    TypeError
        If a parameter has nearly the name of an argument of `fit`.
    ValueError
        If nothing takes a parameter.
    """
    # As in scikit-learn, None is the same as nothing.
    params = {k: value for k, value in (params or {}).items() if value is not None}
    _check_spelling(estimator, params)
    if not is_fitted_here(estimator.teacher, estimator.calibrate_teacher, estimator.cv):
        _raise_for_unused(estimator, params)
        return Metadata({}, {})
    if get_config()["enable_metadata_routing"]:
        fit, split = _route_by_request(estimator, weights, params)
    else:
        fit, split = _route_directly(estimator, weights, params)
    has_folds = estimator.cv is not None and not is_automatic(estimator.cv)
    if "groups" in params and "groups" not in split and has_folds:
        raise ValueError(
            f"groups was passed, and cv={estimator.cv!r:.50} ignores it: rows of one "
            "group would be in several folds. Give a splitter of groups, such as "
            "cv=GroupKFold()"
        )
    return Metadata(fit, split)


def _check_spelling(estimator, params):
    """Raise if a name is nearly one of the own arguments of `fit`."""
    own = {name.lower(): name for name in FitArguments._fields if name != "params"}
    for name in params:
        near = get_close_matches(name.lower(), own, 1, _NEAR)
        teacher = estimator.teacher
        if near and not (hasattr(teacher, "fit") and has_fit_parameter(teacher, name)):
            raise TypeError(f"fit does not know {name}: did you mean {own[near[0]]}?")


def folds_of(
    cv: Any,
    X: Any,
    y: Any,
    split_params: dict[str, Any],
    numbers: Any = None,
    kind: str = "classes",
) -> Any:
    """Return the folds of a splitter, so that it raises its errors before any work.

    Parameters
    ----------
    cv : int, cross-validation splitter, iterable, "auto", "oob" or None
    X : table of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,)
    split_params : dict
        Arguments for `split`.
    numbers : ndarray of shape (n_samples,), int, or None, default=None
        Numbers of the rows in the table of the user, if it has other rows too. Folds
        that the user made are of this table.
    kind : str, default="classes"
        Kind of the task. Of one class a row, each fold has about the same share.

    Returns
    -------
    folds : list of tuple, "auto", "oob" or None
        Numbers of the rows to fit on and of those to answer for, for each fold.

    Raises
    ------
    ValueError
        If the splitter cannot split the rows, or if it leaves one class to fit on.
    """
    if cv is None or isinstance(cv, str):
        return cv
    for value in split_params.values():
        check_consistent_length(X, value)
    if numbers is not None and not (is_splitter(cv) or isinstance(cv, Integral)):
        cv = [tuple(_positions(rows, numbers) for rows in fold) for fold in cv]
    by_class = kind == "classes" and np.ndim(y) == 1
    folds = list(check_cv(cv, y, classifier=by_class).split(X, y, **split_params))
    for kept, _ in folds if by_class else ():
        left = np.unique(y[kept])
        if len(left) < 2 <= len(np.unique(y)):
            raise ValueError(
                f"cv={cv!r:.50} makes a fold whose rows to fit the teacher on hold one "
                f"class, {left.tolist()!r:.100}: give more rows of the other classes, "
                "or a splitter that keeps two classes in each fold"
            )
    return folds


def _positions(rows, numbers):
    """Return the positions of some rows among those with other numbers."""
    rows = np.asarray(rows)
    rows = np.flatnonzero(rows) if rows.dtype == bool else rows
    return np.flatnonzero(np.isin(numbers, rows))


def _route_by_request(estimator, weights, params):
    """Return the metadata that teacher and splitter request: scikit-learn's routing."""
    given = estimator.teacher
    if weights is not None and given is not None:
        params = params | {"sample_weight": weights}
    routed = process_routing(estimator, "fit", **params)
    fit = dict(routed["teacher"]["fit"]) if given is not None else {}
    if weights is not None and given is None:
        fit["sample_weight"] = weights
    split = dict(routed["splitter"]["split"]) if is_splitter(estimator.cv) else {}
    return fit, split


def _route_directly(estimator, weights, params):
    """Return the metadata as meta-estimators hand it on without routing."""
    teacher = estimator.one_teacher
    fit, split = dict(params), {}
    if "groups" in params and _may_use_groups(estimator.cv):
        split["groups"] = params["groups"]
        if not takes_fit_parameter(teacher, "groups") and not _may_use_groups(
            getattr(teacher, "cv", None)
        ):
            del fit["groups"]
    if weights is not None and takes_fit_parameter(teacher, "sample_weight"):
        fit["sample_weight"] = weights
    elif weights is not None:
        warn_weights_ignored(teacher)
    return fit, split


def _may_use_groups(cv):
    """Tell whether a splitter uses groups. Only scikit-learn's own tell it."""
    if not is_splitter(cv):
        return False
    if type(cv).__module__.split(".")[0] != "sklearn":
        return True
    return bool(get_routing_for_object(cv).consumes("split", ["groups"]))


def _raise_for_unused(estimator, params):
    """Raise if there is metadata and no teacher that is fitted here."""
    if not params:
        return
    raise ValueError(
        f"fit got {', '.join(sorted(params))}, which the teacher's fit and cv would "
        "get. Here neither is called: the teacher, "
        f"{name_of(estimator.teacher)}, is used as it is. Leave it out, or give an "
        "unfitted teacher"
    )
