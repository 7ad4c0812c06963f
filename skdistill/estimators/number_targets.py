"""Checks of a y that holds numbers to predict."""

from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import column_or_1d

from skdistill.common.sklearn_compat import check_y
from skdistill.common.warn import warn
from skdistill.tables.cells import is_date, is_missing, object_array, without_mask
from skdistill.tables.in_memory import in_memory
from skdistill.tables.sparse import is_sparse

_ADVICE = "Pass rows without numbers as X_unlabeled, and leave them out of X and y"


def check_numbers_of_y(y: Any, advice: str = _ADVICE) -> None:
    """Raise if y holds anything but finite numbers, or if numbers are missing.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
    advice : str, default="Pass rows without numbers as X_unlabeled, ..."
        Sentence on what to do with rows without numbers, without the full stop.

    Raises
    ------
    ValueError
        If y has another form, if a cell is no number or is infinite, if all are
        missing, or if some are missing or hidden.
    """
    cells = cells_of_y(y)
    if cells is None:
        first, other = rows_of_two_lengths(y)
        raise ValueError(
            f"y has rows of different lengths, such as {first!r:.40} and "
            f"{other!r:.40}: give one number for each row, or an array of numbers of "
            "shape (n_samples, n_targets)"
        )
    _check_types(cells)
    if cells.ndim > 2:
        raise ValueError(
            f"y has shape {cells.shape}: give one number for each row, or a row of "
            "numbers, of shape (n_samples, n_targets)"
        )
    missing = missing_cells(cells)
    if missing.any():
        raise ValueError(
            f"Input y contains NaN or None: {np.count_nonzero(missing)} of "
            f"{missing.size} numbers are missing, the first of them in row "
            f"{_first_row(missing)}. {advice}"
        )
    try:
        infinite = np.isinf(cells.astype(np.float64))
    except OverflowError as error:
        raise ValueError(
            f"y holds an integer that is too large for a float ({error}): divide y by "
            "a number first"
        ) from error
    if infinite.any():
        raise ValueError(
            f"Input y contains infinity: {np.count_nonzero(infinite)} of "
            f"{infinite.size} numbers, the first of them in row "
            f"{_first_row(infinite)}. Give finite numbers, or leave these rows out"
        )


def _first_row(found):
    """Return the number of the first row in which a cell is found."""
    return int(found.reshape(len(found), -1).any(axis=1).argmax())


def rows_of_two_lengths(y: Any) -> tuple[Any, Any]:
    """Return the first row of y, and the first of another length."""
    rows = list(y)
    lengths = [len(row) if hasattr(row, "__len__") else 1 for row in rows]
    others = (row for row, n in zip(rows, lengths, strict=True) if n != lengths[0])
    return rows[0], next(others, rows[-1])


def _check_types(cells):
    """Raise if a cell is a text, a date, a complex number, or no number at all."""
    kind = cells.dtype.kind
    if kind in "mM":
        raise _dates(cells.dtype)
    if kind == "c":
        raise ValueError(f"Complex data not supported: y holds {cells.dtype} numbers")
    if kind not in "OSUV":
        return
    one_of_each = {type(cell): cell for cell in cells.ravel().tolist()[::-1]}
    for cell in one_of_each.values():
        if isinstance(cell, str | bytes):
            raise ValueError(
                f"y holds texts, such as {cell!r:.40}, and a regressor predicts "
                "numbers. For labels of classes use DistilledClassifier. For numbers "
                "that are written as texts give numpy.asarray(y, dtype=float)"
            )
        if isinstance(cell, Number | np.bool_):
            if isinstance(cell, complex | np.complexfloating):
                raise ValueError(f"Complex data not supported: y holds {cell}")
        elif np.ndim(cell) > 0 or not is_missing(cell):
            if is_date(type(cell)):
                raise _dates(type(cell).__name__)
            raise ValueError(
                f"y holds cells of type {type(cell).__name__}, such as {cell!r:.40}: "
                "give one number for each row, or an array of numbers of shape "
                "(n_samples, n_targets)"
            )


def _dates(kind):
    """Return the error for dates or times; kind is their type."""
    return ValueError(
        f"y holds dates or times ({kind}): give a number for each row, such as days "
        "since a date"
    )


def numbers_of_y(y: Any, estimator: Any) -> NDArray[np.float64]:
    """Return y as an array of finite numbers, checked as scikit-learn does.

    Parameters
    ----------
    y : array-like of shape (n_samples,), (n_samples, 1) or (n_samples, n_targets)
    estimator : estimator
        Estimator that is named in errors.

    Returns
    -------
    y : ndarray of shape (n_samples,) or (n_samples, n_targets), float64

    Raises
    ------
    ValueError
        If a number is missing or infinite.
    """
    if getattr(y, "dtype", None) == np.dtype(object):
        y = np.asarray(y, dtype=np.float64)  # Objects are checked for NaN alone.
    y = check_y(y, multi_output=True, y_numeric=True, estimator=estimator)
    y = y.astype(np.float64)
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return y


def warn_of_constant_numbers(y: NDArray[np.float64], part: str = "") -> None:
    """Warn about targets that have one number in all rows.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Checked numbers.
    part : str, default=""
        Words for these rows if others come later: see `gather_data`.
    """
    constant = np.flatnonzero(np.ptp(y, axis=0) == 0.0)
    if len(y) > 1 and constant.size:
        which = "y" if y.ndim == 1 else f"column {constant[0]} of y"
        number = y[0] if y.ndim == 1 else y[0, constant[0]]
        rows = f"rows of {part}" if part else f"of its {len(y)} rows"
        warn(
            f"{which} holds {number:g} in all {rows}: it tells the student no more "
            "than this number" + (", unless other rows do" if part else "")
        )


def missing_numbers(y: Any) -> NDArray[np.intp]:
    """Return the numbers of the rows of y that have none of their numbers.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_targets)

    Returns
    -------
    rows : ndarray of shape (n_missing,), int
    """
    cells = cells_of_y(y)
    if cells is None or cells.ndim > 2 or 0 in cells.shape:
        return np.empty(0, dtype=np.intp)
    return np.flatnonzero(missing_cells(cells).reshape(len(cells), -1).all(axis=1))


def cells_of_y(y: Any) -> NDArray[Any] | None:
    """Return the cells of y as an array, or None if its rows differ in length.

    Raises
    ------
    ValueError
        If y is sparse, or no array-like.
    """
    if is_sparse(y):
        raise ValueError(
            f"y is a {type(y).__name__} of shape {y.shape}, and a dense y is needed: "
            "give y.toarray()"
        )
    y = without_mask(in_memory(y))
    try:
        cells = np.asarray(y)
    except ValueError:
        return None
    if cells.ndim == 0:
        alone = cells.item()
        advice = ""
        if isinstance(alone, str):
            advice = f". To predict a column of a table, pass it: table[{alone!r:.60}]"
        raise ValueError(
            f"y is {alone!r:.60}, of type {type(alone).__name__}: give an array, a "
            f"list or a Series with an entry for each row of X{advice}"
        )
    if cells.dtype.kind in "US" and isinstance(y, list | tuple):
        # Beside a text, NumPy makes texts of numbers too.
        cells = object_array(y) if cells.ndim == 1 else cells
    return cells


def missing_cells(cells: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which cells are NaN, None or NA."""
    if cells.dtype.kind == "f":
        return np.isnan(cells)
    if cells.dtype.kind != "O":
        return np.zeros(cells.shape, dtype=bool)
    found = [np.ndim(cell) == 0 and is_missing(cell) for cell in cells.flat]
    return np.array(found, dtype=bool).reshape(cells.shape)
