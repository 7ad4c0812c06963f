"""The meaning of a student's output units: their number and the answers they give.

- `Classes`: two classes have one output unit, the logit of the second class, if that of
  the first is zero. More classes have a unit each.
- `Numbers`: each number has a unit, which counts deviations of its target.
- `LabelSets`: each label has a unit, the logit of the label.

All files that need the number of output units, or the meaning of one, ask here.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.common.text import counted
from skdistill.metrics import total_variation
from skdistill.student.forward import logistic, softmax
from skdistill.student.output import Output

__all__ = ["Classes", "LabelSets", "Numbers", "Output"]


class Classes(Output):
    """Output units that distinguish classes.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        Labels of the classes, in the order of the columns of an answer.
    """

    kind = "classes"

    def __init__(self, labels: NDArray[Any]) -> None:
        self.labels = labels

    @cached_property
    def n_units(self) -> int:
        """Number of output units of the network."""
        return self.units_of(len(self.labels))

    @property
    def n_columns(self) -> int:
        """Number of classes."""
        return len(self.labels)

    @property
    def activation(self) -> str:
        """Name of the output units' activation in scikit-learn."""
        return "logistic" if self.is_one_unit else "softmax"

    @property
    def identity(self) -> tuple[Any, ...]:
        """Labels of the classes."""
        return self.kind, *self.labels.tolist()

    def __str__(self) -> str:
        return f"{len(self.labels)} classes"

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

    def decide(self, units: NDArray[Any]) -> NDArray[Any]:
        """Return the most probable labels.

        Parameters
        ----------
        units : ndarray of shape (n_rows,), (n_rows, 1) or (n_rows, n_classes)
            Values of the output units.

        Returns
        -------
        labels : ndarray of shape (n_rows,)
        """
        return self.labels[self.decided(units)]

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

    def answers(self, units: NDArray[Any]) -> NDArray[Any]:
        """Return the probabilities of the classes."""
        return self.probabilities(units)

    def mean_change(self, one: Any, other: Any, X: Any) -> float:
        """Return the mean total variation of two students' probabilities."""
        return total_variation(one.predict_proba(X), other.predict_proba(X))

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

    def all_logits(self, units: NDArray[Any]) -> NDArray[Any]:
        """Return a logit for each class.

        Parameters
        ----------
        units : ndarray of shape (n_rows,), (n_rows, 1) or (n_rows, n_classes)
            Values of the output units.

        Returns
        -------
        logits : ndarray of shape (n_rows, n_classes)
        """
        if not self.is_one_unit:
            return units
        second = units.reshape(-1)
        return np.column_stack([np.zeros_like(second), second])


class Numbers(Output):
    """Output units that count deviations of numbers from their means.

    Parameters
    ----------
    mean, scale : array-like of shape (n_numbers,)
        Mean of each number, and its deviation, which is above 0.
    low, high : array-like of shape (n_numbers,)
        Range of the answers. An infinite bound is none.
    is_flat : bool
        Whether answers have the shape (n_rows,). There is then one number.
    quantiles : sequence of float of length n_numbers, default=None
        Levels of the quantiles of one target that the numbers are, in rising order.
        The answers are sorted along each row, so quantiles do not cross. None if the
        numbers are no quantiles.

    Raises
    ------
    ValueError
        If the arrays have different shapes, or hold a value that cannot be used.
    """

    kind = "numbers"
    faithful_change = 0.01

    def __init__(
        self,
        mean: ArrayLike,
        scale: ArrayLike,
        low: ArrayLike,
        high: ArrayLike,
        *,
        is_flat: bool,
        quantiles: Sequence[float] | None = None,
    ) -> None:
        parts = {"mean": mean, "scale": scale, "low": low, "high": high}
        self.mean, self.scale, self.low, self.high = (
            _finite_or_bounds(name, values) for name, values in parts.items()
        )
        shapes = {array.shape for array in (self.mean, self.scale, self.low, self.high)}
        if len(shapes) > 1 or not self.mean.size:
            raise ValueError(
                "mean, scale, low and high need one value for each number, and have "
                f"the shapes {sorted(shapes)}"
            )
        for name, is_right, wanted in (
            ("scale", self.scale > 0.0, "above 0"),
            ("low", self.low <= self.high, "at most high"),
            ("low", self.low < np.inf, "finite, or minus infinity"),
            ("high", self.high > -np.inf, "finite, or infinity"),
        ):
            if not is_right.all():
                wrong = getattr(self, name)[~is_right][0]
                raise ValueError(f"{name} holds {wrong}: each value has to be {wanted}")
        if is_flat and self.mean.size > 1:
            raise ValueError(
                f"is_flat is True, and there are {self.mean.size} numbers: only one "
                "number a row can have answers of shape (n_rows,)"
            )
        self.is_flat = bool(is_flat)
        self.quantiles = None if quantiles is None else self._checked(quantiles)

    @property
    def n_units(self) -> int:
        """Number of numbers."""
        return self.mean.size

    @property
    def activation(self) -> str:
        """Name of the output units' activation in scikit-learn."""
        return "identity"

    @property
    def identity(self) -> tuple[Any, ...]:
        """Number of units, and their quantiles.

        Means and scales do not count: they differ a little with each part of the rows.
        """
        return self.kind, self.n_units, self.quantiles

    @property
    def scales(self) -> NDArray[np.float64]:
        """Mean, deviation, least and greatest answer of each number."""
        return np.column_stack([self.mean, self.scale, self.low, self.high])

    @property
    def nbytes(self) -> int:
        """Number of bytes of the numbers that turn units into answers."""
        levels = () if self.quantiles is None else self.quantiles
        return 8 * (4 * self.n_units + len(levels))

    @property
    def are_sorted(self) -> bool:
        """Whether the answers are sorted along each row."""
        return self.quantiles is not None and self.n_units > 1

    def __str__(self) -> str:
        name = "number" if self.quantiles is None else "quantile"
        return counted(self.n_units, name)

    def answers(self, units: NDArray[Any]) -> NDArray[np.float64]:
        """Return the numbers, in double precision.

        Parameters
        ----------
        units : ndarray of shape (n_rows, n_units)
            Values of the output units.

        Returns
        -------
        numbers : ndarray of shape (n_rows,) or (n_rows, n_units), float64
        """
        with np.errstate(over="ignore"):
            # A number beyond double precision becomes a bound, or infinite.
            numbers = self.mean + self.scale * units.astype(np.float64)
        numbers.clip(self.low, self.high, out=numbers)
        if self.are_sorted:
            numbers.sort(axis=1)
        return numbers[:, 0] if self.is_flat else numbers

    def mean_change(self, one: Any, other: Any, X: Any) -> float:
        """Return the mean absolute difference of two students, in deviations."""
        return float(np.abs(one.units(X) - other.units(X)).mean())

    def decide(self, units: NDArray[Any]) -> NDArray[np.float64]:
        """Return the numbers."""
        return self.answers(units)

    def to_units(self, numbers: NDArray[Any]) -> NDArray[np.float64]:
        """Return numbers as deviations from the means.

        Parameters
        ----------
        numbers : ndarray of shape (n_rows,) or (n_rows, n_units)

        Returns
        -------
        units : ndarray of shape (n_rows, n_units), float64
        """
        columns = numbers.reshape(len(numbers), self.n_units).astype(np.float64)
        return (columns - self.mean) / self.scale

    def _checked(self, quantiles: Sequence[float]) -> tuple[float, ...]:
        """Return the levels of quantiles, or raise if they do not suit the numbers."""
        levels = tuple(float(level) for level in quantiles)
        steps = np.diff([0.0, *levels, 1.0])
        if len(levels) != self.n_units or not (steps > 0.0).all():
            raise ValueError(
                f"quantiles is {levels!r:.200}: it needs {self.n_units} levels between "
                "0 and 1, each above the one before"
            )
        for name in ("mean", "scale", "low", "high"):
            values = getattr(self, name)
            if (values != values[0]).any():
                raise ValueError(
                    f"{name} is {values.tolist()!r:.200}: quantiles of one target need "
                    "one value, repeated"
                )
        return levels


class LabelSets(Output):
    """Output units that decide which labels a row has. Each row has any number of them.

    Parameters
    ----------
    labels : ndarray of shape (n_labels,)
        Names of the labels, all different, in the order of the columns of an answer.

    Raises
    ------
    ValueError
        If `labels` is empty or not one-dimensional, or holds a name twice.
    """

    kind = "label_sets"

    def __init__(self, labels: ArrayLike) -> None:
        self.labels = np.asarray(labels)
        if self.labels.ndim != 1 or not 0 < self.labels.size == len(
            {*self.labels.tolist()}
        ):
            raise ValueError(
                "labels is empty, holds a label twice, or is not one-dimensional: "
                f"{labels!r:.100}"
            )

    @property
    def n_units(self) -> int:
        """Number of labels."""
        return self.labels.size

    @property
    def activation(self) -> str:
        """Name of the output units' activation in scikit-learn."""
        return "logistic"

    @property
    def identity(self) -> tuple[Any, ...]:
        """Names of the labels."""
        return self.kind, *self.labels.tolist()

    def __str__(self) -> str:
        return counted(self.n_units, "label")

    def answers(self, units: NDArray[Any]) -> NDArray[np.float32]:
        """Return the probability of each label.

        Parameters
        ----------
        units : ndarray of shape (n_rows, n_units)
            Values of the output units.

        Returns
        -------
        probabilities : ndarray of shape (n_rows, n_units), float32
        """
        return logistic(units)

    def mean_change(self, one: Any, other: Any, X: Any) -> float:
        """Return the mean absolute difference of two students' probabilities."""
        return float(np.abs(one.predict_proba(X) - other.predict_proba(X)).mean())

    def decide(self, units: NDArray[Any]) -> NDArray[np.intp]:
        """Return 1 for each label that a row has, and 0 for the others."""
        return (units > 0).astype(np.intp)


def _finite_or_bounds(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return a part of `Numbers` as an array, or raise if it holds a wrong value."""
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions, and needs one")
    wrong = np.isnan(array) if name in ("low", "high") else ~np.isfinite(array)
    if wrong.any():
        raise ValueError(f"{name} holds {array[wrong][0]}")
    return array
