"""Names of scikit-learn that its documentation does not list, and those that moved.

All other files take them from here, so that a new version of scikit-learn is met in one
place.
"""

from sklearn.base import _fit_context as fit_context
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    Options,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils._user_interface import _print_elapsed_time as print_elapsed_time
from sklearn.utils.validation import (
    _check_feature_names_in as check_feature_names_in,
)
from sklearn.utils.validation import _check_method_params as check_method_params
from sklearn.utils.validation import _check_sample_weight as check_sample_weight
from sklearn.utils.validation import _check_y as check_y
from sklearn.utils.validation import _num_samples as num_samples

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # scikit-learn before 1.9 has no callbacks.

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands for scikit-learn's."""


try:
    from sklearn.utils._repr_html.estimator import _VisualBlock as VisualBlock
except ImportError:  # scikit-learn before 1.7
    from sklearn.utils._estimator_html_repr import _VisualBlock as VisualBlock

__all__ = [
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "Options",
    "StrOptions",
    "VisualBlock",
    "check_feature_names_in",
    "check_method_params",
    "check_sample_weight",
    "check_y",
    "fit_context",
    "fit_weights",
    "make_callback_context",
    "num_samples",
    "print_elapsed_time",
    "rows_of_fit",
    "safe_indexing",
    "validate_parameter_constraints",
    "validate_parameters",
]


def make_callback_context(estimator, n_parts):
    """Return the context in which callbacks are told of a fit.

    Parameters
    ----------
    estimator : CallbackSupportMixin
    n_parts : int
        The most parts that the fit may have.

    Returns
    -------
    context : CallbackContext or None
        None if the estimator has no callbacks.
    """
    if not getattr(estimator, "_skl_callbacks", None):
        return None
    return estimator._init_callback_context(max_subtasks=n_parts)


def validate_parameters(estimator):
    """Raise if a parameter of an estimator breaks its declared constraints.

    Parameters
    ----------
    estimator : estimator
    """
    estimator._validate_params()


def fit_weights(ensemble):
    """Return the weights by which an ensemble drew its samples.

    Parameters
    ----------
    ensemble : estimator
        Fitted.

    Returns
    -------
    weights : ndarray of shape (n_samples,) or None
        None if the ensemble was fitted without weights, or keeps none.
    """
    return getattr(ensemble, "_sample_weight", None)


def rows_of_fit(ensemble, default):
    """Return the number of rows that an ensemble was fitted on.

    Parameters
    ----------
    ensemble : estimator
        Fitted.
    default : int
        The answer for an ensemble that does not keep the number.

    Returns
    -------
    n_samples : int
    """
    return getattr(ensemble, "_n_samples", default)
