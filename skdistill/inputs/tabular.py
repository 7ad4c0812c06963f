"""Columns of a raw table, coded among knots and levels."""

from typing import Any

import numpy as np

from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.student_input import StudentInput
from skdistill.kernels.layers.knot_table import BINS, FIRST_ROW, ROWS
from skdistill.student.code_rows import CodeRows
from skdistill.student.network import Network
from skdistill.student.student import Student

# The share of a level, or of a missing value, that no row has any more.
_TRACE = 1e-12


class TabularInput(StudentInput):
    """Columns of a raw table, as a `TabularEncoder` learned to encode them.

    Parameters
    ----------
    encoder : TabularEncoder
        Fitted encoder.
    code_rows : CodeRows
        Rows of the first layer's weights that the code stands for.
    """

    def __init__(self, encoder: TabularEncoder, code_rows: CodeRows) -> None:
        self.encoder = encoder
        self.code_rows = code_rows

    @classmethod
    def learn(cls, X: Any, encoder: TabularEncoder) -> "tuple[TabularInput, Any]":
        """Encode rows; return the input, centred on them, and the encoded rows.

        Parameters
        ----------
        X : table of shape (n_rows, n_features)
        encoder : TabularEncoder
            Fitted encoder.
        """
        encoded = encoder.transform(X)
        return cls.describe(encoder, encoded), encoded

    @classmethod
    def describe(cls, encoder: TabularEncoder, encoded: Any) -> "TabularInput":
        """Describe the code by encoded rows, on which it is centred.

        Parameters
        ----------
        encoder : TabularEncoder
            Fitted encoder.
        encoded : ndarray of shape (n_rows, n_columns)
        """
        rows = CodeRows.describe(encoder.code_, encoder.mean_, encoder.scale_, encoded)
        return cls(encoder, rows)

    def encode(self, X: Any) -> Any:
        """Return coded rows."""
        return self.encoder.transform(X)

    def start(self, units: list[int], random_state: Any) -> Network:
        """Return a network with its first weights."""
        network = self._make_network(units)
        network.initialize(random_state)
        return network

    def resume(self, units: list[int], student: Student) -> Network:
        """Return a network with the weights of a student.

        Many weights on a code make the same table. The ones taken have a standardised
        part of zero, and the bias takes what the centring subtracts.
        """
        network = self._make_network(units)
        network.assign(student.coefs_, student.intercepts_)
        table: Any = student.knot_table_
        weights = network.code_weights
        # A level that is absent from the rows now was learned before, and stays.
        shares = self.code_rows.shares
        learned = table.any(axis=1)
        if student.weight_dtype == "float16":
            # Zero, whatever was learned.
            learned[self.encoder.code_.missing_rows] = True
        shares[(shares == 0) & learned] = _TRACE
        weights[...] = table
        for start, bins, rows in self.code_rows.codes[:, [FIRST_ROW, BINS, ROWS]]:
            if bins:
                knots = slice(start + 1, start + bins + 1)
                weights[start] = 0.0
                weights[knots] = np.diff(table[start : start + bins + 1], axis=0)
                weights[start + bins + 1 : start + rows] -= table[start]
        shift = table.astype(np.float64) - network.tabulate()
        seen = self.code_rows.seen
        for start, rows in self.code_rows.codes[:, [FIRST_ROW, ROWS]]:
            # Rows that were never seen stay at zero, whatever the centring.
            network.biases[0] += shift[start + seen[start : start + rows].argmax()]
        return network

    def make_student(
        self, network: Network, activation: str, output: Any, weight_dtype: str
    ) -> Student:
        """Return the student of a trained network."""
        table = network.tabulate().copy()
        for start, bins in self.code_rows.codes[:, [FIRST_ROW, BINS]]:
            knots = slice(start, start + bins + 1)
            if bins and not self.code_rows.positions[knots].any():
                # Where all rows had one value, its knot in the middle, what lies
                # beside it was never trained.
                table[knots] = table[start + 1]
        return Student(
            network.weights,
            network.biases,
            activation,
            output.labels,
            self.encoder.code_,
            table,
            weight_dtype,
        )

    def _make_network(self, units):
        return Network([self.encoder.code_.n_linear, *units], self.code_rows)
