"""The interface of an input: how a row enters the network, in training and after it."""

from abc import ABC, abstractmethod
from typing import Any

from skdistill.student.network import Network
from skdistill.student.student import Student


class StudentInput(ABC):
    """How rows enter a network, and how the trained first layer takes raw rows."""

    #: Encoder that the estimator publishes. None if columns are taken as they are.
    encoder: Any = None

    @property
    def has_knots(self) -> bool:
        """Whether a column is coded among knots."""
        return self.encoder is not None and self.encoder.code_.knotted.size > 0

    def deployed(self) -> "StudentInput":
        """Return the input of rows that may be new, for the final student."""
        return self

    @abstractmethod
    def encode(self, X: Any) -> Any:
        """Return rows as the network takes them, in float32.

        Parameters
        ----------
        X : table of shape (n_rows, n_features)
            Raw rows.

        Returns
        -------
        encoded : ndarray or CSR of shape (n_rows, n_columns)
        """

    @abstractmethod
    def start(self, units: list[int], random_state: Any) -> Network:
        """Return a network with its first weights.

        Parameters
        ----------
        units : list of int
            Number of units of each hidden layer, then of output units.
        random_state : RandomState

        Returns
        -------
        network : Network
        """

    @abstractmethod
    def resume(self, units: list[int], student: Student) -> Network:
        """Return a network with the weights of a student.

        Parameters
        ----------
        units : list of int
            Number of units of each hidden layer, then of output units.
        student : Student
            Student with the same units and the same input code.

        Returns
        -------
        network : Network
        """

    @abstractmethod
    def make_student(
        self,
        network: Network,
        activation: str,
        output: Any,
        weight_dtype: str,
        feature_names: Any = None,
    ) -> Student:
        """Return the student of a trained network.

        Parameters
        ----------
        network : Network
        activation : str
            Activation of the hidden layers.
        output : Output
            Meaning of the output units.
        weight_dtype : str
            Type that the weights are rounded to.
        feature_names : array-like of shape (n_features,) of str, default=None
            Names of the columns that the student holds. None if they have no names.

        Returns
        -------
        student : Student
        """
