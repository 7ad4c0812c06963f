"""Read a table from a CSV file, whose cells stay texts, or from a Parquet file."""

import codecs
import warnings
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from skdistill.tables.batches.csv_text import encoding_advice
from skdistill.tables.batches.forms import Form, form_of
from skdistill.tables.batches.names import check_different

_AS_TEXTS: Any = {
    "dtype": str,
    "keep_default_na": False,
    "na_values": [""],
    # Rows may end in a comma. The first column is no index then.
    "index_col": False,
    "low_memory": False,
}

# Separators other than the comma, and the lines in which they are looked for.
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_HEAD = 20


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
        otherwise as CSV. Letters may be of either case.
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
        If the file is not such a table, or if two columns have one name.
    OSError
        If the file cannot be read.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise ImportError(
            "reading a table needs pandas: install it, or skdistill[table]"
        ) from error
    if form_of(path) is Form.PARQUET:
        return FileTable(_read_parquet(path), False)
    try:
        _check_header(path, encoding)
        with warnings.catch_warnings():
            # Cells beyond the header would be lost with a warning.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return FileTable(pd.read_csv(path, **_AS_TEXTS, encoding=encoding), True)
    except UnicodeDecodeError as error:
        raise UnicodeError(_encoding_error(path, encoding, error)) from error
    except UnicodeError as error:
        raise UnicodeError(f"{path} cannot be read as {encoding}: {error}") from error
    except (pd.errors.ParserWarning, pd.errors.ParserError) as error:
        raise ValueError(_cells_error(path, encoding, error)) from error
    except (OSError, ImportError):
        raise
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as a table: {error}") from error


def separator_advice(path: Path, encoding: str) -> str:
    """Return words on what to do about the separator of a CSV file.

    Parameters
    ----------
    path : Path
        Path of a CSV file whose cells do not fit its header.
    encoding : str
        Encoding of the file.

    Returns
    -------
    advice : str
        Words with the separator that the first lines hold, or without one if that is
        the comma.
    """
    with open(path, encoding=encoding, errors="replace") as file:
        lines = [line for line in islice(file, _HEAD) if line.strip()]
    for separator, name in _SEPARATORS.items():
        counts = [line.count(separator) for line in lines]
        if sum(count == max(counts) > 0 for count in counts) > len(counts) / 2:
            return (
                f"the columns seem to be separated by {name}: separate them by commas, "
                "and write a point before decimals, for example by "
                f"pandas.read_csv({str(path)!r}, sep={separator!r}).to_csv(...)"
            )
    return ""


def _read_parquet(path):
    """Return the table of a Parquet file."""
    import pandas as pd

    try:
        frame = pd.read_parquet(path).reset_index(drop=True)
    except (OSError, ImportError):
        raise
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as a table: {error}") from error
    check_different(list(frame.columns), path)
    return frame


def _check_header(path, encoding):
    """Raise if two columns of a CSV file have one name, which pandas would change."""
    import pandas as pd

    head = pd.read_csv(path, **_AS_TEXTS, encoding=encoding, header=None, nrows=1)
    check_different([name for name in head.iloc[0] if isinstance(name, str)], path)


def _encoding_error(path, encoding, error):
    """Return words on a CSV file in another encoding."""
    with open(path, "rb") as file:
        start = file.read(4)
    name = codecs.lookup(encoding).name
    return f"{path} is not written in {name}: {error}. {encoding_advice(start)}"


def _cells_error(path, encoding, error):
    """Return words on a CSV file whose rows and header differ in cells."""
    advice = separator_advice(path, encoding)
    if not advice:
        advice = (
            "give each column a name in the first line, and write no other line above "
            f"it. pandas says: {str(error).strip()}"
        )
    return f"{path} has rows with more cells than its header: {advice}"
