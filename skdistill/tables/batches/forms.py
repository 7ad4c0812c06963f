"""Forms of files that hold rows, by the endings of their names."""

from enum import Enum
from pathlib import Path

_SPREADSHEETS = frozenset({".xls", ".xlsx", ".xlsm", ".ods"})
_COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zip", ".zst"})


class Form(Enum):
    """Form of a file."""

    CSV = "CSV"
    PARQUET = "Parquet"
    ARROW = "Arrow"


_ENDINGS = {
    ".parquet": Form.PARQUET,
    ".pq": Form.PARQUET,
    ".arrow": Form.ARROW,
    ".arrows": Form.ARROW,
    ".feather": Form.ARROW,
    ".ipc": Form.ARROW,
}


def form_of(path: Path) -> Form:
    """Return the form of a file, which is CSV unless its ending says another.

    Parameters
    ----------
    path : Path
        Letters of the ending may be of either case.

    Returns
    -------
    form : Form

    Raises
    ------
    ValueError
        If the file is a spreadsheet.
    """
    ending = path.suffix.lower()
    if ending in _SPREADSHEETS:
        raise ValueError(f"{path} is a spreadsheet: save it as CSV first")
    return _ENDINGS.get(ending, Form.CSV)


def check_is_readable(path: Path) -> None:
    """Raise an error if a path is a folder, or ends as a file that is compressed."""
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give one of its files at a time")
    if path.suffix.lower() in _COMPRESSED:
        raise ValueError(
            f"{path} is compressed: decompress it first, or let another program do so "
            "into standard input, -"
        )
