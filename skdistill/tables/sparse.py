"""Sparse rows, checked before compiled code reads them.

SciPy checks a sparse matrix when it is made, but not after a change of its arrays, and
not all of it. Its own conversions, and the kernels, trust the indices. So a wrong index
would make them read or write memory that belongs to others.

SciPy is not imported, so that a student runs on NumPy alone.
"""

from typing import Any

import numpy as np

# Types of the indices that SciPy makes, which computes with no others. Each has its
# type without a sign, and the number of its indices.
_INDEX_TYPES = {
    np.dtype(np.int32): (np.dtype(np.uint32), 2**31),
    np.dtype(np.int64): (np.dtype(np.uint64), 2**63),
}


def is_sparse(X: Any) -> bool:
    """Tell whether X is a sparse matrix or array of SciPy."""
    return type(X) is not np.ndarray and hasattr(X, "tocsr")


def as_csr(X: Any, name: str = "X") -> Any:
    """Return sparse rows as CSR, and check that it is whole.

    Duplicate entries may stay. They count as their sum.

    Parameters
    ----------
    X : sparse matrix or array of shape (n_rows, n_columns)
        Rows in any format of SciPy.
    name : str, default="X"
        Name of the argument in errors.

    Returns
    -------
    rows : CSR of shape (n_rows, n_columns)
        X itself if it is CSR without room at the end of its arrays.

    Raises
    ------
    ValueError
        If X is not a table of numbers, or if an index lies outside the table.
    """
    if len(X.shape) != 2:
        raise ValueError(
            f"{name} has shape {X.shape}: sparse rows need two dimensions, "
            "(n_rows, n_columns)"
        )
    form = getattr(X, "format", "")
    _check_arrays(X, name, form)
    if X.dtype.kind not in "biufO":
        raise ValueError(
            f"{name} is sparse and holds values of type {X.dtype}: give real numbers"
        )
    if form == "dok":
        X, form = X.tocoo(), "coo"
    check = _CHECKS.get(form)
    if check is not None:
        check(X, name)
    if form == "csr":
        return _without_room(X)
    rows = X.tocsr()
    _check_csr(rows, name)
    return rows


def dense_or_csr(X: Any, name: str = "X") -> Any:
    """Return sparse rows as checked CSR, and any other table as it is."""
    return as_csr(X, name) if is_sparse(X) else X


def summed(rows: Any) -> Any:
    """Return CSR with the columns of a row in order, and each of them once.

    Parameters
    ----------
    rows : CSR of shape (n_rows, n_columns)
        Checked rows. They are not changed.

    Returns
    -------
    rows : CSR of shape (n_rows, n_columns)
        Rows that share the arrays if they are so already, otherwise a copy.
    """
    # SciPy keeps in a matrix whether its rows were in order once. A new one looks.
    rows = type(rows)((rows.data, rows.indices, rows.indptr), shape=rows.shape)
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    return rows


def _damaged(name, X, found):
    """Return the error for a sparse table whose arrays do not fit together."""
    return ValueError(f"{name} is a damaged {X.format.upper()}: {found}")


def _check_arrays(X, name, form):
    """Raise unless the parts of a format are arrays."""
    for place in _PARTS.get(form, ()):
        part = getattr(X, place)
        if not isinstance(part, np.ndarray):
            raise _damaged(
                name, X, f"{place} is a {type(part).__name__}, and must be an array"
            )


def _check_type(X, name, place, indices):
    """Raise unless an array can hold indices."""
    if indices.ndim != 1 or indices.dtype not in _INDEX_TYPES:
        raise _damaged(
            name,
            X,
            f"{place} is an array of {indices.dtype} of shape {indices.shape}, and "
            "must be one-dimensional, of int32 or int64",
        )


def _check_indices(X, name, place, indices, n):
    """Raise unless all indices lie within 0 and n - 1."""
    _check_type(X, name, place, indices)
    # Read without a sign, a negative index is greater than any other. So one pass
    # finds both kinds.
    unsigned_type, n_indices = _INDEX_TYPES[indices.dtype]
    unsigned, bound = indices.view(unsigned_type), min(n, n_indices)
    # For one row, a reduction takes less time than the method.
    if not indices.size or np.maximum.reduce(unsigned) < bound:
        return
    wrong = int((unsigned >= bound).argmax())
    right = f"must be from 0 to {n - 1}" if n else "there is no room for an entry"
    raise _damaged(name, X, f"{place}[{wrong}] is {indices[wrong]}, and {right}")


def _check_starts(X, name, starts, n_lines, n_entries):
    """Raise unless the entries of a line begin where those before it end."""
    if starts.shape != (n_lines + 1,) or starts.dtype not in _INDEX_TYPES:
        raise _damaged(
            name,
            X,
            f"indptr is an array of {starts.dtype} of shape {starts.shape}, and must "
            f"be one of int32 or int64 of shape ({n_lines + 1},)",
        )
    if starts[0] != 0:
        raise _damaged(name, X, f"indptr[0] is {starts[0]}, and must be 0")
    falls = starts[1:] < starts[:-1]
    if np.count_nonzero(falls):  # For one row, this takes less time than `any`.
        wrong = int(falls.argmax()) + 1
        raise _damaged(
            name,
            X,
            f"indptr[{wrong}] is {starts[wrong]}, and must be at least "
            f"indptr[{wrong - 1}], {starts[wrong - 1]}",
        )
    if starts[-1] > n_entries:
        raise _damaged(
            name,
            X,
            f"indptr[{n_lines}] is {starts[-1]}, and must be at most {n_entries}, the "
            "length of indices",
        )


def _check_lengths(X, name, lengths, n_dimensions=1):
    """Raise unless there is a value for each index."""
    size = X.data.shape[0] if X.data.ndim == n_dimensions else X.data.shape
    for place, length in lengths.items():
        if length != size:
            raise _damaged(
                name,
                X,
                f"{place} has {length} entries and data {size}: both need the same "
                "number",
            )


def _check_compressed(X, name, n_lines, n_places, n_dimensions=1):
    """Raise unless the three arrays of a compressed format fit together."""
    _check_lengths(X, name, {"indices": len(X.indices)}, n_dimensions)
    _check_starts(X, name, X.indptr, n_lines, len(X.indices))
    _check_indices(X, name, "indices", X.indices, n_places)


def _check_csr(X, name):
    _check_compressed(X, name, *X.shape)


def _check_csc(X, name):
    _check_compressed(X, name, *reversed(X.shape))


def _check_bsr(X, name):
    """Raise unless the blocks fit into the table."""
    block = X.data.shape[1:]
    sizes = list(zip(X.shape, block, strict=False))
    if len(block) != 2 or any(size < 1 or n % size for n, size in sizes):
        raise _damaged(
            name,
            X,
            f"its blocks have shape {block}, and must divide its shape, {X.shape}",
        )
    _check_compressed(X, name, *(n // size for n, size in sizes), n_dimensions=3)


def _check_coo(X, name):
    """Raise unless each value has a row and a column."""
    _check_lengths(X, name, {"row": len(X.row), "col": len(X.col)})
    for place, n in zip(("row", "col"), X.shape, strict=True):
        _check_indices(X, name, place, getattr(X, place), n)


def _check_lil(X, name):
    """Raise unless each row has as many values as columns."""
    if X.rows.shape != X.data.shape or X.rows.shape != X.shape[:1]:
        raise _damaged(
            name,
            X,
            f"rows has shape {X.rows.shape} and data {X.data.shape}, and both must "
            f"have shape {X.shape[:1]}",
        )
    for row, (columns, values) in enumerate(zip(X.rows, X.data, strict=True)):
        for place, part in (("rows", columns), ("data", values)):
            if not isinstance(part, list):
                kind = type(part).__name__
                raise _damaged(name, X, f"{place}[{row}] is a {kind}, not a list")
        if len(columns) != len(values):
            raise _damaged(
                name,
                X,
                f"rows[{row}] has {len(columns)} entries and data[{row}] "
                f"{len(values)}: both need the same number",
            )
        wrong = [
            column
            for column in columns
            if not isinstance(column, (int, np.integer)) or not 0 <= column < X.shape[1]
        ]
        if wrong:
            raise _damaged(
                name,
                X,
                f"rows[{row}] holds {wrong[0]!s:.50}, and must hold columns from 0 to "
                f"{X.shape[1] - 1}",
            )


def _check_dia(X, name):
    """Raise unless each diagonal has its values, and lies within the table."""
    _check_type(X, name, "offsets", X.offsets)
    if X.data.ndim != 2 or X.offsets.shape != X.data.shape[:1]:
        raise _damaged(
            name,
            X,
            f"offsets has shape {X.offsets.shape} and data {X.data.shape}: each offset "
            "needs a row of data",
        )
    n_rows, n_columns = X.shape
    outside = (X.offsets <= -n_rows) | (X.offsets >= n_columns)
    if outside.any():
        wrong = int(outside.argmax())
        raise _damaged(
            name,
            X,
            f"offsets[{wrong}] is {X.offsets[wrong]}, and must be from {1 - n_rows} to "
            f"{n_columns - 1}",
        )


# Attributes that hold the arrays of each format.
_PARTS = {
    **dict.fromkeys(("csr", "csc", "bsr"), ("data", "indices", "indptr")),
    "coo": ("data", "row", "col"),
    "lil": ("rows", "data"),
    "dia": ("data", "offsets"),
}

_CHECKS = {
    "csr": _check_csr,
    "csc": _check_csc,
    "bsr": _check_bsr,
    "coo": _check_coo,
    "lil": _check_lil,
    "dia": _check_dia,
}


def _without_room(rows):
    """Return CSR whose arrays end with its last entry."""
    n_entries = rows.indptr[-1]
    if n_entries == len(rows.data):
        return rows
    arrays = (rows.data[:n_entries], rows.indices[:n_entries], rows.indptr)
    return type(rows)(arrays, shape=rows.shape)
