"""The products with a knot table: rows of it are added up, or gradients to them.

A row of the table is cut into offsets of a few vectors. The sums of a piece stay in
registers while the loop over the codes of a row runs.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.np.arrayobj import make_array

from skdistill.kernels.compiler.compilation import instructions
from skdistill.kernels.compiler.generated import GeneratedFunction
from skdistill.kernels.instructions.matrix import MatrixPointer
from skdistill.kernels.instructions.vector import (
    BYTE_POINTER,
    FLOAT,
    INT,
    VectorBuilder,
    call_by_columns,
    host_table_vectors,
    host_tile_shape,
    integer,
)

_ROW = ir.IntType(32)


def interpolate(offsets, fractions, first, end, between, table, start, floor, out):
    """Add up the contributions of some codes; apply a lower bound.

    Parameters
    ----------
    offsets : ndarray of shape (rows, codes), int32
        Index, in the flat table, of the row that a code reads.
    fractions : ndarray of shape (rows, codes)
        Share of the next row of the table.
    first, end : int
        First code to add, and the first one after it that is not added.
    between : bool
        Whether the codes lie between two rows. If not, fractions are not read.
    table : ndarray of shape (n,)
        Flat table. Its rows are as long as those of `out`.
    start : ndarray of shape (rows, width)
        First values of the sums: `out`, or a bias (with row stride 0).
    floor : float
        Lower bound: zero for ReLU, minus infinity for none.
    out : ndarray of shape (rows, width)
        Result, with contiguous rows. `width` is a multiple of 16.
    """
    rows, width = out.shape
    units = np.arange(width)
    out[...] = start
    for code in range(first, end):
        index = offsets[:rows, code, np.newaxis] + units
        if between:
            fraction = fractions[:rows, code, np.newaxis]
            out += (1 - fraction) * table[index] + fraction * table[index + width]
        else:
            out += table[index]
    out[out < floor] = floor


def scatter(offsets, fractions, first, end, between, delta, gradient):
    """Add the gradients of rows to the table rows that these read.

    Parameters
    ----------
    offsets, fractions, first, end, between
        Codes and their rows of the table; see `interpolate`.
    delta : ndarray of shape (rows, width)
        Gradient by the sums, with contiguous rows. `width` is a multiple of 16.
    gradient : ndarray of shape (n,)
        Gradient by the table, to which the gradients of the rows are added.
    """
    rows, width = delta.shape
    units = np.arange(width)
    for code in range(first, end):
        index = offsets[:rows, code, np.newaxis] + units
        if between:
            fraction = fractions[:rows, code, np.newaxis]
            np.add.at(gradient, index, (1 - fraction) * delta)
            np.add.at(gradient, index + width, fraction * delta)
        else:
            np.add.at(gradient, index, delta)


@instructions(interpolate)
def _interpolate_by_columns(
    typing_context, offsets, fractions, first, end, between, table, start, floor, out
):
    signature = types.void(
        offsets,
        fractions,
        types.intp,
        types.intp,
        types.boolean,
        table,
        start,
        types.float32,
        out,
    )

    def generate(context, builder, signature, arguments):
        return _walk_table(INTERPOLATE, context, builder, signature.args, arguments)

    return signature, generate


@instructions(scatter)
def _scatter_by_columns(
    typing_context, offsets, fractions, first, end, between, delta, gradient
):
    signature = types.void(
        offsets, fractions, types.intp, types.intp, types.boolean, delta, gradient
    )

    def generate(context, builder, signature, arguments):
        # Both functions take the same arguments. Here the gradient is the table, and
        # delta stands for `start` and for `out`.
        *kinds, delta_kind, gradient_kind = signature.args
        *values, delta, gradient = arguments
        kinds += [gradient_kind, delta_kind, types.float32, delta_kind]
        values += [gradient, delta, ir.Constant(FLOAT, 0.0), delta]
        return _walk_table(SCATTER, context, builder, kinds, values)

    return signature, generate


def _chunks():
    """Return the numbers of vectors of a piece, in falling order."""
    return [count for count in (8, 4, 2, 1) if count <= host_table_vectors()]


def _walk_variants():
    """Return all variants.

    Each has a number of lanes, a number of vectors, and 1 if the codes lie between two
    rows.
    """
    lanes = host_tile_shape().lanes
    return [(lanes, count, pair) for count in _chunks() for pair in (0, 1)]


def _walk_table(function, context, builder, kinds, arguments):
    """Write the calls that go through all rows and codes, piece by piece.

    Parameters
    ----------
    function : GeneratedFunction
    context, builder
        Context and builder from Numba.
    kinds, arguments : sequence
        Types and values of the arguments of `interpolate`.
    """
    lanes = host_tile_shape().lanes
    first, end, between, floor = (arguments[i] for i in (2, 3, 4, 7))
    offsets, fractions, start, out = (
        MatrixPointer(context, builder, kinds[i], arguments[i]) for i in (0, 1, 6, 8)
    )
    table = make_array(kinds[5])(context, builder, arguments[5])
    rows, width = out.shape
    zero = integer(0)
    call = [
        rows,
        builder.sub(end, first),
        offsets.at(zero, first),
        offsets.row_stride,
        fractions.at(zero, first),
        fractions.row_stride,
        builder.bitcast(table.data, BYTE_POINTER),
        builder.mul(width, integer(4)),
        start.at(zero, zero),
        start.row_stride,
        out.at(zero, zero),
        out.row_stride,
        floor,
    ]

    def walk_columns(count, first_byte):
        chunk = list(call)
        for i in (6, 8, 10):  # table, start, out
            chunk[i] = builder.gep(call[i], [first_byte])
        with builder.if_else(between) as (then, otherwise):
            for branch, pair in ((then, 1), (otherwise, 0)):
                with branch:
                    function.call(builder, (lanes, count, pair), chunk)

    call_by_columns(builder, _chunks(), call[7], walk_columns)
    return context.get_dummy_value()


class _Walk:
    """The loops over rows and codes that both functions share.

    At first the builder stands in the loop over rows, at its start. After a call of
    `open_codes` it stands in the loop over codes. A call of `close` ends both loops.
    """

    KINDS = (
        [INT, INT]  # rows, codes
        + [BYTE_POINTER, INT] * 2  # offsets, fractions
        + [BYTE_POINTER, INT]  # table, bytes of a row
        + [BYTE_POINTER, INT] * 2  # start, out
        + [FLOAT]  # floor
    )

    def __init__(self, function, lanes):
        self.function = function
        (
            self.rows,
            self.codes,
            offsets,
            self.offsets_row,
            fractions,
            self.fractions_row,
            self.table,
            self.table_row,
            start,
            self.start_row,
            out,
            self.out_row,
            self.floor,
        ) = self.function.args
        entry = self.function.append_basic_block("entry")
        self.row = self.function.append_basic_block("row")
        self.builder = builder = ir.IRBuilder(entry)
        self.vectors = VectorBuilder(builder, lanes)
        builder.branch(self.row)
        builder.position_at_end(self.row)
        self.remaining = builder.phi(INT)
        self.remaining.add_incoming(self.rows, entry)
        firsts = (offsets, fractions, start, out)
        self.at = [builder.phi(BYTE_POINTER) for _ in firsts]
        for phi, first in zip(self.at, firsts, strict=True):
            phi.add_incoming(first, entry)
        self.offsets, self.fractions, self.start, self.out = self.at

    def open_codes(self, initial):
        """Enter the loop over codes.

        Returns
        -------
        carried : list of llvmlite.ir.Value
            Vectors that the loop carries on. Their first values are `initial`.
        """
        builder = self.builder
        before = builder.block
        self.loop = self.function.append_basic_block("code")
        builder.branch(self.loop)
        builder.position_at_end(self.loop)
        self.code = builder.phi(INT)
        self.code.add_incoming(integer(0), before)
        carried = [builder.phi(self.vectors.type) for _ in initial]
        for phi, value in zip(carried, initial, strict=True):
            phi.add_incoming(value, before)
        self.carried = carried
        return carried

    def table_row_at_code(self):
        """Return the address of the table row that the present code reads."""
        builder = self.builder
        position = builder.mul(self.code, integer(4))
        offset = self.vectors.load(self.offsets, position, _ROW)
        offset = builder.mul(builder.sext(offset, INT), integer(4))
        return self.vectors.offset(self.table, offset)

    def weights_at_code(self):
        """Return the shares of a code's row and of the next row, as vectors."""
        position = self.builder.mul(self.code, integer(4))
        fraction = self.vectors.load(self.fractions, position, FLOAT)
        rest = self.builder.fsub(ir.Constant(FLOAT, 1.0), fraction)
        return self.vectors.broadcast(rest), self.vectors.broadcast(fraction)

    def close(self, carried, finish):
        """End the loop over codes, call `finish`, and end the loop over rows."""
        builder = self.builder
        following = builder.add(self.code, integer(1))
        self.code.add_incoming(following, self.loop)
        for phi, value in zip(self.carried, carried, strict=True):
            phi.add_incoming(value, self.loop)
        advance = self.function.append_basic_block("advance")
        done = self.function.append_basic_block("done")
        more = builder.icmp_signed("<", following, self.codes)
        builder.cbranch(more, self.loop, advance)
        builder.position_at_end(advance)
        finish()
        remaining = builder.sub(self.remaining, integer(1))
        self.remaining.add_incoming(remaining, advance)
        steps = (self.offsets_row, self.fractions_row, self.start_row, self.out_row)
        for phi, step in zip(self.at, steps, strict=True):
            phi.add_incoming(self.vectors.offset(phi, step), advance)
        builder.cbranch(builder.icmp_signed(">", remaining, integer(0)), self.row, done)
        builder.position_at_end(done)
        builder.ret_void()


def _define_interpolation(function, lanes, count, between):
    """Write the function that adds up rows of the table, `count` vectors wide."""
    walk = _Walk(function, lanes)
    vectors, offsets = walk.vectors, [integer(4 * lanes * i) for i in range(count)]
    initial = [vectors.load(walk.start, offset) for offset in offsets]
    # With few sums each addition would wait for the last. So there are two sets.
    two_sets = between and count < 8
    if two_sets:
        initial += [vectors.zero] * count
    sums = walk.open_codes(initial)
    row = walk.table_row_at_code()
    if between:
        here, beyond = walk.weights_at_code()
        next_row = vectors.offset(row, walk.table_row)

        def add(weight, source, totals):
            return [
                vectors.multiply_add(weight, vectors.load(source, offset), total)
                for offset, total in zip(offsets, totals, strict=True)
            ]

        added = add(here, row, sums[:count])
        if two_sets:
            added += add(beyond, next_row, sums[count:])
        else:
            added = add(beyond, next_row, added)
    else:
        added = [
            vectors.add(vectors.load(row, offset), total)
            for offset, total in zip(offsets, sums, strict=True)
        ]

    def finish():
        totals = added
        if two_sets:
            totals = [
                vectors.add(*pair)
                for pair in zip(added[:count], added[count:], strict=True)
            ]
        floor = vectors.broadcast(walk.floor)
        for total, offset in zip(totals, offsets, strict=True):
            # The comparison is false for NaN, so that NaN stays.
            below = vectors.less(total, floor)
            vectors.store(vectors.select(below, floor, total), walk.out, offset)

    walk.close(added, finish)


def _define_scatter(function, lanes, count, between):
    """Write the function that adds a gradient to rows of the table."""
    walk = _Walk(function, lanes)
    vectors, offsets = walk.vectors, [integer(4 * lanes * i) for i in range(count)]
    delta = [vectors.load(walk.start, offset) for offset in offsets]
    walk.open_codes([])
    row = walk.table_row_at_code()
    targets = [(row, None)]
    if between:
        here, beyond = walk.weights_at_code()
        targets = [(row, here), (vectors.offset(row, walk.table_row), beyond)]
    for target, weight in targets:
        for offset, slope in zip(offsets, delta, strict=True):
            before = vectors.load(target, offset)
            after = (
                vectors.add(before, slope)
                if weight is None
                else vectors.multiply_add(weight, slope, before)
            )
            vectors.store(after, target, offset)
    walk.close([], lambda: None)


INTERPOLATE = GeneratedFunction(
    "interpolate", _Walk.KINDS, _walk_variants, _define_interpolation
)
SCATTER = GeneratedFunction("scatter", _Walk.KINDS, _walk_variants, _define_scatter)
