"""Checks of the rows of a user, before any work."""

from contextlib import contextmanager
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse, vstack
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import validate_data

from skdistill.common.checks import check_not_empty
from skdistill.common.sklearn_compat import (
    check_method_params,
    check_sample_weight,
)
from skdistill.estimators.arguments import (
    check_arguments,
    check_dense_arguments,
    check_sparse_arguments,
)
from skdistill.estimators.fit_arguments import LabelledPart, part_by_label
from skdistill.estimators.label_checks import (
    check_teacher_y,
)
from skdistill.estimators.metadata import folds_of, route_metadata
from skdistill.estimators.monotonic import check_constrained_columns
from skdistill.estimators.number_checks import (
    AS_SPARSE,
    check_single_precision,
    huge_integers_refused,
)
from skdistill.estimators.teachers_rows import columns_of
from skdistill.estimators.unlabeled_rows import check_unlabeled
from skdistill.inputs.text_columns import check_texts
from skdistill.tables.cells import check_is_table, check_no_texts, without_mask
from skdistill.tables.numeric import check_numeric
from skdistill.tables.read import (
    as_table,
    is_pandas,
    is_polars,
    read_coded_columns,
)
from skdistill.tables.sparse import as_csr, summed
from skdistill.tables.write import concatenate
from skdistill.teachers.columns import check_columns
from skdistill.teachers.fit_rows import FitRows, Lesson
from skdistill.teachers.resolve import (
    is_used_as_given,
    learns_from_labels,
    needs_no_labels,
)


class CheckedRows(NamedTuple):
    """The rows of a user after all checks.

    Attributes
    ----------
    given : FitRows
        Given rows as the teacher takes them; sparse ones as CSR. If some rows of the
        user have a label and others have none, only those with a label.
    table : DataFrame, ndarray or CSR of shape (n_given, n_features)
        Given rows as the student takes them.
    y : ndarray of shape (n_given,) or None
        Labels.
    weights : ndarray of shape (n_given,)
        Weights of the rows.
    unlabeled : tuple of FitRows
        Rows without labels as the teacher takes them: those of X whose label is
        missing, and `X_unlabeled`.
    all_rows : table of shape (n_given + n_unlabeled, n_features)
        Given rows, then those without labels, as the student takes them.
    lesson : Lesson
        Rows and labels that a teacher is fitted on, if it is fitted here.
    teacher_y : array-like of n_given rows, or None
        Labels that a clone of the teacher is fitted on, with the given rows.
    folds : list of tuple, "auto", "oob" or None
        Rows to fit clones of the teacher on, and rows that they answer for, for each
        fold of `cv`.
    fit_params : dict
        Arguments for the `fit` of clones of the teacher, with the given rows.
    groups : ndarray of shape (n_samples,), int, or None
        Number of the group of each given row, then of each row of X without a label.
        None unless the splitter `cv` keeps groups together.
    teacher_reads : {"X", "teacher_X"}
        Rows that the teacher takes: those of the student, or rows of its own.
    labels_are_own : bool
        Whether the labels are the teacher's own, because the user gave none.
    """

    given: FitRows
    table: Any
    y: Any
    weights: np.ndarray
    unlabeled: tuple
    all_rows: Any
    lesson: Lesson
    teacher_y: Any
    folds: Any
    fit_params: dict
    groups: Any = None
    teacher_reads: str = "X"
    labels_are_own: bool = False

    @property
    def X(self):
        """Given rows as the teacher takes them."""
        return self.given.X

    def check_columns(self, teacher, estimator):
        """Raise if a teacher that was given fitted knows other columns.

        Parameters
        ----------
        teacher : Teacher
        estimator : DistilledClassifier
            Estimator with `n_features_in_` and, from a frame, `feature_names_in_`.

        Raises
        ------
        ValueError
            If the rows that the teacher reads are a table, and its columns differ in
            number or in their names from those of the teacher's own `fit`.
        """
        if self.teacher_reads == "X":
            names = getattr(estimator, "feature_names_in_", None)
            check_columns(teacher.source, teacher.name, estimator.n_features_in_, names)
            return
        for part, rows in (
            (self.given, "teacher_X"),
            *((part, "teacher_X_unlabeled") for part in self.unlabeled),
        ):
            columns = columns_of(part.X)
            if columns is not None:
                check_columns(teacher.source, teacher.name, *columns, rows)


def check_rows(estimator, arguments):
    """Check all arguments of a fit, and set the names and number of the features.

    Parameters
    ----------
    estimator : DistilledClassifier
        Estimator that is fitted. It gets `n_features_in_` and, from a frame,
        `feature_names_in_`.
    arguments : FitArguments

    Returns
    -------
    rows : CheckedRows

    Raises
    ------
    ValueError
        If arguments do not fit the parameters, if the student cannot take X, if
        `monotonic_cst` does not fit X, if y holds no labels, or if weights, rows
        without labels or the teacher's own rows do not fit X.
    """
    check_arguments(estimator, arguments)
    arguments = _in_form(estimator, arguments.in_memory())
    arguments.check_lengths()
    arguments.check_columns(estimator)
    plain = estimator.encoder is None
    teacher = estimator.teacher
    part = LabelledPart(arguments)
    if is_used_as_given(teacher) or needs_no_labels(teacher, arguments.teacher_y):
        part = part_by_label(arguments, estimator.targets)
    given = part.labelled
    if given.y is not None:
        estimator.targets.check(given.y)
    elif arguments.y is not None:
        check_arguments(estimator, given)  # All labels of y are missing.
    table, y = _check_table(estimator, given.X, given.y, plain=plain)
    check_constrained_columns(estimator, table)
    if arguments.teacher_y is not None:
        check_teacher_y(arguments.teacher_y)
    elif learns_from_labels(teacher) and y is not None:
        estimator.targets.check_teachable(y)
    weights = check_weights(arguments.sample_weight, arguments.X)
    unlabeled, tables = _unlabeled(estimator, part, table, weights, plain=plain)
    all_rows = table
    if issparse(table) and tables:
        all_rows = vstack([table, *tables], format="csr")
    elif tables:
        all_rows = reduce(concatenate, tables, table)
    everything = np.arange(len(weights))
    numbers = everything if part.numbers is None else part.numbers
    given_weights = None if arguments.sample_weight is None else weights
    metadata = route_metadata(estimator, given_weights, arguments.params)
    fit_params, split_params = metadata
    if part.apart is not None:
        fit_params, split_params = (
            check_method_params(arguments.X, params, numbers) for params in metadata
        )
    kind = estimator.task_kind
    folds = folds_of(estimator.cv, given.X, y, split_params, part.numbers, kind)
    rows = _rows_of_teacher(given, weights, numbers)
    if arguments.teacher_y is None:
        lesson, teacher_y = Lesson(rows.X, y, fit_params), y
    else:
        all_given = _rows_of_teacher(arguments, weights, everything)
        lesson = Lesson(all_given.X, arguments.teacher_y, metadata.fit)
        teacher_y = given.teacher_y
    return CheckedRows(
        rows,
        table,
        y,
        weights[numbers],
        tuple(unlabeled),
        all_rows,
        lesson,
        teacher_y,
        folds,
        fit_params,
        _groups(metadata.split, part),
        "X" if arguments.teacher_X is None else "teacher_X",
    )


def _groups(split_params, part):
    """Return the number of the group of each row: those with a label come first."""
    groups = split_params.get("groups")
    if groups is None:
        return None
    groups = np.unique(np.asarray(groups), return_inverse=True)[1]
    if part.apart is None:
        return groups
    return groups[np.concatenate([part.numbers, part.numbers_apart])]


def _in_form(estimator, arguments):
    """Return the arguments with sparse rows as CSR, and hidden values missing."""
    X, unlabeled = arguments.X, arguments.X_unlabeled
    if issparse(X):
        check_sparse_arguments(estimator)
        X = summed(as_csr(X))  # In this format rows can be selected.
    else:
        check_dense_arguments(estimator)
    if estimator.encoder is not None:
        # The teacher gets NaN for hidden values too. Most models do not see a mask.
        X, unlabeled = without_mask(X), without_mask(unlabeled)
    return arguments._replace(X=X, X_unlabeled=unlabeled)


def _unlabeled(estimator, part, table, weights, *, plain):
    """Return rows without labels as the teacher takes them, and their checked tables.

    They are the rows of X without a label, then those of `X_unlabeled`.
    """
    unlabeled, tables = [], []
    if part.apart is not None:
        tables.append(check_unlabeled(estimator, part.apart.X, table, "X", plain=plain))
        unlabeled.append(_rows_of_teacher(part.apart, weights, part.numbers_apart))
    given = part.labelled
    X, name = given.X_unlabeled, "X_unlabeled"
    if X is not None:
        tables.append(check_unlabeled(estimator, X, table, name, plain=plain))
        if given.teacher_X_unlabeled is not None:
            X = given.teacher_X_unlabeled
        elif issparse(table):
            X = tables[-1]
        proba = given.teacher_proba_unlabeled
        unlabeled.append(FitRows(X, proba, given.name_of("teacher_proba_unlabeled")))
    return unlabeled, tables


def _rows_of_teacher(arguments, weights, numbers):
    """Return rows of X as the teacher takes them; arguments hold these rows alone."""
    X = arguments.X if arguments.teacher_X is None else arguments.teacher_X
    given = None if arguments.sample_weight is None else weights[numbers]
    proba = arguments.teacher_proba
    return FitRows(
        X, proba, arguments.answers_name, numbers, len(weights), weights=given
    )


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
    check_numeric(X)
    with huge_integers_refused(), _missing_explained():
        features = validate_data(estimator, X, **AS_SPARSE)
    check_single_precision(features, "X")
    if y is not None:
        y = estimator.targets.checked(y, estimator)
        check_consistent_length(features, y)
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
    columns = read_coded_columns(table)  # Raises unless they can be read.
    check_texts(estimator.encoder, table, columns)
    check_not_empty(estimator, np.shape(table))
    validate_data(estimator, table, skip_check_array=True)
    if y is not None:
        y = estimator.targets.checked(y, estimator)
        check_consistent_length(table, y)
    return table, y


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
