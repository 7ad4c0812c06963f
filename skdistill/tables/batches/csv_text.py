"""The text of a CSV file: its names of columns, and the bytes after them in UTF-8."""

import codecs
import csv
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from skdistill.tables.batches.names import check_different

# Name that pandas gives to a column without one, by its place.
_UNNAMED = "Unnamed: {}"

# Characters of the longest cell. A quote without an end would make one name of a whole
# file.
_LONGEST_NAME = 2**17
_LONGEST_OF_FIRST_ROW = 2**23
_LONGEST = 2**31 - 1


# Bytes at the start of a text that tell its encoding. A mark may open a longer one.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def encoding_advice(start: bytes) -> str:
    """Return words on the encoding to give for a text that begins with some bytes."""
    found = next((name for mark, name in _MARKS.items() if start.startswith(mark)), "")
    if found:
        return f"It starts as {found} does: give --encoding {found}"
    return "Give its encoding, such as --encoding latin-1"


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
        Names of the columns, as pandas gives them: a column without a name has its
        place in it.
    ends_in_comma : bool
        Whether the first row, and so each row, has a comma after its last cell.
    n_lines : int
        Number of lines up to that of the names.
    rest : binary file
        Rows in UTF-8.

    Raises
    ------
    UnicodeError
        If the names have another encoding.
    ValueError
        If the file is empty, if it holds one name twice, or if its first lines are not
        those of a CSV file.
    """

    def __init__(self, stream: BinaryIO, path: Path | str, encoding: str) -> None:
        self.path, self.encoding, self._stream = path, encoding, stream
        self.rest: Any = stream
        if codecs.lookup(encoding).name not in ("utf-8", "utf-8-sig"):
            self.rest = io.BufferedReader(_Recoded(stream, encoding))
        self.n_lines = 0
        lines = csv.reader(self._lines([], "\ufeff"))
        with self.naming(lines, _LONGEST_NAME):
            names = next(filter(None, lines), None)
        if names is None:
            raise ValueError(
                f"{path} is empty: its first line needs the names of the columns"
            )
        self.n_lines = lines.line_num
        self.names = [
            name or _UNNAMED.format(place) for place, name in enumerate(names)
        ]
        check_different(self.names, path)
        self.ends_in_comma = self._has_comma_after_first_row()
        self._size = _size_of(stream)

    def encoding_error(self, error: Exception) -> str:
        """Return words on a file that has another encoding."""
        content = getattr(error, "object", b"")
        start = content if isinstance(content, bytes) else b""
        return (
            f"{self.path} is not written in {self.encoding}: {error}. "
            f"{encoding_advice(start)}"
        )

    @contextmanager
    def naming(self, lines: Any, longest: int = _LONGEST) -> Iterator[None]:
        """Let errors of Python's reader say where they are, and set its longest cell.

        Parameters
        ----------
        lines : reader
            Reader of the lines after the first `n_lines`.
        longest : int, default=2147483647
            Greatest number of characters of a cell.
        """
        former = csv.field_size_limit(longest)
        try:
            yield
        except UnicodeDecodeError as error:
            raise UnicodeError(self.encoding_error(error)) from error
        except csv.Error as error:
            raise ValueError(
                f"{self.path} cannot be read as CSV at line "
                f"{self.n_lines + lines.line_num:,}: {error}"
            ) from error
        finally:
            csv.field_size_limit(former)

    def share(self) -> float | None:
        """Return the share of the bytes that were read, or None for a stream."""
        if not self._size:
            return None
        # The file may be read by another thread, which this does not disturb.
        return os.lseek(self._stream.fileno(), 0, os.SEEK_CUR) / self._size

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _has_comma_after_first_row(self):
        """Tell whether the first row has a comma at its end, and put the row back."""
        content: list[bytes] = []
        former = csv.field_size_limit(_LONGEST_OF_FIRST_ROW)
        try:
            row = next(filter(None, csv.reader(self._lines(content))), [])
        except (csv.Error, UnicodeDecodeError):
            row = []  # Who reads the rows says so.
        finally:
            csv.field_size_limit(former)
        self.rest = io.BufferedReader(_Joined(b"".join(content), self.rest))
        return len(row) == len(self.names) + 1 and not row[-1]

    def _lines(self, content, mark=""):
        """Yield lines as texts, and note their bytes. The first may begin by a mark."""
        while line := self.rest.readline():
            content.append(line)
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


class _Joined(io.RawIOBase):
    """Bytes that were read already, and those of a file after them."""

    def __init__(self, start, stream):
        self._start, self._stream = memoryview(start), stream

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self._start:
            return self._stream.readinto1(buffer)
        size = min(len(buffer), len(self._start))
        buffer[:size], self._start = self._start[:size], self._start[size:]
        return size


def _size_of(stream):
    """Return the number of bytes of a file, or 0 for a stream without an end."""
    try:
        status = os.fstat(stream.fileno())
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0
