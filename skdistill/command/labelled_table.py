"""A table in a file as rows and labels: which columns are used, and which rows."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skdistill.command.columns import (
    Kind,
    is_nearly_unique,
    take_columns,
)
from skdistill.command.free_text import take_text_alone, take_texts
from skdistill.command.rows_to_test import check_form, read_in_form
from skdistill.command.target import Target, read_target, read_tested_target
from skdistill.tables.file import read_table_file, separator_advice

_FEWEST_ROWS = 20


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
    given : FileRows
        Rows of the table.
    columns : list of TakenColumn
        All columns but the one to predict, as they are taken. The table alone tells it.
    tested : FileRows or None
        Rows of the file to test, read in the form of the table.
    """

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
    target: str,
    *,
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
    target : str
        Name of the column to predict.
    test_path : Path or None, default=None
        Path of the file to test. It needs the columns that are used. The table tells
        what each column is.
    encoding : str, default="utf-8"
        Encoding of CSV files.
    dropped : collection of str, default=()
        Names of columns to leave out. Each is one name, or several with commas between.
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
        holds no classes. If a cell of the file to test does not fit its column.
    """
    table = read_table_file(path, encoding)
    _check_table(table.frame, path, target, encoding)
    left_out = find_columns(dropped, table.frame, path)
    if target in left_out:
        raise ValueError(f"{target!r} is the column to predict: it cannot be left out")
    wanted = find_columns(numbers, table.frame, path)
    free = find_columns(texts, table.frame, path)
    _check_wanted(target, {"number": wanted, "text": free, "drop": left_out})
    table = table._replace(frame=table.frame.drop(columns=left_out))
    other = None if test_path is None else read_table_file(test_path, encoding)
    if other is not None:
        check_form(other, table, [target], (test_path, path))
    labels = read_target(table, target, renamed, other)
    _check_labels(labels, path, target)
    features = table._replace(frame=table.frame.drop(columns=target))
    if features.frame.shape[1] == 0:
        by_drop = " after --drop" if left_out else ""
        raise ValueError(
            f"{path} has no column besides {target!r} to predict it from{by_drop}"
        )
    columns = take_texts(take_columns(features, wanted), features.frame, free)
    if teacher is None:
        columns = take_text_alone(columns)
    used, columns = _used(columns, teacher)
    given = FileRows(_frame_of(used, table), labels)
    if other is None:
        return LabelledTable(given, columns, None)
    paths = (test_path, path)
    check_form(other, table, list(used), paths)
    X = read_in_form(used, other, table, wanted, paths)
    tested = FileRows(
        X, read_tested_target(other, target, renamed, labels.labels.dtype, paths)
    )
    _check_tested(tested, labels, test_path, path, target)
    return LabelledTable(given, columns, tested)


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


def _check_wanted(target, options):
    """Raise if an option names the column to predict, or if two name one column."""
    for option in ("number", "text"):
        if target in options[option]:
            raise ValueError(
                f"{target!r} is the column to predict, and --{option} is for the "
                "others: --label gives its labels other names"
            )
    for one, other in (("number", "drop"), ("text", "drop"), ("number", "text")):
        both = [name for name in options[one] if name in options[other]]
        if both:
            raise ValueError(f"{both[0]!r} is in both --{one} and --{other}: give one")


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


def _check_labels(target, path, name):
    """Raise unless the labels are classes, and enough rows have one."""
    labels = target.labels[target.is_labelled].tolist()
    if len(labels) < _FEWEST_ROWS:
        raise ValueError(
            f"{path} has {len(labels)} rows with a value of {name!r}: {_FEWEST_ROWS} "
            "are needed"
        )
    different = len(set(labels))
    if different == 1:
        raise ValueError(
            f"{name!r} holds the one label {labels[0]!r:.60} in all {len(labels)} rows "
            f"of {path} that have a label: two are needed"
        )
    if different > max(50, len(labels) // 2):
        raise ValueError(
            f"{name!r} has {different} different values in {len(labels)} rows: give "
            "a column of classes, or put numbers into intervals"
        )


def _check_tested(tested, target, test_path, path, name):
    """Raise unless a row of the file to test has a label of the table."""
    labels = tested.target.labels[tested.rows(labelled=True)].tolist()
    if not labels:
        raise ValueError(f"{test_path} has no row with a value of {name!r}")
    known = sorted(set(target.labels[target.is_labelled].tolist()), key=str)
    if set(labels).isdisjoint(known):
        raise ValueError(
            f"{test_path} has no label of {path} in {name!r}: it holds "
            f"{labels[0]!r:.60}, and the table holds {known!r:.200}. --label gives "
            "labels other names"
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
