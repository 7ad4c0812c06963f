"""The input of columns of numbers, without knots."""

from typing import Any

import numpy as np

from skdistill.inputs.standardization import Standardization
from skdistill.inputs.student_input import StudentInput
from skdistill.student.network import Network
from skdistill.student.student import Student
from skdistill.tables.read import number_table


class DenseInput(StudentInput):
    """Input of columns of numbers: standardised in training, raw in the student.

    Parameters
    ----------
    standardization : Standardization
        Mean and scale of each column.
    signs : ndarray of shape (n_features,), int8, default=None
        Sign of each column's slope, 0 for any; see `column_signs`. None for no sign.
    """

    def __init__(self, standardization: Standardization, signs: Any = None) -> None:
        self.standardization = standardization
        self.signs = signs

    @classmethod
    def learn(
        cls, X: Any, feature_names: Any = None, signs: Any = None
    ) -> "tuple[DenseInput, Any]":
        """Learn from rows. Return the input and the encoded rows.

        Parameters
        ----------
        X : table of shape (n_rows, n_features)
        feature_names : ndarray of str or None, default=None
            Names of the columns in messages.
        signs : ndarray of shape (n_features,), int8, default=None
            Sign of each column's slope.
        """
        numbers = number_table(X)
        student_input = cls(Standardization.learn(numbers, feature_names), signs)
        return student_input, student_input.encode(numbers)

    def encode(self, X: Any) -> Any:
        """Return standardised rows."""
        return self.standardization.transform(number_table(X))

    def start(self, units: list[int], random_state: Any) -> Network:
        """Return a network with its first weights."""
        network = self._make_network(units)
        network.initialize(random_state)
        return self._constrained(network)

    def resume(self, units: list[int], student: Student) -> Network:
        """Return a network with the weights of a student."""
        network = self._make_network(units)
        first, *others = student.coefs_
        weights, bias = self.standardization.from_raw(
            first, student.intercepts_[0], student.offsets_
        )
        network.assign([weights, *others], [bias, *student.intercepts_[1:]])
        return self._constrained(network)

    def make_student(
        self,
        network: Network,
        activation: str,
        output: Any,
        weight_dtype: str,
        feature_names: Any = None,
    ) -> Student:
        """Return the student of a trained network."""
        weights, bias = self.standardization.to_raw(
            network.weights[0], network.biases[0]
        )
        return Student(
            [weights, *network.weights[1:]],
            [bias, *network.biases[1:]],
            activation,
            output=output,
            weight_dtype=weight_dtype,
            feature_names=feature_names,
            offsets=self.standardization.offsets,
        )

    def _constrained(self, network):
        """Return a network, held to the signs of the columns."""
        if self.signs is not None:
            network.constrain(self.signs, np.zeros(0))
        return network

    def _make_network(self, units):
        return Network([self.standardization.mean.size, *units])
