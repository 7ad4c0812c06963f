"""A multilayer perceptron as the flat array of its kernels, and its start."""

import numpy as np

from skdistill.kernels import activation
from skdistill.kernels.layout import (
    BIAS,
    INPUT_WIDTH,
    INPUTS,
    OUTPUT_WIDTH,
    OUTPUTS,
    WEIGHTS,
    aligned_zeros,
    network_layout,
)

# Codes of the activations in the kernels.
ACTIVATIONS = {
    "relu": activation.RELU,
    "tanh": activation.TANH,
    "logistic": activation.LOGISTIC,
    "silu": activation.SILU,
}


class Network:
    """Weights of a multilayer perceptron, laid out for the kernels.

    Parameters
    ----------
    layer_units : sequence of int
        Inputs, units of each hidden layer, outputs.

    Attributes
    ----------
    layout : ndarray of shape (n_layers, 9), int64
        See `skdistill.kernels.layout`.
    parameters : ndarray of shape (n_parameters,), float32
        All weights, then all biases, zero at first.
    weights : list of ndarray of shape (inputs, outputs)
        Views into `parameters`, one a layer.
    biases : list of ndarray of shape (outputs,)
        Views into `parameters`, one a layer.
    """

    def __init__(self, layer_units):
        self.layout, size = network_layout(layer_units)
        self.parameters = aligned_zeros(size)
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

    def assign(self, coefs, intercepts):
        """Copy weights and biases into the flat array."""
        for target, source in zip(self.weights, coefs, strict=True):
            target[...] = source
        for target, source in zip(self.biases, intercepts, strict=True):
            target[...] = source

    def initialize(self, random_state):
        """Draw initial weights.

        Hidden layers have variance 2 / inputs (He et al. 2015), the output
        layer 1 / inputs; biases are zero.

        Parameters
        ----------
        random_state : RandomState
        """
        for layer, weights in enumerate(self.weights):
            gain = 1.0 if layer == len(self.weights) - 1 else 2.0
            deviation = np.sqrt(gain / weights.shape[0])
            weights[...] = random_state.normal(0.0, deviation, weights.shape)
        for bias in self.biases:
            bias[...] = 0.0
