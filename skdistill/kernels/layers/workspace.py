"""The arguments of a training: buffers, weights and their optimizer, objective."""

from typing import NamedTuple

import numpy as np

from skdistill.kernels.instructions.matrix import LINE
from skdistill.kernels.layers.layout import (
    CODES,
    INPUT_WIDTH,
    INPUTS,
    OUTPUT_WIDTH,
    TRANSPOSED,
    UNITS_BEFORE,
    aligned_zeros,
    padded,
)

# A batch goes through the network in chunks, and the gradients of these are added up.
# Activations and records of a chunk stay in the cache. A chunk has at most _MOST_ROWS
# and at most _CHUNK_BYTES of records. If records are long, it still has _LEAST_ROWS.
_MOST_ROWS = 256
_LEAST_ROWS = 32
_CHUNK_BYTES = 400 * 1024

# Transposed weights are stored in panels of so many columns, which are two or four
# vectors. The rows of a panel follow one another. The rows of a wide matrix would lie a
# page or more apart.
PANEL = 32

# If a layer has MANY_WEIGHTS or more, its inputs are transposed before the gradient is
# computed. A tile then reads whole lines of them, as the caches do not hold them all.
# If also its rows have at least LONG_ROW numbers, the rows of a panel lie far apart.
# Then the panel is packed first.
MANY_WEIGHTS = 2**17
LONG_ROW = 256


# Signs of weights of which none has a sign.
NO_SIGNS = aligned_zeros(0)


class Workspace(NamedTuple):
    """Buffers of a training, which all batches use again.

    Attributes
    ----------
    inputs : ndarray of shape (rows + 16, row stride)
        Records of the chunk: features, targets, weights, constants.
    activations, slopes : ndarray of shape (rows * hidden widths,)
        Activations and their derivatives, layer after layer. The backward pass writes
        gradients over the activations. Before the forward pass, `fill_table` may use
        them.
    targets, logits, scratch, sums : ndarray of shape (outputs, rows)
        Buffers of the loss, with a row for each class, number or label; see
        `skdistill.kernels.layers.loss`.
    transposed : ndarray
        Transposed weights of the hidden layers after the first, panel by panel.
    transposed_inputs : ndarray
        Transposed inputs of a layer. Empty if no layer has many weights.
    panel : ndarray
        Some columns of a matrix, packed. Empty if no layer has many weights.
    zeros : ndarray
        Row of zeros, as long as the widest row.
    offsets, fractions : ndarray of shape (rows, codes)
        Positions of the codes of the chunk in the knot table; see
        `skdistill.kernels.instructions.table_rows.interpolate`.
    """

    inputs: np.ndarray
    activations: np.ndarray
    slopes: np.ndarray
    targets: np.ndarray
    logits: np.ndarray
    scratch: np.ndarray
    sums: np.ndarray
    transposed: np.ndarray
    transposed_inputs: np.ndarray
    panel: np.ndarray
    zeros: np.ndarray
    offsets: np.ndarray
    fractions: np.ndarray


class Optimizer(NamedTuple):
    """Weights and the state of their optimizer, in flat arrays of the same layout.

    Attributes
    ----------
    parameters, gradient, first_moment, second_moment : ndarray of shape (n_parameters,)
    signs : ndarray of shape (n_parameters,), or (0,) if no weight has a sign
        1 for a weight that is never negative, -1 for one that is never positive, 0 for
        any other.
    """

    parameters: np.ndarray
    gradient: np.ndarray
    first_moment: np.ndarray
    second_moment: np.ndarray
    signs: np.ndarray = NO_SIGNS


class Objective(NamedTuple):
    """The function that a training minimises.

    Attributes
    ----------
    loss, activation : int
        Numbers of both.
    temperature : float
        Parameter of the loss: the temperature, or the threshold of Huber's loss.
    curves : ndarray of shape (n_outputs, 2, 3)
        Result of `skdistill.kernels.layers.separate_loss.error_curves`.
    """

    loss: int
    activation: int
    temperature: np.float32
    curves: np.ndarray


def make_workspace(layout, n_outputs, n_target_rows, record_size):
    """Allocate the buffers of a training.

    Parameters
    ----------
    layout : ndarray of shape (n_layers, 12)
    n_outputs : int
        Number of classes, numbers or labels that the loss compares.
    n_target_rows : int
        Number of folded targets of a record.
    record_size : int

    Returns
    -------
    workspace : Workspace
    """
    # If there is no hidden layer, the contributions of codes are added up in the
    # buffer of activations.
    hidden = int(layout[-1, UNITS_BEFORE]) or int(layout[0, OUTPUT_WIDTH])
    # From row to row there is an odd number of cache lines. Rows that lie a power of
    # two apart would share a few sets of the cache.
    stride = padded(record_size)
    stride += 0 if stride // LINE % 2 else LINE
    rows = _CHUNK_BYTES // (4 * stride) // LINE * LINE
    rows = min(_MOST_ROWS, max(_LEAST_ROWS, rows))
    most_transposed = _most_transposed(layout)
    # Blocks of records are transposed, and not single columns.
    target_rows = -(-(n_target_rows + 3) // 8) * 8
    return Workspace(
        inputs=aligned_zeros(rows + LINE, stride),
        activations=aligned_zeros((rows + LINE) * max(hidden, LINE)),
        slopes=aligned_zeros((rows + LINE) * max(hidden, LINE)),
        targets=aligned_zeros(target_rows, rows),
        logits=aligned_zeros(n_outputs, rows),
        scratch=aligned_zeros(n_outputs, rows),
        sums=aligned_zeros(3, rows),
        transposed=aligned_zeros(int(layout[-1, TRANSPOSED])),
        transposed_inputs=aligned_zeros(rows * most_transposed),
        panel=aligned_zeros(
            max(rows, most_transposed) * PANEL if most_transposed else 0
        ),
        zeros=aligned_zeros(
            padded(int(layout[:, INPUT_WIDTH : OUTPUT_WIDTH + 1].max()))
        ),
        offsets=np.zeros((rows, int(layout[0, CODES])), dtype=np.int32),
        fractions=aligned_zeros(rows, int(layout[0, CODES])),
    )


def _most_transposed(layout):
    """Return the largest number of inputs of a layer whose inputs are transposed."""
    hidden = layout[:-1]
    many = hidden[:, INPUTS] * hidden[:, OUTPUT_WIDTH] >= MANY_WEIGHTS
    return int(hidden[many, INPUT_WIDTH].max(initial=0))
