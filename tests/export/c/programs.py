"""Students as C, in programs that run them."""

import re
import subprocess
from typing import NamedTuple

import numpy as np

from skdistill import Student
from skdistill.export.c.to_c import to_c
from tests import oracle

STRICT = ("-pedantic", "-Wall", "-Wextra", "-Werror", "-Wconversion")
COMPILERS = {
    "gcc": ("gcc", "-std=c99", "-O3"),
    "clang": ("clang", "-std=c99", "-O2"),
    "g++": ("g++", "-std=c++11", "-x", "c++", "-O2"),
    "clang++": ("clang++", "-std=c++11", "-x", "c++", "-O1"),
    "clang, sanitised": (
        *("clang", "-std=c99", "-O0", "-fno-sanitize-recover=all"),
        "-fsanitize=undefined,address,float-cast-overflow",
    ),
}

# For students that are drawn, beside clang's for those that are not.
SANITISED_GCC = (
    *("gcc", "-std=c99", "-O0", "-fno-sanitize-recover"),
    "-fsanitize=undefined,address,float-cast-overflow",
)

# Rows in, one student after the other; what the functions return and write out.
_PROGRAM = """\
{includes}
#include <stdio.h>

#define RUN(prefix, number, probability, rows) \\
    {{ \\
        static number row[prefix##_n_columns]; \\
        static probability probabilities[prefix##_n_classes]; \\
        int places[2], i; \\
        for (i = 0; i < rows; i++) {{ \\
            if (fread(row, sizeof row, 1, stdin) != 1) {{ \\
                return 1; \\
            }} \\
            places[0] = prefix##_predict(row); \\
            places[1] = prefix##_predict_proba(row, probabilities); \\
            fwrite(places, sizeof places, 1, stdout); \\
            fwrite(probabilities, sizeof probabilities, 1, stdout); \\
        }} \\
    }}

#define RUN_NUMBERS(prefix, number, result, rows) \\
    {{ \\
        static number row[prefix##_n_columns]; \\
        static result numbers[prefix##_n_outputs]; \\
        int places[2], i; \\
        for (i = 0; i < rows; i++) {{ \\
            if (fread(row, sizeof row, 1, stdin) != 1) {{ \\
                return 1; \\
            }} \\
            places[0] = places[1] = prefix##_predict(row, numbers); \\
            fwrite(places, sizeof places, 1, stdout); \\
            fwrite(numbers, sizeof numbers, 1, stdout); \\
        }} \\
    }}

#define RUN_LABELS(prefix, number, probability, rows) \\
    {{ \\
        static number row[prefix##_n_columns]; \\
        static uint8_t labels[prefix##_n_labels]; \\
        static probability probabilities[prefix##_n_labels]; \\
        int places[2], i; \\
        for (i = 0; i < rows; i++) {{ \\
            if (fread(row, sizeof row, 1, stdin) != 1) {{ \\
                return 1; \\
            }} \\
            places[0] = prefix##_predict(row, labels); \\
            places[1] = prefix##_predict_proba(row, probabilities); \\
            fwrite(places, sizeof places, 1, stdout); \\
            fwrite(labels, sizeof labels, 1, stdout); \\
            fwrite(probabilities, sizeof probabilities, 1, stdout); \\
        }} \\
    }}

int main(void)
{{
{runs}
    return 0;
}}
"""

_DTYPES = {"float": "f4", "double": "f8", "int32_t": "i4", "uint16_t": "u2"}
_MACROS = {"classes": "RUN", "numbers": "RUN_NUMBERS", "label_sets": "RUN_LABELS"}


class Case(NamedTuple):
    """A header in C and rows for it, float32 or int32 of its fixed point."""

    prefix: str
    student: Student
    path: object
    numbers: np.ndarray


class Answers(NamedTuple):
    """Results of the functions of a header. Numbers stand in `probabilities` too."""

    places: np.ndarray
    places_of_proba: np.ndarray
    probabilities: np.ndarray
    labels: np.ndarray | None = None


def compile_and_run(source, folder, compiler, *options, given=b""):
    """Return what a program writes."""
    folder.mkdir(exist_ok=True)
    (folder / "main.c").write_text(source)
    command = [*compiler, *options, str(folder / "main.c"), "-o", str(folder / "main")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:4000]
    done = subprocess.run(
        [str(folder / "main")], input=given, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr[:4000]
    return done.stdout


def run_cases(cases, folder, compiler, *options):
    """Return the answers of cases, all in one program."""
    # Included a second time, a header adds nothing.
    includes = "\n".join(f'#include "{case.path}"' for case in [*cases, *cases])
    runs, dtypes = [], []
    for case in cases:
        is_float = case.numbers.dtype == np.float32
        output = case.student.output
        number, answer = ("float", "float") if is_float else ("int32_t", "uint16_t")
        if output.kind == "numbers":
            answer = re.search(r"(\w+) numbers\[", case.path.read_text())[1]
        macro = _MACROS[output.kind]
        n_rows = len(case.numbers)
        runs.append(f"    {macro}({case.prefix}, {number}, {answer}, {n_rows})")
        shape = (output.n_columns,)
        fields = [("places", "i4", 2), ("answers", _DTYPES[answer], shape)]
        if output.kind == "label_sets":
            fields.insert(1, ("labels", "u1", shape))
        dtypes.append(np.dtype(fields))
    source = _PROGRAM.format(includes=includes, runs="\n".join(runs))
    given = b"".join(case.numbers.tobytes() for case in cases)
    output = compile_and_run(source, folder, compiler, *STRICT, *options, given=given)
    answers, offset = [], 0
    for case, dtype in zip(cases, dtypes, strict=True):
        read = np.frombuffer(output, dtype, len(case.numbers), offset)
        offset += len(case.numbers) * dtype.itemsize
        labels = read["labels"] if "labels" in dtype.names else None
        answers.append(Answers(*read["places"].T, read["answers"], labels))
    assert offset == len(output)
    return answers


def float_case(folder, prefix, student, numbers, **options):
    """Return a student in floats and rows as it takes them."""
    path = folder / f"{prefix}.h"
    to_c(student, path, prefix=prefix, **options)
    return Case(prefix, student, path, np.ascontiguousarray(numbers, np.float32))


def random_student(
    units, activation="relu", dtype="float32", code=None, seed=0, size=1.0
):
    """Return a student of hidden and output units, and of inputs where plain."""
    inputs = () if code is None else (code.n_linear,)
    coefs, intercepts = oracle.random_network((*inputs, *units), seed, np.float32)
    coefs[0] *= size
    table = None
    if code is not None:
        shape = (code.n_rows, intercepts[0].size)
        table = size * oracle.RNG(seed).normal(size=shape).astype(np.float32)
    classes = [f"class {i}" for i in range(max(2, units[-1]))]
    return Student(coefs, intercepts, activation, classes, code, table, dtype)


def random_rows(student, n, seed=1):
    """Return raw rows, and the numbers that stand for them."""
    code = student.input_code
    if code is None:
        rows = oracle.RNG(seed).normal(size=(n, student.n_features_in_))
        return rows.astype(np.float32), rows.astype(np.float32)
    numbers = oracle.random_numbers(code, n, seed)
    return oracle.labelled_table(code, numbers), numbers


def students():
    """Return students of every kind by name."""
    codes = {
        "all kinds": oracle.random_code(2, (3, 9), (4, 1)),
        "linear": oracle.random_code(3, (), ()),
        "knots": oracle.random_code(0, (2, 3, 40), ()),
        "categories": oracle.random_code(0, (), (5, 2)),
        "no column used": oracle.random_code(0, (), ()),
    }
    made = {}
    for units in ((1, 1), (3, 2, 1), (5, 4), (54, 64, 7), (6, 33, 17, 20), (2, 8, 3)):
        made[f"plain {units}"] = random_student(units)
    for name, code in codes.items():
        made[name] = random_student((7, 5, 3), code=code)
        made[f"{name}, one layer"] = random_student((3,), code=code)
        made[f"{name}, two classes"] = random_student((4, 1), code=code)
    for dtype in ("float32", "float16", "int8"):
        # Its only output adds up one number a column.
        made[f"sum of curves, {dtype}"] = random_student(
            (1,), dtype=dtype, code=codes["all kinds"]
        )
    # So many knots that the place among them leaves few bits for the fraction.
    code = oracle.random_code(0, (250,), ())
    made["many knots"] = random_student((7, 3), code=code, size=3.0)
    for activation in ("tanh", "logistic", "silu"):
        made[f"plain, {activation}"] = random_student((4, 9, 5, 3), activation)
        made[activation] = random_student((9, 5, 3), activation, code=codes["knots"])
    for dtype in ("int8", "float16"):
        for name, code in codes.items():
            made[f"{name}, {dtype}"] = random_student((7, 5, 3), "silu", dtype, code)
        made[f"plain, {dtype}"] = random_student((4, 9, 3), "relu", dtype)
        made[f"linear, one layer, {dtype}"] = random_student(
            (3,), dtype=dtype, code=codes["linear"]
        )
    return made
