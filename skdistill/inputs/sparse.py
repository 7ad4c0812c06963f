"""The input of sparse rows."""

from typing import Any

import numpy as np

from skdistill.inputs.precision import lost_columns, warn_lost
from skdistill.inputs.student_input import StudentInput
from skdistill.student.kept_columns import KeptColumns
from skdistill.student.network import Network
from skdistill.student.student import Student


class SparseInput(StudentInput):
    """Input of sparse rows, which are taken as they are.

    Parameters
    ----------
    seen : ndarray of shape (n_columns,), bool
        Whether a column has a value other than zero in any row.
    sum_of_squares : float
        Sum of squares of a row's values, in the mean over rows.
    kept : KeptColumns or None, default=None
        Columns that the network takes. None if it takes all.
    """

    def __init__(
        self,
        seen: np.ndarray,
        sum_of_squares: float,
        kept: KeptColumns | None = None,
    ) -> None:
        self.seen = seen
        self.sum_of_squares = sum_of_squares
        self.kept = kept

    @classmethod
    def learn(cls, X: Any) -> "tuple[SparseInput, Any]":
        """Learn from rows. Return the input and the encoded rows.

        Parameters
        ----------
        X : CSR of shape (n_rows, n_columns)

        Warns
        -----
        UserWarning
            If single precision hardly tells the values of a column apart.
        """
        warn_lost(
            lost_columns(X),
            "Sparse columns cannot be centred. Subtract a number from the values of "
            "such a column first, for example the first time, or give dense rows",
        )
        return cls._of_encoded(X.astype(np.float32), None)

    @classmethod
    def of_columns(cls, X: Any, kept: KeptColumns) -> "tuple[SparseInput, Any]":
        """Return the input of some columns, and the rows that it encodes.

        Parameters
        ----------
        X : CSR of shape (n_rows, n_columns), float32
            Rows with all columns.
        kept : KeptColumns
        """
        return cls._of_encoded(kept.select(X), kept)

    @classmethod
    def _of_encoded(cls, X, kept):
        """Return the input of encoded rows, and these rows."""
        seen = np.zeros(X.shape[1], dtype=bool)
        seen[X.indices[X.data != 0]] = True
        squares = np.square(X.data, dtype=np.float64).sum() / X.shape[0]
        return cls(seen, float(squares), kept), X

    def encode(self, X: Any) -> Any:
        """Return rows as CSR of float32."""
        X = X.astype(np.float32)
        return X if self.kept is None else self.kept.select(X)

    def start(self, units: list[int], random_state: Any) -> Network:
        """Return a network with its first weights: zero for columns without a value.

        Without a hidden layer, all weights are zero: all units differ by their
        targets, so they need no random start.
        """
        network = self._make_network(units)
        if len(units) == 1:
            return network
        network.initialize(random_state, self.sum_of_squares)
        network.sparse_weights[~self.seen] = 0.0
        return network

    def resume(self, units: list[int], student: Student) -> Network:
        """Return a network with the weights of a student."""
        network = self._make_network(units)
        first, *others = student.coefs_
        network.assign([np.zeros((0, first.shape[1])), *others], student.intercepts_)
        if student.kept_columns is None:
            whole = first
        else:
            whole = np.zeros((student.n_features_in_, first.shape[1]), first.dtype)
            whole[student.kept_columns.places] = first
        network.sparse_weights[...] = (
            whole if self.kept is None else whole[self.kept.places]
        )
        return network

    def make_student(
        self,
        network: Network,
        activation: str,
        output: Any,
        weight_dtype: str,
        feature_names: Any = None,
    ) -> Student:
        """Return the student of a trained network."""
        return Student(
            [network.sparse_weights, *network.weights[1:]],
            network.biases,
            activation,
            output=output,
            weight_dtype=weight_dtype,
            feature_names=feature_names,
            kept_columns=self.kept,
        )

    def _make_network(self, units):
        return Network([0, *units], n_sparse=self.seen.size)
