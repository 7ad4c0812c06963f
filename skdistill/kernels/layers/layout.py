"""The layout of a network: the weights of all layers in one flat array.

All weights come first, then all biases. The optimizer can then serve a network of any
depth and decay the weights alone, and one compilation serves all shapes. Rows are
padded with zeros to whole cache lines.

The weights of a hidden layer have the shape (inputs, units). Those of the output layer
are transposed, of shape (outputs, inputs). If the first layer takes codes, the weights
of their knots and levels come before all others. If it takes sparse rows, the weights
of their columns come first. Each knot, level or column has one row.
"""

import math

import numpy as np

from skdistill.kernels.instructions.matrix import BLOCK, LINE

# Indices in the flat knot table are integers of 32 bits.
_MOST_OFFSET = 2**31 - 1

# Rows that lie so many cache lines apart share a set of the first cache.
_ALIASED_LINES = 64

# Columns of a layout. It has a row for each layer.
INPUTS = 0
OUTPUTS = 1
INPUT_WIDTH = 2  # inputs, padded
OUTPUT_WIDTH = 3  # outputs, padded
WEIGHTS = 4  # index of the first weight
BIAS = 5  # index of the first bias
TRANSPOSED = 6  # index of the first weight in the transposed copy of training
UNITS_BEFORE = 7  # padded units in the hidden layers before this one
# The columns below have a meaning in the first layer alone.
TARGETS = 8  # index of the first target in a record
CODES = 9  # number of codes
CODES_START = 10  # index of the first code in a record
TABLE_ROWS = 11  # rows of weights of codes or sparse columns
LAYOUT_COLUMNS = 12


def padded(size):
    """Return the padded size of a row: whole cache lines, but no multiple of 4 KiB.

    Rows that lie a multiple of 4 KiB apart would share a few sets of the cache.
    """
    lines = -(-size // LINE)
    return (lines + 1 if lines and lines % _ALIASED_LINES == 0 else lines) * LINE


def network_layout(layer_units, n_codes=0, n_table_rows=0):
    """Lay out a network.

    Parameters
    ----------
    layer_units : sequence of int
        Number of inputs without the codes, units of each hidden layer, number of
        outputs.
    n_codes : int, default=0
        Number of codes that the first layer takes beside its inputs.
    n_table_rows : int, default=0
        Number of knots and levels of all codes, or of columns of sparse rows.

    Returns
    -------
    layout : ndarray of shape (n_layers, 12), int64
        Table with a row for each layer. The input is no layer.
    n_parameters : int
        Size of the flat array.

    Raises
    ------
    ValueError
        If the knot table is so large that its indices exceed integers of 32 bits.
    """
    n_layers = len(layer_units) - 1
    layout = np.zeros((n_layers, LAYOUT_COLUMNS), dtype=np.int64)
    layout[:, INPUTS] = layer_units[:-1]
    layout[:, OUTPUTS] = layer_units[1:]
    layout[:, INPUT_WIDTH] = [padded(units) for units in layer_units[:-1]]
    if n_layers == 1:
        # The product of an output layer needs at least one line.
        layout[0, INPUT_WIDTH] = max(layout[0, INPUT_WIDTH], LINE)
    layout[:, OUTPUT_WIDTH] = [padded(units) for units in layer_units[1:]]

    # The number of rows is rounded up, because a transposition reads whole blocks.
    block_rows = -(-layout[:, INPUTS] // BLOCK) * BLOCK
    sizes = block_rows * layout[:, OUTPUT_WIDTH]
    sizes[-1] = layout[-1, OUTPUTS] * layout[-1, INPUT_WIDTH]
    if n_codes and (n_table_rows + 1) * layout[0, OUTPUT_WIDTH] > _MOST_OFFSET:
        raise ValueError(
            f"the knot table has {n_table_rows:,} rows of {layer_units[1]:,} units, "
            f"over {_MOST_OFFSET:,} numbers: take fewer knots, levels or units"
        )
    layout[0, CODES], layout[0, TABLE_ROWS] = n_codes, n_table_rows
    # There is one row more. A code that lies on the last row reads the next row too,
    # with a factor of zero.
    table_size = (n_table_rows + 1) * layout[0, OUTPUT_WIDTH] if n_table_rows else 0
    layout[:, WEIGHTS] = table_size + np.cumsum(sizes) - sizes
    n_weights = int(table_size + sizes.sum())
    bias_sizes = layout[:, OUTPUT_WIDTH]
    layout[:, BIAS] = n_weights + np.cumsum(bias_sizes) - bias_sizes

    transposed = layout[:, OUTPUT_WIDTH] * layout[:, INPUT_WIDTH]
    transposed[[0, -1]] = 0  # The backward pass needs no copy of these layers.
    layout[:, TRANSPOSED] = np.cumsum(transposed) - transposed
    layout[:, UNITS_BEFORE] = np.cumsum(bias_sizes) - bias_sizes
    # If there is no hidden layer, whole lines of the input are multiplied. In that case
    # nothing else may follow the features in the same line. Records of sparse rows hold
    # no features.
    is_sparse = n_table_rows > 0 and n_codes == 0
    whole = n_layers == 1 and not is_sparse
    layout[0, CODES_START] = layout[0, INPUT_WIDTH if whole else INPUTS]
    layout[0, TARGETS] = layout[0, CODES_START] + n_codes
    return layout, n_weights + int(bias_sizes.sum())


def aligned_zeros(*shape):
    """Return a float32 array of zeros that starts at a cache line."""
    size = math.prod(shape)
    memory = np.zeros(size + LINE, dtype=np.float32)
    start = -memory.ctypes.data % 64 // 4
    return memory[start : start + size].reshape(shape)
