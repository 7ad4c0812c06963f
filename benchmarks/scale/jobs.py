"""A fit whose questions and short trainings two threads share: seconds of a fit."""

import time

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from benchmarks.environment import alternate, markdown_table
from benchmarks.text.setting import paragraph
from skdistill import DistilledClassifier

TITLE = "Several threads in a fit"

N_THREADS = 2
BARS = {"forest": 1.3, "boosting": 1.2}
TEACHERS = {
    "forest": RandomForestClassifier(200, random_state=0),
    "boosting": HistGradientBoostingClassifier(random_state=0),
}


def cases(tiny):
    """Yield teachers and numbers of rows."""
    for teacher in ["boosting"] if tiny else TEACHERS:
        yield {"teacher": teacher, "n_rows": 1000 if tiny else 14_000}


def measure(teacher, n_rows):
    """Return the seconds of a fit on one thread and on two, and what they share."""
    X, y = make_classification(
        n_rows, 16, n_informative=10, n_classes=4, flip_y=0.05, random_state=0
    )
    X = X.astype(np.float32)
    fitted = TEACHERS[teacher].fit(X, y)
    models, seconds = {}, {}

    def fit(n_jobs):
        model = DistilledClassifier(fitted, n_jobs=n_jobs, random_state=0)
        before = time.process_time()
        models[n_jobs] = model.fit(X, y)
        seconds.setdefault(n_jobs, []).append(time.process_time() - before)

    calls = {n_jobs: (lambda n_jobs=n_jobs: fit(n_jobs)) for n_jobs in (1, N_THREADS)}
    found = alternate(calls, 1 if n_rows < 2000 else 7)
    students = [bits(model) for model in models.values()]
    return {
        "one_thread": found[1],
        "threads": found[N_THREADS],
        "one_thread_cpu": float(np.median(seconds[1])),
        "threads_cpu": float(np.median(seconds[N_THREADS])),
        "same_bits": students[0] == students[1],
    }


def bits(model):
    """Return the weights of a student as bytes."""
    student = model.student_
    weights = [*student.coefs_, *student.intercepts_, student.knot_table_]
    return b"".join(part.tobytes() for part in weights if part is not None)


def section(results):
    """Return the text of the section."""
    lines, missed = [], []
    for _, case in results.iterrows():
        times = case["one_thread"] / case["threads"]
        lines.append(
            [
                case["teacher"],
                f"{case['one_thread']:.2f}",
                f"{case['threads']:.2f}",
                f"{times:.2f}",
                f"{case['one_thread_cpu']:.2f}",
                f"{case['threads_cpu']:.2f}",
                "yes" if case["same_bits"] else "no",
            ]
        )
        if times < BARS[case["teacher"]]:
            missed.append(f"{case['teacher']}, {times:.2f} times")
        if not case["same_bits"]:
            missed.append(f"{case['teacher']}, another student")
    text = paragraph(
        f"""
        Fits of {results["n_rows"].max():,} x 16 numbers with four classes, in turns
        with `n_jobs=1` and `n_jobs={N_THREADS}`, medians. The teachers are a random
        forest of 200 trees and a histogram gradient boosting, both fitted before.
        Seconds of the CPU are those of all threads together.
        """
    )
    heads = ["teacher", "one thread, s", "two threads, s", "times"]
    heads += ["CPU of one, s", "CPU of two, s", "same student"]
    where = "; ".join(missed) or "nowhere"
    bars = ", ".join(f"{bar:g} times with the {name}" for name, bar in BARS.items())
    end = f"- Below {bars}, or another student: {where}."
    return "\n\n".join([text, markdown_table(heads, lines), end])
