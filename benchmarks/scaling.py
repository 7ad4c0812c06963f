"""Growth of the time of a fit with rows, columns, classes and units."""

from benchmarks.environment import (
    describe,
    markdown_table,
    parse_arguments,
    publish,
    single_thread,
)

if __name__ == "__main__":
    single_thread()

import time

import numpy as np

from skdistill import DistilledClassifier

# Sizes of a fit. A series varies one of them, and the others keep these values.
USUAL = {"rows": 20_000, "columns": 16, "classes": 4, "units": 64}
SERIES = {
    "rows": [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000],
    "columns": [4, 8, 16, 32, 64, 128],
    "classes": [2, 4, 8, 16, 32],
    "units": [16, 32, 64, 128, 256, 512],
}
EPOCHS = 3
# Shorter fits are repeated, because the machine's noise is some milliseconds.
LEAST_SECONDS = 0.3


def fit_seconds(rows, columns, classes, units):
    """Return the seconds of a fit of some epochs with given answers of a teacher."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, columns), dtype=np.float32)
    proba = rng.dirichlet(np.ones(classes), size=rows).astype(np.float32)
    y = rng.integers(classes, size=rows)
    model = DistilledClassifier(
        "precomputed",
        hidden_layer_sizes=(units,),
        max_iter=EPOCHS,
        weight_decay=0.3,
        weight_dtype="float32",
        random_state=0,
    )
    best, total = np.inf, 0.0
    while total < LEAST_SECONDS:
        start = time.perf_counter()
        model.fit(X, y, teacher_proba=proba)
        elapsed = time.perf_counter() - start
        best, total = min(best, elapsed), total + elapsed
    return best


def main():
    options = parse_arguments(__doc__)
    lines = []
    fit_seconds(**USUAL | {"rows": 500})
    for name, sizes in SERIES.items():
        if options.tiny:
            sizes = [size for size in sizes if size <= 1000][:2]
        usual = USUAL | ({"rows": 500} if options.tiny else {})
        seconds = [fit_seconds(**usual | {name: size}) for size in sizes]
        # Only the larger half, because fixed costs are most of the time of the others.
        half = slice(len(sizes) // 2, None)
        exponent = "" if len(sizes[half]) < 2 else _slope(sizes[half], seconds[half])
        cells = [f"{size:,}: {s:.3g}" for size, s in zip(sizes, seconds, strict=True)]
        lines.append([name, "; ".join(cells), exponent])
    text = (
        f"Seconds of a fit of {EPOCHS} epochs. The teacher's answers and the weight "
        "decay are given. One size\nvaries, and the others are "
        + ", ".join(f"{size:,} {name}" for name, size in USUAL.items())
        + ". The seconds grow as a\npower of the size. Its exponent is fitted to the "
        "larger half of the sizes."
        f"\n\n{markdown_table(['', 'size: seconds', 'exponent'], lines)}\n\n"
        f"{describe()}"
    )
    publish("scaling", "Scaling", text, options)


def _slope(sizes, seconds):
    return f"{np.polyfit(np.log(sizes), np.log(seconds), 1)[0]:.2f}"


if __name__ == "__main__":
    main()
