"""Numbers from output units that count deviations."""

import numpy as np

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.matrix import row

# Numbers in double precision that turn a unit into a number; see `write_numbers`.
SCALE_COLUMNS = 4


@kernel
def write_numbers(units, n_numbers, rows, scales, first_row, out):
    """Write the numbers of a block in double precision.

    Parameters
    ----------
    units : ndarray of shape (>= n_numbers, >= rows)
        Values of the output units, in deviations.
    n_numbers, rows : int
    scales : ndarray of shape (4 * n_numbers,), float64
        Mean, deviation, least and greatest answer of each number.
    first_row : int
        Row of the first number that is written.
    out : ndarray of shape (>= (first_row + rows) * n_numbers,), float64
        Numbers, row after row.
    """
    for c in range(n_numbers):
        values, first = row(units, c, rows), SCALE_COLUMNS * c
        mean, scale = scales[first], scales[first + 1]
        low, high = scales[first + 2], scales[first + 3]
        for i in range(rows):
            number = mean + scale * np.float64(values[i])
            number = low if number < low else number
            out[(first_row + i) * n_numbers + c] = high if number > high else number
