"""The last hidden layer of a model with scikit-learn's interface.

A model shows its hidden layer by a method ``hidden(X)``, as the adapters of other
libraries do. The networks of scikit-learn have no such method, and their weights serve
instead. In a pipeline, a search or a `FrozenEstimator`, the model inside counts.
"""

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from scipy.special import expit
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

_NETWORKS = ("MLPClassifier", "MLPRegressor")
_ACTIVATIONS = {
    "identity": lambda values: values,
    "logistic": expit,
    "relu": lambda values: np.maximum(values, 0.0),
    "tanh": np.tanh,
}


def has_hidden_layer(model: Any) -> bool:
    """Tell whether a model, fitted or not, shows a hidden layer.

    Parameters
    ----------
    model : object

    Returns
    -------
    bool
    """
    _, last = _take_apart(model)
    if _is_network(last):
        return np.size(last.hidden_layer_sizes) > 0
    return callable(getattr(last, "hidden", None))


def hidden_values(model: Any, X: Any) -> Any:
    """Return the values of the units of a model's last hidden layer.

    Parameters
    ----------
    model : object
        Fitted model.
    X : table of shape (n_samples, n_features)

    Returns
    -------
    values : array-like of shape (n_samples, n_units), or None
        None if the model shows no hidden layer.
    """
    if not has_hidden_layer(model):
        return None
    steps, last = _take_apart(model)
    for step in steps:
        X = step.transform(X)
    return _network_values(last, X) if _is_network(last) else last.hidden(X)


def check_hidden(values: ArrayLike, n_rows: int, name: str) -> NDArray[np.float32]:
    """Check the values of the units of a teacher's hidden layer.

    Parameters
    ----------
    values : array-like of shape (n_rows, n_units)
    n_rows : int
        Number of rows that the teacher was asked about.
    name : str
        Name of the teacher.

    Returns
    -------
    values : ndarray of shape (n_rows, n_units), float32

    Raises
    ------
    ValueError
        If the shape is another one, or if a value is not a finite number.
    """
    values = np.asarray(values)
    whose = f"the hidden layer of the teacher, {name},"
    if values.ndim != 2 or len(values) != n_rows or values.shape[1] == 0:
        raise ValueError(
            f"{whose} has the shape {values.shape} for {n_rows} rows: it must be "
            f"({n_rows}, number of units)"
        )
    if values.dtype.kind not in "biuf":
        raise ValueError(f"{whose} holds {values.dtype}: it must hold numbers")
    with np.errstate(over="ignore"):
        values = values.astype(np.float32)
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if bad.size:
        raise ValueError(
            f"{whose} has a value in row {bad[0]} that is NaN, infinite or beyond the "
            "range of float32: it must hold finite numbers"
        )
    return values


def _take_apart(model: Any) -> tuple[list[Any], Any]:
    """Return the steps before the last model, in order, and the last model."""
    steps = []
    while True:
        if isinstance(model, Pipeline):
            if len(model.steps) > 1:
                steps.append(model[:-1])
            model = model.steps[-1][1]
        elif hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        elif isinstance(model, FrozenEstimator) or _is_open_search(model):
            model = model.estimator
        else:
            return steps, model


def _is_open_search(model: Any) -> bool:
    """Tell whether a model is a search of scikit-learn's that is not fitted."""
    return hasattr(model, "estimator") and hasattr(model, "refit")


def _is_network(model: Any) -> bool:
    """Tell whether a model is one of scikit-learn's networks."""
    # Their module is not imported for this: without one, there is no network either.
    module: Any = sys.modules.get("sklearn.neural_network")
    networks = tuple(getattr(module, name) for name in _NETWORKS) if module else ()
    return isinstance(model, networks)


def _network_values(network: Any, X: Any) -> NDArray[Any]:
    """Return the values of the last hidden layer of a network of scikit-learn's."""
    activate = _ACTIVATIONS[network.activation]
    values = X if issparse(X) else np.asarray(X)
    for weights, bias in zip(network.coefs_[:-1], network.intercepts_, strict=False):
        values = activate(values @ weights + bias)
    return values
