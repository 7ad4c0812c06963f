"""Conditions on rows that are written as text, such as ``age > 60 and town != "Oslo"``.

A text is parsed by Python's own parser, and read node by node. Nothing of it is run. So
a text can name columns and constants, compare them and join comparisons, and can do
nothing else.
"""

import ast
import operator
import re
import unicodedata
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

import numpy as np

from skdistill.teachers.compare_cells import (
    DIFFERENT,
    SAME,
    NamedColumns,
    cells_in,
    cells_that_contain,
    check_types,
    compare_columns,
    compare_with_constant,
    holds_of_cells,
    is_among,
    missing_cells,
    truth_values,
)

# A longer text might exhaust the stack of Python's parser.
_GREATEST_LENGTH = 10_000
_GREATEST_DEPTH = 100
_STRING_OR_BACKTICKS = re.compile(
    r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|`([^`]*)`""", re.DOTALL
)
_KNOWN = "comparisons, in, and, or, not, over names of columns and constants"
_WORDS = {
    ast.Call: "a call",
    ast.Attribute: "an attribute",
    ast.Subscript: "an index",
    ast.BinOp: "arithmetic, or & and | in place of and, or",
    ast.Lambda: "a lambda",
    ast.IfExp: "an if",
    ast.JoinedStr: "an f-string",
    ast.NamedExpr: "an assignment",
}


class Condition:
    """A condition on rows that is written as text.

    Parameters
    ----------
    text : str
        Comparisons (``<``, ``<=``, ``>``, ``>=``, ``==``, ``!=``, also in a chain),
        ``in`` and ``not in`` with a list of constants, a text ``in`` a column of texts,
        ``is None``, ``and``, ``or``, ``not`` and parentheses. Names of columns that are
        no words of Python stand in backticks. A column of truth values may stand alone.

    Raises
    ------
    ValueError
        If the text is no such condition.
    """

    def __init__(self, text: str) -> None:
        self._names: dict[str, str] = {}
        self._tree = self._parse(text)
        self._check(self._tree)

    def __call__(self, rows: NamedColumns) -> np.ndarray:
        """Tell for which rows the condition holds.

        Parameters
        ----------
        rows : NamedColumns

        Returns
        -------
        holds : ndarray of shape (n_rows,), bool
            A comparison with a missing value does not hold.

        Raises
        ------
        ValueError
            If the rows lack a column.
        """
        return self._holds(self._tree, rows)

    @property
    def names(self) -> set[str]:
        """Names of the columns in the text, in the normal form of `normal_form`."""
        words = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
        return {normal_form(self._names.get(word, word)) for word in words}

    def _parse(self, text):
        """Return the tree of a text, in which each name in backticks is a word."""
        if len(text) > _GREATEST_LENGTH:
            raise ValueError(
                f"it has {len(text)} characters, and may have {_GREATEST_LENGTH}: give "
                "a function of the rows"
            )
        prefix = "column"
        while prefix in text:
            prefix += "_"

        def word_for(match):
            if match[1] is not None:
                return match[1]
            word = f"{prefix}{len(self._names)}"
            self._names[word] = match[2]
            return f" {word} "

        try:
            tree = ast.parse(
                _STRING_OR_BACKTICKS.sub(word_for, text).strip(), mode="eval"
            ).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason = getattr(error, "msg", None) or str(error)
            raise ValueError(
                f"it cannot be read ({reason}). A condition holds {_KNOWN}. Put "
                "a name with spaces in backticks"
            ) from error
        _check_depth(tree)
        return tree

    def _check(self, node):
        """Raise unless a node is a condition."""
        match node:
            case ast.BoolOp(values=values):
                for value in values:
                    self._check(value)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self._check(operand)
            case ast.Compare():
                for op, left, right in _pairs(node):
                    _check_comparison(op, left, right)
            case ast.Name() | ast.Constant(value=bool()):
                pass
            case ast.Constant(value=value):
                raise ValueError(
                    f"{value!r} stands alone, and a condition compares: give, for "
                    f"example, COLUMN == {value!r}"
                )
            case _:
                raise _not_allowed(node)

    def _holds(self, node, rows):
        """Tell for which rows a node holds."""
        match node:
            case ast.BoolOp(op=op, values=values):
                parts = [self._holds(value, rows) for value in values]
                join = np.logical_and if isinstance(op, ast.And) else np.logical_or
                return join.reduce(parts)
            case ast.UnaryOp(operand=operand):
                return ~self._holds(operand, rows)
            case ast.Compare():
                parts = [self._compare(*pair, rows) for pair in _pairs(node)]
                return np.logical_and.reduce(parts)
            case ast.Name():
                return truth_values(self._column(node, rows))
            case _:
                return np.full(rows.n_rows, node.value)

    def _compare(self, op, left, right, rows):
        """Tell for which rows a comparison of two operands holds."""
        if isinstance(op, ast.In | ast.NotIn) and isinstance(right, ast.Name):
            column = self._column(right, rows)
            found = cells_that_contain(column, left.value, rows)
            return found if isinstance(op, ast.In) else ~found & ~missing_cells(column)
        if isinstance(right, ast.Name) and not isinstance(left, ast.Name):
            return self._compare(_mirrored(op), right, left, rows)
        if not isinstance(left, ast.Name):
            return np.full(rows.n_rows, _holds_of_constants(op, left, right))
        column = self._column(left, rows)
        if isinstance(right, ast.Name):
            return compare_columns(op, column, self._column(right, rows), rows)
        if isinstance(op, ast.In | ast.NotIn):
            return cells_in(column, [_constant(e) for e in right.elts], op, rows)
        return compare_with_constant(op, column, _constant(right), rows)

    def _column(self, node, rows):
        name = self._names.get(node.id, node.id)
        for known in (name, *rows.names):
            if known in rows.columns and normal_form(known) == normal_form(name):
                return rows.columns[known]
        near = get_close_matches(name, rows.names, 1)
        hint = f". Did you mean {near[0]!r}?" if near else ""
        known = ", ".join(map(repr, rows.names))
        raise ValueError(
            f"X has no column {name!r}. Its columns are {known:.200}{hint}"
        )


def normal_form(name: str) -> str:
    """Return a name as Python's parser does, for which some signs are the same.

    One pair is the micro sign and the Greek letter.

    Parameters
    ----------
    name : str

    Returns
    -------
    name : str
    """
    return unicodedata.normalize("NFKC", name)


def _check_depth(tree):
    """Raise if a tree is so deep that a walk down might exhaust the stack."""
    level = [tree]
    for _ in range(_GREATEST_DEPTH + 2):  # A comparison is two levels deep.
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise ValueError(
            f"it is nested more than {_GREATEST_DEPTH} times: give a function of the "
            "rows"
        )


def _pairs(node: ast.Compare) -> Iterator[tuple[Any, Any, Any]]:
    """Yield operator, left and right operand of each comparison in a chain."""
    operands = [node.left, *node.comparators]
    yield from zip(node.ops, operands, operands[1:], strict=False)


def _check_comparison(op, left, right):
    """Raise unless a comparison is one of those that are known."""
    if isinstance(op, ast.In | ast.NotIn):
        if isinstance(left, ast.Constant) and isinstance(left.value, str):
            if isinstance(right, ast.Name):
                return
        elif isinstance(left, ast.Constant):
            raise ValueError(f"{left.value!r} before in is neither text nor a column")
        _check_operand(left)
        if not isinstance(right, ast.List | ast.Tuple | ast.Set):
            raise ValueError(
                'in needs a list of constants, such as ["a", "b"], or a text before '
                "it and a column after it"
            )
        for element in right.elts:
            _constant(element)
        return
    for operand in (left, right):
        _check_operand(operand)
    nothing = [_is_none(operand) for operand in (left, right)]
    if isinstance(op, ast.Is | ast.IsNot) and not any(nothing):
        raise ValueError("is compares with None alone: give == in place of is")
    if any(nothing) and not isinstance(op, SAME + DIFFERENT):
        raise ValueError("None has no order: give is None, or is not None")


def _check_operand(node):
    if not isinstance(node, ast.Name):
        _constant(node)


def _constant(node):
    """Return the constant of a node; raise if it is none."""
    sign: Callable[[Any], Any] = operator.pos
    value = node
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign = operator.neg if isinstance(node.op, ast.USub) else operator.pos
        value = node.operand
    if not isinstance(value, ast.Constant):
        raise _not_allowed(value)
    constant = value.value
    if isinstance(constant, int | float) and not isinstance(constant, bool):
        try:
            float(constant)
        except OverflowError as error:
            raise ValueError("it holds a number that is too large") from error
        return sign(constant)
    if value is not node or not (constant is None or isinstance(constant, str | bool)):
        raise ValueError(f"{ast.unparse(node):.50} is no number, text or truth value")
    return constant


def _is_none(node):
    return isinstance(node, ast.Constant) and node.value is None


def _not_allowed(node):
    kind = _WORDS.get(type(node), f"a {type(node).__name__}")
    return ValueError(
        f"it holds {kind}, {ast.unparse(node)!r:.50}. A condition holds {_KNOWN}, and "
        "nothing else. For more, give a function of the rows"
    )


def _mirrored(op):
    """Return the operator that says the same of exchanged operands."""
    mirrors: dict[type, ast.cmpop] = {
        ast.Lt: ast.Gt(),
        ast.LtE: ast.GtE(),
        ast.Gt: ast.Lt(),
        ast.GtE: ast.LtE(),
    }
    return mirrors.get(type(op), op)


def _holds_of_constants(op, left, right):
    left = _constant(left)
    if isinstance(op, ast.In | ast.NotIn):
        return is_among(left, map(_constant, right.elts)) == isinstance(op, ast.In)
    right = _constant(right)
    if left is None:
        left, right = right, left
    if left is None:
        return isinstance(op, SAME)
    if right is not None:
        check_types(isinstance(left, str), [right], f"the constant {left!r}")
    return holds_of_cells(op, left, right)
