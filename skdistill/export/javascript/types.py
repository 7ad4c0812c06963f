"""The TypeScript types of a student."""

from importlib.resources import files
from string import Template

from skdistill.export.javascript.columns import JavaScriptColumn, literal
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
    template = files("skdistill.export.javascript") / "student_template.d.mts"
    members = [_member(column) for column in columns]
    return Template(template.read_text(encoding="utf-8")).substitute(
        label=" | ".join(dict.fromkeys(map(_label_type, student.classes_.tolist()))),
        number=_NUMBER if student.input_code is None else f"{_NUMBER} | {_MISSING}",
        columns="\n  ".join(members),
        list=_list_type(columns),
    )


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
