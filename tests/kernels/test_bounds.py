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

def guarded_zeros(*shape, dtype=np.float32):
    count = int(np.prod(shape))
    size = count * np.dtype(dtype).itemsize
    length = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
    mapping = mmap.mmap(-1, length + mmap.PAGESIZE)
    mappings.append(mapping)
    address = ctypes.addressof(ctypes.c_char.from_buffer(mapping))
    assert libc.mprotect(address + length, mmap.PAGESIZE, 0) == 0
    return np.frombuffer(mapping, dtype, count, length - size).reshape(shape)

def guarded(array):
    copy = guarded_zeros(*array.shape, dtype=array.dtype)
    copy[...] = array
    copy.flags.writeable = array.flags.writeable
    return copy

from skdistill.training import epochs
from skdistill.student import code_rows
from skdistill.student import network
from skdistill.student import prediction
from skdistill.kernels.layers import layout
from skdistill.kernels.layers import workspace as buffers
for module in (epochs, network, buffers, layout):
    module.aligned_zeros = guarded_zeros

def guarded_workspace(*arguments):
    workspace = buffers.make_workspace(*arguments)
    return workspace._replace(offsets=guarded(workspace.offsets))

epochs.make_workspace = guarded_workspace
describe, pack = code_rows.CodeRows.describe, prediction.pack_student
code_rows.CodeRows.describe = classmethod(
    lambda cls, *arguments: cls(*map(guarded, describe(*arguments)))
)
prediction.pack_student = lambda *arguments: guarded(pack(*arguments))

from skdistill import DistilledClassifier, TabularEncoder
rng = np.random.default_rng(0)

def exercise(X, k, hidden, activation, **parameters):
    model = DistilledClassifier(
        "precomputed",
        hidden_layer_sizes=hidden,
        activation=activation,
        max_iter=1,
        early_stopping=len(X) > 20,
        learning_rate_init=1e-3,
        weight_decay=0.1,
        **parameters,
    ).fit(X, teacher_proba=rng.dirichlet(np.ones(k), size=len(X)))
    few = X[: max(1, len(X) - 3)]
    if model.encoder_ is not None:
        code = model.encoder_.code_
        numbers = guarded(code.numbers(few))
        code.numbers = lambda X, *_: X
        model.student_.input_code.numbers = code.numbers
        return model.student_.predict_proba(numbers)
    return model.student_.predict_proba(guarded(few.astype(np.float32)))

for hidden in [(), (1,), (100, 200), (33, 64), (57, 24), (7, 9, 5), (1024, 150)]:
    for n, d, k in [(5, 1, 2), (40, 3, 3), (300, 17, 23), (33, 900, 2), (300, 150, 3)]:
        for activation in ("relu", "silu"):
            X = rng.normal(size=(n, d))
            exercise(X, k, hidden, activation, encoder=None, weight_dtype="float32")

def raw_table(n, n_binary, n_numbers, levels):
    table = np.empty((n, n_binary + n_numbers + len(levels)), dtype=object)
    table[:, :n_binary] = rng.integers(2, size=(n, n_binary)).astype(float)
    table[:, n_binary : n_binary + n_numbers] = rng.normal(size=(n, n_numbers))
    for column, count in enumerate(levels, start=n_binary + n_numbers):
        table[:, column] = [f"level {i}" for i in rng.integers(count, size=n)]
        table[rng.random(n) < 0.1, column] = None
    table[rng.random(table.shape) < 0.05] = None
    return table

few_bins, many_bins = TabularEncoder(n_bins=8), TabularEncoder(n_bins=2000)
for hidden in [(), (1,), (16,), (130,), (130, 33)]:
    for k in (2, 5):
        for encoder, shape in [
            (few_bins, (40, 2, 3, [])),
            (many_bins, (300, 0, 40, [])),
            (many_bins, (300, 17, 3, [2, 250])),
            (few_bins, (5, 0, 0, [3])),
            (few_bins, (300, 3, 20, [1, 300, 5])),
            (few_bins, (30, 0, 0, [])),
        ]:
            X = raw_table(*shape) if any(shape[1:]) else np.ones((30, 70))
            for activation, dtype in (("relu", "int8"), ("silu", "float32")):
                exercise(X, k, hidden, activation, encoder=encoder, weight_dtype=dtype)
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
