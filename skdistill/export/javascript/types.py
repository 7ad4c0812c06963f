"""The TypeScript types of a student of raw rows."""

from string import Template

from skdistill.export.javascript.columns import JavaScriptColumn
from skdistill.export.javascript.literals import literal
from skdistill.export.javascript.module import put_together
from skdistill.student.student import Student

_NUMBER = "number | boolean | bigint"
_MISSING = "null | undefined"


def student_types(student: Student, columns: list[JavaScriptColumn]) -> str:
    """Return the declarations of a student's module.

    Parameters
    ----------
    student : Student
    columns : list of JavaScriptColumn
        Columns of the student.

    Returns
    -------
    text : str
    """
    members = [_member(column) for column in columns]
    return Template(put_together("d.mts", "table", student.output)).substitute(
        label=label_type(student),
        number=_NUMBER if student.input_code is None else f"{_NUMBER} | {_MISSING}",
        columns="\n  ".join(members),
        list=_list_type(columns),
    )


def label_type(student: Student) -> str:
    """Return the type of the labels of a student.

    Parameters
    ----------
    student : Student

    Returns
    -------
    text : str
        Empty if the student answers numbers.
    """
    if student.output.kind == "numbers":
        return ""
    return " | ".join(dict.fromkeys(map(_label_type, student.classes_.tolist())))


def _label_type(label):
    """Return the type of one label: the literal itself, or number for NaN."""
    text = literal(label)
    return "number" if text in ("NaN", "Infinity", "-Infinity") else text


def _member(column):
    """Return the declaration of a column in a row that is an object."""
    optional = "?" if column.kind == "unused" else ""
    return f"readonly {literal(column.name)}{optional}: {_value_type(column)};"


def _list_type(columns):
    """Return the type of a row that is a list: a tuple, if a column has categories."""
    if all(column.kind != "category" for column in columns):
        return "readonly NumberValue[] | Float32Array | Float64Array"
    lines = "".join(f"  NamedRow[{literal(column.name)}],\n" for column in columns)
    return f"readonly [\n{lines}]"


def _value_type(column):
    """Return the type of a column's values."""
    if column.kind == "unused":
        return "unknown"
    if column.kind != "category":
        return "NumberValue"
    kinds = {type(level) for level in column.levels}
    types = []
    if str in kinds or not kinds:
        # An editor then suggests the levels, and other text is accepted as well.
        levels = [literal(level) for level in column.levels if type(level) is str]
        types += [*levels, "(string & {})"]
    if bool in kinds:
        types.append("boolean")
    if kinds & {int, float}:
        types.append("number | bigint")
    return " | ".join([*types, _MISSING])
