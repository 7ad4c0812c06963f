"""The inputs of an ONNX model: one matrix of numbers, or one input per column."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from skdistill.student.input_code import InputCode
from skdistill.student.output import Output
from skdistill.student.raw_columns import Levels, written_value
from skdistill.student.student import Student
from skdistill.tables.read import CodedColumn, read_coded_columns

MATRIX_NAME = "X"


class ColumnInput(NamedTuple):
    """The input of one column.

    Attributes
    ----------
    feature : int
        Number of the column.
    dtype : {float32, float64, str}
        Type of the values. Levels that are numbers or booleans are float32 if it holds
        each of them exactly, otherwise float64.
    levels : list of str or list of float, or None
        Levels in the form that the input takes. None for numbers.
    missing : str or float
        Value that stands for a missing one: NaN for numbers, the empty text for text,
        or ``<missing>`` if the empty text is a level.
    mixed : Levels or None
        Levels of a column of text and other values. None for any other column.
    """

    feature: int
    dtype: DTypeLike
    levels: list | None
    missing: str | float
    mixed: Levels | None = None

    @property
    def key_dtype(self) -> DTypeLike:
        """Type of an array of levels."""
        return object if self.dtype is str else self.dtype

    def values(self, column: CodedColumn) -> NDArray:
        """Return a column of levels as the input takes it; shape (n_rows,)."""
        if column.labels is None:
            labels, indices = np.unique(column.values, return_inverse=True)
            given = [None if label != label else label for label in labels.tolist()]
        else:
            # A missing value has the index -1, which is that of the last entry.
            given, indices = [*column.labels, None], column.values
        if self.mixed is not None:
            given = self.mixed.as_levels(given)
        spelt = np.empty(len(given), dtype=object)
        spelt[:] = [self._spell(label) for label in given]
        values = spelt[indices]
        return values.astype(self.key_dtype)

    def _spell(self, label):
        """Return a label as the input takes it."""
        if label is None:
            return self.missing
        if self.mixed is not None and label not in self.mixed.index_of:
            # The number 2 is unseen, even if the text "2" is a level.
            return "".join(self.levels) + "?"
        if self.dtype is str:
            return str(label)
        # Text that writes no number is an unseen level here, and so is infinity.
        value = written_value(label)
        return np.inf if isinstance(value, str) else value


def output_names(output: Output) -> tuple[str, ...]:
    """Return the names of a model's outputs, as skl2onnx names them.

    Parameters
    ----------
    output : Output

    Returns
    -------
    names : tuple of str
        No input has one of these names.
    """
    if output.kind == "numbers":
        return ("variable",)
    return ("label", "probabilities")


def column_inputs(code: InputCode) -> list[ColumnInput]:
    """Return an input for each column that the code uses, in the order of columns.

    Parameters
    ----------
    code : InputCode

    Returns
    -------
    inputs : list of ColumnInput

    Raises
    ------
    ValueError
        If two levels of a column would be equal in the input.
    """
    levels = dict(zip(code.categorical.tolist(), code.levels, strict=True))
    used = sorted([*code.linear.tolist(), *code.knotted.tolist(), *levels])
    return [
        _level_input(feature, levels[feature])
        if feature in levels
        else ColumnInput(feature, np.float32, None, np.nan)
        for feature in used
    ]


def model_feeds(student: Student, X: Any) -> list[NDArray]:
    """Return the values of a table for the inputs of the student's ONNX model.

    Parameters
    ----------
    student : Student
    X : table of shape (n_rows, n_features)

    Returns
    -------
    feeds : list of ndarray of shape (n_rows, n_features) or (n_rows, 1)
        One array for each input, in the order of the inputs.
    """
    code = student.input_code
    if code is None:
        return [np.asarray(X, dtype=np.float32)]
    numbers = code.numbers(X)
    if not code.categorical.size:
        return [numbers]
    columns = read_coded_columns(X)
    feeds = [
        numbers[:, item.feature]
        if item.levels is None
        else item.values(columns[item.feature])
        for item in column_inputs(code)
    ]
    return [feed[:, np.newaxis] for feed in feeds]


def _level_input(feature, levels):
    """Return the input of a column of levels."""
    if not levels or any(isinstance(level, str) for level in levels):
        keys = [str(level) for level in levels]
        if len(set(keys)) < len(keys):
            raise _same_levels_error(feature, levels, "text")
        missing = ""
        while missing in keys:
            missing += "<missing>"
        known = Levels.of(levels)
        mixed = None if known.are_text else known
        return ColumnInput(feature, str, keys, missing, mixed)
    try:
        keys = [float(level) for level in levels]
    except OverflowError as error:
        raise ValueError(
            f"the levels of column {feature} hold an integer beyond double precision"
        ) from error
    if len(set(keys)) < len(keys):
        raise _same_levels_error(feature, levels, "numbers of double precision")
    with np.errstate(over="ignore"):
        single = np.array(keys, dtype=np.float32)
    dtype = np.float32 if single.tolist() == keys else np.float64
    return ColumnInput(feature, dtype, keys, np.nan)


def _same_levels_error(feature, levels, kind):
    """Return the error for levels that would be equal in the input."""
    return ValueError(
        f"column {feature} has levels that are the same as {kind}, and an input of an "
        f"ONNX model takes {kind}: {levels!r:.100}"
    )
