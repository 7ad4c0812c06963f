"""The answers of a JavaScript module, by Node."""

import json
import shutil
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.student import Student
from skdistill.tables.read import read_coded_columns

_PROGRAM = "run.mjs"

# The greatest integer that JSON gives to JavaScript as it is.
_LAST_EXACT = 2**53 - 1


def run(student: Student, artefact: Path, X: Any) -> tuple[NDArray, NDArray]:
    """Return labels and probabilities.

    Parameters
    ----------
    student : Student
        Of which the module was made.
    artefact : Path
        The module.
    X : table of shape (n_rows, n_features)

    Returns
    -------
    labels : ndarray of shape (n_rows,), object
    probabilities : ndarray of shape (n_rows, n_classes)

    Raises
    ------
    RuntimeError
        Where Node is not found.
    ValueError
        Where the file is no module of a student, or refuses a row.
    """
    node = shutil.which("node")
    if node is None:
        raise RuntimeError(
            "a JavaScript module is run by Node, and the command node is not found: "
            "install Node, version 18 or later"
        )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Node takes a file that ends in .js as an ES module in some folders only.
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
            raise ValueError(f"Node does not run {artefact}: {message:.2000}")
        with open(folder / "answers", encoding="utf-8") as file:
            answers = [json.loads(line) for line in file]
    labels = np.empty(len(answers), dtype=object)
    labels[:] = [label for label, _ in answers]
    return labels, np.array([probabilities for _, probabilities in answers])


def _raw_rows(student, X):
    """Return the rows of a table as lists of what JSON holds."""
    code = student.input_code
    if code is None:
        return np.asarray(X, dtype=np.float64).tolist()
    columns = [_cells(column) for column in read_coded_columns(X)]
    for feature, levels in zip(code.categorical, code.levels, strict=True):
        if all(isinstance(level, str) for level in levels):
            columns[feature] = _as_text(columns[feature], levels)
    return map(list, zip(*columns, strict=True))


def _cells(column):
    """Return the cells of a column."""
    if column.labels is None:
        cells = column.values.astype(np.float64).tolist()
        return [None if cell != cell else cell for cell in cells]
    # The place -1 is the last one: missing.
    labels = [*map(_to_json, column.labels), None]
    return [labels[place] for place in column.values]


def _to_json(label):
    """Return a label as the program reads it."""
    if type(label) is int and abs(label) > _LAST_EXACT:
        return {"integer": str(label)}
    return label


def _as_text(cells, levels):
    """Return cells with text, never seen, in place of numbers.

    Among text a number is a level never seen. In a row by itself, which is what a
    module takes, it is an error.
    """
    unseen = "".join(levels) + "?"
    return [unseen if isinstance(cell, int | float | dict) else cell for cell in cells]
