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

from skdistill.kernels.compilation import kernel
from skdistill.kernels.matrix import fill, part, scratch
from skdistill.kernels.table_rows import interpolate, scatter

# Columns of an array that describes codes, one row a code.
START = 0  # its first row in the table
BINS = 1  # bins between its knots; 0 for a category
ROWS = 2  # its rows

# Columns of an array that describes blocks of codes.
FIRST = 0
END = 1
BETWEEN = 2  # 1 where the codes lie between two rows
N_COLUMNS = 3

# A block's part of the table, and of its gradient, stays in the first cache.
_BLOCK_BYTES = 32 * 1024


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


def code_blocks(codes, width, most_bytes=_BLOCK_BYTES):
    """Divide codes into blocks.

    Parameters
    ----------
    codes : ndarray of shape (n_codes, 3), int64
    width : int
        Floats in a row of the table.
    most_bytes : float
        Of a block's part of the table.

    Returns
    -------
    blocks : ndarray of shape (n_blocks, 3), int64
    """
    blocks, used = [], 0
    for code, (_, bins, rows) in enumerate(codes):
        size, between = rows * width * 4, int(bins > 0)
        if blocks and blocks[-1][BETWEEN] == between and used + size <= most_bytes:
            blocks[-1][END] = code + 1
            used += size
        else:
            blocks.append([code, code + 1, between])
            used = size
    return np.array(blocks, dtype=np.int64).reshape(-1, 3)


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


@kernel(cache=True)
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
    mean = scratch(weights, width)
    for code in range(codes.shape[0]):
        start, bins, rows = codes[code, START], codes[code, BINS], codes[code, ROWS]
        fill(mean, np.float32(0.0))
        for row in range(start, start + rows):
            share = shares[row]
            weight = part(weights, row * width, width)
            for i in range(width):
                mean[i] += share * weight[i]
        level = start
        if bins > 0:
            slope = part(weights, start * width, width)
            here = part(table, start * width, width)
            position = positions[start]
            for i in range(width):
                here[i] = position * slope[i] - mean[i]
            for row in range(start + 1, start + bins + 1):
                before = here
                here = part(table, row * width, width)
                weight = part(weights, row * width, width)
                step = positions[row] - positions[row - 1]
                for i in range(width):
                    here[i] = before[i] + step * slope[i] + weight[i]
            level = start + bins + 1
        for row in range(level, start + rows):
            here = part(table, row * width, width)
            weight = part(weights, row * width, width)
            if shares[row] > 0:
                for i in range(width):
                    here[i] = weight[i] - mean[i]
            else:
                fill(here, np.float32(0.0))


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
    above = scratch(gradient, width)
    slope = scratch(gradient, width)
    # Slices, not parts, which the compiler takes for overlapping with the sums.
    for code in range(codes.shape[0]):
        start, bins, rows = codes[code, START], codes[code, BINS], codes[code, ROWS]
        level = start
        if bins > 0:
            fill(above, np.float32(0.0))
            fill(slope, np.float32(0.0))
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
                fill(here, np.float32(0.0))
