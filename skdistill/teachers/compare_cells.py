"""Compare the cells of columns with constants and with each other.

A comparison with a missing cell does not hold. Levels are compared once each, not once
for each row.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from skdistill.tables.read import CodedColumn

_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
SAME = (ast.Eq, ast.Is)
DIFFERENT = (ast.NotEq, ast.IsNot)


class NamedColumns(NamedTuple):
    """The columns of a table, by their names.

    Attributes
    ----------
    columns : dict of str to CodedColumn
        Columns that conditions name.
    names : list of str
        Names of all columns.
    n_rows : int
    is_strict : bool
        Whether a comparison of text with a number raises. If not, it does not hold.
    orders : mapping of str to list
        Levels of the columns whose categories have an order, in this order.
    """

    columns: dict[str, CodedColumn]
    names: list[str]
    n_rows: int
    is_strict: bool = False
    orders: Mapping[str, list[Any]] = MappingProxyType({})


def missing_cells(column: CodedColumn) -> np.ndarray:
    """Tell which cells of a column are missing."""
    if column.labels is None:
        return np.isnan(column.values)
    return column.values < 0


def _by_level(column, holds):
    """Return an answer for each row of a column of levels, from one for each level."""
    answers = [bool(holds(level)) for level in column.labels]
    return np.array([*answers, False])[column.values]


def holds_of_cells(op, left, right):
    """Compare two cells that are not missing."""
    if right is None:
        return isinstance(op, DIFFERENT)
    try:
        return bool(_COMPARISONS[type(op)](left, right))
    except TypeError:  # text and a number
        return False


def is_among(cell, constants):
    """Tell whether a cell is one of some constants. None is one, too."""
    return any(cell is c if c is None else cell == c for c in constants)


def check_types(is_text, constants, name):
    """Raise if text meets numbers alone, or a number meets text alone."""
    constants = [constant for constant in constants if constant is not None]
    if constants and all(isinstance(c, str) != is_text for c in constants):
        kinds = ("text", "a number") if is_text else ("a number", "text")
        raise ValueError(
            f"it compares {name}, which is {kinds[0]}, with {constants[0]!r}, which is "
            f"{kinds[1]}"
        )


def _check_column(column, constants, rows):
    """Raise if a column of one type meets constants of another."""
    if not rows.is_strict or missing_cells(column).all():
        return
    texts = {isinstance(level, str) for level in column.labels or [0.0]}
    if len(texts) == 1:
        check_types(texts.pop(), constants, f"the column {_name_of(column, rows)!r}")


def _name_of(column, rows):
    return next(name for name, other in rows.columns.items() if other is column)


def truth_values(column):
    """Return the truth values of a column that stands alone."""
    if column.labels is None:
        return (column.values != 0) & ~np.isnan(column.values)
    if any(isinstance(level, str) for level in column.labels):
        raise ValueError(
            f"the column {column.name} stands alone, and holds text, not truth values: "
            "compare it"
        )
    return _by_level(column, bool)


def cells_that_contain(column, text, rows):
    """Tell in which cells of a column a text is found."""
    _check_column(column, [text], rows)
    if column.labels is None:
        return np.zeros(rows.n_rows, dtype=bool)
    return _by_level(column, lambda level: isinstance(level, str) and text in level)


def cells_in(column, constants, op, rows):
    """Tell which cells are among constants, or are present and not among them."""
    _check_column(column, constants, rows)
    missing = missing_cells(column)
    numbers = [c for c in constants if not (c is None or isinstance(c, str))]
    if column.labels is None:
        found = np.zeros(rows.n_rows, dtype=bool)
        for number in numbers:
            found |= _compare_numbers(ast.Eq(), column.values, number)
    else:
        found = _by_level(column, lambda level: is_among(level, constants))
    if isinstance(op, ast.In):
        return found | missing if None in constants else found
    return ~found & ~missing


def compare_with_constant(op, column, constant, rows):
    """Tell for which rows the comparison of a column with a constant holds."""
    missing = missing_cells(column)
    if constant is None:
        return missing if isinstance(op, SAME) else ~missing
    _check_column(column, [constant], rows)
    if column.labels is not None:
        ranks = _ranks(op, column, [constant], rows)
        bound = ranks.get(constant, constant)
        return _by_level(
            column, lambda level: holds_of_cells(op, ranks.get(level, level), bound)
        )
    if isinstance(constant, str):
        return ~missing & isinstance(op, ast.NotEq)
    return _compare_numbers(op, column.values, constant)


def _ranks(op, column, others, rows):
    """Return the rank of each level, if a column of ordered categories is compared.

    It is empty if the order is that of texts or of numbers.
    """
    order = rows.orders.get(_name_of(column, rows))
    if order is None or others is None or not isinstance(op, _ORDERS):
        return {}
    unknown = [other for other in others if other not in order]
    if unknown and rows.is_strict:
        raise ValueError(
            f"the categories of the column {_name_of(column, rows)!r} have an order, "
            f"{order!r:.200}, and {unknown[0]!r} is none of them"
        )
    return {level: rank for rank, level in enumerate(order)}


def compare_columns(op, left, right, rows):
    """Tell for which rows the comparison of two columns holds."""
    missing = missing_cells(left) | missing_cells(right)
    if left.labels is None and right.labels is None:
        return _compare_numbers(op, left.values, right.values) & ~missing
    if not missing_cells(right).all():
        _check_column(left, right.labels or [0.0], rows)
    ranks = _ranks(op, left, right.labels, rows) or _ranks(op, right, left.labels, rows)
    cells = zip(left.decode().values, right.decode().values, missing, strict=True)
    holds = [
        not nothing and holds_of_cells(op, ranks.get(a, a), ranks.get(b, b))
        for a, b, nothing in cells
    ]
    return np.array(holds, dtype=bool).reshape(rows.n_rows)


def _compare_numbers(op, numbers, others):
    """Compare numbers, of which NaN are missing."""
    with np.errstate(over="ignore", invalid="ignore"):
        holds = _COMPARISONS[type(op)](numbers, others)
    return holds & ~np.isnan(numbers)
