"""Checks of the numbers that a teacher answers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.student.outputs import Numbers
from skdistill.teachers.answers import Answers, read_answers

# Greatest distance from the mean of y, in deviations, whose square is a float32.
_FARTHEST = 1e18

# Answers of models that were fitted apart cross in some rows, and by little. Columns in
# another order cross in nearly all rows, and by more of their deviation. Fewer rows
# tell nothing.
_CROSSED_ROWS = 0.95
_CROSSED_BY = 0.02
_FEWEST_ROWS = 20


def check_numbers(
    answers: ArrayLike | Answers,
    n_samples: int,
    n_columns: int | None,
    name: str,
    columns_are: str = "",
) -> NDArray[np.float64]:
    """Check numbers and return them with a column for each target.

    Parameters
    ----------
    answers : array-like of shape (n_samples,) or (n_samples, n_targets), or Answers
    n_samples : int
        Number of rows that the teacher was asked about.
    n_columns : int or None
        Number of targets. None if it is not known: then any number is right.
    name : str
        Name of the answers in errors.
    columns_are : str, default=""
        Words of errors on the columns, such as "a column for each quantile".

    Returns
    -------
    numbers : ndarray of shape (n_samples, n_targets), float64

    Raises
    ------
    ValueError
        If the answers have another shape, or if one is not a finite number.
    """
    answers = read_answers(answers, name, "numbers")
    values = answers.values
    columns = values[:, np.newaxis] if values.ndim == 1 else values
    if (
        columns.ndim != 2
        or len(columns) != n_samples
        or n_columns not in (None, columns.shape[1])
        or columns.shape[1] == 0
    ):
        n_passed = n_samples if answers.n_passed is None else answers.n_passed
        shape = f"({n_passed}, {'n_targets' if n_columns is None else n_columns})"
        if n_columns == 1:
            shape = f"({n_passed},)"
        of = f", {columns_are}" if columns_are else ""
        found = values.shape
        if values.shape[:1] == (n_samples,):
            found = (n_passed, *values.shape[1:])
        raise ValueError(f"{name} has shape {found}, not {shape}{of}")
    numbers = columns.astype(np.float64)
    if not np.isfinite(numbers).all():
        row, column = np.argwhere(~np.isfinite(numbers))[0]
        raise ValueError(
            f"{name} holds {numbers[row, column]} in row {answers.number_of(row)}: "
            "each answer has to be a finite number"
        )
    return numbers


def check_distance(numbers: NDArray[np.float64], output: Numbers, name: str) -> None:
    """Raise if numbers are so far from y that the student cannot compute with them.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples, n_targets)
        Checked numbers of a teacher.
    output : Numbers
        Means and deviations of y.
    name : str
        Name of the answers in errors.

    Raises
    ------
    ValueError
        If the square of a number, in deviations of y, is beyond float32.
    """
    with np.errstate(over="ignore"):
        is_far = ~(np.abs(output.to_units(numbers)) <= _FARTHEST)
    if is_far.any():
        row, column = np.argwhere(is_far)[0]
        raise ValueError(
            f"{name} holds {numbers[row, column]:.3g}, and y has the mean "
            f"{output.mean[column]:.3g} and the deviation {output.scale[column]:.3g}: "
            "it is too far from y for float32, in which the student computes"
        )


def check_order_of_quantiles(
    numbers: NDArray[np.float64], levels: Sequence[float], name: str
) -> None:
    """Raise if a column is above that of a greater quantile in nearly all rows.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples, n_quantiles)
        Checked numbers of a teacher.
    levels : sequence of float
        Levels of the quantiles, rising. None of them if other numbers are learned.
    name : str
        Name of the answers in errors.

    Raises
    ------
    ValueError
        The message names both quantiles and the order of the columns.
    """
    if len(levels) < 2 or len(numbers) < _FEWEST_ROWS:
        return
    excess = numbers[:, :-1] - numbers[:, 1:]
    shares = (excess > 0).mean(axis=0)
    is_crossed = shares >= _CROSSED_ROWS
    is_crossed &= excess.mean(axis=0) > _CROSSED_BY * numbers.std()
    if is_crossed.any():
        column = int(is_crossed.argmax())
        low, high = levels[column : column + 2]
        raise ValueError(
            f"{name} has the quantile {low!r} above the quantile {high!r} in "
            f"{100 * shares[column]:.3g} % of the rows: give the columns in the order "
            f"of quantile, {list(levels)!r:.200}"
        )
