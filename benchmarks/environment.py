"""Functions that all benchmarks share."""

import argparse
import os
import platform
import statistics
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path

# Variables that limit the number of threads to one.
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
# Variables to remove. If OPENBLAS_CORETYPE is set, NumPy may run an older CPU's code.
_REMOVED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
_XLA = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs" / "benchmarks"


def single_thread():
    """Start the process again, if necessary, with one thread on one core.

    Call it before NumPy is imported.
    """
    wanted = dict.fromkeys(_THREADS, "1") | {"XLA_FLAGS": _XLA, "JAX_PLATFORMS": "cpu"}
    environment = {k: v for k, v in os.environ.items() if k not in _REMOVED} | wanted
    if environment != dict(os.environ):
        main = sys.modules["__main__"].__spec__.name
        command = [sys.executable, "-m", main, *sys.argv[1:]]
        os.execve(sys.executable, command, environment)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def parse_arguments(description):
    """Return the values of the options that all benchmarks have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--tiny", action="store_true", help="a small size, to see that it runs"
    )
    parser.add_argument(
        "--write", action="store_true", help="write the table to docs/benchmarks"
    )
    options = parser.parse_args()
    if options.tiny:
        shorten_trainings()
    return options


def shorten_trainings():
    """Let students of this process train a tenth of the steps: a tiny run reads none.

    Call it before a student is trained.
    """
    from skdistill.training import plan, short_plan

    plan.AUTO_STEPS //= 10
    plan._FEW_STEPS //= 10
    short_plan._STEPS //= 10


def describe(*packages):
    """Return lines about the machine, threads, BLAS and versions."""
    import numpy  # noqa: F401  loads the BLAS to describe
    from threadpoolctl import threadpool_info

    versions = []
    for package in ("skdistill", "numpy", "numba", "scikit-learn", *packages):
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            versions.append(f"{package} not installed")
    pools = {
        f"{pool['internal_api']} {pool.get('architecture', '')}".strip()
        + f" with {pool['num_threads']} thread"
        for pool in threadpool_info()
    }
    return "\n".join(
        [
            f"- CPU: {_cpu_name()}, one core",
            f"- BLAS: {'; '.join(sorted(pools)) or 'none'}",
            f"- Python {platform.python_version()}, {', '.join(versions)}",
        ]
    )


def take_turns(calls, rounds, least=0.05):
    """Time calls in turn, so that disturbances of the machine affect all alike.

    A turn repeats a call for some hundredths of a second. In the first thousandth of a
    second after other work, the caches, the page tables and the power supply of wide
    vectors are not in the state that they have in a running program.

    Parameters
    ----------
    calls : dict of str to callable
    rounds : int
    least : float, default=0.05
        Least duration of a turn, in seconds.

    Returns
    -------
    turns : dict of str to list of list of float
        Seconds of each call, by turn.
    """
    for call in calls.values():
        call()
    turns = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            ends = [time.perf_counter()]
            while ends[-1] - ends[0] < least:
                call()
                ends.append(time.perf_counter())
            turns[name].append([end - start for start, end in pairwise(ends)])
    return turns


def alternate(calls, rounds):
    """Return the seconds of each call: the median over turns of a turn's mean."""
    turns = take_turns(calls, rounds)
    return {
        name: statistics.median(map(statistics.fmean, durations))
        for name, durations in turns.items()
    }


def median_seconds(call, rounds):
    """Return the median of the seconds that a call takes."""
    durations = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        durations.append(time.perf_counter() - start)
    return statistics.median(durations)


def peak_memory():
    """Return the greatest memory of this process so far, in bytes.

    `resource` does not tell it: a new process begins with the peak of its parent.
    """
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def markdown_table(heads, lines):
    """Return a table in Markdown."""
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def publish(name, title, text, options, parts=()):
    """Print a benchmark's text. If the options say so, write it to its page.

    The page says by which command, and by which parts of the benchmark if not by all.
    """
    print(text)
    if options.write:
        DOCS.mkdir(parents=True, exist_ok=True)
        words = " ".join(["python -m", f"benchmarks.{name}", *parts, "--write"])
        command = f"Written by `{words}`."
        page = f"# {title}\n\n{command}\n\n{text}\n"
        (DOCS / f"{name}.md").write_text(page)


def _cpu_name():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    by_name = {key.strip(): value.strip() for key, value in fields.items()}
    family, model = by_name.get("cpu family", "?"), by_name.get("model", "?")
    widest = next(
        (
            name
            for name in ("avx512f", "avx2", "avx")
            if name in by_name.get("flags", "")
        ),
        "SSE",
    )
    return (
        f"{by_name.get('model name', '?')} (family {family}, model {model}, {widest})"
    )
