"""The input of a raw table: positions among knots, and levels."""

from typing import Any

import numpy as np

from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.monotonic import row_signs
from skdistill.inputs.student_input import StudentInput
from skdistill.kernels.layers.knot_table import BINS, FIRST_ROW, ROWS
from skdistill.student.code_rows import CodeRows
from skdistill.student.network import Network
from skdistill.student.student import Student

# Share of rows that stands for a level, or a missing value, that was learned before and
# that no row has now.
_TRACE = 1e-12


class TabularInput(StudentInput):
    """Input of a raw table, which a fitted `TabularEncoder` encodes.

    Parameters
    ----------
    encoder : TabularEncoder
        Fitted encoder.
    code_rows : CodeRows
        Rows of the first layer's weights that belong to the codes.
    signs : ndarray of shape (n_features,), int8, default=None
        Sign of each column's slope, 0 for any; see `column_signs`. None for no sign.
    """

    def __init__(
        self, encoder: TabularEncoder, code_rows: CodeRows, signs: Any = None
    ) -> None:
        self.encoder = encoder
        self.code_rows = code_rows
        self.signs = signs

    @classmethod
    def learn(
        cls, X: Any, encoder: TabularEncoder, signs: Any = None
    ) -> "tuple[TabularInput, Any]":
        """Encode rows. Return the input, centred on them, and the encoded rows.

        Parameters
        ----------
        X : table of shape (n_rows, n_features)
        encoder : TabularEncoder
            Fitted encoder.
        signs : ndarray of shape (n_features,), int8, default=None
            Sign of each column's slope.
        """
        encoded = encoder.encode(X)
        return cls.describe(encoder, encoded, signs), encoded

    @classmethod
    def describe(
        cls, encoder: TabularEncoder, encoded: Any, signs: Any = None
    ) -> "TabularInput":
        """Return the input that is centred on encoded rows.

        Parameters
        ----------
        encoder : TabularEncoder
            Fitted encoder.
        encoded : ndarray of shape (n_rows, n_columns)
            Encoded rows.
        signs : ndarray of shape (n_features,), int8, default=None
            Sign of each column's slope.
        """
        rows = CodeRows.describe(
            encoder.code_, encoder.mean_ - encoder.offsets_, encoder.scale_, encoded
        )
        return cls(encoder, rows, signs)

    def encode(self, X: Any) -> Any:
        """Return encoded rows."""
        return self.encoder.encode(X)

    def deployed(self) -> "TabularInput":
        """Return the input of rows that may be new: it knows no text before."""
        texts = self.encoder.code_.texts
        if not texts:
            return self
        encoder = self.encoder.with_texts([text.forgetting() for text in texts])
        return TabularInput(encoder, self.code_rows, self.signs)

    def start(self, units: list[int], random_state: Any) -> Network:
        """Return a network with its first weights."""
        network = self._make_network(units)
        network.initialize(random_state)
        return self._constrained(network)

    def resume(self, units: list[int], student: Student) -> Network:
        """Return a network with the weights of a student.

        Many different weights make the same knot table. The weights chosen here have a
        standardised part of zero. The bias makes up for what the centring subtracts.
        """
        network = self._make_network(units)
        network.assign(student.coefs_, student.intercepts_)
        table: Any = student.knot_table_
        weights = network.code_weights
        # A level that was learned before is kept, even if no row has it now.
        shares = self.code_rows.shares
        learned = table.any(axis=1)
        if student.weight_dtype == "float16":
            # In float16 the rows of missing values are zero, even if they were learned.
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
            # Weights of values that no row has stay at zero, whatever the centring, so
            # the shift is read from a row of weights that was seen.
            network.biases[0] += shift[start + seen[start : start + rows].argmax()]
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
        table = network.tabulate().copy()
        for start, bins in self.code_rows.codes[:, [FIRST_ROW, BINS]]:
            knots = slice(start, start + bins + 1)
            if bins and not self.code_rows.positions[knots].any():
                # All rows have one value, the knot in the middle. The weights of the
                # other knots were never trained.
                table[knots] = table[start + 1]
        return Student(
            network.weights,
            network.biases,
            activation,
            output=output,
            input_code=self.encoder.code_,
            knot_table=table,
            weight_dtype=weight_dtype,
            feature_names=feature_names,
            offsets=self.encoder.offsets_[: self.encoder.code_.n_features],
        )

    def _constrained(self, network):
        """Return a network, held to the signs of the columns."""
        if self.signs is not None:
            network.constrain(*row_signs(self.signs, self.encoder.code_))
        return network

    def _make_network(self, units):
        return Network([self.encoder.code_.n_linear, *units], self.code_rows)
