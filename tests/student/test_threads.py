"""Rows that threads share: how many threads there are."""

import os

import numpy as np
import pytest

from skdistill.command.predict.options import parse_arguments
from skdistill.student import threads


@pytest.mark.parametrize("has_affinity", [True, False])
def test_a_thread_on_each_core_that_the_process_may_use(
    monkeypatch, tmp_path, has_affinity
):
    """Three of eight cores; where no system tells, all of them."""
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    if has_affinity:
        monkeypatch.setattr(
            os, "sched_getaffinity", lambda process: {1, 4, 5}, raising=False
        )
    else:
        monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    n_cores = 3 if has_affinity else 8
    assert threads.count_cores() == n_cores
    names = [str(tmp_path / name) for name in ("s.npz", "rows.csv", "out.csv")]
    for name in names[:2]:
        open(name, "w").close()
    assert parse_arguments(names).jobs == n_cores
    sizes = []
    rows = np.zeros((8000, 1))
    threads.run_in_threads(lambda part, out: sizes.append(len(part)), rows, rows, -1)
    assert len(sizes) == n_cores
    assert sum(sizes) == 8000
