"""The functions whose sum an additive student computes, in the units of the raw table.

A student without hidden layers adds up one function of each column. A function of a
number is piecewise linear. A function of a category has one value a level.

Only NumPy is imported, so that this file works where a student does.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Relative error of the moments that an input code stores in single precision.
_SINGLE = 1e-6


class ShapeFunction(NamedTuple):
    """The contribution of one column to the logits of an additive student.

    A contribution has one number for each output unit. Two classes have one unit: the
    contribution to the log-odds of the second class. More classes have one each.

    Attributes
    ----------
    name : str
        Name of the column. Without names, ``x`` and the number of the column.
    feature : int
        Number of the column.
    kind : {"numeric", "category", "unused"}
        How the student uses the column. An unused column contributes nothing.
    xs : ndarray of shape (n_xs,), float64
        Values of the column between which the function is a straight line, in
        increasing order and in raw units. The first and the last are the least and the
        greatest value that the student distinguishes: the function is constant below
        and above, if `slope` is zero. Empty unless the kind is "numeric".
    levels : list of str, int, float or bool
        Levels of a category. Empty unless the kind is "category".
    contributions : ndarray of shape (n_xs, n_units) or (n_levels, n_units), float64
        Contributions at `xs`, or of `levels`.
    slope : ndarray of shape (n_units,), float64
        Contribution of one unit of the column beyond the first and the last of `xs`.
        Only a student without an input code has a slope. It then has one x, whose
        contribution is zero.
    missing : ndarray of shape (n_units,), float64, or None
        Contribution of a missing value. None if the student takes no missing value.
    other : ndarray of shape (n_units,), float64, or None
        Contribution of a rare or unseen level. None unless the kind is "category".
    has_two_values : bool
        Whether the rows of `fit` held no other numbers than the two of `xs`. The
        student knows it of the columns that it standardises.
    offset : float
        Number that `Student.numbers` subtracts from the column. `xs` contains it.
    """

    name: str
    feature: int
    kind: str
    xs: NDArray[np.float64]
    levels: list
    contributions: NDArray[np.float64]
    slope: NDArray[np.float64]
    missing: NDArray[np.float64] | None
    other: NDArray[np.float64] | None
    has_two_values: bool
    offset: float

    def of(self, numbers: Any) -> NDArray[np.float64]:
        """Return the contributions of rows.

        Parameters
        ----------
        numbers : array-like of shape (n_rows,)
            This column of what `Student.numbers` returns: numbers without their
            offset, or indices of levels. NaN marks a missing number.

        Returns
        -------
        contributions : ndarray of shape (n_rows, n_units), float64
        """
        numbers = np.asarray(numbers, dtype=np.float64)
        if self.kind == "unused":
            return np.zeros((numbers.size, self.slope.size))
        if self.other is not None and self.missing is not None:
            table = np.vstack([self.contributions, self.other, self.missing])
            return table[numbers.astype(np.intp)]
        # The difference of knots near an offset is known better than the knots.
        xs = self.xs - self.offset
        inside = np.clip(numbers, xs[0], xs[-1])
        found = np.column_stack(
            [np.interp(inside, xs, values) for values in self.contributions.T]
        )
        found += np.outer(numbers - inside, self.slope)
        missing = np.isnan(numbers)
        if self.missing is not None:
            found[missing] = self.missing
        return found


def is_additive(student: Any) -> bool:
    """Tell whether a student adds up functions of its columns.

    It has no hidden layer, reads no text, and reads all columns.
    """
    is_whole = student.kept_columns is None and student.text is None
    return len(student.coefs_) == 1 and is_whole and not _reads_texts(student)


def _reads_texts(student):
    code = student.input_code
    return code is not None and bool(code.texts)


def shape_functions(student: Any) -> list[ShapeFunction]:
    """Return the functions whose sum an additive student computes.

    The sum of all functions and of the student's intercept is the decision function,
    up to the errors of single precision.

    Parameters
    ----------
    student : Student
        Student without hidden layers, of any number of classes.

    Returns
    -------
    functions : list of ShapeFunction of length n_features
        Function of each column, in the order of the columns. The intercept is
        ``student.intercepts_[0]``.

    Raises
    ------
    ValueError
        If the student has a hidden layer, is pruned, or reads texts.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill import Student
    >>> from skdistill.student.shapes import shape_functions
    >>> student = Student([[[2.0], [-1.0]]], [[0.5]], "relu", [0, 1])
    >>> functions = shape_functions(student)
    >>> [function.name for function in functions]
    ['x0', 'x1']
    >>> X = np.array([[3.0, 1.0], [0.0, 4.0]])
    >>> parts = [f.of(X[:, f.feature]) for f in functions]
    >>> (sum(parts) + student.intercepts_[0]).ravel()
    array([ 5.5, -3.5])
    """
    if _reads_texts(student):
        raise ValueError(
            "student reads text columns, whose scores are no functions of numbers or "
            "levels: only a student without them is a sum of curves"
        )
    if student.kept_columns is not None or student.text is not None:
        raise ValueError(
            "student reads texts, or some columns of sparse rows: only a student of "
            "all columns, with max_terms=None, is a sum of one function a column"
        )
    if not is_additive(student):
        units = ", ".join(str(bias.size) for bias in student.intercepts_[:-1])
        raise ValueError(
            f"student has hidden layers of {units} units, in which the columns "
            "interact: only a student of hidden_layer_sizes=() is a sum of one "
            "function a column"
        )
    n_features, n_units = student.n_features_in_, student.intercepts_[0].size
    names = student.names or [f"x{feature}" for feature in range(n_features)]
    offsets = np.zeros(n_features)
    if student.offsets_ is not None:
        offsets = student.offsets_
    nothing = np.zeros(n_units)
    unused = [
        ShapeFunction(
            name=name,
            feature=feature,
            kind="unused",
            xs=np.empty(0),
            levels=[],
            contributions=np.empty((0, n_units)),
            slope=nothing,
            missing=nothing,
            other=None,
            has_two_values=False,
            offset=float(offsets[feature]),
        )
        for feature, name in enumerate(names)
    ]
    weights = student.coefs_[0].astype(np.float64)
    if student.input_code is None:
        return [
            function._replace(
                kind="numeric",
                xs=np.array([function.offset]),
                contributions=np.zeros((1, n_units)),
                slope=slope,
                missing=None,
            )
            for function, slope in zip(unused, weights, strict=True)
        ]
    used = {
        **_standardised(student.input_code, weights, unused),
        **_coded(student.input_code, student.knot_table_.astype(np.float64), unused),
    }
    return [used.get(function.feature, function) for function in unused]


def _standardised(code, weights, unused):
    """Return the functions of the linear features of an input code, by feature."""
    ranges = np.stack([code.low, code.high, code.mean, code.scale], axis=1)
    functions = {}
    for feature, numbers, weight in zip(
        code.linear.tolist(), ranges.astype(np.float64), weights, strict=True
    ):
        low, high, mean, scale = numbers
        ends = np.array([low, high])
        functions[feature] = unused[feature]._replace(
            kind="numeric",
            xs=ends + unused[feature].offset,
            contributions=np.outer((ends - mean) / scale, weight),
            has_two_values=_are_all_values(low, high, mean, scale),
        )
    return functions


def _coded(code, table, unused):
    """Return the functions of the knots and levels of an input code, by feature."""
    features = [*code.knotted.tolist(), *code.categorical.tolist()]
    parts = np.split(table, code.starts[1:]) if features else []
    functions = {}
    for place, (feature, rows) in enumerate(zip(features, parts, strict=True)):
        function = unused[feature]._replace(missing=rows[-1])
        if place < code.knotted.size:
            functions[feature] = function._replace(
                kind="numeric",
                xs=code.knots[place].astype(np.float64) + function.offset,
                contributions=rows[:-1],
            )
        else:
            functions[feature] = function._replace(
                kind="category",
                levels=code.levels[place - code.knotted.size],
                contributions=rows[:-2],
                other=rows[-2],
            )
    return functions


def _are_all_values(low, high, mean, scale):
    """Tell whether a column holds its least and its greatest value alone.

    No variance is above ``(high - mean) (mean - low)``, and it is reached if all values
    are ends of the range (Bhatia and Davis 2000, "A better bound on the variance").
    """
    width = high - low
    error = _SINGLE * width * (width + abs(mean))
    return bool(abs((high - mean) * (mean - low) - scale**2) <= error)
