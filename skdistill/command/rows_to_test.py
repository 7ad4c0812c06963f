"""A file with rows to test, read in the form of the table."""

import shlex
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from skdistill.command.columns import Kind, TakenColumn, take_column
from skdistill.command.console import one_line
from skdistill.command.free_text import text_values
from skdistill.command.text_column import TextColumn, are_texts, truth_values
from skdistill.common.text import counted
from skdistill.tables.file import FileTable
from skdistill.tables.texts import TRUTH_WORDS, are_numbers, read_written_numbers


def check_form(
    tested: FileTable, table: FileTable, names: Collection[str], paths: tuple
) -> None:
    """Raise unless a file to test has the form and the columns of a table.

    Parameters
    ----------
    tested, table : FileTable
        The file to test, and the table.
    names : collection of str
        Names of the columns that are used.
    paths : tuple of Path and Path
        Path of the file to test and path of the table, for an error.

    Raises
    ------
    ValueError
        If one file is CSV and the other Parquet, or if a column is not there.
    """
    if table.cells_are_texts != tested.cells_are_texts:
        raise ValueError(
            f"{paths[0]} and {paths[1]} differ in form: give both as CSV or both as "
            "Parquet"
        )
    missing = [name for name in names if name not in tested.frame]
    if missing:
        raise ValueError(f"{paths[0]} has no column {missing[0]!r}, and {paths[1]} has")


def read_in_form(
    columns: Mapping[str, TakenColumn],
    tested: FileTable,
    table: FileTable,
    numbers: Collection[str],
    paths: tuple,
) -> Any:
    """Read columns of a file to test as those of the table were taken.

    Parameters
    ----------
    columns : mapping of str to TakenColumn
        Columns of the table to read, by name.
    tested, table : FileTable
        The file to test, and the table.
    numbers : collection of str
        Names of columns whose texts are numbers. Their other texts are missing values.
    paths : tuple of Path and Path
        Path of the file to test and path of the table, for an error.

    Returns
    -------
    X : DataFrame

    Raises
    ------
    ValueError
        If a cell is of another kind than the column of the table.
    """
    import pandas as pd

    values = {}
    for name, column in columns.items():
        series = tested.frame[name]
        if column.kind is Kind.NOTHING:
            values[name] = np.full(len(series), np.nan)
        elif column.kind is Kind.TEXT:
            values[name] = text_values(series)
        elif are_texts(series, tested.cells_are_texts):
            written = None
            if name in numbers and are_texts(table.frame[name], table.cells_are_texts):
                written = TextColumn.of(name, table.frame[name], words=True).texts
            values[name] = _texts_in_form(column, series, tested, written, paths)
        else:
            values[name] = _typed_in_form(column, series, paths)
    return pd.DataFrame(values, index=tested.frame.index)


def _texts_in_form(column, series, tested, written, paths):
    """Return texts as values of the kind of a column.

    `written` are the texts of the table if they are numbers that people wrote.
    """
    words = tested.cells_are_texts or written is not None
    found = TextColumn.of(column.name, series, words=words)
    if written is not None:
        return found.numbers(read_written_numbers(found.texts, written).values)
    if column.kind is Kind.TRUTH and tested.cells_are_texts:
        _check_texts(
            found, [text in TRUTH_WORDS for text in found.texts], column, paths
        )
        cells = [TRUTH_WORDS[text] for text in found.texts] + [None]
        return _truth(cells[code] for code in found.codes)
    if column.kind is Kind.NUMBERS and tested.cells_are_texts:
        _check_texts(
            found, [are_numbers([text]) for text in found.texts], column, paths
        )
        return found.numbers(np.fromiter(map(float, found.texts), float))
    if column.kind in (Kind.NUMBERS, Kind.TRUTH):
        _check_texts(found, [False] * len(found.texts), column, paths)
    return found.categorical()


def _check_texts(found, fits, column, paths):
    """Raise an error that names the first text that does not fit a column."""
    stray = ~np.array(fits, dtype=bool)
    if not stray.any():
        return
    rows = found.rows_of(stray)
    advice = ""
    if column.kind is Kind.NUMBERS:
        option = f"--number {shlex.quote(one_line(str(column.name), 60))}"
        advice = f". With {option} such words are missing values"
    raise ValueError(
        f"column {column.name!r} of {paths[0]} holds {found.first(stray)} in "
        f"{counted(rows, 'row')}, and that of {paths[1]} holds "
        f"{column.kind.value}{advice}"
    )


def _typed_in_form(column, series, paths):
    """Return values of a Parquet file as values of the kind of a column."""
    taken = take_column(series, cells_are_texts=False)
    if taken.kind is Kind.NOTHING and column.kind is Kind.TRUTH:
        return truth_values([None] * len(series))
    if taken.kind not in (Kind.NOTHING, column.kind):
        raise ValueError(
            f"column {column.name!r} of {paths[0]} holds {taken.kind.value}, and that "
            f"of {paths[1]} holds {column.kind.value}"
        )
    if taken.kind is Kind.NOTHING and column.kind is Kind.LEVELS:
        return TextColumn.of(column.name, series, words=False).categorical()
    return taken.values


def _truth(cells):
    """Return truth values as an array, or as a Categorical if some are missing."""
    cells = list(cells)
    return truth_values(cells) if None in cells else np.array(cells, dtype=bool)
