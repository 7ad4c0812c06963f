"""The number that a regressor answers: the mean, or the quantile of a level.

The parameters of scikit-learn's regressors and of LightGBM's tell it.
"""

from collections.abc import Sequence
from typing import Any

from sklearn.linear_model import LinearRegression, QuantileRegressor, Ridge

from skdistill.common.warn import warn
from skdistill.teachers.label_sets import last_model
from skdistill.teachers.quantiles import QuantileModels
from skdistill.teachers.teacher import name_of

_MEAN = "the mean"

# By the name of a loss: the answer that makes it least.
_ANSWERS: dict[Any, Any] = {
    **dict.fromkeys(("squared_error", "friedman_mse", "poisson", "gamma"), _MEAN),
    **dict.fromkeys(("regression", "l2", "mse", "regression_l2"), _MEAN),
    **dict.fromkeys(("absolute_error", "regression_l1", "l1", "mae"), 0.5),
}

# Names of the parameters: that of the loss, and that of the level of a quantile.
_LOSSES = ("loss", "criterion", "objective")
_LEVELS = ("quantile", "alpha")


def warn_of_other_levels(source: Any, levels: Sequence[float]) -> None:
    """Warn if the parameters of a teacher say that it answers no quantile to learn.

    Parameters
    ----------
    source : object
        Teacher that was found: see `Teacher.source`.
    levels : sequence of float
        Levels of the quantiles to learn, none if something else is learned.
    """
    if isinstance(source, QuantileModels):
        models = {
            f"teacher[{level!r}]": (source.models_[level], level) for level in levels
        }
    elif len(levels) == 1:
        models = {"teacher": (source, levels[0])}
    else:  # One model of several quantiles tells no level.
        return
    for name, (model, level) in models.items():
        answer, parameter = _answer_of(model)
        if answer is None or answer == level:
            continue
        found = answer if answer == _MEAN else f"the quantile {answer!r}"
        example = f'HistGradientBoostingRegressor(loss="quantile", quantile={level!r})'
        warn(
            f"{name}, {name_of(model)}, answers {found} ({parameter}), and the student "
            f"learns the quantile {level!r} from it: give a model of this quantile, "
            f"such as {example}"
        )


def _answer_of(model: Any) -> tuple[Any, str]:
    """Return the mean or a level, and the parameter that says so. None if unknown."""
    model = last_model(model)
    package = type(model).__module__.split(".")[0]
    if package not in ("sklearn", "lightgbm") or not hasattr(model, "get_params"):
        return None, ""
    if isinstance(model, LinearRegression | Ridge):
        return _MEAN, "it minimises the squared error"
    params = model.get_params(deep=False)
    if package == "lightgbm" and params.get("objective") is None:
        params["objective"] = "regression"
    loss = next((name for name in _LOSSES if isinstance(params.get(name), str)), "")
    if isinstance(model, QuantileRegressor) or params.get(loss) == "quantile":
        level = next((name for name in _LEVELS if params.get(name) is not None), "")
        return params.get(level), f"{level}={params.get(level)!r}"
    # The loss of a model around others, such as RANSAC, is not that of its answers.
    if "estimator" in params or params.get(loss) not in _ANSWERS:
        return None, ""
    return _ANSWERS[params[loss]], f"{loss}={params[loss]!r}"
