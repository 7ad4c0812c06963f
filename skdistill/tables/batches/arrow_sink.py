"""Files of answers in Parquet, Arrow and CSV, by pyarrow."""

from collections.abc import Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Self

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from skdistill.tables.batches.forms import Form

# Rows and bytes of a row group.
_GROUP_ROWS = 2**19
_GROUP_BYTES = 2**26


class ArrowSink:
    """File of rows that pyarrow writes.

    Parameters
    ----------
    form : Form
    file : binary file
    names : sequence of str
        Names of all columns: those that are kept, the label, the numbers.
    labels : ndarray of shape (n_classes,) or None
    """

    def __init__(
        self,
        form: Form,
        file: BinaryIO,
        names: Sequence[str],
        labels: NDArray[Any] | None,
    ) -> None:
        self._form, self._file, self._names = form, file, list(names)
        self._labels = None if labels is None else pa.array(labels.tolist())
        self._writer: Any = None
        self._waiting: list[Any] = []

    def write(
        self,
        kept: Sequence[Any],
        codes: NDArray[np.intp] | None,
        numbers: Sequence[NDArray[Any]],
    ) -> None:
        """Write rows, as `Sink` says."""
        if self._form is not Form.PARQUET:
            # A file of Arrow has one dictionary a column, and batches have their own.
            kept = [_decoded(column) for column in kept]
        columns = [*kept]
        if self._labels is not None:
            columns.append(self._labels.take(pa.array(codes)))
        columns += map(pa.array, numbers)
        batch = pa.RecordBatch.from_arrays(columns, names=self._names)
        if self._writer is None:
            with self._naming():
                self._writer = self._open(batch.schema, len(numbers))
        self._waiting.append(batch)
        n_bytes = sum(batch.nbytes for batch in self._waiting)
        n_rows = sum(batch.num_rows for batch in self._waiting)
        if n_rows >= _GROUP_ROWS or n_bytes >= _GROUP_BYTES:
            self._flush()

    def _open(self, schema, n_numbers):
        """Return a writer of the form."""
        if self._form is Form.CSV:
            return pyarrow.csv.CSVWriter(self._file, schema)
        if self._form is Form.ARROW:
            return pa.ipc.new_file(self._file, schema)
        # Hardly a number occurs twice.
        return pyarrow.parquet.ParquetWriter(
            self._file, schema, use_dictionary=self._names[:-n_numbers]
        )

    def _flush(self):
        """Write the rows that wait."""
        if self._waiting:
            table = pa.Table.from_batches(self._waiting)
            self._waiting.clear()
            with self._naming():
                self._writer.write_table(table)

    @contextmanager
    def _naming(self):
        """Let an error say that the form does not fit the columns."""
        try:
            yield
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise ValueError(
                f"{self._form.value} cannot hold a column of the answers: {error}"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._flush()
            self._writer.close()
        elif self._writer is not None:
            with suppress(Exception):  # The first error tells more.
                self._writer.close()


def _decoded(column):
    """Return a column with its levels in place of a dictionary and indices."""
    if pa.types.is_dictionary(column.type):
        return column.dictionary_decode()
    return column
