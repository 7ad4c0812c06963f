"""A student on a Cortex-M4: flash, RAM, and its answers in an emulator.

The benchmark needs Debian's packages gcc-arm-none-eabi, libnewlib-arm-none-eabi and
qemu-system-arm, or other packages with the same commands.
"""

if __name__ == "__main__":
    from benchmarks.environment import single_thread

    single_thread()

import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

from benchmarks.environment import describe, markdown_table, parse_arguments, publish
from skdistill import DistilledClassifier, Student
from skdistill.export.c.run import run as run_on_host
from skdistill.export.c.to_c import to_c

_START = Path(__file__).parent / "cortex_m4"
_COMPILER = [
    *("arm-none-eabi-gcc", "-std=c99", "-Os", "-mcpu=cortex-m4", "-mthumb"),
    *("-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"),
    *("-Wall", "-Wextra", "-Werror", "-Wconversion", "-ffunction-sections"),
    *("-nostartfiles", "-Wl,--gc-sections", f"-I{_START}"),
    f"-Wl,-T,{_START / 'memory.ld'}",
]
_EMULATOR = [
    *("qemu-system-arm", "-machine", "mps2-an386", "-nographic", "-monitor", "none"),
    *("-serial", "none", "-semihosting-config", "enable=on,target=native"),
]
_LONGEST_RUN = 120  # seconds

# Program with one row in memory and nothing else. The sizes are measured on it.
_ONE_ROW = """\
#include "student.h"
#include "start.h"

static {number} row[student_n_columns];
static {answer} answers[{size}];

int main(void)
{{
    return {function}(row, answers);
}}
"""

_ALL_ROWS = """\
#include "student.h"
#include "start.h"

static const {number} rows[{n_rows}][student_n_columns] = {{
{rows}
}};
static {answer} answers[{size}];

int main(void)
{{
    int i, j, k;
    paint_stack();
    for (i = 0; i < {n_rows}; i++) {{
        write_word((uint32_t){function}(rows[i], answers));
        for (j = 0; j < {size}; j++) {{
            union {{ {answer} number; uint32_t bits[{words}]; }} word = {{0}};
            word.number = answers[j];
            for (k = 0; k < {words}; k++) {{
                write_word(word.bits[k]);
            }}
        }}
    }}
    write_word(painted_stack_used());
    return 0;
}}
"""

_SIZES = {
    "classes": "student_n_classes",
    "numbers": "student_n_outputs",
    "label_sets": "student_n_labels",
}
# A word holds a probability of 16 bits.
_DTYPES = {"float": "f4", "double": "f8", "uint16_t": "u4", "int32_t": "i4"}

_ROWS = 100

_BUILDS = (
    ("float", "float32"),
    ("float", "float16"),
    ("float", "int8"),
    ("integer", "int8"),
)

_TEXT = """\
A forest of 500 trees on scikit-learn's digits, distilled: {student}.
Built with `arm-none-eabi-gcc -Os -mcpu=cortex-m4 -mfloat-abi=hard
-mfpu=fpv4-sp-d16`, and run by QEMU on {rows} rows.
Flash is the number of bytes of a whole image that predicts one row. RAM is the number
of bytes of the row and its probabilities, and of the stack that a prediction used. The
last columns show the greatest difference of a probability, and the number of changed
labels.

{table}

{environment}"""


class Measurement(NamedTuple):
    """Sizes and answers of a header on a Cortex-M4.

    Attributes
    ----------
    flash : int
        Number of bytes of program and constants, including the start-up code.
    static : int
        Number of bytes of one row and its probabilities.
    stack : int
        Number of bytes of the stack that were used.
    labels : ndarray of shape (n_rows,)
        Labels of classes. For other outputs, the numbers that the function returned.
    probabilities : ndarray of shape (n_rows, n_columns)
        Probabilities of classes or labels, or numbers.
    """

    flash: int
    static: int
    stack: int
    labels: np.ndarray
    probabilities: np.ndarray


def measure(student, header, X):
    """Build a header for a Cortex-M4 and run it in an emulator.

    Parameters
    ----------
    student : Student
    header : path-like
        File that `to_c` wrote with the prefix "student".
    X : table of shape (n_rows, n_features)
        Raw rows.

    Returns
    -------
    measurement : Measurement
    """
    text = Path(header).read_text()
    numbers = _numbers(text, student.numbers(X))
    is_float = numbers.dtype == np.float32
    kind = student.output.kind
    answer = "float" if is_float else "uint16_t"
    if kind == "numbers":
        answer = re.search(r"(\w+) numbers\[", text)[1]
    types = {
        "number": "float" if is_float else "int32_t",
        "answer": answer,
        "function": f"student_predict{'' if kind == 'numbers' else '_proba'}",
        "size": _SIZES[kind],
        "words": 2 if answer == "double" else 1,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "student.h").write_text(text)
        image = _build(folder, "one_row", _ONE_ROW.format(**types))
        flash, static = _bytes_of(image)
        rows = ",\n".join(f"    {{{', '.join(map(_literal, r))}}}" for r in numbers)
        source = _ALL_ROWS.format(**types, n_rows=len(numbers), rows=rows)
        words = _emulate(_build(folder, "all_rows", source))
    *words, stack = words
    written = np.array(words, dtype=np.uint32).reshape(len(numbers), -1)
    returned, answers = written[:, 0], written[:, 1:].copy().view(_DTYPES[answer])
    labels = student.classes_[returned] if kind == "classes" else returned
    if kind == "numbers" and not is_float:
        bits = re.search(r"student_number_bits\[\d+\] = \{([^}]*)\}", text)[1]
        answers = np.ldexp(answers, -np.array(bits.split(","), dtype=int))
    elif not is_float:
        answers = answers.astype(np.float32) / 2**15
    return Measurement(flash, static, stack, labels, answers)


def _numbers(header, numbers):
    """Return rows in the form that a header takes: float32, or int32 in fixed point."""
    found = re.search(r"student_fraction_bits\[\d+\] = \{([^}]*)\}", header)
    if found is None:
        return numbers
    bits = np.array(found[1].split(","), dtype=int)
    scaled = np.rint(np.ldexp(numbers.astype(np.float64), bits))
    whole = np.clip(np.nan_to_num(scaled), -(2**31) + 1, 2**31 - 1)
    return np.where(np.isnan(numbers), -(2**31), whole).astype(np.int32)


def _literal(value):
    """Return a number of a row as C source."""
    if isinstance(value, np.integer):
        return "INT32_MIN" if value == -(2**31) else str(value)
    return '(float)__builtin_nan("")' if np.isnan(value) else f"{value!s}f"


def _build(folder, name, source):
    """Build an image and return its path."""
    (folder / f"{name}.c").write_text(source)
    image = folder / name
    command = [*_COMPILER, folder / f"{name}.c", _START / "start.c", "-o", image]
    subprocess.run(command, check=True)
    return image


def _bytes_of(image):
    """Return the bytes of flash and of static RAM of an image."""
    output = subprocess.run(
        ["arm-none-eabi-size", image], check=True, capture_output=True, text=True
    ).stdout
    text, data, bss = map(int, output.splitlines()[1].split()[:3])
    return text + data, data + bss


def _emulate(image):
    """Run an image and return the words that it writes."""
    done = subprocess.run(
        [*_EMULATOR, "-kernel", image],
        check=True,
        capture_output=True,
        text=True,
        timeout=_LONGEST_RUN,
        stdin=subprocess.DEVNULL,
    )
    # Semihosting writes its console to standard error.
    return [int(word, 16) for word in (done.stdout + done.stderr).split()]


def main():
    options = parse_arguments(__doc__)
    student, X_train, X_test = _distilled(options.tiny)
    lines = []
    for arithmetic, dtype in _BUILDS:
        built = Student(
            student.coefs_,
            student.intercepts_,
            student.activation,
            student.classes_,
            student.input_code,
            student.knot_table_,
            dtype,
        )
        with tempfile.TemporaryDirectory() as folder:
            header = Path(folder) / "student.h"
            X = X_train if arithmetic == "integer" else None
            to_c(built, header, arithmetic=arithmetic, X=X)
            measured = measure(built, header, X_test)
            labels, probabilities = run_on_host(built, header, X_test)
        differences = [
            f"{np.abs(measured.probabilities - other).max():.2g}"
            for other in (probabilities, student.predict_proba(X_test))
        ]
        changed = [
            int(np.sum(measured.labels != other))
            for other in (labels, student.predict(X_test))
        ]
        lines.append(
            [
                arithmetic,
                dtype,
                f"{measured.flash:,}",
                f"{measured.static:,}",
                f"{measured.stack:,}",
                *(f"{d}, {c}" for d, c in zip(differences, changed, strict=True)),
            ]
        )
    heads = ["arithmetic", "weights", "flash", "RAM, row", "RAM, stack"]
    heads += ["from the same header on the host", "from the student"]
    text = _TEXT.format(
        student=f"{student!r}".strip("<>"),
        rows=len(X_test),
        table=markdown_table(heads, lines),
        environment=describe(),
    )
    publish("microcontroller", "A student on a Cortex-M4", text, options)


def _distilled(tiny):
    """Return a student of a forest on digits, its training rows, and test rows."""
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, _ = train_test_split(X, y, random_state=0, stratify=y)
    forest = RandomForestClassifier(20 if tiny else 500, random_state=0)
    sizes = {"hidden_layer_sizes": (8,), "max_iter": 2} if tiny else {}
    model = DistilledClassifier(forest, random_state=0, **sizes).fit(X_train, y_train)
    return model.student_, X_train, X_test[: 5 if tiny else _ROWS]


if __name__ == "__main__":
    main()
