"""Columns that were read as the numbers of a row that a student takes.

Only NumPy is imported, so that a student runs on NumPy alone.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from skdistill.student.raw_columns import plain_numbers, short_error
from skdistill.tables.read import CodedColumn


class CodedTable(NamedTuple):
    """Table whose columns were read already, such as a part of a file.

    A student takes it as it takes a frame, without a look at each cell.

    Attributes
    ----------
    coded : list of CodedColumn
        Columns in the order of fit. No number is beyond the range that
        `skdistill.tables.read.check_range` allows.
    """

    coded: Sequence[CodedColumn]


def numbers_of_columns(
    code: Any, columns: Sequence[CodedColumn], offsets: NDArray[np.float64] | None
) -> NDArray[np.float32]:
    """Return columns as the numbers that `InputCode.numbers` describes.

    Parameters
    ----------
    code : InputCode
    columns : sequence of CodedColumn
        Columns in the order of fit.
    offsets : ndarray of shape (n_features,), float64, or None
        Numbers that are subtracted from the columns.

    Returns
    -------
    numbers : ndarray of shape (n_rows, n_numbers), float32

    Raises
    ------
    ValueError
        If the number of columns differs. Or if a column holds text and held numbers in
        fit, or the reverse.
    """
    code.check_n_features(len(columns))
    n_rows = columns[0].values.size if columns else 0
    numbers = np.empty((n_rows, code.n_numbers), dtype=np.float32)
    for feature, (column, levels) in enumerate(
        zip(columns, code.levels_of_features, strict=True)
    ):
        if levels is not None:
            numbers[:, feature] = levels.indices(column)
        elif column.labels is None or feature in code.features_of_numbers:
            values = plain_numbers(column)
            if offsets is not None and offsets[feature]:
                values = values.astype(np.float64) - offsets[feature]
            numbers[:, feature] = values
        else:
            numbers[:, feature] = np.nan
    first = code.n_features
    for text in code.texts:
        scores = text.of_column(columns[text.feature])
        numbers[:, first : first + text.n_units] = scores
        first += text.n_units
    return numbers


def numbers_of_table(student: Any, table: CodedTable) -> NDArray[Any]:
    """Return the numbers of a table, of which a student without a code makes rows.

    Parameters
    ----------
    student : Student
    table : CodedTable

    Returns
    -------
    numbers : ndarray of shape (n_rows, n_columns), float32 or float64
        Rows as `Student.numbers` returns them if the student has an input code.
        Otherwise the raw numbers, in double precision if offsets are subtracted.

    Raises
    ------
    ValueError
        If a column does not fit, or is too short for its offset.
    """
    columns, offsets = table.coded, student.offsets_
    if offsets is not None:
        for column, offset in zip(columns, offsets.tolist(), strict=False):
            kind = column.values.dtype
            if offset and column.labels is None and kind == np.float32:
                raise short_error(column.name, kind, offset)
    if student.input_code is not None:
        return numbers_of_columns(student.input_code, columns, offsets)
    n_rows = columns[0].values.size if columns else 0
    dtype = np.float32 if offsets is None else np.float64
    numbers = np.empty((n_rows, len(columns)), dtype=dtype)
    for place, column in enumerate(columns):
        numbers[:, place] = plain_numbers(column)
    return numbers
