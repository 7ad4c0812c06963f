"""Export a student as a module of JavaScript, with its types for TypeScript."""

from importlib.resources import files
from os import PathLike
from typing import Any

from skdistill.common.files import check_writable, write_file
from skdistill.export.file import check_options, export_file
from skdistill.export.javascript.columns import (
    JavaScriptColumn,
    array_literal,
    javascript_columns,
    list_literal,
    literal,
)
from skdistill.export.javascript.types import student_types
from skdistill.export.source import student_of
from skdistill.student.student import Student

# Ending of the file of types for each ending of a module.
TYPES_SUFFIXES = {".mjs": ".d.mts", ".js": ".d.ts"}

_STUDENT_LINE = "const student = {};\n"


def to_js(
    model: Any,
    path: str | PathLike[str],
    *,
    verify_on: Any = None,
    tolerance: float = 1e-5,
) -> None:
    """Write the student as an ES module, for browsers, Node and similar programs.

    The module depends on no other module. It exports

    - ``predict(row)``, which returns a label: a string, number or boolean, as in
      training. An integer beyond 2^53 is a BigInt;
    - ``predictProba(row)``, which returns an array of probabilities;
    - ``classes``, the labels in the order of the probabilities;
    - ``features``, the columns in their order. Each is an object with ``name`` and
      ``kind``. The kind "number" has the range ``low`` to ``high``, outside of which
      the student sees no difference; both are null for a student without an input
      code. The kind "category" has ``levels``. The kind "unused" has neither;
    - ``takesMissing``, whether values may be missing.

    A row is an array of raw values in the order of the columns, or an object. The keys
    of an object are the names in `feature_names_in_`. Without names, or if two names
    are equal, the keys are ``x0``, ``x1`` and so on. An unused column needs no key.
    Values are numbers, strings and booleans. A missing value is null, undefined or
    NaN. The module treats an unseen level as the student does. If the student raises
    an error, the module throws one: a RangeError for a number that is infinite or too
    large, a TypeError for a value of another type or a row of another form. The module
    does not look at unused columns.

    Types for TypeScript are written beside the module: ``student.d.mts`` for
    ``student.mjs``, ``student.d.ts`` for ``student.js``.

    Parameters
    ----------
    model : DistilledClassifier or Student
        A fitted estimator or its student.
    path : str or path-like
        Path of the module, with the ending ``.mjs`` or ``.js``. An existing file is
        replaced.
    verify_on : table of shape (n_rows, n_features), default=None
        Raw rows on which the module, run by Node, is compared with the student, see
        `verify`. None: the module is not run.
    tolerance : float, default=1e-5
        Greatest accepted difference of a probability on `verify_on`.

    Raises
    ------
    TypeError
        If model is neither an estimator nor a student.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If path has another ending, if a label cannot be written in JavaScript, or if
        the module does not answer as the student. An existing file is then kept.
    RuntimeError
        If Node is needed and not found.
    OSError
        If a file cannot be written.

    See Also
    --------
    verify : Compare the answers of a file with the student's.

    Examples
    --------
    >>> import numpy as np
    >>> import os, tempfile
    >>> from skdistill import Student
    >>> from skdistill.export import to_js
    >>> student = Student(
    ...     [np.array([[2.0]])], [np.array([0.0])], "relu", np.array(["no", "yes"])
    ... )
    >>> folder = tempfile.mkdtemp()
    >>> to_js(student, os.path.join(folder, "student.mjs"))
    >>> sorted(os.listdir(folder))
    ['student.d.mts', 'student.mjs']
    """
    student = student_of(model)
    path = check_options(path, TYPES_SUFFIXES, tolerance)
    names = getattr(model, "feature_names_in_", None)
    columns = javascript_columns(student, names)
    module, types = _student_module(student, columns), student_types(student, columns)
    types_path = path.with_suffix(TYPES_SUFFIXES[path.suffix])
    # Neither file is replaced if the other one cannot be written.
    check_writable(path)
    check_writable(types_path)
    export_file(path, module.encode(), model, verify_on, tolerance)
    write_file(types_path, types.encode())


def _student_module(student: Student, columns: list[JavaScriptColumn]) -> str:
    """Return the text of the module."""
    template = files("skdistill.export.javascript") / "student_template.mjs"
    before, after = template.read_text(encoding="utf-8").split(_STUDENT_LINE)
    return f"{before}{_student_literal(student, columns)}{after}"


def _student_literal(student, columns):
    """Return the definition of the object that the code of the module reads."""
    members = {
        "activation": literal(student.activation),
        "takesMissing": literal(student.input_code is not None),
        "classes": list_literal(student.classes_.tolist()),
        "columns": _lines("[]", map(_column_literal, columns)),
        "layers": _lines("[]", map(_object_literal, _layers(student))),
    }
    described = (f"{name}: {text}" for name, text in members.items())
    return f"const student = {_lines('{}', described, indent='  ')};\n"


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
    return _object_literal(members)


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
    return _object_literal(members)


def _object_literal(members):
    """Return an object on one line."""
    return f"{{ {', '.join(f'{name}: {text}' for name, text in members.items())} }}"


def _lines(brackets, items, indent="    "):
    """Return an object or array that has one part on each line."""
    opening, closing = brackets
    inner = "".join(f"{indent}{item},\n" for item in items)
    return f"{opening}\n{inner}{indent[2:]}{closing}"
