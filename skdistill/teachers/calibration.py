"""Calibrations of a model's answers, which are learned from labels."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Temperature(NamedTuple):
    """Calibration of logits: they are divided by a temperature (Guo et al. 2017).

    The temperature is below 1 if a model is not sure enough, and above 1 if it is too
    sure.

    Attributes
    ----------
    temperature : float, default=1.0
    """

    temperature: float = 1.0

    @property
    def is_of_logits(self) -> bool:
        """Whether logits are calibrated, and not numbers."""
        return True

    @classmethod
    def of(cls, estimator: Any) -> "Temperature":
        """Return the calibration that a fitted estimator tells by its attributes."""
        return cls(estimator.teacher_temperature_)

    @property
    def is_identity(self) -> bool:
        """Whether the calibration changes nothing."""
        return self.temperature == 1.0

    def apply(self, targets: NDArray[Any]) -> NDArray[Any]:
        """Return calibrated soft targets.

        Parameters
        ----------
        targets : ndarray of shape (n_rows, n_classes)
            Logits.

        Returns
        -------
        targets : ndarray of shape (n_rows, n_classes)
            Array of the same type.
        """
        return targets / self.temperature

    def of_linear(self, weights: NDArray[Any], biases: NDArray[Any]) -> tuple:
        """Return the weights and biases of a linear model whose logits are so."""
        return weights / self.temperature, biases / self.temperature

    def beside(self, other: "Temperature") -> float:
        """Return the factor that makes targets as sure as another calibration would."""
        return self.temperature / other.temperature

    def attributes(self) -> dict[str, Any]:
        """Return the fitted attributes of an estimator that the calibration sets."""
        return {"teacher_temperature_": self.temperature}


class Temperatures(NamedTuple):
    """Calibration of the logits of labels: each label has a temperature of its own.

    Attributes
    ----------
    temperature : ndarray of shape (n_labels,), float64
    """

    temperature: NDArray[np.float64]

    @classmethod
    def identity(cls, n_labels: int) -> "Temperatures":
        """Return the calibration that changes nothing."""
        return cls(np.ones(n_labels))

    @classmethod
    def of(cls, estimator: Any) -> "Temperatures":
        """Return the calibration that a fitted estimator tells by its attributes."""
        return cls(estimator.teacher_temperature_)

    @property
    def is_of_logits(self) -> bool:
        """Whether logits are calibrated, and not numbers."""
        return True

    @property
    def is_identity(self) -> bool:
        """Whether the calibration changes nothing."""
        return bool((self.temperature == 1.0).all())

    def apply(self, targets: NDArray[Any]) -> NDArray[Any]:
        """Return calibrated soft targets.

        Parameters
        ----------
        targets : ndarray of shape (n_rows, n_labels)
            Logits.

        Returns
        -------
        targets : ndarray of shape (n_rows, n_labels)
            Array of the same type.
        """
        return targets / self.temperature.astype(targets.dtype)

    def of_linear(self, weights: NDArray[Any], biases: NDArray[Any]) -> tuple:
        """Return the weights and biases of a linear model whose logits are so."""
        return weights / self.temperature, biases / self.temperature

    def beside(self, other: "Temperatures") -> NDArray[np.float64]:
        """Return the factors that make targets as sure as another calibration would."""
        return self.temperature / other.temperature

    def attributes(self) -> dict[str, Any]:
        """Return the fitted attributes of an estimator that the calibration sets."""
        return {"teacher_temperature_": self.temperature}


class SlopeAndOffset(NamedTuple):
    """Calibration of numbers: a slope and an offset for each target, in deviations.

    Attributes
    ----------
    slope, offset : ndarray of shape (n_targets,), float64
    """

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]

    @property
    def is_of_logits(self) -> bool:
        """Whether logits are calibrated, and not numbers."""
        return False

    @classmethod
    def identity(cls, n_targets: int) -> "SlopeAndOffset":
        """Return the calibration that changes nothing."""
        return cls(np.ones(n_targets), np.zeros(n_targets))

    @classmethod
    def of(cls, estimator: Any) -> "SlopeAndOffset":
        """Return the calibration that a fitted estimator tells by its attributes."""
        return cls(estimator.teacher_slope_, estimator.teacher_offset_)

    @property
    def is_identity(self) -> bool:
        """Whether the calibration changes nothing."""
        return bool((self.slope == 1.0).all() and (self.offset == 0.0).all())

    def apply(self, targets: NDArray[Any]) -> NDArray[Any]:
        """Return calibrated soft targets.

        Parameters
        ----------
        targets : ndarray of shape (n_rows, n_targets)

        Returns
        -------
        targets : ndarray of shape (n_rows, n_targets)
            Array of the same type.
        """
        return (self.slope * targets + self.offset).astype(targets.dtype)

    def of_linear(self, weights: NDArray[Any], biases: NDArray[Any]) -> tuple:
        """Return the weights and biases of a linear model whose answers are so."""
        return weights * self.slope, biases * self.slope + self.offset

    def beside(self, other: "SlopeAndOffset") -> float:
        """Return 1: numbers have no sureness."""
        return 1.0

    def attributes(self) -> dict[str, Any]:
        """Return the fitted attributes of an estimator that the calibration sets."""
        return {"teacher_slope_": self.slope, "teacher_offset_": self.offset}
