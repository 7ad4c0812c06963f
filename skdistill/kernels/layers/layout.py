"""Where the weights of a network lie in one flat array.

All weights come first, then all biases, so that the optimizer serves a network
of any depth and decays the weights alone, and so that one compilation serves all
shapes. Rows are padded with zeros to whole cache lines.
A hidden layer's weights stand as (inputs, units); those of the output layer
transposed, as (outputs, inputs). Before all stand, where the first layer takes
codes, the weights of their knots and levels, and where it takes sparse rows,
those of all columns, one row each.
"""

import numpy as np

from skdistill.kernels.instructions.matrix import BLOCK
from skdistill.kernels.instructions.product import LINE

# Places in the knot table are integers of 32 bits.
_MOST_OFFSET = 2**31 - 1

# Rows so many cache lines apart lie in the same set of the first cache.
_ALIASED_LINES = 64

# Columns of a layout, which has one row a layer.
INPUTS = 0
OUTPUTS = 1
INPUT_WIDTH = 2  # inputs, padded
OUTPUT_WIDTH = 3  # outputs, padded
WEIGHTS = 4  # start of the weights
BIAS = 5  # start of the bias
TRANSPOSED = 6  # start of the transposed copy, which training keeps
ACTIVATIONS = 7  # padded units in the hidden layers before this one
# Of meaning in the first layer.
TARGETS = 8  # start of the targets in a record
CODES = 9  # number of codes
CODES_START = 10  # start of the codes in a record
TABLE_ROWS = 11  # weights of codes, in rows of the first layer's padded outputs
N_COLUMNS = 12


def padded(size):
    """Return the size of a row: whole cache lines, and no multiple of 4 KiB.

    Rows that lie such a multiple apart would share a few sets of the cache.
    """
    lines = -(-size // LINE)
    return (lines + 1 if lines and lines % _ALIASED_LINES == 0 else lines) * LINE


def network_layout(layer_units, n_codes=0, n_table_rows=0):
    """Lay out a network.

    Parameters
    ----------
    layer_units : sequence of int
        Inputs beside codes, units of each hidden layer, outputs.
    n_codes : int, default=0
        Codes that the first layer takes beside its inputs.
    n_table_rows : int, default=0
        Knots and levels of all codes, or columns of sparse rows.

    Returns
    -------
    layout : ndarray of shape (n_layers, 12), int64
        A row a layer, without the input.
    n_parameters : int
        Size of the flat array.

    Raises
    ------
    ValueError
        Where places in the knot table are beyond integers of 32 bits.
    """
    n_layers = len(layer_units) - 1
    layout = np.zeros((n_layers, N_COLUMNS), dtype=np.int64)
    layout[:, INPUTS] = layer_units[:-1]
    layout[:, OUTPUTS] = layer_units[1:]
    layout[:, INPUT_WIDTH] = [padded(units) for units in layer_units[:-1]]
    if n_layers == 1:
        # The product of an output layer takes one line at least.
        layout[0, INPUT_WIDTH] = max(layout[0, INPUT_WIDTH], LINE)
    layout[:, OUTPUT_WIDTH] = [padded(units) for units in layer_units[1:]]

    # Whole blocks of rows, since a transposition reads them.
    block_rows = -(-layout[:, INPUTS] // BLOCK) * BLOCK
    sizes = block_rows * layout[:, OUTPUT_WIDTH]
    sizes[-1] = layout[-1, OUTPUTS] * layout[-1, INPUT_WIDTH]
    if n_codes and (n_table_rows + 1) * layout[0, OUTPUT_WIDTH] > _MOST_OFFSET:
        raise ValueError(
            f"the knot table has {n_table_rows:,} rows of {layer_units[1]:,} units, "
            f"over {_MOST_OFFSET:,} numbers: take fewer knots, levels or units"
        )
    layout[0, CODES], layout[0, TABLE_ROWS] = n_codes, n_table_rows
    # One row more: a code that lies on the last row reads the next, times zero.
    table_size = (n_table_rows + 1) * layout[0, OUTPUT_WIDTH] if n_table_rows else 0
    layout[:, WEIGHTS] = table_size + np.cumsum(sizes) - sizes
    n_weights = int(table_size + sizes.sum())
    bias_sizes = layout[:, OUTPUT_WIDTH]
    layout[:, BIAS] = n_weights + np.cumsum(bias_sizes) - bias_sizes

    transposed = layout[:, OUTPUT_WIDTH] * layout[:, INPUT_WIDTH]
    transposed[[0, -1]] = 0  # The backward pass needs no copy of these.
    layout[:, TRANSPOSED] = np.cumsum(transposed) - transposed
    layout[:, ACTIVATIONS] = np.cumsum(bias_sizes) - bias_sizes
    # Where the input meets the output layer, whole lines of it are multiplied:
    # there nothing else may follow the features at once.
    layout[0, CODES_START] = layout[0, INPUTS if n_layers > 1 else INPUT_WIDTH]
    layout[0, TARGETS] = layout[0, CODES_START] + n_codes
    return layout, n_weights + int(bias_sizes.sum())


def aligned_zeros(*shape):
    """Return a float32 array of zeros that starts at a cache line."""
    size = int(np.prod(shape))
    memory = np.zeros(size + LINE, dtype=np.float32)
    start = -memory.ctypes.data % 64 // 4
    return memory[start : start + size].reshape(shape)
