"""How raw rows enter a network, and how its trained first layer takes raw rows."""

from typing import NamedTuple

import numpy as np

from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.standardization import Standardization
from skdistill.kernels.layers.knot_table import BINS, FIRST_ROW, ROWS
from skdistill.student.network import CodeRows, Network
from skdistill.student.quantization import WEIGHT_DTYPES
from skdistill.student.student import Student
from skdistill.tables.read import number_table

# The greatest mean change of a row's probabilities, in total variation, that
# counts as no loss.
_FAITHFUL = 0.005


# The share of a level, or of a missing value, that no row has any more.
_TRACE = 1e-12


class PlainInput(NamedTuple):
    """Columns that are numbers: standardised in training, raw in the student.

    Attributes
    ----------
    standardization : Standardization
    """

    standardization: Standardization

    def encode(self, X):
        """Return rows as the network takes them, float32."""
        return self.standardization.transform(number_table(X))

    def make_network(self, units):
        """Return a network for these inputs, of hidden layers and outputs."""
        return Network([self.standardization.mean.size, *units])

    def initialize(self, network, random_state):
        """Draw the first weights of a network."""
        network.initialize(random_state)

    def resume(self, network, student):
        """Give a network the weights of a student."""
        first, *others = student.coefs_
        weights, bias = self.standardization.from_raw(first, student.intercepts_[0])
        network.assign([weights, *others], [bias, *student.intercepts_[1:]])

    def make_student(self, network, activation, classes, weight_dtype):
        """Return the student of a trained network."""
        weights, bias = self.standardization.to_raw(
            network.weights[0], network.biases[0]
        )
        return Student(
            [weights, *network.weights[1:]],
            [bias, *network.biases[1:]],
            activation,
            classes,
            weight_dtype=weight_dtype,
        )


class SparseInput(NamedTuple):
    """Columns of sparse rows, which are taken as they are.

    Attributes
    ----------
    seen : ndarray of shape (n_columns,), bool
        Whether a column has a value in any row.
    sum_of_squares : float
        Mean of the rows'.
    """

    seen: np.ndarray
    sum_of_squares: float

    @classmethod
    def learn(cls, X):
        """Note what of sparse rows a network needs to know."""
        seen = np.zeros(X.shape[1], dtype=bool)
        seen[X.indices[X.data != 0]] = True
        squares = np.square(X.data, dtype=np.float64).sum() / X.shape[0]
        return cls(seen, float(squares))

    def encode(self, X):
        """Return rows as the network takes them, CSR of float32."""
        return X.astype(np.float32)

    def make_network(self, units):
        """Return a network for these inputs, of hidden layers and outputs."""
        return Network([0, *units], n_sparse=self.seen.size)

    def initialize(self, network, random_state):
        """Draw the first weights of a network; what was never seen has none."""
        network.initialize(random_state, self.sum_of_squares)
        network.sparse_weights[~self.seen] = 0.0

    def resume(self, network, student):
        """Give a network the weights of a student."""
        first, *others = student.coefs_
        network.assign([np.zeros((0, first.shape[1])), *others], student.intercepts_)
        network.sparse_weights[...] = first

    def make_student(self, network, activation, classes, weight_dtype):
        """Return the student of a trained network."""
        return Student(
            [network.sparse_weights, *network.weights[1:]],
            network.biases,
            activation,
            classes,
            weight_dtype=weight_dtype,
        )


class EncodedInput(NamedTuple):
    """Columns of a raw table, as a `TabularEncoder` learned to encode them.

    Attributes
    ----------
    encoder : TabularEncoder
    code_rows : CodeRows
    """

    encoder: TabularEncoder
    code_rows: CodeRows

    @classmethod
    def learn(cls, encoder, encoded):
        """Describe the code by the encoded rows that it is centred on."""
        rows = CodeRows.describe(encoder.code_, encoder.mean_, encoder.scale_, encoded)
        return cls(encoder, rows)

    def encode(self, X):
        """Return rows as the network takes them, float32."""
        return self.encoder.transform(X)

    def make_network(self, units):
        """Return a network for these inputs, of hidden layers and outputs."""
        return Network([self.encoder.code_.n_linear, *units], self.code_rows)

    def initialize(self, network, random_state):
        """Draw the first weights of a network."""
        network.initialize(random_state)

    def resume(self, network, student):
        """Give a network the weights of a student.

        Of the many weights on a code that make one table, those are taken
        whose standardised part is zero. What the centring subtracts goes to
        the bias.
        """
        network.assign(student.coefs_, student.intercepts_)
        table, weights = student.knot_table_, network.code_weights
        # What is absent from the rows now was learned before, and stays.
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

    def make_student(self, network, activation, classes, weight_dtype):
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
            classes,
            self.encoder.code_,
            table,
            weight_dtype,
        )


def smallest_faithful(make_student, X):
    """Return the student of the fewest bits that loses nothing.

    Parameters
    ----------
    make_student : callable
        Takes a type of weights and returns a student.
    X : table of shape (n_rows, n_features)
        Rows to compare on.

    Returns
    -------
    student : Student
    """
    exact = make_student("float32")
    expected = exact.predict_proba(X)
    for dtype in WEIGHT_DTYPES[:-1]:
        try:
            student = make_student(dtype)
        except ValueError:
            continue  # A weight that is beyond the type.
        change = np.abs(student.predict_proba(X) - expected).sum(axis=1) / 2
        if change.mean() <= _FAITHFUL:
            return student
    return exact
