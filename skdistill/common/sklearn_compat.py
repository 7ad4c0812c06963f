"""Names of scikit-learn that are undocumented, or that differ between its versions.

All other files import these names from here. So a new version of scikit-learn changes
one file.
"""

from sklearn.base import _fit_context as fit_context
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._param_validation import (
    HasMethods,
    Hidden,
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
        """Empty class in place of scikit-learn's."""


try:
    from sklearn.utils._repr_html.estimator import _VisualBlock as VisualBlock
except ImportError:  # scikit-learn before 1.7
    from sklearn.utils._estimator_html_repr import _VisualBlock as VisualBlock

__all__ = [
    "CallbackSupportMixin",
    "HasMethods",
    "Hidden",
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
    """Return the context that reports a fit to callbacks.

    Parameters
    ----------
    estimator : CallbackSupportMixin
    n_parts : int
        Greatest number of parts that the fit may have.

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
    """Return the sample weights with which an ensemble drew its samples.

    Parameters
    ----------
    ensemble : estimator
        Fitted ensemble.

    Returns
    -------
    weights : ndarray of shape (n_samples,) or None
        Sample weights. None if the ensemble was fitted without weights, or does not
        keep them.
    """
    return getattr(ensemble, "_sample_weight", None)


def rows_of_fit(ensemble, default):
    """Return the number of rows that an ensemble was fitted on.

    Parameters
    ----------
    ensemble : estimator
        Fitted ensemble.
    default : int
        Number to return if the ensemble does not keep it.

    Returns
    -------
    n_samples : int
    """
    return getattr(ensemble, "_n_samples", default)
