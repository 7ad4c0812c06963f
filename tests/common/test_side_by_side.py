"""Calls in threads: their order, errors, what a thread inherits, and the end."""

import threading
import time
from functools import partial

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads

from skdistill.common.side_by_side import (
    StoppedError,
    count_threads,
    end_if_stopped,
    side_by_side,
    without_inner_threads,
)

N_JOBS = (None, 1, 2, 3, 50)


@pytest.mark.parametrize("n_jobs", N_JOBS)
def test_results_come_in_the_order_of_the_calls(n_jobs):
    def slow_at_first(number):
        time.sleep(0.01 if number < 2 else 0.0)
        return number

    calls = [partial(slow_at_first, number) for number in range(20)]
    assert list(side_by_side(calls, n_jobs)) == list(range(20))
    assert list(side_by_side([], n_jobs)) == []


@pytest.mark.parametrize("n_jobs", N_JOBS)
def test_the_first_error_in_order_is_raised_after_the_results_before_it(n_jobs):
    may_fail = threading.Event()

    def call(number):
        if number == 1:
            may_fail.wait(0.05)  # The later error comes first in time.
        if number in (1, 2):
            may_fail.set()
            raise KeyError(number)
        return number

    results = side_by_side([partial(call, number) for number in range(4)], n_jobs)
    assert next(results) == 0
    with pytest.raises(KeyError, match="1"):
        next(results)
    with pytest.raises(StopIteration):
        next(results)


def test_one_thread_is_that_of_the_caller_and_begins_a_call_when_it_is_asked_for():
    begun = []
    results = side_by_side([partial(begun.append, i) for i in range(3)], 1)
    assert begun == []
    next(results)
    assert begun == [0]
    names = side_by_side([threading.current_thread] * 2, None)
    assert {*names} == {threading.current_thread()}


def test_no_more_threads_than_asked_for_and_few_results_wait():
    running, most, begun = [], [], []
    lock = threading.Lock()

    def call(number):
        with lock:
            begun.append(number)
            running.append(number)
            most.append(len(running))
        time.sleep(0.002)
        with lock:
            running.remove(number)

    results = side_by_side([partial(call, number) for number in range(30)], 2)
    next(results)
    time.sleep(0.05)  # If too many calls are begun, they begin here.
    assert len(begun) < 10
    assert len(list(results)) == 29
    assert max(most) <= 2


def test_a_thread_has_the_configuration_of_its_caller_and_no_threads_of_its_own():
    def state():
        return (
            sklearn.get_config()["transform_output"],
            np.geterr()["under"],
            joblib.effective_n_jobs(4),
            count_threads(-1),
            _openmp_effective_n_threads(),
        )

    with sklearn.config_context(transform_output="pandas"), np.errstate(under="raise"):
        states = {*side_by_side([state] * 6, 3)}
    assert states == {("pandas", "raise", 1, 1, 1)}
    assert joblib.effective_n_jobs(4) == 4
    with without_inner_threads():
        assert count_threads(4) == 1
    assert count_threads(4) == 4


def test_none_stands_for_the_number_of_a_context():
    assert count_threads(None) == 1
    assert count_threads(-1) == joblib.cpu_count()
    with joblib.parallel_config(n_jobs=3):
        assert (count_threads(None), count_threads(2)) == (3, 2)


def test_whoever_stops_to_iterate_ends_the_calls():
    begun, is_over, ended = (threading.Event() for _ in range(3))

    def call():
        begun.set()
        is_over.wait(30)
        try:
            end_if_stopped()
        except StoppedError:
            ended.set()
            raise

    results = side_by_side([int, call, call, call, call, call, call, call], 2)
    assert next(results) == 0
    assert begun.wait(30)
    results.close()  # It does not wait for calls that run.
    assert not ended.is_set()
    is_over.set()
    assert ended.wait(30)
    end_if_stopped()  # The caller's thread goes on.
