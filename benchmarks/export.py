"""Exports of students: their answers, bytes and times, and the cost of fewer bits.

The benchmark needs ONNX Runtime (``pip install skdistill[onnx]``), gcc and Node.
"""

from benchmarks.environment import (
    alternate,
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from benchmarks import development_sets
from benchmarks.fidelity import PAIRS, make_teacher, split_rows
from benchmarks.latency import onnx_prediction, repeated
from skdistill import DistilledClassifier
from skdistill.export import quantize, to_c, to_js, to_onnx, verify
from skdistill.export.c.run import run as run_c
from skdistill.report.control import saved_bytes
from skdistill.student.forward import softmax
from skdistill.student.logits import numpy_logits

SPLIT = 10
TINY_SETS = ("digits", "breast_cancer")
EXPORTS = {
    "ONNX": (to_onnx, "student.onnx"),
    "C": (to_c, "student.h"),
    "JavaScript": (to_js, "student.mjs"),
}
ROUNDS = 5

# Share of missing values, and of unseen categories, in the second set of rows.
GAPS = 0.05

# Number of features, of classes and of units of the student that is timed.
SHAPE = (54, 7, (64,))
CALLS = 1000
C_NAMES = {"float32": "C", "float16": "C, float16", "int8": "C, int8"}

C_TIMER = """\
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "student.h"

static float rows[%(n_rows)d][student_n_columns];

int main(int argc, char **argv)
{
    float probabilities[student_n_classes], total = 0;
    struct timespec start, end;
    long i, calls = atol(argv[argc - 1]);
    if (fread(rows, sizeof rows, 1, stdin) != 1) {
        return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (i = 0; i < calls; i++) {
        student_predict_proba(rows[i %% %(n_rows)d], probabilities);
        total += probabilities[0];
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%%.9g %%g\\n", (double)(end.tv_sec - start.tv_sec)
        + 1e-9 * (double)(end.tv_nsec - start.tv_nsec), (double)total);
    return 0;
}
"""

NODE_TIMER = """\
import { readFileSync } from "node:fs";
import { predictProba } from "./student.mjs";

const rows = JSON.parse(readFileSync("rows.json", "utf8"));
const calls = Number(process.argv[2]);
let total = 0;
for (let i = 0; i < calls; i++) total += predictProba(rows[i % rows.length])[0];
const start = performance.now();
for (let i = 0; i < calls; i++) total += predictProba(rows[i % rows.length])[0];
console.log((performance.now() - start) / 1000, total);
"""


def main():
    options = parse_arguments(__doc__)
    names = TINY_SETS if options.tiny else development_sets.NAMES
    results = [measure_set(name, options.tiny) for name in names]
    latencies = [measure_latency(encoder, options.tiny) for encoder in (None, "auto")]
    publish("export", "Exports", report(results, latencies), options)


def teacher_of(set_name):
    """Return the name of a teacher of a set: boosting if the set has it."""
    names = [name for name in PAIRS[set_name] if name != "svc"]
    return "boosting" if "boosting" in names else names[0]


def measure_set(set_name, tiny):
    """Distil on a set, export the student, and measure the exports.

    Returns
    -------
    result : dict
    """
    teacher_name = teacher_of(set_name)
    X_train, X_test, y_train, y_test = split_rows(set_name, teacher_name, SPLIT)
    teacher = make_teacher(teacher_name, X_train, SPLIT, tiny).fit(X_train, y_train)
    model = DistilledClassifier(teacher, weight_dtype="float32", random_state=SPLIT)
    exact = model.fit(X_train, y_train).student_
    fewer = {d: quantize(exact, d, X_test, y_test) for d in ("int8", "float16")}
    students = {"float32": exact, **{d: q.student for d, q in fewer.items()}}
    rows = pd.concat([X_test, with_gaps(X_test)], ignore_index=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return {
            "set": set_name,
            "teacher": teacher_name,
            "numbers": X_train.shape[1] - X_train.select_dtypes("category").shape[1],
            "categories": X_train.select_dtypes("category").shape[1],
            "missing": bool(X_train.isna().any(axis=None)),
            "rows": len(rows),
            "parity": {n: parity(n, students, rows, folder) for n in EXPORTS},
            "costs": {dtype: quantized.cost for dtype, quantized in fewer.items()},
            "file_share": {
                d: saved_bytes(s) / saved_bytes(exact) for d, s in students.items()
            },
            "integer": integer_loss(exact, X_train, X_test, y_test, folder),
            "files": files(students["int8"], folder),
            "nbytes": students["int8"].nbytes,
        }


def with_gaps(X):
    """Return rows with some values missing, and some categories never seen."""
    rng = np.random.default_rng(0)
    columns = {}
    for name, column in X.items():
        missing = rng.random(len(X)) < GAPS
        if isinstance(column.dtype, pd.CategoricalDtype):
            unseen = rng.random(len(X)) < GAPS
            column = column.astype(object).mask(unseen, "never seen")
            columns[name] = column.mask(missing, None)
        else:
            columns[name] = column.astype(np.float64).mask(missing, np.nan)
    return pd.DataFrame(columns)


def parity(export_name, students, rows, folder):
    """Return the greatest difference over the students, and the changed labels."""
    export, file_name = EXPORTS[export_name]
    verifications = []
    for student in students.values():
        export(student, folder / file_name)
        verifications.append(verify(student, folder / file_name, rows))
    return {
        "difference": max(v.greatest_difference for v in verifications),
        "changed": sum(v.changed_labels.size for v in verifications),
    }


def integer_loss(exact, X_train, X, y, folder):
    """Return the loss of integer arithmetic against the student in single precision."""
    to_c(exact, folder / "student.h", arithmetic="integer", X=X_train)
    labels, proba = run_c(exact, folder / "student.h", X)
    before = exact.predict_proba(X)
    return {
        "lost": 100 * float(np.mean(exact.predict(X) == y) - np.mean(labels == y)),
        "change": float(np.abs(proba - before).max()),
        "mean_change": float(np.abs(proba - before).max(axis=1).mean()),
    }


def files(student, folder):
    """Return the bytes and milliseconds of each export of a student."""
    ways = {"npz": (save, "student.npz"), **EXPORTS}
    measured = {}
    for name, (write, file_name) in ways.items():
        durations = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            write(student, folder / file_name)
            durations.append(time.perf_counter() - start)
        size = (folder / file_name).stat().st_size
        measured[name] = (size, 1e3 * statistics.median(durations))
    return measured


def save(student, path):
    student.save(path)


def measure_latency(encoder, tiny):
    """Time predictions of one row by a student of 54 features, 64 units, 7 classes.

    Returns
    -------
    name : str
    microseconds : dict of str to float
    """
    n_features, n_classes, hidden = SHAPE
    X, y = make_classification(
        2000,
        n_features,
        n_informative=n_features // 2,
        n_classes=n_classes,
        random_state=0,
    )
    X = np.ascontiguousarray(X, dtype=np.float32)
    trees = 10 if tiny else 200
    forest = RandomForestClassifier(trees, random_state=0).fit(X, y)
    student = (
        DistilledClassifier(
            forest,
            encoder=encoder,
            synthesizer=None,
            hidden_layer_sizes=hidden,
            max_iter=5,
            weight_decay=0.3,
            weight_dtype="float32",
            random_state=0,
        )
        .fit(X, y)
        .student_
    )
    calls, rounds = (3, 1) if tiny else (CALLS, 11)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ways = {
            "student_": student.predict_proba,
            "student_, NumPy alone": lambda row: softmax(numpy_logits(student, row)),
            "ONNX Runtime": onnx_prediction(student),
        }
        calls_of = {n: repeated(way, X[:1], calls) for n, way in ways.items()}
        seconds = alternate(calls_of, rounds)
        micro = {name: 1e6 * value / calls for name, value in seconds.items()}
        many = 100 if tiny else 100_000
        for dtype, name in C_NAMES.items():
            stored = quantize(student, dtype).student
            micro[name] = c_microseconds(stored, X[:256], many, folder)
        micro["Node"] = node_microseconds(student, X[:256], many, folder)
    return "54-64-7" + ("" if encoder is None else ", with knots"), micro


def c_microseconds(student, rows, calls, folder):
    """Return the time of a row in C, compiled by gcc -O3."""
    to_c(student, folder / "student.h")
    (folder / "timer.c").write_text(C_TIMER % {"n_rows": len(rows)})
    program = folder / "timer"
    command = ["gcc", "-O3", "-std=gnu99", folder / "timer.c", "-o", program]
    subprocess.run(command, check=True)
    return timed([program, str(calls)], calls, input=rows.tobytes())


def node_microseconds(student, rows, calls, folder):
    """Return the time of a row in Node after a warm-up."""
    to_js(student, folder / "student.mjs")
    (folder / "timer.mjs").write_text(NODE_TIMER)
    (folder / "rows.json").write_text(json.dumps(rows.astype(np.float64).tolist()))
    return timed(["node", "timer.mjs", str(calls)], calls, cwd=folder)


def timed(command, calls, **options):
    """Return the microseconds of a call by a program's clock: a median of five runs."""
    durations = []
    for _ in range(ROUNDS):
        done = subprocess.run(command, capture_output=True, check=True, **options)
        durations.append(float(done.stdout.split()[0]))
    return 1e6 * statistics.median(durations) / calls


def report(results, latencies):
    """Return the tables, with the text that explains them."""
    return "\n\n".join(
        [
            "Each development set has one student, distilled from the teacher in its "
            f"line. 70 % of the rows of split {SPLIT} train,\nand the other 30 % are "
            "measured.",
            "## The same answers",
            "The greatest difference of a probability between `student_` and its "
            "export, and the number of changed labels,\nover three students: float32, "
            "float16 and int8. The rows are the test rows, and the test rows again "
            f"with {100 * GAPS:.0f} % of\ntheir values missing, and {100 * GAPS:.0f} % "
            "of their categories never seen.",
            parity_table(results),
            "## Bytes and time of an export",
            "The students have 8-bit integers as weights. Milliseconds are medians of "
            f"{ROUNDS} exports. `nbytes` counts weights,\nscales, biases and knots.",
            files_table(results),
            "## What fewer bits cost",
            "All figures compare with the student in float32. 'Lost' is in points of "
            "accuracy. 'Change' is the greatest change of a\nprobability. Bytes are in "
            "percent of float32: `nbytes`, and the file. 'Integers' is the header of "
            '`to_c` with\n`arithmetic="integer"`, in which activations are integers '
            "too. Its 'mean' is the mean over rows of the greatest\nchange in a row. A "
            "student in float16 holds no rows of the knot table for missing values, so "
            "it is smaller than half.\nKnots stay in single precision.",
            costs_table(results),
            "## Time of one row",
            "Microseconds for the probabilities of a row. `student_` and ONNX Runtime "
            "are called from Python. C, compiled by gcc -O3,\nand Node, after a "
            "warm-up, are called from a loop in their own language. ONNX Runtime gets "
            "arrays bound to its input\nand output, which is its fastest form.",
            latency_table(latencies),
            describe("onnxruntime") + f"\n- {tools()}",
        ]
    )


def parity_table(results):
    lines = [
        [
            r["set"],
            r["teacher"],
            f"{r['numbers']} + {r['categories']}",
            "yes" if r["missing"] else "",
            r["rows"],
            *(f"{p['difference']:.1e}" for p in r["parity"].values()),
            sum(p["changed"] for p in r["parity"].values()),
        ]
        for r in results
    ]
    worst = [max(r["parity"][n]["difference"] for r in results) for n in EXPORTS]
    changed = sum(line[-1] for line in lines)
    rows = sum(r["rows"] for r in results)
    lines.append(["all", "", "", "", rows, *(f"{w:.1e}" for w in worst), changed])
    heads = ["set", "teacher", "numbers + categories", "missing values", "rows"]
    return markdown_table([*heads, *EXPORTS, "labels changed"], lines)


def files_table(results):
    lines = [
        [
            r["set"],
            f"{r['nbytes']:,}",
            *(f"{size:,}" for size, _ in r["files"].values()),
            *(f"{milliseconds:.1f}" for _, milliseconds in r["files"].values()),
        ]
        for r in results
    ]
    heads = [".npz, bytes", ".onnx", ".h", ".mjs", ".npz, ms", ".onnx", ".h", ".mjs"]
    return markdown_table(["set", "nbytes", *heads], lines)


def costs_table(results):
    table = np.array([costs_line(r) for r in results])
    lines = [[r["set"], *line] for r, line in zip(results, table, strict=True)]
    lines.append(["mean", *table.mean(axis=0)])
    formats = ["{:+.2f}", "{:.3f}", "{:+.4f}", "{:.1f}", "{:.1f}"] * 2
    formats += ["{:+.2f}", "{:.3f}", "{:.4f}"]
    cells = [
        [name, *(form.format(value) for form, value in zip(formats, line, strict=True))]
        for name, *line in lines
    ]
    kinds = ["lost", "change", "log-loss", "nbytes, %", "file, %"]
    heads = [
        f"{dtype}: {kinds[0]}" if k == kinds[0] else k
        for dtype in ("int8", "float16")
        for k in kinds
    ]
    return markdown_table(["set", *heads, "integers: lost", "change", "mean"], cells)


def costs_line(result):
    line = []
    for dtype, cost in result["costs"].items():
        line += [
            100 * (cost.accuracy_before - cost.accuracy_after),
            cost.greatest_change,
            cost.log_loss_after - cost.log_loss_before,
            100 * cost.bytes_after / cost.bytes_before,
            100 * result["file_share"][dtype],
        ]
    return line + [result["integer"][k] for k in ("lost", "change", "mean_change")]


def latency_table(latencies):
    names = list(latencies[0][1])
    lines = [[name, *(f"{micro[n]:.2f}" for n in names)] for name, micro in latencies]
    return markdown_table(["features-hidden-classes", *names], lines)


def tools():
    """Return the versions of compiler and Node."""
    lines = [
        subprocess.run(
            [name, "--version"], capture_output=True, text=True, check=True
        ).stdout.splitlines()[0]
        for name in ("gcc", "node")
    ]
    return f"{lines[0]}, Node {lines[1]}"


if __name__ == "__main__":
    main()
