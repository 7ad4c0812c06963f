"""The encoded first layer: tables of knots in place of a wide dense product.

A feature may be coded by its position among knots, or by its category. It then has as
many weights for each unit as it has knots or levels. A row of data uses one or two of
them. A table holds what the feature contributes to each unit's sum at each knot.
Between two knots, the contribution is a straight line between two rows of the table.
The gradient of a row of data goes back to these two rows of the table.

The table is a running sum of the weights. The gradient by the weights is a running sum
of the gradient by the table. The result is that of the dense code, with a fraction of
its multiplications.
"""

from typing import NamedTuple

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.matrix import fill, span
from skdistill.kernels.instructions.table_rows import interpolate, scatter

# Columns of an array that describes codes. It has a row for each code.
FIRST_ROW = 0  # first row in the table
BINS = 1  # number of bins between knots; 0 for a category
ROWS = 2  # number of rows in the table

# Columns of an array that describes blocks of codes. It has a row for each block.
FIRST_CODE = 0
END_CODE = 1  # the first code after the block
BETWEEN = 2  # 1 if the codes lie between two rows, otherwise 0
BLOCK_COLUMNS = 3

# Size of a block of codes, in bytes of the table. A block of the table, and of its
# gradient, stays in the first cache.
_BLOCK_BYTES = 36 * 1024


class KnotTable(NamedTuple):
    """The code of the input, and what it contributes to the first layer.

    Attributes
    ----------
    codes : ndarray of shape (n_codes, 3), int64
        Description of the codes. Features with knots come first, then categories.
    blocks : ndarray of shape (n_blocks, 3), int64
        Blocks of codes that are used together.
    origins : ndarray of shape (n_codes,), int32
        Index of each code's first row in the flat table.
    positions : ndarray of shape (n_rows,)
        Standardised values of the knots, 0 for levels.
    shares : ndarray of shape (n_rows,)
        Means of the code's components; see `fill_table`.
    table : ndarray of shape ((n_rows + 1) * width,)
        Flat table. `fill_table` fills it, and `update_codes` keeps it up to date.
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
        Number of floats in a row of the table.
    most_bytes : float
        About the largest size of a block of several codes, in bytes of the table.

    Returns
    -------
    blocks : ndarray of shape (n_blocks, 3), int64
    """
    blocks = []
    between = codes[:, BINS] > 0
    for is_between in (True, False):
        members = np.flatnonzero(between == is_between)
        if not members.size:
            continue
        sizes = codes[members, ROWS] * width * 4
        total = int(sizes.sum())
        if total <= most_bytes:
            blocks.append([members[0], members[-1] + 1, is_between])
            continue
        ends = np.cumsum(sizes)
        n_blocks = -(-total // most_bytes)
        # A code belongs to the block in which its middle falls.
        block = (ends - sizes / 2) * n_blocks // total
        for group in np.split(members, np.flatnonzero(np.diff(block)) + 1):
            blocks.append([group[0], group[-1] + 1, is_between])
    return np.array(blocks, dtype=np.int64).reshape(-1, 3)


@kernel
def locate(inputs, start, rows, origins, width, offsets, fractions):
    """Split codes into rows of the table and fractions.

    Parameters
    ----------
    inputs : ndarray of shape (>= rows, stride)
        Records. The first code is in column `start`.
    start, rows : int
        Column of the first code, and number of rows.
    origins : ndarray of shape (n_codes,), int32
        Index of each code's first row in the flat table.
    width : int
        Length of a row of the table.
    offsets, fractions : ndarray of shape (>= rows, n_codes)
        Result: index of a row in the flat table, and share of the next row.
    """
    n_codes = origins.size
    for i in range(rows):
        row_codes = span(inputs, i * inputs.shape[1] + start, n_codes)
        offset = span(offsets, i * n_codes, n_codes)
        fraction = span(fractions, i * n_codes, n_codes)
        for code in range(n_codes):
            row = np.int32(row_codes[code])
            fraction[code] = row_codes[code] - np.float32(row)
            offset[code] = origins[code] + row * np.int32(width)


@kernel
def write_bias(bias, floor, out):
    """Write the sums of rows without numbers and without codes: the bias.

    Parameters
    ----------
    bias : ndarray of shape (>= width,)
    floor : float
        Lower bound: zero for ReLU, minus infinity for none.
    out : ndarray of shape (rows, width)
    """
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = floor if bias[j] < floor else bias[j]


@kernel
def add_codes(blocks, offsets, fractions, table, start, floor, out):
    """Add up the contributions of all codes, at least one; see `interpolate`."""
    last = blocks.shape[0] - 1
    for block in range(last + 1):
        interpolate(
            offsets,
            fractions,
            blocks[block, FIRST_CODE],
            blocks[block, END_CODE],
            blocks[block, BETWEEN] == 1,
            table,
            start if block == 0 else out,
            floor if block == last else np.float32(-np.inf),
            out,
        )


@kernel
def scatter_codes(blocks, offsets, fractions, delta, gradient):
    """Add the gradients of rows to the gradient by the table; see `scatter`."""
    for block in range(blocks.shape[0]):
        scatter(
            offsets,
            fractions,
            blocks[block, FIRST_CODE],
            blocks[block, END_CODE],
            blocks[block, BETWEEN] == 1,
            delta,
            gradient,
        )


@kernel(cache=True)
def fill_table(weights, codes, positions, shares, width, table, mean):
    """Tabulate the contributions of all codes at their knots and levels.

    A feature with knots has a standardised value z and a code c. Its weights are W_0 on
    z and W_t on c_t, t = 1, ..., K. At knot t it contributes ``z_t W_0 + W_1 + ... +
    W_t``. A level contributes its weight. All codes are centred: the mean contribution
    is subtracted.

    Parameters
    ----------
    weights : ndarray of shape (>= n_rows * width,)
    codes : ndarray of shape (n_codes, 3), int64
    positions : ndarray of shape (n_rows,)
        Standardised values of the knots.
    shares : ndarray of shape (n_rows,)
        Means of z and of the code's components over the encoded rows. If a level, or
        a missing value, has the share 0, it was never seen. It contributes nothing.
    width : int
        Length of a row of the table.
    table : ndarray of shape (>= n_rows * width,)
        Result.
    mean : ndarray of shape (width,)
        Buffer.
    """
    for code in range(codes.shape[0]):
        start, bins, rows = codes[code, FIRST_ROW], codes[code, BINS], codes[code, ROWS]
        fill(mean, np.float32(0.0))
        for row in range(start, start + rows):
            share = shares[row]
            weight = span(weights, row * width, width)
            for i in range(width):
                mean[i] += share * weight[i]
        level = start
        if bins > 0:
            slope = span(weights, start * width, width)
            here = span(table, start * width, width)
            position = positions[start]
            for i in range(width):
                here[i] = position * slope[i] - mean[i]
            for row in range(start + 1, start + bins + 1):
                before = here
                here = span(table, row * width, width)
                weight = span(weights, row * width, width)
                step = positions[row] - positions[row - 1]
                for i in range(width):
                    here[i] = before[i] + step * slope[i] + weight[i]
            level = start + bins + 1
        for row in range(level, start + rows):
            here = span(table, row * width, width)
            weight = span(weights, row * width, width)
            if shares[row] > 0:
                for i in range(width):
                    here[i] = weight[i] - mean[i]
            else:
                fill(here, np.float32(0.0))
