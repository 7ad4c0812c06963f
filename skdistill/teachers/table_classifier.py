"""Common parts of classifiers of raw tables: checks of rows, and predicted labels."""

from typing import Any

from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import validate_data

from skdistill.common.checks import check_not_empty
from skdistill.tables.cells import without_mask
from skdistill.tables.in_memory import in_memory
from skdistill.tables.read import as_table
from skdistill.tables.sparse import as_csr


class TableClassifier(ClassifierMixin, BaseEstimator):
    """Base class of teachers that read raw tables and predict the likeliest class."""

    classes_: NDArray
    predict_proba: Any

    def predict(self, X: Any) -> NDArray:
        """Return the most probable class of each row.

        Parameters
        ----------
        X : table of shape (n_samples, n_features)
            Rows.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        proba = self.predict_proba(X)
        return self.classes_[proba.argmax(axis=1)]


def check_table(teacher: Any, X: Any, *, reset: bool = True) -> Any:
    """Return rows that can be cut, and check or set their number of features.

    Parameters
    ----------
    teacher : TableClassifier
    X : table of shape (n_samples, n_features)
        Rows, which may be sparse.
    reset : bool, default=True
        Whether to set the number and the names of the features, or to check them.

    Returns
    -------
    rows : DataFrame, ndarray or CSR of shape (n_samples, n_features)
    """
    X = in_memory(X)
    rows = as_csr(X) if issparse(X) else as_table(without_mask(X))
    check_not_empty(teacher, rows.shape)
    validate_data(teacher, rows, reset=reset, skip_check_array=True)
    return rows
