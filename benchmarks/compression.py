"""The smallest students within half a point of their teachers, on all sets."""

import os

from benchmarks.environment import (
    DOCS,
    describe,
    markdown_table,
    publish,
    shorten_trainings,
    single_thread,
)

if __name__ == "__main__":
    # Searches run in parallel, each on its own core.
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    single_thread()
    if cores:
        os.sched_setaffinity(0, cores)

import argparse
import json
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.model_selection import train_test_split

import skdistill
from benchmarks.fidelity import (
    PAIRS,
    compile_kernels,
    digest,
    keep,
    make_teacher,
    split_rows,
    timed_fit,
)
from skdistill import DistilledClassifier, compress_to
from skdistill.model_selection.requirement import RequirementNotMetError
from skdistill.tasks.classes import Classification
from skdistill.teachers.resolve import as_teacher

TINY_PAIRS = {"breast_cancer": ("forest", "svc")}

# Splits below 10 served to choose the defaults. This one did not.
SPLIT = 10
WITHIN = 0.5  # points of accuracy
VALIDATION = 0.25
MANY_ROWS = 500  # number of validation rows

# Shares of the default student's bytes for which the curve has points.
SHARES = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03)


def main():
    options = parse_arguments()
    pairs = select_pairs(options)
    results = run(pairs, options)
    text = report(results, options)
    publish("compression", "Compression", text, options)
    if options.write:
        draw(results)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--tiny",
        action="store_true",
        help="a small set and small teachers, to see that it runs",
    )
    parser.add_argument(
        "--write", action="store_true", help="write the tables to docs/benchmarks"
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (%(default)s)")
    parser.add_argument(
        "--results",
        type=Path,
        default=Path(tempfile.gettempdir()) / "skdistill-compression",
        help="folder of the results, which are not measured again (%(default)s)",
    )
    parser.add_argument("--sets", nargs="+", choices=list(PAIRS), metavar="SET")
    options = parser.parse_args()
    if options.tiny:
        options.jobs = 1
        shorten_trainings()
    return options


def select_pairs(options):
    """Return the pairs of set and teacher that the options select."""
    return [
        (set_name, teacher_name)
        for set_name, names in (TINY_PAIRS if options.tiny else PAIRS).items()
        for teacher_name in names
        if not options.sets or set_name in options.sets
    ]


def run(pairs, options):
    """Measure the pairs without results; return the results of all pairs."""
    options.results.mkdir(parents=True, exist_ok=True)
    ending = f"{'tiny-' if options.tiny else ''}{digest((measure, split_rows))}.json"
    paths = {pair: options.results / f"{'-'.join(pair)}-{ending}" for pair in pairs}
    missing = [pair for pair, path in paths.items() if not path.exists()]
    calls = [delayed(attempt)(*pair, options.tiny, paths[pair]) for pair in missing]
    for name in Parallel(options.jobs, return_as="generator_unordered")(calls):
        print(name, file=sys.stderr, flush=True)
    return [json.loads(path.read_text()) for path in paths.values()]


def attempt(set_name, teacher_name, tiny, path):
    """Measure a pair and keep the result; return its name."""
    keep(measure(set_name, teacher_name, tiny), path)
    return f"{set_name}, {teacher_name}"


def measure(set_name, teacher_name, tiny):
    """Search for the smallest student of a pair.

    Returns
    -------
    result : dict
        Accuracies on test rows. Neither the search nor a model has seen these rows.
    """
    compile_kernels()
    X, X_test, y, y_test = split_rows(set_name, teacher_name, SPLIT)
    X_train, X_valid, y_train, y_valid = train_test_split(
        X, y, test_size=VALIDATION, random_state=SPLIT, stratify=y
    )
    teacher = make_teacher(teacher_name, X_train, SPLIT, tiny).fit(X_train, y_train)
    default = DistilledClassifier(teacher, random_state=SPLIT)
    seconds = {"default": timed_fit(default, X_train, y_train)}
    start = time.perf_counter()
    try:
        found = compress_to(
            DistilledClassifier(teacher, random_state=SPLIT),
            X_train,
            y_train,
            max_points_lost=WITHIN,
            validation_data=(X_valid, y_valid),
            random_state=SPLIT,
        )
        chosen = found.estimator_.score(X_test, y_test)
        path, students, error = found.path_, found.students_, None
        row = found.chosen_._asdict()
    except RequirementNotMetError as failure:
        chosen, path, students, error, row = None, failure.path, (), str(failure), None
    seconds["search"] = time.perf_counter() - start
    proba = as_teacher(teacher).ask(X_test, Classification(teacher.classes_))
    return {
        "set": set_name,
        "teacher_name": teacher_name,
        "validation rows": len(y_valid),
        "teacher": float(np.mean(teacher.classes_[proba.argmax(axis=1)] == y_test)),
        "default": default.score(X_test, y_test),
        "default bytes": default.student_.nbytes,
        "chosen": chosen,
        "row": row,
        "error": error,
        "seconds": seconds,
        "path": [
            tried._asdict()
            | {"test": float(np.mean(student.predict(X_test) == y_test))}
            for tried, student in zip(path, students, strict=False)
        ],
        "sizes": len({tried[:2] for tried in path}),
    }


def report(results, options):
    """Return the tables, with the text that explains them."""
    intro = (
        f"`compress_to(max_points_lost={WITHIN})` on {len(results)} pairs of a "
        f"development set and a teacher, split {SPLIT}. 70 % of the\nrows train, and "
        "a quarter of these is held out for validation. Differences are in points of "
        "accuracy on the other 30 %,\nwhich no choice has seen. 'Default' is the "
        "student of the same teacher with default parameters. The time of a search\nis "
        "given in fits of this student, without the time of the teacher."
    )
    parts = [intro, summary(results), pair_table(results), share_table(results)]
    missed = [f"{name(r)}: {r['error']}" for r in results if r["error"]]
    if missed:
        lines = "\n".join(f"- {text}" for text in missed)
        parts.append(f"Pairs without a student that meets the requirement:\n\n{lines}")
    if options.tiny or options.sets:
        parts.append("Only some pairs were asked for, or small teachers.")
    if (DOCS / "compression.svg").exists() or (options.write and can_draw()):
        parts.append("![points lost by size](compression.svg)")
    at_once = f"- {options.jobs} searches at a time, one thread each"
    return "\n\n".join([*parts, f"{describe('pandas')}\n{at_once}"])


def summary(results):
    """Return the table of means over all pairs, and over pairs with many rows."""
    many = [result for result in results if result["validation rows"] >= MANY_ROWS]
    groups = {"all": results, f"with {MANY_ROWS} validation rows or more": many}
    heads = [
        "pairs",
        "number",
        "a student found",
        f"within {WITHIN} points of the teacher, %",
        "default student within, %",
        "chosen - teacher, mean",
        "bytes of the default's, median, %",
        "geometric mean, %",
        "search in default fits, median",
        "longest",
    ]
    lines = [[name, *summary_line(group)] for name, group in groups.items() if group]
    return markdown_table(heads, lines)


def summary_line(results):
    """Return the cells of a group of pairs.

    A pair without a student counts as outside the limit.
    """
    found = [result for result in results if result["chosen"] is not None]
    lost = np.array([100 * (r["teacher"] - r["chosen"]) for r in found])
    ratios = np.array([r["row"]["bytes"] / r["default bytes"] for r in found])
    times = [r["seconds"]["search"] / r["seconds"]["default"] for r in results]
    default = [100 * (r["teacher"] - r["default"]) <= WITHIN for r in results]
    means = [f"{-lost.mean():+.2f}", f"{100 * np.median(ratios):.1f}"] if found else []
    means += [f"{100 * np.exp(np.log(ratios).mean()):.1f}"] if found else [""] * 3
    return [
        len(results),
        len(found),
        f"{100 * (lost <= WITHIN).sum() / len(results):.0f}",
        f"{100 * np.mean(default):.0f}",
        *means,
        f"{np.median(times):.1f}",
        f"{max(times):.1f}",
    ]


def pair_table(results):
    """Return the table with a row for each pair."""
    heads = [
        "pair",
        "validation rows",
        "accuracy, teacher",
        "default - teacher",
        "chosen - teacher",
        "hidden",
        "bins",
        "weights",
        "bytes",
        "default's",
        "%",
        "sizes tried",
        "search, s",
        "default fit, s",
        "search in default fits",
    ]
    return markdown_table(heads, [pair_line(result) for result in results])


def pair_line(result):
    """Return the cells of a pair."""
    row, seconds = result["row"], result["seconds"]
    if row:
        chosen = [
            f"{100 * (result['chosen'] - result['teacher']):+.2f}",
            "-".join(map(str, row["hidden_layer_sizes"])),
            row["n_bins"],
            row["weight_dtype"],
            f"{row['bytes']:,}",
            f"{result['default bytes']:,}",
            f"{100 * row['bytes'] / result['default bytes']:.1f}",
        ]
    else:
        chosen = ["none", "", "", "", "", f"{result['default bytes']:,}", ""]
    return [
        name(result),
        result["validation rows"],
        f"{result['teacher']:.4f}",
        f"{100 * (result['default'] - result['teacher']):+.2f}",
        *chosen,
        result["sizes"],
        f"{seconds['search']:.1f}",
        f"{seconds['default']:.1f}",
        f"{seconds['search'] / seconds['default']:.1f}",
    ]


def share_table(results):
    """Return the table of the points lost at each share of the default's bytes."""
    heads = ["at most this share of the default's bytes, %", "student - teacher, mean"]
    heads += ["standard error", f"within {WITHIN} points, %"]
    lines = [
        [f"{100 * share:g}", f"{mean:+.2f}", f"{error:.2f}", f"{100 * within:.0f}"]
        for share, mean, error, within in curve(results)
    ]
    return (
        "The student with the best validation score that takes no more than a share "
        "of the default's bytes:\n\n" + markdown_table(heads, lines)
    )


def curve(results):
    """Return shares, and the mean gain of their students over the teachers."""
    points = []
    for share in SHARES:
        gains = []
        for result in results:
            allowed = [
                tried
                for tried in result["path"]
                if tried["bytes"] <= share * result["default bytes"]
            ]
            if allowed:
                best = max(allowed, key=lambda tried: tried["score"])
                gains.append(100 * (best["test"] - result["teacher"]))
        if gains:
            gains = np.array(gains)
            error = gains.std(ddof=1) / np.sqrt(gains.size) if gains.size > 1 else 0.0
            points.append((share, gains.mean(), error, (gains >= -WITHIN).mean()))
    return points


def can_draw():
    """Tell whether the display and matplotlib are installed."""
    return find_spec("matplotlib") is not None and hasattr(
        skdistill, "CompressionCurveDisplay"
    )


def draw(results):
    """Draw the points lost by share of the default's bytes."""
    if not can_draw():
        print("not drawn: matplotlib is not installed", file=sys.stderr)
        return
    share, mean, error, _ = map(np.array, zip(*curve(results), strict=True))
    table = pd.DataFrame({"share": 100 * share, "gain": mean})
    table = table.assign(low=mean - error, high=mean + error)
    display = skdistill.CompressionCurveDisplay.from_table(
        table,
        size="share",
        score="gain",
        lower="low",
        upper="high",
        interval_name="one standard error",
        teacher_score=0.0,
        required_score=-WITHIN,
        size_name="bytes of the default student's, %",
        score_name="points of accuracy over the teacher",
    )
    display.ax_.legend(loc="lower right")  # No interval is drawn there.
    display.figure_.savefig(
        DOCS / "compression.svg", bbox_inches="tight", metadata={"Date": None}
    )


def name(result):
    return f"{result['set']}, {result['teacher_name']}"


if __name__ == "__main__":
    # Processes find a function by the name of its module. The name must not be
    # __main__.
    from benchmarks import compression

    sys.exit(compression.main())
