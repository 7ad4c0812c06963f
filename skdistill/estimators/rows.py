"""Checks of the rows of a user, before any work."""

from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse, vstack
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from skdistill.common.checks import check_not_empty
from skdistill.common.sklearn_compat import check_sample_weight, check_y
from skdistill.estimators.arguments import check_sparse_arguments
from skdistill.estimators.label_checks import check_labels, check_teachable
from skdistill.estimators.metadata import folds_of, route_metadata
from skdistill.estimators.monotonic import check_constrained_columns
from skdistill.inputs.standardization import LEAST_SCALE, factor_for
from skdistill.tables.cells import check_is_table, check_no_texts, without_mask
from skdistill.tables.in_memory import in_memory
from skdistill.tables.numeric import check_numeric
from skdistill.tables.read import (
    as_table,
    is_pandas,
    is_polars,
    table_shape,
)
from skdistill.tables.sparse import as_csr, summed
from skdistill.tables.write import concatenate
from skdistill.teachers.resolve import is_used_as_given

# Arguments of scikit-learn's checks of sparse rows. CSR, since rows can be selected.
AS_SPARSE = {"accept_sparse": "csr", "dtype": [np.float64, np.float32]}


class CheckedRows(NamedTuple):
    """The rows of a user after all checks.

    Attributes
    ----------
    X : table of shape (n_samples, n_features)
        Given rows as the teacher takes them; sparse ones as CSR.
    table : DataFrame, ndarray or CSR of shape (n_samples, n_features)
        Given rows as the student takes them.
    y : ndarray of shape (n_samples,) or None
        Labels.
    weights : ndarray of shape (n_samples,)
        Weights of the rows.
    unlabeled : table of shape (n_unlabeled, n_features) or None
        Rows without labels as the teacher takes them.
    all_rows : table of shape (n_samples + n_unlabeled, n_features)
        Given rows, then those without labels, as the student takes them.
    folds : list of tuple, "auto", "oob" or None
        Rows to fit clones of the teacher on, and rows that they answer for, for each
        fold of `cv`.
    fit_params : dict
        Arguments for the `fit` of a teacher that is fitted here.
    groups : ndarray of shape (n_samples,), int, or None
        Number of the group of each row, if the splitter `cv` keeps groups together.
    """

    X: Any
    table: Any
    y: Any
    weights: np.ndarray
    unlabeled: Any
    all_rows: Any
    folds: Any
    fit_params: dict
    groups: Any = None


def check_rows(estimator, X, y, sample_weight, X_unlabeled, params):
    """Check all rows of a fit, and set the names and number of their features.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator that is fitted. It gets `n_features_in_` and, from a frame,
        `feature_names_in_`.
    X : table of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or None
    sample_weight : array-like of shape (n_samples,) or None
    X_unlabeled : table of shape (n_unlabeled, n_features) or None
    params : dict or None
        Other arguments of `fit`, for the teacher and for the splitter.

    Returns
    -------
    rows : CheckedRows

    Raises
    ------
    ValueError
        If the student cannot take X, if `monotonic_cst` does not fit X, if y holds no
        labels, or if weights or rows without labels do not fit X.
    """
    X, y, sample_weight = map(in_memory, (X, y, sample_weight))
    X_unlabeled = in_memory(_whole_table(X_unlabeled))
    if y is not None:
        check_labels(y)
    if issparse(X):
        check_sparse_arguments(estimator)
        X = summed(as_csr(X))  # In this format rows can be selected.
    plain = estimator.encoder is None
    if not plain:
        # The teacher gets NaN for hidden values too. Most models do not see a mask.
        X, X_unlabeled = without_mask(X), without_mask(X_unlabeled)
    table, y = _check_table(estimator, X, y, plain=plain)
    check_constrained_columns(estimator, table)
    if not is_used_as_given(estimator.teacher):
        check_teachable(y)
    weights = check_weights(sample_weight, X)
    unlabeled, all_rows = None, table
    if X_unlabeled is not None:
        checked = _check_unlabeled(estimator, X_unlabeled, plain=plain)
        if issparse(table) != issparse(checked):
            raise ValueError(
                "X and X_unlabeled differ: one is sparse and the other is not. Give "
                "both sparse, or both dense"
            )
        if issparse(table):
            unlabeled = checked
            all_rows = vstack([table, unlabeled], format="csr")
        else:
            unlabeled = X_unlabeled
            all_rows = concatenate(table, checked)
    given_weights = None if sample_weight is None else weights
    metadata = route_metadata(estimator, given_weights, params)
    folds = folds_of(estimator.cv, X, y, metadata.split)
    groups = metadata.split.get("groups")
    if groups is not None:
        groups = np.unique(np.asarray(groups), return_inverse=True)[1]
    return CheckedRows(
        X, table, y, weights, unlabeled, all_rows, folds, metadata.fit, groups
    )


@contextmanager
def huge_integers_refused():
    """Return a context that raises a ValueError if an integer is beyond all floats."""
    try:
        yield
    except OverflowError as error:
        raise ValueError(
            f"X holds an integer that is too large for a float ({error}): give numbers "
            "up to 3.4e38 in size"
        ) from error


def _check_numbers(estimator, X, y):
    """Check features and labels, and set the names and number of the features.

    Parameters
    ----------
    estimator : estimator
        Estimator that is fitted. It gets `n_features_in_` and, from a frame,
        `feature_names_in_`.
    X : array-like or sparse matrix of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or None

    Returns
    -------
    features : ndarray or CSR of shape (n_samples, n_features), float64 or float32
    y : ndarray of shape (n_samples,) or None

    Raises
    ------
    ValueError
        If X is not a table of finite numbers, or if y holds no labels.
    """
    if not issparse(X):
        check_no_texts(X)
        check_is_table(X)
    arguments = {"X": X} if y is None else {"X": X, "y": y}
    check_numeric(X)
    with huge_integers_refused(), _missing_explained():
        checked = validate_data(estimator, **arguments, **AS_SPARSE)
    features, y = (checked, None) if y is None else checked
    _check_single_precision(features, "X")
    if y is not None:
        y = column_or_1d(y)
        check_classification_targets(y)
    return features, y


@contextmanager
def _missing_explained():
    """Return a context that adds the remedy to an error on missing values."""
    try:
        yield
    except ValueError as error:
        first, *_ = str(error).splitlines()
        if "X contains NaN" not in first:
            raise
        raise ValueError(
            f"{first} With encoder=None the student takes no missing values. Give "
            'encoder="auto", which takes them in a dense table, or impute them first'
        ) from error


def _check_single_precision(features, name):
    """Raise if a number is too large for single precision, or if all are too small."""
    greatest = max(abs(features.max()), abs(features.min()))
    if 0 < greatest < LEAST_SCALE:
        raise ValueError(
            f"{name} holds no value above {greatest:.4g} in size, too small for "
            "float32, in which the student computes: multiply it by a number first, "
            f"for example by {factor_for(greatest):.0e}"
        )
    if greatest > np.finfo(np.float32).max:
        raise ValueError(
            f"{name} holds a value of size {greatest:.4g}, too large for float32, in "
            "which the student computes"
        )


def _check_table(estimator, X, y, *, plain):
    """Check a raw table and labels, and set the names and number of the features.

    Parameters
    ----------
    estimator : estimator
        Estimator that is fitted. It gets `n_features_in_` and, from a frame,
        `feature_names_in_`.
    X : table of shape (n_samples, n_features)
    y : array-like of shape (n_samples,) or None
    plain : bool
        Whether X must hold only finite numbers.

    Returns
    -------
    table : DataFrame, ndarray or CSR of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or None

    Raises
    ------
    ValueError
        If X is not such a table, or if y holds no labels.
    """
    if plain or issparse(X):
        features, y = _check_numbers(estimator, X, y)
        # If the user gives a frame, the teacher gets frames too.
        return X if is_pandas(X) or is_polars(X) else features, y
    table = as_table(X)
    table_shape(table)  # Raises unless the columns can be read.
    check_not_empty(estimator, np.shape(table))
    validate_data(estimator, table, skip_check_array=True)
    if y is not None:
        y = check_y(y, estimator=estimator)
        check_classification_targets(y)
        check_consistent_length(table, y)
    return table, y


def _whole_table(X_unlabeled):
    """Return the table that a tuple or a list holds alone, or the table itself.

    The cells of a row are no tables, so no list of rows is taken for such a tuple.
    """
    if isinstance(X_unlabeled, tuple | list) and len(X_unlabeled) == 1:
        (alone,) = X_unlabeled
        if issparse(alone) or is_pandas(alone) or is_polars(alone):
            return alone
        if len(np.shape(alone)) == 2:
            return alone
    return X_unlabeled


def _check_unlabeled(estimator, X_unlabeled, *, plain):
    """Return unlabelled rows as a table, and check that it has the columns of X.

    Parameters
    ----------
    estimator : estimator
        Estimator with `n_features_in_` and, from a frame, `feature_names_in_`.
    X_unlabeled : table of shape (n_unlabeled, n_features)
    plain : bool
        Whether it must hold only finite numbers.

    Returns
    -------
    table : DataFrame, ndarray or CSR of shape (n_unlabeled, n_features)

    Raises
    ------
    ValueError
        If it has no rows, or other columns than X.
    """
    sparse = issparse(X_unlabeled)
    try:
        if sparse:
            table = X_unlabeled = summed(as_csr(X_unlabeled, "X_unlabeled"))
        else:
            if plain:
                check_numeric(X_unlabeled)
            table = as_table(X_unlabeled)
        n_rows, n_features = table.shape if sparse else table_shape(table)
    except ValueError as error:
        raise ValueError(f"X_unlabeled is not a table like X: {error}") from error
    if n_rows == 0:
        raise ValueError("X_unlabeled has no rows: leave it out")
    names = getattr(estimator, "feature_names_in_", None)
    given = getattr(X_unlabeled, "columns", None)
    if n_features != estimator.n_features_in_:
        known = names is not None and given is not None
        lacking = [name for name in names if name not in set(given)] if known else []
        raise ValueError(
            f"X_unlabeled has {n_features} features, and X has "
            f"{estimator.n_features_in_}: give the same columns"
            + (f". X_unlabeled lacks {lacking!r:.200}" if lacking else "")
        )
    if names is not None and given is not None and list(given) != list(names):
        raise ValueError(
            f"the columns of X_unlabeled are {list(given)!r:.200}, and those of X are "
            f"{list(names)!r:.200}: give the same columns in the same order"
        )
    if plain or sparse:
        features = check_array(X_unlabeled, input_name="X_unlabeled", **AS_SPARSE)
        _check_single_precision(features, "X_unlabeled")
    return table


def check_weights(sample_weight, X):
    """Return the weights of rows, and check that they can be used.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,) or None
        Weights of the rows. None stands for equal weights.
    X : ndarray of shape (n_samples, n_features)

    Returns
    -------
    weights : ndarray of shape (n_samples,)

    Raises
    ------
    ValueError
        If a weight is negative or hidden, or if all are zero.
    """
    if np.ma.is_masked(sample_weight):
        hidden = np.flatnonzero(np.ma.getmaskarray(sample_weight))
        raise ValueError(
            f"sample_weight hides {hidden.size} of its values, the first of them of "
            f"row {hidden[0]}: give each row a weight. A row of weight 0 does not count"
        )
    weights = check_sample_weight(
        sample_weight, X, dtype=np.float64, ensure_non_negative=True
    )
    if not weights.any():
        raise ValueError(
            "sample_weight is zero for all rows: at least one must be above zero"
        )
    return weights
