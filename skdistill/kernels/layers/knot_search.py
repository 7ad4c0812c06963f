"""The encoding of raw values: their bins among the knots, and rows of the knot table.

The inner knots of a feature, without its first and its last one, fill whole vectors.
They are padded with infinity. To find the bin of a value, it is compared with all of
them at once. The index of the bin is the number of knots that the value has reached.
"""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.matrix import LINE, span
from skdistill.kernels.instructions.reached_knots import count_reached

# Columns of an array that describes the encoded inputs. It has a row for each input.
FEATURE = 0  # index of the raw feature
VALUES = 1  # index of its first number in the values
SEARCHED = 2  # number of knots that are compared, with padding
MISSING = 3  # row for a missing value, counted from its first row in the table
TABLE_ROW = 4  # first row in the table; without meaning for a linear feature
INPUT_COLUMNS = 5


def knotted_values(knots):
    """Return the numbers of a feature with knots, in the form that `encode` reads.

    Parameters
    ----------
    knots : ndarray of shape (n_bins + 1,)

    Returns
    -------
    values : ndarray, float32
        Inner knots, padded. After them come two numbers for each bin: its lower knot,
        and the inverse of its width.
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
        Raw values. The value of a category is the index of its level.
    stride, rows : int
        Length of a row, and number of rows.
    inputs : ndarray of shape ((n_linear + n_knotted + n_categories) * 5,), int64
        Description of the inputs: linear features, features with knots, categories.
    n_linear, n_knotted : int
        Number of linear features, and number of features with knots.
    values : ndarray
        Numbers of the features. A linear feature has its lowest and highest value, its
        mean, and its inverse deviation. For a feature with knots see `knotted_values`.
    width : int
        Length of a row of the knot table.
    numbers : ndarray of shape (>= rows * size,)
        Result for linear features, row after row.
    size : int
        Length of a row of `numbers`.
    offsets, fractions : ndarray of shape (>= rows * n_codes,)
        Result for codes: index of a row in the flat table, and share of the next row.
    """
    n_codes = inputs.size // INPUT_COLUMNS - n_linear
    # Numba checks whether a variable index is negative, which takes as long as to read
    # the value. Values are therefore read through spans, at a constant index.
    for i in range(rows):
        row_numbers = span(numbers, i * size, size)
        row_offsets = span(offsets, i * n_codes, n_codes)
        row_fractions = span(fractions, i * n_codes, n_codes)
        for column in range(n_linear):
            about = span(inputs, column * INPUT_COLUMNS, INPUT_COLUMNS)
            value = span(x, i * stride + about[FEATURE], 1)[0]
            scaling = span(values, about[VALUES], 4)
            missing = np.isnan(value)
            value = min(max(value, scaling[0]), scaling[1])
            value = (value - scaling[2]) * scaling[3]
            row_numbers[column] = np.float32(0.0) if missing else value
        for code in range(n_knotted):
            about = span(inputs, (n_linear + code) * INPUT_COLUMNS, INPUT_COLUMNS)
            value = span(x, i * stride + about[FEATURE], 1)[0]
            first, searched = about[VALUES], about[SEARCHED]
            index = count_reached(values, first, searched, value)
            bin_values = span(values, first + searched + 2 * index, 2)
            fraction = (value - bin_values[0]) * bin_values[1]
            # NaN becomes zero too, because an address in memory is computed from it.
            fraction = fraction if fraction > 0 else np.float32(0.0)
            fraction = fraction if fraction < 1 else np.float32(1.0)
            # The sum is rounded, because training has index and fraction in one number.
            row_fractions[code] = (np.float32(index) + fraction) - np.float32(index)
            index = about[MISSING] if np.isnan(value) else index
            row_offsets[code] = np.int32((about[TABLE_ROW] + index) * width)
        for code in range(n_knotted, n_codes):
            about = span(inputs, (n_linear + code) * INPUT_COLUMNS, INPUT_COLUMNS)
            index = np.int64(span(x, i * stride + about[FEATURE], 1)[0])
            row_offsets[code] = np.int32((about[TABLE_ROW] + index) * width)
