"""Logits of a student without compiled kernels, and the errors for bad values."""

import numpy as np

from skdistill.student.additive import additive_logits
from skdistill.student.bounds import greatest_value
from skdistill.student.forward import compute_logits
from skdistill.student.text.student_text import Texts
from skdistill.tables.sparse import is_sparse

# Rows that NumPy predicts at once, if the kernels leave them to it.
_BLOCK_ROWS = 32


def numpy_logits(student, rows):
    """Return logits, computed by NumPy alone.

    Parameters
    ----------
    student : Student
    rows : ndarray of shape (n_rows, n_features), float32
        Rows as `Student.numbers` returns them.

    Returns
    -------
    logits : ndarray of shape (n_rows, n_outputs), float32

    Raises
    ------
    ValueError
        If a value or a logit is not finite.
    """
    beyond = rows_beyond(student, rows, greatest_value(student))
    logits = _compute(student, rows)
    if len(beyond):
        # As beside compiled kernels: the order of a sum may decide if it is finite.
        logits[beyond] = logits_of_rows(student, rows, beyond)
    check_logits(logits)
    return logits


def rows_beyond(student, rows, limit):
    """Return the numbers of the rows that compiled kernels leave to NumPy.

    Parameters
    ----------
    student : Student
    rows : ndarray of shape (n_rows, n_features), float32
    limit : float
        Greatest size of a value that the kernels take: see `greatest_value`.

    Returns
    -------
    places : ndarray of int

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    _check_values(student, rows)
    within = np.abs(rows) <= np.float32(limit)
    if limit >= 0:
        within |= np.isnan(rows)
    return np.flatnonzero(~within.all(axis=1))


def logits_of_rows(student, rows, places):
    """Return the logits of some rows, which do not depend on the other rows.

    Parameters
    ----------
    student : Student
    rows : ndarray of shape (n_rows, n_features), float32
    places : ndarray of shape (n_places,), int
        Numbers of the rows.

    Returns
    -------
    logits : ndarray of shape (n_places, n_outputs), float32

    Raises
    ------
    ValueError
        If a logit is not finite.
    """
    logits = np.empty((len(places), student.intercepts_[-1].size), dtype=np.float32)
    # The last digits of a product depend on its number of rows, so this is always one.
    block = np.zeros((_BLOCK_ROWS, rows.shape[1]), dtype=np.float32)
    for start in range(0, len(places), _BLOCK_ROWS):
        part = places[start : start + _BLOCK_ROWS]
        block[: len(part)] = rows[part]
        logits[start : start + len(part)] = _compute(student, block)[: len(part)]
    finite = np.isfinite(logits).all(axis=1)
    if not finite.all():
        _raise_logits(int(places[finite.argmin()]))
    return logits


def _check_values(student, rows):
    """Raise an error if a value is not finite, or missing without an input code."""
    cells = np.isfinite(rows) if student.input_code is None else ~np.isinf(rows)
    accepted = np.all(cells, axis=1)
    if not accepted.all():
        raise_not_finite(student, rows, int(accepted.argmin()), -1)


def _compute(student, rows):
    """Return logits, which may be infinite or NaN."""
    code = student.input_code
    values = rows if code is None else code.codes(rows)
    starts = None if code is None else code.starts
    coefs, intercepts, table = student.coefs_, student.intercepts_, student.knot_table_
    if student.is_sum_of_curves:
        return additive_logits(values, coefs[0], intercepts[0], starts, table)
    return compute_logits(values, coefs, intercepts, student.activation, starts, table)


def sparse_sums(student, rows):
    """Return the sums of the units of the first layer for sparse rows.

    Parameters
    ----------
    student : Student
        Student without an input code.
    rows : CSR of shape (n_rows, n_features), float32, or Texts

    Returns
    -------
    sums : ndarray of shape (n_rows, n_units), float32
        Sums, which may be infinite or NaN.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    if isinstance(rows, Texts):
        return rows.sums(student.coefs_[0], student.intercepts_[0])
    finite = np.isfinite(rows.data)
    if not finite.all():
        place = int(finite.argmin())
        row = int(np.searchsorted(rows.indptr, place, side="right")) - 1
        raise_not_finite(student, rows, row, -1)
    with np.errstate(over="ignore", invalid="ignore"):
        return rows @ student.coefs_[0] + student.intercepts_[0]


def check_logits(logits):
    """Raise an error if a logit is not finite."""
    finite = np.isfinite(logits).all(axis=1)
    if not finite.all():
        _raise_logits(int(finite.argmin()))


def raise_not_finite(student, rows, input_row, output_row):
    """Raise the error for a value or a logit that is not finite.

    Parameters
    ----------
    student : Student
    rows : ndarray or CSR of shape (n_rows, n_features)
    input_row : int
        Row with a value that the student does not take; -1 if all are taken.
    output_row : int
        Row whose logits are not finite, if all values are taken.

    Raises
    ------
    ValueError
        Always.
    """
    if input_row < 0:
        _raise_logits(output_row)
    row = rows[input_row]
    row = row.toarray().ravel() if is_sparse(row) else row
    missing_allowed = student.input_code is not None
    accepted = ~np.isinf(row) if missing_allowed else np.isfinite(row)
    column = place = int(np.argmin(accepted))
    if student.kept_columns is not None:
        column = int(student.kept_columns.places[place])
    kind = "finite or missing" if missing_allowed else "finite"
    # The name that scikit-learn uses.
    value = "NaN" if np.isnan(row[place]) else row[place]
    raise ValueError(
        f"X holds {value} in row {input_row}, column {column}: the student "
        f"takes values that are {kind} in single precision"
    )


def _raise_logits(row):
    """Raise the error for logits that are not finite."""
    raise ValueError(
        f"the logits of row {row} of X are beyond single precision: its values are far "
        "from those that the student was trained on"
    )
