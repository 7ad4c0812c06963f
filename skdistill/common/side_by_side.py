"""Calls that run side by side, in threads.

Here alone threads are started for a fit. A thread begins with the configuration of
scikit-learn and the error state of NumPy that its caller has. In a thread, the loops of
joblib and of OpenMP run on that thread alone.

A BLAS with threads of its own, such as the OpenBLAS in NumPy's wheels, keeps them.
Their number counts for the whole process, and it may decide the last digits of a matrix
product. A limit that held only while several threads run would change these digits.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import copy_context
from functools import cache, partial
from typing import Any

import sklearn
from joblib import effective_n_jobs, parallel_config
from threadpoolctl import ThreadpoolController

# Calls that wait for each thread, so that none is idle while results are used.
_WAITING = 2

_of_thread = threading.local()


class StoppedError(Exception):
    """End of a call whose result nobody waits for."""


def count_threads(n_jobs: int | None) -> int:
    """Return the number of threads that a parameter `n_jobs` stands for.

    Parameters
    ----------
    n_jobs : int or None
        Number as scikit-learn takes it: None stands for 1, or for the number of a
        context `joblib.parallel_config`, and -1 for all cores.

    Returns
    -------
    count : int
        It is 1 in a thread of `side_by_side`.
    """
    return effective_n_jobs(n_jobs)


def side_by_side(
    calls: Iterable[Callable[[], Any]], n_jobs: int | None
) -> Generator[Any, None, None]:
    """Yield the results of calls, in their order, while other calls run in threads.

    The results must not depend on the order in which the calls run. An error of a call
    is raised in its turn. So it is the error that the calls one after another raise.
    After an error, an interrupt or the end of the iteration no other call begins.

    Parameters
    ----------
    calls : iterable of callable
        Functions without arguments.
    n_jobs : int or None
        Number of threads: see `count_threads`. On one thread, a call runs in the
        caller's own thread when its result is asked for.

    Yields
    ------
    result : object
    """
    calls = list(calls)
    n_threads = min(count_threads(n_jobs), len(calls))
    if n_threads <= 1:
        for call in calls:
            yield call()
        return
    stop = threading.Event()
    begin = partial(_begin_thread, stop, sklearn.get_config(), _openmp())
    threads = ThreadPoolExecutor(n_threads, "skdistill", begin)
    results: deque[Future] = deque()
    try:
        for call in calls:
            results.append(threads.submit(copy_context().run, call))
            if len(results) > _WAITING * n_threads:
                yield results.popleft().result()
        while results:
            yield results.popleft().result()
    finally:
        stop.set()
        threads.shutdown(wait=False, cancel_futures=True)


def end_if_stopped() -> None:
    """Raise in a call of `side_by_side` whose result nobody waits for any more.

    Raises
    ------
    StoppedError
        If another call failed, or if the user interrupted the fit.
    """
    stop = getattr(_of_thread, "stop", None)
    if stop is not None and stop.is_set():
        raise StoppedError


def without_inner_threads() -> AbstractContextManager:
    """Return a context in which the loops of joblib run one step after another.

    Forests of scikit-learn add the answers of their trees in the order in which threads
    end, if they have `n_jobs`. The last digits then differ from time to time.
    """
    return parallel_config(backend="sequential")


def _begin_thread(stop, config, openmp):
    """Prepare a new thread."""
    _of_thread.stop = stop
    sklearn.set_config(**config)
    without_inner_threads()  # From now on: it is not entered, and so not left.
    openmp.limit(limits=1)  # OpenMP keeps the number of each thread apart.


@cache
def _openmp():
    return ThreadpoolController().select(user_api="openmp")
