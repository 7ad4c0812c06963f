"""A table in a file as rows and labels: which columns are used, and which rows."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skdistill.command.columns import (
    Kind,
    TakenColumn,
    is_nearly_unique,
    take_columns,
)
from skdistill.command.target import Target, read_target
from skdistill.tables.file import (
    FileTable,
    read_table_file,
    separator_advice,
    stack_tables,
)

_FEWEST_ROWS = 20


class LabelledTable(NamedTuple):
    """Rows of one or two files.

    Attributes
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Columns that the student or the teacher takes, maybe none. The rows of a file to
        test follow those of the table.
    target : Target
        Labels of these rows.
    columns : list of TakenColumn
        All columns but the one to predict, as they are taken.
    n_given : int
        Number of rows of the table. The others are to test.
    """

    X: Any
    target: Target
    columns: list
    n_given: int

    def rows(self, *, labelled: bool, given: bool = True) -> np.ndarray:
        """Return numbers of rows.

        Parameters
        ----------
        labelled : bool
            Whether the rows have a label.
        given : bool, default=True
            Whether the rows are of the table, and not of the file to test.

        Returns
        -------
        rows : ndarray of int
        """
        is_given = np.arange(len(self.X)) < self.n_given
        chosen = (self.target.is_labelled == labelled) & (is_given == given)
        return np.flatnonzero(chosen)


def read_labelled_table(
    path: Path,
    target: str,
    *,
    test_path: Path | None = None,
    encoding: str = "utf-8",
    dropped: Collection[str] = (),
    numbers: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
    teacher: Any = None,
) -> LabelledTable:
    """Read a table, and a file with rows to test.

    Parameters
    ----------
    path : Path
        Path of the table.
    target : str
        Name of the column to predict.
    test_path : Path or None, default=None
        Path of the file to test. It needs the columns that are used.
    encoding : str, default="utf-8"
        Encoding of CSV files.
    dropped : collection of str, default=()
        Names of columns to leave out. Each is one name, or several with commas between.
    numbers : collection of str, default=()
        Names of columns whose texts are numbers, in the same form.
    renamed : mapping of str to str or None, default=None
        Labels that replace others.
    teacher : estimator or None, default=None
        Fitted teacher. It gets the columns that it was fitted with, in its order.

    Returns
    -------
    table : LabelledTable

    Raises
    ------
    ValueError
        If a file has too few rows, or lacks a column, or if the column to predict
        holds no classes.
    """
    table = read_table_file(path, encoding)
    _check_table(table.frame, path, target, encoding)
    left_out = find_columns(dropped, table.frame, path)
    if target in left_out:
        raise ValueError(f"{target!r} is the column to predict: it cannot be left out")
    wanted = find_columns(numbers, table.frame, path)
    table = table._replace(frame=table.frame.drop(columns=left_out))
    n_given = len(table.frame)
    if test_path is not None:
        other = read_table_file(test_path, encoding)
        table = stack_tables(table, other, [path, test_path])
    labels = read_target(table, target, renamed)
    _check_labels(labels, n_given, path, test_path, target)
    features = table._replace(frame=table.frame.drop(columns=target))
    if features.frame.shape[1] == 0:
        raise ValueError(f"{path} has no column besides {target!r} to predict it from")
    columns = take_columns(features, wanted, n_given)
    X, columns = _used(columns, features, teacher, n_given)
    return LabelledTable(X, labels, columns, n_given)


def find_columns(names: Collection[str], frame: Any, path: Path) -> list[str]:
    """Return names of columns of a frame.

    Parameters
    ----------
    names : collection of str
        Each is one name, or several with commas between.
    frame : DataFrame
    path : Path
        Path of the table, for an error.

    Returns
    -------
    columns : list of str

    Raises
    ------
    ValueError
        If the frame has no such column.
    """
    found = []
    for text in names:
        for name in [text] if text in frame else text.split(","):
            if name not in frame:
                raise ValueError(_no_column(name, frame, path))
            found.append(name)
    return found


def _no_column(name, frame, path):
    """Return the message that a frame lacks a column."""
    names = ", ".join(map(repr, frame.columns[:20]))
    return f"{path} has no column {name!r}; it has {names}"


def _check_table(frame, path, target, encoding):
    """Raise unless a table has rows and the column to predict."""
    if frame.shape[1] == 1 and target not in frame:
        advice = separator_advice(path, encoding) or "separate the columns by commas"
        raise ValueError(
            f"{path} was read as a single column, {str(frame.columns[0])!r:.100}: "
            f"{advice}"
        )
    if len(frame) < _FEWEST_ROWS:
        raise ValueError(f"{path} has {len(frame)} rows: {_FEWEST_ROWS} are needed")
    if target not in frame:
        raise ValueError(_no_column(target, frame, path))


def _check_labels(target, n_given, path, test_path, name):
    """Raise unless the labels are classes, and enough rows have one."""
    given = target.is_labelled[:n_given]
    n_labelled = int(given.sum())
    if n_labelled < _FEWEST_ROWS:
        raise ValueError(
            f"{path} has {n_labelled} rows with a value of {name!r}: {_FEWEST_ROWS} "
            "are needed"
        )
    if test_path is not None and not target.is_labelled[n_given:].any():
        raise ValueError(f"{test_path} has no row with a value of {name!r}")
    different = len(set(target.labels[:n_given][given].tolist()))
    if different > max(50, n_labelled // 2):
        raise ValueError(
            f"{name!r} has {different} different values in {n_labelled} rows: give "
            "a column of classes, or put numbers into intervals"
        )


def _used(
    columns: list[TakenColumn], table: FileTable, teacher: Any, n_given: int
) -> tuple:
    """Return a frame of the columns to use, and all columns with more remarks."""
    import pandas as pd

    names = [column.name for column in columns]
    needed = _needed(teacher, names)
    if needed is None:
        used = [column.name for column in columns if not column.left_out]
    else:
        used = needed
        given = slice(n_given)
        columns = [_for_teacher(c, c.name in needed, given) for c in columns]
    values = {column.name: column.values for column in columns}
    return pd.DataFrame(
        {name: values[name] for name in used}, index=table.frame.index
    ), columns


def _needed(teacher, names):
    """Return the columns that a teacher gets, or None if there is no teacher.

    A teacher that was fitted with other names gets all columns, and an error tells.
    """
    if teacher is None:
        return None
    known = getattr(teacher, "feature_names_in_", None)
    if known is None or not set(known) <= set(names):
        return names
    return list(known)


def _for_teacher(column, is_needed, given):
    """Return a column as a given teacher makes it be taken."""
    if not is_needed:
        return column._replace(
            left_out=True, remark="the teacher was fitted without it", remedy=None
        )
    if not column.left_out:
        return column
    # The student gets all columns of the teacher, and leaves some out itself.
    left_out = column.kind is Kind.NOTHING or is_nearly_unique(column.values, given)
    kind = column.kind if left_out else Kind.LEVELS
    remark = f"{column.remark}; the teacher takes it"
    return column._replace(kind=kind, left_out=left_out, remark=remark, remedy=None)
