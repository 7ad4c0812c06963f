"""What a training works on: buffers, weights and their optimizer, objective."""

from typing import NamedTuple

import numpy as np

from skdistill.kernels.instructions.matrix import LINE
from skdistill.kernels.layers.layout import (
    ACTIVATIONS,
    CODES,
    INPUT_WIDTH,
    INPUTS,
    OUTPUT_WIDTH,
    TRANSPOSED,
    aligned_zeros,
    padded,
)

# A batch goes through the network in chunks, whose gradients add up, so that
# activations and records stay in the cache: at most so many rows, and of long
# records so many bytes.
_MOST_ROWS = 256
_LEAST_ROWS = 32
_CHUNK_BYTES = 400 * 1024

# Transposed weights stand in panels of so many columns, two vectors or four, whose
# rows follow one another: those of a wide matrix lie a page or more apart.
PANEL = 32

# For gradients of at least so many weights, a layer's inputs are transposed first: a
# tile then reads whole lines of them, and the caches do not hold them all. Where its
# rows are as long as that, too, those of a panel lie far apart: it is packed first.
MANY_WEIGHTS = 2**17
LONG_ROW = 256


class Workspace(NamedTuple):
    """Buffers of a training; reused by every batch.

    Attributes
    ----------
    inputs : ndarray of shape (rows + 16, row stride)
        Records of the chunk: features, targets, weights, constants.
    activations, slopes : ndarray of shape (rows * hidden widths,)
        Layer after layer. Backward, activations give way to gradients; before the
        forward pass, `fill_table` may use them.
    targets, logits, scratch, sums : ndarray of shape (classes, rows)
        Class by class; see `skdistill.kernels.layers.loss`.
    transposed : ndarray
        Transposed weights of the hidden layers after the first, panel by panel.
    turned : ndarray
        Transposed inputs of a layer, where one has many weights.
    panel : ndarray
        Some columns of a matrix, packed, where a layer has many weights and units.
    zeros : ndarray
        A row of zeros, as long as the widest row.
    offsets, fractions : ndarray of shape (rows, codes)
        Where the codes of the chunk lie in the knot table.
    """

    inputs: np.ndarray
    activations: np.ndarray
    slopes: np.ndarray
    targets: np.ndarray
    logits: np.ndarray
    scratch: np.ndarray
    sums: np.ndarray
    transposed: np.ndarray
    turned: np.ndarray
    panel: np.ndarray
    zeros: np.ndarray
    offsets: np.ndarray
    fractions: np.ndarray


class Optimizer(NamedTuple):
    """Weights and the state of their optimizer, flat arrays of one layout."""

    parameters: np.ndarray
    gradient: np.ndarray
    first_moment: np.ndarray
    second_moment: np.ndarray


class Objective(NamedTuple):
    """What a training minimises."""

    loss: int
    activation: int
    temperature: np.float32


def make_workspace(layout, n_classes, record_size):
    """Allocate the buffers for a layout and records of a size."""
    # The codes' part of an output layer is summed up where activations stand.
    hidden = int(layout[-1, ACTIVATIONS]) or int(layout[0, OUTPUT_WIDTH])
    # An odd number of cache lines from row to row: rows that lie a power of
    # two apart would share a few sets of the cache.
    stride = padded(record_size)
    stride += 0 if stride // LINE % 2 else LINE
    rows = _CHUNK_BYTES // (4 * stride) // LINE * LINE
    rows = min(_MOST_ROWS, max(_LEAST_ROWS, rows))
    most_turned = _most_turned(layout)
    classes = -(-(n_classes + 3) // 8) * 8
    return Workspace(
        inputs=aligned_zeros(rows + LINE, stride),
        activations=aligned_zeros((rows + LINE) * max(hidden, LINE)),
        slopes=aligned_zeros((rows + LINE) * max(hidden, LINE)),
        targets=aligned_zeros(classes, rows),
        logits=aligned_zeros(n_classes, rows),
        scratch=aligned_zeros(n_classes, rows),
        sums=aligned_zeros(3, rows),
        transposed=aligned_zeros(int(layout[-1, TRANSPOSED])),
        turned=aligned_zeros(rows * most_turned),
        panel=aligned_zeros(max(rows, most_turned) * PANEL if most_turned else 0),
        zeros=aligned_zeros(
            padded(int(layout[:, INPUT_WIDTH : OUTPUT_WIDTH + 1].max()))
        ),
        offsets=np.zeros((rows, int(layout[0, CODES])), dtype=np.int32),
        fractions=aligned_zeros(rows, int(layout[0, CODES])),
    )


def _most_turned(layout):
    """Return the most inputs of a layer whose inputs are transposed."""
    hidden = layout[:-1]
    many = hidden[:, INPUTS] * hidden[:, OUTPUT_WIDTH] >= MANY_WEIGHTS
    return int(hidden[many, INPUT_WIDTH].max(initial=0))
