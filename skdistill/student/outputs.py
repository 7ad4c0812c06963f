"""The meaning of a student's output units: their number and the labels they decide.

Two classes have one output unit: the logit of the second class, if that of the first is
zero. More classes have a unit each. All files that need the number of output units, or
the meaning of one, ask here.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.forward import softmax


class Classes:
    """Output units that distinguish classes.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        Labels of the classes, in the order of the columns of an answer.
    """

    def __init__(self, labels: NDArray[Any]) -> None:
        self.labels = labels

    @cached_property
    def n_units(self) -> int:
        """Number of output units of the network."""
        return self.units_of(len(self.labels))

    @property
    def is_one_unit(self) -> bool:
        """Whether one output unit distinguishes all classes."""
        return self.n_units == 1

    @property
    def activation(self) -> str:
        """Name of the output units' activation in scikit-learn."""
        return "logistic" if self.is_one_unit else "softmax"

    @staticmethod
    def units_of(n_classes: int) -> int:
        """Return the number of output units for a number of classes.

        Parameters
        ----------
        n_classes : int

        Returns
        -------
        n_units : int
        """
        return 1 if n_classes == 2 else n_classes

    def scores(self, logits: NDArray[Any]) -> NDArray[Any]:
        """Return logits in the shape of scikit-learn's decision functions.

        Parameters
        ----------
        logits : ndarray of shape (n_rows, n_units)
            Values of the output units.

        Returns
        -------
        scores : ndarray of shape (n_rows,) or (n_rows, n_classes)
        """
        return logits[:, 0] if self.is_one_unit else logits

    def decide(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Return the most probable labels.

        Parameters
        ----------
        scores : ndarray of shape (n_rows,), (n_rows, 1) or (n_rows, n_classes)
            Values of the output units.

        Returns
        -------
        labels : ndarray of shape (n_rows,)
        """
        return self.labels[self.decided(scores)]

    def decided(self, scores: NDArray[Any]) -> NDArray[np.intp]:
        """Return the places of the most probable labels, as `decide` takes them.

        Parameters
        ----------
        scores : ndarray of shape (n_rows,), (n_rows, 1) or (n_rows, n_classes)
            Values of the output units.

        Returns
        -------
        places : ndarray of shape (n_rows,)
        """
        if self.is_one_unit:
            return (scores.reshape(-1) > 0).astype(np.intp)
        return scores.argmax(axis=1)

    def probabilities(self, logits: NDArray[Any]) -> NDArray[Any]:
        """Return the probabilities of the classes.

        Parameters
        ----------
        logits : ndarray of shape (n_rows, n_units)
            Values of the output units.

        Returns
        -------
        probabilities : ndarray of shape (n_rows, n_classes)
        """
        return softmax(self.all_logits(logits))

    def all_logits(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Return a logit for each class.

        Parameters
        ----------
        scores : ndarray of shape (n_rows,), (n_rows, 1) or (n_rows, n_classes)
            Values of the output units.

        Returns
        -------
        logits : ndarray of shape (n_rows, n_classes)
        """
        if not self.is_one_unit:
            return scores
        second = scores.reshape(-1)
        return np.column_stack([np.zeros_like(second), second])
