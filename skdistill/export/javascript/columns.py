"""The columns of a student, as its JavaScript and TypeScript describe them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.student.student import Student


@dataclass(frozen=True)
class JavaScriptColumn:
    """A column of raw rows.

    Attributes
    ----------
    name : str
        Key of the column in a row that is an object.
    kind : {"plain", "linear", "knotted", "category", "unused"}
        How the student uses the column.
    first_row : int
        First row of the column among the weights of the first layer.
    values : ndarray, float32, or None
        Knots of a knotted column, or range, mean and scale of a linear one.
    levels : list of str, int, float or bool, or None
        Levels of a column of categories.
    offset : float
        Number that is subtracted from the column first.
    """

    name: str
    kind: str
    first_row: int = 0
    values: NDArray[np.float32] | None = None
    levels: list[Any] | None = None
    offset: float = 0.0


def javascript_columns(student: Student, names: Any) -> list[JavaScriptColumn]:
    """Return the columns of a student, in their order.

    Parameters
    ----------
    student : Student
    names : array-like of shape (n_features,) of str, or None
        Names of the columns. With None, or if two names are equal, the columns are
        named ``x0``, ``x1`` and so on.

    Returns
    -------
    columns : list of JavaScriptColumn
    """
    n_features = student.n_features_in_
    keys = [] if names is None else [str(name) for name in names]
    if len(set(keys)) < n_features:
        keys = [f"x{feature}" for feature in range(n_features)]
    code = student.input_code
    offsets = [0.0] * n_features
    if student.offsets_ is not None:
        offsets = student.offsets_.tolist()
    if code is None:
        return [
            JavaScriptColumn(key, "plain", row, offset=offset)
            for row, (key, offset) in enumerate(zip(keys, offsets, strict=True))
        ]
    columns = [JavaScriptColumn(key, "unused") for key in keys]
    parameters = zip(code.low, code.high, code.mean, code.scale, strict=True)
    for row, (feature, numbers) in enumerate(zip(code.linear, parameters, strict=True)):
        values = np.array(numbers)
        columns[feature] = JavaScriptColumn(
            keys[feature], "linear", row, values, offset=offsets[feature]
        )
    first_rows = (code.n_linear + code.starts).tolist()
    knotted = zip(code.knotted, first_rows, code.knots, strict=False)
    for feature, row, knots in knotted:
        columns[feature] = JavaScriptColumn(
            keys[feature], "knotted", row, knots, offset=offsets[feature]
        )
    first_rows = first_rows[code.knotted.size :]
    categorical = zip(code.categorical, first_rows, code.levels, strict=True)
    for feature, row, levels in categorical:
        key = keys[feature]
        columns[feature] = JavaScriptColumn(key, "category", row, levels=levels)
    return columns
