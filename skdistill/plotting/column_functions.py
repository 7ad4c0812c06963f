"""The functions of an additive student on rows: which are drawn, and their centres."""

from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdistill.common.checks import column_of
from skdistill.plotting.bins import check_count
from skdistill.student.shapes import ShapeFunction, shape_functions
from skdistill.student.student import Student
from skdistill.tables.sparse import as_csr, is_sparse, summed


class ColumnFunction(NamedTuple):
    """Function of one column of an additive student, centred on rows.

    Attributes
    ----------
    name : str
        Name of the column. Without names, ``x`` and the number of the column.
    feature : int
        Number of the column.
    spread : float
        Standard deviation of the contributions over the rows. With several lines it
        is the root of the sum of their variances.
    shape : ShapeFunction
        Function as the student computes it, with its knots or levels.
    numbers : ndarray of shape (n_samples,)
        Value of each row, as `Student.numbers` returns it.
    lines : ndarray of shape (n_units, n_lines)
        Share of each output unit of the student in each line of the picture.
    mean : ndarray of shape (n_lines,)
        Mean contribution of the rows, which is subtracted.
    """

    name: str
    feature: int
    spread: float
    shape: ShapeFunction
    numbers: NDArray[Any]
    lines: NDArray[Any]
    mean: NDArray[Any]

    @property
    def contributions(self) -> NDArray[Any]:
        """Contribution of each row; shape (n_samples, n_lines)."""
        return self.at(self.numbers)

    def at(self, numbers: Any) -> NDArray[Any]:
        """Return the contributions of values.

        Parameters
        ----------
        numbers : array-like of shape (n_values,)
            Values, as `Student.numbers` returns them.

        Returns
        -------
        contributions : ndarray of shape (n_values, n_lines)
        """
        return self.shape.of(numbers) @ self.lines - self.mean


class DrawnFunctions(NamedTuple):
    """Functions of an additive student that are drawn, and what belongs to them all.

    Attributes
    ----------
    functions : list of ColumnFunction
        Functions in the order in which they are drawn.
    intercept : ndarray of shape (n_lines,)
        Value of each line for a row whose contributions are all 0.
    labels : list
        Class of each line.
    n_columns : int
        Number of columns that the student uses.
    """

    functions: list[ColumnFunction]
    intercept: NDArray[Any]
    labels: list
    n_columns: int


def functions_on_rows(
    student: Student,
    names: list[str] | None,
    X: Any,
    pos_label: Any,
    features: Any,
    max_features: int | None,
) -> DrawnFunctions:
    """Return the functions to draw, centred on rows.

    Parameters
    ----------
    student : Student
        Student without hidden layers.
    names : list of str or None
        Names of the columns. None for ``x`` and the number of the column.
    X : table or sparse matrix of shape (n_samples, n_features)
        Rows, as the student takes them.
    pos_label : label or None
        Class whose line is drawn. None for the second of two classes, or for all of
        more classes.
    features : sequence of (int or str), int, str or None
        Columns to draw, in this order. None for those with the greatest spread.
    max_features : int or None
        Greatest number of columns if features is None. None for all.

    Returns
    -------
    drawn : DrawnFunctions

    Raises
    ------
    ValueError
        If the student has a hidden layer, X does not fit, or there is no such column.
    """
    shapes = shape_functions(student)
    if names is not None:
        shapes = [
            shape._replace(name=name) for shape, name in zip(shapes, names, strict=True)
        ]
    lines, labels = _lines(student, pos_label)
    # A prediction checks the rows: their columns, and that all values are finite.
    if not len(student.units(X)):
        raise ValueError("X has no rows: the functions are centred on its rows")
    rows = _SparseRows(X) if is_sparse(X) else _DenseRows(student.numbers(X))
    moments = [rows.moments(shape, lines) for shape in shapes]
    spreads = np.array([spread for _, spread in moments])
    chosen = _choose(shapes, spreads, features, max_features)
    intercept = student.intercepts_[0].astype(np.float64) @ lines
    output: Any = student.output
    if output.kind == "numbers":
        intercept = intercept + output.mean
    return DrawnFunctions(
        [
            ColumnFunction(
                shapes[n].name,
                n,
                spreads[n],
                shapes[n],
                rows.column(n),
                lines,
                moments[n][0],
            )
            for n in chosen
        ],
        intercept + sum(mean for mean, _ in moments),
        labels,
        sum(shape.kind != "unused" for shape in shapes),
    )


class _DenseRows:
    """Rows as an array of numbers."""

    def __init__(self, numbers):
        self.numbers = numbers

    def column(self, feature):
        """Return the values of a column."""
        return self.numbers[:, feature]

    def moments(self, shape, lines):
        """Return mean and spread of the contributions of a column."""
        contributions = shape.of(self.column(shape.feature)) @ lines
        spread = np.sqrt(contributions.var(axis=0).sum())
        return contributions.mean(axis=0), float(spread)


class _SparseRows:
    """Rows as a sparse matrix, whose students are linear in each column.

    Texts have so many columns that they are not made dense to compare their spreads.
    """

    def __init__(self, X):
        self.columns = summed(as_csr(X)).tocsc().astype(np.float64)
        squares = self.columns.copy()
        squares.data **= 2
        self.means = np.ravel(self.columns.mean(axis=0))
        variances = np.ravel(squares.mean(axis=0)) - self.means**2
        self.deviations = np.sqrt(np.maximum(variances, 0.0))

    def column(self, feature):
        """Return the values of a column."""
        return self.columns[:, [feature]].toarray().ravel()

    def moments(self, shape, lines):
        """Return mean and spread of the contributions of a column."""
        slopes, feature = shape.slope @ lines, shape.feature
        spread = self.deviations[feature] * np.linalg.norm(slopes)
        return self.means[feature] * slopes, float(spread)


def _choose(shapes, spreads, features, max_features):
    """Return the numbers of the columns to draw."""
    if max_features is not None:
        check_count(max_features, "max_features")
    used = [shape.feature for shape in shapes if shape.kind != "unused"]
    if not used:
        raise ValueError("the student uses no column: there is nothing to draw")
    if features is None:
        return sorted(used, key=lambda feature: -spreads[feature])[:max_features]
    features = [features] if isinstance(features, str | Real) else list(features)
    names = [shape.name for shape in shapes]
    chosen = [_number_of(item, names) for item in features]
    if not chosen:
        raise ValueError("features is empty: give at least one column")
    for item, feature in zip(features, chosen, strict=True):
        if shapes[feature].kind == "unused":
            raise ValueError(
                f"features holds {item!r:.100}, a column that the student does not "
                "use: in fit it had one value, or nearly as many values as rows"
            )
    return chosen


def _number_of(item, names):
    """Return the number of a column that is asked for by its name or number."""
    if isinstance(item, str):
        if item not in names:
            raise ValueError(
                f"features holds {item!r:.100}, which is no column of fit: the columns "
                f"are {names!r:.200}"
            )
        return names.index(item)
    if isinstance(item, bool | np.bool_) or not isinstance(item, Integral):
        raise ValueError(
            f"features holds {item!r:.100}: give names or numbers of columns"
        )
    if not 0 <= item < len(names):
        raise ValueError(
            f"features holds {item}: the columns have the numbers 0 to {len(names) - 1}"
        )
    return int(item)


def _lines(student, pos_label):
    """Return the share of each output unit in each line, and the lines' labels."""
    output = student.output
    if output.kind == "numbers":
        if pos_label is not None:
            raise ValueError(
                f"pos_label={pos_label!r:.100} was given, and a student of numbers has "
                "no classes"
            )
        return np.diag(output.scale), list(output.quantiles or range(output.n_units))
    labels = student.classes_.tolist()
    column = None if pos_label is None else column_of(pos_label, student.classes_)
    if output.kind == "label_sets":
        columns = list(range(len(labels))) if column is None else [column]
        return np.eye(len(labels))[:, columns], [labels[n] for n in columns]
    if output.is_one_unit:
        column = 1 if column is None else column
        return np.array([[2.0 * column - 1.0]]), [labels[column]]
    # The probabilities stay the same if a number is subtracted from all logits.
    lines = np.eye(output.n_units) - 1.0 / output.n_units
    if column is None:
        return lines, labels
    return lines[:, [column]], [labels[column]]
