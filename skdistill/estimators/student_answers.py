"""The questions of a user to the student of a fitted estimator."""

import contextlib
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted, validate_data

from skdistill.estimators.number_checks import AS_SPARSE, huge_integers_refused
from skdistill.student.column_names import rows_by_name
from skdistill.student.holder import StudentHolder
from skdistill.student.raw_columns import check_double
from skdistill.tables.in_memory import in_memory
from skdistill.tables.numeric import check_numeric
from skdistill.tables.read import as_table
from skdistill.tables.sparse import as_csr


class StudentAnswers(StudentHolder):
    """Base class of estimators that hand questions on to their student."""

    def ask_student(self, method: str, X: Any) -> Any:
        """Return the answer of a method of the student to X.

        An array of floats goes straight to the student. The student finds bad values
        in a fraction of the time of scikit-learn's checks. If it finds one, these
        checks run and raise the error.

        Parameters
        ----------
        method : str
            Name of the method.
        X : table of shape (n_samples, n_features)

        Returns
        -------
        answer : ndarray
        """
        student = vars(self).get("student_")
        if (
            student is not None
            and type(X) is np.ndarray
            and X.dtype.kind == "f"
            and X.shape[1:] == (student.n_features_in_,)
            and len(X)
            and "feature_names_in_" not in vars(self)
        ):
            with contextlib.suppress(ValueError):
                return self.answer_of(method, X)
        return self.answer_of(method, self._check_features(X))

    def answer_of(self, method: str, X: Any) -> Any:
        """Return the answer of a method of the student to rows in a form that it takes.

        Parameters
        ----------
        method : str
            Name of the method.
        X : table of shape (n_samples, n_features)

        Returns
        -------
        answer : ndarray
        """
        return getattr(self.student_, method)(X)

    def _check_features(self, X):
        """Return X as the student takes it."""
        check_is_fitted(self)
        X = in_memory(X)
        if isinstance(X, list | tuple):
            X = rows_by_name(X, self.student_.names)
        if issparse(X) and self.student_.input_code is None:
            return validate_data(self, as_csr(X), reset=False, **AS_SPARSE)
        if self.student_.offsets_ is not None:
            check_double(X, self.student_.offsets_, self.student_.names)
        if self.student_.input_code is not None:
            X = as_table(X)
            validate_data(self, X, reset=False, skip_check_array=True)
            return X
        check_numeric(X)
        with np.errstate(over="ignore"), huge_integers_refused():
            # A value beyond float32 becomes infinite, and the check reports it.
            dtype = np.float32 if self.student_.offsets_ is None else np.float64
            return validate_data(self, X, reset=False, dtype=dtype, order="C")
