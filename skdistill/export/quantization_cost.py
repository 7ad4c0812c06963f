"""The cost of rounding the weights of a student, measured on rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.common.labels import known_columns
from skdistill.common.log_loss import log_loss
from skdistill.common.text import counted
from skdistill.export.source import kept_rows
from skdistill.student.student import Student
from skdistill.tables.sparse import as_csr, is_sparse


@dataclass(frozen=True)
class QuantizationCost:
    """Cost and saving of rounding the weights of a student.

    Attributes
    ----------
    bytes_before, bytes_after : int
        Number of bytes of weights, scales, biases and knots, `Student.nbytes`.
    n_rows : int or None
        Number of rows on which the cost was measured. Without rows, this attribute
        and all that follow are None.
    agreement : float or None
        Share of the rows whose label did not change, or none of whose labels did. None
        for numbers.
    greatest_change : float or None
        Greatest change of a probability, or of a number in deviations of its target.
    accuracy_before, accuracy_after : float or None
        Share of correct labels. A row with several labels is correct if all are. None
        for numbers. Without labels, these attributes and those that follow are None.
    log_loss_before, log_loss_after : float or None
        Mean of minus the logarithm of the label's probability, in nats. Labels of a row
        are averaged. None for numbers.
    loss_before, loss_after : float or None
        For numbers, the mean squared error in deviations, and for quantiles
        the mean pinball loss in deviations. Outputs are averaged. None for labels.
    """

    bytes_before: int
    bytes_after: int
    n_rows: int | None = None
    agreement: float | None = None
    greatest_change: float | None = None
    accuracy_before: float | None = None
    accuracy_after: float | None = None
    log_loss_before: float | None = None
    log_loss_after: float | None = None
    loss_before: float | None = None
    loss_after: float | None = None

    def __str__(self) -> str:
        share = 100 * self.bytes_after / self.bytes_before
        text = (
            f"{self.bytes_before:,} bytes before, {self.bytes_after:,} after "
            f"({share:.1f} %)"
        )
        if self.n_rows is not None:
            text += f"; on {counted(self.n_rows, 'row')}: "
            if self.agreement is None:
                text += f"greatest change {self.greatest_change:.2g} deviations"
            else:
                text += (
                    f"agreement {self.agreement:.4f}, greatest change of a probability "
                    f"{self.greatest_change:.2g}"
                )
        if self.loss_before is not None:
            text += f", loss {self.loss_before:.4g} before, {self.loss_after:.4g} after"
        if self.accuracy_before is not None:
            text += (
                f", accuracy {self.accuracy_before:.4f} before, "
                f"{self.accuracy_after:.4f} after, log-loss "
                f"{self.log_loss_before:.4f} before, {self.log_loss_after:.4f} after"
            )
        return text


def measured_cost(before: Student, after: Student, X: Any, y: Any) -> dict[str, Any]:
    """Return the attributes of a cost that are measured on rows.

    Parameters
    ----------
    before, after : Student
    X : table of shape (n_rows, n_features) or list of str
    y : array-like of shape (n_rows,) or (n_rows, n_outputs), or None

    Returns
    -------
    cost : dict of str to value

    Raises
    ------
    ValueError
        If X has no rows, or if y does not suit X and the student.
    """
    X = kept_rows(X)
    units = [student.units(X).astype(np.float64) for student in (before, after)]
    n_rows = len(units[0])
    if not n_rows:
        raise ValueError("X has no rows: measuring the cost needs at least one")
    measure = _MEASURES[before.output.kind]
    return {"n_rows": n_rows} | measure(before, after, units, X, y)


def _cost_of_classes(before, after, units, X, y):
    """Return changes of labels and probabilities, accuracy and log-loss."""
    probabilities = [student.predict_proba(X) for student in (before, after)]
    first, second = (values.argmax(axis=1) for values in probabilities)
    cost = {
        "agreement": float(np.mean(first == second)),
        "greatest_change": _greatest_change(*probabilities),
    }
    if y is None:
        return cost
    labels = np.asarray(y)
    _check_shape(labels, (first.size,), "a label")
    columns = known_columns(labels, before.classes_, "y")
    logits = [before.output.all_logits(values) for values in units]
    return cost | {
        "accuracy_before": float(np.mean(first == columns)),
        "accuracy_after": float(np.mean(second == columns)),
        "log_loss_before": log_loss(logits[0], columns),
        "log_loss_after": log_loss(logits[1], columns),
    }


def _cost_of_label_sets(before, after, units, X, y):
    """Return changes of labels and probabilities, accuracy and log-loss."""
    probabilities = [student.predict_proba(X) for student in (before, after)]
    first, second = (before.output.decide(values) for values in units)
    cost = {
        "agreement": float(np.mean((first == second).all(axis=1))),
        "greatest_change": _greatest_change(*probabilities),
    }
    if y is None:
        return cost
    indicators = as_csr(y, "y").toarray() if is_sparse(y) else np.asarray(y)
    _check_shape(indicators, first.shape, f"{before.output.n_units} indicators")
    if not np.isin(indicators, (0, 1)).all():
        raise ValueError("y holds other values than 1, for a label of a row, and 0")
    # A logit below zero is a probability below one half.
    against = [np.where(indicators == 1, -values, values) for values in units]
    return cost | {
        "accuracy_before": float(np.mean((first == indicators).all(axis=1))),
        "accuracy_after": float(np.mean((second == indicators).all(axis=1))),
        "log_loss_before": float(np.logaddexp(0.0, against[0]).mean()),
        "log_loss_after": float(np.logaddexp(0.0, against[1]).mean()),
    }


def _cost_of_numbers(before, after, units, X, y):
    """Return the change of numbers, and their loss."""
    output, n_rows = before.output, len(units[0])
    first, second = (output.to_units(output.answers(values)) for values in units)
    cost: dict[str, Any] = {"greatest_change": _greatest_change(first, second)}
    if y is None:
        return cost
    is_flat = output.is_flat or output.quantiles is not None
    numbers = _numbers(y)
    words = "a number" if is_flat else f"{output.n_units} numbers"
    _check_shape(numbers, (n_rows,) if is_flat else (n_rows, output.n_units), words)
    if not np.isfinite(numbers).all():
        raise ValueError("y holds a number that is missing or infinite")
    # Quantiles share one target.
    shape = (n_rows, output.n_units)
    targets = output.to_units(np.broadcast_to(numbers.reshape(n_rows, -1), shape))
    losses = [_loss(output, targets - answers) for answers in (first, second)]
    return cost | {"loss_before": losses[0], "loss_after": losses[1]}


_MEASURES: dict[str, Callable[..., dict[str, Any]]] = {
    "classes": _cost_of_classes,
    "numbers": _cost_of_numbers,
    "label_sets": _cost_of_label_sets,
}


def _numbers(y):
    """Return y as numbers, or raise if it holds other values."""
    cells = np.asarray(y)
    try:
        if cells.dtype.kind in "USmMc":
            raise ValueError(cells.dtype)
        return np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"y holds values of the type {cells.dtype}, such as "
            f"{next(iter(cells.flat), None)!r:.40}: give a number for each row"
        ) from error


def _loss(output: Any, errors: NDArray[np.float64]) -> float:
    """Return the mean squared error, or the pinball loss of quantiles."""
    if output.quantiles is None:
        return float(np.mean(errors**2))
    levels = np.array(output.quantiles)
    return float(np.mean(np.maximum(levels * errors, (levels - 1.0) * errors)))


def _greatest_change(before: NDArray[Any], after: NDArray[Any]) -> float:
    """Return the greatest absolute difference."""
    return float(np.abs(before - after).max())


def _check_shape(y: NDArray[Any], shape: tuple[int, ...], words: str) -> None:
    """Raise unless y has a shape."""
    if y.shape != shape:
        raise ValueError(
            f"y has shape {y.shape}: it needs {words} for each of the {shape[0]} rows "
            f"of X, so the shape {shape}"
        )
