"""The kernels touch no memory but their own."""

import subprocess
import sys

import pytest

# Each buffer ends where a page begins that cannot be read or written.
SCRIPT = """
import ctypes, mmap
import numpy as np

libc = ctypes.CDLL(None)
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
mappings = []

def guarded_zeros(*shape):
    size = 4 * int(np.prod(shape))
    length = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
    mapping = mmap.mmap(-1, length + mmap.PAGESIZE)
    mappings.append(mapping)
    address = ctypes.addressof(ctypes.c_char.from_buffer(mapping))
    assert libc.mprotect(address + length, mmap.PAGESIZE, 0) == 0
    flat = np.frombuffer(mapping, np.float32, size // 4, length - size)
    return flat.reshape(shape)

from skdistill import network, training
from skdistill.kernels import dense, layout
for module in (network, training, dense, layout):
    module.aligned_zeros = guarded_zeros

from skdistill import DistilledClassifier
rng = np.random.default_rng(0)
for hidden in [(), (1,), (100, 200), (33, 64), (57, 24), (7, 9, 5)]:
    for n, d, k in [(5, 1, 2), (40, 3, 3), (300, 17, 23), (33, 900, 2)]:
        for activation in ("relu", "silu"):
            DistilledClassifier(
                "precomputed",
                hidden_layer_sizes=hidden,
                activation=activation,
                max_iter=1,
                early_stopping=n > 20,
                learning_rate_init=1e-3,
            ).fit(
                rng.normal(size=(n, d)),
                teacher_proba=rng.dirichlet(np.ones(k), size=n),
            ).predict_proba(rng.normal(size=(n, d)))
print("untouched")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="protects pages as Linux does")
def test_no_buffer_is_left():
    result = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == "untouched\n", result.stderr
