"""Share rows among threads."""

import os
from concurrent.futures import ThreadPoolExecutor

# Least number of rows for a thread. Fewer rows do not pay for its start.
_LEAST_ROWS = 512


def count_cores() -> int:
    """Return the number of cores that the process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_in_threads(run, rows, out, n_jobs):
    """Run a function on parts of rows, in several threads.

    Parameters
    ----------
    run : callable
        Function that takes rows, and the array that receives their answers.
    rows : ndarray of shape (n_rows, n_features)
    out : ndarray of shape (n_rows, n_classes)
    n_jobs : int
        Number of threads; -1 for one on each core.

    Raises
    ------
    ValueError
        If `n_jobs` is no number of threads. Or if `run` raises it for the rows.
    """
    if n_jobs == 0 or n_jobs < -1:
        raise ValueError(f"n_jobs={n_jobs} is not None, -1, or 1 or more")
    n_threads = count_cores() if n_jobs == -1 else n_jobs
    size = max(_LEAST_ROWS, -(-len(rows) // n_threads))
    parts = [slice(start, start + size) for start in range(0, len(rows), size)]
    with ThreadPoolExecutor(n_threads) as threads:
        runs = [threads.submit(run, rows[part], out[part]) for part in parts]
    for part, done in zip(parts, runs, strict=True):
        if done.exception() is not None:
            # Predict again, so that the error counts the row among all rows.
            run(rows[: part.stop], out[: part.stop])
