"""Students of texts as C, in programs that run them."""

from typing import NamedTuple

import numpy as np

from skdistill import Student
from skdistill.export.c.text_student.plan import plan_of
from skdistill.export.c.text_student.run import bytes_of_texts
from skdistill.export.c.to_c import to_c
from tests.export.c.programs import STRICT, compile_and_run

# The first case reads the texts, the others read them again.
_PROGRAM = """\
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
{includes}

#define RUN(prefix) \\
    {{ \\
        static prefix##_work work; \\
        static float probabilities[prefix##_n_classes]; \\
        static float row[prefix##_n_columns]; \\
        int32_t places[2]; \\
        for (i = 0; i < n; i++) {{ \\
            const char *text = texts[i]; \\
            const size_t size = sizes[i]; \\
            places[0] = prefix##_predict(&work, text, size); \\
            for (j = 0; j < prefix##_n_columns; j++) {{ \\
                row[j] = work.row[j]; \\
            }} \\
            places[1] = prefix##_predict_proba(&work, text, size, probabilities); \\
            fwrite(places, sizeof places, 1, stdout); \\
            fwrite(probabilities, sizeof probabilities, 1, stdout); \\
            fwrite(row, sizeof row, 1, stdout); \\
        }} \\
    }}

int main(void)
{{
    static char *texts[{n}];
    static size_t sizes[{n}];
    const int n = {n};
    int i, j;
    for (i = 0; i < n; i++) {{
        uint32_t size;
        if (fread(&size, sizeof size, 1, stdin) != 1) {{
            return 1;
        }}
        /* A text ends where its memory ends. */
        texts[i] = (char *)malloc(size > 0u ? size : 1u);
        sizes[i] = size;
        if (!texts[i] || fread(texts[i], 1, size, stdin) != size) {{
            return 1;
        }}
    }}
{runs}
    for (i = 0; i < n; i++) {{
        free(texts[i]);
    }}
    return 0;
}}
"""


class TextAnswers(NamedTuple):
    """Places that both functions return, probabilities, and columns of the student."""

    places: np.ndarray
    places_of_proba: np.ndarray
    probabilities: np.ndarray
    row: np.ndarray


def run_texts(models, texts, folder, compiler, letters="latin-1"):
    """Return the answers of models, all in one program.

    Parameters
    ----------
    models : list of Pipeline or Student
    texts : list of str or list of bytes
    folder : Path
    compiler : tuple of str
    letters : str

    Returns
    -------
    answers : list of TextAnswers
    """
    folder.mkdir(exist_ok=True)
    includes, dtypes, orders = [], [], []
    for place, model in enumerate(models):
        student = Student.from_pipeline(model) if hasattr(model, "steps") else model
        to_c(student, folder / f"s{place}.h", prefix=f"s{place}", letters=letters)
        # Included a second time, a header adds nothing.
        includes += [f'#include "s{place}.h"'] * 2
        shapes = (len(student.classes_),), (student.n_features_in_,)
        dtypes.append(
            np.dtype(
                [
                    ("places", "i4", 2),
                    ("probabilities", "f4", shapes[0]),
                    ("row", "f4", shapes[1]),
                ]
            )
        )
        orders.append(plan_of(student, "latin-1").order)
    source = _PROGRAM.format(
        includes="\n".join(includes),
        n=len(texts),
        runs="\n".join(f"    RUN(s{place})" for place in range(len(models))),
    )
    if isinstance(texts[0], bytes):
        given = b"".join(np.uint32(len(t)).tobytes() + t for t in texts)
    else:
        given = bytes_of_texts([texts])
    options = (*STRICT, f"-I{folder}")
    output = compile_and_run(source, folder, compiler, *options, given=given)
    answers, offset = [], 0
    for dtype, order in zip(dtypes, orders, strict=True):
        read = np.frombuffer(output, dtype, len(texts), offset)
        offset += len(texts) * dtype.itemsize
        row = np.empty_like(read["row"])
        row[:, order] = read["row"]
        answers.append(TextAnswers(*read["places"].T, read["probabilities"], row))
    assert offset == len(output)
    return answers
