"""Matrix products in register blocks, and the operations on their finished sums.

A product is cut into tiles: 12 rows by 2 vectors with AVX-512, 6 rows by 2 vectors with
AVX2. The sums of a tile stay in vector registers while the loop over the inner
dimension runs. Each step reads one row of the right matrix, and one element of the left
matrix for every row of the tile. The left matrix may therefore have any strides, and a
transpose of it costs nothing. A layer adds a bias to a sum, applies the activation or
its derivative, and adds up columns. It does all this while the sums are still in
registers.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from skdistill.kernels.compiler.compilation import compiled_form
from skdistill.kernels.compiler.generated import GeneratedFunction
from skdistill.kernels.instructions.matrix import LINE, MatrixPointer
from skdistill.kernels.instructions.vector import (
    BYTE_POINTER,
    FLOAT,
    INT,
    VectorBuilder,
    host_tile_shape,
    integer,
)

# Operations on a finished sum. The last two also add it to the column sums.
STORE = 0
RECTIFY = 1
RELU_DERIVATIVE = 2  # set it to zero if `slope` is not positive
SLOPE = 3  # multiply it by `slope`


def product(left, right, start, out, epilogue, slope, column_sums):
    """Write ``epilogue(start + left @ right)``.

    Parameters
    ----------
    left : ndarray of shape (rows, depth)
        Left matrix, with any strides.
    right : ndarray of shape (depth, columns)
        Right matrix, with contiguous rows. `columns` is a multiple of 16.
    start : ndarray of shape (rows, columns)
        First values of the sums: a bias (with row stride 0), `out`, or zeros.
    out : ndarray of shape (rows, columns)
        Result, with contiguous rows.
    epilogue : {STORE, RECTIFY, RELU_DERIVATIVE, SLOPE}
        Operation on a finished sum.
    slope : ndarray of shape (rows, columns)
        Factors that RELU_DERIVATIVE and SLOPE read. May be the same array as `out`.
    column_sums : ndarray of shape (columns,)
        Sums to which RELU_DERIVATIVE and SLOPE add the columns of the result.
    """
    result = start + left @ right
    if epilogue == RECTIFY:
        result = np.where(result < 0, 0, result)
    elif epilogue == RELU_DERIVATIVE:
        result = np.where(slope > 0, result, 0)
    elif epilogue == SLOPE:
        result = result * slope
    if epilogue >= RELU_DERIVATIVE:
        column_sums[: result.shape[1]] += result.sum(axis=0)
    out[...] = result


@compiled_form(product)
def _tiled_product():
    shape = host_tile_shape()
    tile_height, wide = shape.height, shape.lanes * shape.vectors
    widths = tuple(_widths(shape))
    tile = _tile()

    def multiply(left, right, start, out, epilogue, slope, column_sums):
        rows = left.shape[0]
        columns = right.shape[1]
        # The heights of the tiles differ by one at most. The taller ones come first.
        tiles = (rows + tile_height - 1) // tile_height
        if tiles == 0:
            return
        height = rows // tiles
        taller = rows - tiles * height
        column = 0
        while column < columns:
            width = LINE
            for candidate in widths:
                if columns - column >= candidate and (rows == 1 or candidate <= wide):
                    width = candidate
            row = 0
            for is_lower in range(2):
                this_height = height + 1 - is_lower
                count = tiles - taller if is_lower else taller
                if count > 0:
                    tile(
                        width,
                        this_height,
                        count,
                        row,
                        column,
                        left,
                        right,
                        start,
                        out,
                        epilogue,
                        slope,
                        column_sums,
                    )
                row += this_height * count
            column += width

    return multiply


def _widths(shape):
    """Return the widths of tiles in floats.

    Tiles with more vectors than `shape.vectors` have a single row. If they were
    narrower, there would be so few sums that each addition would wait for the last.
    """
    vectors = [shape.vectors, *(n for n in (4, 8) if n > shape.vectors)]
    return sorted({LINE, *(shape.lanes * n for n in vectors)})


def _tile_variants():
    """Return the lanes, the height in rows and the width in vectors of each tile."""
    shape = host_tile_shape()
    return [
        (shape.lanes, rows, columns // shape.lanes)
        for columns in _widths(shape)
        for rows in range(1, shape.height + 1)
        if rows == 1 or columns <= shape.lanes * shape.vectors
    ]


def _tile():
    """Return the intrinsic that computes some tiles below one another."""

    @intrinsic
    def tile(
        typing_context,
        width,
        height,
        count,
        row,
        column,
        left,
        right,
        start,
        out,
        epilogue,
        slope,
        column_sums,
    ):
        signature = types.void(
            *[types.intp] * 5, left, right, start, out, types.intp, slope, column_sums
        )

        def generate(context, builder, signature, arguments):
            width, height, count, row, column = arguments[:5]
            left, right, start, out, slope = (
                MatrixPointer(context, builder, signature.args[i], arguments[i])
                for i in (5, 6, 7, 8, 10)
            )
            epilogue = arguments[9]
            sums = make_array(signature.args[11])(context, builder, arguments[11])
            no_row = no_column = integer(0)
            call = [
                count,
                right.shape[0],
                left.at(row, no_column),
                left.row_stride,
                left.column_stride,
                right.at(no_row, column),
                right.row_stride,
                start.at(row, column),
                start.row_stride,
                out.at(row, column),
                out.row_stride,
                epilogue,
                slope.at(row, column),
                slope.row_stride,
                builder.bitcast(builder.gep(sums.data, [column]), BYTE_POINTER),
            ]
            done = builder.append_basic_block("done")
            case = builder.add(builder.mul(width, integer(64)), height)
            switch = builder.switch(case, done)
            for variant in _tile_variants():
                lanes, rows, vectors = variant
                block = builder.append_basic_block(f"tile_{rows}_{vectors}")
                switch.add_case(integer(64 * lanes * vectors + rows), block)
                with builder.goto_block(block):
                    TILE.call(builder, variant, call)
                    builder.branch(done)
            builder.position_at_end(done)
            return context.get_dummy_value()

        return signature, generate

    return tile


def _define_tile(function, lanes, height, width):
    """Write ``f(count, depth, left, ..., column_sums)`` of one tile size.

    It computes `count` tiles of `height` rows by `width` vectors, one below the
    other. All strides are in bytes.
    """
    pointer = BYTE_POINTER
    (
        count,
        depth,
        left,
        left_row,
        left_column,
        right,
        right_row,
        start,
        start_row,
        out,
        out_row,
        epilogue,
        slope,
        slope_row,
        sums,
    ) = function.args

    entry = function.append_basic_block("entry")
    next_tile = function.append_basic_block("tile")
    inner = function.append_basic_block("inner")
    finish = function.append_basic_block("finish")
    advance = function.append_basic_block("advance")
    done = function.append_basic_block("done")

    builder = ir.IRBuilder(entry)
    vectors = VectorBuilder(builder, lanes)
    rows, columns = range(height), range(width)
    vector_bytes = 4 * lanes

    def multiples(stride):
        return [builder.mul(stride, integer(i)) for i in rows]

    def offset_of(row_offsets, i, j):
        return builder.add(row_offsets[i], integer(j * vector_bytes))

    left_offsets, start_offsets = multiples(left_row), multiples(start_row)
    out_offsets, slope_offsets = multiples(out_row), multiples(slope_row)
    tile_steps = [
        builder.mul(stride, integer(height))
        for stride in (left_row, start_row, out_row, slope_row)
    ]
    builder.branch(next_tile)

    builder.position_at_end(next_tile)
    index = builder.phi(INT)
    index.add_incoming(integer(0), entry)
    at = [builder.phi(pointer) for _ in tile_steps]
    for phi, first in zip(at, (left, start, out, slope), strict=True):
        phi.add_incoming(first, entry)
    left_at, start_at, out_at, slope_at = at
    initial = [
        [vectors.load(start_at, offset_of(start_offsets, i, j)) for j in columns]
        for i in rows
    ]
    builder.branch(inner)

    builder.position_at_end(inner)
    remaining = builder.phi(INT)
    left_now, right_now = builder.phi(pointer), builder.phi(pointer)
    sums_now = [[builder.phi(vectors.type) for _ in columns] for _ in rows]
    right_vectors = [
        vectors.load(right_now, integer(j * vector_bytes)) for j in columns
    ]
    sums_next = []
    for i in rows:
        element = vectors.broadcast(vectors.load(left_now, left_offsets[i], FLOAT))
        sums_next.append(
            [
                vectors.multiply_add(element, right_vectors[j], sums_now[i][j])
                for j in columns
            ]
        )
    remaining_next = builder.sub(remaining, integer(1))
    for phi, first, following in (
        (remaining, depth, remaining_next),
        (left_now, left_at, vectors.offset(left_now, left_column)),
        (right_now, right, vectors.offset(right_now, right_row)),
    ):
        phi.add_incoming(first, next_tile)
        phi.add_incoming(following, inner)
    for i in rows:
        for j in columns:
            sums_now[i][j].add_incoming(initial[i][j], next_tile)
            sums_now[i][j].add_incoming(sums_next[i][j], inner)
    builder.cbranch(builder.icmp_signed(">", remaining_next, integer(0)), inner, finish)

    builder.position_at_end(finish)
    switch = builder.switch(epilogue, advance)

    def relu(total, i, j):
        # The comparison is false for NaN, so that NaN stays.
        negative = builder.fcmp_ordered("<", total, vectors.zero)
        return builder.select(negative, vectors.zero, total)

    def relu_derivative(total, i, j):
        active = vectors.load(slope_at, offset_of(slope_offsets, i, j))
        positive = builder.fcmp_ordered(">", active, vectors.zero)
        return builder.select(positive, total, vectors.zero)

    def times_slope(total, i, j):
        factor = vectors.load(slope_at, offset_of(slope_offsets, i, j))
        return vectors.multiply(total, factor)

    for kind, transform, with_sums in (
        (STORE, lambda total, i, j: total, False),
        (RECTIFY, relu, False),
        (RELU_DERIVATIVE, relu_derivative, True),
        (SLOPE, times_slope, True),
    ):
        block = function.append_basic_block(f"epilogue_{kind}")
        switch.add_case(integer(kind), block)
        builder.position_at_end(block)
        for j in columns:
            offset = integer(j * vector_bytes)
            column_sum = vectors.load(sums, offset) if with_sums else None
            for i in rows:
                value = transform(sums_next[i][j], i, j)
                vectors.store(value, out_at, offset_of(out_offsets, i, j))
                if with_sums:
                    column_sum = vectors.add(column_sum, value)
            if with_sums:
                vectors.store(column_sum, sums, offset)
        builder.branch(advance)

    builder.position_at_end(advance)
    following = builder.add(index, integer(1))
    index.add_incoming(following, advance)
    for phi, step in zip(at, tile_steps, strict=True):
        phi.add_incoming(vectors.offset(phi, step), advance)
    builder.cbranch(builder.icmp_signed("<", following, count), next_tile, done)

    builder.position_at_end(done)
    builder.ret_void()


TILE = GeneratedFunction(
    "tile",
    [INT, INT]
    + [BYTE_POINTER, INT, INT]  # left
    + [BYTE_POINTER, INT] * 3  # right, start, out
    + [INT]  # epilogue
    + [BYTE_POINTER, INT]  # slope
    + [BYTE_POINTER],  # column sums
    _tile_variants,
    _define_tile,
)
