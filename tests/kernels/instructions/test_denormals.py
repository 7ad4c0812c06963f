import platform

import numpy as np
import pytest
from numba import config

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.denormals import flush_denormals, restore_mode

HAS_MODE = platform.machine().lower() in ("x86_64", "amd64", "aarch64", "arm64")


@kernel
def multiply_with_and_without(numbers, factors):
    before = flush_denormals()
    numbers[0] *= factors[0]
    numbers[1] *= factors[1]
    restore_mode(before)
    numbers[2] *= factors[0]
    numbers[3] *= factors[1]


@pytest.mark.skipif(
    bool(config.DISABLE_JIT) or not HAS_MODE,
    reason="compiled code sets a mode of the CPU, and knows that of x86 and ARM",
)
def test_results_and_operands_are_flushed_until_the_mode_is_restored():
    tiny = np.finfo(np.float32).tiny
    numbers = np.array([tiny, tiny / 4] * 2, dtype=np.float32)
    multiply_with_and_without(numbers, np.array([0.5, 1024], dtype=np.float32))
    np.testing.assert_array_equal(numbers, [0, 0, tiny / 2, tiny * 256])
