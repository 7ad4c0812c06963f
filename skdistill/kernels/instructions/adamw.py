"""AdamW (Loshchilov and Hutter 2019)."""

import numpy as np
from llvmlite import ir
from numba import types
from numba.np.arrayobj import make_array

from skdistill.kernels.compiler.compilation import instructions
from skdistill.kernels.compiler.generated import GeneratedFunction
from skdistill.kernels.instructions.matrix import LINE
from skdistill.kernels.instructions.vector import (
    BYTE_POINTER,
    FLOAT,
    INT,
    VectorBuilder,
    host_tile_shape,
    integer,
)

BETA_1 = 0.9
BETA_2 = 0.95
EPSILON = 1e-8

# Moments and weights below this number become zero; see the module `denormals`.
_LEAST = np.finfo(np.float32).tiny

# The second moment does not grow beyond this number, so that the quotient by its root
# stays finite.
GREATEST_MOMENT = np.finfo(np.float32).max


def adamw_step(weights, gradient, first_moment, second_moment, step_size, shrinkage):
    """Update weights in place.

    Denormal numbers become zero. Compiled code does so only after a call of
    `flush_denormals`.

    Parameters
    ----------
    weights, gradient, first_moment, second_moment : ndarray of shape (n,)
        Weights, their gradient, and the moments of the gradient. All but the gradient
        are updated. n is a multiple of 16.
    step_size : float
        Learning rate, corrected because the moments start at zero:
        ``learning_rate * sqrt(1 - BETA_2**t) / (1 - BETA_1**t)`` in step t.
    shrinkage : float
        Factor by which the weights are multiplied first, ``1 - learning_rate *
        weight_decay``.
    """
    first_moment[:] = _flushed(BETA_1 * first_moment + (1 - BETA_1) * gradient)
    square = np.float64(1 - BETA_2) * gradient.astype(np.float64) ** 2
    second = np.minimum(BETA_2 * second_moment + square, GREATEST_MOMENT)
    second_moment[:] = _flushed(second)
    direction = first_moment / (np.sqrt(second_moment) + EPSILON)
    weights[:] = _flushed(shrinkage * weights - step_size * direction)


def _flushed(values):
    """Return values, with zero in place of denormal ones."""
    # The comparison is false for NaN, which must not become zero.
    return np.where(np.abs(values) < _LEAST, 0, values)


@instructions(adamw_step)
def _step_by_lines(
    typing_context,
    weights,
    gradient,
    first_moment,
    second_moment,
    step_size,
    shrinkage,
):
    arrays = (weights, gradient, first_moment, second_moment)
    signature = types.void(*arrays, types.float32, types.float32)

    def generate(context, builder, signature, arguments):
        arrays = [
            make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args[:4], arguments[:4], strict=True)
        ]
        size = builder.extract_value(arrays[0].shape, 0)
        data = [builder.bitcast(array.data, BYTE_POINTER) for array in arrays]
        call = [builder.sdiv(size, integer(LINE)), *data, *arguments[4:]]
        ADAMW.call(builder, (host_tile_shape().lanes,), call)
        return context.get_dummy_value()

    return signature, generate


class AdamW:
    """Writes AdamW on vectors of weights.

    The same unit of a CPU divides and takes roots. If it did both, AdamW would have to
    wait for it. For this reason the quotient is a refined estimate, which other units
    compute at the same time.

    Parameters
    ----------
    vectors : VectorBuilder
    step_size, shrinkage : llvmlite.ir.Value
        Size of the step, and factor of the weights; see `adamw_step`. Both are floats.
    """

    def __init__(self, vectors, step_size, shrinkage):
        self._vectors = vectors
        self._step_size = vectors.broadcast(step_size)
        self._shrinkage = vectors.broadcast(shrinkage)
        self._betas = [
            (vectors.constant(beta), vectors.constant(1 - beta))
            for beta in (BETA_1, BETA_2)
        ]
        self._epsilon = vectors.constant(EPSILON)
        self._greatest = vectors.constant(GREATEST_MOMENT)

    def update(self, weight, gradient, first, second):
        """Return the new weight and moments."""
        vectors = self._vectors
        (beta_1, rest_1), (beta_2, rest_2) = self._betas
        first = vectors.multiply(beta_1, first)
        first = vectors.multiply_add(rest_1, gradient, first)
        second = vectors.multiply(beta_2, second)
        share = vectors.multiply(rest_2, gradient)
        second = vectors.multiply_add(share, gradient, second)
        # The comparison is false for NaN, which must not become a number.
        too_great = vectors.less(self._greatest, second)
        second = vectors.select(too_great, self._greatest, second)
        root = vectors.add(vectors.square_root(second), self._epsilon)
        step = vectors.divide(vectors.multiply(self._step_size, first), root)
        weight = vectors.subtract(vectors.multiply(self._shrinkage, weight), step)
        return weight, first, second


def _define_adamw(function, lanes):
    """Write the loop over cache lines of weights."""
    n_lines, *data, step_size, shrinkage = function.args
    entry = function.append_basic_block("entry")
    loop = function.append_basic_block("line")
    done = function.append_basic_block("done")
    builder = ir.IRBuilder(entry)
    vectors = VectorBuilder(builder, lanes)
    adamw = AdamW(vectors, step_size, shrinkage)
    some = builder.icmp_signed(">", n_lines, integer(0))
    builder.cbranch(some, loop, done)

    builder.position_at_end(loop)
    index = builder.phi(INT)
    index.add_incoming(integer(0), entry)
    line = builder.mul(index, integer(4 * LINE))
    for lane in range(0, LINE, lanes):
        offset = builder.add(line, integer(4 * lane))
        weight, gradient, first, second = (vectors.load(at, offset) for at in data)
        results = adamw.update(weight, gradient, first, second)
        for value, at in zip(results, (data[0], *data[2:]), strict=True):
            vectors.store(value, at, offset)
    following = builder.add(index, integer(1))
    index.add_incoming(following, loop)
    builder.cbranch(builder.icmp_signed("<", following, n_lines), loop, done)

    builder.position_at_end(done)
    builder.ret_void()


ADAMW = GeneratedFunction(
    "adamw",
    [INT] + [BYTE_POINTER] * 4 + [FLOAT, FLOAT],
    lambda: [(host_tile_shape().lanes,)],
    _define_adamw,
)
