"""Tell ensembles of trees from other teachers."""

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
