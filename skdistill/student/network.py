"""A multilayer perceptron as the flat array of its kernels, and its start."""

from typing import NamedTuple

import numpy as np

from skdistill.kernels.layers.activation import ACTIVATION_NUMBERS
from skdistill.kernels.layers.knot_search import INPUT_COLUMNS, knotted_values
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
from skdistill.kernels.predict import (
    ACTIVATION,
    ENCODED,
    N_CATEGORICAL,
    N_CLASSES,
    N_KNOTTED,
    N_LINEAR,
    pack,
)
from skdistill.student.input_code import InputCode


class CodeRows(NamedTuple):
    """How codes become rows of a first layer's weights.

    Attributes
    ----------
    codes, positions, shares
        See `skdistill.kernels.layers.knot_table.KnotTable`.
    """

    codes: np.ndarray
    positions: np.ndarray
    shares: np.ndarray

    @classmethod
    def describe(cls, input_code, mean, scale, encoded):
        """Describe the rows of an encoding.

        Parameters
        ----------
        input_code : InputCode
        mean, scale : ndarray of shape (n_features,)
            By which the knots are standardised.
        encoded : ndarray of shape (n_rows, n_linear + n_codes)
            Encoded rows, by whose mean the code is centred.

        Returns
        -------
        code_rows : CodeRows
        """
        codes = cls.layout_of(input_code)
        positions = np.zeros(input_code.n_rows)
        shares = np.zeros(input_code.n_rows)
        places = encoded[:, input_code.n_linear :]
        for code, (start, n_bins, n_rows) in enumerate(codes):
            place = places[:, code]
            levels = place.astype(np.intp)
            counts = np.bincount(levels, minlength=n_rows + 1)[:n_rows]
            share = shares[start : start + n_rows]
            if n_bins == 0:
                share[:] = counts / place.size
                continue
            feature = input_code.knotted[code]
            knots = input_code.knots[code].astype(np.float64)
            position = (knots - mean[feature]) / scale[feature]
            present = place[levels <= n_bins]
            if _is_constant(present, knots, mean[feature], scale[feature]):
                position = np.zeros_like(position)  # Nothing to learn a slope from.
            positions[start : start + n_bins + 1] = position
            share[0] = np.interp(present, np.arange(n_bins + 1), position).sum()
            # What lies above a bin has its component at 1, what lies in it a part.
            parts = np.bincount(
                levels[levels <= n_bins],
                weights=present - np.floor(present),
                minlength=n_bins + 1,
            )
            above = counts[: n_bins + 1][::-1].cumsum()[::-1]
            share[1 : n_bins + 1] = above[1:] + parts[:n_bins]
            share[n_bins + 1] = counts[n_bins + 1]
            share /= place.size
        return cls(codes, positions.astype(np.float32), shares.astype(np.float32))

    @property
    def seen(self):
        """Whether a row of weights has a part in any row; shape (n_rows,)."""
        seen = self.shares > 0
        for start, bins, _ in self.codes:
            if bins:
                seen[start : start + bins + 1] = True
        return seen

    @staticmethod
    def layout_of(input_code):
        """Return the `codes` of an encoding."""
        bins = np.zeros(input_code.n_codes, dtype=np.int64)
        bins[: len(input_code.knots)] = [knots.size - 1 for knots in input_code.knots]
        columns = [input_code.starts, bins, input_code.row_counts]
        return np.column_stack(columns).astype(np.int64)


NO_INPUT_CODE = InputCode(
    0,
    linear=[],
    low=[],
    high=[],
    mean=[],
    scale=[],
    knotted=[],
    knots=[],
    categorical=[],
    levels=[],
)


def _is_constant(places, knots, mean, scale):
    """Tell whether a feature had one value, which its middle knot is, in fit."""
    in_the_middle = np.float32(mean) == np.float32(knots[1])
    return in_the_middle and scale == 1.0 and (places == 1.0).all()


def pack_student(network, input_code, activation, n_classes):
    """Return a student as the kernel of prediction takes it.

    Parameters
    ----------
    network : Network
        With the knot table in place of weights on codes.
    input_code : InputCode or None
    activation : str
    n_classes : int

    Returns
    -------
    student : ndarray of int64
        See `skdistill.kernels.predict.pack`.
    """
    code = NO_INPUT_CODE if input_code is None else input_code
    inputs, values, size = [], [], 0

    def add(feature, numbers, searched=0, missing=0, start=0):
        nonlocal size
        inputs.append((feature, size, searched, missing, start))
        values.append(numbers)
        size += numbers.size

    inverse = (1.0 / code.scale.astype(np.float64)).astype(np.float32)
    columns = np.column_stack([code.low, code.high, code.mean, inverse])
    for feature, numbers in zip(code.linear, columns, strict=True):
        add(feature, numbers)
    starts, none = iter(code.starts), np.zeros(0, dtype=np.float32)
    for feature, knots in zip(code.knotted, code.knots, strict=True):
        numbers, searched = knotted_values(knots)
        add(feature, numbers, searched, knots.size, next(starts))
    for feature in code.categorical:
        add(feature, none, start=next(starts))
    return pack(
        network.layout,
        network.parameters,
        np.array(inputs, dtype=np.int64).reshape(-1, INPUT_COLUMNS),
        np.concatenate([none, *values]),
        network.knot_table.codes,
        {
            N_LINEAR: code.n_linear,
            N_KNOTTED: code.knotted.size,
            N_CATEGORICAL: code.categorical.size,
            ENCODED: int(input_code is not None),
            ACTIVATION: ACTIVATION_NUMBERS[activation],
            N_CLASSES: n_classes,
        },
    )


NO_CODES = CodeRows(
    np.zeros((0, 3), dtype=np.int64),
    np.zeros(0, dtype=np.float32),
    np.zeros(0, dtype=np.float32),
)


class Network:
    """Weights of a multilayer perceptron, laid out for the kernels.

    Parameters
    ----------
    layer_units : sequence of int
        Inputs that are numbers, units of each hidden layer, outputs.
    code_rows : CodeRows or None, default=None
        The code of the input, where the first layer takes codes beside numbers.
    n_sparse : int, default=0
        Columns of sparse rows, where the first layer takes these alone.

    Attributes
    ----------
    layout : ndarray of shape (n_layers, 12), int64
        See `skdistill.kernels.layers.layout`.
    knot_table : KnotTable
        Without codes where the network takes none.
    parameters : ndarray of shape (n_parameters,), float32
        All weights, then all biases, zero at first.
    weights : list of ndarray of shape (inputs, outputs)
        Views into `parameters`, one a layer.
    biases : list of ndarray of shape (outputs,)
        Views into `parameters`, one a layer.
    code_weights : ndarray of shape (n_rows, outputs)
        View into `parameters`: weights of the first layer on codes.
    sparse_weights : ndarray of shape (n_sparse, outputs)
        View into `parameters`: weights of the first layer on sparse columns.
    """

    def __init__(self, layer_units, code_rows=None, n_sparse=0):
        rows = code_rows or NO_CODES
        n_rows = rows.shares.size
        self.layout, size = network_layout(
            layer_units, len(rows.codes), n_rows + n_sparse
        )
        self.parameters = aligned_zeros(size)
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
        """Lay out given weights, of shape (inputs, outputs), and biases."""
        network = cls([coefs[0].shape[0], *(weights.shape[1] for weights in coefs)])
        network.assign(coefs, intercepts)
        return network

    @classmethod
    def for_prediction(cls, coefs, intercepts, input_code, knot_table):
        """Lay out a student, with its knot table in place of weights on codes."""
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

    def tabulate(self):
        """Return the knot table of the present weights.

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

        Hidden layers have variance 2 / inputs (He et al. 2015), the output
        layer 1 / inputs; biases are zero. Each knot and each level that was
        seen counts as an input.

        Parameters
        ----------
        random_state : RandomState
        n_sparse : float, default=0.0
            As how many inputs sparse rows count: their mean sum of squares.
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
