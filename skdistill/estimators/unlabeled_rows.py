"""Checks of rows without labels: they have the columns of X."""

from scipy.sparse import issparse
from sklearn.utils import check_array

from skdistill.estimators.number_checks import AS_SPARSE, check_single_precision
from skdistill.tables.numeric import check_numeric
from skdistill.tables.read import as_table, table_shape
from skdistill.tables.sparse import as_csr, summed


def check_unlabeled(estimator, X_unlabeled, table, name, *, plain):
    """Return unlabelled rows as a table, and check that it has the columns of X.

    Parameters
    ----------
    estimator : estimator
        Estimator with `n_features_in_` and, from a frame, `feature_names_in_`.
    X_unlabeled : table of shape (n_unlabeled, n_features)
    table : DataFrame, ndarray or CSR of shape (n_samples, n_features)
        Checked rows of X.
    name : str
        Name of the unlabelled rows in errors.
    plain : bool
        Whether it must hold only finite numbers.

    Returns
    -------
    table : DataFrame, ndarray or CSR of shape (n_unlabeled, n_features)

    Raises
    ------
    ValueError
        If it has no rows, or other columns than X, or if only one of both is sparse.
    """
    sparse = issparse(X_unlabeled)
    try:
        if sparse:
            unlabeled = X_unlabeled = summed(as_csr(X_unlabeled, name))
        else:
            if plain:
                check_numeric(X_unlabeled)
            unlabeled = as_table(X_unlabeled)
        n_rows, n_features = unlabeled.shape if sparse else table_shape(unlabeled)
    except ValueError as error:
        raise ValueError(f"{name} is not a table like X: {error}") from error
    if n_rows == 0:
        raise ValueError(f"{name} has no rows: leave it out")
    names = getattr(estimator, "feature_names_in_", None)
    given = getattr(X_unlabeled, "columns", None)
    if n_features != estimator.n_features_in_:
        known = names is not None and given is not None
        lacking = [name for name in names if name not in set(given)] if known else []
        raise ValueError(
            f"{name} has {n_features} features, and X has "
            f"{estimator.n_features_in_}: give the same columns"
            + (f". {name} lacks {lacking!r:.200}" if lacking else "")
        )
    if names is not None and given is not None and list(given) != list(names):
        raise ValueError(
            f"the columns of {name} are {list(given)!r:.200}, and those of X are "
            f"{list(names)!r:.200}: give the same columns in the same order"
        )
    if plain or sparse:
        features = check_array(X_unlabeled, input_name=name, **AS_SPARSE)
        check_single_precision(features, name)
    if issparse(table) != sparse:
        raise ValueError(
            f"X and {name} differ: one is sparse and the other is not. Give both "
            "sparse, or both dense"
        )
    return unlabeled
