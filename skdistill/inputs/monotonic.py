"""Columns that a student may only rise in, or only fall in."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.input_code import InputCode

# Number of columns that a message names.
_MOST_NAMES = 10

_MEANING = "1 for a probability that only rises, -1 for one that only falls, 0 for none"


def is_constrained(monotonic_cst: Any) -> bool:
    """Tell whether any column has a constraint.

    Parameters
    ----------
    monotonic_cst : array-like of shape (n_features,), dict or None
        Parameter of the estimator, not checked yet.

    Returns
    -------
    is_constrained : bool
    """
    if monotonic_cst is None:
        return False
    signs = monotonic_cst
    if isinstance(monotonic_cst, Mapping):
        signs = list(monotonic_cst.values())
    values = np.asarray(signs, dtype=object).ravel()
    return not all(_is_number(value) and value == 0 for value in values)


def column_signs(
    monotonic_cst: Any, n_features: int, feature_names: Any = None
) -> NDArray[np.int8] | None:
    """Return the sign of each column's slope.

    Parameters
    ----------
    monotonic_cst : array-like of shape (n_features,), dict or None
        Parameter of the estimator: a sign for each column, or signs by name.
    n_features : int
        Number of columns of X.
    feature_names : ndarray of shape (n_features,) of str, default=None
        Names of the columns. None if X has none.

    Returns
    -------
    signs : ndarray of shape (n_features,), int8, or None
        1 if the student only rises in the column, -1 if it only falls, 0 if it may do
        both. None if no column has a constraint.

    Raises
    ------
    ValueError
        If a value is none of -1, 0 and 1, if their number differs from the number of
        columns, if a name is unknown, or if there are names but X has none.

    Examples
    --------
    >>> from skdistill.inputs.monotonic import column_signs
    >>> column_signs({"income": 1}, 2, ["age", "income"])
    array([0, 1], dtype=int8)
    """
    if monotonic_cst is None:
        return None
    if isinstance(monotonic_cst, Mapping):
        values = _by_name(monotonic_cst, feature_names)
    else:
        values = np.asarray(monotonic_cst, dtype=object)
    if values.shape != (n_features,):
        raise ValueError(
            f"monotonic_cst has shape {values.shape}, and X has {n_features} columns: "
            f"give one number for each column ({_MEANING})"
        )
    for column, value in enumerate(values):
        if not _is_number(value) or value not in (-1, 0, 1):
            name = column if feature_names is None else repr(feature_names[column])
            raise ValueError(
                f"monotonic_cst is {value!r:.100} for column {name} of X: give -1, 0 "
                f"or 1 ({_MEANING})"
            )
    signs = values.astype(np.int8)
    return signs if signs.any() else None


def signs_of(estimator: Any) -> NDArray[np.int8] | None:
    """Return the `column_signs` of an estimator that knows its features.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator with its parameters, `n_features_in_` and `feature_names_in_`.

    Returns
    -------
    signs : ndarray of shape (n_features,), int8, or None
    """
    names = getattr(estimator, "feature_names_in_", None)
    return column_signs(estimator.monotonic_cst, estimator.n_features_in_, names)


def row_signs(
    signs: NDArray[np.int8], code: InputCode
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return the sign of each row of a first layer's weights.

    The weights of a column with knots are its slope and a step at each knot. If none of
    them is negative, its curve only rises. Missing values have a weight of their own,
    without a constraint.

    Parameters
    ----------
    signs : ndarray of shape (n_features,), int8
        Sign of each column. Columns of levels have none.
    code : InputCode

    Returns
    -------
    linear : ndarray of shape (n_linear,), int8
        Signs of the weights of numbers without knots.
    codes : ndarray of shape (n_rows,), int8
        Signs of the rows of the knot table.
    """
    codes = np.zeros(code.n_rows, dtype=np.int8)
    # The scores of a text have no sign.
    signs = np.append(signs, np.zeros(code.n_numbers - code.n_features, np.int8))
    for feature, start, knots in zip(
        code.knotted, code.starts, code.knots, strict=False
    ):
        codes[start : start + knots.size] = signs[feature]
    return signs[code.linear], codes


def _is_number(value):
    """Tell whether a value can be compared with numbers, unlike pandas' NA."""
    return isinstance(value, Real | np.bool_)


def _by_name(signs, feature_names):
    """Return the value of each column, 0 for those without a name in a dictionary."""
    if feature_names is None:
        raise ValueError(
            f"monotonic_cst={dict(signs)!r:.100} has names of columns, and X has none: "
            "give X as a frame whose names are text, or give one number for each column"
        )
    names = list(feature_names)
    unknown = [name for name in signs if name not in names]
    if unknown:
        listed = ", ".join(repr(name) for name in unknown[:_MOST_NAMES])
        raise ValueError(
            f"monotonic_cst names columns that X does not have: {listed}. The columns "
            f"of X are {names!r:.200}"
        )
    values = np.zeros(len(names), dtype=object)
    for name, sign in signs.items():
        values[names.index(name)] = sign
    return values
