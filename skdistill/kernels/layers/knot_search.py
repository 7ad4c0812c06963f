"""The place of raw values among knots, and what a row of the knot table gets.

The knots between the first and the last of a feature stand in whole vectors,
padded with infinity, so that a place is found by comparing them all at once:
it is the number of those that the value has reached.
"""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.matrix import LINE, part
from skdistill.kernels.instructions.reached_knots import count_reached

# Columns of an array that describes the encoded inputs.
FEATURE = 0  # the raw feature
VALUES = 1  # start of its numbers
SEARCHED = 2  # knots that are compared, padded
MISSING = 3  # the row of the table for a missing value, counted from its first
START = 4  # its first row in the table; of no meaning for linear features
N_COLUMNS = 5


def knotted_values(knots):
    """Return the numbers of a knotted feature, as `encode` reads them.

    Parameters
    ----------
    knots : ndarray of shape (n_bins + 1,)

    Returns
    -------
    values : ndarray, float32
        The inner knots, padded; then of each bin the lower knot and the inverse
        of its width.
    searched : int
        Number of the padded inner knots.
    """
    inner = knots[1:-1]
    searched = -(-inner.size // LINE) * LINE
    padded = np.full(searched, np.inf)
    padded[: inner.size] = inner
    exact = knots.astype(np.float64)
    bins = np.column_stack([exact[:-1], 1.0 / np.diff(exact)])
    return np.concatenate([padded, bins.ravel()]).astype(np.float32), searched


@kernel(reassociate=False)
def encode(
    x,
    stride,
    rows,
    inputs,
    n_linear,
    n_knotted,
    values,
    width,
    numbers,
    size,
    offsets,
    fractions,
):
    """Encode rows of raw values.

    Parameters
    ----------
    x : ndarray of shape (rows * stride,)
        Raw values, categories as their place among the levels.
    stride, rows : int
    inputs : ndarray of shape ((n_linear + n_knotted + n_categories) * 5,), int64
        Linear features, knotted ones, categories.
    n_linear, n_knotted : int
    values : ndarray
        Of a linear feature its lowest and highest value, mean, and inverse
        deviation; of a knotted one see `knotted_values`.
    width : int
        Length of a row of the knot table.
    numbers : ndarray of shape (>= rows * size,)
        Receives the linear features, a row after the other.
    size : int
    offsets, fractions : ndarray of shape (>= rows * n_codes,)
        Receive where the codes lie in the table: the index of a row in the
        flat table, and the share of the next.
    """
    n_codes = inputs.size // N_COLUMNS - n_linear
    # Parts, as an index that may be negative takes as long as what it reads.
    for i in range(rows):
        row_numbers = part(numbers, i * size, size)
        row_offsets = part(offsets, i * n_codes, n_codes)
        row_fractions = part(fractions, i * n_codes, n_codes)
        for column in range(n_linear):
            about = part(inputs, column * N_COLUMNS, N_COLUMNS)
            value = part(x, i * stride + about[FEATURE], 1)[0]
            scaling = part(values, about[VALUES], 4)
            missing = np.isnan(value)
            value = min(max(value, scaling[0]), scaling[1])
            value = (value - scaling[2]) * scaling[3]
            row_numbers[column] = np.float32(0.0) if missing else value
        for code in range(n_knotted):
            about = part(inputs, (n_linear + code) * N_COLUMNS, N_COLUMNS)
            value = part(x, i * stride + about[FEATURE], 1)[0]
            first, searched = about[VALUES], about[SEARCHED]
            place = count_reached(values, first, searched, value)
            bin_values = part(values, first + searched + 2 * place, 2)
            fraction = (value - bin_values[0]) * bin_values[1]
            # NaN, too, becomes zero: a place in memory follows from it.
            fraction = fraction if fraction > 0 else np.float32(0.0)
            fraction = fraction if fraction < 1 else np.float32(1.0)
            # As the code has it, the sum of both in one number.
            row_fractions[code] = (np.float32(place) + fraction) - np.float32(place)
            place = about[MISSING] if np.isnan(value) else place
            row_offsets[code] = np.int32((about[START] + place) * width)
        for code in range(n_knotted, n_codes):
            about = part(inputs, (n_linear + code) * N_COLUMNS, N_COLUMNS)
            place = np.int64(part(x, i * stride + about[FEATURE], 1)[0])
            row_offsets[code] = np.int32((about[START] + place) * width)
