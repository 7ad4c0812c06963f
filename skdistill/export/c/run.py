"""Compile a header of `to_c`, and run it on rows."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.export.c.program import calls, read_answers
from skdistill.export.c.text_student.run import (
    reason,
    rows_of_texts,
    text_main_source,
)
from skdistill.student.student import Student

_COMPILERS = ("cc", "gcc", "clang")
_OPTIONS = ("-std=c99", "-O1")

# The third and the fourth group are those of a second parameter.
_PREDICT = re.compile(
    r"^static inline int (?P<prefix>\w+)_predict\(\s*const (?P<number>\w+) row\[\w+\]"
    r"(?:, (?P<type>\w+) (?P<answers>\w+)\[\w+\])?\)$",
    re.M,
)

_MAIN = """\
#include <math.h>
#include <stdio.h>
#include "student.h"

static float raw[{prefix}_n_columns];
static {number} row[{prefix}_n_columns];
{arrays}
int main(void)
{{
    int indices[2];
    int j;
    while (fread(raw, sizeof raw, 1, stdin) == 1) {{
        for (j = 0; j < {prefix}_n_columns; j++) {{
            {convert}
        }}
{calls}    }}
    return 0;
}}
"""

_INTEGER = """\
double scaled = rint(ldexp((double)raw[j], {prefix}_fraction_bits[j]));
            scaled = fmax(-2147483647.0, fmin(2147483647.0, scaled));
            row[j] = isnan(raw[j]) ? INT32_MIN : (int32_t)scaled;"""


def run(
    student: Student, artefact: str | PathLike[str], X: Any
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Compile a header and predict rows with it.

    Parameters
    ----------
    student : Student
        Exported student, which knows the codes of categories and the labels.
    artefact : str or path-like
        Header that `to_c` wrote, for floats or for integers.
    X : table of shape (n_rows, n_features)
        Raw rows. Texts if the student takes texts.

    Returns
    -------
    decisions : ndarray of shape (n_rows,) or (n_rows, n_outputs)
        Labels, indicators of labels, or numbers, as `Student.predict` returns them.
    answers : ndarray of shape (n_rows, n_columns), or (n_rows,) for flat numbers
        Probabilities or numbers.

    Raises
    ------
    ValueError
        If `to_c` did not write the file, if it belongs to another student, or if it
        refuses a row.
    RuntimeError
        If no compiler is found, or if the compiler refuses the header.
    """
    if student.text is None:
        rows = student.numbers(X)
        n_rows, given = len(rows), rows.tobytes()
    else:
        n_rows, given = rows_of_texts(student, X)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        header = Path(artefact).read_text(encoding="utf-8")
        (folder / "student.h").write_text(header, encoding="utf-8")
        (folder / "main.c").write_text(main_source(header))
        program = str(folder / "main")
        command = [*_compiler(), *_OPTIONS, str(folder / "main.c"), "-o", program]
        _run([*command, "-lm"])
        output = _run([program], given)
    indices, decisions, answers = read_answers(student, n_rows, output)
    is_refused = indices < 0
    if student.output.kind == "classes":
        is_refused |= indices >= len(student.classes_)
    refused = np.flatnonzero(is_refused.any(axis=1))
    if refused.size:
        row = refused[0]
        why = "" if student.text is None else f": {reason(indices[row, 0])}"
        raise ValueError(f"the header gave no answer for row {row} of X{why}")
    if student.output.kind == "classes":
        decisions = student.classes_[decisions]
    return decisions, answers


def main_source(header: str) -> str:
    """Return a program that reads rows and writes answers.

    Parameters
    ----------
    header : str
        Text that `to_c` wrote. The program includes it as ``student.h``.

    Returns
    -------
    source : str
        Program in C. It reads rows of float32 from its standard input, or texts as
        `text_main_source` says, and writes what `skdistill.export.c.program` says.

    Raises
    ------
    ValueError
        If the header has no function that predicts.
    """
    of_texts = text_main_source(header)
    if of_texts is not None:
        return of_texts
    found = _PREDICT.search(header)
    if found is None:
        raise ValueError(
            "the header was not written by to_c: it has no function that predicts"
        )
    prefix, is_float = found["prefix"], found["number"] == "float"
    return _MAIN.format(
        prefix=prefix,
        number=found["number"],
        convert="row[j] = raw[j];" if is_float else _INTEGER.format(prefix=prefix),
        **calls(found, prefix, "row", is_float),
    )


def _compiler():
    """Return the command of a C compiler."""
    named = shlex.split(os.environ.get("CC", ""))
    if named:
        return named
    for name in _COMPILERS:
        if shutil.which(name):
            return [name]
    raise RuntimeError(
        f"no C compiler is found: install one of {', '.join(_COMPILERS)}, or name one "
        "in the environment variable CC"
    )


def _run(command, given=None):
    """Return the output of a command."""
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False)
    except OSError as error:
        raise RuntimeError(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        message = done.stderr.decode(errors="replace")
        raise RuntimeError(
            f"{shlex.join(command)} failed ({done.returncode}): {message:.2000}"
        )
    return done.stdout
