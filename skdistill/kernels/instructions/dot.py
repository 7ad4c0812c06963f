"""The product of the output layer, whose classes are too few to fill a vector.

The result has a row for each class. Softmax and loss then run over the rows of a batch,
and use whole vectors for any number of classes.

Both methods take as many rows at once as a vector has lanes. If there are few classes,
the rows are multiplied with the weights of one class along the inner dimension, and the
lanes of each sum are added up at the end. If there are many classes, the rows are
transposed in registers, once for all classes.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.np.arrayobj import make_array

from skdistill.kernels.compiler.compilation import instructions
from skdistill.kernels.compiler.generated import GeneratedFunction
from skdistill.kernels.instructions.matrix import MatrixPointer
from skdistill.kernels.instructions.vector import (
    BYTE_POINTER,
    FLOAT,
    INT,
    VectorBuilder,
    host_tile_shape,
    integer,
)

# From this number of classes on, to transpose the rows is as fast as to add up lanes.
_MANY_CLASSES = 4


def dot_products(left, weights, bias, out):
    """Write ``weights @ left.T + bias[:, None]``.

    Parameters
    ----------
    left : ndarray of shape (rows, depth)
        Inputs of the layer. The rows are contiguous, and `depth` is a multiple of 16.
        Memory up to the next multiple of 16 rows is read.
    weights : ndarray of shape (classes, depth)
        Weights of the layer. The rows are contiguous.
    bias : ndarray of shape (>= classes,)
    out : ndarray of shape (classes, rows)
        Result. The rows are contiguous. Memory up to the next multiple of 16 rows of
        `left` is written.
    """
    out[...] = weights @ left.T + bias[: weights.shape[0], None]


@instructions(dot_products)
def _dot_products_by_rows(typing_context, left, weights, bias, out):
    signature = types.void(left, weights, bias, out)

    def generate(context, builder, signature, arguments):
        lanes = host_tile_shape().lanes
        left, weights, out = (
            MatrixPointer(context, builder, signature.args[i], arguments[i])
            for i in (0, 1, 3)
        )
        bias = make_array(signature.args[2])(context, builder, arguments[2])
        rows, _ = left.shape
        classes, depth = weights.shape
        calls = builder.sdiv(builder.add(rows, integer(lanes - 1)), integer(lanes))
        with cgutils.for_range(builder, calls) as loop:
            row = builder.mul(loop.index, integer(lanes))
            call = [
                classes,
                builder.mul(depth, integer(4)),
                left.at(row, integer(0)),
                left.row_stride,
                weights.data,
                weights.row_stride,
                builder.bitcast(bias.data, BYTE_POINTER),
                out.at(integer(0), row),
                out.row_stride,
            ]
            many = builder.icmp_signed(">=", classes, integer(_MANY_CLASSES))
            with builder.if_else(many) as (then, otherwise):
                with then:
                    TRANSPOSING_DOT.call(builder, (lanes,), call)
                with otherwise:
                    DOT.call(builder, (lanes,), call)
        return context.get_dummy_value()

    return signature, generate


def _define_dot(function, lanes):
    """Write ``f(classes, depth, left, ..., out_row)``; `depth` is in bytes."""
    classes, depth, left, left_row, weights, weights_row, bias, out, out_row = (
        function.args
    )

    entry = function.append_basic_block("entry")
    next_class = function.append_basic_block("class")
    inner = function.append_basic_block("inner")
    finish = function.append_basic_block("finish")
    done = function.append_basic_block("done")

    builder = ir.IRBuilder(entry)
    vectors = VectorBuilder(builder, lanes)
    row_offsets = [builder.mul(left_row, integer(i)) for i in range(lanes)]
    builder.branch(next_class)

    builder.position_at_end(next_class)
    remaining = builder.phi(INT)
    remaining.add_incoming(classes, entry)
    weights_at, bias_at, out_at = (builder.phi(BYTE_POINTER) for _ in range(3))
    for phi, first in ((weights_at, weights), (bias_at, bias), (out_at, out)):
        phi.add_incoming(first, entry)
    builder.branch(inner)

    builder.position_at_end(inner)
    position = builder.phi(INT)
    sums = [builder.phi(vectors.type) for _ in range(lanes)]
    weight = vectors.load(weights_at, position)
    left_now = vectors.offset(left, position)
    sums_next = [
        vectors.multiply_add(vectors.load(left_now, offset), weight, total)
        for offset, total in zip(row_offsets, sums, strict=True)
    ]
    position_next = builder.add(position, integer(4 * lanes))
    position.add_incoming(integer(0), next_class)
    position.add_incoming(position_next, inner)
    for total, following in zip(sums, sums_next, strict=True):
        total.add_incoming(vectors.zero, next_class)
        total.add_incoming(following, inner)
    builder.cbranch(builder.icmp_signed("<", position_next, depth), inner, finish)

    builder.position_at_end(finish)
    totals = _add_up_lanes(vectors, sums_next)
    class_bias = vectors.broadcast(vectors.load(bias_at, integer(0), FLOAT))
    vectors.store(vectors.add(totals, class_bias), out_at, integer(0))
    remaining_next = builder.sub(remaining, integer(1))
    remaining.add_incoming(remaining_next, finish)
    for phi, step in (
        (weights_at, weights_row),
        (bias_at, integer(4)),
        (out_at, out_row),
    ):
        phi.add_incoming(vectors.offset(phi, step), finish)
    builder.cbranch(
        builder.icmp_signed(">", remaining_next, integer(0)), next_class, done
    )

    builder.position_at_end(done)
    builder.ret_void()


def _add_up_lanes(vectors, sums):
    """Return one vector whose lane i is the sum of all lanes of ``sums[i]``.

    Each round takes pairs of vectors. It adds the even lanes of both to their odd lanes
    and packs the results into one vector. Its first half comes from the first vector.
    """
    lanes = vectors.lanes
    even, odd = range(0, 2 * lanes, 2), range(1, 2 * lanes, 2)
    while len(sums) > 1:
        sums = [
            vectors.add(
                vectors.shuffle(first, second, even),
                vectors.shuffle(first, second, odd),
            )
            for first, second in zip(sums[::2], sums[1::2], strict=True)
        ]
    return sums[0]


def _define_transposing_dot(function, lanes):
    """Write the function for many classes; arguments are those of `_define_dot`.

    With n lanes in a vector, blocks of n rows by n numbers are transposed in registers
    and multiplied with the weights of all classes.
    """
    classes, depth, left, left_row, weights, weights_row, bias, out, out_row = (
        function.args
    )
    entry, start, block, next_class, advance, done = (
        function.append_basic_block(name)
        for name in ("entry", "start", "block", "class", "advance", "done")
    )
    builder = ir.IRBuilder(entry)
    vectors = VectorBuilder(builder, lanes)
    row_offsets = [builder.mul(left_row, integer(i)) for i in range(lanes)]
    builder.branch(start)

    builder.position_at_end(start)
    index = builder.phi(INT)
    value = vectors.load(bias, builder.mul(index, integer(4)), FLOAT)
    vectors.store(vectors.broadcast(value), out, builder.mul(index, out_row))
    following = builder.add(index, integer(1))
    index.add_incoming(integer(0), entry)
    index.add_incoming(following, start)
    builder.cbranch(builder.icmp_signed("<", following, classes), start, block)

    builder.position_at_end(block)
    position = builder.phi(INT)
    left_now = vectors.offset(left, position)
    columns = _transposed(
        vectors, [vectors.load(left_now, offset) for offset in row_offsets]
    )
    weights_first = vectors.offset(weights, position)
    builder.branch(next_class)

    builder.position_at_end(next_class)
    remaining = builder.phi(INT)
    weights_now, out_now = builder.phi(BYTE_POINTER), builder.phi(BYTE_POINTER)
    # There are two sums. With a single sum each addition would wait for the last.
    sums = [vectors.load(out_now, integer(0)), vectors.zero]
    for j, column in enumerate(columns):
        weight = vectors.load(weights_now, integer(4 * j), FLOAT)
        weight = vectors.broadcast(weight)
        sums[j % 2] = vectors.multiply_add(weight, column, sums[j % 2])
    vectors.store(vectors.add(*sums), out_now, integer(0))
    remaining_next = builder.sub(remaining, integer(1))
    for phi, first, after in (
        (remaining, classes, remaining_next),
        (weights_now, weights_first, vectors.offset(weights_now, weights_row)),
        (out_now, out, vectors.offset(out_now, out_row)),
    ):
        phi.add_incoming(first, block)
        phi.add_incoming(after, next_class)
    more = builder.icmp_signed(">", remaining_next, integer(0))
    builder.cbranch(more, next_class, advance)

    builder.position_at_end(advance)
    position_next = builder.add(position, integer(4 * lanes))
    position.add_incoming(integer(0), start)
    position.add_incoming(position_next, advance)
    builder.cbranch(builder.icmp_signed("<", position_next, depth), block, done)

    builder.position_at_end(done)
    builder.ret_void()


def _transposed(vectors, rows):
    """Return the columns of as many rows as a vector has lanes.

    Each round cuts the matrix into square blocks of 2, 4, 8, ... rows and columns. In
    each block the upper right quarter changes places with the lower left one.
    """
    lanes = vectors.lanes
    rows = list(rows)
    size = 1
    while size < lanes:
        upper = [i + lanes - size if i & size else i for i in range(lanes)]
        lower = [i + lanes if i & size else i + size for i in range(lanes)]
        for i in range(lanes):
            if not i & size:
                pair = rows[i], rows[i + size]
                rows[i] = vectors.shuffle(*pair, upper)
                rows[i + size] = vectors.shuffle(*pair, lower)
        size *= 2
    return rows


_KINDS = (
    [INT, INT]  # classes, depth
    + [BYTE_POINTER, INT] * 2  # left, weights
    + [BYTE_POINTER]  # bias
    + [BYTE_POINTER, INT]  # out
)


def _variants():
    return [(host_tile_shape().lanes,)]


DOT = GeneratedFunction("dot", _KINDS, _variants, _define_dot)
TRANSPOSING_DOT = GeneratedFunction(
    "transposing_dot", _KINDS, _variants, _define_transposing_dot
)
