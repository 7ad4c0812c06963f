"""Rows to train and to score students on, as the user of a search gave them."""

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_consistent_length

from skdistill.common.sklearn_compat import safe_indexing
from skdistill.estimators.fit_arguments import FitArguments
from skdistill.estimators.rows import check_weights
from skdistill.tables.sparse import dense_or_csr
from skdistill.teachers.answers import check_column_order


class LabelledRows(NamedTuple):
    """Rows with labels, as the user gave them.

    Attributes
    ----------
    X : table of shape (n_rows, n_features)
        Rows.
    y : ndarray of shape (n_rows,) or (n_rows, n_targets)
        Labels, or numbers.
    weights : ndarray of shape (n_rows,) or None
        Weights of the rows. None stands for equal weights.
    proba : ndarray of shape (n_rows, n_columns) or None
        Probabilities or numbers of a teacher that cannot be asked.
    teacher_X : array-like of n_rows rows or None
        Rows of the teacher, if it reads others than the student.
    teacher_y : array-like of n_rows rows or None
        Labels of the teacher, if it is fitted on others than y.
    """

    X: Any
    y: NDArray[Any]
    weights: NDArray[np.float64] | None = None
    proba: NDArray[Any] | None = None
    teacher_X: Any = None
    teacher_y: Any = None

    @classmethod
    def check(
        cls,
        targets: Any,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        proba: Any = None,
        teacher_X: Any = None,
        teacher_y: Any = None,
    ) -> Self:
        """Return the rows after checks of labels, weights and answers.

        `targets` is the form of y that the estimator takes. The other parameters are
        the attributes.
        """
        if y is None:
            raise ValueError("y is None: students are scored on labels")
        X = dense_or_csr(X)
        targets.check_whole(y)
        check_column_order(y, proba, targets.answers_name)
        y = targets.to_score(y)
        check_consistent_length(X, y)
        weights = None if sample_weight is None else check_weights(sample_weight, X)
        if proba is not None:
            proba = targets.checked_answers(proba, y)
        arguments = FitArguments(X, teacher_X=teacher_X, teacher_y=teacher_y)
        arguments = arguments.in_memory()
        arguments.check_lengths()
        return cls(X, y, weights, proba, arguments.teacher_X, arguments.teacher_y)

    def take(self, rows: NDArray[np.intp]) -> Self:
        """Return some of the rows."""
        fields: list[Any] = [
            None if field is None else safe_indexing(field, rows) for field in self
        ]
        return type(self)(*fields)


class UnlabeledRows(NamedTuple):
    """Rows without labels, as the user gave them.

    Attributes
    ----------
    X_unlabeled : table of shape (n_unlabeled, n_features) or None
        Rows of the student.
    teacher_X_unlabeled : array-like of n_unlabeled rows or None
        Rows of the teacher, if it reads others than the student.
    teacher_proba_unlabeled : array-like of n_unlabeled rows or None
        Probabilities or numbers of a teacher that cannot be asked.
    """

    X_unlabeled: Any = None
    teacher_X_unlabeled: Any = None
    teacher_proba_unlabeled: Any = None
