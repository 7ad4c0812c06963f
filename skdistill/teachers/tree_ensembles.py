"""Tell ensembles of trees from other teachers, and order rows for them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skdistill.teachers.out_of_bag import take_apart

_OF_TREES = (
    RandomForestClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestRegressor,
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
)
_OF_MODELS = (
    AdaBoostClassifier,
    BaggingClassifier,
    AdaBoostRegressor,
    BaggingRegressor,
)
_TREES = (DecisionTreeClassifier, DecisionTreeRegressor)
_LIBRARIES = {"xgboost", "lightgbm", "catboost"}


def is_tree_ensemble(teacher):
    """Tell whether a teacher is an ensemble of trees, alone or after transformers.

    Parameters
    ----------
    teacher : object
        Fitted teacher. It may be the last step of a pipeline, the best model of a
        search, or frozen.

    Returns
    -------
    bool
        True for forests, extra trees and boosted trees of scikit-learn, for its bagging
        and its AdaBoost of trees, and for models of xgboost, lightgbm and catboost.
    """
    model = take_apart(teacher)[1]
    best = getattr(model, "best_estimator_", None)
    if best is not None:
        return is_tree_ensemble(best)
    if isinstance(model, _OF_MODELS):
        members = getattr(model, "estimators_", [])
        return all(isinstance(member, _TREES) for member in members)
    libraries = {kind.__module__.split(".")[0] for kind in type(model).__mro__}
    return isinstance(model, _OF_TREES) or not _LIBRARIES.isdisjoint(libraries)


def answers_row_by_row(model):
    """Tell whether trees answer for a row with the same bits in any block of rows.

    Parameters
    ----------
    model : object
        Fitted teacher.

    Returns
    -------
    bool
        True for forests, extra trees and boosted trees of scikit-learn. False if the
        boosted trees begin from the answers of another model.
    """
    init = getattr(model, "init", None)
    return type(model) in _OF_TREES and (init is None or isinstance(init, str))


def order_of_leaves(model: Any, X: Any) -> NDArray[np.intp] | None:
    """Return an order of rows in which neighbours fall into near leaves of a tree.

    Neighbours then take nearly the same path through the other trees too. So the
    processor finds the nodes in its cache and foretells the branches: a forest answers
    in a fifth to a third less time.

    Parameters
    ----------
    model : object
        Fitted teacher.
    X : table of shape (n_samples, n_features)
        Rows, unchecked.

    Returns
    -------
    order : ndarray of shape (n_samples,), int, or None
        Numbers of the rows. None if the order could change the answers, or if it would
        not help: the model has no trees of scikit-learn, or the rows are no numbers.
    """
    trees = getattr(model, "estimators_", None)
    if trees is None or not answers_row_by_row(model):
        return None
    values = np.asarray(X)
    if values.dtype.kind not in "biuf" or values.shape[1:] != (model.n_features_in_,):
        return None
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(values, dtype=np.float32)
    leaves = np.ravel(trees)[0].apply(rows, check_input=False)
    return np.argsort(leaves, kind="stable")
