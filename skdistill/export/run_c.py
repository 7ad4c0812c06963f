"""A header in C, compiled and run on rows."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

_COMPILERS = ("cc", "gcc", "clang")

_MAIN = """\
#include <stdio.h>
#include "{header}"

int main(void)
{{
    {number} row[{prefix}_n_columns];
    {probability} probabilities[{prefix}_n_classes];
    int places[2];
    while (fread(row, sizeof row, 1, stdin) == 1) {{
        places[0] = {prefix}_predict(row);
        places[1] = {prefix}_predict_proba(row, probabilities);
        fwrite(places, sizeof places, 1, stdout);
        fwrite(probabilities, sizeof probabilities, 1, stdout);
    }}
    return 0;
}}
"""

_MAIN_INTEGER = """\
#include <math.h>
#include <stdio.h>
#include "{header}"

int main(void)
{{
    float row[{prefix}_n_columns];
    int32_t integers[{prefix}_n_columns];
    uint16_t probabilities[{prefix}_n_classes];
    float answers[{prefix}_n_classes];
    int places[2], j;
    while (fread(row, sizeof row, 1, stdin) == 1) {{
        for (j = 0; j < {prefix}_n_columns; j++) {{
            const double value = rint(ldexp((double)row[j], {prefix}_fraction_bits[j]));
            integers[j] = INT32_MIN;
            if (!isnan(value)) {{
                integers[j] = (int32_t)fmin(fmax(value, -2147483647.0), 2147483647.0);
            }}
        }}
        places[0] = {prefix}_predict(integers);
        places[1] = {prefix}_predict_proba(integers, probabilities);
        for (j = 0; j < {prefix}_n_classes; j++) {{
            answers[j] = (float)probabilities[j] / 32768.0f;
        }}
        fwrite(places, sizeof places, 1, stdout);
        fwrite(answers, sizeof answers, 1, stdout);
    }}
    return 0;
}}
"""
def compile_run(path, rows, n_classes, cc=("gcc","-std=c99","-O3","-pedantic","-Wall","-Wextra","-Werror","-Wconversion"), suffix=".c", integer=False):
    path = Path(path).resolve()
    prefix = re.search(r"^#ifndef SKDISTILL_(\w+)_H$", path.read_text(), re.M)[1]
    with tempfile.TemporaryDirectory() as folder:
        main = Path(folder) / f"main{suffix}"
        main.write_text((_MAIN_INTEGER if integer else _MAIN).format(header=path.name, prefix=prefix,number="float",probability="float"))
        program = Path(folder) / "main"
        subprocess.run([*cc, f"-I{path.parent}", str(main), "-o", str(program),"-lm"], check=True)
        out = subprocess.run([program], input=rows.astype(np.float32).tobytes(), stdout=subprocess.PIPE, check=True).stdout
    answers = np.frombuffer(out, dtype=[("predict","i4"),("place","i4"),("p","f4",(n_classes,))])
    return answers
