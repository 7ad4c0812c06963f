"""Compiled code keeps to the CPU that Numba is told to compile for."""

import os
import platform
import subprocess
import sys

import pytest

# The fit ends after its first epoch. It would compile kernels that nobody reads here.
SCRIPT = """
import sys
import numpy as np
from skdistill import DistilledClassifier
from skdistill.kernels.dense import train_epoch
from skdistill.kernels.instructions.library import library
from skdistill.training import epochs

def train_and_end(*arguments):
    train_epoch(*arguments)
    for function in (library, train_epoch):
        print(*function.inspect_asm().values())
    sys.exit()

epochs.train_epoch = train_and_end
rng = np.random.default_rng(0)
proba = rng.dirichlet(np.ones(3), size=60)
DistilledClassifier("precomputed", max_iter=1).fit(
    rng.normal(size=(60, 3)), teacher_proba=proba
)
"""


@pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="a CPU of x86"
)
def test_no_wider_registers_than_those_of_the_target(tmp_path):
    environment = os.environ | {
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": "+avx,+avx2,+bmi,+bmi2,+fma,+popcnt,+sse4.2",
        "NUMBA_DISABLE_JIT": "0",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert result.stdout.count("ymm") > 1000
    assert "zmm" not in result.stdout
