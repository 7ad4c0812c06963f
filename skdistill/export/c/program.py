"""The program around a header of `to_c`: what it calls and writes, and what that means.

For each row it writes two numbers of int32, which the functions returned, and then the
answers: probabilities of classes, indicators and probabilities of labels, or numbers.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.student import Student

_CLASSES = """\
        indices[0] = {prefix}_predict({arguments});
        indices[1] = {prefix}_predict_proba({arguments}, probabilities);
        fwrite(indices, sizeof indices, 1, stdout);
        for (j = 0; j < {prefix}_n_classes; j++) {{
            const float answer = (float)probabilities[j] / {one};
            fwrite(&answer, sizeof answer, 1, stdout);
        }}
"""

_LABEL_SETS = """\
        indices[0] = {prefix}_predict({arguments}, labels);
        indices[1] = {prefix}_predict_proba({arguments}, probabilities);
        fwrite(indices, sizeof indices, 1, stdout);
        fwrite(labels, sizeof labels, 1, stdout);
        for (j = 0; j < {prefix}_n_labels; j++) {{
            const float answer = (float)probabilities[j] / {one};
            fwrite(&answer, sizeof answer, 1, stdout);
        }}
"""

_NUMBERS = """\
        indices[0] = indices[1] = {prefix}_predict({arguments}, numbers);
        fwrite(indices, sizeof indices, 1, stdout);
        for (j = 0; j < {prefix}_n_outputs; j++) {{
            const double answer = {number};
            fwrite(&answer, sizeof answer, 1, stdout);
        }}
"""

_ARRAYS = {
    "classes": "static {type} probabilities[{prefix}_n_classes];\n",
    "label_sets": (
        "static uint8_t labels[{prefix}_n_labels];\n"
        "static {type} probabilities[{prefix}_n_labels];\n"
    ),
    "numbers": "static {type} numbers[{prefix}_n_outputs];\n",
}


def calls(found: Any, prefix: str, arguments: str, is_float: bool) -> dict[str, str]:
    """Return the parts of a program that hold, compute and write answers.

    Parameters
    ----------
    found : re.Match
        Match of a declaration of the function that predicts, with the groups ``type``
        and ``answers``, which are the second parameter's. Both are None if it has none.
    prefix : str
    arguments : str
        First arguments of the functions.
    is_float : bool
        Whether the header computes in floats.

    Returns
    -------
    parts : dict of str to str
        Parts ``arrays`` and ``calls``.
    """
    kind = {None: "classes", "labels": "label_sets"}.get(found["answers"], "numbers")
    number, one = "numbers[j]", "1.0f"
    if not is_float:
        number, one = f"ldexp(numbers[j], -{prefix}_number_bits[j])", "32768.0f"
    template = {"classes": _CLASSES, "label_sets": _LABEL_SETS, "numbers": _NUMBERS}
    type_of_answer = "float" if is_float else "uint16_t"
    if kind == "numbers":
        type_of_answer = found["type"]
    return {
        "arrays": _ARRAYS[kind].format(prefix=prefix, type=type_of_answer),
        "calls": template[kind].format(
            prefix=prefix, arguments=arguments, number=number, one=one
        ),
    }


def read_answers(
    student: Student, n_rows: int, written: bytes
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return what a program wrote.

    Parameters
    ----------
    student : Student
        Exported student.
    n_rows : int
    written : bytes

    Returns
    -------
    indices : ndarray of shape (n_rows, 2), int32
        Numbers that the functions returned. One below zero says that a row has no
        answer.
    decisions : ndarray of shape (n_rows,) or (n_rows, n_outputs)
        Places of classes, indicators of labels, or numbers.
    answers : ndarray of shape (n_rows, n_columns), or (n_rows,) for flat numbers
        Probabilities or numbers.

    Raises
    ------
    ValueError
        If the program was written for another student.
    """
    output: Any = student.output
    shape = (output.n_columns,)
    fields: list[Any] = [("indices", "i4", (2,))]
    if output.kind == "label_sets":
        fields.append(("labels", "u1", shape))
    fields.append(("answers", "f8" if output.kind == "numbers" else "f4", shape))
    expected = n_rows * np.dtype(fields).itemsize
    if len(written) != expected:
        raise ValueError(
            f"the program gave {len(written)} bytes of answers, not {expected}: the "
            "header belongs to another student"
        )
    read = np.frombuffer(written, fields)
    indices, answers = read["indices"], read["answers"]
    if output.kind == "label_sets":
        return indices, read["labels"], answers
    if output.kind == "numbers":
        answers = answers[:, 0] if output.is_flat else answers
        return indices, answers, answers
    return indices, indices[:, 0], answers
