"""Rows of CSV in batches, by Python's own reader and writer.

Only NumPy is imported, so that rows are scored where NumPy alone is installed.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from skdistill.tables.batches.batch import Role
from skdistill.tables.batches.csv_text import CsvText
from skdistill.tables.batches.text_cells import NO_WORDS, cast_plain, coded_texts
from skdistill.tables.read import CodedColumn, check_range


class PlainBatch:
    """Rows of cells that are texts.

    Parameters
    ----------
    columns : mapping of str to sequence of str
    roles : mapping of str to Role
    n_rows : int
    """

    def __init__(
        self,
        columns: Mapping[str, Sequence[str]],
        roles: Mapping[str, Role],
        n_rows: int,
    ) -> None:
        self._columns, self._roles, self.n_rows = columns, roles, n_rows

    def coded(
        self, name: str, words: Mapping[str, str | float] = NO_WORDS
    ) -> CodedColumn:
        """Return a column as numbers or as levels, as `Batch` says."""
        cells, role = self._columns[name], self._roles[name]
        numbers = cast_plain(cells) if role is Role.NUMBERS else None
        if numbers is not None:
            check_range(repr(name), numbers)
            return CodedColumn(repr(name), None, numbers)
        index_of = {text: index for index, text in enumerate(dict.fromkeys(cells))}
        codes = np.fromiter(map(index_of.__getitem__, cells), np.intp, len(cells))
        return coded_texts(name, role, list(index_of), codes, words)

    def part(self, start: int, stop: int) -> Self:
        """Return some of the rows."""
        columns = {name: cells[start:stop] for name, cells in self._columns.items()}
        return type(self)(columns, self._roles, stop - start)

    def raw(self, name: str) -> Sequence[str]:
        """Return the texts of a column."""
        return self._columns[name]


class PlainSource:
    """Rows of a CSV file.

    Parameters
    ----------
    text : CsvText
    n_batch : int
        Number of rows of a batch.
    """

    n_rows = None

    def __init__(self, text: CsvText, n_batch: int) -> None:
        self._text, self._n_batch = text, n_batch
        self.names = text.names

    def batches(
        self, roles: Mapping[str, Role], kept: Sequence[str]
    ) -> Iterator[PlainBatch]:
        """Yield the rows, as `Source` says."""
        places = {name: self.names.index(name) for name in {*roles, *kept}}
        stream = io.TextIOWrapper(self._text.rest, "utf-8", newline="")
        lines = csv.reader(stream, strict=True)
        is_first = True
        try:
            while (rows := self._rows(lines)) or is_first:
                rows = [row for row in rows if row]  # Empty lines are no rows.
                self._check_widths(rows, lines.line_num)
                columns = list(zip(*rows, strict=True)) or [()] * len(self.names)
                named = {name: columns[place] for name, place in places.items()}
                yield PlainBatch(named, roles, len(rows))
                is_first = False
        finally:
            stream.detach()

    def share(self) -> float | None:
        """Return the share of the file that was read, or None if nobody can tell."""
        return self._text.share()

    def _rows(self, lines):
        """Return the next rows."""
        with self._text.naming(lines):
            return list(islice(lines, self._n_batch))

    def _check_widths(self, rows, line):
        """Raise unless each row has a cell for each name."""
        ends = int(self._text.ends_in_comma)
        wrong = [row for row in rows if len(row) != len(self.names) + ends]
        wrong = wrong or [row for row in rows if ends and row[-1]]
        if wrong:
            raise ValueError(
                f"{self._text.path} has a row of {len(wrong[0])} cells before line "
                f"{self._text.n_lines + line + 1:,}, and its first line names "
                f"{len(self.names)} columns{', and an empty cell follows' * ends}: "
                f"{','.join(wrong[0])!r:.60}"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._text.close()


class PlainSink:
    """CSV file of answers.

    Parameters
    ----------
    file : binary file
    names : sequence of str
        Names of all columns: those that are kept, the label, the numbers.
    labels : ndarray of shape (n_classes,) or None
    """

    def __init__(
        self, file: BinaryIO, names: Sequence[str], labels: NDArray[Any] | None
    ) -> None:
        self._text = io.TextIOWrapper(file, "utf-8", newline="", write_through=False)
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(names)
        self._labels = [] if labels is None else list(map(str, labels.tolist()))

    def write(
        self,
        kept: Sequence[Sequence[str]],
        codes: NDArray[np.intp] | None,
        numbers: Sequence[NDArray[Any]],
    ) -> None:
        """Write rows, as `Sink` says."""
        labels = (
            [] if codes is None else [[self._labels[code] for code in codes.tolist()]]
        )
        # As text, a number has no more digits than its precision needs.
        texts = [column.astype(str).tolist() for column in numbers]
        self._writer.writerows(zip(*kept, *labels, *texts, strict=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._text.flush()
        self._text.detach()


def open_plain(
    stream: BinaryIO, path: Path | str, encoding: str, n_batch: int
) -> PlainSource:
    """Return the rows of a CSV file that is open.

    Parameters
    ----------
    stream : binary file
    path : Path or str
        Name of the file in errors.
    encoding : str
    n_batch : int
        Number of rows of a batch.

    Returns
    -------
    source : PlainSource
    """
    return PlainSource(CsvText(stream, path, encoding), n_batch)
