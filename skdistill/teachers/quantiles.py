"""One model for each quantile, together as one teacher."""

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from skdistill.teachers.models import as_adapter
from skdistill.teachers.scikit_learn import is_fitted
from skdistill.teachers.thread_safety import is_thread_safe


class QuantileModels(RegressorMixin, BaseEstimator):
    """Models of quantiles as one regressor, with a column for each quantile.

    An estimator makes it of a dict that is given as the teacher, and publishes it as
    `teacher_`.

    Parameters
    ----------
    models : dict of float to model
        Model of each quantile, by its level, in ascending order of the levels.

    Attributes
    ----------
    models_ : dict of float to model
        Fitted models.
    """

    def __init__(self, models: dict[float, Any]) -> None:
        self.models = models

    @classmethod
    def of(cls, models: Mapping) -> Self:
        """Return the regressor of a dict of models. It is fitted if they all are."""
        made = cls(dict(sorted(models.items())))
        if all(map(is_fitted, models.values())):
            made.models_ = made.models
        return made

    @classmethod
    def boosted(cls, levels: Iterable[float]) -> Self:
        """Return unfitted boosted trees for each level."""
        return cls(
            {
                level: HistGradientBoostingRegressor(loss="quantile", quantile=level)
                for level in sorted(levels)
            }
        )

    @property
    def levels(self) -> tuple[float, ...]:
        """Levels of the quantiles, ascending."""
        return tuple(map(float, self.models))

    @property
    def thread_safe(self) -> bool:
        """Whether several threads may ask all models."""
        return all(map(is_thread_safe, vars(self).get("models_", self.models).values()))

    def fit(self, X: Any, y: Any, **fit_params: Any) -> Self:
        """Fit a clone of each model.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        **fit_params : dict
            Arguments for the `fit` of each model.

        Returns
        -------
        self : estimator
        """
        self.models_ = {
            level: clone(model).fit(X, y, **fit_params)
            for level, model in self.models.items()
        }
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return the quantiles of each row.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)

        Returns
        -------
        quantiles : ndarray of shape (n_samples, n_quantiles)
            A column for each quantile, in ascending order of the levels.

        Raises
        ------
        ValueError
            If a model answers with more than one number a row.
        """
        check_is_fitted(self)
        columns = [
            _one_column(_ask(model, X), level) for level, model in self.models_.items()
        ]
        return np.column_stack(columns)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters.

        Parameters
        ----------
        deep : bool, default=True
            Whether to add each model by its level, and its parameters, such as
            ``0.05__random_state``.

        Returns
        -------
        params : dict
        """
        params = super().get_params(deep=False)
        if deep:
            for level, model in self.models.items():
                params[str(level)] = model
                inner = model.get_params() if hasattr(model, "get_params") else {}
                params |= {f"{level}__{name}": inner[name] for name in inner}
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters of the models.

        Parameters
        ----------
        **params : dict
            Values by names such as ``0.05__random_state``.

        Returns
        -------
        self : estimator
        """
        by_name = {str(level): model for level, model in self.models.items()}
        for name, value in params.items():
            level, has_name, inner = name.partition("__")
            if has_name and level in by_name:
                by_name[level].set_params(**{inner: value})
            else:
                super().set_params(**{name: value})
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "models_")

    def __sklearn_clone__(self) -> Self:
        models = {level: clone(model) for level, model in self.models.items()}
        return type(self)(models)


def _ask(model, X):
    """Return the answers of a model: by its adapter, its `predict`, or a call of it."""
    adapter = as_adapter(model)
    if adapter is not None:
        return adapter.of_kind("numbers").raw_outputs(X)
    return model.predict(X) if hasattr(model, "predict") else model(X)


def _one_column(answers, level):
    """Return the answers of a model of one quantile as a column."""
    answers = np.asarray(answers)
    if answers.ndim == 2 and answers.shape[1] == 1:
        return answers[:, 0]
    if answers.ndim != 1:
        raise ValueError(
            f"the teacher's model of the quantile {level} answers with shape "
            f"{answers.shape}: give a model with one number a row"
        )
    return answers


def are_quantiles(given: Any) -> bool:
    """Tell whether a teacher is a dict whose keys are numbers, as levels are.

    Parameters
    ----------
    given : object
        Teacher as a user gives it.

    Returns
    -------
    bool
    """
    return (
        isinstance(given, Mapping)
        and len(given) > 0
        and all(isinstance(level, Real) for level in given)
    )


def as_one_model(given: Any) -> Any:
    """Return a dict of models of quantiles as one regressor.

    Parameters
    ----------
    given : object
        Teacher as a user gives it.

    Returns
    -------
    model : object
        The teacher itself, unless it is such a dict.
    """
    return QuantileModels.of(given) if are_quantiles(given) else given


def parts_of(teacher: Any) -> list[Any]:
    """Return the models that make up a teacher: those of quantiles, or itself.

    Parameters
    ----------
    teacher : object
        Teacher as a user gives it, or as one model.
    """
    teacher = as_one_model(teacher)
    is_several = isinstance(teacher, QuantileModels)
    return list(teacher.models.values()) if is_several else [teacher]


def takes_fit_parameter(teacher: Any, name: str) -> bool:
    """Tell whether the `fit` of a teacher, or of each of its models, has a parameter.

    Parameters
    ----------
    teacher : estimator
    name : str
    """
    return all(has_fit_parameter(part, name) for part in parts_of(teacher))


def check_levels(teacher: Any, levels: tuple[float, ...] | None) -> None:
    """Raise if a dict of models has other levels than the quantiles to learn.

    Parameters
    ----------
    teacher : object
        Teacher as a user gives it.
    levels : tuple of float or None
        Levels of the quantiles to learn. None if something else is learned.

    Raises
    ------
    ValueError
        The message names both.
    """
    if not are_quantiles(teacher):
        return
    known = sorted(teacher)
    if levels is None:
        raise ValueError(
            f"teacher holds models of the quantiles {known!r:.100}, and other numbers "
            f'are learned: give loss="quantile", quantile={known!r:.100}'
        )
    if known != sorted(levels):
        raise ValueError(
            f"teacher holds models of the quantiles {known!r:.100}, and quantile is "
            f"{list(levels)!r:.100}: set quantile={known!r:.100}, or give a model for "
            "each level of quantile"
        )
