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
CODE = """
from benchmarks.environment import peak_memory
before = peak_memory()
cells = bytearray(b"x") * 2**26
print(before, peak_memory())
"""


@needs_proc
def test_the_peak_of_memory_is_that_of_the_process_alone():
    """A process begins with the peak of its parent, if `resource` is asked."""
    cells = np.ones(2**27, dtype=np.uint8)
    command = [sys.executable, "-c", CODE]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    before, after = map(int, output.split())
    assert 2**20 < before < 2**26
    assert 2**26 <= after - before < 2**26 + 2**23
    assert cells.nbytes < peak_memory()
