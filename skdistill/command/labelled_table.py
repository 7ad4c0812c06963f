"""A table in a file as rows and labels: which columns are used, and which rows."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skdistill.command.choose_task import choose_task
from skdistill.command.columns import (
    Kind,
    is_nearly_unique,
    take_columns,
)
from skdistill.command.free_text import take_text_alone, take_texts
from skdistill.command.parser import split_names
from skdistill.command.rows_to_test import check_form, read_in_form
from skdistill.command.target import Target
from skdistill.command.task import FEWEST_ROWS_OF_TABLE, LearnedTask
from skdistill.common.text import counted
from skdistill.tables.file import read_table_file, separator_advice


class FileRows(NamedTuple):
    """Rows of a file.

    Attributes
    ----------
    X : DataFrame of shape (n_rows, n_features)
        Columns that the student or the teacher takes, maybe none.
    target : Target
        Labels of these rows.
    """

    X: Any
    target: Target

    def rows(self, *, labelled: bool) -> np.ndarray:
        """Return the numbers of the rows that have a label, or that have none."""
        return np.flatnonzero(self.target.is_labelled == labelled)


class LabelledTable(NamedTuple):
    """Rows of one or two files.

    Attributes
    ----------
    task : LearnedTask
        Task that the column to predict is learned as.
    given : FileRows
        Rows of the table.
    columns : list of TakenColumn
        All columns but the one to predict, as they are taken. The table alone tells it.
    tested : FileRows or None
        Rows of the file to test, read in the form of the table.
    """

    task: LearnedTask
    given: FileRows
    columns: list
    tested: FileRows | None

    @property
    def texts(self) -> list[str]:
        """Names of the columns of free text that the student reads."""
        return [
            column.name
            for column in self.columns
            if column.kind is Kind.TEXT and not column.left_out
        ]


def read_labelled_table(
    path: Path,
    targets: Collection[str],
    *,
    task: str | None = None,
    test_path: Path | None = None,
    encoding: str = "utf-8",
    dropped: Collection[str] = (),
    numbers: Collection[str] = (),
    texts: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
    teacher: Any = None,
) -> LabelledTable:
    """Read a table, and a file with rows to test.

    Parameters
    ----------
    path : Path
        Path of the table.
    targets : collection of str
        Names of the columns to predict. Each is one name, or several with commas
        between. Several columns hold label sets.
    task : {"classes", "numbers"} or None, default=None
        Task to learn. None to choose it: see `choose_task`.
    test_path : Path or None, default=None
        Path of the file to test. It needs the columns that are used. The table tells
        what each column is.
    encoding : str, default="utf-8"
        Encoding of CSV files.
    dropped : collection of str, default=()
        Names of columns to leave out, in the same form.
    numbers : collection of str, default=()
        Names of columns whose texts are numbers, in the same form.
    texts : collection of str, default=()
        Names of columns of free text, in the same form. Without other columns, those
        that look like free text are taken as such.
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
        does not suit the task. If a cell of the file to test does not fit its column.
    """
    table = read_table_file(path, encoding)
    _check_table(table.frame, path, targets, encoding)
    predicted = find_columns(targets, table.frame, path)
    left_out = find_columns(dropped, table.frame, path)
    for name in predicted:
        if name in left_out:
            raise ValueError(f"{name!r} is a column to predict: it cannot be left out")
    wanted = find_columns(numbers, table.frame, path)
    free = find_columns(texts, table.frame, path)
    _check_wanted(predicted, {"number": wanted, "text": free, "drop": left_out})
    table = table._replace(frame=table.frame.drop(columns=left_out))
    other = None if test_path is None else read_table_file(test_path, encoding)
    if other is not None:
        check_form(other, table, predicted, (test_path, path))
    learned, values = choose_task(
        task,
        table,
        predicted,
        numbers=wanted,
        renamed=renamed,
        tested=other,
        teacher=teacher,
    )
    learned.check(values, path)
    features = table._replace(frame=table.frame.drop(columns=predicted))
    if features.frame.shape[1] == 0:
        by_drop = " after --drop" if left_out else ""
        raise ValueError(
            f"{path} has no column besides {learned.name!r} to predict it from{by_drop}"
        )
    columns = take_texts(take_columns(features, wanted), features.frame, free)
    if teacher is None:
        columns = take_text_alone(columns)
    used, columns = _used(columns, teacher)
    given = FileRows(_frame_of(used, table), values)
    if other is None:
        return LabelledTable(learned, given, columns, None)
    paths = (test_path, path)
    check_form(other, table, list(used), paths)
    X = read_in_form(used, other, table, wanted, paths)
    tested = FileRows(X, learned.read_tested(other, table, values, paths))
    return LabelledTable(learned, given, columns, tested)


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
        for name in split_names(text, frame):
            if name not in frame:
                known = ", ".join(map(repr, frame.columns[:20]))
                raise ValueError(f"{path} has no column {name!r}; it has {known}")
            found.append(name)
    return found


def _check_wanted(predicted, options):
    """Raise if an option names a column to predict, or if two name one column."""
    for target in predicted:
        if target in options["text"]:
            raise ValueError(
                f"{target!r} is the column to predict, and --text is for the others: "
                "--label gives its labels other names"
            )
    for one, other in (("number", "drop"), ("text", "drop"), ("number", "text")):
        both = [name for name in options[one] if name in options[other]]
        if both:
            raise ValueError(f"{both[0]!r} is in both --{one} and --{other}: give one")


def _check_table(frame, path, targets, encoding):
    """Raise unless a table has several columns, and enough rows."""
    if frame.shape[1] == 1 and frame.columns[0] not in targets:
        advice = separator_advice(path, encoding) or "separate the columns by commas"
        raise ValueError(
            f"{path} was read as a single column, {str(frame.columns[0])!r:.100}: "
            f"{advice}"
        )
    if len(frame) < FEWEST_ROWS_OF_TABLE:
        raise ValueError(
            f"{path} has {counted(len(frame), 'row')}: {FEWEST_ROWS_OF_TABLE} are "
            "needed"
        )


def _frame_of(columns, table):
    """Return a frame of the values of columns."""
    import pandas as pd

    values = {name: column.values for name, column in columns.items()}
    return pd.DataFrame(values, index=table.frame.index)


def _used(columns, teacher):
    """Return the columns to use by name, and all columns with more remarks."""
    names = [column.name for column in columns]
    needed = _needed(teacher, names)
    if needed is None:
        return {c.name: c for c in columns if not c.left_out}, columns
    columns = [_for_teacher(column, column.name in needed) for column in columns]
    by_name = {column.name: column for column in columns}
    return {name: by_name[name] for name in needed}, columns


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


def _for_teacher(column, is_needed):
    """Return a column as a given teacher makes it be taken."""
    if not is_needed:
        return column._replace(
            left_out=True, remark="the teacher was fitted without it", remedy=None
        )
    if not column.left_out:
        return column
    # The student gets all columns of the teacher, and leaves some out itself.
    left_out = column.kind is Kind.NOTHING or is_nearly_unique(column.values)
    kind = column.kind if left_out else Kind.LEVELS
    remark = f"{column.remark}; the teacher takes it"
    return column._replace(kind=kind, left_out=left_out, remark=remark, remedy=None)
