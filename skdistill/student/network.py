"""A multilayer perceptron in the flat array of its kernels, and its first weights."""

import numpy as np

from skdistill.kernels.layers.knot_table import (
    FIRST_ROW,
    KnotTable,
    code_blocks,
    fill_table,
)
from skdistill.kernels.layers.layout import (
    BIAS,
    INPUT_WIDTH,
    INPUTS,
    OUTPUT_WIDTH,
    OUTPUTS,
    WEIGHTS,
    aligned_zeros,
    network_layout,
)
from skdistill.kernels.layers.workspace import NO_SIGNS
from skdistill.student.code_rows import NO_CODES, CodeRows


class Network:
    """Weights of a multilayer perceptron, laid out for the kernels.

    Parameters
    ----------
    layer_units : sequence of int
        Number of inputs that are numbers, of the units of each hidden layer, and of
        outputs.
    code_rows : CodeRows or None, default=None
        Codes of the input. None if the first layer takes no codes.
    n_sparse : int, default=0
        Number of columns of sparse rows. 0 if the input is not sparse.

    Attributes
    ----------
    layout : ndarray of shape (n_layers, 12), int64
        Places of the layers in `parameters`; see `skdistill.kernels.layers.layout`.
    knot_table : KnotTable
        Knot table of the first layer. It has no rows if the input has no codes.
    parameters : ndarray of shape (n_parameters,), float32
        All weights, and after them all biases. They are zero at first.
    weights : list of ndarray of shape (inputs, outputs)
        Weights of each layer, as views into `parameters`.
    biases : list of ndarray of shape (outputs,)
        Biases of each layer, as views into `parameters`.
    signs : ndarray of shape (n_parameters,) or (0,)
        Signs that weights must keep, none at first; see `constrain`.
    code_weights : ndarray of shape (n_rows, outputs)
        Weights of the first layer on codes, as a view into `parameters`.
    sparse_weights : ndarray of shape (n_sparse, outputs)
        Weights of the first layer on sparse columns, as a view into `parameters`.
    """

    def __init__(self, layer_units, code_rows=None, n_sparse=0):
        rows = code_rows or NO_CODES
        n_rows = rows.shares.size
        self.layout, size = network_layout(
            layer_units, len(rows.codes), n_rows + n_sparse
        )
        self.parameters = aligned_zeros(size)
        self.signs = NO_SIGNS
        width = int(self.layout[0, OUTPUT_WIDTH])
        self.knot_table = KnotTable(
            rows.codes,
            code_blocks(rows.codes, width),
            (rows.codes[:, FIRST_ROW] * width).astype(np.int32),
            rows.positions,
            rows.shares,
            aligned_zeros((n_rows + 1) * width),
        )
        table = self.parameters[: (n_rows + n_sparse) * width].reshape(-1, width)
        self.code_weights = table[:n_rows, : layer_units[1]]
        self.sparse_weights = table[n_rows:, : layer_units[1]]
        self.weights = []
        self.biases = []
        for layer, row in enumerate(self.layout):
            is_output = layer == len(self.layout) - 1
            rows, width = (
                (row[OUTPUTS], row[INPUT_WIDTH])
                if is_output
                else (row[INPUTS], row[OUTPUT_WIDTH])
            )
            block = self.parameters[row[WEIGHTS] : row[WEIGHTS] + rows * width]
            block = block.reshape(rows, width)
            self.weights.append(
                block[:, : row[INPUTS]].T if is_output else block[:, : row[OUTPUTS]]
            )
            self.biases.append(self.parameters[row[BIAS] : row[BIAS] + row[OUTPUTS]])

    @classmethod
    def from_arrays(cls, coefs, intercepts):
        """Lay out given weights of shape (inputs, outputs) and given biases."""
        network = cls([coefs[0].shape[0], *(weights.shape[1] for weights in coefs)])
        network.assign(coefs, intercepts)
        return network

    @classmethod
    def for_prediction(cls, coefs, intercepts, input_code, knot_table):
        """Lay out a student. Its knot table takes the place of the weights on codes."""
        if input_code is None:
            return cls.from_arrays(coefs, intercepts)
        n_rows = input_code.n_rows
        rows = CodeRows(
            CodeRows.layout_of(input_code), np.zeros(n_rows), np.ones(n_rows)
        )
        units = [coefs[0].shape[0], *(weights.shape[1] for weights in coefs)]
        network = cls(units, rows)
        network.assign(coefs, intercepts)
        network.code_weights[...] = knot_table
        return network

    def assign(self, coefs, intercepts):
        """Copy weights and biases into the flat array."""
        for target, source in zip(self.weights, coefs, strict=True):
            target[...] = source
        for target, source in zip(self.biases, intercepts, strict=True):
            target[...] = source

    def constrain(self, linear, codes):
        """Hold weights of the first layer at zero or above, or at zero or below.

        Weights that have the wrong sign now become zero.

        Parameters
        ----------
        linear : ndarray of shape (n_inputs,)
            Sign of the weights of each input that is a number: 1, -1, or 0 for any.
        codes : ndarray of shape (n_rows,)
            Sign of each row of weights on codes.
        """
        weights = self.parameters.copy()
        # The views of the weights put each sign where its weight is.
        self.parameters[...] = 0.0
        self.weights[0][...] = linear[:, np.newaxis]
        self.code_weights[...] = codes[:, np.newaxis]
        self.signs = aligned_zeros(weights.size)
        self.signs[...] = self.parameters
        self.parameters[...] = np.where(self.signs * weights < 0, 0.0, weights)

    def tabulate(self):
        """Compute the knot table of the present weights.

        Returns
        -------
        table : ndarray of shape (n_rows, outputs)
        """
        table, width = self.knot_table, int(self.layout[0, OUTPUT_WIDTH])
        fill_table(
            self.parameters,
            table.codes,
            table.positions,
            table.shares,
            width,
            table.table,
            np.empty(width, dtype=np.float32),
        )
        n_rows, outputs = self.code_weights.shape
        return table.table[: n_rows * width].reshape(n_rows, width)[:, :outputs]

    def initialize(self, random_state, n_sparse=0.0):
        """Draw initial weights.

        Weights have the variance 2 / inputs in hidden layers (He et al. 2015), and
        1 / inputs in the output layer. Biases are zero. Each knot, and each level
        that was seen, counts as an input.

        Parameters
        ----------
        random_state : RandomState
        n_sparse : float, default=0.0
            Number of inputs that sparse rows count as: their mean sum of squares.
        """
        table = self.knot_table
        seen = CodeRows(table.codes, table.positions, table.shares).seen
        for layer, weights in enumerate(self.weights):
            gain = 1.0 if layer == len(self.weights) - 1 else 2.0
            n_inputs = weights.shape[0] + (seen.sum() + n_sparse if layer == 0 else 0)
            deviation = np.sqrt(gain / (n_inputs or 1))
            weights[...] = random_state.normal(0.0, deviation, weights.shape)
            if layer == 0:
                shape = self.code_weights.shape
                self.code_weights[...] = random_state.normal(0.0, deviation, shape)
                self.code_weights[~seen] = 0.0
                shape = self.sparse_weights.shape
                self.sparse_weights[...] = random_state.normal(0.0, deviation, shape)
        for bias in self.biases:
            bias[...] = 0.0
