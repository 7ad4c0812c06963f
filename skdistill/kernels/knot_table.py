"""The encoded first layer: tables of knots in place of a wide dense product.

A feature that is coded by its place among knots, or by its category, has as
many weights a unit as it has knots or levels, of which a row touches one or
two. Its part of the unit's sum is tabulated at each knot, so that a row's part
is a straight line between two rows of the table, and the gradient by the table
goes back to these two rows. The tables are running sums of the weights, and the
gradient by the weights running sums of that by the tables: the mathematics is
that of the dense code, at a fraction of its products.
"""

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from skdistill.kernels.compilation import compiled_form, kernel
from skdistill.kernels.matrix import MatrixPointer
from skdistill.kernels.vector import (
    BYTE_POINTER,
    FLOAT,
    INT,
    VectorBuilder,
    host_table_vectors,
    host_tile_shape,
    integer,
)

# Columns of an array that describes codes, one row a code.
START = 0  # its first row in the table
BINS = 1  # bins between its knots; 0 for a category
ROWS = 2  # its rows

# Columns of an array that describes blocks of codes.
FIRST = 0
END = 1
BETWEEN = 2  # 1 where the codes lie between two rows

# A block's part of the table, and of its gradient, stays in the first cache.
_BLOCK_BYTES = 32 * 1024

_ROW = ir.IntType(32)


class KnotTable(NamedTuple):
    """The code of the input, and what it contributes to the first layer.

    Attributes
    ----------
    codes : ndarray of shape (n_codes, 3), int64
        Knotted features first, then categories.
    blocks : ndarray of shape (n_blocks, 3), int64
        Codes that are worked on at once.
    positions : ndarray of shape (n_rows,)
        Standardised values of the knots, 0 for levels.
    shares : ndarray of shape (n_rows,)
        Means of the code's components; see `fill_table`.
    table : ndarray of shape ((n_rows + 1) * width,)
        Filled by `fill_table`.
    """

    codes: np.ndarray
    blocks: np.ndarray
    positions: np.ndarray
    shares: np.ndarray
    table: np.ndarray


def code_blocks(codes, width):
    """Divide codes into blocks.

    Parameters
    ----------
    codes : ndarray of shape (n_codes, 3), int64
    width : int
        Floats in a row of the table.

    Returns
    -------
    blocks : ndarray of shape (n_blocks, 3), int64
    """
    blocks, used = [], 0
    for code, (_, bins, rows) in enumerate(codes):
        size, between = rows * width * 4, int(bins > 0)
        if blocks and blocks[-1][BETWEEN] == between and used + size <= _BLOCK_BYTES:
            blocks[-1][END] = code + 1
            used += size
        else:
            blocks.append([code, code + 1, between])
            used = size
    return np.array(blocks, dtype=np.int64).reshape(-1, 3)


def interpolate(offsets, fractions, first, end, between, table, floor, out):
    """Add the parts of some codes to the sums of rows; apply a lower bound.

    Parameters
    ----------
    offsets : ndarray of shape (rows, codes), int32
        Index, in the flat table, of the row that a code reads.
    fractions : ndarray of shape (rows, codes)
        The share of the table's next row.
    first, end : int
        The codes to add.
    between : bool
        Whether the codes lie between two rows; else fractions are not read.
    table : ndarray of shape (n,)
        Rows as long as those of `out`.
    floor : float
        Zero for ReLU, minus infinity for none.
    out : ndarray of shape (rows, width)
        Rows contiguous, `width` a multiple of 16.
    """
    rows, width = out.shape
    units = np.arange(width)
    for code in range(first, end):
        place = offsets[:rows, code, np.newaxis] + units
        if between:
            fraction = fractions[:rows, code, np.newaxis]
            out += (1 - fraction) * table[place] + fraction * table[place + width]
        else:
            out += table[place]
    out[out < floor] = floor


def scatter(offsets, fractions, first, end, between, delta, gradient):
    """Add the gradients of rows to the table rows that these read.

    Parameters
    ----------
    offsets, fractions, first, end, between
        As of `interpolate`.
    delta : ndarray of shape (rows, width)
        Gradient by the sums. Rows contiguous, `width` a multiple of 16.
    gradient : ndarray of shape (n,)
        By the table; added to.
    """
    rows, width = delta.shape
    units = np.arange(width)
    for code in range(first, end):
        place = offsets[:rows, code, np.newaxis] + units
        if between:
            fraction = fractions[:rows, code, np.newaxis]
            np.add.at(gradient, place, (1 - fraction) * delta)
            np.add.at(gradient, place + width, fraction * delta)
        else:
            np.add.at(gradient, place, delta)


@kernel
def locate(inputs, start, rows, codes, width, offsets, fractions):
    """Split codes into rows of the table and fractions.

    Parameters
    ----------
    inputs : ndarray of shape (>= rows, stride)
        Records; the codes stand from column `start`.
    codes : ndarray of shape (n_codes, 3), int64
    width : int
        Length of a row of the table.
    offsets, fractions : ndarray of shape (>= rows, n_codes)
        Receive the result.
    """
    for i in range(rows):
        record = inputs[i, start:]
        for code in range(codes.shape[0]):
            place = record[code]
            row = np.int32(place)
            fractions[i, code] = place - np.float32(row)
            offsets[i, code] = (np.int32(codes[code, START]) + row) * np.int32(width)


@kernel
def start_sums(bias, floor, out):
    """Start the sums of rows at the bias, where there is no product to do it.

    Parameters
    ----------
    bias : ndarray of shape (>= width,)
    floor : float
        Lower bound: zero for ReLU where nothing is added, else minus infinity.
    out : ndarray of shape (rows, width)
    """
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = floor if bias[j] < floor else bias[j]


@kernel
def add_codes(blocks, offsets, fractions, table, floor, out):
    """Add the parts of all codes to the sums of rows; see `interpolate`."""
    last = blocks.shape[0] - 1
    for block in range(last + 1):
        interpolate(
            offsets,
            fractions,
            blocks[block, FIRST],
            blocks[block, END],
            blocks[block, BETWEEN] == 1,
            table,
            floor if block == last else np.float32(-np.inf),
            out,
        )


@kernel
def scatter_codes(blocks, offsets, fractions, delta, gradient):
    """Add the gradients of rows to that by the table; see `scatter`."""
    for block in range(blocks.shape[0]):
        scatter(
            offsets,
            fractions,
            blocks[block, FIRST],
            blocks[block, END],
            blocks[block, BETWEEN] == 1,
            delta,
            gradient,
        )


@kernel
def fill_table(weights, codes, positions, shares, width, table):
    """Tabulate the parts of all codes at their knots and levels.

    A knotted feature with standardised value z and code c has the weights W_0
    on z and W_t on c_t, t = 1, ..., K; at knot t it contributes ``z_t W_0 + W_1
    + ... + W_t``. A level contributes its weight. All codes are centred: the
    mean contribution is subtracted.

    Parameters
    ----------
    weights : ndarray of shape (>= n_rows * width,)
    codes : ndarray of shape (n_codes, 3), int64
    positions : ndarray of shape (n_rows,)
        Standardised values of the knots.
    shares : ndarray of shape (n_rows,)
        Means of z and of the code's components over the rows encoded. A level,
        or missing value, of share 0 was never seen, and contributes nothing.
    width : int
    table : ndarray of shape (>= n_rows * width,)
        Receives the result.
    """
    mean = np.empty(width, weights.dtype)
    for code in range(codes.shape[0]):
        start, bins, rows = codes[code, START], codes[code, BINS], codes[code, ROWS]
        mean[:] = 0
        for row in range(start, start + rows):
            share = shares[row]
            weight = weights[row * width : (row + 1) * width]
            for i in range(width):
                mean[i] += share * weight[i]
        level = start
        if bins > 0:
            slope = weights[start * width : (start + 1) * width]
            here = table[start * width : (start + 1) * width]
            position = positions[start]
            for i in range(width):
                here[i] = position * slope[i] - mean[i]
            for row in range(start + 1, start + bins + 1):
                before = here
                here = table[row * width : (row + 1) * width]
                weight = weights[row * width : (row + 1) * width]
                step = positions[row] - positions[row - 1]
                for i in range(width):
                    here[i] = before[i] + step * slope[i] + weight[i]
            level = start + bins + 1
        for row in range(level, start + rows):
            here = table[row * width : (row + 1) * width]
            weight = weights[row * width : (row + 1) * width]
            if shares[row] > 0:
                for i in range(width):
                    here[i] = weight[i] - mean[i]
            else:
                here[:] = 0


@kernel
def weight_gradient(gradient, codes, positions, shares, width, bias_gradient):
    """Turn the gradient by the table into that by the weights, in place.

    Parameters
    ----------
    gradient : ndarray of shape (>= n_rows * width,)
    codes, positions, shares, width
        As of `fill_table`.
    bias_gradient : ndarray of shape (>= width,)
        Sum of the gradients of all rows, which the centring takes its part of.
    """
    above = np.empty(width, gradient.dtype)
    slope = np.empty(width, gradient.dtype)
    for code in range(codes.shape[0]):
        start, bins, rows = codes[code, START], codes[code, BINS], codes[code, ROWS]
        level = start
        if bins > 0:
            above[:] = 0
            slope[:] = 0
            for row in range(start + bins, start, -1):
                here = gradient[row * width : (row + 1) * width]
                position, share = positions[row], shares[row]
                for i in range(width):
                    above[i] += here[i]
                    slope[i] += position * here[i]
                    here[i] = above[i] - share * bias_gradient[i]
            here = gradient[start * width : (start + 1) * width]
            position, share = positions[start], shares[start]
            for i in range(width):
                here[i] = slope[i] + position * here[i] - share * bias_gradient[i]
            level = start + bins + 1
        for row in range(level, start + rows):
            here = gradient[row * width : (row + 1) * width]
            share = shares[row]
            if share > 0:
                for i in range(width):
                    here[i] -= share * bias_gradient[i]
            else:
                here[:] = 0


@compiled_form(interpolate)
def _vector_interpolation():
    add_rows = _table_walk(_interpolation_function)

    def add_parts(offsets, fractions, first, end, between, table, floor, out):
        add_rows(offsets, fractions, first, end, between, table, floor, out)

    return add_parts


@compiled_form(scatter)
def _vector_scatter():
    add_rows = _table_walk(_scatter_function)

    def add_parts(offsets, fractions, first, end, between, delta, gradient):
        add_rows(
            offsets, fractions, first, end, between, gradient, np.float32(0.0), delta
        )

    return add_parts


def _table_walk(make_function):
    """Return the intrinsic that walks rows and codes in columns of vectors."""
    lanes = host_tile_shape().lanes
    most = host_table_vectors()
    counts = [count for count in (8, 4, 2, 1) if count <= most]

    @intrinsic
    def walk(
        typing_context, offsets, fractions, first, end, between, table, floor, sums
    ):
        signature = types.void(
            offsets,
            fractions,
            types.intp,
            types.intp,
            types.boolean,
            table,
            types.float32,
            sums,
        )

        def generate(context, builder, signature, arguments):
            first, end, between, floor = (arguments[i] for i in (2, 3, 4, 6))
            offsets, fractions, sums = (
                MatrixPointer(context, builder, signature.args[i], arguments[i])
                for i in (0, 1, 7)
            )
            table = make_array(signature.args[5])(context, builder, arguments[5])
            shape = make_array(signature.args[7])(context, builder, arguments[7]).shape
            rows, width = (builder.extract_value(shape, axis) for axis in (0, 1))
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
                sums.at(zero, zero),
                sums.row_stride,
                floor,
            ]
            # Chunks of ever fewer vectors, until the rows are done.
            entry = builder.block
            column, done = zero, builder.append_basic_block("walked")
            for count in counts:
                head = builder.append_basic_block(f"chunks_{count}")
                body = builder.append_basic_block(f"chunk_{count}")
                following = builder.append_basic_block(f"after_{count}")
                builder.branch(head)
                builder.position_at_end(head)
                at = builder.phi(INT)
                at.add_incoming(column, entry)
                next_at = builder.add(at, integer(4 * lanes * count))
                fits = builder.icmp_signed("<=", next_at, call[7])
                builder.cbranch(fits, body, following)
                builder.position_at_end(body)
                chunk = list(call)
                chunk[6] = builder.gep(call[6], [at])
                chunk[8] = builder.gep(call[8], [at])
                with builder.if_else(between) as (then, otherwise):
                    for branch, pair in ((then, True), (otherwise, False)):
                        with branch:
                            function = make_function(builder.module, lanes, count, pair)
                            builder.call(function, chunk)
                at.add_incoming(next_at, builder.block)
                builder.branch(head)
                builder.position_at_end(following)
                entry, column = following, at
            builder.branch(done)
            builder.position_at_end(done)
            return context.get_dummy_value()

        return signature, generate

    return walk


class _Walk:
    """The loops over rows and codes that both directions share.

    It is left positioned at the start of a row: `row` first, then with
    `open_codes` in the loop over codes, and closed by `close`.
    """

    def __init__(self, module, name, lanes):
        pointer = BYTE_POINTER
        kinds = [INT, INT]  # rows, codes
        kinds += [pointer, INT] * 2  # offsets, fractions
        kinds += [pointer, INT]  # table, bytes of a row
        kinds += [pointer, INT, FLOAT]  # sums, floor
        self.function = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), name)
        self.function.linkage = "linkonce_odr"
        self.function.attributes.add("noinline")
        self.function.attributes.add("nounwind")
        (
            self.rows,
            self.codes,
            offsets,
            self.offsets_row,
            fractions,
            self.fractions_row,
            self.table,
            self.table_row,
            sums,
            self.sums_row,
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
        self.at = [builder.phi(pointer) for _ in range(3)]
        for phi, first in zip(self.at, (offsets, fractions, sums), strict=True):
            phi.add_incoming(first, entry)
        self.offsets, self.fractions, self.sums = self.at

    def open_codes(self, initial):
        """Enter the loop over codes; return its vectors, which start as given."""
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
        place = builder.mul(self.code, integer(4))
        offset = self.vectors.load(self.offsets, place, _ROW)
        offset = builder.mul(builder.sext(offset, INT), integer(4))
        return self.vectors.offset(self.table, offset)

    def weights_at_code(self):
        """Return vectors of the shares of a code's row and the next."""
        place = self.builder.mul(self.code, integer(4))
        fraction = self.vectors.load(self.fractions, place, FLOAT)
        rest = self.builder.fsub(ir.Constant(FLOAT, 1.0), fraction)
        return self.vectors.broadcast(rest), self.vectors.broadcast(fraction)

    def close(self, carried, finish):
        """Leave the loop over codes with `finish`, then that over rows."""
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
        steps = (self.offsets_row, self.fractions_row, self.sums_row)
        for phi, step in zip(self.at, steps, strict=True):
            phi.add_incoming(self.vectors.offset(phi, step), advance)
        builder.cbranch(builder.icmp_signed(">", remaining, integer(0)), self.row, done)
        builder.position_at_end(done)
        builder.ret_void()


def _interpolation_function(module, lanes, count, between):
    """Return the function that adds up rows of the table, `count` vectors wide."""
    name = f"skdistill_interpolate_{lanes}_{count}_{int(between)}"
    if name in module.globals:
        return module.globals[name]
    walk = _Walk(module, name, lanes)
    vectors, places = walk.vectors, [integer(4 * lanes * i) for i in range(count)]
    initial = [vectors.load(walk.sums, place) for place in places]
    if between:
        # A second set of sums: one would wait for itself.
        initial += [vectors.zero] * count
    sums = walk.open_codes(initial)
    row = walk.table_row_at_code()
    if between:
        here, beyond = walk.weights_at_code()
        next_row = vectors.offset(row, walk.table_row)
        added = [
            vectors.multiply_add(weight, vectors.load(source, place), total)
            for weight, source, totals in (
                (here, row, sums[:count]),
                (beyond, next_row, sums[count:]),
            )
            for place, total in zip(places, totals, strict=True)
        ]
    else:
        added = [
            vectors.add(vectors.load(row, place), total)
            for place, total in zip(places, sums, strict=True)
        ]

    def finish():
        floor = vectors.broadcast(walk.floor)
        for i, place in enumerate(places):
            total = added[i]
            if between:
                total = vectors.add(total, added[count + i])
            # A comparison that is false for NaN lets NaN through.
            below = walk.builder.fcmp_ordered("<", total, floor)
            total = walk.builder.select(below, floor, total)
            vectors.store(total, walk.sums, place)

    walk.close(added, finish)
    return walk.function


def _scatter_function(module, lanes, count, between):
    """Return the function that adds a gradient to rows of the table."""
    name = f"skdistill_scatter_{lanes}_{count}_{int(between)}"
    if name in module.globals:
        return module.globals[name]
    walk = _Walk(module, name, lanes)
    vectors, places = walk.vectors, [integer(4 * lanes * i) for i in range(count)]
    delta = [vectors.load(walk.sums, place) for place in places]
    walk.open_codes([])
    row = walk.table_row_at_code()
    targets = [(row, None)]
    if between:
        here, beyond = walk.weights_at_code()
        targets = [(row, here), (vectors.offset(row, walk.table_row), beyond)]
    for target, weight in targets:
        for place, part in zip(places, delta, strict=True):
            before = vectors.load(target, place)
            after = (
                vectors.add(before, part)
                if weight is None
                else vectors.multiply_add(weight, part, before)
            )
            vectors.store(after, target, place)
    walk.close([], lambda: None)
    return walk.function
