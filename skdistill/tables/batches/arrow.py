"""Rows of Parquet, Arrow and CSV in batches, by pyarrow."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Self

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from skdistill.tables.batches.arrow_columns import (
    code_column,
    code_texts,
    without_views,
)
from skdistill.tables.batches.batch import Role
from skdistill.tables.batches.csv_text import CsvText
from skdistill.tables.batches.forms import Form
from skdistill.tables.batches.names import check_different
from skdistill.tables.batches.text_cells import NO_WORDS
from skdistill.tables.read import CodedColumn

# Bytes of CSV that are read at once. A row must fit.
_BLOCK = 2**23

# Bytes that are read at once of each column of Parquet.
_PARQUET_BUFFER = 2**18

# First bytes of a file of Arrow. A stream of Arrow has others.
FILE_MAGIC = b"ARROW1"


class ArrowBatch:
    """Rows of a record batch.

    Parameters
    ----------
    batch : RecordBatch
    roles : mapping of str to Role, or None
        Roles of columns whose cells are texts of CSV. None for columns with types.
    schema : Schema
        Types that the columns have in the file. A column that was read as a dictionary
        may have another.
    """

    def __init__(
        self, batch: Any, roles: Mapping[str, Role] | None, schema: Any
    ) -> None:
        self._batch, self._roles, self._schema = batch, roles, schema
        self.n_rows = batch.num_rows

    def coded(
        self, name: str, words: Mapping[str, str | float] = NO_WORDS
    ) -> CodedColumn:
        """Return a column as numbers or as levels, as `Batch` says."""
        array = without_views(self._batch.column(name))
        if self._roles is None:
            return code_column(name, array)
        return code_texts(name, array, self._roles[name], words)

    def part(self, start: int, stop: int) -> Self:
        """Return some of the rows."""
        rows = self._batch.slice(start, stop - start)
        return type(self)(rows, self._roles, self._schema)

    def raw(self, name: str) -> Any:
        """Return the array of a column."""
        array = without_views(self._batch.column(name))
        is_dictionary = pa.types.is_dictionary(self._schema.field(name).type)
        if pa.types.is_dictionary(array.type) and not is_dictionary:
            return array.dictionary_decode()
        return array


class ArrowSource(ABC):
    """Rows of a file that pyarrow reads: what its forms have in common.

    Parameters
    ----------
    schema : Schema
        Names and types of all columns.
    path : Path or str
        Name of the file in errors.
    n_batch : int
        Greatest number of rows of a batch.
    """

    n_rows: int | None = None
    cells_are_texts = False

    def __init__(self, schema: Any, path: Path | str, n_batch: int) -> None:
        check_different(schema.names, path)
        self.names, self._schema = list(schema.names), schema
        self.path, self.n_batch = path, n_batch

    def batches(
        self, roles: Mapping[str, Role], kept: Sequence[str]
    ) -> Iterator[ArrowBatch]:
        """Yield the rows, as `Source` says."""
        wanted = [name for name in self.names if name in roles or name in kept]
        of_texts = roles if self.cells_are_texts else None
        is_empty = True
        for batch in self._read(wanted, roles):
            for start in range(0, batch.num_rows, self.n_batch):
                part = batch.slice(start, self.n_batch)
                yield ArrowBatch(part, of_texts, self._schema)
                is_empty = False
        if is_empty:
            yield ArrowBatch(self._empty(wanted), of_texts, self._schema)

    @abstractmethod
    def share(self) -> float | None:
        """Return the share of the file that was read, or None if nobody can tell."""

    @abstractmethod
    def _read(self, wanted, roles):
        """Yield record batches of any size, which have the wanted columns."""

    def _empty(self, wanted):
        """Return a record batch without rows."""
        fields = map(self._schema.field, wanted)
        return pa.RecordBatch.from_pylist([], pa.schema(list(fields)))

    def __enter__(self) -> Self:
        return self

    @abstractmethod
    def __exit__(self, *error: object) -> None:
        """Close the file."""


class ParquetSource(ArrowSource):
    """Rows of a Parquet file, one row group after another."""

    def __init__(self, path: Path, n_batch: int) -> None:
        with _naming(path):
            self._file = pyarrow.parquet.ParquetFile(path)
        super().__init__(self._file.schema_arrow, path, n_batch)
        self.n_rows = self._file.metadata.num_rows
        self._n_read = 0

    def share(self) -> float | None:
        """Return the share of the rows that were read."""
        return self._n_read / self.n_rows if self.n_rows else None

    def _read(self, wanted, roles):
        """Yield record batches, whose texts are dictionaries where they are levels."""
        levels = [name for name in wanted if roles.get(name) is Role.LEVELS]
        file = pyarrow.parquet.ParquetFile(
            self.path,
            # A buffer for each column holds less than whole row groups.
            pre_buffer=False,
            buffer_size=_PARQUET_BUFFER,
            read_dictionary=levels,
        )
        with file:
            for group in range(file.num_row_groups):
                where = f"{self.path}, row group {group}"
                size = min(
                    self.n_batch, max(1, file.metadata.row_group(group).num_rows)
                )
                with _naming(where):
                    for batch in file.iter_batches(size, [group], wanted):
                        self._n_read += batch.num_rows
                        yield batch

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self._file.close()


class IpcSource(ArrowSource):
    """Rows of a file or a stream of Arrow."""

    def __init__(self, stream: Any, path: Path | str, n_batch: int) -> None:
        self._stream, self._n_read, self._n_batches = stream, 0, 0
        self._start = stream.tell() if stream.seekable() else None
        with _naming(path):
            self._is_file = stream.seekable() and stream.read(6) == FILE_MAGIC
            self._reader = self._open()
            if self._is_file:
                self._n_batches = self._reader.num_record_batches
        super().__init__(self._reader.schema, path, n_batch)

    def share(self) -> float | None:
        """Return the share of the batches that were read; None for a stream."""
        return self._n_read / self._n_batches if self._n_batches else None

    def _read(self, wanted, roles):
        """Yield record batches."""
        with _naming(self.path):
            if self._start is not None:
                # Other columns are neither read from disk nor decompressed.
                places = [self.names.index(name) for name in wanted]
                self._reader = self._open(included_fields=places)
            for batch in self._all():
                self._n_read += 1
                yield batch.select(wanted)

    def _open(self, **options):
        """Return a reader of the file or stream from its start."""
        if self._start is not None:
            self._stream.seek(self._start)
        opened = pa.ipc.open_file if self._is_file else pa.ipc.open_stream
        return opened(self._stream, options=pa.ipc.IpcReadOptions(**options))

    def _all(self):
        """Yield record batches."""
        if not self._is_file:
            yield from self._reader
            return
        for number in range(self._n_batches):
            yield self._reader.get_batch(number)

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self._stream.close()


class CsvSource(ArrowSource):
    """Rows of a CSV file, all of whose cells are texts."""

    cells_are_texts = True

    def __init__(self, text: CsvText, n_batch: int) -> None:
        self._text = text
        # A comma at the end of a row makes one more cell, which has to be empty.
        self._ends = {"": pa.null()} if text.ends_in_comma else {}
        schema = pa.schema([(name, pa.string()) for name in text.names])
        super().__init__(schema, text.path, n_batch)

    def share(self) -> float | None:
        """Return the share of the bytes that were read; None for a stream."""
        return self._text.share()

    def _read(self, wanted, roles):
        """Yield record batches of texts, of which the empty ones are null."""
        if not self._text.rest.peek(1):
            return
        names = [*self.names, *self._ends]
        read = pyarrow.csv.ReadOptions(column_names=names, block_size=_BLOCK)
        parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
        convert = pyarrow.csv.ConvertOptions(
            column_types={name: pa.string() for name in self.names} | self._ends,
            include_columns=[*wanted, *self._ends],
            null_values=[""],
            strings_can_be_null=True,
        )
        try:
            with _naming(self.path):
                yield from pyarrow.csv.open_csv(self._text.rest, read, parse, convert)
        except UnicodeDecodeError as error:
            raise UnicodeError(self._text.encoding_error(error)) from error
        except ValueError as error:
            if "invalid UTF8" not in str(error):
                raise
            words = self._text.encoding_error(error.__cause__)
            raise UnicodeError(words) from error

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self._text.close()


@contextmanager
def _naming(where):
    """Let an error of pyarrow say which file or which part of it cannot be read."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        words = " ".join(str(error).split())
        raise ValueError(f"{where} cannot be read: {words}") from error


def open_arrow(
    form: Form, stream: BinaryIO, path: Path | str, encoding: str, n_batch: int
) -> ArrowSource:
    """Return the rows of a file that is open.

    Parameters
    ----------
    form : Form
    stream : binary file
        File, which `path` names too if the form is Parquet.
    path : Path or str
    encoding : str
        Encoding of CSV.
    n_batch : int
        Greatest number of rows of a batch.

    Returns
    -------
    source : ArrowSource
    """
    if form is Form.CSV:
        return CsvSource(CsvText(stream, path, encoding), n_batch)
    if form is Form.PARQUET:
        stream.close()
        return ParquetSource(Path(path), n_batch)
    if isinstance(path, Path):
        stream.close()
        # The system drops pages that were read, however large a batch is.
        return IpcSource(pa.memory_map(str(path)), path, n_batch)
    return IpcSource(pa.PythonFile(stream, "r"), path, n_batch)
