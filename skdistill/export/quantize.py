"""Store a student in fewer bits, and measure the cost."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.common.labels import known_columns
from skdistill.common.log_loss import log_loss
from skdistill.export.source import kept_rows, refuse_kinds_but, student_of
from skdistill.student.quantization import WEIGHT_DTYPES
from skdistill.student.student import Student


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
        Share of the rows whose label did not change.
    greatest_change : float or None
        Greatest change of a probability.
    accuracy_before, accuracy_after : float or None
        Share of correct labels. Without labels, these attributes and those that
        follow are None.
    log_loss_before, log_loss_after : float or None
        Mean of minus the logarithm of the label's probability, in nats.
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
        Student with rounded weights.
    cost : QuantizationCost
        Comparison with the student that was given.
    """

    student: Student
    cost: QuantizationCost


def quantize(
    model: Any, dtype: str, X: Any = None, y: ArrayLike | None = None
) -> Quantized:
    r"""Round the weights of a student, and measure the cost.

    With "int8" each output has a scale s, and in the knot table each row has one. The
    weight w is stored as :math:`\mathrm{round}(w / s)`. The scale maps the largest
    weight of the output, or of the row, to 127. Biases and knots are not rounded.

    With "float16" biases are rounded, too. They then contain the contributions of
    missing values, and the knot table holds differences from these contributions. So
    the rows for missing values are zero and are not stored.

    Rounding starts from the weights that the student has. If these were rounded before,
    for example in a fit with ``weight_dtype="auto"``, no type restores the exact
    weights. From a student with "int8", the type "float32" gives a student with the
    same answers and more bytes, and the type "float16" rounds once more. To choose the
    type later, fit with ``weight_dtype="float32"``.

    Parameters
    ----------
    model : DistilledClassifier, Student or Pipeline
        A fitted estimator, a student, or a fitted pipeline of vectorizers and an
        estimator. None is changed.
    dtype : {"int8", "float16", "float32"}
        Type of the stored weights and of the stored knot table.
    X : table of shape (n_rows, n_features) or list of str, default=None
        Raw rows or texts on which the cost is measured, best rows on which no model was
        trained. None: the cost has the bytes only.
    y : array-like of shape (n_rows,), default=None
        Labels of the rows, for accuracy and log-loss.

    Returns
    -------
    student : Student
        Student with rounded weights. It predicts, and can be saved and exported, like
        any other.
    cost : QuantizationCost
        Bytes before and after, and the change of the answers.

    Raises
    ------
    TypeError
        If model is neither an estimator nor a student.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If dtype is not known or cannot hold a weight, if X has no rows, if the student
        does not accept X, or if y does not have a label of the student for each row.

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
        raise ValueError("y is given without X: it holds the labels of the rows of X")
    after = Student(
        before.coefs_,
        before.intercepts_,
        before.activation,
        output=before.output,
        input_code=before.input_code,
        knot_table=before.knot_table_,
        weight_dtype=dtype,
        feature_names=before.names,
        offsets=before.offsets_,
        kept_columns=before.kept_columns,
        text=before.text,
    )
    measured = {} if X is None else _measure(before, after, X, y)
    return Quantized(after, QuantizationCost(before.nbytes, after.nbytes, **measured))


def _measure(before: Student, after: Student, X: Any, y: Any) -> dict[str, Any]:
    """Return the attributes of a cost that are measured on rows."""
    refuse_kinds_but(("classes",), before, "the measurement of a cost")
    X = kept_rows(X)
    probabilities = [student.predict_proba(X) for student in (before, after)]
    first, second = (values.argmax(axis=1) for values in probabilities)
    if not first.size:
        raise ValueError("X has no rows: measuring the cost needs at least one")
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
        "log_loss_before": _log_loss(before, X, columns),
        "log_loss_after": _log_loss(after, X, columns),
    }


def _columns(y: Any, classes: NDArray[Any], n_rows: int) -> NDArray[np.intp]:
    """Return the class index of each label."""
    labels = np.asarray(y)
    if labels.shape != (n_rows,):
        raise ValueError(
            f"y has shape {labels.shape}: it needs a label for each of the {n_rows} "
            f"rows of X, so the shape ({n_rows},)"
        )
    return known_columns(labels, classes, "y")


def _log_loss(student: Student, X: Any, columns: NDArray[np.intp]) -> float:
    """Return the log-loss of a student on rows."""
    logits = student.output.all_logits(student.decision_function(X))
    return log_loss(logits.astype(np.float64), columns)
