import numpy as np
import pytest
from numba import config

from skdistill.kernels.compilation import kernel
from skdistill.kernels.denormals import flush_denormals, restore_mode


@kernel
def halve_with_and_without(numbers):
    before = flush_denormals()
    numbers[0] *= np.float32(0.5)
    restore_mode(before)
    numbers[1] *= np.float32(0.5)


@pytest.mark.skipif(
    bool(config.DISABLE_JIT), reason="compiled code sets the mode of the CPU"
)
def test_results_are_flushed_until_the_mode_is_restored():
    tiny = np.finfo(np.float32).tiny
    numbers = np.full(2, tiny, dtype=np.float32)
    halve_with_and_without(numbers)
    assert numbers[0] == 0
    assert numbers[1] == tiny / 2
