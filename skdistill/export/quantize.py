"""Students in fewer bits, and what that costs."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.export.source import student_of
from skdistill.student.quantization import WEIGHT_DTYPES
from skdistill.student.student import Student


@dataclass(frozen=True)
class QuantizationCost:
    """What rounding the weights of a student costs and saves.

    Attributes
    ----------
    bytes_before, bytes_after : int
        `Student.nbytes`: weights, scales, biases and knots.
    n_rows : int or None
        Number of rows that were measured. None, as what follows, without any.
    agreement : float or None
        The share of them whose label stayed.
    greatest_change : float or None
        Of a probability.
    accuracy_before, accuracy_after : float or None
        The share of right labels. None, as what follows, without labels.
    log_loss_before, log_loss_after : float or None
        The mean of minus the logarithm of the label's probability, in nats.
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

    def __str__(self) -> str:
        share = 100 * self.bytes_after / self.bytes_before
        text = (
            f"{self.bytes_before:,} bytes before, {self.bytes_after:,} after "
            f"({share:.1f} %)"
        )
        if self.n_rows is not None:
            text += (
                f"; on {self.n_rows} rows: agreement {self.agreement:.4f}, greatest "
                f"change of a probability {self.greatest_change:.2g}"
            )
        if self.accuracy_before is not None:
            text += (
                f", accuracy {self.accuracy_before:.4f} before, "
                f"{self.accuracy_after:.4f} after, log-loss "
                f"{self.log_loss_before:.4f} before, {self.log_loss_after:.4f} after"
            )
        return text


class Quantized(NamedTuple):
    """A student in fewer bits.

    Attributes
    ----------
    student : Student
        Of the type that was asked for.
    cost : QuantizationCost
        Its answers beside those of the student that was given.
    """

    student: Student
    cost: QuantizationCost


def quantize(
    model: Any, dtype: str, X: Any = None, y: ArrayLike | None = None
) -> Quantized:
    r"""Round the weights of a student, and measure what that costs.

    Integers of 8 bits have one scale an output, and in the knot table one a row: the
    weight w is stored as :math:`\mathrm{round}(w / s)`, where the scale s maps the
    largest weight of the output, or the row, to 127. Biases and knots stay as they are.
    In float16 biases are rounded, too. They contain what missing values add, and the
    table the differences from that, so that of those rows nothing is stored.

    Rounding starts from the weights that the student has. What they lost before, as in
    a fit with ``weight_dtype="auto"``, no type brings back: of integers, "float32"
    gives a student of the same answers in more bytes, and "float16" rounds once more.
    To choose the type later, fit with ``weight_dtype="float32"``.

    Parameters
    ----------
    model : DistilledClassifier or Student
        A fitted estimator, or a student. Neither is altered.
    dtype : {"int8", "float16", "float32"}
        What the weights and the knot table are rounded to.
    X : table of shape (n_rows, n_features), default=None
        Raw rows to measure on, best such that no model was trained on. None: the bytes
        alone are told.
    y : array-like of shape (n_rows,), default=None
        Their labels, for accuracy and log-loss.

    Returns
    -------
    student : Student
        Rounded. It predicts, is saved and is exported as any.
    cost : QuantizationCost
        Bytes, and how its answers differ.

    Raises
    ------
    TypeError
        Where model is neither an estimator nor a student.
    sklearn.exceptions.NotFittedError
        Where the estimator is not fitted.
    ValueError
        Where dtype is not known or cannot hold a weight, X has no rows or the student
        does not take them, or y does not hold a label of the student for each.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill import Student
    >>> from skdistill.export.quantize import quantize
    >>> weights = np.array([[0.3, -0.2], [1.1, 0.7]])
    >>> exact = Student([weights, [[2.0], [1.0]]], [[0, 0], [0]], "relu", [0, 1])
    >>> X = np.array([[0.5, 1.0], [-2.0, 0.1]])
    >>> student, cost = quantize(exact, "int8", X)
    >>> student.weight_dtype, cost.agreement, round(cost.greatest_change, 4)
    ('int8', 1.0, 0.0016)
    """
    before = student_of(model)
    if dtype not in WEIGHT_DTYPES:
        raise ValueError(f"dtype={dtype!r} is not one of {list(WEIGHT_DTYPES)}")
    if X is None and y is not None:
        raise ValueError("y is given without X: it holds the labels of its rows")
    after = Student(
        before.coefs_,
        before.intercepts_,
        before.activation,
        before.classes_,
        before.input_code,
        before.knot_table_,
        dtype,
    )
    measured = {} if X is None else _measure(before, after, X, y)
    return Quantized(after, QuantizationCost(before.nbytes, after.nbytes, **measured))


def _measure(before: Student, after: Student, X: Any, y: Any) -> dict[str, Any]:
    """Return what rows tell of a cost."""
    probabilities = [student.predict_proba(X) for student in (before, after)]
    first, second = (values.argmax(axis=1) for values in probabilities)
    if not first.size:
        raise ValueError("X has no rows: the cost is measured on some")
    cost: dict[str, Any] = {
        "n_rows": first.size,
        "agreement": float(np.mean(first == second)),
        "greatest_change": float(np.abs(probabilities[0] - probabilities[1]).max()),
    }
    if y is None:
        return cost
    columns = _columns(y, before.classes_, first.size)
    return cost | {
        "accuracy_before": float(np.mean(first == columns)),
        "accuracy_after": float(np.mean(second == columns)),
        "log_loss_before": _log_loss(before.decision_function(X), columns),
        "log_loss_after": _log_loss(after.decision_function(X), columns),
    }


def _columns(y: Any, classes: NDArray[Any], n_rows: int) -> NDArray[np.intp]:
    """Return the column of each label."""
    labels = np.asarray(y)
    if labels.shape != (n_rows,):
        raise ValueError(
            f"y has shape {labels.shape}: it needs a label for each of the {n_rows} "
            f"rows of X, shape ({n_rows},)"
        )
    place_of = {label: place for place, label in enumerate(classes.tolist())}
    for label in labels.tolist():
        if label not in place_of:
            raise ValueError(
                f"y holds {label!r:.100}, which is no label of the student: these are "
                f"{classes.tolist()!r:.200}"
            )
    return np.array([place_of[label] for label in labels.tolist()], dtype=np.intp)


def _log_loss(logits: NDArray[np.float32], columns: NDArray[np.intp]) -> float:
    """Return the log-loss, from logits: probabilities may be too small for a float."""
    values = logits.astype(np.float64)
    if values.ndim == 1:
        values = np.stack([np.zeros_like(values), values], axis=1)
    values -= values.max(axis=1, keepdims=True)
    right = np.take_along_axis(values, columns[:, np.newaxis], axis=1)[:, 0]
    return float(np.mean(np.log(np.exp(values).sum(axis=1)) - right))
