"""Time of import and of a first fit, with compilation and with a filled cache."""

from benchmarks.environment import (
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import os
import statistics
import subprocess
import sys
import tempfile

FIT = """
import time
import numpy as np
import sklearn.ensemble
from skdistill import DistilledClassifier
X = np.random.default_rng(0).normal(size=(1000, 20))
proba = np.full((1000, 3), 1 / 3)
start = time.perf_counter()
model = DistilledClassifier("precomputed", max_iter=1).fit(X, teacher_proba=proba)
model.predict(X)
first = time.perf_counter()
model.fit(X, teacher_proba=proba).predict(X)
print(first - start, time.perf_counter() - first)
"""
IMPORT = """
import time
import sklearn.ensemble, sklearn.neural_network
start = time.perf_counter()
from skdistill import DistilledClassifier
print(time.perf_counter() - start)
"""


def run(script, cache):
    """Run a script in a new process; return the figures that it prints."""
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    output = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [float(figure) for figure in output.split()]


def main():
    options = parse_arguments(__doc__)
    rounds = 1 if options.tiny else 5
    cold, cached, again, imports = [], [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(run(FIT, cache)[0])
            seconds = run(FIT, cache)
            cached.append(seconds[0])
            again.append(seconds[1])
            imports.append(run(IMPORT, cache)[0])
    lines = [
        ["import, over scikit-learn's own", f"{statistics.median(imports):.2f}"],
        ["first fit and prediction, compiling", f"{statistics.median(cold):.2f}"],
        ["first fit and prediction, cached", f"{statistics.median(cached):.2f}"],
        ["the same again in one process", f"{statistics.median(again):.3f}"],
    ]
    text = (
        "Seconds in a new process; the fit makes one epoch over 1,000 rows. Medians "
        f"of {rounds}.\n\n{markdown_table(['', 'seconds'], lines)}\n\n{describe()}"
    )
    publish("compile", "Import and compilation", text, options)


if __name__ == "__main__":
    main()
