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

from skdistill.export.c.text_student.run import (
    reason,
    rows_of_texts,
    text_main_source,
)
from skdistill.student.student import Student

_COMPILERS = ("cc", "gcc", "clang")
_OPTIONS = ("-std=c99", "-O1")

_PREDICT = re.compile(r"^static inline int (\w+)_predict\(const (\w+) row", re.M)

_MAIN = """\
#include <math.h>
#include <stdio.h>
#include "student.h"

static float row[{prefix}_n_columns];
static {number} numbers[{prefix}_n_columns];
static {probability} probabilities[{prefix}_n_classes];
static float answer[{prefix}_n_classes];

int main(void)
{{
    int indices[2];
    int j;
    while (fread(row, sizeof row, 1, stdin) == 1) {{
        for (j = 0; j < {prefix}_n_columns; j++) {{
            {convert}
        }}
        indices[0] = {prefix}_predict(numbers);
        indices[1] = {prefix}_predict_proba(numbers, probabilities);
        for (j = 0; j < {prefix}_n_classes; j++) {{
            answer[j] = (float)probabilities[j] / {one};
        }}
        fwrite(indices, sizeof indices, 1, stdout);
        fwrite(answer, sizeof answer, 1, stdout);
    }}
    return 0;
}}
"""

_INTEGER = """\
double scaled = rint(ldexp((double)row[j], {prefix}_fraction_bits[j]));
            scaled = fmax(-2147483647.0, fmin(2147483647.0, scaled));
            numbers[j] = isnan(row[j]) ? INT32_MIN : (int32_t)scaled;"""


def run(
    student: Student, artefact: str | PathLike[str], X: Any
) -> tuple[NDArray[Any], NDArray[np.float32]]:
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
    labels : ndarray of shape (n_rows,)
    probabilities : ndarray of shape (n_rows, n_classes), float32

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
    return _read_answers(student, n_rows, output)


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
        `text_main_source` says. For each row it writes the class index that each of
        the two functions returns, int32, and the probabilities, float32.

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
    prefix, number = found.groups()
    is_float = number == "float"
    return _MAIN.format(
        prefix=prefix,
        number=number,
        probability="float" if is_float else "uint16_t",
        convert="numbers[j] = row[j];" if is_float else _INTEGER.format(prefix=prefix),
        one="1.0f" if is_float else "32768.0f",
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


def _read_answers(student, n_rows, output):
    """Return labels and probabilities that a program wrote."""
    n_classes = len(student.classes_)
    dtype = [("indices", "i4", (2,)), ("probabilities", "f4", (n_classes,))]
    expected = n_rows * np.dtype(dtype).itemsize
    if len(output) != expected:
        raise ValueError(
            f"the program gave {len(output)} bytes of answers, not {expected}: the "
            "header belongs to another student"
        )
    answers = np.frombuffer(output, dtype)
    indices = answers["indices"]
    refused = np.flatnonzero(((indices < 0) | (indices >= n_classes)).any(axis=1))
    if refused.size:
        row = refused[0]
        why = "" if student.text is None else f": {reason(indices[row, 0])}"
        raise ValueError(f"the header gave no answer for row {row} of X{why}")
    return student.classes_[indices[:, 0]], answers["probabilities"]
