"""Put a module together from templates: the network, and what reads a row."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from importlib.resources import files
from typing import Any

from skdistill.export.javascript.literals import (
    array_literal,
    lines,
    list_literal,
    literal,
    object_literal,
)
from skdistill.student.student import Student

_STUDENT_LINE = "const student = {};\n"
_MARK = "//: "
_CONDITION = "//?"


def module_of(
    student: Student,
    rows: str,
    members: Mapping[str, str],
    uses: Collection[str] = (),
) -> str:
    """Return the module of a student.

    Parameters
    ----------
    student : Student
    rows : {"table", "text"}
        Kind of the rows.
    members : mapping of str to str
        Literals that the code for these rows reads, as members of the object
        `student`.
    uses : collection of str, default=()
        Features of the student. Lines for other features are left out.

    Returns
    -------
    text : str
    """
    members = {
        "activation": literal(student.activation),
        **_output_members(student.output),
        **members,
        "layers": lines("[]", map(object_literal, _layers(student))),
    }
    described = (f"{name}: {text}" for name, text in members.items())
    student_line = f"const student = {lines('{}', described, indent='  ')};\n"
    before, after = put_together("mjs", rows, student.output, uses).split(_STUDENT_LINE)
    return f"{before}{student_line}{after}"


def put_together(
    ending: str, rows: str, output: Any, uses: Collection[str] = ()
) -> str:
    """Return a template for all students, with the parts for one kind of rows.

    Lines that open with ``//:`` divide a template. In the template for all students
    such a line names a place. In the template of rows it names the place of the lines
    that follow, as in ``//: rows``, or also the feature that needs them, as in
    ``//: rows if hashing``.

    In both, a line such as ``//? numbers label_sets`` names the outputs of students
    that need the lines that follow. ``//?`` alone names all students.

    Parameters
    ----------
    ending : {"mjs", "d.mts"}
        Ending of the templates: code or types.
    rows : {"table", "text"}
    output : Output
        Output of the student.
    uses : collection of str, default=()
        Features of the student. Lines for other features are left out.

    Returns
    -------
    text : str
    """
    conditions = _conditions(output)
    parts = _parts(_lines_for(conditions, _lines_of(rows, ending)), uses)
    frame = _lines_for(conditions, _lines_of("student", ending))
    return "".join(parts[line] if line[:4] == _MARK else line for line in frame)


def _lines_of(name, ending):
    """Return the lines of a template."""
    path = files("skdistill.export.javascript") / f"{name}_template.{ending}"
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def _conditions(output):
    """Return the names by which templates ask for the output of a student."""
    if output.kind != "numbers":
        return {output.kind}
    named = {"numbers"}
    if output.quantiles is not None:
        named.add("levels")
    if output.is_flat:
        return named | {"one_number"}
    return named | {"quantiles" if output.are_sorted else "several_numbers"}


def _lines_for(conditions, template):
    """Yield the lines that a student with these conditions needs."""
    is_needed = True
    for line in template:
        if line.startswith(_CONDITION):
            named = line.removeprefix(_CONDITION).split()
            is_needed = not named or not conditions.isdisjoint(named)
        elif is_needed:
            yield line


def _output_members(output):
    """Return what the output of a student is, as members of the object `student`."""
    if output.kind != "numbers":
        return {"classes": list_literal(output.labels.tolist())}
    columns = zip(output.mean, output.scale, output.low, output.high, strict=True)
    numbers = [
        object_literal(
            dict(zip(("mean", "scale", "low", "high"), map(literal, one), strict=True))
        )
        for one in columns
    ]
    members = {"numbers": lines("[]", numbers)}
    if output.quantiles is not None:
        members["quantiles"] = list_literal(output.quantiles)
    return members


def _parts(template, uses):
    """Return the lines that a student needs, by the line that names their place."""
    parts: dict[str, str] = defaultdict(str)
    place, is_needed = "", False
    for line in template:
        if line.startswith(_MARK):
            place, _, feature = line.rstrip("\n").partition(" if ")
            place += "\n"
            is_needed = not feature or feature in uses
        elif is_needed:
            parts[place] += line
    return parts


def _layers(student):
    """Return the members of each layer."""
    stored = student.stored_weights
    layers = [
        {"weights": _weights(weights), "biases": array_literal(biases)}
        for weights, biases in zip(stored.layers, student.intercepts_, strict=True)
    ]
    if stored.knot_table is not None:
        layers[0]["table"] = _weights(stored.knot_table)
    return layers


def _weights(stored):
    """Return the object of a matrix of weights."""
    members = {"type": literal(stored.dtype), "values": array_literal(stored.values)}
    if stored.scales is not None:
        members["scales"] = array_literal(stored.scales)
    return object_literal(members)
