"""Checks of the arguments of a fit."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skdistill.common.sklearn_compat import check_sample_weight, check_y
from skdistill.tables.read import as_table, is_pandas, is_polars, table_shape

# How scikit-learn is to check sparse rows: CSR, in which rows can be taken.
AS_SPARSE = {"accept_sparse": "csr", "dtype": [np.float64, np.float32]}


def check_rows(estimator, X, y):
    """Check features and labels, and note names and number of the features.

    Parameters
    ----------
    estimator : estimator
        Gets `n_features_in_` and, from a frame, `feature_names_in_`.
    X : array-like or sparse matrix of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or None

    Returns
    -------
    features : ndarray or CSR of shape (n_samples, n_features), float64 or float32
    y : ndarray of shape (n_samples,) or None

    Raises
    ------
    ValueError
        Where X is no table of finite numbers, or y no labels.
    """
    arguments = {"X": X} if y is None else {"X": X, "y": y}
    try:
        checked = validate_data(estimator, **arguments, **AS_SPARSE)
    except ValueError as error:
        if "could not convert string" not in str(error):
            raise
        raise ValueError(
            f"X holds text ({error}), and the student takes numbers: encode such "
            "columns first, for example by sklearn.preprocessing.OneHotEncoder"
        ) from error
    features, y = (checked, None) if y is None else checked
    _check_single_precision(features, "X")
    if y is not None:
        y = column_or_1d(y)
        check_classification_targets(y)
    return features, y


def _check_single_precision(features, name):
    """Raise where a number is beyond single precision."""
    greatest = max(abs(features.max()), abs(features.min()))
    if greatest > np.finfo(np.float32).max:
        raise ValueError(
            f"{name} holds a value of size {greatest:.4g}, too large for float32, in "
            "which the student computes"
        )


def check_table(estimator, X, y, *, plain):
    """Check a raw table and labels, and note names and number of the features.

    Parameters
    ----------
    estimator : estimator
        Gets `n_features_in_` and, from a frame, `feature_names_in_`.
    X : table of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or None
    plain : bool
        Whether X holds finite numbers alone.

    Returns
    -------
    table : DataFrame, ndarray or CSR of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or None

    Raises
    ------
    ValueError
        Where X is no such table, or y no labels.
    """
    if plain or issparse(X):
        features, y = check_rows(estimator, X, y)
        # A teacher that was given a frame is asked about frames.
        return X if is_pandas(X) or is_polars(X) else features, y
    table = as_table(X)
    n_samples, n_features = table_shape(table)
    if not n_samples or not n_features:
        counted = "sample(s)" if n_features else "feature(s)"
        raise ValueError(
            f"Found array with 0 {counted} (shape={np.shape(table)}) while a "
            f"minimum of 1 is required by {type(estimator).__name__}."
        )
    validate_data(estimator, table, skip_check_array=True)
    if y is not None:
        y = check_y(y, estimator=estimator)
        check_classification_targets(y)
        check_consistent_length(table, y)
    return table, y


def check_unlabeled(estimator, X_unlabeled, *, plain):
    """Return unlabelled rows as a table; raise unless it has the columns of X.

    Parameters
    ----------
    estimator : estimator
        With `n_features_in_` and, from a frame, `feature_names_in_`.
    X_unlabeled : table of shape (n_unlabeled, n_features)
    plain : bool
        Whether it holds finite numbers alone.

    Returns
    -------
    table : DataFrame, ndarray or CSR of shape (n_unlabeled, n_features)
    """
    sparse = issparse(X_unlabeled)
    try:
        table = X_unlabeled.tocsr() if sparse else as_table(X_unlabeled)
        n_rows, n_features = table.shape if sparse else table_shape(table)
    except ValueError as error:
        raise ValueError(f"X_unlabeled is no table like X: {error}") from error
    if n_rows == 0:
        raise ValueError("X_unlabeled has no rows: leave it out")
    if n_features != estimator.n_features_in_:
        raise ValueError(
            f"X_unlabeled has {n_features} features, and X {estimator.n_features_in_}"
        )
    names = getattr(estimator, "feature_names_in_", None)
    given = getattr(X_unlabeled, "columns", None)
    if names is not None and given is not None and list(given) != list(names):
        raise ValueError(
            f"the columns of X_unlabeled are {list(given)!r:.200}, and those of X "
            f"{list(names)!r:.200}: they need the same order"
        )
    if plain or sparse:
        features = check_array(X_unlabeled, input_name="X_unlabeled", **AS_SPARSE)
        _check_single_precision(features, "X_unlabeled")
    return table


def check_weights(sample_weight, X):
    """Return a weight for each row, none negative and not all zero.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,) or None
    X : ndarray of shape (n_samples, n_features)

    Returns
    -------
    weights : ndarray of shape (n_samples,)
    """
    weights = check_sample_weight(
        sample_weight, X, dtype=np.float64, ensure_non_negative=True
    )
    if not weights.any():
        raise ValueError("sample_weight is zero for all rows: one needs a weight")
    return weights


def class_factors(class_weight, classes, labels, weights):
    """Return the factor of each class in the weight of a row.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
        A class that a dict does not name has the factor 1. "balanced" makes the
        weights of all classes that there are add up to the same.
    classes : ndarray of shape (n_classes,)
    labels : ndarray of shape (n_samples,), int
        Column numbers; empty without labels.
    weights : ndarray of shape (n_samples,)

    Returns
    -------
    factors : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        Where a factor is negative or not finite, all are zero, or a dict names
        a class that is not there.
    """
    factors = np.ones(len(classes))
    if class_weight is None:
        return factors
    if isinstance(class_weight, str):
        if labels.size == 0:
            return factors
        totals = np.bincount(labels, weights=weights, minlength=len(classes))
        present = totals > 0
        factors[present] = totals.sum() / (present.sum() * totals[present])
        return factors
    columns = {label: column for column, label in enumerate(classes.tolist())}
    for label, factor in class_weight.items():
        if label not in columns:
            raise ValueError(
                f"class_weight names {label!r}, which is not among the classes "
                f"{classes.tolist()!r:.200}"
            )
        if not (np.isfinite(factor) and factor >= 0):
            raise ValueError(
                f"class_weight has {factor} for {label!r}: factors are finite and not "
                "negative"
            )
        factors[columns[label]] = factor
    if labels.size and not (weights * factors[labels]).any():
        raise ValueError(
            f"class_weight={class_weight!r:.200} gives all rows a weight of zero"
        )
    return factors


def column_numbers(y, classes):
    """Return the column of each label.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or None
    classes : ndarray of shape (n_classes,)
        In any order; they hold all labels of y.

    Returns
    -------
    columns : ndarray of shape (n_samples,), int, or None
    """
    if y is None:
        return None
    order = np.argsort(classes)
    return order[np.searchsorted(classes, y, sorter=order)]
