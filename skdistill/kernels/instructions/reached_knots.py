"""The number of knots that a value has reached, counted in whole vectors."""

import numpy as np
from llvmlite import ir
from numba import types
from numba.np.arrayobj import make_array

from skdistill.kernels.compiler.compilation import instructions
from skdistill.kernels.instructions.vector import (
    BYTE_POINTER,
    INT,
    VectorBuilder,
    host_tile_shape,
    integer,
)


def count_reached(knots, start, size, value):
    """Return how many knots are less than or equal to a value; zero for NaN.

    Parameters
    ----------
    knots : ndarray of shape (n,), float32
    start, size : int
        First index and number of the knots to compare with. `size` is a multiple of
        16.
    value : float32

    Returns
    -------
    count : int
    """
    return np.count_nonzero(knots[start : start + size] <= value)


@instructions(count_reached)
def _count(typing_context, knots, start, size, value):
    signature = types.intp(knots, types.intp, types.intp, types.float32)
    lanes = host_tile_shape().lanes

    def generate(context, builder, signature, arguments):
        array = make_array(signature.args[0])(context, builder, arguments[0])
        start, size, value = arguments[1:]
        first = builder.bitcast(builder.gep(array.data, [start]), BYTE_POINTER)
        vectors = VectorBuilder(builder, lanes)
        searched = vectors.broadcast(value)
        entry = builder.block
        loop = builder.append_basic_block("compare")
        done = builder.append_basic_block("counted")
        builder.cbranch(builder.icmp_signed(">", size, integer(0)), loop, done)
        builder.position_at_end(loop)
        index, count = builder.phi(INT), builder.phi(INT)
        offset = builder.mul(index, integer(4))
        reached = builder.fcmp_ordered("<=", vectors.load(first, offset), searched)
        mask = builder.bitcast(reached, ir.IntType(lanes))
        number = builder.zext(builder.ctpop(mask), INT)
        next_index = builder.add(index, integer(lanes))
        next_count = builder.add(count, number)
        for phi, following in ((index, next_index), (count, next_count)):
            phi.add_incoming(integer(0), entry)
            phi.add_incoming(following, loop)
        builder.cbranch(builder.icmp_signed("<", next_index, size), loop, done)
        builder.position_at_end(done)
        result = builder.phi(INT)
        result.add_incoming(integer(0), entry)
        result.add_incoming(next_count, loop)
        return result

    return signature, generate
