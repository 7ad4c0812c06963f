"""The module of a student that takes raw rows, and its types."""

from typing import Any

from skdistill.export.javascript.columns import javascript_columns
from skdistill.export.javascript.literals import (
    array_literal,
    lines,
    list_literal,
    literal,
    object_literal,
)
from skdistill.export.javascript.module import module_of
from skdistill.export.javascript.types import student_types
from skdistill.student.student import Student


def table_module(student: Student, names: Any) -> tuple[str, str]:
    """Return the module of a student, and its types.

    Parameters
    ----------
    student : Student
    names : array-like of shape (n_features,) of str, or None
        Names of the columns.

    Returns
    -------
    module : str
    types : str
    """
    columns = javascript_columns(student, names)
    members = {
        "takesMissing": literal(student.input_code is not None),
        "columns": lines("[]", map(_column_literal, columns)),
    }
    return module_of(student, "table", members), student_types(student, columns)


def _column_literal(column):
    """Return a column as an object."""
    members = {"name": literal(column.name), "kind": literal(column.kind)}
    if column.kind != "unused":
        members["firstRow"] = literal(column.first_row)
    if column.values is not None:
        members["values"] = array_literal(column.values)
    if column.offset:
        members["offset"] = literal(column.offset)
    if column.levels is not None:
        members["levels"] = list_literal(column.levels)
    return object_literal(members)
