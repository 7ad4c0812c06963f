"""Open files of rows to be read or written in batches.

CSV needs no more than NumPy. pyarrow reads it faster, and the other forms too.
"""

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from numpy.typing import NDArray

from skdistill.tables.batches.batch import Sink, Source
from skdistill.tables.batches.forms import Form, check_is_readable, form_of
from skdistill.tables.batches.plain import PlainSink, open_plain

# Rows of a batch. Their numbers stay in a cache of the processor.
N_BATCH = 2**15

# First bytes of forms that are not read from their start, and of a stream of Arrow.
_FILES = {b"PAR1": "Parquet", b"ARROW1": "a file of Arrow"}
_ARROW_STREAM = b"\xff\xff\xff\xff"


def open_rows(
    path: Path | None, *, encoding: str = "utf-8", n_batch: int | None = None
) -> Source:
    r"""Open a file of rows: CSV, Parquet or Arrow, as the ending of its name says.

    Parameters
    ----------
    path : Path or None
        Path of the file. None for standard input: CSV, or a stream of Arrow.
    encoding : str, default="utf-8"
        Encoding of CSV.
    n_batch : int or None, default=None
        Greatest number of rows of a batch. None for 32,768.

    Returns
    -------
    source : Source

    Raises
    ------
    ImportError
        If the form needs pyarrow, and it is not installed.
    OSError
        If the file cannot be read.
    UnicodeError
        If CSV has another encoding.
    ValueError
        If the file is not of its form.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdistill.tables.batches.batch import Role
    >>> from skdistill.tables.batches.open import open_rows
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     _ = path.write_text("age,town\n30,Rome\nNA,Oslo\n")
    ...     with open_rows(path) as rows:
    ...         print(rows.names)
    ...         for batch in rows.batches({"age": Role.NUMBERS}, kept=["town"]):
    ...             print(batch.coded("age").values)
    ['age', 'town']
    [30. nan]
    """
    n_batch = N_BATCH if n_batch is None else n_batch
    if path is None:
        stream = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
        return _open(None, stream, "standard input", encoding, n_batch)
    check_is_readable(path)
    form = form_of(path)
    _check_pyarrow(form, f"reading {path}")
    return _open(form, open(path, "rb"), path, encoding, n_batch)


def open_answers(
    file: BinaryIO, form: Form, names: Sequence[str], labels: NDArray[Any] | None
) -> Sink:
    """Return a place to write answers to.

    Parameters
    ----------
    file : binary file
    form : Form
    names : sequence of str
        Names of all columns: those that are kept, the label, the numbers.
    labels : ndarray of shape (n_classes,) or None
        Labels. None if all answers are numbers, and there is no column of labels.

    Returns
    -------
    sink : Sink

    Raises
    ------
    ImportError
        If the form needs pyarrow, and it is not installed.
    """
    if not _has_pyarrow():
        return PlainSink(file, names, labels)
    from skdistill.tables.batches.arrow_sink import ArrowSink

    return ArrowSink(form, file, names, labels)


def check_form_to_write(path: Path) -> Form:
    """Return the form of a file that is to be written, or raise if it cannot be.

    Parameters
    ----------
    path : Path

    Returns
    -------
    form : Form

    Raises
    ------
    ImportError
        If the form needs pyarrow, and it is not installed.
    ValueError
        If the ending of the name says another form.
    """
    form = form_of(path)
    if form is Form.CSV and path.suffix.lower() != ".csv":
        raise ValueError(
            f"{path} ends in none of .csv, .parquet and .arrow, which say the form of "
            "the answers"
        )
    _check_pyarrow(form, f"writing {path}")
    return form


def _open(form, stream, path, encoding, n_batch):
    """Return the rows of an open file, which is closed if there is an error."""
    try:
        if form is None:
            form = _form_of_stream(stream)
            _check_pyarrow(form, f"reading {path}")
        if not _has_pyarrow():
            return open_plain(stream, path, encoding, n_batch)
        from skdistill.tables.batches.arrow import open_arrow

        return open_arrow(form, stream, path, encoding, n_batch)
    except BaseException:
        stream.close()
        raise


def _form_of_stream(stream):
    """Return the form of a stream by its first bytes."""
    start = stream.peek(8)
    for magic, name in _FILES.items():
        if start.startswith(magic):
            raise ValueError(
                f"standard input is {name}, which is not read from its start: name "
                "the file in place of -"
            )
    return Form.ARROW if start.startswith(_ARROW_STREAM) else Form.CSV


def _check_pyarrow(form, action):
    """Raise an error if a form needs pyarrow, and it is not installed."""
    if form is not Form.CSV and not _has_pyarrow():
        raise ImportError(f"{action} needs pyarrow: install it, or skdistill[stream]")


def _has_pyarrow():
    return find_spec("pyarrow") is not None
