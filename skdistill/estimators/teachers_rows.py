"""Rows of a teacher's own, in a form that can be counted and cut."""

from collections.abc import Mapping
from typing import Any

from skdistill.common.sklearn_compat import num_samples
from skdistill.tables.cells import without_mask
from skdistill.tables.in_memory import in_memory
from skdistill.tables.sparse import dense_or_csr


def teachers_rows(rows: Any, name: str) -> Any:
    """Return rows that a teacher reads, and the student does not.

    They need not be a table. They may be texts, images, or lists of tokens.

    Parameters
    ----------
    rows : array-like of n_samples rows
        Rows as the user gave them.
    name : str
        Name of the rows in errors.

    Returns
    -------
    rows : array-like of n_samples rows
        Frames, arrays and lists as they are, sparse rows as CSR, and tensors as arrays.
        Hidden values are missing.

    Raises
    ------
    ValueError
        If the object has no rows, as a dictionary or a single text.
    """
    kind, rows = type(rows).__name__, in_memory(rows)
    if isinstance(rows, Mapping):
        raise ValueError(
            f"{name} is a dictionary, and it is not known which of its values belong "
            "to a row: give a frame, or a list with an object for each row"
        )
    try:
        if isinstance(rows, str):
            raise TypeError
        num_samples(rows)
    except TypeError as error:
        raise ValueError(
            f"{name} is an object of type {kind}, which has no rows: give a frame, an "
            "array, sparse rows, or a list with an object for each row"
        ) from error
    return without_mask(dense_or_csr(rows, name))


def columns_of(rows: Any) -> tuple[int, list[str] | None] | None:
    """Return the number and the names of the columns of a teacher's rows.

    Parameters
    ----------
    rows : array-like of n_samples rows

    Returns
    -------
    columns : tuple of int and list of str or None, or None
        None as the names, unless all are texts. None unless the rows are a table.
    """
    shape: tuple[int, ...] = getattr(rows, "shape", ())
    if len(shape) != 2:
        return None
    names = getattr(rows, "columns", None)
    names = None if names is None else list(names)
    if names is not None and not all(isinstance(name, str) for name in names):
        names = None
    return shape[1], names
