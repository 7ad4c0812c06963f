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

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.matrix import fill, part
from skdistill.kernels.instructions.table_rows import interpolate, scatter

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
_BLOCK_BYTES = 36 * 1024


class KnotTable(NamedTuple):
    """The code of the input, and what it contributes to the first layer.

    Attributes
    ----------
    codes : ndarray of shape (n_codes, 3), int64
        Knotted features first, then categories.
    blocks : ndarray of shape (n_blocks, 3), int64
        Codes that are worked on at once.
    origins : ndarray of shape (n_codes,), int32
        Place of each code's first row in the table.
    positions : ndarray of shape (n_rows,)
        Standardised values of the knots, 0 for levels.
    shares : ndarray of shape (n_rows,)
        Means of the code's components; see `fill_table`.
    table : ndarray of shape ((n_rows + 1) * width,)
        Filled by `fill_table`, kept up to date by `update_codes`.
    """

    codes: np.ndarray
    blocks: np.ndarray
    origins: np.ndarray
    positions: np.ndarray
    shares: np.ndarray
    table: np.ndarray


def code_blocks(codes, width, most_bytes=_BLOCK_BYTES):
    """Divide codes into blocks of about the same size.

    Parameters
    ----------
    codes : ndarray of shape (n_codes, 3), int64
    width : int
        Floats in a row of the table.
    most_bytes : float
        About the most that a block of several codes has of the table.

    Returns
    -------
    blocks : ndarray of shape (n_blocks, 3), int64
    """
    blocks = []
    between = codes[:, BINS] > 0
    for is_between in (True, False):
        members = np.flatnonzero(between == is_between)
        sizes = codes[members, ROWS] * width * 4
        ends = np.cumsum(sizes)
        n_blocks = max(1, -(-int(sizes.sum()) // most_bytes))
        # The block in which a code's middle falls.
        block = (ends - sizes / 2) * n_blocks // max(sizes.sum(), 1)
        for group in np.split(members, np.flatnonzero(np.diff(block)) + 1):
            if group.size:
                blocks.append([group[0], group[-1] + 1, is_between])
    return np.array(blocks, dtype=np.int64).reshape(-1, 3)


@kernel
def locate(inputs, start, rows, origins, width, offsets, fractions):
    """Split codes into rows of the table and fractions.

    Parameters
    ----------
    inputs : ndarray of shape (>= rows, stride)
        Records; the codes stand from column `start`.
    origins : ndarray of shape (n_codes,), int32
        Place of each code's first row in the table.
    width : int
        Length of a row of the table.
    offsets, fractions : ndarray of shape (>= rows, n_codes)
        Receive the result.
    """
    n_codes = origins.size
    for i in range(rows):
        places = part(inputs, i * inputs.shape[1] + start, n_codes)
        offset = part(offsets, i * n_codes, n_codes)
        fraction = part(fractions, i * n_codes, n_codes)
        for code in range(n_codes):
            row = np.int32(places[code])
            fraction[code] = places[code] - np.float32(row)
            offset[code] = origins[code] + row * np.int32(width)


@kernel
def write_bias(bias, floor, out):
    """Write the sums of rows that have neither numbers nor codes: the bias.

    Parameters
    ----------
    bias : ndarray of shape (>= width,)
    floor : float
        Zero for ReLU, minus infinity for none.
    out : ndarray of shape (rows, width)
    """
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = floor if bias[j] < floor else bias[j]


@kernel
def add_codes(blocks, offsets, fractions, table, start, floor, out):
    """Sum up the parts of all codes, of which there are some; see `interpolate`."""
    last = blocks.shape[0] - 1
    for block in range(last + 1):
        interpolate(
            offsets,
            fractions,
            blocks[block, FIRST],
            blocks[block, END],
            blocks[block, BETWEEN] == 1,
            table,
            start if block == 0 else out,
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
def fill_table(weights, codes, positions, shares, width, table, mean):
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
    mean : ndarray of shape (width,)
        Overwritten.
    """
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
