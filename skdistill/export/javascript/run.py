"""Run a JavaScript module on rows, with Node."""

import json
import shutil
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.raw_columns import written_value
from skdistill.student.student import Student
from skdistill.tables.read import read_coded_columns

_PROGRAM = "run.mjs"

# JavaScript reads every integer of JSON up to this one exactly.
_LAST_EXACT = 2**53 - 1


def run(student: Student, artefact: Path, X: Any) -> tuple[NDArray, NDArray]:
    """Return decisions and answers.

    Parameters
    ----------
    student : Student
        Exported student.
    artefact : Path
        Path of the module.
    X : table of shape (n_rows, n_features), or list of str of length n_rows

    Returns
    -------
    decisions : ndarray of shape (n_rows,), object, or (n_rows, n_outputs)
        Labels, indicators of labels, or numbers, as `Student.predict` returns them.
    answers : ndarray of shape (n_rows, n_columns), or (n_rows,) for flat numbers
        Probabilities or numbers.

    Raises
    ------
    RuntimeError
        If Node is not found.
    ValueError
        If the file is not the module of a student, or if it refuses a row.
    """
    node = shutil.which("node")
    if node is None:
        raise RuntimeError(
            "Node runs a JavaScript module, and the command node is not found: "
            "install Node, version 18 or later"
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Node reads a file with the ending .js as an ES module only in some folders.
        shutil.copyfile(artefact, folder / "student.mjs")
        program = (files("skdistill.export.javascript") / _PROGRAM).read_text(
            encoding="utf-8"
        )
        (folder / _PROGRAM).write_text(program, encoding="utf-8")
        with open(folder / "rows", "w", encoding="ascii") as file:
            file.writelines(json.dumps(row) + "\n" for row in _raw_rows(student, X))
        paths = [str(folder / n) for n in (_PROGRAM, "student.mjs", "rows", "answers")]
        done = subprocess.run([node, *paths], capture_output=True, check=False)
        if done.returncode:
            message = done.stderr.decode(errors="replace").strip()
            raise ValueError(f"Node cannot run {artefact}: {message:.2000}")
        with open(folder / "answers", encoding="utf-8") as file:
            answers = [json.loads(line) for line in file]
    given = np.array([answer for _, answer in answers], dtype=np.float64)
    if student.output.kind == "numbers":
        return given, given
    labels = [label for label, _ in answers]
    if student.output.kind == "label_sets":
        return np.array(labels), given
    decisions = np.empty(len(answers), dtype=object)
    decisions[:] = labels
    return decisions, given


def _raw_rows(student, X):
    """Return the rows of a table as lists of values for JSON, or texts."""
    if student.text is not None:
        texts = student.text.read(X).columns
        # A row is one text, unless a student reads columns of a table.
        return texts[0] if student.text.columns is None else zip(*texts, strict=True)
    code = student.input_code
    if code is None:
        return np.asarray(X, dtype=np.float64).tolist()
    columns = [_cells(column) for column in read_coded_columns(X)]
    for feature, levels in zip(code.categorical, code.levels, strict=True):
        if levels and not any(isinstance(level, str) for level in levels):
            columns[feature] = _as_numbers(columns[feature], levels)
    return map(list, zip(*columns, strict=True))


def _cells(column):
    """Return the cells of a column."""
    if column.labels is None:
        cells = column.values.astype(np.float64).tolist()
        return [None if cell != cell else cell for cell in cells]
    # A missing value has the index -1, which is that of the last entry.
    labels = [*map(_to_json, column.labels), None]
    return [labels[index] for index in column.values]


def _to_json(label):
    """Return a label in the form that the program reads."""
    if type(label) is int and abs(label) > _LAST_EXACT:
        return {"integer": str(label)}
    return label


def _as_numbers(cells, levels):
    """Return cells in which an unseen number stands for a text that writes none.

    In a table, such a text among numbers counts as an unseen level. A module takes one
    row at a time, and there such a text is an error.
    """
    unseen = 1.0
    while unseen in levels:
        unseen += 1.0
    return [unseen if isinstance(written_value(c), str) else c for c in cells]
