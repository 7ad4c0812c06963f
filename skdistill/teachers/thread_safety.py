"""Teachers that several threads may ask at the same time.

An object that says it by an attribute `thread_safe` is believed. Any other is asked in
threads only if it is known: an estimator of scikit-learn, with parameters that are
known too. Among the parameters may be functions of scikit-learn, NumPy, SciPy and
joblib, but no function of the user, in whatever it is wrapped.
"""

import sys
from functools import partial
from operator import attrgetter
from types import MethodType
from typing import Any

import numpy as np

_SAFE_PACKAGES = {"builtins", "functools", "joblib", "numpy", "scipy", "sklearn"}


def is_thread_safe(part: Any) -> bool:
    """Tell whether several threads may ask a teacher at the same time.

    Parameters
    ----------
    part : object
        Estimator, function, or the value of a parameter of one.

    Returns
    -------
    bool
        The value of its attribute `thread_safe`, if it has one. A method has that of
        its object. Otherwise, whether it and all that it holds are of scikit-learn,
        NumPy, SciPy or joblib: parameters of an estimator, the object of a method, the
        function and the arguments of a `partial`, the function in a `numpy.vectorize`.
    """
    return _is_safe(part, {})


def _is_safe(part, seen):
    """Tell it of a part. An estimator may hold itself among its parameters."""
    if id(part) in seen:
        return True
    seen[id(part)] = part
    said = getattr(part, "thread_safe", None)
    if said is None and isinstance(part, MethodType):
        said = getattr(part.__self__, "thread_safe", None)
    if isinstance(said, bool):
        return said
    return _is_known(part) and all(_is_safe(one, seen) for one in _held_by(part))


def _is_known(part):
    """Tell whether the code of a part is of a package that is safe in threads."""
    if isinstance(part, np.ufunc):
        # `numpy.frompyfunc` makes one of any function, for objects alone.
        return any("O" not in types for types in part.types)
    is_instance = not hasattr(part, "__qualname__")
    code = type(part) if is_instance else part
    module = code.__module__ or ""
    if module.partition(".")[0] not in _SAFE_PACKAGES:
        return False
    if is_instance or isinstance(part, MethodType):
        return True
    # A function of the user may have the name and the module of another.
    try:
        return attrgetter(part.__qualname__)(sys.modules.get(module)) is part
    except AttributeError:
        return False


def _held_by(part):
    """Return the objects that a part may call."""
    if isinstance(part, partial):
        return (part.func, *part.args, *part.keywords.values())
    if isinstance(part, dict):
        return part.values()
    if isinstance(part, (list, tuple, set, frozenset)):
        return part
    if isinstance(part, MethodType):
        return (part.__self__,)
    if hasattr(part, "__qualname__"):
        return ()
    if hasattr(part, "get_params"):
        return part.get_params(deep=False).values()
    return vars(part).values() if callable(part) and hasattr(part, "__dict__") else ()
