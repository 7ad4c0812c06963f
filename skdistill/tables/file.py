"""Read a table from a CSV file, whose cells stay texts, or from a Parquet file."""

import codecs
import warnings
from pathlib import Path
from typing import Any, NamedTuple

_PARQUET = frozenset({".parquet", ".pq"})
_SPREADSHEETS = frozenset({".xls", ".xlsx", ".xlsm", ".ods"})


class FileTable(NamedTuple):
    """Table of a file.

    Attributes
    ----------
    frame : DataFrame
        Table. An empty cell is missing.
    cells_are_texts : bool
        Whether all cells are texts, as they stand in a CSV file. Otherwise columns have
        the types of a Parquet file.
    """

    frame: Any
    cells_are_texts: bool


def read_table_file(path: Path, encoding: str = "utf-8") -> FileTable:
    """Read a table.

    Parameters
    ----------
    path : Path
        Path of the table. It is read as Parquet if it ends in .parquet or .pq,
        otherwise as CSV.
    encoding : str, default="utf-8"
        Encoding of a CSV file.

    Returns
    -------
    table : FileTable

    Raises
    ------
    ImportError
        If pandas, or a package that it needs for Parquet, is not installed.
    UnicodeError
        If a CSV file has another encoding.
    ValueError
        If the file is not such a table.
    OSError
        If the file cannot be read.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise ImportError(
            "reading a table needs pandas: install it, or skdistill[table]"
        ) from error
    if path.suffix.lower() in _SPREADSHEETS:
        raise ValueError(f"{path} is a spreadsheet: save it as CSV first")
    try:
        if path.suffix in _PARQUET:
            frame = pd.read_parquet(path).reset_index(drop=True)
            return FileTable(frame, False)
        with warnings.catch_warnings():
            # Cells beyond the header would be lost with a warning.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                path,
                dtype=str,
                encoding=encoding,
                keep_default_na=False,
                na_values=[""],
                # Rows may end in a comma. The first column is no index then.
                index_col=False,
                low_memory=False,
            )
        return FileTable(frame, True)
    except UnicodeDecodeError as error:
        name = codecs.lookup(encoding).name
        raise UnicodeError(f"{path} is not written in {name}: {error}") from error
    except UnicodeError as error:
        raise UnicodeError(f"{path} cannot be read as {encoding}: {error}") from error
    except pd.errors.ParserWarning as error:
        raise ValueError(
            f"{path} has rows with more cells than its header: give each column a name"
        ) from error
    except (OSError, ImportError):
        raise
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as a table: {error}") from error


def stack_tables(table: FileTable, other: FileTable, names: list[Path]) -> FileTable:
    """Append the rows of another table, which needs the same columns.

    Parameters
    ----------
    table, other : FileTable
        Tables. Columns that only the other one has are left out.
    names : list of Path
        Paths of the two tables, for an error.

    Returns
    -------
    table : FileTable

    Raises
    ------
    ValueError
        If the other table lacks a column, or is of another form.
    """
    import pandas as pd

    if table.cells_are_texts != other.cells_are_texts:
        raise ValueError(
            f"{names[1]} and {names[0]} differ in form: give both as CSV or both as "
            "Parquet"
        )
    columns = table.frame.columns
    missing = [name for name in columns if name not in other.frame]
    if missing:
        raise ValueError(f"{names[1]} has no column {missing[0]!r}, and {names[0]} has")
    frames = [table.frame, other.frame[columns]]
    return FileTable(pd.concat(frames, ignore_index=True), table.cells_are_texts)
