"""A step of the optimizer on the encoded first layer, in one pass.

The gradient by the table, that by the weights, AdamW and the next table follow one
another while a code's rows are in the first cache. A pass for each would bring all
rows through that cache again, and this, not the arithmetic, is what such passes cost.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.np.arrayobj import make_array

from skdistill.kernels.compiler.compilation import instructions, kernel
from skdistill.kernels.compiler.generated import GeneratedFunction
from skdistill.kernels.instructions.adamw import AdamW, adamw_step
from skdistill.kernels.instructions.matrix import part
from skdistill.kernels.instructions.vector import (
    BYTE_POINTER,
    FLOAT,
    INT,
    VectorBuilder,
    call_by_columns,
    host_tile_shape,
    integer,
)
from skdistill.kernels.layers.knot_table import (
    BINS,
    ROWS,
    START,
    fill_table,
)

_ZERO = ir.Constant(FLOAT, 0.0)


@kernel
def update_codes(optimizer, knot_table, bias_gradient, step_size, shrinkage):
    """Update the weights of all codes; see `update_code`.

    Parameters
    ----------
    optimizer : Optimizer
        Its gradient is that by the table.
    knot_table : KnotTable
        Receives the next table.
    bias_gradient : ndarray of shape (width,)
        Sum of the gradients of all rows.
    step_size, shrinkage : float
        See `adamw_step`.
    """
    codes, positions, shares = knot_table.codes, knot_table.positions, knot_table.shares
    width = bias_gradient.size
    for code in range(codes.shape[0]):
        start, rows = codes[code, START], codes[code, ROWS]
        place, size = start * width, rows * width
        update_code(
            codes[code, BINS],
            part(positions, start, rows),
            part(shares, start, rows),
            bias_gradient,
            part(optimizer.parameters, place, size),
            part(optimizer.gradient, place, size),
            part(optimizer.first_moment, place, size),
            part(optimizer.second_moment, place, size),
            part(knot_table.table, place, size),
            step_size,
            shrinkage,
        )


def update_code(
    bins,
    positions,
    shares,
    bias_gradient,
    weights,
    gradient,
    first_moment,
    second_moment,
    table,
    step_size,
    shrinkage,
):
    """Update the weights of a code, tabulate them, and clear their gradient.

    Parameters
    ----------
    bins : int
        Bins between its knots; 0 for a category.
    positions, shares : ndarray of shape (rows,)
        See `fill_table`.
    bias_gradient : ndarray of shape (width,)
        Sum of the gradients of all rows.
    weights, first_moment, second_moment : ndarray of shape (rows * width,)
        Updated.
    gradient : ndarray of shape (rows * width,)
        That by the table; set to zero.
    table : ndarray of shape (rows * width,)
        Receives what the code contributes with its new weights.
    step_size, shrinkage : float
        See `adamw_step`.
    """
    rows, width = positions.size, bias_gradient.size
    by_table = gradient.reshape(rows, width)
    by_weights = by_table.copy()
    knots = by_table[: bins + 1 if bins > 0 else 0]
    if bins > 0:
        by_weights[: bins + 1] = knots[::-1].cumsum(axis=0)[::-1]
        by_weights[0] = positions[: bins + 1] @ knots
    by_weights[len(knots) :][shares[len(knots) :] == 0] = 0
    by_weights -= shares[:, np.newaxis] * bias_gradient
    gradient[:] = by_weights.ravel()
    adamw_step(weights, gradient, first_moment, second_moment, step_size, shrinkage)
    codes = np.array([[0, bins, rows]])
    fill_table(weights, codes, positions, shares, width, table, np.empty(width))
    gradient[:] = 0


def _update_variants():
    """Return lanes and vectors of the columns that are updated at once.

    More would not stay in registers.
    """
    return [(host_tile_shape().lanes, count) for count in (2, 1)]


@instructions(update_code)
def _update_by_columns(
    typing_context,
    bins,
    positions,
    shares,
    bias_gradient,
    weights,
    gradient,
    first_moment,
    second_moment,
    table,
    step_size,
    shrinkage,
):
    arrays = (
        positions,
        shares,
        bias_gradient,
        weights,
        gradient,
        first_moment,
        second_moment,
        table,
    )
    signature = types.void(types.intp, *arrays, types.float32, types.float32)

    def generate(context, builder, signature, arguments):
        bins, *values, step_size, shrinkage = arguments
        arrays = [
            make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args[1:9], values, strict=True)
        ]
        rows = builder.extract_value(arrays[0].shape, 0)
        width = builder.extract_value(arrays[2].shape, 0)
        row_bytes = builder.mul(width, integer(4))
        pointers = [builder.bitcast(array.data, BYTE_POINTER) for array in arrays]

        def call(count, place):
            columns = [builder.gep(pointer, [place]) for pointer in pointers[2:]]
            values = [bins, rows, row_bytes, *pointers[:2], *columns]
            variant = (host_tile_shape().lanes, count)
            UPDATE.call(builder, variant, [*values, step_size, shrinkage])

        counts = [count for _, count in _update_variants()]
        call_by_columns(builder, counts, row_bytes, call)
        return context.get_dummy_value()

    return signature, generate


class _Columns:
    """Emits work on some neighbouring vectors of rows.

    Parameters
    ----------
    vectors : VectorBuilder
    count : int
        Vectors.
    row_bytes : llvmlite.ir.Value
        From one row to the next.
    """

    def __init__(self, vectors, count, row_bytes):
        self.vectors = vectors
        self.builder = vectors.builder
        self.zeros = [vectors.zero] * count
        self._row_bytes = row_bytes

    def load(self, pointer, row):
        """Read the vectors of a row."""
        start = self._start(pointer, row)
        return [self.vectors.load(start, integer(place)) for place in self._places()]

    def store(self, values, pointer, row):
        """Write the vectors of a row."""
        start = self._start(pointer, row)
        for value, place in zip(values, self._places(), strict=True):
            self.vectors.store(value, start, integer(place))

    def scalar(self, pointer, row):
        """Read what all columns of a row share."""
        return self.vectors.load(pointer, self.builder.mul(row, integer(4)), FLOAT)

    def merged(self, sources):
        """Return vectors that depend on the block that was left."""
        result = [self.builder.phi(self.vectors.type) for _ in self.zeros]
        for block, values in sources:
            self.add_source(result, block, values)
        return result

    def add_source(self, merged, block, values):
        """Name the values of merged vectors where a block was left."""
        for phi, value in zip(merged, values, strict=True):
            phi.add_incoming(value, block)

    def each(self, operation, *operands):
        """Apply an operation to the vectors of some operands."""
        return [operation(*values) for values in zip(*operands, strict=True)]

    def add_products(self, totals, factor, values):
        """Return ``totals + factor * values``."""
        return [
            self.vectors.multiply_add(factor, value, total)
            for total, value in zip(totals, values, strict=True)
        ]

    def _start(self, pointer, row):
        return self.vectors.offset(pointer, self.builder.mul(row, self._row_bytes))

    def _places(self):
        return [4 * self.vectors.lanes * i for i in range(len(self.zeros))]


def _define_update(function, lanes, count):
    """Write the update of `count` vectors of a code's rows."""
    _CodeUpdate(function, lanes, count).write()


class _CodeUpdate:
    """Writes the update of a code.

    The rows are gone through twice. Downward the gradient by the weights is a
    running sum of that by the table, and the mean of the new weights, by which
    the code is centred, is summed up. Upward the table is a running sum of the
    weights.
    """

    def __init__(self, function, lanes, count):
        (
            self.bins,
            self.rows,
            row_bytes,
            self.positions,
            self.shares,
            self.bias_gradient,
            self.weights,
            self.gradient,
            self.first_moment,
            self.second_moment,
            self.table,
            step_size,
            shrinkage,
        ) = function.args
        self.function = function
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        self.vectors = VectorBuilder(self.builder, lanes)
        self.columns = _Columns(self.vectors, count, row_bytes)
        self.adamw = AdamW(self.vectors, step_size, shrinkage)

    def write(self):
        """Write the function's body."""
        builder = self.builder
        has_knots = builder.icmp_signed(">", self.bins, integer(0))
        self.last_knot = builder.select(has_knots, self.bins, integer(-1))
        by_bias = self.columns.load(self.bias_gradient, integer(0))
        self._write_table(self._write_update(by_bias))
        builder.ret_void()

    def _write_update(self, by_bias):
        """Go down the rows; return the mean of the new weights."""
        builder, vectors, columns = self.builder, self.vectors, self.columns
        before = builder.block
        loop, after = self._blocks("down", "updated")
        last_row = builder.sub(self.rows, integer(1))
        builder.branch(loop)

        builder.position_at_end(loop)
        row = builder.phi(INT)
        row.add_incoming(last_row, before)
        above, slope, mean = (
            columns.merged([(before, columns.zeros)]) for _ in range(3)
        )
        by_table = columns.load(self.gradient, row)
        share = columns.scalar(self.shares, row)
        position = vectors.broadcast(columns.scalar(self.positions, row))
        level, first_knot, knot, merge = self._branch(row)
        with builder.goto_block(level):
            by_level = self._where_seen(share, by_table)
        with builder.goto_block(first_knot):
            by_slope = columns.add_products(slope, position, by_table)
        with builder.goto_block(knot):
            above_here = columns.each(vectors.add, above, by_table)
            slope_here = columns.add_products(slope, position, by_table)

        builder.position_at_end(merge)
        by_weight = columns.merged(
            [(level, by_level), (first_knot, by_slope), (knot, above_here)]
        )
        above_next, slope_next = (
            columns.merged([(level, old), (first_knot, old), (knot, new)])
            for old, new in ((above, above_here), (slope, slope_here))
        )
        share = vectors.broadcast(share)
        by_mean = [vectors.multiply(share, value) for value in by_bias]
        updated = columns.each(
            self.adamw.update,
            columns.load(self.weights, row),
            columns.each(vectors.subtract, by_weight, by_mean),
            columns.load(self.first_moment, row),
            columns.load(self.second_moment, row),
        )
        weights, first, second = zip(*updated, strict=True)
        for values, pointer in (
            (weights, self.weights),
            (first, self.first_moment),
            (second, self.second_moment),
            (columns.zeros, self.gradient),
        ):
            columns.store(values, pointer, row)
        mean_next = columns.add_products(mean, share, weights)

        row_next = builder.sub(row, integer(1))
        row.add_incoming(row_next, merge)
        for sums, following in (
            (above, above_next),
            (slope, slope_next),
            (mean, mean_next),
        ):
            columns.add_source(sums, merge, following)
        more = builder.icmp_signed(">=", row_next, integer(0))
        builder.cbranch(more, loop, after)
        builder.position_at_end(after)
        return mean_next

    def _write_table(self, mean):
        """Go up the rows."""
        builder, vectors, columns = self.builder, self.vectors, self.columns
        before = builder.block
        loop, after = self._blocks("up", "tabulated")
        builder.branch(loop)

        builder.position_at_end(loop)
        row = builder.phi(INT)
        row.add_incoming(integer(0), before)
        here, slope = (columns.merged([(before, columns.zeros)]) for _ in range(2))
        last_position = builder.phi(FLOAT)
        last_position.add_incoming(_ZERO, before)
        weight = columns.load(self.weights, row)
        share = columns.scalar(self.shares, row)
        position = columns.scalar(self.positions, row)
        level, first_knot, knot, merge = self._branch(row)
        with builder.goto_block(level):
            centred = columns.each(vectors.subtract, weight, mean)
            levels = self._where_seen(share, centred)
        with builder.goto_block(first_knot):
            place = vectors.broadcast(position)
            straight = [vectors.multiply(place, value) for value in weight]
            firsts = columns.each(vectors.subtract, straight, mean)
        with builder.goto_block(knot):
            distance = vectors.broadcast(builder.fsub(position, last_position))
            straight = columns.add_products(here, distance, slope)
            knots = columns.each(vectors.add, straight, weight)

        builder.position_at_end(merge)
        values = columns.merged([(level, levels), (first_knot, firsts), (knot, knots)])
        slope_next = columns.merged(
            [(level, slope), (first_knot, weight), (knot, slope)]
        )
        columns.store(values, self.table, row)

        row_next = builder.add(row, integer(1))
        row.add_incoming(row_next, merge)
        last_position.add_incoming(position, merge)
        columns.add_source(here, merge, values)
        columns.add_source(slope, merge, slope_next)
        more = builder.icmp_signed("<", row_next, self.rows)
        builder.cbranch(more, loop, after)
        builder.position_at_end(after)

    def _blocks(self, *names):
        return [self.function.append_basic_block(name) for name in names]

    def _branch(self, row):
        """End a block by what a row is.

        Returns
        -------
        level, first_knot, knot, merge : llvmlite.ir.Block
            The first three lead to the last.
        """
        builder = self.builder
        level, is_knot, first_knot, knot, merge = self._blocks(
            "level", "is_knot", "first_knot", "knot", "merge"
        )
        is_level = builder.icmp_signed(">", row, self.last_knot)
        builder.cbranch(is_level, level, is_knot)
        with builder.goto_block(is_knot):
            is_first = builder.icmp_signed("==", row, integer(0))
            builder.cbranch(is_first, first_knot, knot)
        for block in (level, first_knot, knot):
            with builder.goto_block(block):
                builder.branch(merge)
        return level, first_knot, knot, merge

    def _where_seen(self, share, values):
        """Return values, or zeros for a level that was never seen."""
        is_seen = self.builder.fcmp_ordered(">", share, _ZERO)
        select = self.vectors.select
        return [select(is_seen, value, self.vectors.zero) for value in values]


UPDATE = GeneratedFunction(
    "update_code",
    [INT] * 3  # bins, rows, bytes of a row
    + [BYTE_POINTER] * 8  # positions, shares, gradient of the bias, ..., table
    + [FLOAT, FLOAT],  # step size, shrinkage
    _update_variants,
    _define_update,
)
