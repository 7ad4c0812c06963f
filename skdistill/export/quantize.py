"""Store a student in fewer bits, and measure the cost."""

from typing import Any, NamedTuple

from numpy.typing import ArrayLike

from skdistill.export.quantization_cost import QuantizationCost, measured_cost
from skdistill.export.source import student_of
from skdistill.student.quantization import WEIGHT_DTYPES
from skdistill.student.student import Student


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
    model : DistilledClassifier, DistilledRegressor, Student or Pipeline
        A fitted estimator, a student, or a fitted pipeline of vectorizers and an
        estimator. None is changed.
    dtype : {"int8", "float16", "float32"}
        Type of the stored weights and of the stored knot table.
    X : table of shape (n_rows, n_features) or list of str, default=None
        Raw rows or texts on which the cost is measured, best rows on which no model was
        trained. None: the cost has the bytes only.
    y : array-like of shape (n_rows,) or (n_rows, n_outputs), default=None
        Labels, indicators of labels, or numbers of the rows, for accuracy and loss.
        Indicators may be sparse.

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
        does not accept X, or if y does not have a label of the student, or a number,
        for each row.

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
    measured = {} if X is None else measured_cost(before, after, X, y)
    return Quantized(after, QuantizationCost(before.nbytes, after.nbytes, **measured))
