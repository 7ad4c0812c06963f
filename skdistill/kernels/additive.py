"""The answers of a student that is a sum of one curve a column.

Such a student has no hidden layer and one output unit. Each column adds one number to
the logit, so a column whose curve only rises should make the logit only rise. Three
rules keep this true to the last bit:

- Every row adds its columns in the same order, whatever the number of rows.
- A value between two knots adds ``here + fraction * (next - here)``, rounded to float32
  once. This rises from exactly `here` to exactly `next`. The form
  ``(1 - fraction) * here + fraction * next`` does not: it rounds two products.
- The probability is ``1 / (1 + exp(-logit))`` in double precision, rounded to float32.
  A softmax divides by a sum that is rounded, and may fall where the logit rises.
"""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.matrix import span

# The exponential of a greater number would make the probability a denormal number.
_GREATEST_EXPONENT = 87.0


@kernel
def _linear_sum(values, weights, width):
    """Return the sum of the products in double precision, which cannot overflow."""
    total = np.float64(0.0)
    for i in range(width):
        total += np.float64(values[i]) * np.float64(weights[i])
    return total


@kernel(reassociate=False)
def add_columns(
    values, width, weights, bias, offsets, fractions, n_knotted, table, row_width, out
):
    """Write the logit of each row of a block.

    Parameters
    ----------
    values : ndarray of shape (>= rows * width,)
        Linear inputs, row after row.
    width : int
        Number of linear inputs, padded with zeros.
    weights : ndarray of shape (>= width,)
        Weights of the linear inputs.
    bias : float
    offsets, fractions : ndarray of shape (>= rows, n_codes)
        Index of a row in the flat knot table, and share of the next row.
    n_knotted : int
        Number of columns with knots. They come before the categories.
    table : ndarray
        Flat knot table.
    row_width : int
        Length of a row of the table.
    out : ndarray of shape (rows,)
        Logits, written here.
    """
    n_codes = offsets.shape[1]
    for i in range(out.size):
        total = _linear_sum(span(values, i * width, width), weights, width)
        total += np.float64(bias)
        for code in range(n_knotted):
            offset = offsets[i, code]
            here = np.float64(table[offset])
            step = np.float64(table[offset + row_width]) - here
            between = here + np.float64(fractions[i, code]) * step
            total += np.float64(np.float32(between))
        for code in range(n_knotted, n_codes):
            total += np.float64(table[offsets[i, code]])
        out[i] = np.float32(total)


@kernel(reassociate=False)
def _logistic(logit):
    """Return the logistic function of a logit."""
    exponent = min(max(-np.float64(logit), -_GREATEST_EXPONENT), _GREATEST_EXPONENT)
    return np.float32(1.0 / (1.0 + np.exp(exponent)))


@kernel
def write_logistic(logits, first_row, out):
    """Write the probabilities of two classes.

    Parameters
    ----------
    logits : ndarray of shape (rows,)
        Logits of the second class.
    first_row : int
        Row of `out` in which the first probability is written.
    out : ndarray of shape (>= first_row + rows, 2)
    """
    for i in range(logits.size):
        out[first_row + i, 0] = _logistic(-logits[i])
        out[first_row + i, 1] = _logistic(logits[i])
