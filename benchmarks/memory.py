"""Peak memory of a fit, compared with the size of the float32 training matrix."""

from benchmarks.environment import (
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import subprocess
import sys
from itertools import product

# Number of rows, of features and of classes.
SHAPES = [(200_000, 54, 7), (1_000_000, 54, 7), (1_000_000, 16, 2)]

FIT = """
import sys
import numpy as np
from benchmarks.environment import peak_memory
from skdistill import DistilledClassifier
encoder, *shape = sys.argv[1:]
n_rows, n_features, n_classes = map(int, shape)
model = DistilledClassifier(
    "precomputed", max_iter=1, encoder=None if encoder == "none" else "auto"
)
model.fit(np.eye(4), teacher_proba=np.full((4, 2), 0.5))
rng = np.random.default_rng(0)
X = rng.standard_normal((n_rows, n_features), dtype=np.float32)
proba = np.full((n_rows, n_classes), 1 / n_classes, dtype=np.float32)
y = rng.integers(n_classes, size=n_rows)
before = peak_memory()
model.fit(X, y, teacher_proba=proba)
print(peak_memory() - before, X.nbytes)
"""


def main():
    options = parse_arguments(__doc__)
    shapes = [(2000, 54, 7)] if options.tiny else SHAPES
    lines = []
    for shape, encoder in product(shapes, ("auto", "none")):
        command = [sys.executable, "-c", FIT, encoder, *map(str, shape)]
        output = subprocess.run(command, capture_output=True, text=True, check=True)
        peak, matrix = map(int, output.stdout.split())
        lines.append(
            [
                ", ".join(f"{size:,}" for size in shape),
                encoder,
                f"{matrix / 2**20:.0f}",
                f"{peak / 2**20:.0f}",
                f"{peak / matrix:.2f}",
            ]
        )
    heads = ["rows, features, classes", "encoder", "X in float32, MiB"]
    heads += ["fit adds, MiB", "ratio"]
    text = (
        "Memory that a fit adds to the peak of the process. The teacher's "
        "probabilities are given.\n\n"
        f"{markdown_table(heads, lines)}\n\n{describe()}"
    )
    publish("memory", "Memory", text, options)


if __name__ == "__main__":
    main()
