"""The text of a CSV file: its names of columns, and the bytes after them in UTF-8."""

import codecs
import csv
import io
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

from skdistill.tables.batches.names import check_different


class CsvText:
    """Text of a CSV file, of which the line of names is read.

    Parameters
    ----------
    stream : binary file
        Bytes of the file.
    path : Path or str
        Name of the file in errors.
    encoding : str
        Encoding of the file.

    Attributes
    ----------
    names : list of str
        Names of the columns.
    rest : binary file
        Rows in UTF-8.

    Raises
    ------
    UnicodeError
        If the names have another encoding.
    ValueError
        If the file is empty, or holds one name twice.
    """

    def __init__(self, stream: BinaryIO, path: Path | str, encoding: str) -> None:
        self.path, self.encoding, self._stream = path, encoding, stream
        self.rest: Any = stream
        if codecs.lookup(encoding).name not in ("utf-8", "utf-8-sig"):
            self.rest = io.BufferedReader(_Recoded(stream, encoding))
        names: list[str] = []
        lines = csv.reader(self._lines())
        try:
            while not names:
                names = next(lines)
        except StopIteration:
            raise ValueError(
                f"{path} is empty: its first line needs the names of the columns"
            ) from None
        except UnicodeDecodeError as error:
            raise UnicodeError(self.encoding_error(error)) from error
        check_different(names, path)
        self.names = names
        self._size = _size_of(stream)

    def encoding_error(self, error: Exception) -> str:
        """Return words on a file that has another encoding."""
        return (
            f"{self.path} is not written in {self.encoding}: {error}. Give its "
            "encoding, such as --encoding latin-1"
        )

    def share(self) -> float | None:
        """Return the share of the bytes that were read, or None for a stream."""
        if not self._size:
            return None
        # The file may be read by another thread, which this does not disturb.
        return os.lseek(self._stream.fileno(), 0, os.SEEK_CUR) / self._size

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _lines(self):
        """Yield lines as texts. The first has no mark of its encoding."""
        mark = "\ufeff"
        while line := self.rest.readline():
            yield line.decode("utf-8").removeprefix(mark)
            mark = ""


class _Recoded(io.RawIOBase):
    """Bytes of a text in UTF-8, whatever encoding it has."""

    def __init__(self, stream, encoding):
        self._text = io.TextIOWrapper(stream, encoding, newline="")

    def readable(self):
        return True

    def readinto(self, buffer):
        # A character has up to four bytes.
        found = self._text.read(max(1, len(buffer) // 4)).encode("utf-8")
        buffer[: len(found)] = found
        return len(found)


def _size_of(stream):
    """Return the number of bytes of a file, or 0 for a stream without an end."""
    try:
        status = os.fstat(stream.fileno())
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0
