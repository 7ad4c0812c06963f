"""Checks of an y that holds numbers to predict."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import column_or_1d

from skdistill.common.sklearn_compat import check_y
from skdistill.common.warn import warn
from skdistill.tables.cells import is_missing, object_array, without_mask
from skdistill.tables.in_memory import in_memory

_ADVICE = "Pass rows without numbers as X_unlabeled, and leave them out of X and y"


def check_numbers_of_y(y: Any, advice: str = _ADVICE) -> None:
    """Raise if y holds texts, dates or complex numbers, or if numbers are missing.

    scikit-learn's own checks come later. They refuse missing and infinite numbers.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_targets)
    advice : str, default="Pass rows without numbers as X_unlabeled, ..."
        Sentence on what to do with rows without numbers, without the full stop.

    Raises
    ------
    ValueError
        If y holds anything but numbers, if all are missing, or if some are missing or
        hidden.
    """
    cells = cells_of_y(y)
    if cells is None:
        return  # Rows of different lengths, which a later check refuses.
    if cells.dtype.kind in "mM":
        raise ValueError(
            f"y holds dates or times ({cells.dtype}): give a number for each row, such "
            "as days since a date"
        )
    if cells.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: y holds {cells.dtype} numbers")
    texts = (cell for cell in cells.ravel().tolist() if isinstance(cell, str | bytes))
    text = next(texts, None) if cells.dtype.kind in "OUS" else None
    if text is not None:
        raise ValueError(
            f"y holds texts, such as {text!r:.40}, and a regressor predicts numbers. "
            "For labels of classes use DistilledClassifier. For numbers that are "
            "written as texts give y.astype(float)"
        )
    if cells.ndim > 2:
        raise ValueError(
            f"y has shape {cells.shape}: give one number for each row, or a row of "
            "numbers, of shape (n_samples, n_targets)"
        )
    missing = missing_cells(cells)
    if missing.any():
        first = int(missing.reshape(len(cells), -1).any(axis=1).argmax())
        raise ValueError(
            f"Input y contains NaN or None: {np.count_nonzero(missing)} of "
            f"{missing.size} numbers are missing, the first of them in row {first}. "
            f"{advice}"
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
    y = check_y(y, multi_output=True, y_numeric=True, estimator=estimator)
    y = y.astype(np.float64)
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    constant = np.flatnonzero(np.ptp(y, axis=0) == 0.0)
    if len(y) > 1 and constant.size:
        which = "y" if y.ndim == 1 else f"column {constant[0]} of y"
        number = y[0] if y.ndim == 1 else y[0, constant[0]]
        warn(
            f"{which} holds {number:g} in all of its {len(y)} rows: it tells the "
            "student no more than this number"
        )
    return y


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
    """Return the cells of y as an array, or None if its rows differ in length."""
    y = without_mask(in_memory(y))
    try:
        cells = np.asarray(y)
    except ValueError:
        return None
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
