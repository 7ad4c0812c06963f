"""The interface of an output: what the output units of a network mean."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray


class Output(ABC):
    """Base class of the meanings of output units."""

    #: Name of the task: "classes", "numbers" or "label_sets".
    kind: ClassVar[str]

    #: Labels of the columns of an answer. Numbers have none.
    labels: NDArray[Any]

    @property
    @abstractmethod
    def n_units(self) -> int:
        """Number of output units of the network."""

    @property
    def n_columns(self) -> int:
        """Number of columns of soft targets, and of `all_logits`."""
        return self.n_units

    @property
    def n_outputs(self) -> int:
        """Number of outputs as scikit-learn's networks count them."""
        return self.n_units

    @property
    def is_one_unit(self) -> bool:
        """Whether the network has one output unit."""
        return self.n_units == 1

    @property
    @abstractmethod
    def activation(self) -> str:
        """Name of the output units' activation in scikit-learn."""

    @property
    @abstractmethod
    def identity(self) -> tuple[Any, ...]:
        """Meaning of the units, as a value that can be compared and shown.

        Weights that were trained for an output suit another one with the same identity.
        """

    @property
    def scales(self) -> NDArray[np.float64]:
        """Mean, deviation, least and greatest answer of each number, if there are any.

        The array has the shape (n_numbers, 4).
        """
        return np.zeros((0, 4))

    @property
    def nbytes(self) -> int:
        """Number of bytes of the numbers that turn units into answers."""
        return 0

    @abstractmethod
    def __str__(self) -> str:
        """Return the number and the kind of the answers, such as "3 classes"."""

    def all_logits(self, units: NDArray[Any]) -> NDArray[Any]:
        """Return values of output units in the form of soft targets.

        Parameters
        ----------
        units : ndarray of shape (n_rows, n_units)
            Values of the output units.

        Returns
        -------
        targets : ndarray of shape (n_rows, n_columns)
        """
        return units

    def scores(self, units: NDArray[Any]) -> NDArray[Any]:
        """Return values of output units in the shape of decision functions.

        Parameters
        ----------
        units : ndarray of shape (n_rows, n_units)
            Values of the output units.

        Returns
        -------
        scores : ndarray of shape (n_rows,) or (n_rows, n_units)
        """
        return units

    @abstractmethod
    def answers(self, units: NDArray[Any]) -> NDArray[Any]:
        """Return the answers in the form of a teacher's answers.

        Parameters
        ----------
        units : ndarray of shape (n_rows, n_units)
            Values of the output units.

        Returns
        -------
        answers : ndarray of shape (n_rows, n_columns), or (n_rows,) for flat numbers
            Probabilities of classes or labels, or numbers.
        """

    #: Greatest mean change of a row by rounded weights that counts as none.
    faithful_change: ClassVar[float] = 0.005

    @abstractmethod
    def mean_change(self, one: Any, other: Any, X: Any) -> float:
        """Return the mean change of a row's answer from one student to another.

        Parameters
        ----------
        one, other : Student
            Students with this output.
        X : table of shape (n_rows, n_features)

        Returns
        -------
        change : float
            Total variation of class probabilities, absolute difference of the
            probabilities of labels, or of numbers in deviations.
        """

    @abstractmethod
    def decide(self, units: NDArray[Any]) -> NDArray[Any]:
        """Return the predictions, as `Student.predict` returns them.

        Parameters
        ----------
        units : ndarray of shape (n_rows, n_units)
            Values of the output units.

        Returns
        -------
        predictions : ndarray of shape (n_rows,) or (n_rows, n_units)
        """
