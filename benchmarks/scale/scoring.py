"""Rows of Parquet scored by the command, beside ONNX Runtime: seconds and memory."""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np
import onnxruntime

from benchmarks.environment import ROOT, alternate, markdown_table
from benchmarks.scale import parquet
from benchmarks.text.setting import paragraph
from skdistill import Student
from skdistill.command.predict.chosen_columns import choose_columns
from skdistill.command.predict.scoring import score_rows
from skdistill.common.files import new_file
from skdistill.export import to_onnx
from skdistill.student.input_code import InputCode
from skdistill.tables.batches.forms import Form
from skdistill.tables.batches.open import N_BATCH, open_answers, open_rows

TITLE = "Scoring a file of Parquet"
SHARED = (parquet,)

N_THREADS = 2
BARS = {"computing": 3.0, "reading included": 1.5}
MOST_MEMORY = 500.0

# Rows of a call of ONNX Runtime, of which the fastest counts.
BATCHES = (256, 1024, 4096, 32768)


def cases(tiny):
    """Yield networks and numbers of rows."""
    for hidden in [[8]] if tiny else [[128, 64], [32], []]:
        yield {"hidden": hidden, "n_rows": 40_000 if tiny else 10_000_000}


def measure(hidden, n_rows):
    """Return seconds of computing and of the whole way, and the command's memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tiny = n_rows < 10**6
        parquet.write(folder / "rows.parquet", n_rows)
        student = parquet.train(hidden, 20 if tiny else 300)
        student.save(folder / "student.npz")
        peer = Peer(student, folder / "peer.onnx")
        figures = computing(student, peer, folder / "rows.parquet", 1 if tiny else 20)
        figures |= {"peer_batch": peer.n_batch, "peer_inside": peer.threads_inside}
        figures |= reading_included(student, peer, folder, 1 if tiny else 3)
        figures["megabytes"] = memory(folder)
        return figures


class Peer:
    """ONNX Runtime with a student whose levels are the numbers 0, 1, 2 and so on.

    So no text is looked up in it, and it takes what is computed from columns once.

    Parameters
    ----------
    student : Student
    path : Path
        Path of the model that is written.
    """

    text = None

    def __init__(self, student, path):
        code, self.student = student.input_code, student
        self.classes_, self.names, self.input_code = (
            student.classes_,
            student.names,
            code,
        )
        self.output = student.output
        values = {name: getattr(code, name) for name in ("linear", "low", "high")}
        values |= {name: getattr(code, name) for name in ("mean", "scale", "knotted")}
        numbered = InputCode(
            code.n_features,
            **values,
            knots=code.knots,
            categorical=code.categorical,
            levels=[list(range(len(levels))) for levels in code.levels],
        )
        to_onnx(
            Student(
                student.coefs_,
                student.intercepts_,
                student.activation,
                student.classes_,
                numbered,
                student.knot_table_,
                feature_names=student.names,
            ),
            path,
        )
        self._sessions = {n: session(path, n) for n in (1, N_THREADS)}
        self._inputs = [found.name for found in self._sessions[1].get_inputs()]
        self.n_batch, self.threads_inside = BATCHES[0], 1

    def inputs(self, numbers):
        """Return the inputs of a call: a column for each feature that is used."""
        places = map(self.names.index, self._inputs)
        columns = [np.ascontiguousarray(numbers[:, [place]]) for place in places]
        return dict(zip(self._inputs, columns, strict=True))

    def answer(self, inputs):
        """Return probabilities of prepared inputs, in calls of `n_batch` rows."""
        run = partial(self._sessions[self.threads_inside].run, ["probabilities"])
        n_rows = len(next(iter(inputs.values())))
        parts = []
        for start in range(0, n_rows, self.n_batch):
            end = start + self.n_batch
            parts += run({name: column[start:end] for name, column in inputs.items()})
        return np.concatenate(parts)

    def predict_proba(self, table):
        """Return probabilities of columns."""
        return self.answer(self.inputs(self.student.numbers(table)))

    def decision_function(self, table):
        """Return the probabilities, whose order is that of the logits."""
        return self.predict_proba(table)


def session(path, n_threads):
    """Return a session of ONNX Runtime with a number of threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"]
    )


def computing(student, peer, path, n_batches):
    """Return microseconds a row of both in memory, and set the peer to its fastest.

    The student gets columns, and looks up their levels. The peer gets its inputs.
    """
    with open_rows(path) as source:
        chosen = choose_columns(student, source.names)
        found = list(islice(source.batches(chosen.roles, []), n_batches))
        tables = [chosen.rows(batch) for batch in found]
    inputs = [peer.inputs(student.numbers(table)) for table in tables]
    np.testing.assert_allclose(
        peer.answer(inputs[0]), student.predict_proba(tables[0]), atol=1e-5
    )
    n_rows = sum(batch.n_rows for batch in found)
    figures = {"us": timed(partial(in_threads, student.predict_proba, tables)) / n_rows}
    best = None
    for inside in (1, N_THREADS):
        for size in BATCHES:
            peer.threads_inside, peer.n_batch = inside, size
            run = in_threads if inside == 1 else one_by_one
            taken = timed(partial(run, peer.answer, inputs)) / n_rows
            if best is None or taken < best[0]:
                best = taken, inside, size
    figures["peer_us"], peer.threads_inside, peer.n_batch = best
    return {name: 1e6 * taken for name, taken in figures.items()}


def in_threads(call, items):
    """Call a function with each item, in threads."""
    with ThreadPoolExecutor(N_THREADS) as threads:
        return list(threads.map(call, items))


def one_by_one(call, items):
    """Call a function with each item."""
    return list(map(call, items))


def timed(call):
    """Return the seconds of a call."""
    return alternate({"call": call}, 3)["call"]


def reading_included(student, peer, folder, n_rounds):
    """Return seconds of both from file to file, in turn, by the way of the command."""
    answers = folder / "answers.parquet"
    seconds = {"seconds": [], "peer_seconds": []}
    for _ in range(n_rounds):
        for name, model in (("seconds", student), ("peer_seconds", peer)):
            start = time.perf_counter()
            n_threads = (
                N_THREADS if model is student else N_THREADS // peer.threads_inside
            )
            with open_rows(folder / "rows.parquet") as source:
                chosen = choose_columns(model, source.names)
                with (
                    new_file(answers) as file,
                    open_answers(
                        file, Form.PARQUET, chosen.names, model.classes_
                    ) as sink,
                ):
                    score_rows(chosen, source, sink, n_threads, lambda n_rows: None)
            seconds[name].append(time.perf_counter() - start)
    return {name: median(values) for name, values in seconds.items()}


def memory(folder):
    """Return the greatest memory of the command, in megabytes."""
    command = ["predict", "student.npz", "rows.parquet", "answers.parquet"]
    code = (
        "import sys; from benchmarks.environment import peak_memory; "
        "from skdistill.__main__ import main; "
        "assert main(sys.argv[1:]) == 0; print(peak_memory())"
    )
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, "-c", code, *command, "--jobs", str(N_THREADS)],
        cwd=folder,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return int(done.stdout) / 1e6


def section(results):
    """Return the text of the section."""
    lines, missed = [], []
    for _, case in results.iterrows():
        network = "-".join(map(str, case["hidden"])) or "none"
        times = {
            "computing": case["peer_us"] / case["us"],
            "reading included": case["peer_seconds"] / case["seconds"],
        }
        inside = case["peer_inside"]
        lines.append(
            [
                network,
                *(f"{case[name]:.2f}" for name in ("us", "peer_us")),
                f"{times['computing']:.1f}",
                *(f"{case[name]:.1f}" for name in ("seconds", "peer_seconds")),
                f"{times['reading included']:.1f}",
                f"{case['megabytes']:.0f}",
                f"{case['peer_batch']:,} rows, "
                + ("two threads in a call" if inside > 1 else "two calls at a time"),
            ]
        )
        missed += [
            f"hidden layers {network}, {name} {times[name]:.1f} times"
            for name, bar in BARS.items()
            if times[name] < bar
        ]
        if case["megabytes"] >= MOST_MEMORY:
            missed.append(f"hidden layers {network}, {case['megabytes']:.0f} MB")
    n_rows = results["n_rows"].max()
    text = paragraph(
        f"""
        The way of `python -m skdistill predict`: {n_rows:,} rows of Parquet, 15 numbers
        in double precision and 5 columns of text with 3 to 300 levels, in row groups of
        {parquet.GROUP:,}. Three classes. Both have two threads. ONNX Runtime has the
        batch that is fastest of {", ".join(f"{size:,}" for size in BATCHES)} rows, two
        calls at a time or two threads in a call. Its model has the numbers of the
        levels in place of the texts. Computing is microseconds a row in memory: the
        student looks up its levels, and ONNX Runtime gets its inputs ready. Reading
        included is seconds from file to file: the same reader and the same writer serve
        both. Memory is the greatest of a process that runs the command, with its
        imports, in MB. Rows in memory at a time: {N_BATCH:,} for each of few batches.
        """
    )
    heads = ["hidden layers", "computing, µs a row", "ONNX Runtime", "times"]
    heads += ["reading included, s", "ONNX Runtime", "times", "memory, MB"]
    heads += ["ONNX Runtime's best batch"]
    where = "; ".join(missed) or "nowhere"
    end = (
        f"- Below {BARS['computing']:g} times in computing, below "
        f"{BARS['reading included']:g} times with reading, or from "
        f"{MOST_MEMORY:.0f} MB on: {where}."
    )
    return "\n\n".join([text, markdown_table(heads, lines), end])
