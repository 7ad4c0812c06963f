"""The generated function that updates the weights of a code.

It is the machine code of `skdistill.kernels.layers.knot_update.update_code`.
"""

from llvmlite import ir

from skdistill.kernels.compiler.generated import GeneratedFunction
from skdistill.kernels.instructions.adamw import AdamW
from skdistill.kernels.instructions.vector import (
    BYTE_POINTER,
    FLOAT,
    INT,
    VectorBuilder,
    host_tile_shape,
    integer,
)

_ZERO = ir.Constant(FLOAT, 0.0)


def update_variants():
    """Return the lanes and the number of vectors of each variant.

    A variant updates so many neighbouring vectors of the rows at once. The values of
    more vectors would not stay in registers.
    """
    return [(host_tile_shape().lanes, count) for count in (2, 1)]


class _Columns:
    """Writes the work on some neighbouring vectors of rows.

    Parameters
    ----------
    vectors : VectorBuilder
    count : int
        Number of vectors.
    row_bytes : llvmlite.ir.Value
        Distance from one row to the next, in bytes.
    """

    def __init__(self, vectors, count, row_bytes):
        self.vectors = vectors
        self.builder = vectors.builder
        self.zeros = [vectors.zero] * count
        self._row_bytes = row_bytes

    def load(self, pointer, row):
        """Read the vectors of a row."""
        start = self._start(pointer, row)
        return [self.vectors.load(start, integer(offset)) for offset in self._offsets()]

    def store(self, values, pointer, row):
        """Write the vectors of a row."""
        start = self._start(pointer, row)
        for value, offset in zip(values, self._offsets(), strict=True):
            self.vectors.store(value, start, integer(offset))

    def scalar(self, pointer, row):
        """Read the number that all columns of a row share."""
        return self.vectors.load(pointer, self.builder.mul(row, integer(4)), FLOAT)

    def merged(self, sources):
        """Return vectors whose values depend on the block that jumped here."""
        result = [self.builder.phi(self.vectors.type) for _ in self.zeros]
        for block, values in sources:
            self.add_source(result, block, values)
        return result

    def add_source(self, merged, block, values):
        """Name the values that merged vectors take from a block."""
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

    def _offsets(self):
        return [4 * self.vectors.lanes * i for i in range(len(self.zeros))]


def _define_update(function, lanes, count):
    """Write the update of `count` vectors of a code's rows."""
    _CodeUpdate(function, lanes, count).write()


class _CodeUpdate:
    """Writes the update of a code.

    It goes through the rows twice. On the way down it computes the gradient by the
    weights, which is a running sum of the gradient by the table, and adds up the mean
    of the new weights. The code is centred by this mean. On the way up it computes the
    table, which is a running sum of the weights.
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
        """Go up the rows, and write the table."""
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
            everywhere = vectors.broadcast(position)
            straight = [vectors.multiply(everywhere, value) for value in weight]
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
        """End the block with a branch for each kind of row.

        Returns
        -------
        level, first_knot, knot, merge : llvmlite.ir.Block
            Blocks for the three kinds of rows, and the block to which these lead.
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
    update_variants,
    _define_update,
)
