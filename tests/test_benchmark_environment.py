"""What all benchmarks share."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.environment import ROOT, peak_memory

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the system has no /proc"
)


@needs_proc
def test_the_peak_of_memory_grows():
    before = peak_memory()
    # More than this process took at any time.
    n_bytes = 2 * before
    np.ones(n_bytes, dtype=np.uint8)
    assert n_bytes < peak_memory() < n_bytes + before + 2**24


@needs_proc
def test_a_process_does_not_begin_with_the_peak_of_its_parent():
    code = "from benchmarks.environment import peak_memory; print(peak_memory())"
    command = [sys.executable, "-c", code]
    np.ones(2**28, dtype=np.uint8)
    output = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    assert 2**20 < int(output) < 2**27 < peak_memory()
